//! Messages, the outbox of SMS, feedback and app versions, on both engines.

use kernel::Channel;
use kernel::id::{MemberId, SmsId};

use super::{
    DueSms, FeedbackError, LeaveFeedback, Notice, Publish, PublishError, PublishVersion,
    SetTemplate, SmsState, SmsStep, SystemKind, TemplateError, Topic, VersionError,
    all_system_messages, due_sms, feedback, finish_sms, has_due_sms, latest, leave_feedback,
    mark_read, messages_of, prune_sms, publish, publish_version, send_code, send_sms, set_template,
    shipped, sms_log, system_messages, tell, templates, versions, withdraw,
};
use crate::audit::Actor;
use crate::identity::{self, Register, Role};
use crate::ports::SmsOutcome;
use crate::tests::kit::{Bench, On, START, all_at_once, mobile, on_both, registration};
use crate::{Fault, Page, Route};

mod looks;

on_both! {
    a_notice_is_a_message_and_a_text
    operators_replace_templates_per_channel
    templates_with_mistakes_are_refused
    operators_who_write_at_once_get_versions_of_their_own
    a_notice_to_nobody_is_a_fault
    messages_are_paged_and_read_by_their_owner
    reminders_at_night_are_sent_in_the_morning
    collection_texts_are_limited_by_the_day
    an_sms_is_claimed_by_one_sender
    a_text_whose_sender_died_is_unknown_and_not_sent_again
    a_refused_notice_is_tried_again_and_a_refused_code_is_not
    texts_that_wait_too_long_lapse
    late_answers_settle_what_was_unknown_and_nothing_else
    old_texts_are_pruned
    messages_to_everybody_are_published_and_withdrawn
    messages_to_everybody_with_mistakes_are_refused
    feedback_is_kept_for_operators
    the_latest_version_is_the_last_published
    nothing_personal_stands_in_the_clear
    a_bench_that_is_emptied_forgets_what_was_said
}

const BY: Actor = Actor::Platform;
const X: Channel = Channel::Xianjindai;
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

fn page(number: i64, size: i64) -> Page {
    Page::new(number, size).unwrap()
}

/// A customer of xianjindai whose mobile number ends in `n`.
#[track_caller]
fn customer(bench: &Bench, n: u32) -> MemberId {
    let command = Register { channel: X, ..registration(n, Role::Member) };
    bench.write(move |tx| identity::register(tx, &command)).unwrap().id
}

fn facts() -> Vec<(&'static str, String)> {
    [("product", "轻松贷"), ("amount", "500.00"), ("due", "2026-03-31"), ("days", "3")]
        .map(|(name, text)| (name, text.to_owned()))
        .to_vec()
}

#[track_caller]
fn say(bench: &Bench, member: MemberId, topic: Topic) {
    bench.write(move |tx| tell(tx, &Notice { member, topic, facts: &facts() })).unwrap();
}

#[track_caller]
fn text(bench: &Bench, n: u32, text: &'static str) -> SmsId {
    bench.write(move |tx| send_sms(tx, &mobile(n), X, text)).unwrap()
}

/// Claims up to ten texts; what those say that are to be sent.
#[track_caller]
fn claim(bench: &Bench) -> Vec<String> {
    let mut claimed = bench.write::<_, Fault>(|tx| due_sms(tx, 10)).unwrap();
    claimed.retain(|sms| sms.step == SmsStep::Send);
    claimed.into_iter().map(|sms| sms.text).collect()
}

#[track_caller]
fn finish(bench: &Bench, id: SmsId, outcome: &SmsOutcome) {
    let outcome = outcome.clone();
    bench.write(move |tx| finish_sms(tx, id, &outcome)).unwrap();
}

#[track_caller]
fn states(bench: &Bench) -> Vec<SmsState> {
    let mut log = bench.read(|tx| sms_log(tx, page(1, 100)));
    log.reverse();
    log.into_iter().map(|entry| entry.state).collect()
}

fn later(bench: &Bench, millis: i64) {
    bench.core.clock().set(START.plus_millis(millis));
}

