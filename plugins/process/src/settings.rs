//! The list of programs, from the configuration: what a page may start, with which arguments. Starts nothing, and looks at no file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use plugin_api::{Result, anyhow, bail, ensure};
use regex::Regex;
use serde::Deserialize;

use crate::environment::Variable;

/// What is shown of a page's arguments in a refusal, in bytes; a page may send megabytes.
const SHOWN: usize = 300;

/// The table `[plugins.process]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    programs: BTreeMap<String, Entry>,
}

/// A table `[plugins.process.programs.NAME]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    command: Option<String>,
    args: Option<ArgumentsEntry>,
    folder: Option<String>,
    #[serde(default)]
    environment: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "`args` is \"any\", or a list of lists as [[\"status\"], [\"log\", { matches = \"-[0-9]+\" }]]"
)]
enum ArgumentsEntry {
    Word(Word),
    Lists(Vec<Vec<ArgumentEntry>>),
}

#[derive(Debug, Deserialize)]
enum Word {
    #[serde(rename = "any")]
    Any,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum ArgumentEntry {
    Exactly(String),
    Matching(Matching),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Matching {
    matches: String,
}

/// The programs that may be started.
#[derive(Debug)]
pub struct Programs(BTreeMap<String, Program>);

/// One of them.
#[derive(Debug)]
pub struct Program {
    /// The name of a file in `PATH`, or an absolute path.
    pub command: String,
    /// Where it runs.
    pub folder: PathBuf,
    /// The variables that it gets besides the usual ones.
    pub environment: Vec<Variable>,
    arguments: Arguments,
}

#[derive(Debug)]
enum Arguments {
    Any,
    Lists(Vec<Vec<Pattern>>),
}

/// What an argument must be.
#[derive(Debug)]
enum Pattern {
    Exactly(String),
    Matching {
        whole: Regex,
        /// What of it an option may match: the alternatives that begin with its sign themselves.
        options: Option<Regex>,
    },
}

/// The folders that the configuration may name.
pub struct Folders<'a> {
    /// The plugin's own, where a program runs for which nothing is said. Not `$APP`: pages may write files there, and many programs do what
    /// a file in the folder they run in says, as git does with `.git/config`.
    pub own: &'a Path,
    /// `$APP`.
    pub app: &'a Path,
    /// `$HOME`, where there is one.
    pub home: Option<&'a Path>,
}

impl Programs {
    /// The programs of a configuration.
    ///
    /// # Errors
    /// A sentence that names the key that does not fit.
    pub fn of(settings: Settings, folders: &Folders<'_>) -> Result<Self> {
        let programs = settings.programs.into_iter().map(|(name, entry)| {
            let program = Program::of(&name, entry, folders)
                .map_err(|reason| anyhow!("`{}`: {reason}", table(&name)))?;
            Ok((name, program))
        });
        programs.collect::<Result<_>>().map(Self)
    }

    /// The program that the page calls `name`, where it may be started with these arguments.
    ///
    /// # Errors
    /// A sentence with the lines that would allow it.
    pub fn find(&self, name: &str, arguments: &[String]) -> Result<&Program> {
        let Some(program) = self.0.get(name) else {
            let lines = format!("`[{}]` and in it `args = {}`", table(name), allowing(arguments));
            bail!(
                "{} is no program that the configuration lists; to allow this call, write {lines}",
                quoted(name)
            );
        };
        ensure!(
            program.arguments.allow(arguments),
            "`{name}` may not be started with these arguments; to allow them, add {} to the lists of `args` under `[{}]`",
            list(arguments),
            table(name)
        );
        Ok(program)
    }
}

impl Program {
    fn of(name: &str, entry: Entry, folders: &Folders<'_>) -> Result<Self> {
        let command = entry.command.unwrap_or_else(|| name.to_owned());
        ensure!(!command.is_empty(), "`command` is empty; give the name of a program, or an absolute path");
        // A path from here on would mean another program wherever the host is started.
        let is_name = Path::new(&command).components().count() == 1 && !command.contains(['/', '\\']);
        ensure!(
            is_name || Path::new(&command).is_absolute(),
            "`command` is \"{command}\", and neither the mere name of a program in PATH nor an absolute path"
        );
        let arguments = match entry.args {
            None => Arguments::Lists(vec![Vec::new()]),
            Some(ArgumentsEntry::Word(Word::Any)) => Arguments::Any,
            Some(ArgumentsEntry::Lists(lists)) => {
                let patterns = |list: Vec<ArgumentEntry>| list.into_iter().map(Pattern::of).collect();
                Arguments::Lists(lists.into_iter().map(patterns).collect::<Result<_>>()?)
            }
        };
        let folder =
            entry.folder.as_deref().map_or(Ok(folders.own.to_owned()), |folder| place(folder, folders))?;
        let environment = entry.environment.iter().map(|text| Variable::of(text)).collect::<Result<_>>()?;
        Ok(Self { command, folder, environment, arguments })
    }
}

impl Arguments {
    fn allow(&self, arguments: &[String]) -> bool {
        let fit = |patterns: &Vec<Pattern>| {
            patterns.len() == arguments.len()
                && patterns.iter().zip(arguments).all(|(pattern, argument)| pattern.fits(argument))
        };
        match self {
            Self::Any => true,
            Self::Lists(lists) => lists.iter().any(fit),
        }
    }
}

impl Pattern {
    fn of(entry: ArgumentEntry) -> Result<Self> {
        let text = match entry {
            ArgumentEntry::Exactly(text) => return Ok(Self::Exactly(text)),
            ArgumentEntry::Matching(Matching { matches }) => matches,
        };
        let refused =
            |error: regex::Error| anyhow!("`matches = {}` is no regular expression: {error}", toml(&text));
        // By itself first: one that closes a bracket of ours would match more than it says.
        Regex::new(&text).map_err(refused)?;
        let anchored = |text: &str| Regex::new(&format!(r"\A(?:{text})\z"));
        let whole = anchored(&text).map_err(refused)?;
        let dashed = |one: &&str| one.trim_start_matches('\\').starts_with('-') && Regex::new(one).is_ok();
        let dashed: Vec<&str> = alternatives(&text).into_iter().filter(dashed).collect();
        let options =
            (!dashed.is_empty()).then(|| anchored(&dashed.join("|")).map_err(refused)).transpose()?;
        Ok(Self::Matching { whole, options })
    }

