//! The repository checks itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The fenced blocks of a Markdown file, without comments and outputs, which are in its language, and with the decimal point of
/// English in conditions.
fn code(markdown: &str) -> Vec<String> {
    let blocks = markdown.split("```").skip(1).step_by(2);
    blocks
        .map(|block| {
            let is_console = block.starts_with("console");
            let (mut code, mut goes_on) = (Vec::new(), false);
            for line in block.lines().filter(|line| !line.trim_start().starts_with("//")) {
                let is_output = is_console && !line.starts_with("$ ") && !goes_on && line != "console";
                goes_on = line.ends_with('\\');
                if !is_output {
                    let cut = line.split_once(" #").or_else(|| line.split_once("//"));
                    code.push(cut.map_or(line, |(code, _)| code).trim_end().replace("0,", "0."));
                }
            }
            code.join("\n")
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
fn the_registry_of_servers_knows_the_wheel_of_this_version() {
    let project = file("pynvest/pyproject.toml");
    let name = project.lines().find_map(|line| line.strip_prefix("name = ")).unwrap().trim_matches('"');
    let server: serde_json::Value = serde_json::from_str(&file("pynvest/server.json")).unwrap();
    let package = &server["packages"][0];
    assert_eq!(
        (package["identifier"].as_str(), package["registryType"].as_str()),
        (Some(name), Some("pypi"))
    );
    for version in [&server["version"], &package["version"]] {
        assert_eq!(version, env!("CARGO_PKG_VERSION"));
    }
    assert!(server["description"].as_str().unwrap().len() <= 100, "the bound of the registry");
    assert!(file(&format!("pynvest/wheel/scripts/{name}")).contains("os.execv"), "what uvx runs");
    assert!(file("pynvest/pypi.md").contains(&format!("$ pip install {name}\n")));
    // PyPI shows who may name the package there.
    let marker = format!("mcp-name: {} -->", server["name"].as_str().unwrap());
    assert!(file("pynvest/pypi.md").contains(&marker), "{marker}");
}

/// The documents that are in both languages, beside the guides.
const PAGES: [&str; 7] = [
    "README",
    "examples/dataframes",
    "deploy/README",
    "deploy/OPERATIONS",
    "deploy/COSTS",
    "deploy/PERMISSIONS",
    "deploy/COMING_OVER",
];

#[test]
fn both_languages_say_the_same() {
    let guides = guides();
    assert!(guides.len() > 5, "{guides:?}");
    for page in PAGES.into_iter().chain(guides.iter().map(String::as_str)) {
        both_say_the_same(&file(&format!("{page}.md")), &file(&format!("{page}.pt-BR.md")));
    }
}

/// The guides in English, without the ending of their names.
fn guides() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("guide");
    let names =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut guides: Vec<String> = names
        .filter_map(|name| {
            name.strip_suffix(".md").filter(|name| !name.ends_with(".pt-BR")).map(str::to_owned)
        })
        .map(|name| format!("pynvest/guide/{name}"))
        .collect();
    guides.sort();
    guides
}

#[test]
fn the_readmes_are_short_and_name_each_guide() {
    for ending in [".md", ".pt-BR.md"] {
        let readme = file(&format!("README{ending}"));
        assert!(readme.lines().count() <= 120, "README{ending} has {} lines", readme.lines().count());
        let module = file(if ending == ".md" { "pynvest/src/guide.rs" } else { "pynvest/src/guide/pt.rs" });
        for guide in guides() {
            assert!(readme.contains(&format!("({guide}{ending})")), "README{ending} does not name {guide}");
            let page = guide.replace("pynvest/", "") + ending;
            assert!(module.contains(&format!("{page}\")")), "{page} is no page of the documentation");
        }
    }
}

#[test]
fn links_of_readmes_and_guides_lead_somewhere() {
    let mut links = 0;
    let english = ["examples", "e2e", "studies"].map(|folder| vec![format!("deploy/{folder}/README.md")]);
    let pages = PAGES.map(str::to_owned).into_iter().chain(guides());
    let pages = pages.map(|page| vec![format!("{page}.md"), format!("{page}.pt-BR.md")]);
    for names in pages.chain(english) {
        for name in names {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(&name);
            for link in file(&name).split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
                let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
                if path.starts_with("http") || path.is_empty() {
                    continue;
                }
                let target = folder.parent().unwrap().join(path);
                assert!(target.exists(), "{name}: {link}");
                let leads = |heading: &str| {
                    let kept = heading.trim_start_matches('#').trim().to_lowercase();
                    let kept =
                        kept.chars().filter(|letter| letter.is_alphanumeric() || " -".contains(*letter));
                    kept.collect::<String>().replace(' ', "-") == anchor
                };
                let headings = || std::fs::read_to_string(&target).unwrap();
                assert!(
                    anchor.is_empty() || headings().lines().any(|line| line.starts_with('#') && leads(line)),
                    "{name}: {link}"
                );
                links += 1;
            }
        }
    }
    assert!(links > 50, "{links}");
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

/// The three crates with a `src` of more than one room: where it is, and its rooms from the ground up. The files of a
/// room stand on the rooms before it. A room of one file is the file.
const CRATES: [(&str, &[&str]); 3] = [
    ("pynvest/src", &["record", "error", "page", "client", "lake", "guide"]),
    ("pynvest/src/bin/pynvest", &["outcome", "view", "screen", "source", "commands", "mcp", "main"]),
    (
        "pynvest-aws/src",
        &["error", "event", "metrics", "catalog", "lake", "queues", "app", "handlers", "main"],
    ),
];

/// The sources below a folder but not those of programs of their own, by their path in the crate: `page::sheet`.
fn sources(root: &str) -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(root);
    let mut folders = vec![root.clone()];
    let mut files = BTreeMap::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if path.file_name().is_some_and(|name| name != "bin") {
                    folders.push(path);
                }
                continue;
            }
            let module = path.strip_prefix(&root).unwrap().with_extension("");
            let module = module.iter().map(|part| part.to_str().unwrap()).collect::<Vec<_>>().join("::");
            files.insert(module, std::fs::read_to_string(path).unwrap());
        }
    }
    files
}

