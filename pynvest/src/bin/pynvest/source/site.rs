//! Which site is asked, and how.

use std::sync::OnceLock;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use pynvest::Client;

#[derive(Args)]
pub(crate) struct Site {
    /// Address of the site.
    #[arg(
        long,
        value_name = "URL",
        default_value = "https://www.fundamentus.com.br",
        env = "PYNVEST_SITE",
        hide_env_values = true,
        hide_short_help = true,
        display_order = 900
    )]
    pub(crate) site: String,
    /// Least time between the starts of two requests, in milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 250, hide_short_help = true, display_order = 901)]
    interval: u64,
    /// User agent sent to the site; name a way to reach you.
    #[arg(
        long,
        value_name = "TEXT",
        env = "PYNVEST_USER_AGENT",
        hide_env_values = true,
        hide_short_help = true,
        display_order = 902
    )]
    user_agent: Option<String>,
    /// One client, whose pace all requests of a command share.
    #[arg(skip)]
    made: OnceLock<Client>,
}

impl Site {
    pub(crate) fn client(&self) -> Result<Client> {
        if let Some(client) = self.made.get() {
            return Ok(client.clone());
        }
        let mut builder =
            Client::builder().base_url(&self.site).interval(Duration::from_millis(self.interval));
        if let Some(user_agent) = &self.user_agent {
            builder = builder.user_agent(user_agent);
        }
        let client = builder.build()?;
        Ok(self.made.get_or_init(|| client).clone())
    }
}
