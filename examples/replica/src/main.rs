//! The program: turns a command line into a running replica, or into files.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use chrono::NaiveDate;
use clap::{Parser, ValueEnum};
use replica::{Edition, Exchange, Fault, Pages, Replica, Rule, Site, latin1};

/// Fundamentus on loopback: invented securities or a folder of saved pages, with faults on request.
#[derive(Parser)]
struct Options {
    /// Port of 127.0.0.1 to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// How many stocks are listed, 9,464 at most.
    #[arg(long, default_value_t = 1_000, value_parser = securities)]
    stocks: usize,
    /// How many FIIs are listed, 9,464 at most.
    #[arg(long, default_value_t = 450, value_parser = securities)]
    fiis: usize,
    /// What the invention of securities depends on.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Which form the pages have.
    #[arg(long, value_enum, default_value = "net")]
    edition: Form,
    /// First session of the exchange, and the last one without a day; as in 2026-11-20.
    #[arg(long)]
    session: Option<NaiveDate>,
    /// Day of the pages, which differ from those of the day before as those of the site do.
    #[arg(long)]
    day: Option<NaiveDate>,
    /// Serve the pages saved in this folder instead.
    #[arg(long, conflicts_with_all = ["render", "session", "day"])]
    pages: Option<PathBuf>,
    /// How long every answer takes.
    #[arg(long, default_value_t = 0)]
    delay_ms: u64,
    /// What goes wrong: KIND[=VALUE][:TICKER-or-page][:N], for the first N requests, with N+ for all after them, or for all.
    #[arg(long)]
    fault: Vec<Rule>,
    /// What goes wrong now and then: KIND[=VALUE]=PERCENT.
    #[arg(long, value_parser = rate)]
    fault_rate: Vec<Rule>,
    /// Write every page of the exchange into this folder, and exit.
    #[arg(long)]
    render: Option<PathBuf>,
}

/// The two editions by the kind of debt they compare with equity.
#[derive(Clone, Copy, ValueEnum)]
enum Form {
    /// Until April 2026.
    Gross,
    /// Since May 2026.
    Net,
}

impl From<Form> for Edition {
    fn from(form: Form) -> Self {
        match form {
            Form::Gross => Self::Gross,
            Form::Net => Self::Net,
        }
    }
}

fn securities(text: &str) -> Result<usize, Box<dyn Error + Send + Sync>> {
    let securities = text.parse()?;
    if securities > Exchange::MOST {
        return Err(format!("no more than {} tickers of a class can be invented", Exchange::MOST).into());
    }
    Ok(securities)
}

fn rate(text: &str) -> Result<Rule, Box<dyn Error + Send + Sync>> {
    let (kind, percent) = text.rsplit_once('=').ok_or("a percentage is missing")?;
    Ok(kind.parse::<Fault>()?.rate(percent.parse()?))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let site = match &options.pages {
        Some(folder) => Site::from(Pages::open(folder)?),
        None => {
            let exchange = exchange(&options);
            if let Some(folder) = &options.render {
                return Ok(render(&exchange, folder)?);
            }
            Site::from(exchange)
        }
    };
    let replica = Replica::start_on(options.port, site).await?;
    replica.delay(Duration::from_millis(options.delay_ms));
    for rule in options.fault.into_iter().chain(options.fault_rate) {
        replica.fault(rule);
    }
    println!("{}", replica.url());
    stopped().await?;
    Ok(())
}

fn exchange(options: &Options) -> Exchange {
    let mut builder = Exchange::builder()
        .seed(options.seed)
        .stocks(options.stocks)
        .fiis(options.fiis)
        .edition(options.edition.into());
    if let Some(session) = options.session {
        builder = builder.session(session);
    }
    if let Some(day) = options.day {
        builder = builder.day(day);
    }
    builder.build()
}

/// Writes details pages as `TICKER.html`, and the others under the name of their path.
fn render(exchange: &Exchange, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let write = |name: String, page: &str| fs::write(folder.join(name), latin1(page));
    let classes = [
        ("proventos.php", exchange.stocks().collect::<Vec<_>>()),
        ("fii_proventos.php", exchange.fiis().collect()),
    ];
    for (dividends, tickers) in classes {
        for ticker in tickers {
            if let Some(page) = exchange.details(ticker) {
                write(format!("{ticker}.html"), &page)?;
            }
            if let Some(page) = exchange.dividends(ticker) {
                write(format!("{dividends}-{ticker}.html"), &page)?;
            }
        }
    }
    write("resultado.php.html".to_owned(), &exchange.stock_list())?;
    write("fii_resultado.php.html".to_owned(), &exchange.fii_list())?;
    write("detalhes.php.html".to_owned(), &exchange.all_stocks())
}

/// Waits for ctrl-c or, where there is such a thing, SIGTERM.
async fn stopped() -> io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
