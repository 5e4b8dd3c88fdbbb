//! Links what is put on AWS without what it never uses: relocations, since its address is fixed, and the tables for
//! unwinding, since a panic ends it. Together they are a fifth of the size.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=ship.ld");
    // The shipping profile is the only one that optimizes for size.
    if std::env::var("OPT_LEVEL").is_ok_and(|level| level == "z") {
        let script = concat!("-Wl,-T,", env!("CARGO_MANIFEST_DIR"), "/ship.ld");
        for argument in ["-no-pie", "-Wl,--no-eh-frame-hdr", script] {
            println!("cargo::rustc-link-arg-bin=bootstrap={argument}");
        }
    }
}
