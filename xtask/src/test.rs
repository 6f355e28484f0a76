//! `cargo xtask test`: every suite, counted, ending in one line.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result};
use clap::Args;

use crate::run::{cargo, node, say};
use crate::{build, paths, setup};

#[derive(Args)]
pub(crate) struct Options {
    /// Run only the suites whose name holds this text (`cargo xtask test worker`)
    only: Option<String>,
}

#[derive(Default, Clone, Copy)]
struct Count {
    passed: u32,
    failed: u32,
}

struct Suite {
    name: &'static str,
    kind: Kind,
}

enum Kind {
    /// `cargo test` with these arguments.
    Cargo(&'static [&'static str]),
    /// `tests/wasm` by wasm-bindgen-test: in Node, or in Chromium.
    Wasm { in_browser: bool },
    /// Node's test runner over the `*.test.mjs` files of a folder.
    Node(&'static str),
    /// A command that is one test: it passes by its exit status.
    One(fn() -> Command),
}

fn suites() -> Vec<Suite> {
    let mut suites = vec![
        Suite {
            name: "core and workers, native",
            kind: Kind::Cargo(&["test", "--workspace", "--no-fail-fast", "--locked"]),
        },
        Suite {
            name: "JavaScript face, native",
            kind: Kind::Cargo(&[
                "test",
                "--package",
                "edge-cashier",
                "--features",
                "js",
                "--lib",
                "--locked",
            ]),
        },
        Suite {
            name: "JavaScript face in Node",
            kind: Kind::Wasm { in_browser: false },
        },
        Suite {
            name: "JavaScript face in Chromium",
            kind: Kind::Wasm { in_browser: true },
        },
        Suite {
            name: "canonicalize against V8, native",
            kind: Kind::One(crate::measure::short_native_fuzz),
        },
        Suite {
            name: "canonicalize against V8, wasm",
            kind: Kind::One(crate::measure::short_wasm_fuzz),
        },
    ];
    suites.extend(
        [
            ("npm package", "tests/pkg"),
            ("command line", "tests/cli"),
            ("simulator on workerd", "tests/simulator"),
            ("worker on workerd", "tests/worker"),
            ("proofs: nothing lost, nothing twice", "tests/proofs"),
            ("tickets of other languages", "tests/tickets"),
            ("hostile input and security", "tests/hostile"),
            ("operations over HTTP", "tests/operations"),
            ("launcher in Chromium and Firefox", "tests/launcher"),
            ("end to end in Chromium and Firefox", "tests/e2e"),
            ("runtimes", "tests/runtimes"),
            ("worker package by wrangler", "tests/worker-package"),
            ("examples", "tests/examples"),
            ("project", "tests/project"),
        ]
        .map(|(name, folder)| Suite {
            name,
            kind: Kind::Node(folder),
        }),
    );
    suites
}

pub(crate) fn run(options: &Options) -> Result<bool> {
    setup::for_building()?;
    let browser = setup::browser()?;
    println!("    Chromium: {}", browser.display());
    build::everything()?;

    let mut total = Count::default();
    let mut failed_suites = Vec::new();
    let chosen = |suite: &Suite| {
        options
            .only
            .as_ref()
            .is_none_or(|only| suite.name.contains(only.as_str()))
    };
    for suite in suites().into_iter().filter(chosen) {
        say(&format!("testing: {}", suite.name));
        let start = Instant::now();
        let count = suite.run(&browser)?;
        println!(
            "    {}: {} passed, {} failed in {:.0} s",
            suite.name,
            count.passed,
            count.failed,
            start.elapsed().as_secs_f32()
        );
        total.passed += count.passed;
        total.failed += count.failed;
        if count.failed > 0 {
            failed_suites.push(suite.name);
        }
    }
    if !failed_suites.is_empty() {
        println!("\nFailing suites: {}", failed_suites.join("; "));
    }
    println!("\n{} passed, {} failed", total.passed, total.failed);
    // Nothing executed is no proof of anything.
    Ok(total.failed == 0 && total.passed > 0)
}

impl Suite {
    fn run(&self, browser: &Path) -> Result<Count> {
        match self.kind {
            Kind::Cargo(arguments) => cargo_suite(cargo().args(arguments)),
            Kind::Wasm { in_browser } => wasm_suite(in_browser),
            Kind::Node(folder) => node_suite(folder, browser),
            Kind::One(command) => {
                let succeeded = crate::run::status(&mut command())?.success();
                Ok(Count {
                    passed: u32::from(succeeded),
                    failed: u32::from(!succeeded),
                })
            }
        }
    }
}

