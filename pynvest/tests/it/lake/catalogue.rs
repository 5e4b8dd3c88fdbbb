//! What the module and its readers are told of the tables: the schemas, the dictionary, and the queries saved for Athena.

use std::path::Path;

use pynvest::lake::pipeline::{self, IDENTITIES};
use pynvest::lake::{Layer, TABLES, Table};
use pynvest::record::Layout;

/// `deploy/schemas` is written from the tables by `BLESS=1 cargo test`, and by nothing else.
#[test]
fn the_catalogue_is_that_of_the_tables() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/schemas");
    let mut files: Vec<(String, String)> =
        TABLES.iter().map(|table| (format!("{}.json", table.name), json(table))).collect();
    files.push(("README.md".to_owned(), dictionary()));
    for (name, text) in files {
        let path = folder.join(&name);
        if std::env::var_os("BLESS").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == text,
            "deploy/schemas/{name} is not that of the tables: run BLESS=1 cargo test --all-features"
        );
    }
}

/// The module names each table with its layer and its comment, once.
#[test]
fn the_module_deploys_these_tables() {
    let main = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/main.tf");
    let main = std::fs::read_to_string(main).unwrap();
    for table in &TABLES {
        let (_, declared) = main.split_once(&format!("    {} = {{\n", table.name)).unwrap();
        let (declared, _) = declared.split_once('}').unwrap();
        for (argument, value) in [("layer", table.layer.to_string()), ("comment", table.comment.to_owned())] {
            let wanted = format!(" = \"{value}\"");
            let found =
                declared.lines().any(|line| line.trim().starts_with(argument) && line.ends_with(&wanted));
            assert!(found, "{}: {argument}{wanted}", table.name);
        }
    }
}

fn json(table: &Table) -> String {
    let columns: Vec<_> = pipeline::glue_columns(table)
        .map(|(name, kind, comment)| serde_json::json!({"name": name, "type": kind, "comment": comment}))
        .collect();
    format!("{:#}\n", serde_json::Value::Array(columns))
}

/// The dictionary of indicators, for the people who query the lake.
fn dictionary() -> String {
    let mut text = "# Dicionário de indicadores\n\nGerado a partir das tabelas da biblioteca. As tabelas SoR têm as mesmas \
        colunas das SoT, todas em texto, como impressas na página. `-` e vazio são nulos; zero é zero.\n\
        Partição de todas as tabelas: `anomesdia_exec`, `int`, o dia da execução em Brasília.\n"
        .to_owned();
    for table in TABLES.iter().filter(|table| table.layer != Layer::Sor) {
        text += &format!(
            "\n## {}\n\n{}.\n\n| coluna | tipo | origem | descrição |\n|---|---|---|---|\n",
            table.name, table.comment
        );
        for ((name, kind, comment), column) in pipeline::glue_columns(table).zip(table.columns) {
            text +=
                &format!("| `{name}` | `{kind}` | {} | {comment} |\n", origin(&column.source.to_string()));
        }
    }
    text + &identities()
}

/// What the printed figures say of each other, for the people who wonder about a doubt.
fn identities() -> String {
    let mut text = format!(
        "\n## Identidades\n\nO que os números impressos de uma página dizem uns dos outros: {} identidades, que valem com o \
        arredondamento impresso. Onde uma não vale, `_doubts` guarda uma dúvida com o seu código. Um valor ausente ou zero não \
        explica outro; mas, em uma página inteira com cotação, o número que resulta de outros impressos e diferentes de zero também tem \
        de estar impresso, e diferente de zero. A coluna *páginas* conta as que têm todos os números da identidade, entre 33.836 de \
        ações e 8 de FIIs, capturadas de 2014 a 2026; das 3.017 no leiaute de banco, entre 2.840 e 2.866. Nenhuma delas quebra uma \
        identidade.\n\n\
        | código | identidade | leiaute | desde | páginas | colunas |\n|---|---|---|---|---|---|\n",
        IDENTITIES.len()
    );
    for identity in IDENTITIES {
        let layout = |layout: &Layout| match layout {
            Layout::Bank => "banco",
            Layout::Fii => "FII",
            _ => "ação",
        };
        let layouts: Vec<_> = identity.layouts.iter().map(layout).collect();
        let since =
            identity.since.map_or_else(|| "sempre".to_owned(), |(year, month)| format!("{month:02}/{year}"));
        let pages = match (identity.measured / 1000, identity.measured % 1000) {
            (0, pages) => pages.to_string(),
            (thousands, rest) => format!("{thousands}.{rest:03}"),
        };
        text += &format!(
            "| `{}` | {} | {} | {since} | {pages} | `{}` |\n",
            identity.code,
            identity.portuguese,
            layouts.join(", "),
            identity.columns().join("`, `")
        );
    }
    text
}

/// The saved queries of the module name no column that their tables do not have.
#[test]
fn the_queries_for_athena_name_columns_of_their_tables() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/queries");
    let word = |text: &str| -> Vec<String> {
        let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        words.filter(|word| word.contains('_')).map(str::to_owned).collect()
    };
    let mut queries = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.lines().map(|line| line.split_once("--").map_or(line, |(code, _)| code));
        // What stands between two quotes is a text.
        let code = code.collect::<Vec<_>>().join("\n");
        let code = code.split('\'').step_by(2).collect::<Vec<_>>().join(" ");
        let names = word(&code);
        let tables: Vec<_> =
            TABLES.iter().filter(|table| names.iter().any(|name| name == table.name)).collect();
        let [table] = tables.as_slice() else { panic!("{}: which table?", path.display()) };
        let unknown: Vec<_> = names
            .iter()
            .filter(|name| !pipeline::glue_columns(table).any(|(column, ..)| column == *name))
            .filter(|name| ![table.name, "anomesdia_exec", "row_number"].contains(&name.as_str()))
            .filter(|name| !code.contains(&format!("AS {name}")))
            .collect();
        assert_eq!(unknown, Vec::<&String>::new(), "{}", path.display());
        queries += 1;
    }
    assert_eq!(queries, 9);
}

fn origin(source: &str) -> String {
    match source.rsplit_once(' ') {
        _ if source == "capture time" => "hora da captura".to_owned(),
        _ if source == "class" => "classe do ativo".to_owned(),
        Some(("year", position)) => format!("{position}º rótulo de ano"),
        Some((label, "(2nd)")) => format!("{label} (2ª ocorrência)"),
        _ => source.replace('|', "ou"),
    }
}
