//! Conditions as people write them: in either language, with accents or without, and what they were understood as.

use std::process::Output;

use super::{pynvest, site};

fn screen(lang: &str, arguments: &[&str]) -> Output {
    let mut command = pynvest("list");
    command.args([
        "--interval",
        "0",
        "--site",
        site(),
        "--lang",
        lang,
        "--format",
        "csv",
        "--columns",
        "ticker",
    ]);
    command.args(arguments).output().unwrap()
}

/// The tickers and the summary.
#[track_caller]
fn found(lang: &str, arguments: &[&str]) -> (Vec<String>, String) {
    let output = screen(lang, arguments);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    let text = String::from_utf8(output.stdout).unwrap();
    (text.lines().skip(1).map(str::to_owned).collect(), said)
}

#[test]
fn numbers_are_read_as_the_language_prints_them_and_the_summary_says_how() {
    let (plain, _) = found("en", &["liquidity>100000"]);
    for (lang, written, understood) in [
        ("pt", "liquidity>100.000", "papéis atendem liquidity > 100.000,00;"),
        ("pt", "liquidity>100.000,00", "papéis atendem liquidity > 100.000,00;"),
        ("en", "liquidity>100,000", "tickers match liquidity > 100,000.00;"),
        ("en", "liquidity>1e5", "tickers match liquidity > 100,000.00;"),
    ] {
        let (tickers, said) = found(lang, &[written]);
        assert!(tickers == plain && said.contains(understood), "{written}: {said}");
    }
    let (tickers, said) = found("pt", &["name~pinv dy>=5,68%", "liquidity>1.000.000"]);
    assert_eq!(tickers, ["BPIN3", "PINV4"]);
    assert!(said.contains("name ~ pinv e dy >= 5,68% e liquidity > 1.000.000,00"), "{said}");
    for (lang, doubtful, readings) in [
        ("en", "liquidity>100.000", "`100.000` may be 100.000 or 100,000"),
        ("pt", "liquidity>100,000", "`100,000` pode ser 100,000 ou 100.000"),
        ("pt", "pl<8.125", "`8.125` pode ser 8,125 ou 8.125"),
        ("en", "pl<8,125", "`8,125` may be 8.125 or 8,125"),
    ] {
        let output = screen(lang, &[doubtful]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{doubtful}: {said}");
        assert!(said.contains(readings), "{said}");
    }
}

#[test]
fn names_are_found_without_accents_and_with_blanks() {
    for written in
        ["name~banco pinv", "name ~ \"BANCO PINV\"", "name~bánco pinv pl>20", "name~ba\u{301}nco pinv pl>20"]
    {
        assert!(found("en", &[written]).0.contains(&"BPIN3".to_owned()), "{written}");
    }
    let funds = |written| found("en", &["--class", "fii", written]).0;
    assert!(funds("segment~logistica").contains(&"PFII11".to_owned()));
    assert_eq!(funds("segment~logistica"), funds("segment~Logi\u{301}stica"));
    assert_eq!(funds("segment~logistica"), funds("segment=LOGÍSTICA"));
}

#[test]
fn habits_of_other_programs_are_understood() {
    let first = |arguments: &[&str]| found("pt-BR", arguments).0[0].clone();
    assert_eq!(first(&["name~pinv pl>0", "--sort", "-pl"]), "PINV4");
    assert_eq!(first(&["name~pinv pl>0", "--sort", "pl", "--desc"]), "PINV4");
    let mut command = pynvest("list");
    command
        .args(["name~pinv", "--limit", "1", "--interval", "0"])
        .env("PYNVEST_SITE", site())
        .env("LANG", "pt_BR.UTF-8");
    command.env_remove("LC_ALL").env_remove("LC_MESSAGES");
    let said = String::from_utf8(command.output().unwrap().stderr).unwrap();
    assert!(said.contains("papéis atendem"), "{said}");
    command.env("PYNVEST_LANG", "en");
    let said = String::from_utf8(command.output().unwrap().stderr).unwrap();
    assert!(said.contains("tickers match"), "{said}");
    let names = pynvest("list").args(["--columns", "help", "--lang", "en"]).output().unwrap();
    let names = String::from_utf8(names.stdout).unwrap();
    assert!(
        names.lines().any(|line| line.starts_with("pl ") && line.contains("price_to_earnings")),
        "{names}"
    );
}
