//! The command line: `run`, `list`, `docs`, `types`, `check`, `call`, `retry`, `disable`, `enable`, `sign`, `verify`, `new`,
//! `dev`, and the exit codes.
//!
//! - 0: it went well;
//! - 1: the command answered with an error, the page reported a failure, what was tried again is still refused, or a file is
//!   not signed as asked;
//! - 2: the command line asks for what is not there, as a folder or a display, or what cannot be done;
//! - 130: ctrl-C has ended a command that was called.

mod check;
mod dev;
mod docs;
mod folders;
mod headless;
mod list;
mod scaffold;
mod shelf;
mod signing;
mod types;

use std::ffi::OsString;
use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Parser, Subcommand, ValueEnum};
use folders::{Folders, check_folders};
use tracing_subscriber::EnvFilter;

use crate::{AppBuilder, Frontend, ReportMode, places, probe_if_asked, words};

/// A desktop window whose features arrive as native libraries dropped into a folder.
#[derive(Parser)]
// `--plugins DIR list` means the subcommand, and not a folder of that name.
#[command(name = "plugin-host", version, subcommand_precedence_over_arg = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: RunArguments,
}

#[derive(Subcommand)]
enum Command {
    /// Open the window (what happens without a subcommand, too)
    Run(RunArguments),
    /// List plugins, their commands and where each runs, and what was refused and why
    List(ListArguments),
    /// Print what the plugins say of themselves and their commands, as markdown
    #[command(mut_arg("plugins", |plugins| plugins.num_args(1)))]
    Docs(DocsArguments),
    /// Print TypeScript declarations in which each command of the plugins has its types
    #[command(mut_arg("plugins", |plugins| plugins.num_args(1)))]
    Types(TypesArguments),
    /// Examine one library: how it loads, answers, stops, and what it leaves behind
    Check(check::CheckArguments),
    /// Call one command without a window, and print the reply
    // One folder for each `--plugins` here: more would swallow the message behind them.
    #[command(mut_arg("plugins", |plugins| plugins.num_args(1)))]
    Call(CallArguments),
    /// Try again what was refused: all of it, or the files of one name
    #[command(mut_arg("plugins", |plugins| plugins.num_args(1)))]
    Retry(RetryArguments),
    /// Switch a plugin off, for every start to come
    #[command(mut_arg("plugins", |plugins| plugins.num_args(1)))]
    Disable(ChoiceArguments),
    /// Switch a plugin on again
    #[command(mut_arg("plugins", |plugins| plugins.num_args(1)))]
    Enable(ChoiceArguments),
    /// Sign a library, as minisign does; or make a key pair for that
    Sign(signing::SignArguments),
    /// Tell whether a library is signed by a key of the configuration, or by another one
    #[command(mut_arg("plugins", |plugins| plugins.num_args(1)))]
    Verify(signing::VerifyArguments),
    /// Make a plugin to begin with, in a folder of its name
    New(NewArguments),
    /// Build a plugin, open the window on it, and build it anew whenever its sources change
    #[command(mut_arg("plugins", |plugins| plugins.num_args(1)))]
    Dev(DevArguments),
}

#[derive(Args)]
struct RunArguments {
    #[command(flatten)]
    folders: Folders,
    /// The page: a folder with index.html, or an http address; a built-in page otherwise
    #[arg(long, value_name = "DIR|URL")]
    frontend: Option<String>,
    /// The window's title
    #[arg(long, default_value = "Plugin Host")]
    title: String,
    /// Let the page call every command of every plugin, the dangerous ones as well, and open every link in the browser: while a
    /// page is being developed. Otherwise it may call what [[host.permissions]] in the configuration lists
    #[arg(long)]
    allow_all: bool,
    /// Allow the webview's developer tools
    #[arg(long)]
    devtools: bool,
    /// Print what the page reports, let it decide the exit code, and then exit or stay
    #[arg(long, value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "exit")]
    report: Option<ReportArgument>,
    /// Arguments of the application's own, for its page; which there are is said under [host.cli] in the configuration
    #[arg(last = true, value_name = "ARGUMENTS")]
    arguments: Vec<OsString>,
}

#[derive(Clone, Copy, ValueEnum)]
enum ReportArgument {
    Exit,
    Stay,
}