fn a_notice_is_a_message_and_a_text(on: On) {
    let bench = on.open();
    let member = customer(&bench, 1);
    say(&bench, member, Topic::PaidOut);
    say(&bench, member, Topic::Repaid);
    let (found, total) = bench.read(move |tx| messages_of(tx, member, page(1, 10)));
    let shown: Vec<_> = found.iter().map(|m| (m.topic, m.title.as_str())).collect();
    assert_eq!(shown, [(Topic::Repaid, "还款成功"), (Topic::PaidOut, "放款成功")]);
    assert_eq!(
        found[1].content,
        "您的轻松贷已放款，金额500.00元，首次还款日为2026-03-31。请以银行到账为准。"
    );
    assert_eq!((total, found[0].sent_at, found[0].read_at), (2, START, None));
    assert!(found[0].id > found[1].id);
    // Of the two, only the payout has a text.
    let claimed = bench.write::<_, Fault>(|tx| due_sms(tx, 10)).unwrap();
    assert_eq!(claimed.len(), 1);
    assert_eq!((claimed[0].mobile.clone(), claimed[0].channel), (mobile(1), X));
    assert_eq!(
        claimed[0].text,
        "您的轻松贷已放款500.00元，首次还款日为2026-03-31，请以银行到账为准。"
    );
}

fn template(topic: Topic, text: &str, sms_text: Option<&str>) -> SetTemplate {
    let (title, text) = ("标题{amount}".to_owned(), text.to_owned());
    let sms_text = sms_text.map(str::to_owned);
    SetTemplate { by: BY, channel: X, topic, title, text, sms_text }
}

fn operators_replace_templates_per_channel(on: On) {
    let bench = on.open();
    let set = |command: SetTemplate| bench.write(move |tx| set_template(tx, &command)).unwrap();
    assert_eq!(set(template(Topic::Repaid, "一{amount}", None)), 1);
    assert_eq!(set(template(Topic::Repaid, "二{amount}", Some("短{amount}"))), 2);
    assert_eq!(set(template(Topic::PaidOut, "三", None)), 1);
    let here = customer(&bench, 1);
    let there = bench.register(1, Role::Member);
    for member in [here, there] {
        say(&bench, member, Topic::Repaid);
    }
    let of = |member| bench.read(move |tx| messages_of(tx, member, page(1, 1))).0.remove(0);
    assert_eq!((of(here).title, of(here).content), ("标题500.00".into(), "二500.00".into()));
    assert_eq!(of(there).title, shipped(Topic::Repaid).title);
    assert_eq!(claim(&bench), ["短500.00"]);
    let in_force = bench.read(|tx| templates(tx, X));
    let versions: Vec<_> = in_force.iter().map(|t| t.version).collect();
    assert_eq!(versions, [0, 0, 0, 1, 0, 2, 0, 0]);
    assert_eq!(in_force[0], shipped(Topic::Submitted));
}

fn templates_with_mistakes_are_refused(on: On) {
    let bench = on.open();
    let refused = |change: fn(&mut SetTemplate)| {
        let mut command = template(Topic::Repaid, "文", Some("短"));
        change(&mut command);
        bench.write(move |tx| set_template(tx, &command)).unwrap_err()
    };
    let error = refused(|c| c.title = "长".repeat(41));
    assert!(matches!(error, TemplateError::Title { most: 40 }), "{error:?}");
    let error = refused(|c| c.text = " ".into());
    assert!(matches!(error, TemplateError::Text { most: 1000 }), "{error:?}");
    let error = refused(|c| c.sms_text = Some(String::new()));
    assert!(matches!(error, TemplateError::Sms { most: 300 }), "{error:?}");
    let error = refused(|c| c.sms_text = Some("{mobile}".into()));
    assert!(matches!(&error, TemplateError::UnknownFact(name) if name == "mobile"), "{error:?}");
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM notice_template"), 0);
}

fn operators_who_write_at_once_get_versions_of_their_own(on: On) {
    let bench = on.open();
    let mut versions = all_at_once(6, |number| {
        let command = template(Topic::Repaid, "文", None);
        let route = Route::home(i64::try_from(number).unwrap());
        bench.core.write_and_wait(route, move |tx| set_template(tx, &command)).unwrap()
    });
    versions.sort_unstable();
    assert_eq!(versions, [1, 2, 3, 4, 5, 6]);
}

