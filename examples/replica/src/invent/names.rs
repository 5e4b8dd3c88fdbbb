//! Knows the words of invented companies and funds, the branches they work in, and their tickers.

use fastrand::Rng;

use crate::security::Branch;

/// Second letters of the roots of companies, of funds, and of codes no longer in use.
///
/// They are rare in that place on the real exchange, which leaves the invented tickers free.
pub(crate) const COMPANY: [char; 2] = ['Y', 'K'];
pub(crate) const FUND: [char; 2] = ['W', 'Q'];
pub(crate) const RENAMED: [char; 2] = ['X', 'Z'];

/// First letters of the roots: those of the first few thousand, and those of the others.
const FIRST: [&[char]; 2] = [
    &['F', 'G', 'J', 'K', 'L', 'N', 'Q', 'V', 'W', 'X', 'Z'],
    &['A', 'B', 'C', 'D', 'E', 'H', 'I', 'M', 'O', 'P', 'R', 'S', 'T', 'U', 'Y'],
];
const THIRD: [char; 14] = ['R', 'L', 'N', 'M', 'S', 'T', 'D', 'V', 'B', 'C', 'F', 'G', 'P', 'Z'];
const FOURTH: [char; 13] = ['N', 'R', 'L', 'T', 'M', 'S', 'D', 'C', 'V', 'B', 'G', 'P', 'X'];

/// How many roots there are for one first and one second letter.
const ENDS: usize = THIRD.len() * FOURTH.len();

/// How many companies or funds can be told apart by their roots.
pub(crate) const LIMIT: usize = 2 * (FIRST[0].len() + FIRST[1].len()) * ENDS;

/// Four letters that no other number below [`LIMIT`] gives.
pub(crate) fn root(second: [char; 2], number: usize) -> String {
    let few = 2 * FIRST[0].len() * ENDS;
    let (first, number) = if number < few { (FIRST[0], number) } else { (FIRST[1], number - few) };
    let roots = first.len() * ENDS;
    // Neighbours should not look alike: 997 is prime to the numbers of roots.
    let mixed = number % roots * 997 % roots;
    let (start, end) = (mixed % first.len(), mixed / first.len());
    [
        first[start],
        second[number / roots % second.len()],
        THIRD[end % THIRD.len()],
        FOURTH[end / THIRD.len() % FOURTH.len()],
    ]
    .into_iter()
    .collect()
}

/// A name that sounds like the root: `KYRN` gives `KYRANO`, at times with an accent.
pub(crate) fn sounding(rng: &mut Rng, root: &str) -> String {
    let letters: Vec<char> = root.chars().collect();
    let vowel = rng.choice(["A", "E", "I", "O", "U", "Á", "É", "Í", "Ó", "Ã"]);
    let end = rng.choice(["A", "O", "EX", "AL", "ÃO", "INA", "ERO", "ÍNIO"]);
    let mut name = String::new();
    for (at, letter) in letters.iter().enumerate() {
        match at {
            1 if *letter != 'Y' => name.push('E'),
            3 => name.push_str(vowel.unwrap_or("A")),
            _ => {}
        }
        name.push(*letter);
    }
    name.push_str(end.unwrap_or("A"));
    name
}

/// A sector, the subsector and the words that companies of it carry in their names.
pub(crate) struct Trade {
    pub(crate) sector: Branch,
    pub(crate) subsector: Branch,
    pub(crate) short: &'static str,
    pub(crate) long: &'static str,
}

