//! `cargo xtask simulator`: the simulated gateway alone, for a merchant's own backend in any language.

use anyhow::Result;
use clap::Args;

use crate::build::{self, Part};
use crate::run::{hand_over, node, say};
use crate::setup;

#[derive(Args)]
pub(crate) struct Options {
    /// Port of the simulated gateway
    #[arg(long, default_value_t = 8788)]
    port: u16,
    /// What the API takes for `x-api-key`; several with commas between
    #[arg(long)]
    api_key: Option<String>,
    /// Where webhooks are sent
    #[arg(long)]
    webhook_url: Option<String>,
    /// What webhooks are signed with
    #[arg(long)]
    webhook_password: Option<String>,
    /// Where the cashier sends the user back to; by default a page of the simulator's own
    #[arg(long)]
    return_url: Option<String>,
    /// Makes ids and drawn faults the same in every run
    #[arg(long)]
    seed: Option<u64>,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    setup::for_building()?;
    build::parts(&[Part::Simulator])?;
    say("starting the simulated gateway (Ctrl-C ends it)");
    let mut simulator = node();
    simulator.arg("xtask/js/simulator.mjs");
    let seed = options.seed.map(|seed| seed.to_string());
    for (name, value) in [
        ("--port", Some(&options.port.to_string())),
        ("--api-key", options.api_key.as_ref()),
        ("--webhook-url", options.webhook_url.as_ref()),
        ("--webhook-password", options.webhook_password.as_ref()),
        ("--return-url", options.return_url.as_ref()),
        ("--seed", seed.as_ref()),
    ] {
        if let Some(value) = value {
            // In one word: a value may begin with a dash.
            simulator.arg(format!("{name}={value}"));
        }
    }
    hand_over(simulator)
}
