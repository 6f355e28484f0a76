//! `cargo xtask setup`: everything the project needs, installed once, said aloud.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use crate::paths::{self, Tool, WASM_BINDGEN, WORKER_BUILD};
use crate::run::{ask, cargo, command, must, node, say};

/// The oldest Node that can run npm for us; the project's own Node comes from npm afterwards.
const MINIMUM_NODE: u32 = 20;

/// What builds need, and two browsers for the tests.
pub(crate) fn everything() -> Result<()> {
    for_building()?;
    let browser = browser()?;
    println!("    Chromium: {}", browser.display());
    let firefox = firefox()?;
    println!("    Firefox: {}", firefox.display());
    Ok(())
}

/// What builds and the demo need: no browser.
pub(crate) fn for_building() -> Result<()> {
    say("set-up: checking what is here");
    prerequisites()?;
    wasm_target()?;
    // Downloading npm packages and compiling tools do not compete: one waits for the network, the other for the cores.
    let npm = std::thread::spawn(npm_packages);
    let tools = tool(&WASM_BINDGEN).and_then(|()| tool(&WORKER_BUILD));
    let npm = npm
        .join()
        .map_err(|_| anyhow::anyhow!("installing npm packages stopped unexpectedly"))?;
    tools.and(npm)?;
    let _ = std::fs::remove_dir_all(tool_builds()?);
    Ok(())
}

fn prerequisites() -> Result<()> {
    let Some(version) = ask("node", &["--version"]) else {
        bail!(
            "Node.js is not on the PATH: install Node {MINIMUM_NODE} or newer (https://nodejs.org), then repeat"
        );
    };
    let major = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|text| text.parse::<u32>().ok());
    if major.is_none_or(|major| major < MINIMUM_NODE) {
        bail!("Node.js {version} is too old: install Node {MINIMUM_NODE} or newer, then repeat");
    }
    if ask("npm", &["--version"]).is_none() {
        bail!("npm is not on the PATH: install it (it comes with Node.js), then repeat");
    }
    if ask("rustup", &["--version"]).is_none() {
        bail!("rustup is not on the PATH: install it from https://rustup.rs, then repeat");
    }
    println!("    Node {version}, npm, rustup: here");
    Ok(())
}

fn wasm_target() -> Result<()> {
    const TARGET: &str = "wasm32-unknown-unknown";
    let installed = ask("rustup", &["target", "list", "--installed"]).unwrap_or_default();
    if installed.lines().any(|line| line == TARGET) {
        println!("    Rust target {TARGET}: here");
        return Ok(());
    }
    println!("    Rust target {TARGET}: adding it");
    must(command("rustup").args(["target", "add", TARGET]))
}

/// Adds a component of the pinned toolchain that only some commands need.
pub(crate) fn component(name: &str) -> Result<()> {
    let installed = ask("rustup", &["component", "list", "--installed"]).unwrap_or_default();
    if installed.lines().any(|line| line.starts_with(name)) {
        return Ok(());
    }
    must(command("rustup").args(["component", "add", name]))
}

fn tool(tool: &Tool) -> Result<()> {
    let Tool { package, version, .. } = tool;
    if has_version(&tool.path()?, version) {
        println!("    {package} {version}: here");
        return Ok(());
    }
    if let Some(programs) = installed_programs(tool) {
        println!("    {package} {version}: taking the one on the PATH");
        let folder = tool.folder()?.join("bin");
        std::fs::create_dir_all(&folder)?;
        for program in programs {
            let name = program.file_name().context("a program without a name")?;
            std::fs::copy(&program, folder.join(name))
                .with_context(|| format!("could not copy {}", program.display()))?;
        }
        return Ok(());
    }
    println!("    {package} {version}: building it, 1 to 2 minutes, once per user");
    must(
        cargo()
            .args(["install", "--locked", "--force", package, "--version", version])
            .args(tool.options)
            // It runs for a second at a time: an optimised one would take twice as long to build and save less than it costs.
            .arg("--debug")
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .arg("--root")
            .arg(tool.folder()?)
            // The tools share half of their dependencies.
            .arg("--target-dir")
            .arg(tool_builds()?)
            // A RUSTFLAGS of the caller is not for this tool.
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_BUILD_TARGET"),
    )
}

/// Where tools are compiled, until both are there.
fn tool_builds() -> Result<PathBuf> {
    Ok(paths::cache()?.join("tools/target"))
}

fn has_version(program: &Path, version: &str) -> bool {
    ask(program, &["--version"]).is_some_and(|answer| answer.split_whitespace().any(|word| word == version))
}

/// The tool's programs on the PATH, if all are there in the pinned version: `cargo binstall` puts prebuilt ones there.
fn installed_programs(tool: &Tool) -> Option<Vec<PathBuf>> {
    tool.programs
        .iter()
        .map(|name| {
            on_path(&format!("{name}{}", std::env::consts::EXE_SUFFIX))
                .filter(|path| has_version(path, tool.version))
        })
        .collect()
}

/// `npm ci`, skipped while `node_modules` is what the lock file says.
fn npm_packages() -> Result<()> {
    let stamp = paths::root().join("node_modules/.edge-cashier-lock");
    let wanted = crate::run::fingerprint(&[
        "package-lock.json",
        "package.json",
        "pkg/package.json",
        "www/package.json",
        "tests/package.json",
    ])?;
    if std::fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) && paths::npm_bin("node").exists() {
        println!("    npm packages: here");
        return Ok(());
    }
    println!("    npm packages: installing what package-lock.json names");
    // The Node that runs npm may be older than some packages ask for; what runs them is the Node that is installed here.
    must(command("npm").args(["ci", "--no-audit", "--no-fund", "--loglevel", "error"]))
        .context("npm could not install the packages: check the network, then repeat")?;
    std::fs::write(&stamp, wanted).context("could not note the installed packages")
}

