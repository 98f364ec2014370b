//! What a customer gives so that a provider can log in for them, and its shape.

use kernel::Secret;

use crate::ports::{AccountLogin, DataKind};

/// Characters of an account's name or password at most.
const LONGEST: usize = 100;
/// Mailboxes whose bills the provider can read. Source: the contract of document 002.
const MAILBOXES: &[&str] = &["163.com", "126.com", "sina.com", "sina.cn", "qq.com", "139.com"];
/// The mailbox that its owner logs in to by a QR code.
const QR_MAILBOX: &str = "qq.com";

/// Banks whose accounts can be read, by their eight digits. Source: document 002, 网银流水查询.
pub const EBANKS: &[(&str, &str)] = &[
    ("01040000", "中国银行"),
    ("01020000", "工商银行"),
    ("01050000", "建设银行"),
    ("01030000", "农业银行"),
    ("03010000", "交通银行"),
    ("03080000", "招商银行"),
    ("03090000", "兴业银行"),
    ("03060000", "广发银行"),
    ("03100000", "浦发银行"),
    ("03070000", "平安银行"),
    ("04012900", "上海银行"),
    ("03020000", "中信银行"),
    ("03040000", "华夏银行"),
    ("03050000", "民生银行"),
    ("03030000", "光大银行"),
    ("01000000", "邮储银行"),
];

/// What the customer gives for a kind of data.
#[derive(Clone, Debug)]
pub enum Login {
    /// The operator's password for the account's mobile number (服务密码).
    Mobile(Secret),
    /// The same, for the report.
    MobileReport(Secret),
    /// An account at JD.
    Jd(AccountLogin),
    /// Nothing: a QR code comes.
    Taobao,
    /// An account at the register of degrees (学信网).
    Education(AccountLogin),
    /// A mailbox and its password, which a mailbox at qq.com does not need.
    Bill(AccountLogin),
    /// An account at a bank.
    Ebank {
        /// The account.
        login: AccountLogin,
        /// The bank, by its eight digits; see [`EBANKS`].
        bank: String,
    },
}

/// What is wrong with a [`Login`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    Shape,
    Mailbox,
    Bank,
}

impl Login {
    /// What the data are about.
    pub const fn kind(&self) -> DataKind {
        match self {
            Self::Mobile(_) => DataKind::Mobile,
            Self::MobileReport(_) => DataKind::MobileReport,
            Self::Jd(_) => DataKind::Jd,
            Self::Taobao => DataKind::Taobao,
            Self::Education(_) => DataKind::Education,
            Self::Bill(_) => DataKind::Bill,
            Self::Ebank { .. } => DataKind::Ebank,
        }
    }

    /// Whether the provider is told who the customer is.
    pub(super) const fn needs_identity(&self) -> bool {
        matches!(self, Self::Mobile(_) | Self::MobileReport(_))
    }

    pub(super) fn check(&self) -> Result<(), Problem> {
        let fits = |text: &Secret| is_line(text.expose());
        let shape = match self {
            Self::Mobile(code) | Self::MobileReport(code) => fits(code),
            Self::Taobao => true,
            Self::Jd(login) | Self::Education(login) | Self::Ebank { login, .. } => {
                fits(&login.username) && fits(&login.password)
            }
            Self::Bill(login) => {
                let domain = domain(login.username.expose()).ok_or(Problem::Mailbox)?;
                fits(&login.username) && (domain == QR_MAILBOX || fits(&login.password))
            }
        };
        if !shape {
            return Err(Problem::Shape);
        }
        match self {
            Self::Ebank { bank, .. } if !EBANKS.iter().any(|(code, _)| code == bank) => {
                Err(Problem::Bank)
            }
            Self::Ebank { .. }
            | Self::Mobile(_)
            | Self::MobileReport(_)
            | Self::Jd(_)
            | Self::Taobao
            | Self::Education(_)
            | Self::Bill(_) => Ok(()),
        }
    }

    /// One line for each part; none of them can hold a line break.
    pub(super) fn text(&self) -> Secret {
        let parts = match self {
            Self::Mobile(code) | Self::MobileReport(code) => vec![code.expose()],
            Self::Taobao => vec![],
            Self::Bill(login) if is_by_qr(login.username.expose()) => {
                vec![login.username.expose()]
            }
            Self::Jd(login) | Self::Education(login) | Self::Bill(login) => pair(login),
            Self::Ebank { login, bank } => {
                vec![login.username.expose(), login.password.expose(), bank]
            }
        };
        Secret::new(parts.join("\n"))
    }
}

fn pair(login: &AccountLogin) -> Vec<&str> {
    vec![login.username.expose(), login.password.expose()]
}

/// Whether a text can be a name, a password or a code: one line that is not empty.
pub(super) fn is_line(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= LONGEST && !text.chars().any(char::is_control)
}

/// The domain of a mailbox, if bills can be read there.
fn domain(address: &str) -> Option<&'static str> {
    let (name, domain) = address.rsplit_once('@')?;
    let known = MAILBOXES.iter().find(|known| known.eq_ignore_ascii_case(domain));
    known.copied().filter(|_| !name.is_empty())
}

/// Whether the owner of a mailbox logs in by a QR code.
pub(super) fn is_by_qr(address: &str) -> bool {
    domain(address) == Some(QR_MAILBOX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.into())
    }

    fn account(username: &str, password: &str) -> AccountLogin {
        AccountLogin { username: secret(username), password: secret(password) }
    }

    #[test]
    fn logins_have_a_shape() {
        let long = "x".repeat(LONGEST + 1);
        for (login, wanted) in [
            (Login::Mobile(secret("123456")), Ok(())),
            (Login::Mobile(secret("")), Err(Problem::Shape)),
            (Login::MobileReport(secret("12\n34")), Err(Problem::Shape)),
            (Login::Taobao, Ok(())),
            (Login::Jd(account("someone", "secret1")), Ok(())),
            (Login::Jd(account("someone", "")), Err(Problem::Shape)),
            (Login::Education(account(&long, "secret1")), Err(Problem::Shape)),
            (Login::Bill(account("a@163.com", "secret1")), Ok(())),
            (Login::Bill(account("a@163.com", "")), Err(Problem::Shape)),
            (Login::Bill(account("a@QQ.com", "")), Ok(())),
            (Login::Bill(account("@qq.com", "")), Err(Problem::Mailbox)),
            (Login::Bill(account("a@example.com", "secret1")), Err(Problem::Mailbox)),
            (Login::Bill(account("qq.com", "secret1")), Err(Problem::Mailbox)),
            (Login::Bill(account("a@b.qq.com", "secret1")), Err(Problem::Mailbox)),
        ] {
            assert_eq!(login.check(), wanted, "{:?}", login.text().expose());
        }
        let bank = |bank: &str| Login::Ebank { login: account("a", "b"), bank: bank.into() };
        assert_eq!(bank("03080000").check(), Ok(()));
        assert_eq!(bank("99990000").check(), Err(Problem::Bank));
    }

    #[test]
    fn a_mailbox_at_qq_gives_no_password_away() {
        let text = Login::Bill(account("a@qq.com", "secret1")).text();
        assert_eq!(text.expose(), "a@qq.com");
    }
}
