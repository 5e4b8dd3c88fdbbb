//! What a run of the lake has to say to people.

use std::fmt::Write;
use std::path::Path;

use pynvest::Class;
use pynvest::lake::pipeline::partition;
use pynvest::lake::{Failure, Layer, PageCounts, Report, Table};

use crate::view::text::{Lang, escape_control};

/// Papers or files named of each kind; the JSON has them all.
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
    writeln!(text, "{} {} {}", report.day, lang.pick("in", "em"), escape_control(&out.to_string_lossy()))?;
    if whole == 0 {
        writeln!(text, "{:>8} {}", 0, lang.pick("rows", "linhas"))?;
    }
    for (table, rows) in report.rows.iter().filter(|_| whole > 0) {
        writeln!(text, "{rows:>8} {}  {}/{}", lang.pick("rows", "linhas"), table.layer, table.name)?;
    }
    if let Some(files) = &report.files {
        saved(text, files, lang)?;
    }
    let failed = lang.pick("failed", "falharam");
    for (kind, failures) in report.causes() {
        grouped(text, &format!("{failed}: {kind}"), &failures, lang)?;
    }
    let ended: Vec<&Failure> = report.ended.iter().collect();
    let what =
        lang.pick("have no page any more, which is no failure", "não têm mais página, o que não é uma falha");
    named(text, what, ended.iter().map(|ended| ended.ticker.as_str()))?;
    let papers = |text: &mut String, english: &str, portuguese: &str, papers: Vec<&str>| {
        named(text, lang.pick(english, portuguese), papers.into_iter())
    };
    papers(
        text,
        "kept from an earlier run, not read again",
        "mantidos de uma execução anterior, não lidos de novo",
        report.kept.iter().map(String::as_str).collect(),
    )?;
    papers(
        text,
        "listed by the site, not in the day",
        "listados pelo site, ausentes do dia",
        report.missing.iter().map(String::as_str).collect(),
    )?;
    papers(
        text,
        "in doubt, see _doubts",
        "em dúvida, veja _doubts",
        report.doubted.iter().map(|paper| paper.ticker.as_str()).collect(),
    )?;
    papers(
        text,
        "files that are no part of the lake, left alone",
        "arquivos que não são do lago, deixados como estão",
        report.foreign.iter().map(String::as_str).collect(),
    )?;
    papers(
        text,
        "damaged files, whose papers are as SoT had them",
        "arquivos danificados, cujos papéis ficam como estavam na SoT",
        report.damaged.iter().map(String::as_str).collect(),
    )?;
    if report.resumed > 0 {
        let what = lang.pick(
            "read a little while ago by a run that ended early",
            "lidos há pouco por uma execução que terminou antes",
        );
        writeln!(text, "{:>8} {what}", report.resumed)?;
    }
    for (day, papers) in &report.recovered {
        let what = lang
            .pick("read by a run that was killed, now in", "lidos por uma execução interrompida, agora em");
        writeln!(text, "{papers:>8} {what} {day}")?;
    }
    if let Some(stopped) = &report.stopped {
        writeln!(
            text,
            "         {}: {stopped}",
            lang.pick("the run stopped early", "a execução parou antes")
        )?;
    }
    for finding in &report.findings {
        writeln!(text, "         {}", escape_control(&finding.message))?;
    }
    let requests = lang.pick("requests", "requisições");
    let seconds = format!("{:.1}", report.took.as_secs_f32());
    writeln!(
        text,
        "{} s, {} {requests}",
        lang.pick(seconds.clone(), seconds.replace('.', ",")),
        report.requests
    )
}

fn saved(text: &mut String, files: &PageCounts, lang: Lang) -> std::fmt::Result {
    let PageCounts { read, older, same, unwanted, other, unusable, .. } = files;
    match lang {
        Lang::En => write!(text, "{read:>8} pages read, {older} older, {same} the same")?,
        Lang::Pt => write!(text, "{read:>8} páginas lidas, {older} mais antigas, {same} iguais")?,
    }
    if *unwanted > 0 {
        write!(text, ", {unwanted} {}", lang.pick("of other papers", "de outros papéis"))?;
    }
    writeln!(text)?;
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
        let what = lang.pick("files cannot be used", "arquivos não podem ser usados");
        grouped(text, &format!("{what}: {kind}"), &failures, lang)?;
    }
    Ok(())
}

fn grouped(text: &mut String, what: &str, failures: &[&Failure], lang: Lang) -> std::fmt::Result {
    named(text, what, failures.iter().map(|failure| failure.ticker.as_str()))?;
    match failures.first() {
        Some(first) => {
            writeln!(
                text,
                "         {}: {}",
                lang.pick("such as", "por exemplo"),
                escape_control(&first.message)
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
        "  python -c \"import pandas; print(pandas.read_parquet('{folder}/anomesdia_exec={day}'))\""
    )
}