/// A Chromium: `CHROMIUM`, else one on the path, else Debian's by apt as root, else Playwright's own.
pub(crate) fn browser() -> Result<PathBuf> {
    if let Some(path) = named_by("CHROMIUM")? {
        return Ok(path);
    }
    if let Some(found) = installed_browser() {
        return Ok(found);
    }
    if is_debian_root() {
        say("set-up: installing Debian's Chromium");
        install("chromium")?;
        if let Some(found) = installed_browser() {
            return Ok(found);
        }
    }
    say("set-up: installing Playwright's Chromium");
    must(node().args(["node_modules/playwright-core/cli.js", "install", "chromium"])).context(
        "no Chromium was found or could be installed: install one and name it in the variable CHROMIUM",
    )?;
    playwright_browser().context("Playwright installed a Chromium, but it is not where it says")
}

/// A Firefox: `FIREFOX`, else one on the path, else Debian's by apt as root.
pub(crate) fn firefox() -> Result<PathBuf> {
    if let Some(path) = named_by("FIREFOX")? {
        return Ok(path);
    }
    if let Some(found) = installed_firefox() {
        return Ok(found);
    }
    if is_debian_root() {
        say("set-up: installing Debian's Firefox");
        install("firefox-esr")?;
    }
    installed_firefox().context(
        "no Firefox was found: install one (https://firefox.com) and name it in the variable FIREFOX",
    )
}

/// Chromium's WebDriver: `CHROMEDRIVER`, else one on the path, else Debian's by apt as root.
pub(crate) fn webdriver() -> Result<PathBuf> {
    if let Some(path) = named_by("CHROMEDRIVER")? {
        return Ok(path);
    }
    if let Some(found) = on_path("chromedriver") {
        return Ok(found);
    }
    if is_debian_root() {
        say("set-up: installing Debian's WebDriver for Chromium");
        install("chromium-driver")?;
    }
    on_path("chromedriver").context(
        "no chromedriver was found: install the one of your Chromium's version and name it in the variable CHROMEDRIVER",
    )
}

/// The folder of the Python packages that a list names, for `PYTHONPATH`: installed once per user and list, beside the other tools.
pub(crate) fn python_packages(list: &str) -> Result<PathBuf> {
    let contents = std::fs::read_to_string(paths::root().join(list))
        .with_context(|| format!("could not read {list}"))?;
    let mut hasher = DefaultHasher::new();
    contents.hash(&mut hasher);
    let folder = paths::cache()?
        .join("tools")
        .join(format!("python-packages-{:016x}", hasher.finish()));
    if folder.is_dir() {
        return Ok(folder);
    }
    if ask("python3", &["-m", "pip", "--version"]).is_none() && is_debian_root() {
        say("set-up: installing Debian's Python");
        install("python3-pip")?;
    }
    say(&format!("set-up: installing the Python packages of {list}"));
    // Under another name until it is whole: an interrupted run leaves nothing that counts as installed.
    let unfinished = folder.with_extension(std::process::id().to_string());
    let _ = std::fs::remove_dir_all(&unfinished);
    must(
        command("python3")
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(["--require-hashes", "--requirement", list, "--target"])
            .arg(&unfinished)
            .env("PIP_ROOT_USER_ACTION", "ignore"),
    )
    .context("Python 3.11 or newer with pip is needed for the tests: install it, then repeat")?;
    std::fs::rename(&unfinished, &folder).context("could not keep the Python packages")?;
    Ok(folder)
}

/// The program that a variable names, which has to start.
fn named_by(variable: &str) -> Result<Option<PathBuf>> {
    let path = std::env::var_os(variable).map(PathBuf::from);
    if let Some(path) = &path
        && ask(path, &["--version"]).is_none()
    {
        bail!(
            "{variable} names {}, which does not start: correct it or unset it",
            path.display()
        );
    }
    Ok(path)
}

/// A package of Debian.
fn install(package: &str) -> Result<()> {
    must(command("apt-get").args(["update", "-qq"]))?;
    must(
        command("apt-get")
            .args(["install", "-y", "-qq", "--no-install-recommends", package])
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdout(Stdio::null()),
    )
}

fn on_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|dir| dir.join(name))
        .find(|path| path.is_file())
}

fn installed_browser() -> Option<PathBuf> {
    let on_path = [
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ]
    .into_iter()
    .find_map(on_path);
    on_path.or_else(|| {
        playwright_browser().or_else(|| {
            let mac = PathBuf::from("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome");
            mac.is_file().then_some(mac)
        })
    })
}

fn installed_firefox() -> Option<PathBuf> {
    let on_path = ["firefox-esr", "firefox"].into_iter().find_map(on_path);
    on_path.or_else(|| {
        let mac = PathBuf::from("/Applications/Firefox.app/Contents/MacOS/firefox");
        mac.is_file().then_some(mac)
    })
}

fn playwright_browser() -> Option<PathBuf> {
    let script = "console.log(require('playwright-core').chromium.executablePath())";
    let path = ask(paths::npm_bin("node"), &["-e", script])?;
    let path = PathBuf::from(path);
    path.is_file().then_some(path)
}

fn is_debian_root() -> bool {
    Path::new("/etc/debian_version").exists() && ask("id", &["-u"]).is_some_and(|id| id == "0")
}
