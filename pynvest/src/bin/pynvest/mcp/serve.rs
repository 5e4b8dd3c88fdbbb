//! `pynvest mcp`: the server on standard input and output.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use pynvest::lake::History;
use rmcp::ServiceExt;
use rmcp::service::ServerInitializeError;
use rmcp::transport::async_rw::AsyncRwTransport;

use crate::mcp::figures::cut;
use crate::mcp::reader::Reader;
use crate::mcp::server::Server;
use crate::outcome::{Outcome, with_exit};
use crate::source::site;
use crate::view::text::{Lang, Usage};

/// A request of a client has at most this many bytes.
const LONGEST: usize = 1 << 20;

const EXAMPLES: &str = "\
Examples:
  pynvest mcp
  pynvest mcp --lake lake --offline";

/// Serves the figures to an assistant over MCP, on standard input and output.
///
/// MCP is the Model Context Protocol. The guide of the crate says how to add this server to a client.
#[derive(Args)]
#[command(after_help = EXAMPLES, after_long_help = with_exit(EXAMPLES))]
pub(crate) struct McpArgs {
    /// Folder of a lake, for past days.
    #[arg(long, value_name = "DIR", env = "PYNVEST_LAKE", hide_env_values = true, display_order = 800)]
    lake: Option<PathBuf>,
    /// Answer from the lake alone, without a request to the site.
    #[arg(long, requires = "lake", display_order = 801)]
    offline: bool,
    #[command(flatten)]
    site: site::Site,
}

pub(crate) async fn run(arguments: McpArgs, lang: Lang) -> Result<Outcome> {
    let McpArgs { lake, offline, site } = arguments;
    if let Some(lake) = &lake {
        let what = lang.pick("the lake cannot be read", "o lake não pode ser lido");
        History::open(lake)
            .map_err(|error| Usage(format!("{what}: {}: {}", lake.display(), lang.error(&error))))?;
    }
    let client = if offline { None } else { Some(site.client()?) };
    let server = Server::new(Reader::new(client, &site.site, lake));
    let transport =
        AsyncRwTransport::new_server(tokio::io::stdin(), tokio::io::stdout()).with_max_line_length(LONGEST);
    let failed = lang.pick("the session with the client failed", "a sessão com o cliente falhou");
    match server.serve(transport).await {
        Ok(session) => session.waiting().await.map(drop).context(failed)?,
        // A client that only looks whether the program starts.
        Err(ServerInitializeError::ConnectionClosed(_)) => {}
        // It repeats what the client sent.
        Err(error) => bail!("{failed}: {}", cut(&error.to_string(), 300)),
    }
    Ok(Outcome::Whole)
}
