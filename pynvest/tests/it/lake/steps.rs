//! The lake without a directory: rows to Parquet and back, and every step from one layer to the next.

use arrow_array::{Array, RecordBatch};
use chrono::{DateTime, FixedOffset, TimeDelta};
use parquet::file::reader::{FileReader, SerializedFileReader};
use pynvest::lake::pipeline;
use pynvest::lake::{Batch, Layer, Row, Table};
use pynvest::record::{Kind, Value};
use pynvest::{Class, Details, Sheet};
use replica::{Exchange, latin1};

fn captured_at() -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339("2026-11-23T18:45:00.123-03:00").unwrap()
}

fn exchange() -> Exchange {
    Exchange::builder().stocks(80).fiis(40).build()
}

fn sheet(exchange: &Exchange, ticker: &str) -> Sheet {
    Sheet::parse(&latin1(&exchange.details(ticker).unwrap())).unwrap()
}

/// The raw rows of a class, all captured at the same time.
fn sor(exchange: &Exchange, class: Class) -> Batch {
    let tickers: Vec<&str> = match class {
        Class::Stock => exchange.stocks().collect(),
        Class::Fii => exchange.fiis().collect(),
    };
    let row = |ticker: &&str| pipeline::sor_row(&sheet(exchange, ticker), captured_at()).unwrap().row;
    Batch { table: Table::of(Layer::Sor, class), rows: tickers.iter().map(row).collect() }
}

fn through_parquet(batch: &Batch) -> Batch {
    Batch::from_parquet(batch.table, batch.to_parquet().unwrap()).unwrap()
}

#[test]
fn a_day_through_files_gives_what_the_pages_give() {
    let exchange = exchange();
    for (class, columns) in [(Class::Stock, 67), (Class::Fii, 53)] {
        let sor = through_parquet(&sor(&exchange, class));
        assert_eq!(sor, self::sor(&exchange, class));
        let prepared = pipeline::prep(&sor).unwrap();
        assert!(prepared.rejected.is_empty());
        let sot = through_parquet(&prepared.batch);
        assert_eq!(sot, prepared.batch);
        for row in &sot.rows {
            assert_eq!(row.len(), columns);
            let Some(Value::Text(ticker)) = &row[0] else { panic!("{row:?}") };
            let page = match sheet(&exchange, ticker).details(captured_at()).unwrap() {
                Details::Stock(stock) => stock.values(),
                Details::Fii(fii) => fii.values(),
            };
            assert_eq!(*row, page, "{ticker}");
        }
        let spec = pipeline::specialize(&sot).unwrap();
        assert_eq!(through_parquet(&spec), spec);
        assert_eq!(spec.rows.len(), sot.rows.len());
    }
}

#[test]
fn spec_is_the_same_for_both_classes() {
    let exchange = exchange();
    let spec = |class| pipeline::specialize(&pipeline::prep(&sor(&exchange, class)).unwrap().batch).unwrap();
    let row = |class, ticker: &str| -> Vec<String> {
        let rows = spec(class).rows;
        let row = rows.iter().find(|row| row[0] == Some(Value::Text(ticker.to_owned()))).unwrap();
        row.iter().map(|value| value.as_ref().map_or_else(|| "null".to_owned(), Value::to_string)).collect()
    };
    assert_eq!(
        row(Class::Stock, "PINV4"),
        [
            "PINV4",
            "Ação",
            "PINVESTE PN N1",
            "Máquinas e Equipamentos",
            "57.48",
            "2026-11-20",
            "45.16",
            "64.83",
            "0.0059",
            "-0.0077",
            "0.2088",
            "0.2569",
            "-0.0483",
            "-0.0419",
            "0.5643",
            "-0.0370",
            "0.2975",
            "0.0000",
            "2026-11-23T18:45:00.123-03:00",
            "2026",
        ]
    );
    assert_eq!(
        row(Class::Fii, "PFIB11B"),
        [
            "PFIB11B",
            "Fundo Imobiliário",
            "PINVESTE RECEBÍVEIS & CRÉDITO FII",
            "null",
            "1.12",
            "2026-11-17",
            "0.62",
            "1.31",
            "0.0000",
            "0.0055",
            "0.0077",
            "-0.0286",
            "0.0025",
            "0.2331",
            "0.2381",
            "0.0000",
            "0.0000",
            "0.0000",
            "2026-11-23T18:45:00.123-03:00",
            "2026",
        ]
    );
}

