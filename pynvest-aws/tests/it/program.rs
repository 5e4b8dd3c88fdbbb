//! The program itself, as Lambda starts it: environment, Runtime API, log lines and metrics.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use pynvest_aws::{App, Function};
use replica::Fault as Violation;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::aws::Fault;
use crate::lab::{DAY, Lab, SCHEDULE, batch, body, created, destination, returned, state_machine, variables};

/// The Runtime API: hands out one event, and takes the answer.
async fn runtime_api(event: Value) -> (String, mpsc::UnboundedReceiver<(String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (answers, answered) = mpsc::unbounded_channel();
    let event = Arc::new(Mutex::new(Some(event)));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (event, answers) = (Arc::clone(&event), answers.clone());
            let serve = service_fn(move |request: Request<Incoming>| {
                let (event, answers) = (Arc::clone(&event), answers.clone());
                async move {
                    let (head, body) = request.into_parts();
                    if head.method == Method::GET {
                        let Some(event) = event.lock().unwrap().take() else { std::future::pending().await };
                        let soon =
                            SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + Duration::from_secs(30);
                        let response = Response::builder()
                            .header("lambda-runtime-aws-request-id", "request-1")
                            .header("lambda-runtime-deadline-ms", soon.as_millis().to_string())
                            .header(
                                "lambda-runtime-invoked-function-arn",
                                "arn:aws:lambda:sa-east-1:123456789012:function:f",
                            );
                        return Ok::<_, Infallible>(
                            response.body(Full::new(Bytes::from(event.to_string()))).unwrap(),
                        );
                    }
                    let body = body.collect().await.unwrap().to_bytes();
                    answers
                        .send((head.uri.path().to_owned(), serde_json::from_slice(&body).unwrap()))
                        .unwrap();
                    Ok(Response::builder().status(202).body(Full::default()).unwrap())
                }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), serve));
        }
    });
    (address, answered)
}

fn program(handler: &str, variables: &[(&str, &str)]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_bootstrap"));
    program.env_clear().env("_HANDLER", handler).envs(variables.iter().copied());
    program.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    program
}

