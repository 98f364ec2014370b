//! The numbers that people call orders and drawdowns by, where a document gives them a shape.

use kernel::id::{ApplicationId, DrawdownId};
use kernel::{Channel, Instant};

/// What an application is called: `cash20261125001`; on channels whose limits are drawn later, 14
/// digits of the time and 10 of its number. Source: document 000, `orderNo`.
pub(super) fn application(channel: Channel, id: ApplicationId, at: Instant) -> String {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    if super::draws_later(channel) {
        return format!("{}{}", digits(&at.shanghai_text()), mixed(id.number(), ORDER));
    }
    format!("cash{}{:03}", digits(&at.date().to_string()), id.number())
}

/// What a drawdown is called: 16 digits. Source: document 000, `withdraw_id`.
pub(super) fn withdrawal(id: DrawdownId) -> String {
    format!("2{}", mixed(id.number(), WITHDRAWAL))
}

/// How numbers are mixed: so many digits, by which factor and summand. The factor ends in 1, 3, 7
/// or 9, so that no two numbers become the same.
type Mix = (usize, i128, i128);

const ORDER: Mix = (10, 3_141_592_653, 5_897_932_384);
const WITHDRAWAL: Mix = (15, 314_159_265_358_979, 323_846_264_338_327);

/// A number without its order, so that nobody reads from it how many there are.
fn mixed(number: i64, (width, factor, summand): Mix) -> String {
    let modulus = 10_i128.checked_pow(u32::try_from(width).unwrap_or(0));
    let mixed = i128::from(number).checked_mul(factor).and_then(|n| n.checked_add(summand));
    let mixed = mixed.zip(modulus).and_then(|(mixed, modulus)| mixed.checked_rem_euclid(modulus));
    format!("{:0width$}", mixed.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn numbers_have_the_shapes_of_the_documents_and_are_never_the_same() {
        let at = Instant::from_millis(1_587_448_816_000); // 2020-04-21 14:00:16 in Shanghai
        let cash = application(Channel::Wukong, ApplicationId::from_number(7), at);
        assert_eq!(cash, "cash20200421007");
        let mut seen = BTreeSet::new();
        for n in 1..2000 {
            let order = application(Channel::Chaojihua, ApplicationId::from_number(n), at);
            assert_eq!((order.len(), &order[..14]), (24, "20200421140016"));
            let withdrawal = withdrawal(DrawdownId::from_number(n));
            assert_eq!(withdrawal.len(), 16);
            assert!(seen.insert(order) && seen.insert(withdrawal));
        }
    }
}