/// What a source says to the compiler, one statement a line as far as names go: no comments, no tests,
/// no line breaks in braces.
fn statements(text: &str) -> Vec<String> {
    let code = text.split("\nmod tests {").next().unwrap_or(text);
    let code: Vec<&str> = code.lines().map(str::trim).filter(|line| !line.starts_with("//")).collect();
    let mut joined = Vec::new();
    let mut open: Option<String> = None;
    for line in code {
        match open.take() {
            Some(begun) => open = Some(begun + line),
            None if line.starts_with("use ") || line.starts_with("pub use ") => open = Some(line.to_owned()),
            None => joined.push(line.to_owned()),
        }
        if let Some(whole) = open.take_if(|begun| begun.ends_with(';')) {
            joined.push(whole);
        }
    }
    joined
}

/// `a::{b, c::{d, e}}` as `a::b`, `a::c::d` and `a::c::e`.
fn spread(path: &str) -> Vec<String> {
    let Some((before, inside)) = path.split_once('{') else { return vec![path.trim().to_owned()] };
    let inside = inside.strip_suffix('}').unwrap_or(inside);
    let mut depth = 0;
    let parts = inside.split(|letter| {
        depth += i32::from(letter == '{') - i32::from(letter == '}');
        letter == ',' && depth == 0
    });
    parts.flat_map(|part| spread(&format!("{before}{}", part.trim()))).collect()
}

/// The paths in a statement that begin at the root of the crate, at the file itself or above it, from the root.
fn paths(module: &str, statement: &str) -> Vec<String> {
    let from_root = |path: &str| {
        let mut at: Vec<&str> = module.split("::").collect();
        let mut rest = path;
        if let Some(below) = path.strip_prefix("crate::") {
            return below.to_owned();
        }
        while let Some(above) = rest.strip_prefix("super::") {
            at.pop();
            rest = above;
        }
        at.push(rest.strip_prefix("self::").unwrap_or(rest));
        at.join("::")
    };
    if let Some(used) =
        statement.split_once("use ").filter(|(before, _)| before.is_empty() || *before == "pub ")
    {
        let all = spread(used.1.trim_end_matches(';'));
        let own = all
            .iter()
            .filter(|path| ["crate::", "super::", "self::"].iter().any(|root| path.starts_with(root)));
        return own.map(|path| from_root(path)).collect();
    }
    let begins = statement.match_indices("crate::").chain(statement.match_indices("super::"));
    let own = begins
        .filter(|(at, _)| !statement[..*at].ends_with(['$', ':']) && !statement[..*at].ends_with("in "));
    own.map(|(at, _)| {
        let path = &statement[at..];
        let end = path.find(|letter: char| !letter.is_alphanumeric() && !"_:".contains(letter));
        from_root(&path[..end.unwrap_or(path.len())])
    })
    .collect()
}

