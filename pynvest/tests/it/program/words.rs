//! With `--lang pt` errors and doubts are in Portuguese.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;

use replica::{Pages, Replica, latin1};
use tempfile::TempDir;

use super::lake::small;
use super::{pynvest, site};

/// The status and what is said of an error.
#[track_caller]
fn said(arguments: &[&str]) -> String {
    let output = pynvest(arguments[0]).args(&arguments[1..]).args(["--lang", "pt"]).output().unwrap();
    assert!(!output.status.success(), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn errors_are_in_portuguese_with_their_causes() {
    let live = ["--interval", "0", "--site", site()];
    let of = |arguments: &[&str]| said(&[arguments, &live].concat());
    assert_eq!(of(&["show", "ZZZZ9"]), "erro: nenhum papel do Fundamentus corresponde a ZZZZ9\n");
    let choose = of(&["show", "PINV"]);
    assert!(
        choose.starts_with("erro: nenhum papel do Fundamentus é exatamente PINV; ")
            && choose.contains(" são parecidos: "),
        "{choose}"
    );
    let folder = TempDir::new().unwrap();
    let none = folder.path().join("nada");
    let none = none.to_str().unwrap();
    assert_eq!(said(&["changes", "--lake", none]), format!("erro: {none} não pode ser lido: não existe\n"));
    let out = folder.path().join("pasta/lista.csv");
    let out = out.to_str().unwrap();
    let denied = of(&["list", "--limit", "1", "--out", out]);
    assert!(denied.ends_with(&format!("erro: {out} não pode ser gravado: não existe\n")), "{denied}");
    // Nobody listens there.
    let refused = said(&["show", "PINV4", "--site", "fundamentus"]);
    assert!(
        refused.starts_with("erro: o cliente não pode ser criado com base_url `fundamentus`"),
        "{refused}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubt_is_below_its_figure_in_both_languages() {
    let folder = TempDir::new().unwrap();
    let page = small(1).details("PINV4").unwrap().replace("49,9%", "94,9%");
    fs::write(folder.path().join("PINV4.html"), latin1(&page)).unwrap();
    let site = Replica::start(Pages::open(folder.path()).unwrap()).await.unwrap();
    let shown = |lang: &str| {
        let output = pynvest("show")
            .args(["PINV4", "--interval", "0", "--lang", lang, "--site", &site.url()])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    for (lang, figure, sentence) in [
        ("en", "roe ! 94.9%", "! ROE is printed as 94.9%, but the page's other figures imply 49.9"),
        (
            "pt",
            "ROE ! 94,9%",
            "! ROE está impresso como 94,9%, mas os outros números da página implicam 49,9",
        ),
    ] {
        let text = shown(lang);
        let lines: Vec<String> =
            text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        let place = lines.iter().position(|line| line == figure).unwrap_or_else(|| panic!("{text}"));
        assert!(lines[place + 1].starts_with(sentence), "{text}");
    }
}

/// A site that answers everything with one page.
fn one_page(page: Vec<u8>) -> String {
    let site = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = site.local_addr().unwrap();
    std::thread::spawn(move || {
        for connection in site.incoming() {
            let mut connection = connection.unwrap();
            let _ = connection.read(&mut [0; 8_192]);
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                page.len()
            );
            let _ = connection.write_all(head.as_bytes()).and_then(|()| connection.write_all(&page));
        }
    });
    format!("http://{address}")
}

#[test]
fn payments_that_are_no_income_have_totals_of_their_own() {
    let page = small(1).dividends("PINV4").unwrap();
    let page = page.replacen(">JRS CAP PROPRIO<", ">CIS RED CAP<", 1);
    // The second is of 2026 too, an instalment of the first whose day is another.
    let page = page.replacen(">JRS CAP PRÓPRIO<", ">BONIFICAÇÃO<", 1);
    let site = one_page(latin1(&page));
    let totals = |lang: &str| -> Vec<String> {
        let output = pynvest("dividends")
            .args(["PINV4", "--since", "2025", "--interval", "0", "--lang", lang, "--site", &site])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        lines.filter(|line| line.contains("total") || line.contains("Totals")).collect()
    };
    assert_eq!(
        totals("en"),
        [
            "PINV4 total 2026 capital returned 0.2055",
            "PINV4 total 2026 other, not income 0.2002",
            "PINV4 total 2025 income 3.2389",
            "Totals go by record date, are gross of tax, and are not adjusted for splits and bonus shares.",
        ]
    );
    assert_eq!(
        totals("pt")[..3],
        [
            "PINV4 total 2026 capital devolvido 0,2055",
            "PINV4 total 2026 outros, não são rendimentos 0,2002",
            "PINV4 total 2025 rendimentos 3,2389",
        ]
    );
}

#[test]
fn a_payment_without_a_record_date_may_be_of_any_year() {
    let page = small(1).dividends("PINV4").unwrap();
    assert!(page.contains(">19/12/2025<"));
    let site = one_page(latin1(&page.replacen(">19/12/2025<", ">-<", 1)));
    let output = pynvest("dividends")
        .args(["PINV4", "--since", "2026", "--interval", "0", "--format", "csv", "--site", &site])
        .output()
        .unwrap();
    let rows = String::from_utf8(output.stdout).unwrap();
    assert!(rows.contains("PINV4,,2026-03-11,dividend,DIVIDENDO,0.5239"), "{rows}");
    assert_eq!(rows.lines().count(), 4, "{rows}");
}

/// A list that ends with its data, as one that was cut.
#[test]
fn doubts_about_a_list_are_said() {
    let page = small(1).stock_list();
    let cut = page.strip_suffix("</html>").unwrap_or(&page);
    let end = cut.find("</table>").unwrap() + "</table>".len();
    let site = one_page(latin1(&format!("{}</html>", &cut[..end])));
    let said = |lang: &str| {
        let mut command = pynvest("list");
        command.args(["--limit", "1", "--interval", "0", "--lang", lang, "--site", &site]);
        String::from_utf8(command.output().unwrap().stderr).unwrap()
    };
    assert!(said("en").contains("\n! the page ends with its data: "), "{}", said("en"));
    assert!(said("pt").contains("\n! a página termina com seus dados: "), "{}", said("pt"));
}

#[test]
fn a_command_that_is_not_understood_is_explained_in_portuguese() {
    for (arguments, expected) in [
        (
            &["list", "--sorte", "dy"][..],
            "erro: argumento desconhecido '--sorte'\n\n  dica: parecido com '--sort'\n\nUso: pynvest list ",
        ),
        (
            &["list", "--format", "word"],
            "erro: valor inválido 'word' para '--format <FORMAT>'\n  [valores possíveis: ",
        ),
        (&["list", "--limit"], "erro: falta o valor de '--limit <N>'\n"),
        (
            &["list", "--limit", "dez"],
            "erro: valor inválido 'dez' para '--limit <N>': não é um número inteiro\n",
        ),
        (
            &["list", "--class", "bdr"],
            "erro: valor inválido 'bdr' para '--class <CLASS>': `bdr` não é um destes: stock, fii\n",
        ),
        (
            &["lake", "--day", "ontem"],
            "erro: valor inválido 'ontem' para '--day <YYYY-MM-DD>': esperava-se um dia como 23/11/2026",
        ),
        (&["lake", "--day", "2200-01-02"], "esperava-se um dia de 1990 a 2100\n"),
        (
            &["show", "PINV4?"],
            "erro: valor inválido 'PINV4?' para '<TICKERS>...': `PINV4?` não é o código de um papel",
        ),
        (&["show"], "erro: faltam argumentos obrigatórios: <TICKERS>...\n\nUso: pynvest show "),
        (&["mostra"], "erro: subcomando desconhecido 'mostra'\n"),
        (&["lake", "--tickers", "PINV4", "--limit", "2"], "' não pode ser usado com '"),
    ] {
        let text = said(arguments);
        assert!(text.contains(expected), "{arguments:?}: {text}");
        let english = ["error", "Usage", "For more", "invalid", "value ", "found", "tip:", "possible"];
        assert!(english.iter().all(|word| !text.contains(word)), "{arguments:?}: {text}");
        assert!(text.ends_with("\n\nMais informações: '--help'.\n"), "{text}");
    }
}

#[test]
fn help_is_in_portuguese() {
    let help = |arguments: &[&str]| {
        let output = pynvest(arguments[0]).args(&arguments[1..]).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{arguments:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let whole = help(&["--help", "--lang", "pt"]);
    for expected in
        ["Uso: pynvest", "\nComandos:\n", "\n  lake ", "\nOpções:\n", "\nExemplos:\n  pynvest show"]
    {
        assert!(whole.contains(expected), "{expected}: {whole}");
    }
    for command in
        ["show", "compare", "list", "find", "dividends", "lake", "history", "changes", "facts", "report"]
    {
        for asked in ["-h", "--help"] {
            let page = help(&[command, "--lang=pt", asked]);
            assert!(page.contains(&format!("\nUso: pynvest {command} ")), "{page}");
            assert!(page.contains("\nOpções:\n") && page.contains("\nExemplo"), "{page}");
            for english in [
                "Usage",
                "Options",
                "OPTIONS",
                "Arguments",
                "alias",
                "default:",
                "possible values",
                "Print ",
                " the ",
                " of ",
            ] {
                assert!(!page.contains(english), "{english}: {page}");
            }
        }
    }
    let manual = help(&["man", "--lang", "pt"]);
    for expected in
        ["Mostra os números de ações e FIIs", ".SH SINOPSE\n", ".SH OPÇÕES\n", "Código de saída: 0 "]
    {
        assert!(manual.contains(expected), "{expected}: {manual}");
    }
    for english in ["SYNOPSIS", "DESCRIPTION", "OPTIONS", "[default:", "Possible values"] {
        assert!(!manual.contains(english), "{english}: {manual}");
    }
    // Without a command, the help is an error.
    let output = pynvest("--lang").arg("pt").output().unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    assert!(String::from_utf8(output.stderr).unwrap().contains("Uso: pynvest [OPÇÕES] <COMANDO>"));
}
