//! Random letters and digits, from the system.

/// What they are made of: 64 signs, A and Z twice, so that six bits of a byte choose one.
const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789AZ";

/// So many random letters and digits; `None` if the system gives none.
pub(crate) fn letters(count: usize) -> Option<String> {
    let mut bytes = vec![0_u8; count];
    getrandom::fill(&mut bytes).ok()?;
    let sign = |byte: &u8| SIGNS.get(usize::from(byte % 64)).map(|sign| char::from(*sign));
    bytes.iter().map(sign).collect()
}

/// So many random bytes as lower-case hex.
pub(crate) fn hex(count: usize) -> Option<String> {
    let mut bytes = vec![0_u8; count];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A random number below a bound; zero if the bound is, or the system gives none.
pub(crate) fn below(bound: u64) -> u64 {
    getrandom::u64().ok().and_then(|number| number.checked_rem(bound)).unwrap_or_default()
}
