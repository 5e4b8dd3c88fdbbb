//! The report of a lake run, for people.

use std::fmt::Write;
use std::path::Path;

use pynvest::Class;
use pynvest::lake::pipeline::partition;
use pynvest::lake::{Failure, Finding, Layer, PageCounts, Report, Table};
use pynvest::record::one_or_many;

use crate::view::text::{Lang, escape_control};

/// Securities or files named of each kind; the JSON has them all.
const NAMED: usize = 12;

pub(crate) fn tell(reports: &[Report], out: &Path, lang: Lang) -> String {
    let mut text = String::new();
    for report in reports {
        // Writing to a text does not fail.
        let _ = day(&mut text, report, out, lang);
    }
    if let Some(last) = reports.last() {
        let _ = ask(&mut text, last, out, lang);
    }
    text
}

fn day(text: &mut String, report: &Report, out: &Path, lang: Lang) -> std::fmt::Result {
    let whole = report.rows.iter().map(|(_, rows)| rows).sum::<usize>();
    writeln!(
        text,
        "{} {} {}",
        lang.day(report.day),
        lang.pick("in", "em"),
        escape_control(&out.to_string_lossy())
    )?;
    waiting(text, &report.waiting, lang)?;
    let lines = |count| lang.pick(one_or_many(count, "row", "rows"), one_or_many(count, "linha", "linhas"));
    if whole == 0 {
        writeln!(text, "{:>8} {}", 0, lines(0))?;
    }
    for (table, rows) in report.rows.iter().filter(|_| whole > 0) {
        writeln!(text, "{rows:>8} {}  {}/{}", lines(*rows), table.layer, table.name)?;
    }
    if let Some(files) = &report.files {
        saved(text, files, lang)?;
    }
    for (kind, failures) in report.causes() {
        let failed = lang.pick("failed", one_or_many(failures.len(), "falhou", "falharam"));
        grouped(text, &format!("{failed}: {kind}"), &failures, lang)?;
    }
    unusual(text, report, lang)?;
    earlier_runs(text, report, lang)?;
    if let Some(stopped) = &report.stopped {
        writeln!(
            text,
            "         {}: {}",
            lang.pick("the run stopped early", "a execução parou antes"),
            lang.pick(stopped.to_string(), stopped.portuguese())
        )?;
    }
    findings(text, report, lang)?;
    let one = report.requests == 1;
    let requests = lang.pick(["requests", "request"], ["requisições", "requisição"])[usize::from(one)];
    let seconds = format!("{:.1}", report.took.as_secs_f32());
    writeln!(
        text,
        "{} s, {} {requests}",
        lang.pick(seconds.clone(), seconds.replace('.', ",")),
        report.requests
    )
}

fn waiting(text: &mut String, classes: &[Class], lang: Lang) -> std::fmt::Result {
    for class in classes {
        let whose = match class {
            Class::Stock => lang.pick("the stocks", "as ações"),
            Class::Fii => lang.pick("the FIIs", "os FIIs"),
        };
        let waits = match lang {
            Lang::En => format!(
                "{whose} of this day contradict the last day and wait: SoT and Spec stay as they were; take them with --accept, or run again"
            ),
            Lang::Pt => format!(
                "{whose} deste dia contradizem o último e esperam: SoT e Spec ficam como estavam; aceite com --accept ou execute de novo"
            ),
        };
        writeln!(text, "         {waits}")?;
    }
    Ok(())
}