#[test]
fn a_row_that_cannot_be_typed_is_set_aside_and_the_others_go_on() {
    let mut sor = sor(&exchange(), Class::Stock);
    let price = sor.table.columns.iter().position(|column| column.name == "vlr_cot").unwrap();
    let poisoned = sor.rows.iter().position(|row| row[0] == Some(Value::Text("PINV4".to_owned()))).unwrap();
    sor.rows[poisoned][price] = Some(Value::Text("12,3x".to_owned()));
    let prepared = pipeline::prep(&sor).unwrap();
    assert_eq!(prepared.batch.rows.len(), sor.rows.len() - 1);
    let [rejected] = prepared.rejected.as_slice() else { panic!("{:?}", prepared.rejected) };
    assert_eq!(
        rejected.reason.to_string(),
        "`12,3x` in column vlr_cot of tbsor_fundamentus_indicadores_acoes_raw PINV4 is not a number like -1.234,56"
    );
    assert_eq!(rejected.row, sor.rows[poisoned]);
}

#[test]
fn the_newest_capture_wins_in_any_order_and_any_number() {
    let exchange = exchange();
    let table = Table::of(Layer::Sot, Class::Stock);
    let captured = table.columns.iter().position(|column| column.kind == Kind::Timestamp).unwrap();
    let day = pipeline::prep(&sor(&exchange, Class::Stock)).unwrap().batch;
    let at = |minutes: i64, price: &str| -> Batch {
        let mut rows = day.rows.clone();
        for row in &mut rows {
            row[captured] = Some(Value::Timestamp(captured_at() + TimeDelta::minutes(minutes)));
            row[5] = Some(Value::Decimal(price.parse().unwrap()));
        }
        Batch { table, rows }
    };
    let (old, new, tie) = (at(0, "1"), at(5, "2"), at(5, "3"));
    let expected = pipeline::dedup(table, [tie.clone()]);
    assert_eq!(expected.rows.len(), day.rows.len());
    let sorted: Vec<_> = expected.rows.iter().map(|row| row[0].clone()).collect();
    assert!(sorted.is_sorted());
    let orders: [[&Batch; 4]; 4] = [
        [&old, &new, &tie, &old],
        [&tie, &new, &old, &new],
        [&new, &tie, &tie, &old],
        [&old, &old, &tie, &new],
    ];
    for order in orders {
        assert_eq!(pipeline::dedup(table, order.map(Clone::clone)), expected);
    }
    assert_eq!(pipeline::dedup(table, [expected.clone()]), expected, "twice is once");
    assert_eq!(pipeline::dedup(table, []).rows, Vec::<Row>::new(), "an empty day stays empty");
}

#[test]
fn a_step_refuses_the_table_of_another_layer() {
    let sor = sor(&exchange(), Class::Fii);
    let sot = pipeline::prep(&sor).unwrap().batch;
    assert_eq!(
        pipeline::prep(&sot).unwrap_err().to_string(),
        "expected a table of the sor layer, found tbsot_fundamentus_indicadores_fiis_prep"
    );
    assert_eq!(
        pipeline::specialize(&sor).unwrap_err().to_string(),
        "expected a table of the sot layer, found tbsor_fundamentus_indicadores_fiis_raw"
    );
}

#[test]
fn files_are_zstd_with_statistics_types_and_comments() {
    let sot = pipeline::prep(&sor(&exchange(), Class::Stock)).unwrap().batch;
    let bytes = sot.to_parquet().unwrap();
    let reader = SerializedFileReader::new(bytes::Bytes::from(bytes.clone())).unwrap();
    let file = reader.metadata();
    assert_eq!((file.num_row_groups(), file.file_metadata().num_rows()), (1, 80));
    for column in file.row_group(0).columns() {
        assert!(
            matches!(column.compression(), parquet::basic::Compression::ZSTD(_)),
            "{}",
            column.column_path()
        );
        assert!(column.statistics().is_some(), "{}", column.column_path());
    }
    let batch: RecordBatch = sot.to_arrow().unwrap();
    let schema = batch.schema();
    let types =
        ["nome_papel", "vlr_cot", "vlr_ind_roe", "num_acoes", "dt_ult_cot", "datetime_exec", "ano_ref"];
    let types = types.map(|name| schema.field_with_name(name).unwrap().data_type().to_string());
    assert_eq!(
        types,
        [
            "Utf8",
            "Decimal128(20, 6)",
            "Decimal128(20, 6)",
            "Int64",
            "Date32",
            "Timestamp(µs, \"UTC\")",
            "Int32"
        ]
    );
    let equity = schema.field_with_name("vlr_patrim_liq").unwrap();
    assert_eq!(equity.metadata()["comment"], "Patrimônio líquido, em reais");
    assert_eq!(batch.column_by_name("vlr_depositos").unwrap().null_count(), 80 - banks(&sot));
    assert_eq!(sot.to_parquet().unwrap(), bytes, "the same rows are the same bytes");
}

