//! LianLian Pay (连连支付): signing cards, taking instalments, paying out.

pub mod load;
pub mod sign;
