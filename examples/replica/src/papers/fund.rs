//! Knows the two fixed funds, value by value.

use super::{dividend, on, windows};
use crate::paper::{Branch, Changes, Estate, Fii, Quote};

/// An ordinary fund of buildings. Its mandate is printed, as on pages older than December 2025.
pub(super) fn ordinary() -> Fii {
    Fii {
        ticker: "PFII11".to_owned(),
        name: "PINVESTE LOGÍSTICA - FUNDO DE INVESTIMENTO IMOBILIÁRIO".to_owned(),
        mandate: "Renda",
        segment: Some(Branch { id: 11, name: "Logística" }),
        management: "Ativa",
        quote: Quote {
            price: 150_30,
            last: on(20, 11, 2026),
            low: 139_72,
            high: 154_66,
            volume: 14_508_000_00,
            market_value: 6_853_940_000,
            changes: Changes {
                day: 49,
                month: 27,
                thirty_days: -1_76,
                twelve_months: 4_28,
                years: [22, 9_81, 4_59, 9_21, 6_84, 4_04],
            },
        },
        units: 45_601_745,
        report: on(30, 10, 2026),
        quarterly: on(30, 9, 2026),
        ffo_yield: Some(6_47),
        ffo_per_unit: Some(9_73),
        dividend_yield: Some(8_66),
        dividend_per_unit: Some(11_62),
        price_to_book: Some(91),
        book_value_per_unit: Some(166_00),
        income: windows(491_532_000, 143_645_000),
        asset_sales: windows(24_233_900, -112_172),
        ffo: windows(443_581_000, 118_777_000),
        distributed: windows(530_016_000, 148_125_000),
        assets: Some(8_868_530_000),
        equity: Some(7_570_060_000),
        estate: Estate {
            properties: 60,
            premises: 75,
            area: 3_404_765,
            rent_per_m2: Some(144_32),
            price_per_m2: Some(1_904_90),
            cap_rate: Some(7_58),
            vacancy: Some(3_21),
            share_of_equity: Some(94_60),
            addresses: "Rodovia dos Galpões, km 38, Jundiaí - SP,Avenida da Doca, nº 1.200, São José - SC"
                .to_owned(),
        },
        dividends: [
            dividend(on(30, 10, 2026), 1_1000, "Rendimento", on(16, 11, 2026), 1),
            dividend(on(30, 9, 2026), 1_1000, "Rendimento", on(15, 10, 2026), 1),
            dividend(on(31, 8, 2026), 8_7000, "Amortização", None, 1),
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
            price: 9_12,
            last: on(17, 11, 2026),
            low: 8_62,
            high: 9_31,
            volume: 0,
            market_value: 664_750_000,
            changes: Changes {
                day: 0,
                month: 44,
                thirty_days: 66,
                twelve_months: -1_86,
                years: [14, 12_31, 12_81, 0, 0, 0],
            },
        },
        units: 72_889_247,
        report: None,
        quarterly: on(30, 6, 2026),
        ffo_yield: Some(8_50),
        ffo_per_unit: Some(78),
        dividend_yield: Some(0),
        dividend_per_unit: Some(0),
        price_to_book: Some(1_00),
        book_value_per_unit: Some(9_11),
        income: windows(61_643_300, 17_744_300),
        asset_sales: windows(-13_409_600, 0),
        ffo: windows(56_535_500, -16_291_300),
        distributed: windows(0, 0),
        assets: Some(738_441_000),
        equity: Some(663_841_000),
        estate: Estate { share_of_equity: Some(0), ..Estate::default() },
        dividends: Vec::new(),
    }
}
