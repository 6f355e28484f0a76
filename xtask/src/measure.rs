//! `cargo xtask size`, `bench` and `fuzz`: figures, printed and compared with their budgets.

use std::process::Command;

use anyhow::{Result, ensure};
use clap::Args;

use crate::run::{cargo, must, node, say, status};
use crate::{build, setup};

#[derive(Args)]
pub(crate) struct FuzzOptions {
    /// How many cases to generate for each comparison
    #[arg(long, default_value_t = 1_000_000)]
    count: u64,
    /// The seed of the generators; the same seed gives the same cases
    #[arg(long)]
    seed: Option<u64>,
}

pub(crate) fn size() -> Result<()> {
    setup::for_building()?;
    build::everything()?;
    say("sizes against their budgets");
    must(node().arg("tests/size/size.mjs"))
}

/// The measurements of the npm package, each a program that ends with an error when a budget is passed.
const BENCHES: [(&str, &str); 3] = [
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

pub(crate) fn bench() -> Result<()> {
    setup::for_building()?;
    build::package_alone()?;
    say("native: verification against bare SHA-1 of the same bytes");
    must(cargo().args(["bench", "--package", "edge-cashier", "--locked"]))?;
    // All figures are printed, also when one of the first passes its budget.
    let mut passed = Vec::new();
    for (name, script) in BENCHES {
        say(name);
        if !status(node().arg(script))?.success() {
            passed.push(name);
        }
    }
    ensure!(passed.is_empty(), "over a budget: {}", passed.join("; "));
    Ok(())
}

pub(crate) fn fuzz(options: &FuzzOptions) -> Result<()> {
    setup::for_building()?;
    build::package_alone()?;
    for (side, flag) in [("native", None), ("wasm in Node", Some("--wasm"))] {
        say(&format!("canonicalize ({side}) against V8's JSON"));
        let count = options.count.to_string();
        let mut script = node();
        script
            .args(["tests/fuzz-v8/run.mjs", "--count", &count])
            .args(flag);
        if let Some(seed) = options.seed {
            script.args(["--seed", &seed.to_string()]);
        }
        must(&mut script)?;
    }
    Ok(())
}

/// The run that belongs to `cargo xtask test`: short, and a new seed each time, which it prints.
pub(crate) fn short_native_fuzz() -> Command {
    let mut script = node();
    script.args(["tests/fuzz-v8/run.mjs", "--count", "50000"]);
    script
}

/// The same for the wasm of the npm package.
pub(crate) fn short_wasm_fuzz() -> Command {
    let mut script = node();
    script.args(["tests/fuzz-v8/run.mjs", "--wasm", "--count", "20000"]);
    script
}
