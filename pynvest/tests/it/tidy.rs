//! The repository checks itself.

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
fn both_readmes_say_the_same() {
    let (english, portuguese) = (file("README.md"), file("README.pt-BR.md"));
    assert_eq!(code(&english), code(&portuguese));
    let shape = |text: &str| {
        let kind = |line: &str| {
            line.split(' ')
                .next()
                .filter(|word| ["#", "##", "###", "|", "-"].contains(word))
                .map(str::to_owned)
        };
        text.lines().filter_map(kind).collect::<Vec<_>>()
    };
    assert_eq!(shape(&english), shape(&portuguese), "headings, tables and lists");
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
