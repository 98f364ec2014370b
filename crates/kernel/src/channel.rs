//! Which door a customer came through.

/// A channel (渠道): one documented wire protocol, named by its partner's own word.
///
/// A customer belongs to the channel where they registered: channel and mobile number together
/// are unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// 前程贷, document 004.
    Futureloan,
    /// 现金贷, document 001.
    Xianjindai,
    /// 悟空, document 002.
    Wukong,
    /// 第一甩单, document 003.
    Shuaidan,
    /// 超即花, document 000.
    Chaojihua,
}

impl Channel {
    /// Every channel there is.
    pub const ALL: &[Self] =
        &[Self::Futureloan, Self::Xianjindai, Self::Wukong, Self::Shuaidan, Self::Chaojihua];

    /// The channel with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|channel| channel.word() == word)
    }

    /// The word used in addresses, in the database and in the logs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Futureloan => "futureloan",
            Self::Xianjindai => "xianjindai",
            Self::Wukong => "wukong",
            Self::Shuaidan => "shuaidan",
            Self::Chaojihua => "chaojihua",
        }
    }
}