    fn fits(&self, argument: &str) -> bool {
        match self {
            Self::Exactly(text) => text == argument,
            // Who lists a file name as `.+` does not think of `--output=/etc/passwd`.
            Self::Matching { whole, options } => {
                let may_be_option = || options.as_ref().is_some_and(|options| options.is_match(argument));
                (!argument.starts_with('-') || may_be_option()) && whole.is_match(argument)
            }
        }
    }
}

/// What stands between the `|` of an expression, outside of its brackets.
fn alternatives(text: &str) -> Vec<&str> {
    let (mut found, mut start) = (Vec::new(), 0);
    let (mut escaped, mut round, mut square) = (false, 0_usize, 0_usize);
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => square += 1,
            ']' => square = square.saturating_sub(1),
            '(' if square == 0 => round += 1,
            ')' if square == 0 => round = round.saturating_sub(1),
            '|' if square == 0 && round == 0 => {
                found.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(&text[start..]);
    found
}

/// A folder of the configuration.
fn place(text: &str, folders: &Folders<'_>) -> Result<PathBuf> {
    let below = |start: &str| Path::new(text).strip_prefix(start).ok();
    if let Some(rest) = below("$APP") {
        return Ok(folders.app.join(rest));
    }
    if let Some(rest) = below("$HOME") {
        let home =
            folders.home.ok_or_else(|| anyhow!("`folder` is \"{text}\", and there is no home folder"))?;
        return Ok(home.join(rest));
    }
    let path = PathBuf::from(text);
    ensure!(
        path.is_absolute(),
        "`folder` is \"{text}\"; write an absolute path, or one that begins with $HOME or $APP"
    );
    Ok(path)
}

/// The name of a program's table, as it is written in the configuration.
fn table(name: &str) -> String {
    let bare =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let key = if bare && name.len() <= SHOWN { name.to_owned() } else { shown(toml(name), "NAME") };
    format!("plugins.process.programs.{key}")
}

fn quoted(name: &str) -> String {
    format!("`{}`", shown(name.escape_debug().to_string(), "a name of such length"))
}

/// What stands after `args =` to allow these alone.
fn allowing(arguments: &[String]) -> String {
    format!("[{}]", list(arguments))
}

fn list(arguments: &[String]) -> String {
    // Not more is written than is shown.
    let length: usize = arguments.iter().map(|argument| argument.len() + 2).sum();
    if length > SHOWN {
        return "[…]".to_owned();
    }
    let list = arguments.iter().map(|argument| toml(argument)).collect::<Vec<_>>().join(", ");
    shown(format!("[{list}]"), "[…]")
}

fn shown(text: String, otherwise: &str) -> String {
    if text.len() <= SHOWN { text } else { otherwise.to_owned() }
}

/// A text as TOML writes it.
fn toml(text: &str) -> String {
    // What JSON escapes, TOML reads alike; it wants one more.
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

#[cfg(test)]
mod tests;
