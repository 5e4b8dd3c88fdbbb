//! Every way in which a run can end, and what its exit status promises: 0 all went well, 1 nothing could be done and the lake is as it
//! was, 2 bad usage and nothing was touched, 3 it is there, and what could not be done was said.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use pynvest::lake::Directory;
use replica::{Exchange, Fault, Replica, latin1};
use tempfile::TempDir;

use super::super::lake::{contents, pages, small};
use super::super::pynvest;

/// What a run starts with.
struct Scene {
    folder: TempDir,
    replica: Replica,
}

impl Scene {
    async fn new() -> Self {
        // The session after that of the lakes: on a site that stands still nothing moves.
        let later = chrono::NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
        let exchange = Exchange::builder().seed(1).stocks(24).fiis(12).day(later).build();
        let replica = Replica::start(exchange).await.unwrap();
        let folder = TempDir::new().unwrap();
        let scene = Self { folder, replica };
        fs::create_dir(scene.path("empty")).unwrap();
        scene
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A lake of that name that has a day.
    async fn lake(&self, name: &str) -> PathBuf {
        let (out, saved) = (self.path(name), pages(&small(1), "2026-11-20"));
        let (status, messages) = self
            .run(&format!("lake --keep-pages --pages {} --out {}", saved.path().display(), out.display()))
            .await;
        assert_eq!(status, Some(0), "{messages}");
        out
    }

    /// Runs a command, of which SITE is the replica: its status, and all that it says.
    async fn run(&self, command: &str) -> (Option<i32>, String) {
        let command = command.replace("SITE", &format!("--interval 1 --site {}", self.replica.url()));
        let mut words = command.split(' ');
        let mut program = pynvest(words.next().unwrap());
        program.args(words).current_dir(self.folder.path());
        let output = tokio::task::spawn_blocking(move || program.output().unwrap()).await.unwrap();
        let said = [output.stderr, output.stdout].concat();
        (output.status.code(), String::from_utf8_lossy(&said).into_owned())
    }
}

/// Runs commands over a lake that has a day, whose name is LAKE, and checks their exit status and what they promise.
async fn table(scene: &Scene, rows: &[(&str, &str, i32, &str)]) {
    let mut wrong = Vec::new();
    for (number, (what, command, status, said)) in rows.iter().enumerate() {
        let name = format!("lake{number}");
        let out = scene.lake(&name).await;
        let before = contents(&out, false);
        let (found, messages) = scene.run(&command.replace("LAKE", &name)).await;
        let after = contents(&out, false);
        let kept = match status {
            1 | 2 => after == before,
            _ => before.keys().all(|partition| after.contains_key(partition)),
        };
        let told = *status == 0 || !messages.is_empty();
        if found != Some(*status) || !messages.contains(said) || !kept || !told {
            wrong
                .push(format!("{what}: status {found:?}, the lake is as promised: {kept}, said: {messages}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

const DAY: &str = "--day 2026-11-23 --force-day";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_of_the_lake_ends_as_its_exit_status_says() {
    let scene = Scene::new().await;
    let saved = |name: &str, files: &[(&str, Vec<u8>)]| {
        fs::create_dir(scene.path(name)).unwrap();
        files.iter().for_each(|(file, bytes)| fs::write(scene.path(name).join(file), bytes).unwrap());
    };
    let page = || latin1(&small(1).details("PINV4").unwrap());
    saved("one", &[("PINV4-2026-11-20.html", page())]);
    saved("junk", &[("junk-2026-11-20.html", b"junk".to_vec())]);
    saved("some", &[("PINV4-2026-11-20.html", page()), ("junk-2026-11-20.html", b"junk".to_vec())]);
    saved("early", &[("PINV4-2026-11-19.html", page())]);
    saved("nothing", &[]);
    let all = pages(&small(1), "2026-11-20");
    fs::rename(all.path(), scene.path("all")).unwrap();
    fs::write(scene.path("file"), "no folder").unwrap();
    let site = format!("lake {DAY} --out LAKE SITE");
    let rows: Vec<(&str, String, i32, &str)> = vec![
        ("the whole day", site.clone(), 0, ""),
        (
            "a day of two tickers, after one of 36",
            format!("{site} --tickers PINV4,PFII11"),
            3,
            "on 20261120 it had 24",
        ),
        ("a ticker that nobody knows", format!("{site} --tickers PINV4,NADA3"), 3, ""),
        ("only tickers that nobody knows", format!("{site} --tickers NADA3"), 1, "no ticker could be read"),
        ("no time", format!("{site} --deadline 0"), 1, "the deadline has passed"),
        (
            "nobody listens at the address",
            format!("lake {DAY} --out LAKE --interval 1 --site http://127.0.0.1:1"),
            1,
            "connection",
        ),
        ("an address that is none", format!("lake {DAY} --out LAKE --site nowhere"), 1, "base_url"),
        (
            "a day that the site does not show",
            "lake --day 2019-05-02 --out LAKE SITE".to_owned(),
            2,
            "--force-day",
        ),
        ("a day that is none", "lake --day today --out LAKE SITE".to_owned(), 2, "--day"),
        ("a ticker that is none", "lake --tickers A! --out LAKE SITE".to_owned(), 2, "is not a ticker"),
        (
            "options that exclude each other",
            "lake --check --pages one --out LAKE".to_owned(),
            2,
            "cannot be used",
        ),
        ("an option that nobody knows", "lake --nothing --out LAKE".to_owned(), 2, "--nothing"),
        ("a place that is a file", format!("lake {DAY} --out file SITE"), 1, "file"),
        ("saved pages", "lake --pages all --out LAKE".to_owned(), 0, ""),
        (
            "a saved page, of one ticker of 36",
            "lake --pages one --out LAKE".to_owned(),
            3,
            "kept from an earlier run",
        ),
        ("saved pages, and junk", "lake --pages some --out LAKE".to_owned(), 3, ""),
        ("only junk", "lake --pages junk --out LAKE".to_owned(), 1, "no ticker could be read"),
        ("an empty folder", "lake --pages nothing --out LAKE".to_owned(), 1, "no ticker could be read"),
        ("no folder", "lake --pages nowhere --out LAKE".to_owned(), 1, "nowhere cannot be read"),
        (
            "a page that shows a later session",
            "lake --pages early --out LAKE".to_owned(),
            1,
            "no ticker could be read",
        ),
        ("the same page, forced", "lake --pages early --force-day --out LAKE".to_owned(), 0, ""),
        ("a sound lake", "lake --check --out LAKE".to_owned(), 0, ""),
        ("a check that accepts", "lake --check --accept --out LAKE".to_owned(), 2, "--accept"),
        ("no lake to check", "lake --check --out nothing".to_owned(), 1, "there is no day of a lake"),
        ("nothing to mend", "lake --check --mend --out LAKE".to_owned(), 0, ""),
        ("mend without check", "lake --mend --out LAKE".to_owned(), 2, "--check"),
    ];
    let rows: Vec<_> =
        rows.iter().map(|(what, command, status, said)| (*what, command.as_str(), *status, *said)).collect();
    table(&scene, &rows).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_a_site_or_a_lake_is_in_the_exit_status() {
    let scene = Scene::new().await;
    let site = format!("lake {DAY} --out LAKE SITE");
    let forever = Fault::Delay(Duration::from_secs(3_600));
    let soon = || Some("0".to_owned());
    for (what, rules, status, said) in [
        ("a ticker is refused", vec![Fault::Forbidden.on("PINV4")], 3, ""),
        ("a page is cut", vec![Fault::CutPage.on("PINV4")], 3, ""),
        ("a value is no number", vec![Fault::PoisonedValue.on("PINV4")], 3, ""),
        ("all tickers are refused", vec![Fault::Forbidden.on("detalhes.php")], 1, "no ticker could be read"),
        ("all pages are mobile", vec![Fault::Mobile.on("detalhes.php")], 1, "no ticker could be read"),
        ("a list is refused", vec![Fault::Forbidden.on("resultado.php")], 1, "refuses"),
        ("a list is empty", vec![Fault::EmptyList.on("fii_resultado.php")], 1, "has no rows"),
        (
            "a list is unavailable",
            vec![Fault::Unavailable { retry_after: soon() }.on("resultado.php")],
            1,
            "unavailable",
        ),
        ("a page is larger than any", vec![Fault::Huge.on("PINV4")], 3, ""),
    ] {
        scene.replica.clear_faults();
        rules.into_iter().for_each(|rule| scene.replica.fault(rule));
        table(&scene, &[(what, &site, status, said)]).await;
        fs::read_dir(scene.folder.path()).unwrap().for_each(|entry| {
            let _ = fs::remove_dir_all(entry.unwrap().path());
        });
    }
    scene.replica.clear_faults();
    scene.replica.fault(forever.on("PINV4"));
    let out = scene.lake("silent").await;
    let (status, messages) =
        scene.run(&format!("lake {DAY} --out silent --tickers PINV4 --deadline 0 SITE")).await;
    assert_eq!(status, Some(1), "{messages}");
    scene.replica.clear_faults();

    // Somebody else writes.
    let locked = Directory::open(&out).unwrap();
    for command in [
        format!("lake {DAY} --out silent SITE"),
        "lake --check --out silent".to_owned(),
        "facts --lake silent".to_owned(),
    ] {
        let (status, messages) = scene.run(&command).await;
        assert_eq!(
            (status, messages.contains("another run is writing")),
            (Some(1), true),
            "{command}: {messages}"
        );
    }
    drop(locked);

    // A file is damaged: the check says so, and a run heals it and says so once.
    let part = |out: &Path, folder: &str| {
        let folder = out.join(folder);
        fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path().join("anomesdia_exec=20261120"))
            .next()
            .unwrap()
    };
    let spec = part(&out, "spec").join("compacted.parquet");
    for (command, status) in [
        ("lake --check --out silent", 3),
        ("lake --check --mend --out silent", 0),
        ("lake --check --out silent", 0),
    ] {
        if status == 3 {
            fs::write(&spec, "half").unwrap();
        }
        let (found, messages) = scene.run(command).await;
        assert_eq!(found, Some(status), "{command}: {messages}");
    }
    // The facts too.
    let facts = out.join("facts/stock.parquet");
    for (command, status) in [
        ("facts --lake silent", 0),
        ("lake --check --out silent", 3),
        ("lake --check --mend --out silent", 0),
    ] {
        if status == 3 {
            let mut bytes = fs::read(&facts).unwrap();
            bytes[200] ^= 1;
            fs::write(&facts, bytes).unwrap();
        }
        let (found, messages) = scene.run(command).await;
        assert_eq!(found, Some(status), "{command}: {messages}");
    }
    assert_eq!(scene.run("history PINV4 --lake silent").await.0, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_other_command_ends_as_its_exit_status_says() {
    let scene = Scene::new().await;
    fs::write(scene.path("page.html"), latin1(&small(1).details("PINV4").unwrap())).unwrap();
    fs::write(scene.path("junk.html"), "junk").unwrap();
    scene.replica.fault(Fault::Forbidden.on("BPIN3"));
    table(
        &scene,
        &[
            ("a ticker", "show PINV4 SITE", 0, ""),
            ("one of two tickers", "show PINV4 NADA3 SITE", 3, "NADA3"),
            ("no ticker", "show NADA3 SITE", 1, "NADA3"),
            ("a refused ticker", "show BPIN3 SITE", 1, "refuses"),
            ("a ticker that is none", "show A! SITE", 2, "is not a ticker"),
            ("nothing", "show", 2, "required"),
            ("a list", "list SITE", 0, ""),
            ("a list of nothing", "list pl<-100000 SITE", 0, ""),
            ("a condition that is none", "list pl<<1 SITE", 2, ""),
            ("a list without a site", "list --interval 1 --site http://127.0.0.1:1", 1, "connection"),
            ("dividends", "dividends PINV4 SITE", 0, ""),
            ("dividends of nobody", "dividends NADA3 SITE", 1, "NADA3"),
            ("tickers side by side", "compare PINV4 UPIN11 SITE", 0, ""),
            ("a history", "history PINV4 --lake LAKE", 0, ""),
            ("a history of nobody", "history NADA3 --lake LAKE", 1, "NADA3"),
            ("a history without a lake", "history PINV4 --lake nowhere", 1, "nowhere"),
            ("changes", "changes --lake LAKE", 0, ""),
            ("changes without a lake", "changes --lake empty", 1, "there is no day of a lake"),
            ("a kind of change that is none", "changes --kind nothing --lake LAKE", 2, "nothing"),
            ("facts", "facts --lake LAKE", 0, ""),
            ("facts without a lake", "facts --lake empty", 1, "there is no day of a lake"),
            ("a page", "parse page.html", 0, "1 file read, 0 without data"),
            ("a page and junk", "parse page.html junk.html", 3, "1 without data"),
            ("junk", "parse junk.html", 1, "1 without data"),
            ("no file", "parse nowhere.html", 1, ""),
            ("a folder without a page", "parse empty", 1, "0 files read"),
            ("sectors of a class", "list --sectors --class stock SITE", 2, "--class"),
            ("a place that cannot be written", "list --out nowhere/list.csv SITE", 1, "cannot be written"),
            ("a format that its ending denies", "list --out list.csv --format json SITE", 2, "list.csv"),
            ("help", "help", 0, ""),
            ("a version", "--version", 0, ""),
            ("a command that is none", "nothing", 2, "nothing"),
            ("a manual", "man", 0, ""),
            ("completions", "completions bash", 0, ""),
            ("completions of no shell", "completions nothing", 2, "nothing"),
        ],
    )
    .await;
}
