//! `cargo xtask check`: what must hold before a test is worth running.

use anyhow::Result;

use crate::run::{cargo, command, must, node, say};
use crate::{build, paths, setup};

pub(crate) fn run() -> Result<()> {
    setup::for_building()?;
    setup::component("rustfmt")?;
    setup::component("clippy")?;
    say("Rust formatting");
    must(cargo().args(["fmt", "--all", "--check"]))?;
    say("clippy on the host");
    must(cargo().args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ]))?;
    say("clippy on wasm32");
    for (package, features) in [
        ("edge-cashier", "js"),
        ("edge-cashier-worker", ""),
        ("edge-cashier-simulator", ""),
    ] {
        must(
            cargo()
                .args(["clippy", "--package", package, "--features", features, "--locked"])
                .args(["--target", "wasm32-unknown-unknown", "--", "-D", "warnings"]),
        )?;
    }
    say("the fuzz targets, which are a workspace of their own");
    must(cargo().args([
        "check",
        "--manifest-path",
        "fuzz/Cargo.toml",
        "--locked",
        "--target-dir",
        "target/fuzz",
    ]))?;
    say("the crate can be published");
    must(cargo().args([
        "publish",
        "--package",
        "edge-cashier",
        "--dry-run",
        "--locked",
        "--allow-dirty",
        "--target-dir",
        "target/publish",
    ]))?;
    say("rustdoc without a warning");
    must(
        cargo()
            .args(["doc", "--package", "edge-cashier", "--no-deps", "--locked"])
            .env("RUSTDOCFLAGS", "-D warnings"),
    )?;
    build::everything()?;
    say("TypeScript");
    for folder in ["pkg", "www"] {
        must(node().args(["node_modules/typescript/bin/tsc", "--noEmit", "-p", folder]))?;
    }
    say("the test vectors are what JavaScript makes");
    must(node().args(["tests/vectors/make.mjs", "--check"]))?;
    say("lint and formatting of everything else");
    must(&mut command(paths::npm_bin("oxlint")))?;
    must(command(paths::npm_bin("prettier")).args(["--check", "--log-level", "warn", "."]))
}
