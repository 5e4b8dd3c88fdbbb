//! The examples, run as the README says.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// Where an example is: `cargo test` builds the examples beside the directory of the test binary.
fn example(name: &str) -> Option<PathBuf> {
    let this = std::env::current_exe().ok()?;
    let profile = this.parent().and_then(Path::parent)?;
    let program = profile.join("examples").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    program.exists().then_some(program)
}

#[test]
fn every_example_says_what_its_readers_expect() -> Result<(), Box<dyn std::error::Error>> {
    let folder = TempDir::new()?;
    for (name, expected) in [
        ("stock", &["PINV4 Some(\"PINVESTE"][..]),
        ("list", &[" of 1000 tickers, 0 rows could not be read\n"]),
        ("dividends", &["2025: 3.2389 reais a share\n"]),
        ("parse", &["P/L as printed: Some("]),
        (
            "lake",
            &[
                "    1000 rows  sor/tbsor_fundamentus_indicadores_acoes_raw\n",
                "     450 rows  sor/tbsor_fundamentus_indicadores_fiis_raw\n",
                "    1000 rows  sot/tbsot_fundamentus_indicadores_acoes_prep\n",
                "     450 rows  sot/tbsot_fundamentus_indicadores_fiis_prep\n",
                "    1450 rows  spec/tbspec_fundamentus_cotacao_ativos\n",
                " s, 1452 requests\n",
            ],
        ),
    ] {
        let program = example(name).ok_or_else(|| format!("the example `{name}` is not built"))?;
        let output = Command::new(program).current_dir(&folder).output()?;
        let printed = String::from_utf8(output.stdout)?;
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        for line in expected {
            assert!(printed.contains(line), "{name}: {line} is not in\n{printed}");
        }
    }
    Ok(())
}
