//! `cargo xtask screenshots`: pictures of every page, for people to look at.

use anyhow::Result;
use clap::Args;

use crate::run::{must, node, say};
use crate::{build, setup};

#[derive(Args)]
pub(crate) struct Options {
    /// Only the pages whose names begin with one of these, such as `inspector`
    pages: Vec<String>,
    /// Take the pictures of README.md too: docs/images
    #[arg(long)]
    readme: bool,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    setup::for_building()?;
    let browser = setup::browser()?;
    build::parts(&build::DEMO)?;
    say("pictures of every page, light, dark and on a phone: target/screenshots");
    must(
        node()
            .arg("xtask/js/screenshots.mjs")
            .args(&options.pages)
            .args(options.readme.then_some("--readme"))
            .env("CHROMIUM", browser),
    )
}