fn a_notice_to_nobody_is_a_fault(on: On) {
    let bench = on.open();
    let member = MemberId::from_number(99);
    let told = bench.write(move |tx| tell(tx, &Notice { member, topic: Topic::Other, facts: &[] }));
    assert!(matches!(told, Err(Fault::Corrupt(_))), "{told:?}");
}

fn messages_are_paged_and_read_by_their_owner(on: On) {
    let bench = on.open();
    let (mine, yours) = (customer(&bench, 1), customer(&bench, 2));
    for topic in Topic::ALL {
        say(&bench, mine, *topic);
    }
    say(&bench, yours, Topic::Other);
    let (second, total) = bench.read(move |tx| messages_of(tx, mine, page(2, 3)));
    let topics: Vec<_> = second.iter().map(|m| m.topic).collect();
    assert_eq!((topics, total), (vec![Topic::DueSoon, Topic::PaidOut, Topic::Refused], 8));
    assert_eq!(bench.read(move |tx| messages_of(tx, mine, page(4, 3))).0, []);
    let id = second[0].id;
    let read = |who: MemberId| bench.write::<_, Fault>(move |tx| mark_read(tx, who, id)).unwrap();
    assert!(!read(yours), "not theirs");
    later(&bench, MINUTE);
    assert!(read(mine));
    later(&bench, 2 * MINUTE);
    assert!(read(mine), "again");
    let (second, _) = bench.read(move |tx| messages_of(tx, mine, page(2, 3)));
    let times: Vec<_> = second.iter().map(|m| m.read_at).collect();
    assert_eq!(times, [Some(START.plus_millis(MINUTE)), None, None]);
}

fn reminders_at_night_are_sent_in_the_morning(on: On) {
    let bench = on.open();
    let member = customer(&bench, 1);
    // START is 8:00, so this is 0:05 of the next day, when a day-end runs.
    let night = 16 * HOUR + 5 * MINUTE;
    later(&bench, night);
    say(&bench, member, Topic::DueSoon);
    say(&bench, member, Topic::Overdue);
    say(&bench, member, Topic::Approved);
    assert_eq!(bench.read(move |tx| messages_of(tx, member, page(1, 9))).1, 3);
    let claimed = bench.write::<_, Fault>(|tx| due_sms(tx, 10)).unwrap();
    assert_eq!(claimed.len(), 1, "only the approval goes out at night");
    finish(&bench, claimed[0].id, &SmsOutcome::Accepted);
    later(&bench, 24 * HOUR - 1);
    assert!(!bench.read(has_due_sms));
    later(&bench, 24 * HOUR);
    assert!(bench.read(has_due_sms));
    assert_eq!(claim(&bench).len(), 2);
}

fn collection_texts_are_limited_by_the_day(on: On) {
    let bench = on.open();
    let (member, other) = (customer(&bench, 1), customer(&bench, 2));
    for _ in 0..4 {
        say(&bench, member, Topic::Overdue);
        say(&bench, member, Topic::DueSoon);
    }
    say(&bench, other, Topic::Overdue);
    assert_eq!(bench.number("SELECT COUNT(*) AS n FROM message"), 9, "the app shows all");
    assert_eq!(states(&bench).len(), 3 + 4 + 1);
    later(&bench, 24 * HOUR);
    say(&bench, member, Topic::Overdue);
    assert_eq!(states(&bench).len(), 9, "a new day");
}

fn an_sms_is_claimed_by_one_sender(on: On) {
    let bench = on.open();
    for _ in 0..40 {
        text(&bench, 1, "一");
    }
    let rivals = [bench.core.clone(), bench.another_core(), bench.another_core()];
    let claims = all_at_once(6, |number| {
        let core = &rivals[number % 3];
        let mut mine = Vec::new();
        // A round that meets a rival may come back with nothing while there is something left.
        while core.read_and_wait::<_, Fault>(has_due_sms).unwrap() {
            let route = Route::home(i64::try_from(number).unwrap());
            let claimed = core.write_and_wait::<_, Fault>(route, |tx| due_sms(tx, 7)).unwrap();
            assert!(claimed.len() <= 7);
            assert!(claimed.is_sorted_by_key(|sms| sms.id));
            mine.extend(claimed.into_iter().map(|sms| sms.id));
        }
        mine
    });
    let mut all: Vec<_> = claims.into_iter().flatten().collect();
    assert_eq!(all.len(), 40);
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 40, "claimed twice");
    assert_eq!(
        bench.number("SELECT CAST(SUM(attempts) AS BIGINT) AS n FROM sms WHERE state = 'sending'"),
        40
    );
    rivals[1].close();
    rivals[2].close();
}

