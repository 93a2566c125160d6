//! The program `keruen`: reads its settings, then does what the command says.

use std::error::Error;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use keruen_server::administration::{
    self, DevicesCommand, ExportArguments, InviteArguments, PeopleCommand, TemplateArguments,
};
use keruen_server::config::{Config, DataFolder};
use keruen_server::import::{self, ImportArguments};
use keruen_server::maintenance::{self, BackupArguments, CheckArguments, RestoreArguments};
use keruen_server::store::SqliteStore;
use keruen_server::{machine, serve, telemetry};

/// Keruen: programmes, agendas, materials and notes that work offline.
#[derive(Parser)]
#[command(name = "keruen", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve devices until asked to stop
    Serve(Box<Config>),
    /// Import files into programmes; a server may be running on the same data folder
    Import(ImportArguments),
    /// Write an agenda for other programs; a server may be running on the data folder
    #[command(visible_alias = "calendar")]
    Export(ExportArguments),
    /// Write a table to be filled with sessions and imported
    Template(TemplateArguments),
    /// Make an invitation and print its link; a server may be running on the data folder
    Invite(InviteArguments),
    /// List, show, rename, export or erase people; a server may be running on the data folder
    #[command(subcommand)]
    People(PeopleCommand),
    /// List or take back people's devices; a server may be running on the data folder
    #[command(subcommand)]
    Devices(DevicesCommand),
    /// Look at everything in the data folder and say what is wrong; a server may be running on it
    Check(CheckArguments),
    /// Copy the data folder; a server may be running on it
    Backup(BackupArguments),
    /// Put a copy back, as a new history: devices then read everything again and offer what the copy does
    /// not hold. Stop the server before
    Restore(RestoreArguments),
    /// Say that the data folder was put back from a backup: devices then read everything again and
    /// offer what the backup does not hold. Stop the server before
    Restored(DataFolder),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Serve(config) => run_server(&config),
        Command::Import(arguments) => return import::run(&arguments),
        Command::Export(arguments) => administration::export(&arguments),
        Command::Template(arguments) => administration::template(&arguments),
        Command::Invite(arguments) => administration::invite(&arguments),
        Command::People(command) => administration::people(&command),
        Command::Devices(command) => administration::devices(&command),
        Command::Check(arguments) => match maintenance::check(&arguments) {
            Ok(true) => Ok(()),
            Ok(false) => return ExitCode::FAILURE,
            Err(error) => Err(error),
        },
        Command::Backup(arguments) => maintenance::back_up(&arguments),
        Command::Restore(arguments) => maintenance::restore(&arguments),
        Command::Restored(data) => start_new_history(&data),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("keruen: {}", with_causes(&*error));
            ExitCode::FAILURE
        }
    }
}

fn run_server(config: &Config) -> Result<(), Box<dyn Error>> {
    telemetry::start(config.log.clone(), config.log_format)?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(serve::serve(config))?;
    Ok(())
}

fn start_new_history(data: &DataFolder) -> Result<(), Box<dyn Error>> {
    SqliteStore::renew_epoch(&data.path, machine::fresh_identity()?)?;
    println!("The next exchange of every device starts from the beginning.");
    Ok(())
}

fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
