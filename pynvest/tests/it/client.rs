//! The client against sites that misbehave.

#[path = "client/misbehaving_site.rs"]
mod misbehaving_site;
#[path = "client/parts.rs"]
mod parts;
#[path = "client/wire.rs"]
mod wire;
