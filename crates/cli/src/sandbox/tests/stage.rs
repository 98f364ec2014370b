//! What these tests share: a sandbox that is served, and adapters that call it.

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use kernel::identity::{BankCardNo, IdCardNo};
use kernel::{Mobile, Money, RealName};
use lending::Clock;
use lending::ports::MoneyOrder;
use providers::aliyun::{self, Aliyun, Templates};
use providers::bankcard::{self, FourElements};
use providers::client::{Kept, Limits};
use providers::face::{self, FaceId};
use providers::lianlian::{self, LianLian, Now};
use providers::limu::{self, Limu};
use providers::sandbox::http::{
    Fault, FaultKind, Faults, KEY_ID, LIMU_KEY, Options, PARTNER, World,
};
use providers::sandbox::{self, Amounts};

use super::super::{Keys, Sandbox, load_keys};

/// Shorter than what anybody waits for, longer than any call takes here.
pub(super) const TIMEOUT: Duration = Duration::from_millis(700);

/// A folder that is removed when it is dropped.
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let name = format!("jiehuan-http-sandbox-{}-{number}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(super) fn now() -> Now {
    let clock = Clock::real();
    Arc::new(move || clock.now().wall)
}

/// A sandbox and everybody who calls it.
pub(super) struct Stage {
    pub(super) sandbox: Sandbox,
    pub(super) lianlian: Arc<LianLian>,
    pub(super) records: Arc<Kept>,
    pub(super) keys: Keys,
    _folder: Folder,
}

impl Stage {
    /// LianLian tells its news at `notify_url`.
    pub(super) fn open(notify_url: &str, signs_on_sight: bool) -> Self {
        let folder = Folder::new();
        let keys = load_keys(&folder.0.join("keys")).unwrap();
        let options = Options {
            folder: Some(folder.0.join("memory")),
            amounts: Amounts::Magic,
            shows_texts: false,
            signs_on_sight,
            callback_after_ms: 5,
            callback_again_ms: 100,
        };
        let world = Arc::new(World::open(options, keys.world.clone()).unwrap());
        let address = "127.0.0.1:0".parse().unwrap();
        let sandbox = Sandbox::start(world, address, now(), TIMEOUT * 2).unwrap();
        let records = Arc::new(Kept::default());
        let settings = lianlian::Settings {
            url: sandbox.url("lianlian"),
            notify_url: notify_url.to_owned(),
            partner: PARTNER.to_owned(),
            private_key: keys.merchant_private.clone(),
            public_key: keys.lianlian_public.clone(),
            user_key: keys.user_key.clone(),
            business: "101001".to_owned(),
            goods: "借款".to_owned(),
            cost: Money::from_fen(100).unwrap(),
            limits: limits(),
        };
        let lianlian = LianLian::new(settings, Arc::clone(&records) as _, now()).unwrap();
        Self { sandbox, lianlian: Arc::new(lianlian), records, keys, _folder: folder }
    }

    pub(super) fn aliyun(&self) -> Aliyun {
        let settings = aliyun::Settings {
            url: format!("{}/", self.sandbox.url("aliyun")),
            region: "cn-hangzhou".to_owned(),
            key_id: KEY_ID.to_owned(),
            key_secret: self.keys.world.aliyun_secret.clone(),
            sign_name: "借还".to_owned(),
            templates: Templates::parse("SMS_1 验证码{code}，请勿告知他人。").unwrap(),
            cost: Money::from_fen(5).unwrap(),
            limits: limits(),
        };
        Aliyun::new(settings, Arc::clone(&self.records) as _, now())
    }

    pub(super) fn four_elements(&self) -> FourElements {
        let settings = bankcard::Settings {
            url: format!("{}/verifybankcard4/query", self.sandbox.url("bankcard")),
            key: self.keys.world.bankcard.clone(),
            cost: Money::from_fen(30).unwrap(),
            limits: limits(),
        };
        let records = Arc::clone(&self.records) as _;
        FourElements::new(settings, records, now(), Arc::new(sandbox::Checks))
    }

    pub(super) fn limu(&self) -> Limu {
        let settings = limu::Settings {
            gateway: format!("{}/api/gateway", self.sandbox.url("limu")),
            reports: format!("{}/mobile_report/v1", self.sandbox.url("limu")),
            api_key: LIMU_KEY.to_owned(),
            api_secret: self.keys.world.limu.clone(),
            callback: None,
            cost: Money::from_fen(150).unwrap(),
        };
        Limu::new(settings, limits(), Arc::clone(&self.records) as _)
    }

    pub(super) fn faces(&self) -> FaceId {
        let (api_key, api_secret) = self.keys.world.face.clone();
        let settings = face::Settings {
            url: format!("{}/faceid/v2/verify", self.sandbox.url("face")),
            api_key,
            api_secret,
            cost: Money::from_fen(20).unwrap(),
            timeout: TIMEOUT,
        };
        FaceId::new(settings, Arc::clone(&self.records) as _)
    }

    /// Orders one fault.
    pub(super) fn fault(&self, call: &str, kind: FaultKind, times: u32) {
        let ordered = vec![Fault { call: call.to_owned(), kind, times }];
        self.sandbox.world.set_faults(Faults { ordered, ..Faults::default() });
    }
}

fn limits() -> Limits {
    Limits {
        timeout: TIMEOUT,
        // The breaker has a test of its own.
        failures: u32::MAX,
        between: Duration::from_millis(10),
        ..Limits::default()
    }
}

/// A free port that is listened on.
pub(super) fn port() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

pub(super) fn card(text: &str) -> BankCardNo {
    BankCardNo::parse(text).unwrap()
}

pub(super) fn order(order_no: &str, fen: i64, number: &str) -> MoneyOrder {
    MoneyOrder {
        order_no: order_no.to_owned(),
        amount: Money::from_fen(fen).unwrap(),
        card: card(number),
        name: RealName::parse("周小满").unwrap(),
        mobile: Mobile::parse("13800000001").unwrap(),
    }
}

/// An invented person: name, id number, mobile number.
pub(super) fn person() -> (RealName, IdCardNo, Mobile) {
    (
        RealName::parse("周小满").unwrap(),
        IdCardNo::parse("110101199003070011").unwrap(),
        Mobile::parse("13800000001").unwrap(),
    )
}
