//! Knows the two fixed funds, value by value.

use super::{dividend, on, windows};
use crate::security::{Branch, Changes, Estate, Fii, Quote};

/// An ordinary fund of buildings. Its mandate is printed, as on pages older than December 2025.
pub(super) fn ordinary() -> Fii {
    Fii {
        ticker: "PFII11".to_owned(),
        name: "PINVESTE LOGÍSTICA - FUNDO DE INVESTIMENTO IMOBILIÁRIO".to_owned(),
        mandate: "Renda",
        segment: Some(Branch { id: 11, name: "Logística" }),
        management: "Ativa",
        quote: Quote {
            price: 260_30,
            last: on(20, 11, 2026),
            low: 241_72,
            high: 265_66,
            volume: 25_508_000_00,
            market_value: 7_853_940_000,
            changes: Changes {
                day: 51,
                month: 38,
                thirty_days: -1_76,
                twelve_months: 5_28,
                years: [33, 1_81, 5_59, 1_21, 7_84, 5_04],
            },
        },
        units: 30_172_647,
        report: on(30, 10, 2026),
        quarterly: on(30, 9, 2026),
        ffo_yield: Some(7_47),
        ffo_per_unit: Some(19_44),
        dividend_yield: Some(9_66),
        dividend_per_unit: Some(21_21),
        price_to_book: Some(92),
        book_value_per_unit: Some(284_03),
        income: windows(512_532_000, 254_645_000),
        asset_sales: windows(35_233_900, -223_172),
        ffo: windows(586_689_000, 229_777_000),
        distributed: windows(640_016_000, 259_125_000),
        assets: Some(14_868_500_000),
        equity: Some(8_570_060_000),
        estate: Estate {
            properties: 70,
            premises: 86,
            area: 4_404_765,
            rent_per_m2: Some(255_32),
            price_per_m2: Some(2_904_90),
            cap_rate: Some(8_79),
            vacancy: Some(4_21),
            share_of_equity: Some(162_92),
            addresses: "Rodovia dos Galpões, km 38, Jundiaí - SP,Avenida da Doca, nº 1.200, São José - SC"
                .to_owned(),
        },
        dividends: [
            dividend(on(30, 10, 2026), 2_1000, "Rendimento", on(16, 11, 2026), 1),
            dividend(on(30, 9, 2026), 2_1000, "Rendimento", on(15, 10, 2026), 1),
            dividend(on(31, 8, 2026), 9_7000, "Amortização", None, 1),
        ]
        .into_iter()
        .flatten()
        .collect(),
    }
}

/// A fund of securities with a ticker in `11B`: blank mandate and segment, no buildings, no report.
pub(super) fn ticker_11b() -> Fii {
    Fii {
        ticker: "PFIB11B".to_owned(),
        name: "PINVESTE RECEBÍVEIS & CRÉDITO FII".to_owned(),
        mandate: "",
        segment: None,
        management: "Passiva",
        quote: Quote {
            price: 1_12,
            last: on(17, 11, 2026),
            low: 62,
            high: 1_31,
            volume: 0,
            market_value: 93_956_000,
            changes: Changes {
                day: 0,
                month: 55,
                thirty_days: 77,
                twelve_months: -2_86,
                years: [25, 23_31, 23_81, 0, 0, 0],
            },
        },
        units: 83_889_247,
        report: None,
        quarterly: on(30, 6, 2026),
        ffo_yield: Some(9_50),
        ffo_per_unit: Some(11),
        dividend_yield: Some(0),
        dividend_per_unit: Some(0),
        price_to_book: Some(1_01),
        book_value_per_unit: Some(1_11),
        income: windows(9_643_300, 2_744_300),
        asset_sales: windows(-2_409_600, 0),
        ffo: windows(8_925_820, -2_291_300),
        distributed: windows(0, 0),
        assets: Some(94_441_000),
        equity: Some(93_117_100),
        estate: Estate { share_of_equity: Some(0), ..Estate::default() },
        dividends: Vec::new(),
    }
}
