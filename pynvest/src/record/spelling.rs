//! One spelling for each variant of an enum: in code, in text and in JSON; and the words of sentences in Portuguese.

/// The text is not one of the words of a set such as the classes or the layers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {set}: expected {}", .words.join(" or "))]
#[non_exhaustive]
pub struct InvalidWord {
    /// The text as given.
    pub text: String,
    /// The set: `class`, `layout`, `layer` or `kind of dividend`.
    pub set: &'static str,
    /// The words of the set.
    pub words: Vec<&'static str>,
}

/// Reads and prints the variants of an enum by the words of its `as_str`.
macro_rules! spelling {
    ($set:literal, $type:ty, [$($variant:ident),*]) => {
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::record::spelling::InvalidWord;

            /// The word of [`as_str`](Self::as_str), in any case.
            ///
            /// # Errors
            ///
            /// [`InvalidWord`](crate::record::InvalidWord) with the text as given and the words expected.
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                const ALL: &[$type] = &[$( <$type>::$variant ),*];
                let found = ALL.iter().find(|one| one.as_str().eq_ignore_ascii_case(text));
                found.copied().ok_or_else(|| $crate::record::spelling::InvalidWord {
                    text: text.to_owned(),
                    set: $set,
                    words: ALL.iter().map(|one| one.as_str()).collect(),
                })
            }
        }
    };
}
pub(crate) use spelling;

/// The word after a count.
#[must_use]
pub fn one_or_many<T>(count: usize, one: T, many: T) -> T {
    if count == 1 { one } else { many }
}

/// The words of English sentences that are not fixed by their case. What is no such word, as the name of a table, is itself.
pub(crate) fn in_portuguese(english: &str) -> &str {
    WORDS.iter().find(|(known, _)| *known == english).map_or(english, |(_, portuguese)| portuguese)
}

const WORDS: &[(&str, &str)] = &[
    // Pages and records.
    ("stock", "ação"),
    ("bank", "banco"),
    ("details", "detalhes"),
    ("list", "lista"),
    ("stock list", "lista de ações"),
    ("FII list", "lista de FIIs"),
    ("dividends", "proventos"),
    ("stock dividends", "proventos de ação"),
    ("FII dividends", "proventos de FII"),
    // Sets of words.
    ("class", "uma classe"),
    ("layout", "um leiaute"),
    ("layer", "uma camada"),
    ("kind of dividend", "um tipo de provento"),
    // What cannot be done with a file.
    ("read", "lido"),
    ("written", "gravado"),
    ("created", "criado"),
    ("removed", "removido"),
    ("synced", "sincronizado"),
    ("locked", "bloqueado"),
    ("set aside", "posto de lado"),
    ("put in place", "posto no lugar"),
    // Of what there is too much.
    ("bytes", "bytes"),
    ("character references", "referências de caracteres"),
    ("cells", "células"),
    ("bytes in a cell", "bytes em uma célula"),
    ("open tags in a cell", "tags abertas em uma célula"),
    ("cells in a row", "células em uma linha"),
    ("rows in a table", "linhas em uma tabela"),
    ("tables", "tabelas"),
    ("tables inside one another", "tabelas umas dentro das outras"),
    ("rows that cannot be read", "linhas que não podem ser lidas"),
    ("bytes in a heading", "bytes em um cabeçalho"),
    ("headings over one table", "cabeçalhos sobre uma tabela"),
    ("names", "nomes"),
    ("headings side by side", "cabeçalhos lado a lado"),
    // Why a file cannot be used.
    ("it is not as it was written", "não está como foi gravado"),
    ("it is no file that holds something", "não é um arquivo com conteúdo"),
    ("it is a web archive of a browser (MHTML)", "é um arquivo web de um navegador (MHTML)"),
    ("save the page as HTML only", "salve a página somente como HTML"),
    ("the archive is cut or damaged", "o arquivo está cortado ou danificado"),
    (
        "the archive is damaged, and nothing proves this page",
        "o arquivo está danificado, e nada comprova esta página",
    ),
    ("the name of an entry is longer than any", "o nome de uma entrada é longo demais"),
    // How a figure is printed.
    ("a percentage with two decimals", "uma porcentagem com duas casas decimais"),
    ("a percentage with one decimal", "uma porcentagem com uma casa decimal"),
    ("a number without decimals", "um número sem casas decimais"),
    ("a number with three decimals", "um número com três casas decimais"),
    ("a number with two decimals", "um número com duas casas decimais"),
    ("a plain number", "um número sem símbolos"),
    ("a number with dots between thousands", "um número com pontos entre os milhares"),
    ("a hyphen for a missing value", "um hífen para um valor ausente"),
    ("anywhere but among the price changes", "fora das oscilações"),
    (
        "the change in a year, though there was a last session",
        "a oscilação de um ano, embora tenha havido um último pregão",
    ),
    ("a kind of payment", "um tipo de provento"),
    ("its colour says: a rise", "diz sua cor: uma alta"),
    ("its colour says: a fall", "diz sua cor: uma queda"),
    ("its colour says: no change", "diz sua cor: nenhuma variação"),
    ("an amount with four decimals", "um valor com quatro casas decimais"),
    ("on or after the record date", "na data com ou depois dela"),
];

