//! Where things are: the project, the per-user tool cache, the pinned tools.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// A command-line tool of crates.io, kept once per version and user.
pub(crate) struct Tool {
    pub(crate) package: &'static str,
    pub(crate) version: &'static str,
    /// Its programs that are used here, the main one first.
    pub(crate) programs: &'static [&'static str],
    /// What `cargo install` is asked beside package and version.
    pub(crate) options: &'static [&'static str],
}

/// Must be the version of the `wasm-bindgen` crate in `Cargo.toml`, digit for digit.
pub(crate) const WASM_BINDGEN: Tool = Tool {
    package: "wasm-bindgen-cli",
    version: "0.2.129",
    programs: &["wasm-bindgen", "wasm-bindgen-test-runner"],
    // TLS would be for a WebDriver on another machine; it is a third of the build.
    options: &["--no-default-features"],
};
/// Must understand the `worker` crate of `Cargo.toml`.
pub(crate) const WORKER_BUILD: Tool = Tool {
    package: "worker-build",
    version: "0.8.7",
    programs: &["worker-build"],
    options: &[],
};

pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// The tool cache, shared by every clone of this user: `EDGE_CASHIER_CACHE`, else the platform's cache folder.
pub(crate) fn cache() -> Result<PathBuf> {
    let from = |name: &str| {
        std::env::var_os(name)
            .filter(|v| !v.is_empty())
            .map(PathBuf::from)
    };
    from("EDGE_CASHIER_CACHE")
        .or_else(|| from("XDG_CACHE_HOME").map(|dir| dir.join("edge-cashier")))
        .or_else(|| from("LOCALAPPDATA").map(|dir| dir.join("edge-cashier")))
        .or_else(|| from("HOME").map(|dir| dir.join(".cache/edge-cashier")))
        .context(
            "no folder to keep tools in: set HOME, or EDGE_CASHIER_CACHE to a folder that may be written",
        )
}

impl Tool {
    pub(crate) fn folder(&self) -> Result<PathBuf> {
        Ok(cache()?
            .join("tools")
            .join(format!("{}-{}", self.package, self.version)))
    }

    pub(crate) fn path(&self) -> Result<PathBuf> {
        self.program(self.programs[0])
    }

    pub(crate) fn program(&self, binary: &str) -> Result<PathBuf> {
        let name = format!("{binary}{}", std::env::consts::EXE_SUFFIX);
        Ok(self.folder()?.join("bin").join(name))
    }
}

/// A program that `npm ci` installed.
pub(crate) fn npm_bin(name: &str) -> PathBuf {
    let suffix = if cfg!(windows) { ".cmd" } else { "" };
    root().join("node_modules/.bin").join(format!("{name}{suffix}"))
}
