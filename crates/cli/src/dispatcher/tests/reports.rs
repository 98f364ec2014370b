//! Tasks at the twin of a data provider, driven by lanes over a real core, with restarts between.

use kernel::id::MemberId;
use kernel::identity::IdCardNo;
use kernel::{RealName, Secret};
use lending::Tx;
use lending::customers::{BeginRealName, begin_real_name, finish, register_customer};
use lending::identity::password::{Cost, PasswordHash};
use lending::identity::{Register, Role};
use lending::ports::{
    AccountLogin, CheckOutcome, Data, DataAnswer, DataKind, DataOrder, DataResult,
};
use lending::reports::{
    Begin, GiveInput, Login, Task, TaskState, begin, give_input, latest, report_score,
};
use providers::limu::{Limu, Settings};
use providers::sandbox::limu::{InProcess, State};

use super::*;

fn secret(text: &str) -> Secret {
    Secret::new(text.into())
}

fn limu() -> Arc<Limu> {
    let settings = Settings {
        gateway: "sandbox/api/gateway".into(),
        reports: "sandbox/mobile_report/v1".into(),
        api_key: "key".into(),
        api_secret: secret("secret"),
        callback: None,
        cost: Money::ZERO,
    };
    let twin = InProcess::new(State::new("key".into(), secret("secret")));
    Arc::new(Limu::by(settings, Arc::new(twin)))
}

fn write<T: Send + 'static, E: From<Fault> + Send + std::fmt::Debug + 'static>(
    core: &Core,
    work: impl FnMut(&mut Tx<'_, '_>) -> Result<T, E> + Send + 'static,
) -> T {
    core.0.write_and_wait(Route::home(0), work).unwrap()
}

fn customer(core: &Core) -> MemberId {
    let password = secret("password1");
    let command = Register {
        id: None,
        channel: Channel::Xianjindai,
        mobile: Mobile::parse("13800000001").unwrap(),
        nickname: "n1".into(),
        role: Role::Member,
        password: PasswordHash::make(&password, Cost { memory_kib: 64, passes: 1 }).unwrap(),
    };
    let member = write(core, move |tx| register_customer(tx, &command)).id;
    // 990101 is no region; the check digit is right.
    let (name, id_no) = (RealName::parse("示例人"), IdCardNo::parse("990101199001010035"));
    let id_no = id_no.filter(|number| number.check().is_ok());
    let command = BeginRealName { member, name: name.unwrap(), id_no: id_no.unwrap() };
    let check = write(core, move |tx| begin_real_name(tx, &command));
    write(core, move |tx| finish(tx, check.id, &CheckOutcome::Match));
    member
}

fn start_task(core: &Core, member: MemberId, login: Login, n: u8) -> Task {
    let command = Begin { member, login, token: [n; 16] };
    write(core, move |tx| begin(tx, &command))
}

/// Waits until a task is as wanted.
#[track_caller]
fn wait_for(core: &Core, task: &Task, wanted: TaskState) -> Task {
    let (member, kind) = (task.member, task.kind);
    let began = Instant::now();
    loop {
        let found = core.0.read_and_wait::<_, Fault>(move |tx| latest(tx, member, kind));
        let found = found.unwrap().unwrap();
        if found.state == wanted {
            return found;
        }
        assert!(began.elapsed() < SOON, "{found:?}");
        std::thread::yield_now();
    }
}

fn enter(core: &Core, task: &Task, input: &str) {
    let (member, token, input) = (task.member, task.token.clone(), secret(input));
    let command = GiveInput { member, token, input };
    write(core, move |tx| give_input(tx, &command));
}

fn lane(core: &Core, provider: &Arc<impl Data + 'static>) -> ReportLane {
    ReportLane::new(core.0.clone(), Arc::clone(provider) as _)
}

#[test]
fn a_report_is_collected_over_stops_and_starts_of_its_lanes() {
    let core = Core::open("reports");
    let (member, provider) = (customer(&core), limu());
    let task = start_task(&core, member, Login::MobileReport(secret("741852")), 1);
    // Nobody is there yet; then one comes, and goes when the task waits for its customer.
    let often = options(2, Duration::from_millis(2));
    let dispatcher = start(lane(&core, &provider), often);
    wait_for(&core, &task, TaskState::WaitingInput);
    dispatcher.stop();
    enter(&core, &task, "123456");
    // Two nodes go on.
    let mut dispatcher = start(lane(&core, &provider), often);
    dispatcher.start("other", lane(&core, &provider), often).unwrap();
    let done = wait_for(&core, &task, TaskState::Succeeded);
    assert_eq!(done.code, "0000");
    let score = core.0.read_and_wait::<_, Fault>(move |tx| report_score(tx, member)).unwrap();
    assert_eq!(score, Some(660)); // as the adapter's own test reckons
    dispatcher.stop();
}

#[test]
fn a_start_whose_answer_is_lost_is_made_again() {
    let core = Core::open("lost");
    let (member, provider) = (customer(&core), limu());
    let (username, password) = (secret("someone"), secret("980006"));
    let login = Login::Education(AccountLogin { username, password });
    let task = start_task(&core, member, login, 1);
    let dispatcher = start(lane(&core, &provider), options(2, Duration::from_millis(2)));
    wait_for(&core, &task, TaskState::Succeeded);
    dispatcher.stop();
}

#[test]
fn what_the_provider_refuses_is_told_in_its_words() {
    let core = Core::open("refused");
    let (member, provider) = (customer(&core), limu());
    let task = start_task(&core, member, Login::Mobile(secret("991102")), 1);
    let dispatcher = start(lane(&core, &provider), options(2, Duration::from_millis(2)));
    let failed = wait_for(&core, &task, TaskState::Failed);
    assert_eq!((failed.code.as_str(), failed.message.as_str()), ("1102", "密码错误"));
    dispatcher.stop();
}

/// A provider with a bug.
struct Broken;

impl Data for Broken {
    fn start(&self, _: &DataOrder) -> DataAnswer {
        panic!("a provider's bug")
    }

    fn status(&self, _: DataKind, _: &str) -> DataAnswer {
        panic!("a provider's bug")
    }

    fn input(&self, _: DataKind, _: &str, _: &Secret) -> DataAnswer {
        panic!("a provider's bug")
    }

    fn result(&self, _: DataKind, _: &str) -> DataResult {
        panic!("a provider's bug")
    }

    fn report(&self, _: &str) -> DataResult {
        panic!("a provider's bug")
    }
}

#[test]
fn a_provider_that_panics_is_given_up() {
    let core = Core::open("broken");
    let member = customer(&core);
    let task = start_task(&core, member, Login::Taobao, 1);
    let often = options(2, Duration::from_millis(2));
    let dispatcher = start(lane(&core, &Arc::new(Broken)), often);
    let failed = wait_for(&core, &task, TaskState::Failed);
    assert_eq!(failed.message, "数据服务暂时不可用，请稍后再试");
    dispatcher.stop();
}