const fn trade(
    sector: (u16, &'static str),
    subsector: (u16, &'static str),
    short: &'static str,
    long: &'static str,
) -> Trade {
    Trade {
        sector: Branch { id: sector.0, name: sector.1 },
        subsector: Branch { id: subsector.0, name: subsector.1 },
        short,
        long,
    }
}

/// The first trade is that of banks.
pub(crate) const TRADES: [Trade; 20] = [
    trade((20, "Intermediários Financeiros"), (33, "Bancos"), "BANCO", "BANCO MÚLTIPLO"),
    trade(
        (20, "Intermediários Financeiros"),
        (34, "Soc. Crédito e Financiamento"),
        "CRÉDITO",
        "CRÉDITO E FINANCIAMENTO",
    ),
    trade((14, "Energia Elétrica"), (18, "Energia Elétrica"), "ENERGIA", "GERAÇÃO E TRANSMISSÃO DE ENERGIA"),
    trade((27, "Mineração"), (3, "Minerais Metálicos"), "MINERAÇÃO", "MINERAÇÃO E METAIS"),
    trade((38, "Siderurgia e Metalurgia"), (6, "Siderurgia"), "AÇOS", "SIDERÚRGICA"),
    trade(
        (30, "Petróleo, Gás e Biocombustíveis"),
        (1, "Exploração, Refino e Distribuição"),
        "ÓLEO",
        "ÓLEO & GÁS",
    ),
    trade((10, "Construção Civil"), (12, "Incorporações"), "CONSTR", "CONSTRUÇÕES E INCORPORAÇÕES"),
    trade(
        (22, "Máquinas e Equipamentos"),
        (41, "Motores, Compressores e Outros"),
        "MOTORES",
        "MÁQUINAS E MOTORES",
    ),
    trade((3, "Alimentos Processados"), (52, "Carnes e Derivados"), "ALIMENTOS", "INDÚSTRIA ALIMENTÍCIA"),
    trade((7, "Comércio"), (61, "Produtos Diversos"), "LOJAS", "COMÉRCIO VAREJISTA"),
    trade((41, "Transporte"), (27, "Transporte Rodoviário"), "LOG", "LOGÍSTICA E TRANSPORTE"),
    trade((2, "Água e Saneamento"), (20, "Água e Saneamento"), "SANEA", "ÁGUA E SANEAMENTO"),
    trade((44, "Saúde"), (70, "Serv. Méd. Hospit. Análises e Diagnósticos"), "SAÚDE", "SERVIÇOS MÉDICOS"),
    trade((39, "Tecidos, Vestuário e Calçados"), (24, "Fios e Tecidos"), "TÊXTIL", "FIAÇÃO E TECELAGEM"),
    trade((33, "Programas e Serviços"), (76, "Programas e Serviços"), "TECH", "TECNOLOGIA DA INFORMAÇÃO"),
    trade((34, "Químicos"), (9, "Petroquímicos"), "QUÍMICA", "PETROQUÍMICA"),
    trade((21, "Madeira e Papel"), (11, "Papel e Celulose"), "PAPEL", "PAPEL E CELULOSE"),
    trade((31, "Previdência e Seguros"), (47, "Seguradoras"), "SEGUROS", "SEGUROS E PREVIDÊNCIA"),
    trade((18, "Holdings Diversificadas"), (54, "Holdings Diversificadas"), "PART", "PARTICIPAÇÕES"),
    trade((40, "Telecomunicações"), (80, "Telecomunicações"), "TELECOM", "TELECOMUNICAÇÕES"),
];

/// Segments of funds: seven of buildings, then two of funds that own securities or anything.
pub(crate) const SEGMENTS: [Branch; 9] = [
    Branch { id: 1, name: "Shoppings" },
    Branch { id: 2, name: "Lajes Corporativas" },
    Branch { id: 3, name: "Logística" },
    Branch { id: 4, name: "Residencial" },
    Branch { id: 5, name: "Hospital" },
    Branch { id: 6, name: "Hotel" },
    Branch { id: 8, name: "Híbrido" },
    Branch { id: 9, name: "Títulos e Val. Mob." },
    Branch { id: 10, name: "Outros" },
];

/// One invented street address.
pub(crate) fn address(rng: &mut Rng) -> String {
    let street = rng
        .choice([
            "Avenida das Acácias",
            "Rua São Jerônimo",
            "Alameda dos Ipês",
            "Rodovia do Café",
            "Praça da Estação",
        ])
        .unwrap_or("Rua A");
    let city = rng
        .choice([
            "São Paulo - SP",
            "Belém - PA",
            "Goiânia - GO",
            "Vitória - ES",
            "Maceió - AL",
            "Niterói - RJ",
        ])
        .unwrap_or("São Paulo - SP");
    format!("{street}, nº {}, Centro, {city}", rng.u32(1..4_000))
}
