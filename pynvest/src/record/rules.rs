//! Rules about the values of a page: accounting identities, plausibility, swapped values, the composition of a FII.

pub(crate) mod bounds;
pub(crate) mod damaged;
pub(crate) mod formula;
pub(crate) mod fund;
pub(crate) mod identity;
pub(crate) mod interval;
pub(crate) mod listed;
pub(crate) mod lot;
pub(crate) mod plausibility;
pub(crate) mod swapped;