fn banks(sot: &Batch) -> usize {
    let deposits = sot.table.columns.iter().position(|column| column.name == "vlr_depositos").unwrap();
    sot.rows.iter().filter(|row| row[deposits].is_some()).count()
}

#[test]
fn a_file_that_is_none_of_the_table_is_refused() {
    let sor = sor(&exchange(), Class::Fii);
    let bytes = sor.to_parquet().unwrap();
    for damaged in [&bytes[..bytes.len() / 2], &bytes[..0], &bytes[bytes.len() / 2..], b"PAR1PAR1".as_slice()]
    {
        let error = Batch::from_parquet(sor.table, damaged.to_vec()).unwrap_err();
        assert_eq!(error.to_string(), "this is not a Parquet file of tbsor_fundamentus_indicadores_fiis_raw");
        assert!(std::error::Error::source(&error).is_some());
    }
    // The same names, but text where numbers belong.
    let error = Batch::from_parquet(Table::of(Layer::Sot, Class::Fii), bytes).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the columns of this file are not those of tbsot_fundamentus_indicadores_fiis_prep: the column vlr_cot has the type Utf8, not \
         Decimal128(20, 6)"
    );

    let mut spec = pipeline::specialize(&pipeline::prep(&sor).unwrap().batch).unwrap();
    spec.rows[0][4] = Some(Value::Decimal("0.0000001".parse().unwrap()));
    let error = spec.to_parquet().unwrap_err();
    assert_eq!(
        error.to_string(),
        "0.0000001 does not fit column vlr_cot of tbspec_fundamentus_cotacao_ativos"
    );
}

#[test]
fn a_renamed_label_costs_its_column_and_not_the_row() {
    let page = replica::Exchange::default().details("PINV4").unwrap();
    let sor = |html: &str| pipeline::sor_row(&pynvest::Sheet::parse(html.as_bytes()).unwrap(), captured_at());
    let whole = sor(&page).unwrap();
    assert_eq!(whole.doubts, []);

    let renamed = page.replacen(">ROE<", ">Retorno s/ PL<", 1);
    let found = sor(&renamed).unwrap();
    let told: Vec<_> =
        found.doubts.iter().map(|doubt| (doubt.kind.as_str(), &doubt.columns, doubt.to_string())).collect();
    assert_eq!(
        (told[0].0, told[0].1.as_slice(), told[0].2.as_str()),
        ("missing_label", &["vlr_ind_roe".to_owned()][..], "the page has no `ROE`")
    );
    assert_eq!((told[1].0, told.len()), ("unknown_label", 2));
    assert!(told[1].2.starts_with("unknown label `Retorno s/ PL` (value `49,9%`): "), "{}", told[1].2);
    for ((column, before), after) in pynvest::Stock::COLUMNS.iter().zip(&whole.row).zip(&found.row) {
        assert_eq!(after, if column.name == "vlr_ind_roe" { &None } else { before }, "{}", column.name);
    }
    // The same label of twelve and of three months is two; a third is too many, and so is the ticker.
    let two = page.replace(">Lucro Líquido<", ">Resultado<");
    assert_eq!(sor(&two).unwrap().doubts.len(), 4);
    assert_eq!(sor(&two.replace(">ROE<", ">RSPL<")).unwrap_err().kind(), "layout_changed");
    assert_eq!(sor(&page.replace(">Papel<", ">Ativo<")).unwrap_err().kind(), "layout_changed");
}
