//! Random bytes for ids, tokens and codes, from the system.

use lending::Fault;

/// So many random bytes. A system that has none is the platform's fault.
pub fn bytes<const N: usize>() -> Result<[u8; N], Fault> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Fault::Engine("no random bytes".to_owned()))?;
    Ok(bytes)
}

/// A number below a limit, for codes that people type; nothing is below 0.
pub fn below(limit: u64) -> Result<u64, Fault> {
    Ok(u64::from_be_bytes(bytes()?).checked_rem(limit).unwrap_or(0))
}