fn wasm_suite(in_browser: bool) -> Result<Count> {
    let mut command = cargo();
    command
        .args(["test", "--package", "edge-cashier", "--test", "wasm", "--locked"])
        .args(["--target", "wasm32-unknown-unknown", "--features", "js"])
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
            paths::WASM_BINDGEN.program("wasm-bindgen-test-runner")?,
        );
    if in_browser {
        command
            .env("WASM_BINDGEN_USE_BROWSER", "1")
            .env("CHROMEDRIVER", setup::webdriver()?)
            .env(
                "WASM_BINDGEN_TEST_WEBDRIVER_JSON",
                paths::root().join("tests/wasm/webdriver.json"),
            );
    }
    cargo_suite(&mut command)
}

/// Counts the `test result:` lines as they pass by.
fn cargo_suite(command: &mut Command) -> Result<Count> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .context("could not start cargo test")?;
    let mut count = Count::default();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines() {
            let line = line.context("cargo test wrote something that is not text")?;
            println!("{line}");
            if let Some(result) = line.strip_prefix("test result: ") {
                count.passed += number_before(result, " passed");
                count.failed += number_before(result, " failed");
                // A test that did not run is one that nobody saw pass.
                count.failed += number_before(result, " ignored");
            }
        }
    }
    let status = child.wait()?;
    if !status.success() && count.failed == 0 {
        // It did not compile, or a test ended the process: no result line tells of it.
        count.failed = 1;
    }
    Ok(count)
}

fn number_before(text: &str, word: &str) -> u32 {
    text.split(word)
        .next()
        .and_then(|before| before.rsplit(' ').next()?.parse().ok())
        .unwrap_or(0)
}

/// The suites that run Python programs, with the packages that those need.
const PYTHON: [(&str, &str); 2] = [
    ("tests/tickets", "tests/tickets/requirements.txt"),
    ("tests/hostile", "tests/hostile/schemathesis.requirements.txt"),
];

/// The suites whose files need the tools of one of the folders with a lock file of their own. Installed before: files that run at the same time would do it twice.
const TOOLS: [&str; 3] = ["tests/runtimes", "tests/examples", "tests/project"];

/// The suites that drive Firefox as well as Chromium.
const FIREFOX: [&str; 2] = ["tests/e2e", "tests/launcher"];

fn node_suite(folder: &str, browser: &Path) -> Result<Count> {
    let mut files: Vec<_> = std::fs::read_dir(paths::root().join(folder))
        .with_context(|| format!("the suite's folder {folder} is missing"))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with(".test.mjs"))
        .collect();
    files.sort();
    if files.is_empty() {
        println!("    {folder} holds no *.test.mjs: a suite without a test counts as failed");
        return Ok(Count { passed: 0, failed: 1 });
    }
    let reports = paths::root().join("target/xtask");
    std::fs::create_dir_all(&reports)?;
    let report = reports.join(format!("{}.tap", folder.replace('/', "-")));
    let _ = std::fs::remove_file(&report);
    let mut command = node();
    if let Some((_, list)) = PYTHON.iter().find(|(suite, _)| *suite == folder) {
        command.env("PYTHONPATH", setup::python_packages(list)?);
    }
    if FIREFOX.contains(&folder) {
        command.env("FIREFOX", setup::firefox()?);
    }
    if TOOLS.contains(&folder) {
        crate::run::must(node().args([
            "tests/runtimes/support/tools.mjs",
            "tests/runtimes",
            "tests/types",
        ]))?;
    }
    if folder == "tests/hostile" {
        build::panicking_worker()?;
    }
    // Each file starts servers or a browser of its own, and waits often. The proofs measure, and load the machine by themselves.
    let concurrency = if folder == "tests/proofs" { 1 } else { 2 };
    let status = command
        .arg("--test")
        .arg(format!("--test-concurrency={concurrency}"))
        .args([
            // For a file as for a test: what hangs is a failure, and not the end of the run.
            "--test-timeout=600000",
            "--test-reporter=spec",
            "--test-reporter-destination=stdout",
        ])
        .args(["--test-reporter=tap", "--test-reporter-destination"])
        .arg(&report)
        .args(files)
        .env("CHROMIUM", browser)
        .status()
        .context("could not start Node's test runner")?;
    let text = std::fs::read_to_string(&report).unwrap_or_default();
    let of = |name: &str| {
        let prefix = format!("# {name} ");
        text.lines()
            .rev()
            .find_map(|line| line.strip_prefix(&prefix)?.parse::<u32>().ok())
            .unwrap_or(0)
    };
    // A suite that fails while its tests are being named is in no count, and not in the exit status either.
    let refused = text
        .lines()
        .filter(|line| line.trim_start().starts_with("not ok "))
        .count();
    let mut count = Count {
        passed: of("pass"),
        failed: of("fail") + of("cancelled") + of("todo"),
    };
    count.failed += of("skipped");
    if count.failed == 0 {
        count.failed = u32::try_from(refused)
            .unwrap_or(u32::MAX)
            .max(u32::from(!status.success()));
    }
    Ok(count)
}
