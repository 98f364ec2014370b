//! The client against a server that does what a test says.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

/// What the server does with a connection.
#[derive(Clone, Copy)]
enum Deed {
    Say(&'static str),
    HangUp,
    Wait(Duration),
}

/// A server that does one deed for each connection, the last one for ever; where, and how often.
fn server(deeds: &'static [Deed]) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/x", listener.local_addr().unwrap());
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, number) = (stream.unwrap(), counted.fetch_add(1, Ordering::SeqCst));
            let deed = deeds[number.min(deeds.len() - 1)];
            std::thread::spawn(move || {
                let mut head = [0; 4096];
                let _ = stream.read(&mut head);
                match deed {
                    Deed::Say(text) => drop(stream.write_all(text.as_bytes())),
                    Deed::HangUp => {}
                    Deed::Wait(time) => std::thread::park_timeout(time),
                }
            });
        }
    });
    (url, calls)
}

const SILENT: Deed = Deed::Wait(Duration::from_secs(2));
const FINE: Deed =
    Deed::Say("HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\nfine");
const BROKEN: Deed =
    Deed::Say("HTTP/1.1 503 No\r\ncontent-length: 4\r\nconnection: close\r\n\r\nfine");
const ELSEWHERE: Deed = Deed::Say(
    "HTTP/1.1 302 F\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
);

fn limits() -> Limits {
    Limits {
        timeout: Duration::from_millis(400),
        failures: 3,
        pause: Duration::from_millis(300),
        between: Duration::from_millis(5),
        ..Limits::default()
    }
}

fn client(limits: Limits) -> (Client, Arc<Kept>) {
    let kept = Arc::new(Kept::default());
    (Client::new("test", limits, Arc::clone(&kept) as _), kept)
}

fn call<'c>(url: &'c str, resend: Resend) -> Call<'c> {
    let cost = Money::from_fen(5).unwrap();
    let fields = &[("no_order", "P1"), ("card_no", "6222020200000000012")];
    Call { name: "call", url, body: Body::Json("{}"), fields, resend, cost }
}

#[test]
fn questions_are_asked_again_and_deeds_are_not() {
    for (deed, error) in [
        (&[Deed::HangUp, FINE], CallError::NotAnswered),
        (&[BROKEN, FINE], CallError::Status(503)),
        (&[SILENT, FINE], CallError::NotAnswered),
    ] {
        let (url, calls) = server(deed);
        let (client, kept) = client(limits());
        assert_eq!(client.call(&call(&url, Resend::Never)), Err(error));
        assert_eq!(calls.load(Ordering::SeqCst), 1);
        let costs = kept.last(1);
        assert_eq!((costs[0].outcome, costs[0].cost), (Outcome::Failed(error), Money::ZERO));
        let (url, calls) = server(deed);
        assert_eq!(client.call(&call(&url, Resend::Question)).as_deref(), Ok("fine"));
        assert_eq!(calls.load(Ordering::SeqCst), 2);
        let record = &kept.last(1)[0];
        assert_eq!((record.outcome, record.cost.fen()), (Outcome::Answered, 5));
        assert_eq!(record.request, "no_order=P1&card_no=*19");
        assert_eq!(record.answer, "*4");
    }
}

#[test]
fn nobody_is_sent_elsewhere() {
    let (url, _) = server(&[ELSEWHERE]);
    let (client, _) = client(limits());
    assert_eq!(client.call(&call(&url, Resend::Never)), Err(CallError::Status(302)));
    assert!(!client.is_down());
}

#[test]
fn a_provider_that_is_down_is_left_alone_and_tried_after_a_pause() {
    let (url, calls) = server(&[BROKEN, BROKEN, BROKEN, FINE]);
    let (client, kept) = client(limits());
    for _ in 0..3 {
        assert_eq!(client.call(&call(&url, Resend::Never)), Err(CallError::Status(503)));
    }
    assert!(client.is_down());
    assert_eq!(client.call(&call(&url, Resend::Never)), Err(CallError::NotSent));
    assert_eq!(calls.load(Ordering::SeqCst), 3, "nothing was sent");
    assert_eq!(kept.last(1)[0].outcome, Outcome::Failed(CallError::NotSent));
    client.pause(Duration::from_millis(600));
    assert_eq!(client.call(&call(&url, Resend::Never)).as_deref(), Ok("fine"));
    assert!(!client.is_down());
}

#[test]
fn no_more_run_at_once_than_may_and_answers_are_bounded() {
    let (url, calls) = server(&[SILENT]);
    let timeout = Duration::from_millis(200);
    let (client, _) = client(Limits { parallel: 2, timeout, failures: 100, ..limits() });
    std::thread::scope(|scope| {
        let make = || client.call(&call(&url, Resend::Never));
        let running: Vec<_> = (0..2).map(|_| scope.spawn(make)).collect();
        while client.lock().running < 2 {
            std::thread::yield_now();
        }
        let third = scope.spawn(make);
        for call in running.into_iter().chain([third]) {
            assert!(call.join().unwrap().is_err());
        }
    });
    assert!(calls.load(Ordering::SeqCst) <= 3);
    assert_eq!(client.lock().running, 0);
    let (url, _) = server(&[FINE]);
    let (client, _) = super::tests::client(Limits { answer_bytes: 3, ..limits() });
    assert_eq!(client.call(&call(&url, Resend::Never)), Err(CallError::NotAnswered));
}
