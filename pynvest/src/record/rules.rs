//! Rules about the values of a page: accounting identities, plausibility, swapped values.

pub(crate) mod identity;
pub(crate) mod interval;
pub(crate) mod plausibility;
pub(crate) mod swapped;
