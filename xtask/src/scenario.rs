//! `cargo xtask scenario`: runs scenarios of `simulator/scenarios` through the Worker and the simulated gateway.

use anyhow::{Result, ensure};
use clap::Args;

use crate::build::{self, Part};
use crate::run::{hand_over, node, say};
use crate::{paths, setup};

#[derive(Args)]
pub(crate) struct Options {
    /// The scenarios to run; without one they are listed
    names: Vec<String>,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    for name in &options.names {
        let file = paths::root().join(format!("simulator/scenarios/{name}.json"));
        ensure!(
            file.is_file(),
            "there is no scenario {name}: `cargo xtask scenario` lists all"
        );
    }
    setup::for_building()?;
    if !options.names.is_empty() {
        build::parts(&[Part::Worker, Part::Simulator])?;
        say("running scenarios through the Worker and the simulated gateway, each in workerd");
    }
    let mut scenario = node();
    scenario.arg("xtask/js/scenario.mjs").args(&options.names);
    hand_over(scenario)
}