#[test]
fn data_goes_one_way_and_no_two_files_import_each_other() {
    for (root, rooms) in CRATES {
        let files = sources(root);
        let is_a_map = |statement: &String| {
            statement.is_empty()
                || ["mod ", "pub mod ", "pub use ", "pub(crate) mod ", "pub(crate) use ", "#"]
                    .iter()
                    .any(|start| statement.starts_with(start))
        };
        let maps: BTreeSet<&str> = files
            .iter()
            .filter(|(_, text)| statements(text).iter().all(is_a_map))
            .map(|(module, _)| module.as_str())
            .collect();
        let room = |module: &str| {
            let first = module.split("::").next();
            let known = rooms.iter().position(|room| first == Some(room));
            known.unwrap_or_else(|| panic!("{root}: {module} is in no room"))
        };
        let mut imports: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (module, text) in files.iter().filter(|(module, _)| !maps.contains(module.as_str())) {
            let own = imports.entry(module).or_default();
            for statement in statements(text) {
                let below = statement.strip_suffix(';').and_then(|name| name.strip_prefix("mod "));
                let below = below.filter(|_| module != "main").map(|name| format!("{module}::{name}"));
                for path in paths(module, &statement).into_iter().chain(below) {
                    let holds = |other: &&str| {
                        path.strip_prefix(*other)
                            .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
                    };
                    let imported =
                        files.keys().map(String::as_str).filter(holds).max_by_key(|other| other.len());
                    let imported = imported
                        .filter(|imported| !maps.contains(imported) || *imported == path)
                        .unwrap_or_else(|| {
                            panic!("{root}: {module} imports {path} from no file in particular")
                        });
                    assert!(room(imported) <= room(module), "{root}: {module} reaches up to {imported}");
                    if imported != module && !maps.contains(imported) {
                        own.insert(imported);
                    }
                }
            }
        }
        // What imports nothing that is left can be taken away; what can never be is a circle.
        let mut left: BTreeSet<&str> = imports.keys().copied().collect();
        loop {
            let free: Vec<&str> =
                left.iter().copied().filter(|file| imports[file].is_disjoint(&left)).collect();
            if free.is_empty() {
                break;
            }
            left.retain(|file| !free.contains(file));
        }
        assert!(left.is_empty(), "{root}: these files import each other in a circle: {left:?}");
        assert!(imports.len() > 10 && imports.values().any(|imported| imported.len() > 5), "{imports:?}");
    }
}

#[test]
fn every_file_says_what_it_knows_and_no_folder_needs_a_map() {
    let mut folders: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for (root, _) in CRATES {
        for (module, text) in sources(root) {
            let says = text.starts_with("//! ") || module == "lib" && text.starts_with("#![doc = ");
            assert!(says, "{root}: {module} does not say what it knows");
            let folder = module.rsplit_once("::").map_or("", |(folder, _)| folder).to_owned();
            *folders.entry((root, folder)).or_default() += 1;
        }
    }
    let full: Vec<_> = folders.iter().filter(|(_, files)| **files > 14).collect();
    assert!(full.is_empty() && folders.len() > 10, "{full:?} of {folders:?}");
}

#[test]
fn documents_have_none_of_the_words_that_are_read_twice() {
    let tics = [
        "so many",
        "of which",
        "as the site has it",
        " beside ",
        "is asked for",
        " goes on",
        " stands there",
        ", too.",
    ];
    let pages = ["README", "CHANGELOG", "examples/dataframes", "benches/README"].map(str::to_owned);
    for page in pages.into_iter().chain(guides()) {
        let text = file(&format!("{page}.md")).replace('\n', " ").to_lowercase();
        let found: Vec<_> = tics.iter().filter(|tic| text.contains(**tic)).collect();
        assert!(found.is_empty(), "{page}.md: {found:?}");
    }
}
