//! The repository checks itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The fenced blocks of a Markdown file, without the comments inside them, which are in its language.
fn code(markdown: &str) -> Vec<String> {
    let blocks = markdown.split("```").skip(1).step_by(2);
    blocks
        .map(|block| {
            let code = block.lines().map(|line| {
                line.split_once(" #").or_else(|| line.split_once("//")).map_or(line, |(code, _)| code)
            });
            code.map(str::trim_end).collect::<Vec<_>>().join("\n")
        })
        .collect()
}

#[test]
fn the_changelog_names_this_version_once() {
    let heading = format!("## {}", env!("CARGO_PKG_VERSION"));
    let changelog = file("CHANGELOG.md");
    assert_eq!(changelog.lines().filter(|line| line.split(" - ").next() == Some(&heading)).count(), 1);
}

#[test]
fn both_languages_say_the_same() {
    for page in ["README", "examples/dataframes"] {
        both_say_the_same(&file(&format!("{page}.md")), &file(&format!("{page}.pt-BR.md")));
    }
}

fn both_say_the_same(english: &str, portuguese: &str) {
    assert_eq!(code(english), code(portuguese));
    let shape = |text: &str| {
        let kind = |line: &str| {
            line.split(' ')
                .next()
                .filter(|word| ["#", "##", "###", "|", "-"].contains(word))
                .map(str::to_owned)
        };
        text.lines().filter_map(kind).collect::<Vec<_>>()
    };
    assert_eq!(shape(english), shape(portuguese), "headings, tables and lists");
}

#[test]
fn every_example_of_the_readme_exists() {
    let manifest = file("examples/Cargo.toml");
    for line in file("README.md").lines() {
        if let Some(name) = line.split("--example ").nth(1).and_then(|rest| rest.split_whitespace().next()) {
            assert!(manifest.contains(&format!("name = \"{name}\"")), "{line}");
        }
    }
}

/// The rooms of the library, from the ground up; the files of a room stand on the rooms before it.
const ROOMS: [&str; 5] = ["record", "error", "page", "client", "lake"];

/// A file of the library, as its path in the crate: `page::sheet`.
fn source_files() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let module = path.strip_prefix(&root).unwrap().with_extension("");
            let module = module.iter().map(|part| part.to_str().unwrap()).collect::<Vec<_>>().join("::");
            files.push((module, std::fs::read_to_string(path).unwrap()));
        }
    }
    // The maps of the crate and of its rooms only name what is in them; the program stands on top of all.
    files.retain(|(module, _)| {
        !module.starts_with("bin::")
            && ![
                "lib",
                "record",
                "record::rules",
                "page",
                "page::html",
                "lake",
                "lake::store",
                "lake::history",
            ]
            .contains(&module.as_str())
    });
    files
}

#[test]
fn data_goes_one_way_and_no_two_files_import_each_other() {
    let files = source_files();
    let room = |module: &str| ROOMS.iter().position(|room| module.split("::").next() == Some(room)).unwrap();
    let mut imports: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (module, text) in &files {
        let own = imports.entry(module).or_default();
        for path in text.lines().filter_map(|line| line.strip_prefix("use crate::")) {
            let imported = files
                .iter()
                .map(|(module, _)| module.as_str())
                .filter(|other| path.strip_prefix(other).is_some_and(|rest| rest.starts_with([':', ';'])))
                .max_by_key(|other| other.len());
            let Some(imported) = imported else {
                panic!("{module} imports {path} from no file in particular")
            };
            assert!(room(imported) <= room(module), "{module} reaches up to {imported}");
            own.insert(imported);
        }
    }
    // What imports nothing that is left can be taken away; what can never be is a circle.
    let mut left: BTreeSet<&str> = imports.keys().copied().collect();
    loop {
        let free: Vec<&str> = left.iter().copied().filter(|file| imports[file].is_disjoint(&left)).collect();
        if free.is_empty() {
            break;
        }
        left.retain(|file| !free.contains(file));
    }
    assert!(left.is_empty(), "these files import each other in a circle: {left:?}");
    assert!(imports.len() > 10 && imports.values().any(|imported| imported.len() > 5), "{imports:?}");
}