#[derive(Args)]
struct ListArguments {
    #[command(flatten)]
    folders: Folders,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct DocsArguments {
    /// A plugin's name; all of them otherwise
    name: Option<String>,
    #[command(flatten)]
    folders: Folders,
}

#[derive(Args)]
struct TypesArguments {
    /// Names of plugins, or `window` and `cli`, which the host itself has; all of them otherwise
    names: Vec<String>,
    /// Leave out what plugin-host.js itself declares: for a file beside plugin-host.d.ts
    #[arg(long)]
    commands: bool,
    /// The file to write, as plugin-host.d.ts beside plugin-host.js; standard output otherwise
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    folders: Folders,
}

#[derive(Args)]
struct CallArguments {
    /// The message, as JSON: '{"cmd": "name", …}'
    message: String,
    #[command(flatten)]
    folders: Folders,
}

#[derive(Args)]
struct RetryArguments {
    /// A plugin's name, a file's name, or a path; everything that is refused otherwise
    file: Option<String>,
    #[command(flatten)]
    folders: Folders,
}

#[derive(Args)]
struct ChoiceArguments {
    /// The plugin's name
    name: String,
    #[command(flatten)]
    folders: Folders,
}

#[derive(Args)]
struct NewArguments {
    /// The plugin's name: small letters, digits, `-` and `_`
    name: String,
    /// The folder to make it in; the present one otherwise
    #[arg(long = "in", value_name = "DIR")]
    parent: Option<PathBuf>,
    /// The folder of plugin-api; the one of the repository that this program was built in, or the registry, otherwise
    #[arg(long, value_name = "DIR")]
    plugin_api: Option<PathBuf>,
}

#[derive(Args)]
struct DevArguments {
    /// The folder of the plugin's sources
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Build with optimisation
    #[arg(long)]
    release: bool,
    #[command(flatten)]
    run: RunArguments,
}

impl Command {
    /// The folders that it concerns, if any.
    fn folders(&mut self) -> Option<&mut Folders> {
        Some(match self {
            Self::Run(arguments) => &mut arguments.folders,
            Self::List(arguments) => &mut arguments.folders,
            Self::Docs(arguments) => &mut arguments.folders,
            Self::Types(arguments) => &mut arguments.folders,
            Self::Call(arguments) => &mut arguments.folders,
            Self::Retry(arguments) => &mut arguments.folders,
            Self::Disable(arguments) | Self::Enable(arguments) => &mut arguments.folders,
            Self::Verify(arguments) => &mut arguments.folders,
            Self::Dev(arguments) => &mut arguments.run.folders,
            Self::New(_) | Self::Check(_) | Self::Sign(_) => return None,
        })
    }
}

/// The variable that says what the log is to tell.
const LOG_VARIABLE: &str = "PLUGIN_HOST_LOG";

/// Runs the program and returns its exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> i32 {
    if let Some(code) = probe_if_asked().or_else(check::if_asked) {
        return code;
    }
    // So that no process with plugin code has to leave behind what a shell or a desktop has left open here.
    #[cfg(unix)]
    let _ = plugin_host_runtime::keep_inherited_from_children();
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors and go to standard output.
            let _ = error.print();
            return error.exit_code();
        }
    };
    // The command that calls one command has its reply to say, and nothing else that is not asked for.
    let level = if matches!(cli.command, Some(Command::Call(_))) { "error" } else { "warn" };
    log(level);
    let command = match cli.command {
        None => Command::Run(cli.run),
        Some(mut command) => {
            // What stands before the subcommand belongs to it as well.
            if let Some(folders) = command.folders() {
                folders.join(cli.run.folders);
            }
            command
        }
    };
    let outcome = match command {
        Command::Run(arguments) => run_window(arguments),
        Command::List(arguments) => list::run(&arguments.folders, arguments.json),
        Command::Docs(arguments) => docs::run(&arguments.folders, arguments.name.as_deref()),
        Command::Types(TypesArguments { names, commands, out, folders }) => {
            let extent = if commands { types::Extent::Commands } else { types::Extent::Whole };
            types::run(&folders, &names, extent, out.as_deref())
        }
        Command::Check(arguments) => check::run(&arguments),
        Command::Call(arguments) => headless::call(&arguments.folders, arguments.message),
        Command::Retry(arguments) => shelf::retry(&arguments.folders, arguments.file),
        Command::Disable(arguments) => shelf::switch(&arguments.folders, &arguments.name, true),
        Command::Enable(arguments) => shelf::switch(&arguments.folders, &arguments.name, false),
        Command::Sign(arguments) => signing::sign(&arguments),
        Command::Verify(arguments) => signing::verify(&arguments),
        Command::Dev(arguments) => run_dev(arguments),
        Command::New(arguments) => scaffold::new(&arguments.name, arguments.parent, arguments.plugin_api),
    };
    outcome.unwrap_or_else(|error| {
        // The exit code tells it as well, should nobody read this.
        let _ = writeln!(std::io::stderr(), "plugin-host: {error:#}");
        2
    })
}