/// Where the answer went, the answer, and the lines that the program has printed.
async fn invoke(lab: &Lab, handler: &str, event: Value) -> (String, Value, Vec<Value>) {
    let (api, mut answered) = runtime_api(event).await;
    let site = lab.replica.url();
    let of_lambda = [
        ("AWS_LAMBDA_RUNTIME_API", api.as_str()),
        ("AWS_LAMBDA_FUNCTION_NAME", "a-function"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
        ("AWS_SESSION_TOKEN", "a-secret-token"),
    ];
    let mut child = program(handler, &variables(&lab.aws.url, &site)).envs(of_lambda).spawn().unwrap();
    let (path, answer) = timeout(Duration::from_secs(30), answered.recv()).await.unwrap().unwrap();
    // It waits for the next event now.
    child.start_kill().unwrap();
    let output = child.wait_with_output().await.unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains("secret"), "{text}");
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    (path, answer, text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

#[tokio::test]
async fn an_invocation_answers_logs_and_measures() {
    let lab = Lab::new(6, 4).await;
    lab.replica.fault(Violation::LayoutChanged.on("BPIN3"));
    let event = batch(&[body("PINV4", "acao"), body("BPIN3", "acao"), body("UPIN11", "acao")]);
    let (path, answer, lines) = invoke(&lab, "get-financial-data-for-acoes", event).await;
    assert_eq!(path, "/2018-06-01/runtime/invocation/request-1/response");
    assert_eq!(
        (returned(&answer), &answer["status_code"], &answer["body"]["rows"]),
        (vec!["m1"], &json!(200), &json!(2))
    );

    let (figures, log): (Vec<Value>, Vec<Value>) =
        lines.into_iter().partition(|line| line.get("Function").is_some());
    let warning = log.iter().find(|line| line["level"] == "WARN").unwrap();
    assert_eq!(
        (&warning["ticker"], &warning["cause"], &warning["transient"]),
        (&json!("BPIN3"), &json!("layout_changed"), &json!(false))
    );
    let message = warning["message"].as_str().unwrap();
    assert!(
        message.starts_with(
            "BPIN3 cannot be read: the layout of the bank page of BPIN3 changed: it has no `Cotação`"
        ),
        "{message}"
    );
    let written = log.iter().find(|line| line["level"] == "INFO").unwrap();
    assert_eq!(
        (&written["table"], &written["rows"]),
        (&json!("tbsor_fundamentus_indicadores_acoes_raw"), &json!(2))
    );
    assert!(written["key"].as_str().unwrap().contains(&format!("anomesdia_exec={DAY}/acoes-")), "{written}");
    assert_eq!(log.len(), 2, "{log:?}");

    let figure = |name: &str| figures.iter().find(|line| line.get(name).is_some()).unwrap();
    assert_eq!(
        *figure("RowsWritten"),
        json!({"Function": "a-function", "Table": "tbsor_fundamentus_indicadores_acoes_raw", "RowsWritten": 2}),
        "a line of the log, and no metric that costs"
    );
    assert_eq!(
        *figure("Failures"),
        json!({"Function": "a-function", "Cause": "layout_changed", "Failures": 1})
    );
    let latency = &figure("SiteLatency")["SiteLatency"];
    assert_eq!(latency["Count"], 2);
    assert!(latency["MedianMs"].as_u64() <= latency["MaxMs"].as_u64(), "{latency}");
    assert_eq!(figures.len(), 3);
}

#[tokio::test]
async fn findings_of_a_day_are_the_one_metric() {
    let lab = Lab::new(12, 8).await;
    lab.day().await;
    let spec = "dedup-financial-data-for-spec-ativos";
    let findings = async || {
        let (_, _, lines) = invoke(&lab, spec, state_machine()).await;
        lines.into_iter().find(|line| line.get("Findings").is_some()).unwrap()
    };
    assert_eq!(
        findings().await,
        json!({"Function": "a-function", "Findings": 0}),
        "no metric without a finding"
    );

    // Sent again and not read: a finding of each class.
    lab.later().await;
    let kept = lab.call("check-and-delete-partitions", serde_json::from_str(SCHEDULE).unwrap()).await;
    lab.call("get-tickers", destination(&kept)).await;
    lab.call("dedup-financial-data-for-acoes", state_machine()).await;
    lab.call("dedup-financial-data-for-fiis", state_machine()).await;
    let line = findings().await;
    assert_eq!((&line["Findings"], &line["Function"]), (&json!(2), &json!("a-function")));
    assert_eq!(
        line["_aws"]["CloudWatchMetrics"],
        json!([{"Namespace": "pynvest", "Dimensions": [["Function"]], "Metrics": [{"Name": "Findings", "Unit": "Count"}]}])
    );
    assert!(line["_aws"]["Timestamp"].as_u64().unwrap() > 1_700_000_000_000, "milliseconds");
}

#[tokio::test]
async fn a_failure_is_reported_with_its_causes() {
    let lab = Lab::new(6, 4).await;
    let sor = lab.part(&["PINV4"]).await;
    lab.aws.fault("PutObject", Fault::Error(403, "AccessDenied"));
    let (path, answer, lines) = invoke(&lab, "prep-financial-data-for-acoes", created(&sor)).await;
    assert_eq!(path, "/2018-06-01/runtime/invocation/request-1/error");
    assert_eq!(answer["errorType"], "aws");
    let message = answer["errorMessage"].as_str().unwrap();
    assert!(
        message.starts_with("S3 refused to write s3://sot/tbsot_") && message.contains("AccessDenied"),
        "{message}"
    );
    let error = lines.iter().find(|line| line["level"] == "ERROR").unwrap();
    assert_eq!((&error["cause"], &error["message"]), (&json!("aws"), &json!(message)));
    let said = |level: &str| lines.iter().filter(|line| line["level"] == level).count();
    assert_eq!((said("ERROR"), said("WARN")), (1, 0), "once");
}

/// Panics of the Parquet reader are caught only where a panic unwinds.
#[test]
fn the_shipped_program_unwinds() {
    let manifest = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
    let manifest = std::fs::read_to_string(manifest).unwrap();
    let (_, ship) = manifest.split_once("[profile.ship]\n").unwrap();
    let own = ship.split("\n[").next().unwrap();
    assert!(own.lines().any(|line| line == "panic = \"unwind\""), "{own}");
}

/// Handlers and variables are spelled here and in the Terraform module.
/// What has a default and is no text.
const OPTIONAL: &[&str] = &[
    "SITE_INTERVAL_MS",
    "MINIMUM_ACOES",
    "MINIMUM_FIIS",
    "MESSAGE_HOURS",
    "STRICT",
    "WHOLE_PERCENT",
    "KEEP_PAGES",
];

#[test]
fn the_module_names_handlers_and_variables_as_the_program_does() {
    let file = |name: &str| {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy").join(name);
        std::fs::read_to_string(path).unwrap()
    };
    let main = file("main.tf");
    let (_, functions) = main.split_once("  functions = {").unwrap();
    let (functions, _) = functions.split_once("\n  }\n").unwrap();
    let handlers: Vec<&str> = functions
        .lines()
        .filter_map(|line| line.strip_prefix("    pynvest-lambda-")?.strip_suffix(" = {"))
        .collect();
    assert_eq!(handlers.len(), 10);
    for handler in handlers {
        assert!(handler.parse::<Function>().is_ok(), "{handler}");
    }

    let asked = Mutex::new(BTreeSet::new());
    App::new(|name| {
        asked.lock().unwrap().insert(name);
        (!OPTIONAL.contains(&name)).then(|| "given".to_owned())
    })
    .unwrap();
    let text = file("functions.tf");
    let (_, environment) = text.split_once("  environment = {\n").unwrap();
    let (environment, _) = environment.split_once("  }\n").unwrap();
    let given: BTreeSet<&str> =
        environment.lines().filter_map(|line| Some(line.split_once('=')?.0.trim())).collect();
    let asked = asked.into_inner().unwrap();
    assert_eq!(asked.into_iter().filter(|name| !name.starts_with("AWS_")).collect::<BTreeSet<_>>(), given);
}

#[tokio::test]
async fn a_wrong_environment_is_named_before_the_first_event() {
    let mut variables = vec![
        ("AWS_REGION", "sa-east-1"),
        ("AWS_ACCESS_KEY_ID", "id"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("SOR_BUCKET", "sor"),
        ("SOT_BUCKET", "sot"),
        ("SPEC_BUCKET", "spec"),
        ("SOR_DATABASE", "db_sor"),
        ("SOT_DATABASE", "db_sot"),
        ("SPEC_DATABASE", ""),
    ];
    let said = async |handler: &str, variables: &[(&str, &str)]| {
        let output =
            timeout(Duration::from_secs(20), program(handler, variables).output()).await.unwrap().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let line: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(line["level"], "ERROR");
        line["message"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        said("get-tickerz", &variables).await,
        "the function cannot start: no function has the handler `get-tickerz`: expected a function's name without pynvest-lambda-"
    );
    assert_eq!(
        said("get-tickers", &variables[1..]).await,
        "the function cannot start: the environment variable AWS_REGION is not set"
    );
    assert_eq!(
        said("get-tickers", &variables).await,
        "the function cannot start: the environment variable SPEC_DATABASE is not set"
    );
    variables.pop();
    variables.extend([
        ("SPEC_DATABASE", "db_spec"),
        ("TICKERS_ACOES_QUEUE", "a"),
        ("TICKERS_FIIS_QUEUE", "f"),
        ("DEAD_LETTERS_ACOES_QUEUE", "a-dlq"),
        ("DEAD_LETTERS_FIIS_QUEUE", "f-dlq"),
        ("MINIMUM_FIIS", "many"),
    ]);
    assert_eq!(
        said("get-tickers", &variables).await,
        "the function cannot start: the environment variable MINIMUM_FIIS is `many`, expected a whole number"
    );
}
