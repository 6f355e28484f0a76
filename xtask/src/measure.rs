//! `cargo xtask size`, `bench`, `proof` and `fuzz`: figures, printed and compared with their budgets.

use std::process::Command;

use anyhow::{Result, ensure};
use clap::{Args, ValueEnum};

use crate::build::{self, Part};
use crate::run::{cargo, must, node, say, status};
use crate::setup;

#[derive(Args)]
pub(crate) struct BenchOptions {
    /// Measure only this; without it, everything but `memory`
    #[arg(value_enum)]
    only: Option<Bench>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Bench {
    /// The npm package and the core: start, requests, verification
    Package,
    /// The Worker's webhook intake and start, against a JavaScript Worker
    Worker,
    /// What the Worker's process holds while it takes 100,000 webhooks; some minutes, Linux alone
    Memory,
}

#[derive(Args)]
pub(crate) struct FuzzOptions {
    /// How many cases to generate for each comparison
    #[arg(long, default_value_t = 1_000_000)]
    count: u64,
    /// The seed of the generators; the same seed gives the same cases
    #[arg(long)]
    seed: Option<u64>,
}

#[derive(Args)]
pub(crate) struct ProofOptions {
    /// How many payments, each of which has some fifty webhooks; `cargo xtask test` takes fewer
    #[arg(long, default_value_t = 500)]
    payments: u32,
    /// The seed of the load; the same seed gives the same webhooks
    #[arg(long)]
    seed: Option<u32>,
}

pub(crate) fn size() -> Result<()> {
    setup::for_building()?;
    build::everything()?;
    say("sizes against their budgets");
    must(node().arg("tests/size/size.mjs"))
}

/// Programs that end with an error when a budget is passed, with what each measures.
type Scripts = &'static [(&'static str, &'static str)];

const PACKAGE: Scripts = &[
    (
        "import and first verified webhook against importing stripe-node",
        "tests/bench/start.mjs",
    ),
    (
        "a request, checked and written, against stripe-node",
        "tests/bench/request.mjs",
    ),
    (
        "verification in Node against the reference's own snippet",
        "tests/bench/verify.mjs",
    ),
];
const WORKER: Scripts = &[(
    "the Worker's webhook intake and start against a JavaScript Worker",
    "tests/bench/worker.mjs",
)];
const MEMORY: Scripts = &[(
    "the Worker's memory after 100,000 webhooks",
    "tests/bench/worker-memory.mjs",
)];

pub(crate) fn bench(options: &BenchOptions) -> Result<()> {
    setup::for_building()?;
    let (package, scripts) = match options.only {
        None => (true, [PACKAGE, WORKER].concat()),
        Some(Bench::Package) => (true, PACKAGE.to_vec()),
        Some(Bench::Worker) => (false, WORKER.to_vec()),
        Some(Bench::Memory) => (false, MEMORY.to_vec()),
    };
    if package {
        build::parts(&[Part::Package])?;
        say("native: verification against bare SHA-1 of the same bytes");
        must(cargo().args(["bench", "--package", "edge-cashier", "--locked"]))?;
    }
    if options.only != Some(Bench::Package) {
        build::parts(&[Part::Worker])?;
    }
    // All figures are printed, also when one of the first passes its budget.
    let mut passed = Vec::new();
    for (name, script) in scripts {
        say(name);
        if !status(node().arg(script))?.success() {
            passed.push(name);
        }
    }
    ensure!(passed.is_empty(), "over a budget: {}", passed.join("; "));
    Ok(())
}

pub(crate) fn proof(options: &ProofOptions) -> Result<()> {
    setup::for_building()?;
    build::parts(&[Part::Worker])?;
    say("proofs: nothing is lost and nothing happens twice");
    let mut script = node();
    script
        .args(["--test", "--test-concurrency=1", "--test-reporter=spec"])
        .arg("tests/proofs/*.test.mjs")
        .env("PROOF_PAYMENTS", options.payments.to_string());
    if let Some(seed) = options.seed {
        script.env("PROOF_SEED", seed.to_string());
    }
    must(&mut script)
}

pub(crate) fn fuzz(options: &FuzzOptions) -> Result<()> {
    setup::for_building()?;
    build::parts(&[Part::Package])?;
    for (side, wasm) in [("native", false), ("wasm in Node", true)] {
        say(&format!("canonicalize ({side}) against V8's JSON"));
        let mut script = fuzz_script(wasm, options.count);
        if let Some(seed) = options.seed {
            script.args(["--seed", &seed.to_string()]);
        }
        must(&mut script)?;
    }
    Ok(())
}

/// The run that belongs to `cargo xtask test`: short, and a new seed each time, which it prints.
pub(crate) fn short_native_fuzz() -> Command {
    fuzz_script(false, 50_000)
}

/// The same for the wasm of the npm package.
pub(crate) fn short_wasm_fuzz() -> Command {
    fuzz_script(true, 20_000)
}

/// Compares the native side, or the wasm of the npm package, with V8.
fn fuzz_script(wasm: bool, count: u64) -> Command {
    let mut script = node();
    script
        .args(["tests/fuzz-v8/run.mjs", "--count", &count.to_string()])
        .args(wasm.then_some("--wasm"));
    script
}