/// Starts the log on standard error. Without PLUGIN_HOST_LOG it tells what is at least of this level.
fn log(level: &str) {
    let chosen = std::env::var(LOG_VARIABLE).ok().filter(|value| !value.is_empty());
    let (filter, mistake) = match &chosen {
        None => (EnvFilter::new(level), None),
        Some(value) => match value.parse::<EnvFilter>() {
            // A word that is no level is taken for the name of a module, of which there is none.
            Ok(_) if is_unknown_word(value) => (EnvFilter::new(level), Some("no such level".to_owned())),
            Ok(filter) => (filter, None),
            Err(error) => (EnvFilter::new(level), Some(error.to_string())),
        },
    };
    // An application that embeds the host may have a log of its own.
    let colours = std::io::stderr().is_terminal();
    let log =
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr);
    let _ = log.try_init();
    if let (Some(value), Some(mistake)) = (chosen, mistake) {
        tracing::warn!("{}", words::bad_log_filter(&value, &mistake));
    }
}

fn is_unknown_word(value: &str) -> bool {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    value.chars().all(|character| character.is_ascii_alphanumeric())
        && !LEVELS.contains(&value.to_ascii_lowercase().as_str())
        && value.parse::<u8>().is_err()
}

fn run_dev(DevArguments { path, release, mut run }: DevArguments) -> Result<i32> {
    let folder = tempfile::tempdir()?;
    let project = dev::Project::new(&path, release, folder.path().to_owned())?;
    project.build()?;
    project.follow()?;
    // Before the others: it is the one that somebody works at.
    run.folders.plugins.insert(0, folder.path().to_owned());
    // Who builds a plugin wants to call it.
    run.allow_all = true;
    run_window(run)
}

fn run_window(arguments: RunArguments) -> Result<i32> {
    let frontend = match &arguments.frontend {
        Some(argument) => Frontend::from_argument(argument).map_err(anyhow::Error::msg)?,
        None => Frontend::Console,
    };
    check_folders(&arguments.folders)?;
    let mut builder = AppBuilder::new()
        .title(arguments.title)
        .frontend(frontend)
        .developer_tools(arguments.devtools)
        .allow_all(arguments.allow_all)
        .arguments("plugin-host run --", arguments.arguments);
    if !arguments.folders.only
        && let Some(folder) = places::user_plugins()
    {
        // Made, so that what is put there later is noticed. Where it cannot be made, nothing can be put there.
        let _ = std::fs::create_dir_all(folder);
    }
    builder = builder.selection(arguments.folders.selection()).isolate(arguments.folders.isolated());
    for folder in arguments.folders.all() {
        builder = builder.plugin_folder(folder);
    }
    if let Some(data) = arguments.folders.data {
        builder = builder.data_root(data);
    }
    if let Some(file) = arguments.folders.config {
        builder = builder.configuration(file);
    }
    match arguments.report {
        Some(ReportArgument::Exit) => builder = builder.report(ReportMode::Exit),
        Some(ReportArgument::Stay) => builder = builder.report(ReportMode::Stay),
        None => {}
    }
    match builder.build() {
        Ok(app) => Ok(app.run()),
        // Of the application's own arguments: help is no error, and goes to standard output.
        Err(error) => match error.downcast_ref::<clap::Error>() {
            Some(said) => {
                let _ = said.print();
                if said.use_stderr() {
                    let _ = writeln!(std::io::stderr(), "\n{error}");
                }
                Ok(said.exit_code())
            }
            None => Err(error),
        },
    }
}
