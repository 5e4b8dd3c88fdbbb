//! The day of the lake: what it gives, and that nothing that happens to it harms what is there.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use pynvest::Class;
use pynvest::lake::{Batch, Layer, TABLES, Table};
use pynvest::record::Value;
use replica::{Exchange, Fault, Replica, latin1};
use serde_json::json;
use tempfile::TempDir;

use super::hostile::digest;
use super::{pynvest, site};

const DAY: &str = "2026-11-23";
const KILLS: u32 = 50;

/// Rows of each partition, sorted, every value as text; the capture time too, unless `timeless`.
type Contents = BTreeMap<String, Vec<Vec<Option<String>>>>;

pub(crate) fn lake(out: &Path, arguments: &[&str]) -> Command {
    let mut command = pynvest("lake");
    command.args(["--day", DAY, "--force-day", "--json", "--out"]).arg(out).args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs to the end: the exit status, the summary and the messages.
pub(crate) fn run(out: &Path, arguments: &[&str]) -> (i32, serde_json::Value, String) {
    let Output { status, stdout, stderr } = lake(out, arguments).output().unwrap();
    let summary = serde_json::from_slice(&stdout).unwrap_or_default();
    (status.code().unwrap(), summary, String::from_utf8(stderr).unwrap())
}

#[track_caller]
pub(crate) fn run_well(out: &Path, arguments: &[&str]) -> serde_json::Value {
    let (status, summary, messages) = run(out, arguments);
    assert_eq!(status, 0, "{messages}");
    summary
}

/// A folder of the pages of an exchange, captured on a day of that month.
pub(crate) fn pages(exchange: &Exchange, captured: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    for ticker in exchange.stocks().chain(exchange.fiis()) {
        let page = latin1(&exchange.details(ticker).unwrap());
        fs::write(folder.path().join(format!("{ticker}-{captured}.html")), page).unwrap();
    }
    folder
}

pub(crate) fn small(seed: u64) -> Exchange {
    Exchange::builder().seed(seed).stocks(24).fiis(12).build()
}

pub(crate) fn contents(out: &Path, timeless: bool) -> Contents {
    let mut contents = Contents::new();
    for table in &TABLES {
        let folder = out.join(table.layer.to_string()).join(table.name);
        for partition in fs::read_dir(&folder).into_iter().flatten().map(|entry| entry.unwrap().path()) {
            let mut rows = Vec::new();
            // A killed run may leave an empty file by which it has tried whether the folder can be written; readers pass over it.
            let read = |path: &PathBuf| !path.ends_with(".pynvest-trial");
            for file in fs::read_dir(&partition).unwrap().map(|entry| entry.unwrap().path()).filter(read) {
                let batch = Batch::from_parquet(table, fs::read(&file).unwrap());
                rows.extend(batch.unwrap_or_else(|error| panic!("{}: {error}", file.display())).rows);
            }
            let time = table.columns.iter().position(|column| column.name == "datetime_exec").unwrap();
            let texts = |row: Vec<Option<Value>>| {
                let texts = row.into_iter().map(|value| value.map(|value| value.to_string()));
                texts.enumerate().map(|(place, text)| text.filter(|_| !timeless || place != time)).collect()
            };
            let mut rows: Vec<Vec<_>> = rows.into_iter().map(texts).collect();
            rows.sort();
            contents.insert(partition.strip_prefix(out).unwrap().to_string_lossy().into_owned(), rows);
        }
    }
    contents
}

/// Waits until a program has asked so often.
pub(crate) async fn asked(replica: &Replica, requests: usize) {
    for _ in 0..1_000 {
        if replica.requests().len() >= requests {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{} of {requests} requests", replica.requests().len());
}

fn partition(table: &Table) -> String {
    format!("{}/{}/anomesdia_exec=20261123", table.layer, table.name)
}

/// Only the tables, and nothing of a run that is over.
fn assert_clean(out: &Path) {
    let left = fs::read_dir(out.join(".pynvest")).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(left.collect::<Vec<_>>(), ["lock"]);
}

#[test]
fn a_day_is_five_tables_and_a_summary_that_a_person_reads_in_either_language() {
    let folder = TempDir::new().unwrap();
    let arguments = ["--interval", "0", "--site", site(), "--day", DAY, "--force-day"];
    for (lang, lines) in [
        (
            "en",
            [
                "    1000 rows  sor/tbsor_fundamentus_indicadores_acoes_raw\n",
                "     450 rows  sot/tbsot_fundamentus_indicadores_fiis_prep\n",
                "    1450 rows  spec/tbspec_fundamentus_cotacao_ativos\n",
                " s, 1452 requests\n",
                "Ask it, with DuckDB or pandas:\n",
            ],
        ),
        (
            "pt",
            [
                "    1000 linhas  sor/tbsor_fundamentus_indicadores_acoes_raw\n",
                "     450 linhas  sot/tbsot_fundamentus_indicadores_fiis_prep\n",
                "    1450 linhas  spec/tbspec_fundamentus_cotacao_ativos\n",
                " s, 1452 requisições\n",
                "Consulte com DuckDB ou pandas:\n",
            ],
        ),
    ] {
        let output =
            pynvest("lake").current_dir(&folder).args(arguments).args(["--lang", lang]).output().unwrap();
        let (summary, messages) =
            (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        for line in lines {
            assert!(summary.contains(line), "{line} is not in\n{summary}\n{messages}");
        }
    }
    let found = contents(&folder.path().join("lake"), false);
    assert_eq!(found.values().map(Vec::len).collect::<Vec<_>>(), [1000, 450, 1000, 450, 1450]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kept_pages_give_the_same_lake_again() {
    let replica = Replica::start(Exchange::builder().stocks(8).fiis(4).build()).await.unwrap();
    let folder = TempDir::new().unwrap();
    let (first, second) = (folder.path().join("first"), folder.path().join("second"));
    // A page that cannot be read today is kept as well.
    replica.fault(Fault::LayoutChanged.on("UPIN11"));
    let (status, summary, _) = run(&first, &["--site", &replica.url(), "--keep-pages"]);
    assert_eq!((status, &summary["requests"]), (3, &json!(14)));
    let asked = replica.requests().len();
    let (status, summary, _) = run(&second, &["--from-pages", first.to_str().unwrap()]);
    assert_eq!((status, &summary["failures"]["layout_changed"][0]["ticker"]), (3, &json!("UPIN11")));
    assert_eq!((summary["requests"].as_u64(), replica.requests().len()), (Some(0), asked), "no request");
    assert_eq!(contents(&second, false), contents(&first, false), "capture times and all");
    // The archives are some that tar and zstd can open.
    let mut kept = Vec::new();
    for archive in walkdir::WalkDir::new(first.join("sor/_pages")).into_iter().map(|entry| entry.unwrap()) {
        if archive.file_type().is_file() {
            let mut archive =
                tar::Archive::new(zstd::Decoder::new(File::open(archive.path()).unwrap()).unwrap());
            let names = archive.entries().unwrap().map(|entry| entry.unwrap().path().unwrap().into_owned());
            kept.extend(names.map(|name| name.to_string_lossy().into_owned()));
        }
    }
    assert_eq!(kept.len(), 12);
    assert!(kept.contains(&"UPIN11.html".to_owned()), "{kept:?}");
}

#[test]
fn a_second_run_of_the_day_is_merged_with_the_first_unless_it_is_to_replace_it() {
    let (old, new) = (pages(&small(1), "2026-11-23"), pages(&small(2), "2026-11-22"));
    let folder = TempDir::new().unwrap();
    let (twice, once) = (folder.path().join("twice"), folder.path().join("once"));
    run_well(&twice, &["--pages", old.path().to_str().unwrap()]);
    let before = contents(&twice, false);
    run_well(&twice, &["--pages", old.path().to_str().unwrap()]);
    assert_eq!(contents(&twice, false), before, "the same twice is the same");
    // Of other securities, and older: nothing of the first is lost, and the run says what it has not read again.
    let (status, summary, _) = run(&twice, &["--pages", new.path().to_str().unwrap()]);
    let kept = summary["kept"].as_array().unwrap().len();
    assert_eq!((status, kept > 0), (3, true), "{summary}");
    for (partition, rows) in &before {
        for row in rows {
            let ticker = &row[0];
            assert!(
                contents(&twice, false)[partition].iter().any(|now| now[0] == *ticker),
                "{partition}: {ticker:?}"
            );
        }
    }
    run_well(&twice, &["--replace", "--pages", new.path().to_str().unwrap()]);
    run_well(&once, &["--pages", new.path().to_str().unwrap()]);
    assert_eq!(
        contents(&twice, false),
        contents(&once, false),
        "nothing of the first is left, though it is newer"
    );
    assert_clean(&twice);
}

#[test]
fn a_run_for_some_securities_adds_to_the_day() {
    let (old, new) = (pages(&small(1), "2026-11-22"), pages(&small(1), "2026-11-23"));
    let changed = latin1(&small(1).details("PINV4").unwrap().replace(">57,48<", ">47,00<"));
    fs::write(new.path().join("PINV4-2026-11-23.html"), changed).unwrap();
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("lake");
    run_well(&out, &["--pages", old.path().to_str().unwrap()]);
    let before = contents(&out, false);
    let summary = run_well(&out, &["--pages", new.path().to_str().unwrap(), "--tickers", "PINV4,PFII11"]);
    assert_eq!(summary["rows"]["tbsot_fundamentus_indicadores_acoes_prep"], 24);
    let after = contents(&out, false);
    let spec = partition(Table::of(Layer::Spec, Class::Stock));
    let changed: Vec<_> = after[&spec].iter().filter(|row| !before[&spec].contains(row)).collect();
    let shown: Vec<_> =
        changed.iter().map(|row| (row[0].as_deref().unwrap(), row[4].as_deref().unwrap())).collect();
    assert_eq!(shown, [("PFII11", "260.300000"), ("PINV4", "47.000000")]);
    assert_eq!(after[&spec].len(), before[&spec].len());
    let sor = partition(Table::of(Layer::Sor, Class::Stock));
    assert_eq!(after[&sor].len(), before[&sor].len(), "the raw layer too has the newest capture of each");
}

#[test]
fn of_several_captures_in_a_folder_the_newest_counts_and_other_pages_are_passed_over() {
    let exchange = small(1);
    let folder = pages(&exchange, "2026-11-20");
    let newer = latin1(&exchange.details("PINV4").unwrap().replace(">57,48<", ">48,00<"));
    fs::create_dir(folder.path().join("more")).unwrap();
    fs::write(folder.path().join("more/PINV4-2026-11-21.html"), newer).unwrap();
    fs::write(folder.path().join("more/resultado.php.html"), latin1(&exchange.stock_list())).unwrap();
    fs::write(folder.path().join("more/none.html"), latin1(&exchange.search("XXXX99"))).unwrap();
    let out = TempDir::new().unwrap();
    let summary = run_well(out.path(), &["--pages", folder.path().to_str().unwrap()]);
    assert_eq!(summary["rows"]["tbsor_fundamentus_indicadores_acoes_raw"], 24);
    let files = &summary["files"];
    assert_eq!(
        (&files["read"], &files["older"], &files["same"]),
        (&json!(36), &json!(1), &json!(0)),
        "{files}"
    );
    for (kind, name) in [("stock_list", "more/resultado.php.html"), ("unknown_ticker", "more/none.html")] {
        assert!(files["other"][kind][0].as_str().unwrap().ends_with(name), "{files}");
    }
    assert_eq!(summary["rows"]["tbsot_fundamentus_indicadores_acoes_prep"], 24);
    let sot = &contents(out.path(), false)[&partition(Table::of(Layer::Sot, Class::Stock))];
    let row = sot.iter().find(|row| row[0].as_deref() == Some("PINV4")).unwrap();
    assert_eq!(row[5].as_deref(), Some("48.000000"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn securities_that_fail_are_told_by_cause_and_the_others_are_there() {
    let replica = Replica::start(Exchange::builder().stocks(8).fiis(4).build()).await.unwrap();
    replica.fault(Fault::PoisonedValue.on("PINV4"));
    replica.fault(Fault::LayoutChanged.on("UPIN11"));
    replica.fault(Fault::Mobile.on("PFIB11B"));
    let folder = TempDir::new().unwrap();
    let (status, summary, messages) = run(folder.path(), &["--site", &replica.url()]);
    assert_eq!(status, 3, "{messages}");
    let rows = |name: &str| summary["rows"][name].as_u64().unwrap();
    assert_eq!(rows("tbsor_fundamentus_indicadores_acoes_raw"), 7, "all but the one without its labels");
    assert_eq!(rows("tbsot_fundamentus_indicadores_acoes_prep"), 6);
    assert_eq!(rows("tbspec_fundamentus_cotacao_ativos"), 9);
    let message = |kind: &str| summary["failures"][kind][0]["message"].as_str().unwrap();
    assert_eq!(
        message("bad_cell"),
        "`12,3x` in column vlr_ind_p_sobre_vp of tbsor_fundamentus_indicadores_acoes_raw PINV4 is not a number like -1.234,56"
    );
    assert_eq!(
        message("layout_changed"),
        "the layout of the stock page of UPIN11 changed: it has no `Cotação`, `Min 52 sem`, `Max 52 sem`; \
         new is `Último preço`, `Maior 52 sem`"
    );
    assert_eq!(summary["failures"]["mobile"][0]["ticker"], "PFIB11B");
    let aside =
        folder.path().join("sot/_rejected/tbsot_fundamentus_indicadores_acoes_prep/anomesdia_exec=20261123");
    let rejected = text_in(&aside);
    let line: serde_json::Value = serde_json::from_str(rejected.trim()).unwrap();
    assert_eq!((line["ticker"].as_str(), line["row"][5].as_str()), (Some("PINV4"), Some("57,48")));

    // Once the page is right again nothing is set aside any more.
    replica.clear_faults();
    run_well(folder.path(), &["--site", &replica.url()]);
    assert!(!aside.exists());
}

/// The text of the one file in a folder.
#[track_caller]
fn text_in(folder: &Path) -> String {
    let mut files = fs::read_dir(folder).unwrap();
    let file = files.next().unwrap().unwrap().path();
    assert!(files.next().is_none(), "more than one file in {}", folder.display());
    fs::read_to_string(file).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_site_without_securities_changes_nothing_and_one_that_goes_away_takes_nothing_away() {
    let old = pages(&small(1), "2026-11-22");
    let folder = TempDir::new().unwrap();
    run_well(folder.path(), &["--pages", old.path().to_str().unwrap(), "--keep-pages"]);
    let before = contents(folder.path(), false);
    let exchange = || Exchange::builder().stocks(16).fiis(4).build();

    let replica = Replica::start(exchange()).await.unwrap();
    replica.fault(Fault::EmptyList.on("fii_resultado.php"));
    let (status, _, message) = run(folder.path(), &["--site", &replica.url()]);
    let url = replica.url();
    assert_eq!(
        (status, message.lines().last()),
        (1, Some(format!("error: the FII list at {url}/fii_resultado.php has no rows").as_str()))
    );
    assert_eq!(contents(folder.path(), false), before);

    for refused in [true, false] {
        let replica = Replica::start(exchange()).await.unwrap();
        let url = replica.url();
        let child = lake(folder.path(), &["--site", &url]).spawn().unwrap();
        asked(&replica, 8).await;
        if refused {
            replica.fault(Fault::Forbidden);
        } else {
            drop(replica);
        }
        let output = child.wait_with_output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{message}");
        // What was read is there, what was not is named, and of the better run before nothing is missing.
        let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let failed =
            summary["failures"][if refused { "blocked" } else { "connection" }].as_array().unwrap().len();
        assert!(failed > 0 && failed < 20, "{summary}");
        let after = contents(folder.path(), false);
        for (partition, rows) in &before {
            for row in rows {
                assert!(after[partition].iter().any(|now| now[0] == row[0]), "{partition}: {:?}", row[0]);
            }
        }
        let left = folder.path().join(".pynvest/read/anomesdia_exec=20261123");
        assert_eq!(fs::read_dir(left).unwrap().count(), 0, "only that the next run goes on with this one");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_run_at_the_same_time_is_told_and_harms_nothing() {
    let replica = Replica::start(Exchange::builder().stocks(12).fiis(4).build()).await.unwrap();
    let other = pages(&small(2), "2026-11-23");
    let folder = TempDir::new().unwrap();
    let first = lake(folder.path(), &["--site", &replica.url()]).spawn().unwrap();
    asked(&replica, 4).await;
    let (status, _, message) = run(folder.path(), &["--pages", other.path().to_str().unwrap()]);
    let out = folder.path().display();
    assert_eq!(status, 1);
    assert_eq!(message, format!("error: another run is writing to {out}\n"));
    assert!(first.wait_with_output().unwrap().status.success());
    assert_eq!(contents(folder.path(), false)[&partition(Table::of(Layer::Spec, Class::Fii))].len(), 16);
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_told_and_leaves_nothing_half_written() {
    let (old, new) = (pages(&small(1), "2026-11-22"), pages(&small(2), "2026-11-23"));
    let folder = TempDir::new().unwrap();
    run_well(folder.path(), &["--pages", old.path().to_str().unwrap()]);
    let before = contents(folder.path(), false);
    // No file may be larger than 4 kB: the first Parquet file does not fit.
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 8; exec \"$@\"", "sh"])
        .args([env!("CARGO_BIN_EXE_pynvest"), "lake"])
        .args(["--day", DAY, "--out"])
        .arg(folder.path())
        .arg("--pages")
        .arg(new.path())
        .output()
        .unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{message}");
    let file = folder.path().join(".pynvest/next").join(partition(Table::of(Layer::Sor, Class::Stock)));
    assert!(message.starts_with(&format!("error: {}/acoes-", file.display())), "{message}");
    assert!(
        message.ends_with(".part.parquet cannot be written: File too large (os error 27)\n"),
        "{message}"
    );
    assert_eq!(contents(folder.path(), false), before);
    assert_clean(folder.path());
}

#[test]
fn a_run_killed_at_any_moment_and_repeated_gives_the_lake_of_an_uninterrupted_one() {
    let (old, new) = (pages(&small(1), "2026-11-22"), pages(&small(2), "2026-11-23"));
    let folder = TempDir::new().unwrap();
    let [first, uninterrupted, killed] =
        ["first", "uninterrupted", "killed"].map(|name| folder.path().join(name));
    let new = new.path().to_str().unwrap();
    run_well(&first, &["--pages", old.path().to_str().unwrap()]);
    let before = contents(&first, false);
    let started = Instant::now();
    run_well(&uninterrupted, &["--replace", "--pages", new, "--keep-pages"]);
    let took = started.elapsed();
    let after = contents(&uninterrupted, false);

    let mut rng = fastrand::Rng::with_seed(7);
    let mut cut_short = 0;
    for kill in 0..KILLS {
        let _ = fs::remove_dir_all(&killed);
        copy(&first, &killed);
        let mut child: Child = lake(&killed, &["--replace", "--pages", new, "--keep-pages"]).spawn().unwrap();
        // Half of the kills are anywhere, half near the end, where the day is put in place.
        let share = if kill % 2 == 0 { rng.u32(0..1000) } else { rng.u32(850..1050) };
        sleep(took * share / 1000);
        child.kill().unwrap();
        cut_short += u32::from(!child.wait().unwrap().success());
        // Readers see each partition whole: the old one or the new one.
        for (partition, rows) in contents(&killed, false) {
            assert!(
                rows == before[&partition] || rows == after[&partition],
                "{partition} is neither old nor new"
            );
        }
        run_well(&killed, &["--replace", "--pages", new, "--keep-pages"]);
        assert_eq!(contents(&killed, false), after, "kill {kill}");
        assert_clean(&killed);
    }
    assert!(
        cut_short > KILLS / 4,
        "only {cut_short} of {KILLS} runs were still running when they were killed"
    );
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from).into_iter().map(|entry| entry.unwrap()) {
        let copied = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(copied).unwrap();
        } else {
            fs::copy(entry.path(), copied).unwrap();
        }
    }
}

/// Every state in which a run can die while it puts the day in place, made by hand: some partitions are replaced, one
/// may be set aside without its replacement, the rest are staged.
#[test]
fn a_day_that_was_ready_is_put_in_place_by_the_next_run() {
    let (old, new) = (pages(&small(1), "2026-11-22"), pages(&small(2), "2026-11-23"));
    let empty = TempDir::new().unwrap();
    let partitions: Vec<String> = TABLES.iter().map(partition).collect();
    for (had_a_day, done) in (0..=partitions.len()).flat_map(|done| [(true, done), (false, done)]) {
        for aside in [false, true] {
            let folder = TempDir::new().unwrap();
            let (out, other) = (folder.path().join("lake"), folder.path().join("other"));
            if had_a_day {
                run_well(&out, &["--pages", old.path().to_str().unwrap()]);
            }
            run_well(&other, &["--pages", new.path().to_str().unwrap()]);
            let after = contents(&other, false);
            let place = |from: &Path, to: &Path| {
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::rename(from, to).unwrap();
            };
            for (number, partition) in partitions.iter().enumerate() {
                if had_a_day && (number < done || (aside && number == done)) {
                    place(&out.join(partition), &out.join(".pynvest/replaced").join(partition));
                }
                let to = if number < done {
                    out.join(partition)
                } else {
                    out.join(".pynvest/next").join(partition)
                };
                place(&other.join(partition), &to);
            }
            let steps: String = partitions.iter().map(|partition| format!("put {partition}\n")).collect();
            fs::create_dir_all(out.join(".pynvest")).unwrap();
            fs::write(out.join(".pynvest/READY"), steps).unwrap();
            // A run that fails for want of pages still finishes what was begun.
            let (status, _, _) = run(&out, &["--pages", empty.path().to_str().unwrap()]);
            assert_eq!(status, 1);
            assert_eq!(
                contents(&out, false),
                after,
                "had a day: {had_a_day}, {done} done, one set aside: {aside}"
            );
            assert_clean(&out);
        }
    }
}

#[test]
fn a_label_renamed_on_all_pages_costs_its_column_is_told_on_that_day_and_accepted_on_the_next() {
    let ordinary = pages(&small(1), "2026-11-20");
    let renamed = TempDir::new().unwrap();
    for ticker in small(1).stocks() {
        let page = small(1).details(ticker).unwrap().replacen(">ROE<", ">Retorno s/ PL<", 1);
        fs::write(renamed.path().join(format!("{ticker}.html")), latin1(&page)).unwrap();
    }
    for ticker in small(1).fiis() {
        fs::write(renamed.path().join(format!("{ticker}.html")), latin1(&small(1).details(ticker).unwrap()))
            .unwrap();
    }
    let folder = TempDir::new().unwrap();
    let run = |day: &str, pages: &TempDir| {
        let mut command = pynvest("lake");
        command.args(["--json", "--day", day, "--out"]).arg(folder.path()).arg("--pages").arg(pages.path());
        let output = command.output().unwrap();
        let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), summary)
    };
    let (status, first) = run("2026-11-20", &ordinary);
    assert_eq!((status, &first["findings"]), (Some(0), &json!([])), "{first}");
    let (status, second) = run("2026-11-23", &renamed);
    assert_eq!((status, &second["rows"]), (Some(3), &first["rows"]), "every row is there");
    let findings = second["findings"].to_string();
    assert!(
        findings.contains(
            "column vlr_ind_roe of tbsot_fundamentus_indicadores_acoes_prep has a value in 0% of the rows"
        ),
        "{findings}"
    );
    assert!(findings.contains("the label `Retorno s/ PL`, which no column reads"), "{findings}");
    let doubts = "sor/_doubts/tbsor_fundamentus_indicadores_acoes_raw/anomesdia_exec=20261123";
    let doubts = text_in(&folder.path().join(doubts));
    let named = doubts.lines().filter(|line| line.contains("\"label\":\"Retorno s/ PL\"")).count();
    assert_eq!(named, small(1).stocks().count(), "nothing that was printed is lost");
    let (status, third) = run("2026-11-24", &renamed);
    assert_eq!((status, &third["findings"]), (Some(0), &json!([])), "{third}");
}

#[test]
fn a_list_that_leads_out_of_the_lake_is_refused_and_odd_days_are_bad_usage() {
    let folder = TempDir::new().unwrap();
    let (out, victim) = (folder.path().join("lake"), folder.path().join("victim"));
    fs::create_dir_all(out.join(".pynvest")).unwrap();
    fs::create_dir(&victim).unwrap();
    let steps = "remove ../victim\n";
    fs::write(out.join(".pynvest/READY"), format!("{}\n{steps}", digest(steps)).repeat(2)).unwrap();
    let pages = pages(&small(1), "2026-11-23");
    let (status, _, message) = run(&out, &["--pages", pages.path().to_str().unwrap()]);
    assert_eq!(
        (status, message.as_str()),
        (1, "error: the commit log names `../victim`, which is outside the lake\n")
    );
    assert!(victim.is_dir());
    for day in ["-0001-12-31", "9999-12-31", "today"] {
        let output = pynvest("lake").arg(format!("--day={day}")).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{day}");
    }
}

#[cfg(unix)]
#[test]
fn a_day_is_published_whether_anybody_listens_or_not() {
    let pages = pages(&small(1), "2026-11-23");
    let folder = TempDir::new().unwrap();
    let output = Command::new("sh")
        .args(["-c", "exec \"$@\" >&- 2>&-", "sh"])
        .args([env!("CARGO_BIN_EXE_pynvest"), "lake"])
        .args(["--day", DAY, "--out"])
        .arg(folder.path())
        .arg("--pages")
        .arg(pages.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(contents(folder.path(), false)[&partition(Table::of(Layer::Spec, Class::Stock))].len(), 36);
}
