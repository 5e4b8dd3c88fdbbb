//! The lines on standard input and output: nothing but JSON-RPC, in each revision of the protocol.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use super::{lake, program};
use crate::program::site;

/// Writes lines to the program, with bytes that are no message among them, and reads what it answers, by id.
async fn exchange(lines: &[&str], answers: usize) -> Vec<Value> {
    use tokio::io::{AsyncBufReadExt, BufReader};
    let mut program =
        program(&["--lake", lake().to_str().unwrap(), "--site", site(), "--interval", "0"]).spawn().unwrap();
    let mut stdin = program.stdin.take().unwrap();
    let mut stdout = BufReader::new(program.stdout.take().unwrap()).lines();
    for line in lines {
        stdin.write_all(format!("{line}\n").as_bytes()).await.unwrap();
    }
    let mut said = Vec::new();
    while said.len() < answers {
        let line = tokio::time::timeout(Duration::from_secs(120), stdout.next_line())
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        said.push(serde_json::from_str::<Value>(&line).unwrap_or_else(|_| panic!("no JSON: {line}")));
    }
    drop(stdin);
    assert_eq!(stdout.next_line().await.unwrap(), None, "nothing else");
    let output = program.wait_with_output().await.unwrap();
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
    assert!(said.iter().all(|answer| answer["jsonrpc"] == "2.0"));
    said.sort_by_key(|answer| answer["id"].as_u64());
    said
}

fn initialize(version: &str) -> String {
    json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "test", "version": "1"},
    }})
    .to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn older_revisions_begin_with_initialize() {
    let call = r#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"describe","arguments":{"columns":["pl"]}}}"#;
    for (asked, agreed) in
        [("2025-06-18", "2025-06-18"), ("2025-11-25", "2025-11-25"), ("1999-01-01", "2025-11-25")]
    {
        let said = exchange(&[&initialize(asked), call], 2).await;
        assert_eq!(said[0]["result"]["protocolVersion"], agreed, "{asked}");
        assert_eq!(said[0]["result"]["serverInfo"]["name"], "pynvest");
        let result = &said[1]["result"];
        assert_eq!(
            (&result["isError"], result["content"][0]["type"].as_str()),
            (&json!(false), Some("text"))
        );
        assert_eq!(result["structuredContent"]["columns"][0]["name"], "pl");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_newest_revision_has_no_state() {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let request = |id: u64, method: &str, mut params: Value| {
        params["_meta"] = meta.clone();
        json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).to_string()
    };
    let describe = json!({"name": "describe", "arguments": {"columns": ["dy"]}});
    let discover = request(1, "server/discover", json!({}));
    let said = exchange(&[&discover, &request(2, "tools/call", describe.clone())], 2).await;
    let versions = said[0]["result"]["supportedVersions"].as_array().unwrap();
    for version in ["2026-07-28", "2025-11-25", "2025-06-18"] {
        assert!(versions.contains(&json!(version)), "{versions:?}");
    }
    assert_eq!(said[1]["result"]["structuredContent"]["columns"][0]["name"], "dy");
    // The first message may be a call: nothing has to come before it.
    let alone = exchange(&[&request(2, "tools/call", describe)], 1).await;
    assert_eq!(alone[0]["result"]["structuredContent"], said[1]["result"]["structuredContent"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_message_ends_nothing() {
    let long = "x".repeat(2 << 20);
    let call = r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"describe"}}"#;
    let begin = initialize("2025-11-25");
    let said = exchange(&[&begin, "no JSON", "", "[1, 2", &long, r#"{"a": 1"#, call], 2).await;
    assert_eq!((&said[1]["id"], &said[1]["result"]["isError"]), (&json!(7), &json!(false)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_goes_at_once_is_no_failure_and_a_lake_that_is_not_there_is() {
    let run = async |arguments: &[&str]| {
        let mut program = program(arguments).spawn().unwrap();
        drop(program.stdin.take());
        program.wait_with_output().await.unwrap()
    };
    let output = run(&[]).await;
    assert_eq!((output.status.code(), output.stdout.len(), output.stderr.len()), (Some(0), 0, 0));
    for (arguments, said) in [
        (&["--lake", "no/such/lake"][..], "the lake cannot be read: no/such/lake"),
        (&["--offline"], "--lake <DIR>"),
    ] {
        let output = run(arguments).await;
        let messages = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && messages.contains(said), "{messages}");
        assert_eq!(output.stdout.len(), 0);
    }
}

/// What clients cache and people review: names, texts, schemas. If a change is meant, the new file takes the place of the old one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tools_are_those_of_the_snapshot() {
    let list = r#"{"jsonrpc":"2.0","id":2,"method":"tools/list"}"#;
    let said = exchange(&[&initialize("2025-11-25"), list], 2).await;
    let tools = &said[1]["result"]["tools"];
    let name = |name: &str| {
        let letters = |letter: char| letter.is_ascii_alphanumeric() || ['_', '-'].contains(&letter);
        (1..=64).contains(&name.len()) && name.chars().all(letters)
    };
    for tool in tools.as_array().unwrap() {
        assert!(
            name(tool["name"].as_str().unwrap()) && tool["annotations"]["readOnlyHint"] == true,
            "{tool}"
        );
        assert_eq!(tool["inputSchema"]["additionalProperties"], false, "{tool}");
        let text = tool["description"].as_str().unwrap();
        assert!((40..=600).contains(&text.len()), "{tool}");
    }
    let now = serde_json::to_string_pretty(tools).unwrap() + "\n";
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/mcp-tools.json");
    if std::fs::read_to_string(&kept).unwrap_or_default() != now {
        let new = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mcp-tools.json");
        std::fs::write(&new, now).unwrap();
        panic!("the tools differ from {}; they are now {}", kept.display(), new.display());
    }
}
