//! Amounts of money as contracts write them: with commas, and in capital numerals (大写).

use kernel::Money;

use crate::paper::put;

const DIGITS: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];
/// Places within a group of four digits, and the names of such groups.
const PLACES: [(i64, &str); 4] = [(1000, "仟"), (100, "佰"), (10, "拾"), (1, "")];
const GROUPS: [(i64, &str); 3] = [(100_000_000, "亿"), (10_000, "万"), (1, "")];

/// Yuan with commas between thousands and two decimals: `16,409.02`.
pub fn grouped(amount: Money) -> String {
    let digits = amount.yuan_part().to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    put(&mut out, format_args!(".{:02}", amount.fen_part()));
    out
}

/// Yuan in capital numerals (人民币大写): `壹万陆仟肆佰零玖元零贰分`, `伍仟元整`.
///
/// Source: 中国人民银行《支付结算办法》附一, 正确填写票据和结算凭证的基本规定. Where it leaves a choice the
/// first of its two forms is taken: 壹拾万柒仟元零伍角叁分, not 壹拾万零柒仟元伍角叁分.
pub fn capitals(amount: Money) -> String {
    let yuan = amount.yuan_part();
    let (jiao, fen) = (amount.fen_part() / 10, amount.fen_part() % 10);
    let mut out = String::new();
    // A zero that stands before the next digit, if digits have been written already.
    let mut gap = false;
    for (group, name) in GROUPS {
        let four = yuan / group % 10_000;
        for (place, place_name) in PLACES {
            let digit = four / place % 10;
            numeral(&mut out, digit, place_name, &mut gap);
        }
        if four > 0 {
            out.push_str(name);
        }
        if group > 1 {
            gap = false; // a zero before the next group is written only where that begins with one
        }
    }
    if yuan > 0 {
        out.push('元');
    }
    if amount == Money::ZERO {
        out.push_str("零元");
    }
    if jiao == 0 && fen == 0 {
        out.push('整');
        return out;
    }
    // 元 that ends in zeros takes one before 角, as in the source's 壹仟陆佰捌拾元零叁角贰分.
    numeral(&mut out, jiao, "角", &mut gap);
    numeral(&mut out, fen, "分", &mut gap);
    out
}

fn numeral(out: &mut String, digit: i64, name: &str, gap: &mut bool) {
    if digit == 0 {
        *gap = !out.is_empty();
        return;
    }
    if *gap {
        out.push('零');
        *gap = false;
    }
    let digit = usize::try_from(digit).ok().and_then(|digit| DIGITS.get(digit));
    out.extend(digit);
    out.push_str(name);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(yuan: &str, commas: &str, words: &str) {
        let amount = Money::parse_yuan(yuan).unwrap();
        assert_eq!(grouped(amount), commas);
        assert_eq!(capitals(amount), words);
    }

    /// The figures and words of the central bank's own rule (支付结算办法 附一, 五).
    #[test]
    fn capitals_are_those_of_the_central_bank() {
        check("1409.50", "1,409.50", "壹仟肆佰零玖元伍角");
        check("6007.14", "6,007.14", "陆仟零柒元壹角肆分");
        check("1680.32", "1,680.32", "壹仟陆佰捌拾元零叁角贰分");
        check("107000.53", "107,000.53", "壹拾万柒仟元零伍角叁分");
        check("16409.02", "16,409.02", "壹万陆仟肆佰零玖元零贰分");
        check("325.04", "325.04", "叁佰贰拾伍元零肆分");
    }

    #[test]
    fn round_and_small_amounts_end_properly() {
        check("0.00", "0.00", "零元整");
        check("0.05", "0.05", "伍分");
        check("0.50", "0.50", "伍角");
        check("5000.00", "5,000.00", "伍仟元整");
        check("100000.00", "100,000.00", "壹拾万元整");
        check("100000001.00", "100,000,001.00", "壹亿零壹元整");
        check("120000300.00", "120,000,300.00", "壹亿贰仟万零叁佰元整");
    }
}
