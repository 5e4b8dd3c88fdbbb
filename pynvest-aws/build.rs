//! Links what is put on AWS at a fixed address: without relocations it is a megabyte smaller.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // The shipping profile is the only one that optimizes for size.
    if std::env::var("OPT_LEVEL").is_ok_and(|level| level == "z") {
        println!("cargo::rustc-link-arg-bin=bootstrap=-no-pie");
    }
}