/// The tickers and files that are not as most.
fn unusual(text: &mut String, report: &Report, lang: Lang) -> std::fmt::Result {
    // One and many, in either language.
    let whats: [(Vec<&str>, [&str; 2], [&str; 2]); 6] = [
        (
            report.ended.iter().map(|ended| ended.ticker.as_str()).collect(),
            ["has no page any more, which is no failure", "have no page any more, which is no failure"],
            ["não tem mais página, o que não é uma falha", "não têm mais página, o que não é uma falha"],
        ),
        (
            report.kept.iter().map(String::as_str).collect(),
            ["kept from an earlier run, not read again"; 2],
            [
                "mantido de uma execução anterior, não lido de novo",
                "mantidos de uma execução anterior, não lidos de novo",
            ],
        ),
        (
            report.missing.iter().map(String::as_str).collect(),
            ["listed by the site, not in the day"; 2],
            ["listado pelo site, ausente do dia", "listados pelo site, ausentes do dia"],
        ),
        (
            report.doubted.iter().map(|security| security.ticker.as_str()).collect(),
            ["in doubt, see _doubts"; 2],
            ["em dúvida, veja _doubts"; 2],
        ),
        (
            report.foreign.iter().map(String::as_str).collect(),
            [
                "file that is not part of the lake, left alone",
                "files that are not part of the lake, left alone",
            ],
            [
                "arquivo que não faz parte do lake, deixado como está",
                "arquivos que não fazem parte do lake, deixados como estão",
            ],
        ),
        (
            report.damaged.iter().map(String::as_str).collect(),
            [
                "damaged file, whose tickers are as SoT had them",
                "damaged files, whose tickers are as SoT had them",
            ],
            [
                "arquivo danificado, cujos papéis ficam como estavam na SoT",
                "arquivos danificados, cujos papéis ficam como estavam na SoT",
            ],
        ),
    ];
    for (names, english, portuguese) in whats {
        let [one, many] = lang.pick(english, portuguese);
        named(text, one_or_many(names.len(), one, many), names.into_iter())?;
    }
    Ok(())
}

fn earlier_runs(text: &mut String, report: &Report, lang: Lang) -> std::fmt::Result {
    if report.resumed > 0 {
        let what = lang.pick(
            "read a little while ago by a run that ended early",
            one_or_many(
                report.resumed,
                "lido há pouco por uma execução que terminou antes",
                "lidos há pouco por uma execução que terminou antes",
            ),
        );
        writeln!(text, "{:>8} {what}", report.resumed)?;
    }
    for (day, securities) in &report.recovered {
        let read = one_or_many(*securities, "lido", "lidos");
        let what = lang.pick(
            "read by a run that was killed, now in".to_owned(),
            format!("{read} por uma execução interrompida, agora em"),
        );
        writeln!(text, "{securities:>8} {what} {}", lang.day(*day))?;
    }
    Ok(())
}

fn findings(text: &mut String, report: &Report, lang: Lang) -> std::fmt::Result {
    let said =
        |finding: &Finding| escape_control(lang.pick(finding.message.as_str(), finding.portuguese.as_str()));
    for finding in &report.findings {
        writeln!(text, "         {}", said(finding))?;
    }
    for finding in &report.accepted {
        writeln!(text, "         {}: {}", lang.pick("accepted", "aceito"), said(finding))?;
    }
    for (day, rows) in &report.released {
        let what = lang.pick(
            one_or_many(*rows, "row that waited, now in", "rows that waited, now in"),
            one_or_many(*rows, "linha que esperava, agora em", "linhas que esperavam, agora em"),
        );
        writeln!(text, "{rows:>8} {what} {}", lang.day(*day))?;
    }
    Ok(())
}

