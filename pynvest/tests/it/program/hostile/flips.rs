//! Bits that flip: in every kind of file that a lake has. None changes a figure in silence, none ends the program, each is named, and
//! each heals where something else still has what it says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use chrono::NaiveDate;
use pynvest::lake::pipeline::sealed_line;
use pynvest::lake::{
    Batch, CheckedDay, Directory, Health, History, Observation, RunOptions, Table, derive_facts,
};
use pynvest::record::Column;
use pynvest::{Class, Client, Error};
use replica::{Exchange, Fault, Replica, latin1};
use serde_json::json;
use tempfile::TempDir;

use super::super::lake::contents;

type Files = BTreeMap<PathBuf, Vec<u8>>;

/// What came of a flipped bit.
#[derive(Debug, PartialEq, Eq)]
enum Came {
    /// Somebody is told, and then it is as it was.
    Named,
    /// It is as it was; there is nothing to tell.
    Healed,
    /// It says the same as before.
    Nothing,
}

fn folder() -> TempDir {
    // In memory where that is possible: nothing here is about a power cut.
    TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap()
}

fn exchange() -> Exchange {
    Exchange::builder().seed(1).stocks(6).fiis(4).build()
}

/// The pages of the exchange as of a day: one has a label that nobody knows, one a figure that is no number, one a figure that others
/// contradict.
fn pages(to: &Path, day: &str) {
    let exchange = exchange();
    fs::create_dir_all(to).unwrap();
    for ticker in exchange.stocks().chain(exchange.fiis()) {
        let mut page = exchange.details(ticker).unwrap();
        if ticker == "PINV4" {
            page = page.replacen(">ROE<", ">Retorno s/ PL<", 1);
        }
        for (of, figure) in [("BPIN3", "12,3x"), ("UPIN11", "77,77")] {
            let at = page.find("\"txt\">P/VP</span>").map(|label| label + 1);
            if ticker == of
                && let Some(label) = at
            {
                let value = label + 5 + page[label + 5..].find("\"txt\">").unwrap() + "\"txt\">".len();
                let end = value + page[value..].find('<').unwrap();
                page.replace_range(value..end, figure);
            }
        }
        fs::write(to.join(format!("{ticker}-{day}.html")), latin1(&page)).unwrap();
    }
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 23).unwrap()
}

/// Every file of a lake but its lock.
fn files(root: &Path) -> Files {
    let files = walkdir::WalkDir::new(root).into_iter().map(|entry| entry.unwrap());
    let files = files.filter(|entry| entry.file_type().is_file() && entry.file_name() != "lock");
    files.map(|entry| (entry.path().to_owned(), fs::read(entry.path()).unwrap())).collect()
}

