//! `cargo xtask …`: the entry point to every task of this project. Every command says what it does while it does it.

mod build;
mod check;
mod demo;
mod measure;
mod paths;
mod run;
mod scenario;
mod screenshots;
mod setup;
mod simulator;
mod test;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Sets up, runs, tests and measures edge-cashier.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    disable_help_subcommand = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install what the project needs: the wasm32 target, pinned tools, npm packages, Chromium and Firefox. Safe to repeat
    Setup,
    /// Build everything and take a payment locally: storefront, Worker and simulated gateway in workerd
    Demo(demo::Options),
    /// Run the simulated gateway alone, for a backend of your own in any language
    Simulator(simulator::Options),
    /// Run named scenarios through the Worker and the simulated gateway, each to its documented end; without a name, list them
    Scenario(scenario::Options),
    /// Run every test there is; the last line is `N passed, N failed`
    Test(test::Options),
    /// Formatting, clippy on host and wasm32 (warnings are errors), TypeScript, lint
    Check,
    /// Build the npm package, the storefront, the Worker and the simulator (or only the named ones)
    Build(build::Options),
    /// Every artefact's size (raw, gzip, brotli) against its budget; fails when one is passed
    Size,
    /// Speed of the npm package and the Worker against their peers, each pair measured in one run
    Bench(measure::BenchOptions),
    /// Show, by many webhooks in disorder and a Worker that is killed, that nothing is lost and nothing happens twice; some minutes
    Proof(measure::ProofOptions),
    /// Take pictures of every page, light, dark and on a phone; `--readme` renews those of README.md
    Screenshots(screenshots::Options),
    /// Compare `canonicalize`, native and in the npm package, with V8 on generated bodies
    Fuzz(measure::FuzzOptions),
}

fn main() -> ExitCode {
    run(Cli::parse().command).unwrap_or_else(|error| {
        eprintln!("\ncargo xtask: {error:#}");
        ExitCode::FAILURE
    })
}

fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Setup => setup::everything()?,
        Command::Demo(options) => demo::run(&options)?,
        Command::Simulator(options) => simulator::run(&options)?,
        Command::Scenario(options) => scenario::run(&options)?,
        Command::Test(options) => {
            // What failed is reported already.
            if !test::run(&options)? {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Check => check::run()?,
        Command::Build(options) => build::run(&options)?,
        Command::Size => measure::size()?,
        Command::Bench(options) => measure::bench(&options)?,
        Command::Proof(options) => measure::proof(&options)?,
        Command::Screenshots(options) => screenshots::run(&options)?,
        Command::Fuzz(options) => measure::fuzz(&options)?,
    }
    Ok(ExitCode::SUCCESS)
}
