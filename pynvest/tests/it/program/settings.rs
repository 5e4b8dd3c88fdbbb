//! What the environment sets, and how the help says it.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;

use replica::latin1;
use tempfile::TempDir;

use super::lake::small;
use super::{fed, pynvest};

#[test]
fn a_lake_and_a_user_agent_come_from_the_environment() {
    let (pages, lake) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    fs::write(pages.path().join("PINV4-2026-11-23.html"), latin1(&small(1).details("PINV4").unwrap()))
        .unwrap();
    let written =
        pynvest("lake").arg("--pages").arg(pages.path()).env("PYNVEST_LAKE", lake.path()).output().unwrap();
    let said = String::from_utf8_lossy(&written.stderr);
    assert!(lake.path().join("spec").is_dir(), "{said}");
    let elsewhere = TempDir::new().unwrap();
    let mut command = pynvest("history");
    command.args(["PINV4", "--columns", "price", "--format", "csv"]);
    let output = command.current_dir(&elsewhere).env("PYNVEST_LAKE", lake.path()).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "day,ticker,price\n2026-11-23,PINV4,57.48\n");
    // What is said wins.
    let output = command.args(["--lake", "none"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));

    let site = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = site.local_addr().unwrap();
    let heard = std::thread::spawn(move || {
        let (mut connection, _) = site.accept().unwrap();
        let mut bytes = [0; 4_096];
        let read = connection.read(&mut bytes).unwrap();
        let _ =
            connection.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        String::from_utf8_lossy(&bytes[..read]).into_owned()
    });
    let output = pynvest("show")
        .args(["PINV4", "--lang", "en"])
        .env("PYNVEST_SITE", format!("http://{address}"))
        .env("PYNVEST_USER_AGENT", "reader/1 (me@example.com)")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let heard = heard.join().unwrap().to_lowercase();
    assert!(heard.contains("user-agent: reader/1 (me@example.com)\r\n"), "{heard}");
}

#[test]
fn names_that_end_with_a_zero_byte_may_hold_line_breaks() {
    let folder = TempDir::new().unwrap();
    let page = latin1(&small(1).details("PINV4").unwrap());
    fs::write(folder.path().join("one\npage"), &page).unwrap();
    fs::write(folder.path().join("other"), &page).unwrap();
    let mut command = pynvest("parse");
    command.args(["-0", "-", "--lang", "pt"]).current_dir(&folder);
    let output = fed(&mut command, b"one\npage\0other\0");
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "2 arquivos lidos, 0 sem dados\n");
    let lines = String::from_utf8(output.stdout).unwrap();
    assert_eq!(lines.lines().count(), 2);
    assert!(lines.lines().all(|line| line.contains("\"ticker\":\"PINV4\"")), "{lines}");
}

/// What is asked for help is answered in one screen; what is more, at length.
#[test]
fn help_fits_a_screen_and_ends_with_examples() {
    let said = |arguments: &[&str]| {
        let mut command = pynvest(arguments[0]);
        let output = command.args(&arguments[1..]).env("COLUMNS", "100").output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let all = said(&["-h"]);
    let names: Vec<&str> = all
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(names.contains(&"show") && names.contains(&"parse"), "{names:?}");
    for name in names {
        let (short, long) = (said(&[name, "-h"]), said(&[name, "--help"]));
        assert!(short.lines().count() <= 30, "{name}: {short}");
        let all = (short.clone() + &long).to_lowercase();
        assert!(!all.contains("security") && !all.contains("securities"), "{name}: they are tickers");
        if !["completions", "man"].contains(&name) {
            let (_, examples) = short.rsplit_once("\nExample").unwrap_or_else(|| panic!("{name}: {short}"));
            assert!(examples.contains("  pynvest ") || examples.contains("| pynvest "), "{name}: {short}");
            assert!(long.contains("\nExit status: 0 "), "{name}: {long}");
            // The options of all commands are last, in one order.
            let common =
                ["--lake <DIR>", "--site <URL>", "--interval <MS>", "--format <FORMAT>", "--lang <LANG>"];
            let places: Vec<usize> =
                common.iter().filter_map(|option| long.find(&format!("  {option}"))).collect();
            assert!(places.is_sorted() && !places.is_empty(), "{name}: {long}");
        }
    }
    assert!(all.lines().count() <= 30, "{all}");
}
