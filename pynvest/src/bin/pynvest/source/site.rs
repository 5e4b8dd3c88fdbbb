//! Which site is asked, and how.

use std::time::Duration;

use anyhow::Result;
use clap::Args;
use pynvest::Client;

#[derive(Args)]
pub(crate) struct Site {
    /// Where the site is.
    #[arg(long, value_name = "URL", default_value = "https://www.fundamentus.com.br")]
    pub(crate) site: String,
    /// The least time between the starts of two requests, in milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 250)]
    interval: u64,
    /// How to introduce oneself to the site; best with a way to reach you.
    #[arg(long, value_name = "TEXT")]
    user_agent: Option<String>,
}

impl Site {
    pub(crate) fn client(&self) -> Result<Client> {
        let mut builder =
            Client::builder().base_url(&self.site).interval(Duration::from_millis(self.interval));
        if let Some(user_agent) = &self.user_agent {
            builder = builder.user_agent(user_agent);
        }
        Ok(builder.build()?)
    }
}
