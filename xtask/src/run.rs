//! Running other programs: said aloud, with the project's own Node and tools first on the path.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};

use crate::paths::{self, WASM_BINDGEN};

pub(crate) fn say(what: &str) {
    println!("\n==> {what}");
}

/// A command in the project's folder and environment.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(paths::root());
    let mut path = vec![paths::root().join("node_modules/.bin")];
    path.extend(std::env::split_paths(
        &std::env::var_os("PATH").unwrap_or_default(),
    ));
    if let Ok(joined) = std::env::join_paths(path) {
        command.env("PATH", joined);
    }
    command
        .env("WRANGLER_SEND_METRICS", "false")
        .env("WRANGLER_HIDE_BANNER", "true")
        // Else Miniflare asks Cloudflare where this machine is, and waits for it where there is no network.
        .env("CLOUDFLARE_CF_FETCH_ENABLED", "false");
    // Else worker-build and our own build would download them.
    if let Ok(bindgen) = WASM_BINDGEN.path() {
        command.env("WASM_BINDGEN_BIN", bindgen);
    }
    command
        .env("WASM_OPT_BIN", paths::npm_bin("wasm-opt"))
        .env("ESBUILD_BIN", paths::npm_bin("esbuild"));
    if let Some(flags) = without_local_paths() {
        command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags);
    }
    command
}

/// Wasm that is published does not tell where cargo keeps its crates on this machine, nor where rustup keeps the sources of the standard library (for whom the
/// component `rust-src` is here), so the same sources give the same bytes on any.
fn without_local_paths() -> Option<&'static str> {
    static FLAGS: OnceLock<Option<String>> = OnceLock::new();
    FLAGS
        .get_or_init(|| {
            let cargo_home = std::env::var_os("CARGO_HOME")
                .map(PathBuf::from)
                .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")))?;
            let flags = format!(
                "--remap-path-prefix={}=/cargo --remap-path-prefix={}/lib/rustlib/src/rust=/rustc/{}",
                cargo_home.to_str()?,
                rustc(&["--print", "sysroot"])?.trim(),
                rustc(&["-vV"])?
                    .lines()
                    .find_map(|line| line.strip_prefix("commit-hash: "))?,
            );
            // The variable separates its flags by spaces and knows no quotes.
            (flags.split_whitespace().count() == 2).then_some(flags)
        })
        .as_deref()
}

/// What the pinned compiler says of itself.
fn rustc(arguments: &[&str]) -> Option<String> {
    let output = Command::new("rustc")
        .current_dir(paths::root())
        .args(arguments)
        .output()
        .ok()?;
    String::from_utf8(output.stdout).ok()
}

/// Node 24 from the npm packages: the machine's own may be older than wrangler asks for.
pub(crate) fn node() -> Command {
    command(paths::npm_bin("node"))
}

pub(crate) fn cargo() -> Command {
    let mut command = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // An xtask that cargo started carries variables of its own package, which would mark every crate as changed.
    for (name, _) in std::env::vars_os() {
        let name_text = name.to_string_lossy();
        if name_text.starts_with("CARGO_PKG_") || name_text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

fn described(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let root = format!("{}/", paths::root().display());
    words
        .map(|word| word.to_string_lossy().replace(&root, ""))
        .collect::<Vec<_>>()
        .join(" ")
}

/// Runs to the end with the terminal's own output.
pub(crate) fn status(command: &mut Command) -> Result<ExitStatus> {
    println!("    $ {}", described(command));
    command
        .status()
        .with_context(|| format!("could not start `{}`", described(command)))
}

/// Runs to the end and insists on success.
pub(crate) fn must(command: &mut Command) -> Result<()> {
    let status = status(command)?;
    if !status.success() {
        bail!("`{}` ended with {status}", described(command));
    }
    Ok(())
}

/// The trimmed standard output of a program, or nothing if it is not there or fails.
pub(crate) fn ask(program: impl AsRef<OsStr>, arguments: &[&str]) -> Option<String> {
    let output = command(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A number that changes when any file below the given paths changes: file names and contents, in a fixed order.
pub(crate) fn fingerprint(inputs: &[&str]) -> Result<String> {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    for input in inputs {
        hash_path(&paths::root().join(input), &mut hasher)
            .with_context(|| format!("could not read {input}"))?;
    }
    return Ok(format!("{:016x}", hasher.finish()));

    fn hash_path(path: &Path, hasher: &mut DefaultHasher) -> std::io::Result<()> {
        if path.is_dir() {
            let mut entries = std::fs::read_dir(path)?
                .map(|entry| Ok(entry?.path()))
                .collect::<std::io::Result<Vec<_>>>()?;
            entries.sort();
            return entries.iter().try_for_each(|entry| hash_path(entry, hasher));
        }
        if path.is_file() {
            path.hash(hasher);
            std::fs::read(path)?.hash(hasher);
        }
        Ok(())
    }
}

/// On Unix the program takes this process's place, so that whoever stops it stops the servers that it started too.
#[cfg(unix)]
pub(crate) fn hand_over(mut program: Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    Err(program.exec().into())
}

#[cfg(not(unix))]
pub(crate) fn hand_over(mut program: Command) -> Result<()> {
    must(&mut program)
}