fn saved(text: &mut String, files: &PageCounts, lang: Lang) -> std::fmt::Result {
    let PageCounts {
        read,
        older,
        same,
        unwanted,
        dated_by_file,
        perhaps_copied,
        passed_over,
        other,
        unusable,
        unnamed,
        ..
    } = files;
    match lang {
        Lang::En => {
            let pages = one_or_many(*read, "page", "pages");
            write!(text, "{read:>8} {pages} read, {older} older, {same} the same")?;
        }
        Lang::Pt => {
            let pages = one_or_many(*read, "página lida", "páginas lidas");
            let [oldest, equal] =
                [one_or_many(*older, "mais antiga", "mais antigas"), one_or_many(*same, "igual", "iguais")];
            write!(text, "{read:>8} {pages}, {older} {oldest}, {same} {equal}")?;
        }
    }
    if *unwanted > 0 {
        write!(text, ", {unwanted} {}", lang.pick("of other tickers", "de outros papéis"))?;
    }
    writeln!(text)?;
    if *perhaps_copied {
        let said = match lang {
            Lang::En => {
                "with their day, today, only from the time of their file: a clone or an unzip of older pages? --day says \
                         which day it is"
            }
            Lang::Pt => {
                "com seu dia, hoje, só pela data do arquivo: um clone ou unzip de páginas antigas? --day diz qual é o dia"
            }
        };
        writeln!(text, "{dated_by_file:>8} {said}")?;
    }
    named(text, no_pages(passed_over.len(), lang), passed_over.iter().map(String::as_str))?;
    for (kind, names) in other {
        named(
            text,
            &format!("{} {kind}", lang.pick("of another kind:", "de outro tipo:")),
            names.iter().map(String::as_str),
        )?;
    }
    let mut kinds: Vec<&str> = unusable.iter().map(|failure| failure.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    for kind in kinds {
        let failures: Vec<&Failure> = unusable.iter().filter(|failure| failure.kind == kind).collect();
        let what = lang.pick(
            one_or_many(failures.len(), "file cannot be used", "files cannot be used"),
            one_or_many(failures.len(), "arquivo não pode ser usado", "arquivos não podem ser usados"),
        );
        grouped(text, &format!("{what}: {kind}"), &failures, lang)?;
    }
    if *unnamed > 0 {
        let what = lang.pick(
            one_or_many(
                *unnamed,
                "more page or file that is not named",
                "more pages or files that are not named",
            ),
            one_or_many(
                *unnamed,
                "outra página ou arquivo, sem nome aqui",
                "outras páginas ou arquivos, sem nome aqui",
            ),
        );
        writeln!(text, "{unnamed:>8} {what}")?;
    }
    Ok(())
}

/// Files that are passed over.
pub(crate) fn no_pages(count: usize, lang: Lang) -> &'static str {
    lang.pick(
        one_or_many(
            count,
            "file that is no page by its name, passed over",
            "files that are no pages by their name, passed over",
        ),
        one_or_many(count, "arquivo sem nome de página, ignorado", "arquivos sem nome de página, ignorados"),
    )
}

fn grouped(text: &mut String, what: &str, failures: &[&Failure], lang: Lang) -> std::fmt::Result {
    named(text, what, failures.iter().map(|failure| failure.ticker.as_str()))?;
    match failures.first() {
        Some(first) => {
            writeln!(
                text,
                "         {}: {}",
                lang.pick("such as", "por exemplo"),
                escape_control(lang.pick(&first.message, &first.portuguese))
            )
        }
        None => Ok(()),
    }
}

fn named<'a>(
    text: &mut String,
    what: &str,
    names: impl ExactSizeIterator<Item = &'a str>,
) -> std::fmt::Result {
    let (count, more) = (names.len(), if names.len() > NAMED { ", …" } else { "" });
    if count == 0 {
        return Ok(());
    }
    let names: Vec<_> = names.take(NAMED).map(escape_control).collect();
    writeln!(text, "{count:>8} {what}: {}{more}", names.join(", "))
}

/// How others read what is there now.
fn ask(text: &mut String, report: &Report, out: &Path, lang: Lang) -> std::fmt::Result {
    let spec = Table::of(Layer::Spec, Class::Stock);
    let folder = out.join(spec.layer.to_string()).join(spec.name);
    let (folder, day) = (escape_control(&folder.to_string_lossy()), partition(report.day));
    writeln!(text, "\n{}", lang.pick("Ask it, with DuckDB or pandas:", "Consulte com DuckDB ou pandas:"))?;
    writeln!(
        text,
        "  duckdb -c \"FROM read_parquet('{folder}/*/*.parquet', hive_partitioning = true) LIMIT 5\""
    )?;
    writeln!(
        text,
        "  python -c \"import pandas; print(pandas.read_parquet('{folder}', filters=[('anomesdia_exec', '==', {day})]))\""
    )
}
