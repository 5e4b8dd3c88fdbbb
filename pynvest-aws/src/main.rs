//! The program of all ten functions. `_HANDLER` says which of them it is.

use std::process::ExitCode;

use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use pynvest_aws::{App, Function, chain};
use serde_json::Value;

/// The most characters that a function says of its failure to whoever has called it.
const SAID: usize = 2_000;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    pynvest_aws::log_as_json();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            tracing::error!("the function cannot start: {sentence}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    let variable = |name: &'static str| std::env::var(name).ok();
    let function: Function =
        variable("_HANDLER").unwrap_or_default().parse().map_err(|error| chain(&error))?;
    let app = &App::new(variable).map_err(|error| chain(&error))?;
    let handler = async |event: LambdaEvent<Value>| -> Result<Value, Diagnostic> {
        pynvest_aws::handle(app, function, event.payload, event.context.deadline()).await.map_err(|error| {
            tracing::error!(cause = error.kind(), "{}", chain(&error));
            // The cause of an execution of Step Functions has an end; the log has all of it.
            let error_message = chain(&error).chars().take(SAID).collect();
            Diagnostic { error_type: error.kind().to_owned(), error_message }
        })
    };
    lambda_runtime::run(service_fn(handler)).await.map_err(|error| error.to_string())
}
