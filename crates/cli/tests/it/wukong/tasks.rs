//! Tasks at data providers that are refused, fail, and come too often.

use lending::Lending;
use lending::ports::{DataReport, DataResult, Facts};
use lending::reports::ProviderAnswer;

use super::borrowing::prove_name;
use super::elsewhere::{answer, answer_what_is_due, said};
use super::{App, Envelope, FORM};
use crate::bench::{Bench, PRODUCTION, Store, pause};
use crate::operators::on_both;

on_both! {
    tasks_are_refused_and_fail
    what_is_proven_is_not_proven_again_today
}

const WHY: &str = "账号或密码错误[1103]";

/// A kind of task: how it begins, with what, and how an app goes on with it.
struct Kind {
    path: &'static str,
    form: &'static str,
    /// What is no login.
    bad: &'static str,
    go_on: &'static [&'static str],
    input: Option<&'static str>,
}

const KINDS: [Kind; 7] = [
    Kind {
        path: "/lm-mobile",
        form: "servicecode=123456",
        bad: "servicecode=",
        go_on: &["/lm-mobile-continue"],
        input: Some("/lm-mobile-input"),
    },
    Kind {
        path: "/lm-mobile-report",
        form: "servicecode=123456",
        bad: "servicecode=",
        go_on: &["/lm-mobile-continue"],
        input: Some("/lm-mobile-report-input"),
    },
    Kind {
        path: "/lm-jd",
        form: "username=a&password=b",
        bad: "username=a&password=",
        go_on: &["/lm-jd-continue"],
        input: Some("/lm-jd-input"),
    },
    Kind {
        path: "/lm-taobao",
        form: "",
        bad: "a=%zz",
        go_on: &["/lm-taobao-continue"],
        input: None,
    },
    Kind {
        path: "/lm-education",
        form: "username=a&password=b",
        bad: "username=&password=b",
        go_on: &[],
        input: None,
    },
    Kind {
        path: "/lm-bill",
        form: "username=a@163.com&password=b",
        bad: "username=a@163.com&password=",
        go_on: &["/lm-bill-continue", "//lm-bill-continue"],
        input: None,
    },
    Kind {
        path: "/lm-ebank",
        form: "username=a&password=b&bank=03080000",
        bad: "username=a&password=b&bank=1",
        go_on: &[],
        input: None,
    },
];

/// Begins a task, while the provider says something.
#[track_caller]
fn begin(app: &App<'_>, core: &Lending, kind: &Kind, says: &ProviderAnswer) -> Envelope {
    std::thread::scope(|scope| {
        let begun = scope.spawn(|| app.post(kind.path, kind.form));
        while !begun.is_finished() {
            answer_what_is_due(core, says);
            pause(10);
        }
        begun.join().unwrap()
    })
}

/// Goes on with a task until the provider has failed it.
#[track_caller]
fn fails(app: &App<'_>, core: &Lending, path: &str, form: &str) {
    for _ in 0..1000 {
        let told = app.post(path, form);
        if told.said() != ("SUCCESS", "0006") {
            assert_eq!(told.refused(), WHY, "{path}");
            return;
        }
        answer_what_is_due(core, &failure());
        pause(10);
    }
    panic!("{path} goes on and on");
}

fn failure() -> ProviderAnswer {
    said("1103", "账号或密码错误", None)
}

pub(super) fn tasks_are_refused_and_fail(store: Store) {
    // The test is the provider; what is too often is production's to say.
    let mut bench = Bench::start_with(store, &[("JIEHUAN_PROVIDERS_SANDBOX", "false")]);
    let mut app = App::new(&bench);
    app.sign_up("13800000001", "secret99");
    for path in ["/lm-mobile", "/lm-mobile-report"] {
        assert_eq!(app.post(path, "servicecode=123456").refused(), "请先完成身份认证");
    }
    let core = bench.core();
    prove_name(&core);
    core.close();
    let token = std::mem::take(&mut app.token);
    bench.restart_with(&PRODUCTION);
    let app = App { bench: &bench, token };
    let core = bench.core();
    for kind in &KINDS {
        let path = kind.path;
        assert_eq!(app.post(path, kind.bad).refused(), "参数错误", "{path}");
        for other in kind.go_on.iter().chain(&kind.input) {
            let unknown = app.post(other, "token=x&smscode=1");
            assert_eq!(unknown.refused(), "认证任务不存在", "{other}");
        }
        let failed = begin(&app, &core, kind, &failure());
        assert_eq!(failed.refused(), WHY, "{path}");
    }
    // The second try of each waits for the customer, and then they all fail.
    let waits_on = KINDS.iter().filter(|kind| !kind.go_on.is_empty());
    let waiting: Vec<_> = waits_on.map(|kind| (kind, waits(&app, &core, kind))).collect();
    for (kind, token) in waiting {
        let form = format!("token={token}&smscode=123456");
        let (go_on, input) = (kind.go_on.iter(), kind.input.iter());
        go_on.chain(input).for_each(|other| fails(&app, &core, other, &form));
    }
    for kind in &KINDS {
        for _ in if kind.go_on.is_empty() { 2..=5 } else { 3..=5 } {
            assert_eq!(begin(&app, &core, kind, &failure()).refused(), WHY, "{}", kind.path);
        }
        too_often(&app, kind);
    }
    core.close();
    bench.verify();
}

/// Begins a task that waits for an input, which may not be empty; its token.
#[track_caller]
fn waits(app: &App<'_>, core: &Lending, kind: &Kind) -> String {
    let begun = begin(app, core, kind, &said("0006", "", None));
    assert_eq!(begun.said(), ("SUCCESS", "0006"), "{}", kind.path);
    let token = begun.0["results"][0]["token"].as_str().unwrap().to_owned();
    if let Some(input) = kind.input {
        let empty = app.post(input, &format!("token={token}&smscode="));
        assert_eq!(empty.refused(), "参数错误", "{input}");
    }
    token
}

#[track_caller]
fn too_often(app: &App<'_>, kind: &Kind) {
    let sixth = app.send("POST", kind.path, &[FORM], kind.form);
    assert_eq!(sixth.refused(), "操作过于频繁，请稍后再试", "{}", kind.path);
}

pub(super) fn what_is_proven_is_not_proven_again_today(store: Store) {
    let bench = Bench::start_with(store, &[("JIEHUAN_PROVIDERS_SANDBOX", "false")]);
    let mut app = App::new(&bench);
    app.sign_up("13800000001", "secret99");
    let core = bench.core();
    prove_name(&core);
    let report = DataReport { body: String::new(), facts: Facts::default() };
    let report = ProviderAnswer::Result(DataResult::Got(Box::new(report)));
    for kind in &KINDS {
        std::thread::scope(|scope| {
            let begun = scope.spawn(|| app.post(kind.path, kind.form));
            answer(&core, &said("0000", "", None));
            answer(&core, &report);
            assert_eq!(begun.join().unwrap().said(), ("SUCCESS", "认证成功"), "{}", kind.path);
        });
        assert_eq!(app.post(kind.path, kind.form).refused(), "已经认证成功", "{}", kind.path);
    }
    core.close();
}