fn a_text_whose_sender_died_is_unknown_and_not_sent_again(on: On) {
    let bench = on.open();
    text(&bench, 1, "一");
    assert_eq!(claim(&bench), ["一"]);
    later(&bench, 5 * MINUTE - 1);
    assert!(claim(&bench).is_empty());
    assert_eq!(states(&bench), [SmsState::Sending]);
    for at in [5 * MINUTE, 48 * HOUR] {
        later(&bench, at);
        let claimed = bench.write::<_, Fault>(|tx| due_sms(tx, 10)).unwrap();
        let step = |sms: &DueSms| (sms.text.clone(), sms.step);
        let look = SmsStep::Look { called_on: START.plus_millis(5 * MINUTE).date() };
        assert_eq!(claimed.iter().map(step).collect::<Vec<_>>(), [(String::new(), look)]);
        assert_eq!(states(&bench), [SmsState::Unknown]);
    }
}

fn a_refused_notice_is_tried_again_and_a_refused_code_is_not(on: On) {
    let bench = on.open();
    let notice = text(&bench, 1, "一");
    let code = bench.write::<_, Fault>(|tx| send_code(tx, &mobile(2), X, "123456")).unwrap();
    assert_eq!(claim(&bench), ["一", "123456"]);
    let refusal = SmsOutcome::Refused("limit".into());
    finish(&bench, notice, &refusal);
    finish(&bench, code, &refusal);
    assert_eq!(states(&bench), [SmsState::Queued, SmsState::Refused]);
    // After 20 minutes, and then after another 40.
    for (before, then) in [(19 * MINUTE, 20 * MINUTE), (59 * MINUTE, 60 * MINUTE)] {
        later(&bench, before);
        assert!(claim(&bench).is_empty());
        later(&bench, then);
        assert_eq!(claim(&bench), ["一"]);
        finish(&bench, notice, &refusal);
    }
    assert_eq!(states(&bench), [SmsState::Refused, SmsState::Refused]);
    let log = bench.read(|tx| sms_log(tx, page(1, 9)));
    let last = &log[1];
    assert_eq!((last.id, last.attempts, last.reason.as_deref()), (notice, 3, Some("limit")));
    assert_eq!(last.mobile, "138****0001");
    assert_eq!(last.finished_at, Some(START.plus_millis(HOUR)));
    assert!(!bench.read(has_due_sms));
}

fn texts_that_wait_too_long_lapse(on: On) {
    let bench = on.open();
    text(&bench, 1, "一");
    bench.write::<_, Fault>(|tx| send_code(tx, &mobile(2), X, "123456")).unwrap();
    later(&bench, 5 * MINUTE);
    assert_eq!(claim(&bench), ["一"]);
    assert_eq!(states(&bench), [SmsState::Sending, SmsState::Lapsed]);
    text(&bench, 1, "二");
    later(&bench, 5 * MINUTE + 24 * HOUR);
    assert!(claim(&bench).is_empty());
    assert_eq!(states(&bench)[2], SmsState::Lapsed);
}

fn late_answers_settle_what_was_unknown_and_nothing_else(on: On) {
    let bench = on.open();
    let [late, queued] = [text(&bench, 1, "一"), text(&bench, 1, "二")];
    let first = bench.write::<_, Fault>(|tx| due_sms(tx, 1)).unwrap();
    assert_eq!(first[0].id, late);
    finish(&bench, queued, &SmsOutcome::Accepted);
    assert_eq!(states(&bench), [SmsState::Sending, SmsState::Queued], "not called yet");
    finish(&bench, late, &SmsOutcome::Unknown);
    assert_eq!(states(&bench)[0], SmsState::Unknown);
    finish(&bench, late, &SmsOutcome::Accepted);
    assert_eq!(states(&bench)[0], SmsState::Sent);
    finish(&bench, late, &SmsOutcome::Refused("no".into()));
    assert_eq!(states(&bench)[0], SmsState::Sent, "what is settled stays");
}