/// The lake, as it was.
fn restore(root: &Path, intact: &Files) {
    fs::remove_dir_all(root).unwrap();
    for (path, bytes) in intact {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// A lake of one day with everything that a lake has.
fn whole() -> (TempDir, PathBuf, Files) {
    let folder = folder();
    let (root, saved) = (folder.path().join("lake"), folder.path().join("saved"));
    pages(&saved, "2026-11-23");
    let lake = open(&root);
    let run = RunOptions::new().keep_pages(true).force_day(true);
    lake.read_pages(&saved, &run, &|_| {}).unwrap();
    derive_facts(&lake).unwrap();
    let files = files(&root);
    (folder, root, files)
}

/// A lake to write to. A program that another test is starting holds every open file, the lock too, until it has begun.
fn open(root: &Path) -> Directory {
    for _ in 0..200 {
        match Directory::open(root) {
            Err(Error::InUse { .. }) => std::thread::sleep(Duration::from_millis(50)),
            lake => return lake.unwrap(),
        }
    }
    panic!("{} stays in use", root.display());
}

/// The check of the only day.
fn checked(root: &Path) -> CheckedDay {
    open(root).check_days().unwrap().remove(0)
}

/// Flips bits of these files, one at a time, and counts what came of them.
fn flip(
    kind: &str,
    flips: usize,
    root: &Path,
    intact: &Files,
    of: impl Fn(&Path) -> bool,
    came: impl Fn(&Path) -> Came,
) {
    let targets: Vec<&PathBuf> = intact.keys().filter(|path| of(path)).collect();
    assert!(!targets.is_empty(), "{kind}: there is no such file");
    let mut rng = fastrand::Rng::with_seed(25);
    let (mut named, mut healed, mut nothing, mut places) = (0, 0, 0, BTreeSet::new());
    for _ in 0..flips {
        let path = targets[rng.usize(..targets.len())];
        let mut bytes = intact[path].clone();
        let (place, bit) = (rng.usize(..bytes.len()), rng.u8(..8));
        bytes[place] ^= 1 << bit;
        fs::write(path, bytes).unwrap();
        match came(path) {
            Came::Named => named += 1,
            Came::Healed => healed += 1,
            Came::Nothing => {
                nothing += 1;
                places.insert((path.strip_prefix(root).unwrap().to_owned(), place));
            }
        }
        restore(root, intact);
    }
    println!("| {kind} | {flips} | {named} | {healed} | {nothing} | 0 | 0 |");
    assert!(named + healed > flips / 2, "{kind}: {named} of {flips} named; nothing came of {places:?}");
}

/// What the check and the mending of a lake make of a file that is not as it was written.
fn mended(root: &Path, path: &Path, intact: &Files) -> Came {
    let shown = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
    let before = checked(root);
    let named = before.problems.iter().any(|problem| problem.message == format!("{shown} is damaged"));
    if named {
        assert_ne!(before.health, Health::Whole, "{shown}");
        open(root).mend(day(), false).unwrap();
    } else {
        assert_eq!(
            (before.health, before.foreign.len()),
            (Health::Whole, 0),
            "{shown}: {:?}",
            before.problems
        );
    }
    assert_eq!(checked(root).health, Health::Whole, "{shown} is not healed");
    let after = files(root);
    let sound = |files: &Files, path: &Path| {
        let table = Table::named(path.strip_prefix(root).unwrap().iter().nth(1)?.to_str()?)?;
        Some(Batch::from_parquet(table, files[path].clone()).unwrap().rows)
    };
    for file in intact.keys() {
        match sound(intact, file) {
            // What nothing came of is still another byte.
            Some(rows) => assert_eq!(sound(&after, file).unwrap(), rows, "{shown}: {}", file.display()),
            None if named => assert_eq!(after[file], intact[file], "{shown}: {}", file.display()),
            None => {}
        }
    }
    if named { Came::Named } else { Came::Nothing }
}

/// All that readers see of a lake, by each way to read it.
fn read(root: &Path) -> Result<(Vec<Observation>, Vec<Batch>), String> {
    let history = History::open(root).map_err(|error| error.to_string())?;
    let mut all = (Vec::new(), Vec::new());
    for class in [Class::Stock, Class::Fii] {
        all.1.push(history.day(class, day()).map_err(|error| error.to_string())?);
        let columns: Vec<&'static Column> = class.columns().iter().collect();
        let tickers =
            all.1.iter().flat_map(|batch| &batch.rows).map(|row| row[0].as_ref().unwrap().to_string());
        let tickers: Vec<_> = tickers.map(|ticker| ticker.parse().unwrap()).collect();
        let past = history.securities(class, &tickers, &columns, day()..=day());
        if let Some(unread) = past.unread.first() {
            return Err(unread.reason.to_string());
        }
        all.0.extend(past.points);
    }
    Ok(all)
}

fn is_in(path: &Path, folder: &str) -> bool {
    path.to_str().unwrap().contains(folder)
}

fn flips_in_a_lake(flips: usize) {
    let (_folder, root, mut intact) = whole();
    let waiting = "sot/_waiting/tbsot_fundamentus_indicadores_fiis_prep/anomesdia_exec=20261123/waiting.json";
    for (kind, folder) in [
        ("SoR part", "/sor/tbsor_"),
        ("Spec", "/spec/tbspec_"),
        ("profile", "/sot/_profile/"),
        ("doubts of pages", "/sor/_doubts/"),
        ("doubts of figures", "/sot/_doubts/"),
        ("rejected rows", "/sot/_rejected/"),
    ] {
        flip(kind, flips, &root, &intact, |path| is_in(path, folder), |path| mended(&root, path, &intact));
    }
    let right = read(&root).unwrap();
    let sot = |path: &Path| {
        let seen = read(&root);
        assert!(
            seen.as_ref().is_err_and(|said| said.contains("cannot be read")) || seen == Ok(right.clone())
        );
        let facts = derive_facts(&open(&root)).unwrap();
        assert_eq!(facts.unread.is_empty(), seen.is_ok());
        derive_facts(&open(&root)).unwrap();
        let came = if seen.is_ok() { Came::Nothing } else { Came::Named };
        // The facts lack the day while it cannot be read.
        let other = open(&root);
        other.mend(day(), false).unwrap();
        derive_facts(&other).unwrap();
        drop(other);
        assert_eq!(read(&root), Ok(right.clone()), "{}", path.display());
        came
    };
    flip("SoT", flips, &root, &intact, |path| is_in(path, "/sot/tbsot_"), sot);
    let facts = |path: &Path| {
        let lake = open(&root);
        let damaged = lake.damaged_facts().unwrap();
        derive_facts(&lake).unwrap();
        assert_eq!(fs::read(path).unwrap(), intact[path]);
        if damaged.is_empty() { Came::Nothing } else { Came::Named }
    };
    flip("facts", flips, &root, &intact, |path| is_in(path, "/lake/facts/"), facts);
    intact.insert(root.join(waiting), sealed_line(&json!({"reasons": []})).into_bytes());
    restore(&root, &intact);
    assert_eq!(checked(&root).health, Health::Waiting);
    let waits = |path: &Path| {
        let found = checked(&root);
        let named = found.problems.iter().any(|problem| problem.message.ends_with("waiting.json is damaged"));
        assert!(named, "{}: {found:?}", path.display());
        Came::Named
    };
    flip("reasons to wait", flips, &root, &intact, |path| is_in(path, "/_waiting/"), waits);
}

/// An archive gives no figure that is not on its pages, says that it is damaged, and the intact one heals the day.
fn flips_in_an_archive(flips: usize) {
    let (folder, root, intact) = whole();
    let right = contents(&root, true);
    let (other, saved) = (folder.path().join("other"), folder.path().join("archives"));
    let run = RunOptions::new().day(day()).force_day(true);
    let read = |path: &Path, bytes: &[u8]| {
        let _ = fs::remove_dir_all(&saved);
        fs::create_dir(&saved).unwrap();
        fs::write(saved.join(path.file_name().unwrap()), bytes).unwrap();
        open(&other).read_pages(&saved, &run, &|_| {})
    };
    let came = |path: &Path| {
        let _ = fs::remove_dir_all(&other);
        let said = match read(path, &fs::read(path).unwrap()) {
            Ok(reports) => serde_json::to_string(&reports[0].files).unwrap(),
            Err(error) => std::error::Error::source(&error).unwrap().to_string(),
        };
        for (partition, rows) in contents(&other, true) {
            assert!(rows.iter().all(|row| right[&partition].contains(row)), "{partition}");
        }
        read(path, &intact[path]).unwrap();
        let healed = contents(&other, true);
        let sot: BTreeMap<_, _> =
            healed.iter().filter(|(partition, _)| partition.starts_with("sot")).collect();
        assert!(!sot.is_empty() && sot.iter().all(|(partition, rows)| right[*partition] == **rows), "{said}");
        match said.contains("damaged") || said.contains("not as it was written") {
            true => Came::Named,
            false => Came::Nothing,
        }
    };
    flip("archive", flips, &root, &intact, |path| is_in(path, "/_pages/"), came);
}

/// The tickers of the site's lists: the check names the list that changes, and the next run names it once and writes it anew.
async fn flips_in_a_list(flips: usize) {
    let replica = Replica::start(exchange()).await.unwrap();
    let folder = folder();
    let root = folder.path().join("lake");
    let client = Client::builder().base_url(replica.url()).interval(Duration::ZERO).build().unwrap();
    let next = || {
        let run = RunOptions::new().day(day()).force_day(true);
        let read = async { open(&root).read_site(&client, &run, &|_| {}).await };
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(read)).unwrap().damaged
    };
    assert_eq!(next(), Vec::<String>::new());
    let intact = files(&root);
    let came = |path: &Path| {
        let shown = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        let problems = checked(&root).problems;
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(problems[0].message, format!("{shown} is damaged"));
        assert_eq!(next(), [shown]);
        assert_eq!(fs::read(path).unwrap(), intact[path]);
        assert_eq!(next(), Vec::<String>::new());
        Came::Named
    };
    flip("list", flips, &root, &intact, |path| path.ends_with("list.json"), came);
}

/// The pages that a run has read when it is killed: one that changes is named, and the others are in the lake.
async fn flips_in_a_journal(flips: usize) {
    let exchange = exchange();
    let silent = exchange.fiis().next().unwrap().to_owned();
    let replica = Replica::start(exchange).await.unwrap();
    replica.fault(Fault::Delay(Duration::from_secs(3_600)).on(&silent));
    let folder = folder();
    let (root, saved) = (folder.path().join("lake"), folder.path().join("saved"));
    let read = root.join(".pynvest/read/anomesdia_exec=20261123");
    {
        let lake = open(&root);
        let client = Client::builder().base_url(replica.url()).interval(Duration::ZERO).build().unwrap();
        let run = RunOptions::new().day(day()).force_day(true);
        let all = async {
            while fs::read_dir(&read).map_or(0, Iterator::count) < 9 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::select! {
            ended = lake.read_site(&client, &run, &|_| {}) => panic!("{ended:?}"),
            () = all => {}
        }
    }
    let intact = files(&root);
    let next = |root: &Path| {
        let lake = open(root);
        let run = RunOptions::new().force_day(true);
        lake.read_pages(&saved, &run, &|_| {}).unwrap().remove(0)
    };
    fs::create_dir(&saved).unwrap();
    let page = latin1(&super::super::lake::small(1).details("PINV4").unwrap());
    fs::write(saved.join("PINV4-2026-11-24.html"), page).unwrap();
    assert_eq!(next(&root).recovered, [(day(), 9)]);
    let right = contents(&root, true);
    restore(&root, &intact);
    let came = |_: &Path| {
        let report = next(&root);
        let [(_, recovered)] = report.recovered.as_slice() else { panic!("{report:?}") };
        assert_eq!((*recovered, report.damaged.len()), (8, 1), "{report:?}");
        for (partition, rows) in contents(&root, true) {
            assert!(rows.iter().all(|row| right[&partition].contains(row)), "{partition}");
        }
        Came::Named
    };
    flip("journal: pages", flips, &root, &intact, |path| is_in(path, "/read/"), came);
}

/// The list of what is ready: whichever bit flips, the lake is as it should be.
fn flips_in_the_commit_log(flips: usize) {
    let (_folder, root, intact) = whole();
    let staged: Files = intact
        .iter()
        .filter(|(path, _)| !is_in(path, "/facts/"))
        .map(|(path, bytes)| {
            (root.join(".pynvest/next").join(path.strip_prefix(&root).unwrap()), bytes.clone())
        })
        .collect();
    let partition = |path: &Path| {
        let inside = path.strip_prefix(&root).unwrap().parent().unwrap().to_str().unwrap().to_owned();
        format!("put {inside}\n")
    };
    let gone = "sot/_waiting/tbsot_fundamentus_indicadores_acoes_prep/anomesdia_exec=20261123";
    let steps: BTreeSet<String> =
        intact.keys().filter(|path| !is_in(path, "/facts/")).map(|path| partition(path)).collect();
    let steps = format!("remove {gone}\n{}", steps.into_iter().collect::<String>());
    let log = format!("{}\n{steps}", super::digest(&steps)).repeat(2);
    let mut ready = staged;
    ready.insert(root.join(".pynvest/READY"), log.into_bytes());
    ready.insert(root.join(gone).join("waiting.json"), b"old".to_vec());
    restore(&root, &ready);
    let came = |_: &Path| {
        drop(open(&root));
        let after = files(&root);
        let expected: Files = intact
            .iter()
            .filter(|(path, _)| !is_in(path, "/facts/"))
            .map(|(a, b)| (a.clone(), b.clone()))
            .collect();
        assert_eq!(after.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
        assert!(after == expected);
        // The other copy of the list says the same.
        Came::Healed
    };
    flip("journal: list of steps", flips, &root, &ready, |path| path.ends_with("READY"), came);
}

async fn all(flips: usize) {
    println!(
        "| kind | bits flipped | named, then healed | healed | without effect | silent changes | panics |"
    );
    println!("|---|---|---|---|---|---|---|");
    let started = SystemTime::now();
    flips_in_an_archive(flips);
    flips_in_a_lake(flips);
    flips_in_a_list(flips).await;
    flips_in_a_journal(flips).await;
    flips_in_the_commit_log(flips);
    println!("in {:?}", started.elapsed().unwrap_or_default());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_bit_of_any_file_changes_a_figure_in_silence() {
    all(6).await;
}

/// `PYNVEST_FLIPS=1000 cargo test -p pynvest --all-features --test it -- --ignored --nocapture a_thousand_bits`
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes many minutes"]
async fn a_thousand_bits_of_each_kind_of_file_change_nothing_in_silence() {
    let flips = std::env::var("PYNVEST_FLIPS").ok().and_then(|flips| flips.parse().ok());
    all(flips.unwrap_or(1_000)).await;
}
