//! The real server as a subject of the comparison with other sync engines: its own routes, store,
//! durability and compression, with a data set loaded as an import would load it, and with the
//! three routes that the harness asks for (`bench/peers/README.md`).

mod dataset;
mod routes;

use std::error::Error;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, FromArgMatches as _, Parser};
use keruen_bench_records::TOKEN;
use keruen_server::config::Config;
use keruen_server::serve::{Listening, StopSignals};
use keruen_server::store::SqliteStore;
use keruen_server::{AppState, machine, router, snapshot};

/// What the harness says.
#[derive(Parser)]
struct Arguments {
    /// The records, as the harness made them
    #[arg(long, env = "BENCH_DATASET")]
    dataset: PathBuf,
    /// An empty folder for the server's data
    #[arg(long, env = "BENCH_DATA_DIR")]
    data: PathBuf,
    /// A free port on the loopback; 0 takes any
    #[arg(long, env = "BENCH_PORT", default_value_t = 0)]
    port: u16,
    /// The folder with the built bench page
    #[arg(long, env = "KERUEN_BENCH_PAGE")]
    page: PathBuf,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("keruen-bench-server: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let page = routes::Page::read(&arguments.page)?;
    dataset::load(&arguments.data, &fs::read(&arguments.dataset)?)?;
    let config = settings(arguments)?;
    tokio::runtime::Runtime::new()?.block_on(serve(&config, page))
}

/// The settings of `keruen serve`, all but these as an operator finds them.
fn settings(arguments: &Arguments) -> Result<Config, clap::Error> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, arguments.port)).to_string();
    let command = Config::augment_args(clap::Command::new("keruen").no_binary_name(true));
    let given = ["--address", &address, "--organiser-token", TOKEN, "--data"].map(Into::into);
    let given = given
        .into_iter()
        .chain([arguments.data.clone().into_os_string()]);
    Config::from_arg_matches(&command.try_get_matches_from(given)?)
}

async fn serve(config: &Config, page: routes::Page) -> Result<(), Box<dyn Error>> {
    let mut stop = StopSignals::new()?;
    let store = Arc::new(SqliteStore::open(
        &config.data.path,
        machine::fresh_identity()?,
    )?);
    // As upkeep does it at the start of the product's server, waited for.
    snapshot::renew(&*store, &snapshot::Rules::default(), machine::unix_ms()).await?;
    let state = AppState::new(config, store.clone(), Arc::new(machine::unix_ms));
    let router = routes::routes(store, page).merge(router(state.clone()));
    let listening = Listening::at(config.address).await?;
    println!("http://{}/", listening.address);
    let asked = async move { stop.asked().await };
    listening.serve(router, asked, move || state.stop()).await;
    Ok(())
}