fn old_texts_are_pruned(on: On) {
    let bench = on.open();
    text(&bench, 1, "一");
    claim(&bench);
    later(&bench, 48 * HOUR);
    text(&bench, 1, "二");
    let prune = |days: u32| bench.write::<_, Fault>(move |tx| prune_sms(tx, days)).unwrap();
    assert_eq!(prune(3), 0);
    later(&bench, 49 * HOUR);
    assert_eq!(prune(2), 1);
    later(&bench, 50 * HOUR);
    assert_eq!(prune(0), 0, "never what is younger than a day");
    assert_eq!(states(&bench), [SmsState::Queued]);
}

fn announcement(title: &str) -> Publish {
    Publish {
        by: BY,
        channel: X,
        kind: SystemKind::Announcement,
        title: title.into(),
        content: "内容".into(),
        event_url: String::new(),
    }
}

fn messages_to_everybody_are_published_and_withdrawn(on: On) {
    let bench = on.open();
    let put = |command: Publish| bench.write(move |tx| publish(tx, &command)).unwrap();
    let first = put(announcement("一"));
    let url = "https://example.cn/event";
    let activity =
        Publish { kind: SystemKind::Activity, event_url: url.into(), ..announcement("二") };
    let second = put(activity);
    put(Publish { channel: Channel::Futureloan, ..announcement("三") });
    let shown = || bench.read(|tx| system_messages(tx, X, page(1, 10)));
    let (list, total) = shown();
    assert_eq!((list.len(), total), (2, 2));
    assert_eq!(
        (list[0].id, list[0].kind, list[0].event_url.as_str()),
        (second, SystemKind::Activity, url)
    );
    assert_eq!((list[1].title.as_str(), list[1].published_at), ("一", START));
    let take_back = |id| bench.write::<_, Fault>(move |tx| withdraw(tx, BY, id)).unwrap();
    assert!(take_back(first));
    assert!(!take_back(first), "already");
    let (list, total) = shown();
    assert_eq!((list.len(), total, list[0].id), (1, 1, second));
    let (all, total) = bench.read(|tx| all_system_messages(tx, page(1, 10)));
    let withdrawn: Vec<_> = all.iter().map(|m| m.withdrawn_at.is_some()).collect();
    assert_eq!((withdrawn, total), (vec![false, false, true], 3));
}

fn messages_to_everybody_with_mistakes_are_refused(on: On) {
    let bench = on.open();
    let refused = |change: fn(&mut Publish)| {
        let mut command = announcement("一");
        change(&mut command);
        bench.write(move |tx| publish(tx, &command)).unwrap_err()
    };
    let error = refused(|c| c.title = "长".repeat(61));
    assert!(matches!(error, PublishError::Title { most: 60 }), "{error:?}");
    let error = refused(|c| c.content = "\n".into());
    assert!(matches!(error, PublishError::Content { most: 4000 }), "{error:?}");
    let error = refused(|c| c.event_url = "javascript:x".into());
    assert!(matches!(error, PublishError::Url), "{error:?}");
    assert_eq!(bench.read(|tx| all_system_messages(tx, page(1, 10))).1, 0);
}

