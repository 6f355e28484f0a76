//! `cargo xtask build`: the npm packages, the storefront and the two Workers, each only when its sources changed.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};

use crate::paths::{self, WORKER_BUILD};
use crate::run::{cargo, command, fingerprint, must, node, say};
use crate::setup;

#[derive(Args, Default)]
pub(crate) struct Options {
    /// What to build; everything when nothing is named
    #[arg(value_enum)]
    parts: Vec<Part>,
    /// Build even what is up to date
    #[arg(long)]
    force: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// The npm package `edge-cashier`: pkg/dist
    Package,
    /// The demo storefront: www/dist
    Storefront,
    /// The Worker: worker/build
    Worker,
    /// The npm package `edge-cashier-worker`, which holds the built Worker: worker/npm/dist
    WorkerPackage,
    /// The simulated gateway: simulator/build
    Simulator,
}

/// In the order in which one needs the other.
const ALL: [Part; 5] = [
    Part::Package,
    Part::Storefront,
    Part::Worker,
    Part::WorkerPackage,
    Part::Simulator,
];

/// What every Rust build depends on.
const RUST: [&str; 5] = [
    "Cargo.toml",
    "Cargo.lock",
    "rust-toolchain.toml",
    "src",
    "xtask/src/paths.rs",
];

pub(crate) fn run(options: &Options) -> Result<()> {
    setup::for_building()?;
    let parts = if options.parts.is_empty() {
        ALL.to_vec()
    } else {
        options.parts.clone()
    };
    build(&parts, options.force)
}

pub(crate) fn everything() -> Result<()> {
    build(&ALL, false)
}

/// What the demo serves.
pub(crate) const DEMO: [Part; 4] = [Part::Package, Part::Storefront, Part::Worker, Part::Simulator];

/// Builds what is named, as far as it is not up to date.
pub(crate) fn parts(parts: &[Part]) -> Result<()> {
    build(parts, false)
}

fn build(parts: &[Part], force: bool) -> Result<()> {
    ALL.iter()
        .filter(|part| parts.contains(part))
        .try_for_each(|part| part.build(force))
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Part::Package => "npm package",
            Part::Storefront => "storefront",
            Part::Worker => "Worker",
            Part::WorkerPackage => "Worker's package",
            Part::Simulator => "simulator",
        }
    }

    /// How long it takes where nothing was compiled before, on two cores.
    fn usually(self) -> &'static str {
        match self {
            Part::Package | Part::Worker => "about a minute the first time",
            Part::Simulator => "about 20 seconds the first time",
            Part::Storefront | Part::WorkerPackage => "seconds",
        }
    }

    fn inputs(self) -> Vec<&'static str> {
        match self {
            Part::Package => [
                &RUST[..],
                &[
                    "package-lock.json",
                    "pkg/src",
                    "pkg/scripts",
                    "pkg/package.json",
                    "pkg/tsconfig.json",
                    "pkg/tsconfig.build.json",
                    // The command line writes projects with these.
                    "worker/wrangler.jsonc",
                    "worker/.dev.vars.example",
                ],
            ]
            .concat(),
            Part::Storefront => {
                let mut inputs = Part::Package.inputs();
                inputs.extend([
                    "www/src",
                    "www/public",
                    "www/build.mjs",
                    "www/package.json",
                    "www/tsconfig.json",
                ]);
                inputs
            }
            Part::Worker => [
                &RUST[..],
                &[
                    "package-lock.json",
                    "worker/src",
                    "worker/Cargo.toml",
                    "worker/hs256/src",
                    "worker/hs256/Cargo.toml",
                    "worker/openapi.yaml",
                ],
            ]
            .concat(),
            Part::WorkerPackage => {
                let mut inputs = Part::Worker.inputs();
                inputs.extend([
                    "worker/npm/build.mjs",
                    "worker/npm/package.json",
                    "pkg/scripts/sbom.mjs",
                ]);
                inputs
            }
            Part::Simulator => [
                &RUST[..],
                &[
                    "package-lock.json",
                    "simulator/src",
                    "simulator/scenarios",
                    "simulator/build.rs",
                    "simulator/Cargo.toml",
                    "worker/hs256/src",
                    "worker/hs256/Cargo.toml",
                ],
            ]
            .concat(),
        }
    }

    /// The file without which the part counts as not built.
    fn output(self) -> PathBuf {
        paths::root().join(match self {
            Part::Package => "pkg/dist/index.js",
            Part::Storefront => "www/dist/index.html",
            Part::Worker => "worker/build/index.js",
            Part::WorkerPackage => "worker/npm/dist/index.js",
            Part::Simulator => "simulator/build/index.js",
        })
    }

    fn build(self, force: bool) -> Result<()> {
        when_changed(
            self.name(),
            self.usually(),
            &self.inputs(),
            &self.output(),
            force,
            || match self {
                Part::Package => package(),
                Part::Storefront => must(node().arg("www/build.mjs")),
                Part::Worker => {
                    cloudflare_worker("worker", &[])?;
                    optimise("worker/build/index_bg.wasm")
                }
                Part::WorkerPackage => {
                    // It is a copy: of the Worker as its sources are now.
                    Part::Worker.build(false)?;
                    must(node().arg("worker/npm/build.mjs"))
                }
                Part::Simulator => cloudflare_worker("simulator", &[]),
            },
        )
    }
}

