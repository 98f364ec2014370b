//! One task of the twin: the codes that it goes through, and what its password makes of them.

use std::collections::VecDeque;

use lending::ports::DataKind;

/// Looks at a QR code after which it counts as scanned.
const SCANNED_AFTER: u32 = 2;
/// A picture of one grey dot, as PNG in base64: nobody reads it but programs.
const PICTURE: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNo\
    AAAAggCBd81ytgAAAABJRU5ErkJggg==";

/// What a password, a service code, or the name of a QQ mailbox chooses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// Nothing.
    Usual,
    /// The task is refused at once with a code.
    Refuse(String),
    /// The log-in fails with a code.
    Fail(String),
    /// Nothing is asked for.
    NoInput,
    /// Something is asked for twice.
    TwoInputs,
    /// It never ends.
    Endless,
    /// No callback comes.
    LoseCallback,
    /// The callback comes twice.
    TwoCallbacks,
    /// The answer to the first start of a user is lost.
    LoseStart,
    /// What it brings is not ready when it is first fetched.
    NotReady,
    /// A picture is asked about.
    Picture,
    /// The report is a bad one.
    Risky,
    /// The report is about somebody else.
    SomebodyElse,
}

impl Plan {
    pub(super) fn of(word: &str) -> Self {
        if let Some(code) = code_of(word) {
            let is_setting = code.starts_with("100") || code.starts_with("101");
            return if is_setting { Self::Refuse(code) } else { Self::Fail(code) };
        }
        match word {
            "980001" => Self::NoInput,
            "980002" => Self::TwoInputs,
            "980003" => Self::Endless,
            "980004" => Self::LoseCallback,
            "980005" => Self::TwoCallbacks,
            "980006" => Self::LoseStart,
            "980007" => Self::NotReady,
            "980008" => Self::Picture,
            "980011" => Self::Risky,
            "980012" => Self::SomebodyElse,
            _ => Self::Usual,
        }
    }
}

/// `99` and four digits that are a code of failure choose it.
fn code_of(word: &str) -> Option<String> {
    let code = word.strip_prefix("99")?;
    let is_failure =
        code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_digit()) && !code.starts_with('0');
    is_failure.then(|| code.to_owned())
}

/// The words for a code.
pub(super) const fn words(code: &str) -> &'static str {
    match code.as_bytes() {
        b"0010" => "受理成功",
        b"0006" => "等待输入验证码",
        b"0009" => "验证码已提交",
        b"0100" => "登录成功",
        b"0000" => "成功",
        b"" => "处理中",
        b"1102" => "密码错误",
        b"2008" => "短信验证码错误",
        [b'1', b'0', b'1', b'2'] | [b'1', b'1', b'1', b'9'] => "系统异常",
        [b'1', b'1', b'0', b'7'] | [b'1', b'1', b'1', b'6'..=b'8'] | [b'3', ..] => "网络异常",
        _ => "认证失败",
    }
}

/// One code that a task goes through.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Beat {
    /// Says a code once.
    Say(&'static str),
    /// Waits for an input, with a picture or without.
    Ask { picture: bool },
    /// Waits to be scanned, for so many looks.
    Scan(u32),
    /// Says nothing for ever.
    Silence,
    /// Is over with a code.
    End(String),
}

/// What a look at a task shows.
pub(super) struct Look {
    pub(super) code: String,
    pub(super) image: Option<&'static str>,
    /// Callbacks that go out now.
    pub(super) callbacks: u32,
}

/// A task.
#[derive(Clone, Debug)]
pub(super) struct Job {
    kind: DataKind,
    plan: Plan,
    callback: String,
    beats: VecDeque<Beat>,
    has_called: bool,
    fetched: u32,
}

impl Job {
    pub(super) fn new(kind: DataKind, plan: &Plan, is_qr: bool, callback: &str) -> Self {
        let mut beats = VecDeque::from([Beat::Say("")]);
        let asks = match kind {
            DataKind::Mobile | DataKind::MobileReport | DataKind::Jd => 1,
            DataKind::Taobao | DataKind::Bill | DataKind::Education | DataKind::Ebank => 0,
        };
        let asks = match plan {
            Plan::NoInput => 0,
            Plan::TwoInputs => 2,
            Plan::Picture => 1,
            Plan::Usual
            | Plan::Refuse(_)
            | Plan::Fail(_)
            | Plan::Endless
            | Plan::LoseCallback
            | Plan::TwoCallbacks
            | Plan::LoseStart
            | Plan::NotReady
            | Plan::Risky
            | Plan::SomebodyElse => asks,
        };
        if let Plan::Fail(code) = plan {
            beats.push_back(Beat::End(code.clone()));
        } else if *plan == Plan::Endless {
            beats.push_back(Beat::Silence);
        } else if is_qr {
            beats.push_back(Beat::Scan(SCANNED_AFTER));
        } else {
            let ask = Beat::Ask { picture: *plan == Plan::Picture };
            beats.extend(std::iter::repeat_n(ask, asks));
        }
        beats.extend([Beat::Say("0100"), Beat::Say(""), Beat::End("0000".to_owned())]);
        let (plan, callback) = (plan.clone(), callback.to_owned());
        Self { kind, plan, callback, beats, has_called: false, fetched: 0 }
    }

    pub(super) const fn kind(&self) -> DataKind {
        self.kind
    }

    pub(super) const fn plan(&self) -> &Plan {
        &self.plan
    }

    pub(super) fn callback(&self) -> &str {
        &self.callback
    }

    /// Whether it goes on without its customer.
    pub(super) fn moves_by_itself(&self) -> bool {
        match self.beats.front() {
            Some(Beat::Say(_) | Beat::Scan(_)) => true,
            Some(Beat::End(_)) => !self.has_called,
            Some(Beat::Ask { .. } | Beat::Silence) | None => false,
        }
    }

    pub(super) fn look(&mut self) -> Look {
        let quiet = |code: &str, image| Look { code: code.to_owned(), image, callbacks: 0 };
        match self.beats.front_mut() {
            Some(Beat::Say(code)) => {
                let shown = quiet(code, None);
                self.beats.pop_front();
                shown
            }
            Some(Beat::Ask { picture }) => quiet("0006", picture.then_some(PICTURE)),
            Some(Beat::Scan(looks)) => {
                *looks = looks.saturating_sub(1);
                if *looks == 0 {
                    self.beats.pop_front();
                }
                quiet("0006", Some(PICTURE))
            }
            Some(Beat::End(code)) => {
                let code = code.clone();
                let callbacks = if self.has_called || self.plan == Plan::LoseCallback {
                    0
                } else {
                    1 + u32::from(self.plan == Plan::TwoCallbacks)
                };
                self.has_called = true;
                Look { code, image: None, callbacks }
            }
            Some(Beat::Silence) | None => quiet("", None),
        }
    }

    /// What the twin says to an input: `99` and a code fails with it, `980002` is wrong and asked
    /// for again, anything else is right.
    pub(super) fn take(&mut self, input: &str) -> String {
        if !matches!(self.beats.front(), Some(Beat::Ask { .. })) {
            return "1106".to_owned();
        }
        if let Some(code) = code_of(input) {
            self.beats = VecDeque::from([Beat::End(code)]);
        } else if input != "980002" {
            self.beats.pop_front();
        }
        "0009".to_owned()
    }

    pub(super) fn may_be_fetched(&mut self) -> bool {
        let is_over = self.beats.front() == Some(&Beat::End("0000".to_owned()));
        self.fetched = self.fetched.saturating_add(u32::from(is_over));
        is_over && (self.plan != Plan::NotReady || self.fetched > 1)
    }
}
