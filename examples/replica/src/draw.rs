//! Knows how a seed and names make a draw that depends on nothing else.

/// Continues from a seed with a name.
pub(crate) fn mixed(seed: u64, name: &str) -> u64 {
    name.bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}
