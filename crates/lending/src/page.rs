//! Pages of long lists.

/// One page of a list: numbered from 1, of a bounded size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    offset: i64,
    size: i64,
}

impl Page {
    /// The most rows that one page holds.
    pub const MOST: i64 = 100;
    /// More rows than any list has.
    const BEYOND: i64 = 1 << 60;

    /// Page `number` of `size` rows; a larger size is cut to [`Page::MOST`].
    /// `None` if either is less than one.
    pub fn new(number: i64, size: i64) -> Option<Self> {
        let size = size.min(Self::MOST);
        let offset = number.saturating_sub(1).saturating_mul(size).min(Self::BEYOND);
        (number >= 1 && size >= 1).then_some(Self { offset, size })
    }

    /// `size` rows from the one after `offset` rows on, for lists that are not cut into pages; a
    /// larger size is cut to [`Page::MOST`]. `None` for less than no offset or less than one row.
    pub fn from_offset(offset: i64, size: i64) -> Option<Self> {
        let (offset, size) = (offset.min(Self::BEYOND), size.min(Self::MOST));
        (offset >= 0 && size >= 1).then_some(Self { offset, size })
    }

    /// Which page it is, from 1.
    pub fn number(self) -> i64 {
        self.offset.div_euclid(self.size).saturating_add(1)
    }

    /// Rows on the page.
    pub fn size(self) -> i64 {
        self.size
    }

    /// Rows before the page; pages beyond any list are empty, and no sum with this overflows.
    pub fn offset(self) -> i64 {
        self.offset
    }
}