/// Words that English sentences have and Portuguese ones have not.
#[cfg(test)]
const ENGLISH: [&str; 39] = [
    "the", "is", "are", "of", "and", "or", "not", "with", "was", "has", "that", "this", "from", "row",
    "rows", "cannot", "expected", "found", "list", "page", "in", "on", "it", "its", "beside", "other",
    "than", "which", "what", "more", "be", "read", "written", "answered", "changed", "failed", "year",
    "years", "to",
];

/// Fails for a Portuguese sentence that is missing, the English one, or has a word of English outside of what it quotes.
#[cfg(test)]
#[track_caller]
pub(crate) fn is_portuguese(english: &str, portuguese: &str) {
    assert!(!portuguese.is_empty() && portuguese != english, "{english}");
    let said: String = portuguese.split('`').step_by(2).collect::<Vec<_>>().join(" ");
    let words = said.split(|letter: char| !letter.is_alphabetic());
    let odd: Vec<&str> = words.filter(|word| ENGLISH.contains(&word.to_lowercase().as_str())).collect();
    assert!(odd.is_empty(), "{odd:?} in: {portuguese}");
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Every word that a source puts into a sentence has its Portuguese.
    #[test]
    fn no_word_of_a_sentence_is_without_portuguese() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut folders =
            vec![source.join("lake"), source.join("page"), source.join("record"), source.join("error")];
        let mut words: Vec<String> = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(path).unwrap();
                for begin in
                    ["what: \"", "file(", "check_limit(", "instead_of(\"", "spelling!(", "let expected = \""]
                {
                    for (at, _) in text.match_indices(begin) {
                        let rest = text.get(at..).unwrap();
                        let line = rest.split([';', '\n']).next().unwrap();
                        words.extend(line.split('"').nth(1).map(str::to_owned));
                    }
                }
            }
        }
        // What a form expects is a match: all of it.
        let form = std::fs::read_to_string(source.join("record/form.rs")).unwrap();
        words
            .extend(form.split("=> \"").skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned));
        words.retain(|word| word.starts_with(char::is_alphabetic) && !word.contains(['{', ':']));
        words.sort();
        words.dedup();
        assert!(words.len() > 25, "{words:?}");
        let missing: Vec<_> =
            words.iter().filter(|word| !WORDS.iter().any(|(known, _)| known == word)).collect();
        assert!(missing.is_empty(), "{missing:?}");
        for (english, portuguese) in WORDS.iter().filter(|(english, portuguese)| english != portuguese) {
            is_portuguese(english, portuguese);
        }
    }
}
