//! `cargo xtask demo`: builds all of it, then runs it in workerd on this machine.

use anyhow::{Result, ensure};
use clap::Args;

use crate::run::{hand_over, node, say};
use crate::{build, setup};

#[derive(Args)]
pub(crate) struct Options {
    /// Port of the Worker and the storefront
    #[arg(long, default_value_t = 8787)]
    port: u16,
    /// Port of the simulated gateway
    #[arg(long, default_value_t = 8788)]
    simulator_port: u16,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    ensure!(
        options.port != options.simulator_port,
        "--port and --simulator-port must differ"
    );
    println!(
        "The first start compiles two tools and four parts, about 4 minutes on two cores; later ones take seconds."
    );
    setup::for_building()?;
    build::parts(&build::DEMO)?;
    say("starting the storefront, the Worker and the simulated gateway (Ctrl-C ends them)");
    let mut demo = node();
    demo.arg("xtask/js/demo.mjs").args([
        "--port",
        &options.port.to_string(),
        "--simulator-port",
        &options.simulator_port.to_string(),
    ]);
    hand_over(demo)
}
