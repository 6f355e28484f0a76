//! `cargo xtask demo`: builds all of it, then runs it in workerd on this machine.

use anyhow::{Result, ensure};
use clap::Args;

use crate::run::{node, say};
use crate::{build, paths, setup};

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
        "The first start compiles two tools and four parts, about 5 minutes on two cores; later ones take seconds."
    );
    setup::for_building()?;
    build::for_demo()?;
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

/// On Unix the demo takes this process's place, so that whoever stops it stops the servers too.
#[cfg(unix)]
fn hand_over(mut demo: std::process::Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    Err(demo.exec().into())
}

#[cfg(not(unix))]
fn hand_over(mut demo: std::process::Command) -> Result<()> {
    crate::run::must(&mut demo)
}