/// Builds a part unless it was built from the same inputs before.
fn when_changed(
    name: &str,
    usually: &str,
    inputs: &[&str],
    output: &Path,
    force: bool,
    build: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let wanted = fingerprint(inputs)?;
    let stamps = paths::root().join("target/xtask");
    let stamp = stamps.join(name.replace(' ', "-"));
    let current = std::fs::read_to_string(&stamp).is_ok_and(|found| found == wanted);
    if current && output.exists() && !force {
        println!("    {name}: up to date");
        return Ok(());
    }
    say(&format!("building the {name}: {usually}"));
    build()?;
    std::fs::create_dir_all(&stamps)?;
    std::fs::write(&stamp, wanted).context("could not note what was built")
}

/// Builds the Worker with addresses that panic on purpose, for a test alone: `target/panicking-worker`.
pub(crate) fn panicking_worker() -> Result<()> {
    let folder = "target/panicking-worker";
    let output = paths::root().join(folder).join("index.js");
    when_changed(
        "panicking Worker",
        "about a minute",
        &Part::Worker.inputs(),
        &output,
        false,
        || {
            let out_dir = format!("../{folder}");
            cloudflare_worker(
                "worker",
                &[
                    "--out-dir",
                    &out_dir,
                    "--no-opt",
                    ".",
                    "--features",
                    "panic-route",
                ],
            )
        },
    )
}

/// The npm package's two modules, by the names of their files: the whole face, and verification alone.
const MODULES: [(&str, &str); 2] = [("core", "js"), ("webhook", "js-webhook")];

fn package() -> Result<()> {
    let modules = paths::root().join("target/pkg");
    std::fs::create_dir_all(&modules)?;
    for (name, feature) in MODULES {
        must(
            cargo()
                .args([
                    "rustc",
                    "--package",
                    "edge-cashier",
                    "--lib",
                    "--crate-type",
                    "cdylib",
                    "--locked",
                ])
                .args([
                    "--release",
                    "--target",
                    "wasm32-unknown-unknown",
                    "--features",
                    feature,
                ]),
        )?;
        // Both come out under one name.
        let built = target_dir().join("wasm32-unknown-unknown/release/edge_cashier.wasm");
        let module = modules.join(name).with_extension("wasm");
        std::fs::copy(&built, &module).with_context(|| format!("could not copy {}", built.display()))?;
    }
    must(node().arg("pkg/scripts/build.mjs").arg(modules))
}

fn cloudflare_worker(folder: &str, options: &[&str]) -> Result<()> {
    must(
        command(WORKER_BUILD.path()?)
            .arg("--release")
            .args(options)
            .current_dir(paths::root().join(folder)),
    )
}

/// What rustc and wasm-bindgen emit. Not `--all-features`: workerd must know each encoding.
const WASM_FEATURES: [&str; 7] = [
    "--enable-mutable-globals",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-reference-types",
    "--enable-exception-handling",
];

/// Small, and without the names of the functions, an eighth of the upload. worker-build would keep them whatever its options, so its own run of `wasm-opt` is off.
/// The simulator is for one's own machine: it keeps its names, and its build does not wait for this.
fn optimise(wasm: &str) -> Result<()> {
    must(node().arg(paths::npm_bin("wasm-opt")).args(WASM_FEATURES).args([
        "-Oz",
        "--strip-debug",
        wasm,
        "-o",
        wasm,
    ]))
}

pub(crate) fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| paths::root().join("target"), PathBuf::from)
}
