//! `pynvest mcp`, as a client starts it: over standard input and output.

#[path = "mcp/refused.rs"]
mod refused;
#[path = "mcp/schema.rs"]
mod schema;
#[path = "mcp/session.rs"]
mod session;
#[path = "mcp/wire.rs"]
mod wire;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::sync::LazyLock;

use replica::Exchange;
use rmcp::model::{CallToolRequestParams, CallToolResult, ProtocolVersion};
use rmcp::service::{ClientLifecycleMode, ClientServiceExt, RunningService};
use rmcp::{RoleClient, ServiceError};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::program::lake::pages;
use crate::program::pynvest;

/// The most that an answer has: 25,000 tokens of two bytes.
const MOST: usize = 50_000;

/// A lake of three days, on which prices move and balance sheets appear.
fn lake() -> &'static Path {
    static LAKE: LazyLock<TempDir> = LazyLock::new(|| {
        let lake = TempDir::new().unwrap();
        for day in ["2026-11-23", "2026-11-24", "2026-11-25"] {
            let exchange = Exchange::builder().seed(1).stocks(60).fiis(30).day(day.parse().unwrap()).build();
            let folder = pages(&exchange, day);
            let mut run = pynvest("lake");
            run.args(["--day", day, "--out"]).arg(lake.path()).arg("--pages").arg(folder.path());
            let output = run.output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        lake
    });
    LAKE.path()
}

/// The program and a client that talks to it.
struct Session {
    client: RunningService<RoleClient, ()>,
    schemas: BTreeMap<String, Value>,
    program: Child,
}

fn program(arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_pynvest"));
    static CACHE: LazyLock<TempDir> = LazyLock::new(|| TempDir::new().unwrap());
    program.arg("mcp").args(arguments).env_remove("PYNVEST_LAKE").env("PYNVEST_CACHE", CACHE.path());
    program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    program
}

impl Session {
    async fn start(arguments: &[&str]) -> Self {
        let mut program = program(arguments).spawn().unwrap();
        let wire = (program.stdout.take().unwrap(), program.stdin.take().unwrap());
        let modern = ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::LATEST] };
        let client = ().serve_with_lifecycle(wire, modern).await.unwrap();
        let tools = client.list_all_tools().await.unwrap().into_iter();
        let schema = |tool: rmcp::model::Tool| {
            (tool.name.to_string(), serde_json::to_value(tool.output_schema.unwrap()).unwrap())
        };
        Self { schemas: tools.map(schema).collect(), client, program }
    }

    async fn call(&self, tool: &str, arguments: &Value) -> Result<CallToolResult, ServiceError> {
        let arguments = arguments.as_object().cloned().unwrap();
        self.client.call_tool(CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments)).await
    }

    /// A structured answer, which obeys the schema of its tool and the bounds, and its text.
    #[expect(clippy::manual_async_fn, reason = "a failure is named where the tool is called")]
    #[track_caller]
    fn answer(&self, tool: &str, arguments: Value) -> impl Future<Output = (Value, String)> {
        async move {
            let result = self.call(tool, &arguments).await.unwrap();
            let text = text(&result);
            assert_eq!(result.is_error, Some(false), "{tool} {arguments}: {text}");
            let answer = result.structured_content.unwrap();
            schema::validate(&self.schemas[tool], &answer);
            assert!(answer.to_string().len() + text.len() <= MOST, "{tool} {arguments}");
            (answer, text)
        }
    }

    /// What a tool says that refuses its arguments.
    async fn refusal(&self, tool: &str, arguments: Value) -> String {
        let result = self.call(tool, &arguments).await.unwrap();
        let text = text(&result);
        assert!(
            result.is_error == Some(true) && result.structured_content.is_none(),
            "{tool} {arguments}: {text}"
        );
        text
    }

    /// Ends the session; the program ends well and has said nothing, but which sectors of the site it had to learn.
    async fn end(self) {
        self.client.cancel().await.unwrap();
        let output = self.program.wait_with_output().await.unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        let odd: Vec<&str> =
            said.lines().filter(|line| !line.ends_with("all sectors are read anew")).collect();
        assert_eq!((output.status.code(), odd), (Some(0), vec![]));
    }
}

/// The one text of an answer.
fn text(result: &CallToolResult) -> String {
    let [content] = result.content.as_slice() else { panic!("{result:?}") };
    content.as_text().unwrap().text.clone()
}