fn feedback_is_kept_for_operators(on: On) {
    let bench = on.open();
    let member = Some(customer(&bench, 1));
    let leave = |suggestion: String, source: &str| {
        let source = source.to_owned();
        let command = LeaveFeedback { channel: X, member, mobile: mobile(1), suggestion, source };
        bench.write(move |tx| leave_feedback(tx, &command))
    };
    let first = leave("好".repeat(1000), "2").unwrap();
    let second = leave("可以再快一点".into(), "1").unwrap();
    let error = leave("好".repeat(1001), "2");
    assert!(matches!(error, Err(FeedbackError::Suggestion { most: 1000 })), "{error:?}");
    let error = leave("好".into(), "");
    assert!(matches!(error, Err(FeedbackError::Source { most: 30 })), "{error:?}");
    let (list, total) = bench.read(|tx| feedback(tx, page(1, 10)));
    assert_eq!((list.len(), total), (2, 2));
    assert_eq!((list[0].id, list[1].id), (second, first));
    assert_eq!((list[0].suggestion.as_str(), list[0].source.as_str()), ("可以再快一点", "1"));
    assert_eq!((list[0].mobile.clone(), list[0].member), (mobile(1), member));
    assert_eq!(list[0].left_at, START);
}

fn the_latest_version_is_the_last_published(on: On) {
    let bench = on.open();
    let put = |app_type: &str, version: &str, url: &str| {
        let command = PublishVersion {
            by: BY,
            channel: X,
            app_type: app_type.into(),
            version: version.into(),
            url: url.into(),
            forced: version == "2.0.0",
            notes: String::new(),
        };
        bench.write(move |tx| publish_version(tx, &command))
    };
    let url = "https://example.cn/app.apk";
    put("1", "1.10.0", url).unwrap();
    put("1", "2.0.0", url).unwrap();
    put("2", "3.0.0", url).unwrap();
    let find = |app: &'static str| bench.read(move |tx| latest(tx, X, app));
    let found = find("1").unwrap();
    assert_eq!((found.version.as_str(), found.forced, found.url.as_str()), ("2.0.0", true, url));
    assert_eq!(find("3"), None);
    assert_eq!(bench.read(|tx| latest(tx, Channel::Futureloan, "1")), None);
    put("1", "1.10.1", url).unwrap();
    assert_eq!(find("1").unwrap().version, "1.10.1", "a version that was taken back");
    let error = put("1", "2.0.0", url);
    assert!(matches!(error, Err(VersionError::Taken)), "{error:?}");
    let error = put("", "2", url);
    assert!(matches!(error, Err(VersionError::Type { most: 20 })), "{error:?}");
    let error = put("1", "", url);
    assert!(matches!(error, Err(VersionError::Version { most: 40 })), "{error:?}");
    let error = put("1", "4", "example.cn");
    assert!(matches!(error, Err(VersionError::Url)), "{error:?}");
    assert_eq!(bench.read(|tx| versions(tx, page(1, 10))).len(), 4);
}

fn nothing_personal_stands_in_the_clear(on: On) {
    let bench = on.open();
    let member = customer(&bench, 77);
    let facts = [("reason", "SECRETREASON".to_owned())];
    let topic = Topic::Other;
    bench.write(move |tx| tell(tx, &Notice { member, topic, facts: &facts })).unwrap();
    text(&bench, 77, "SECRETTEXT");
    let command = LeaveFeedback {
        channel: X,
        member: Some(member),
        mobile: mobile(77),
        suggestion: "SECRETFEEDBACK".into(),
        source: "OPENSOURCE".into(),
    };
    bench.write(move |tx| leave_feedback(tx, &command)).unwrap();
    let raw = bench.raw_bytes();
    let holds = |text: &str| raw.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(holds("OPENSOURCE"), "the search finds what is there");
    for secret in ["SECRETREASON", "SECRETTEXT", "SECRETFEEDBACK", "13800000077"] {
        assert!(!holds(secret), "{secret}");
    }
    let claimed = bench.write::<_, Fault>(|tx| due_sms(tx, 1)).unwrap();
    assert!(!format!("{:?}", claimed[0].mobile).contains("13800000077"));
}

fn a_bench_that_is_emptied_forgets_what_was_said(on: On) {
    let bench = on.open();
    let member = customer(&bench, 1);
    say(&bench, member, Topic::PaidOut);
    let command = announcement("一");
    bench.write(move |tx| publish(tx, &command)).unwrap();
    bench.write(crate::market::wipe).unwrap();
    assert_eq!(bench.read(move |tx| messages_of(tx, member, page(1, 9))), (Vec::new(), 0));
    assert!(states(&bench).is_empty());
    assert_eq!(bench.read(|tx| system_messages(tx, X, page(1, 9))).1, 1);
}
