//! What a page wishes to ask, read from its options and held to limits. Shows nothing, and knows no toolkit.

mod filter;
mod start;

use std::path::Path;

use plugin_api::schemars::{self, JsonSchema};
use plugin_api::{Result, ensure};
use serde::Deserialize;

pub use self::filter::Filter;
pub use self::start::Start;

/// The longest title, in characters: more does not fit into the bar of a window.
const LONGEST_TITLE: usize = 200;
/// The longest message, in characters: with a longer one the buttons may lie below the screen.
const LONGEST_MESSAGE: usize = 2000;
/// The most lines of a message, for the same reason.
const MOST_LINES: usize = 30;

/// How to ask for files or folders to open.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct OpenOptions {
    /// The endings of files that are offered: `png,jpg;pdf` offers pictures, or documents. `;` stands between the groups that the
    /// user chooses from, `,` within a group. All files can be chosen as well.
    filter: Option<String>,
    /// The same with names, and only what is listed: `[{ name: "Pictures", extensions: ["png", "jpg"] }]`; `*` stands for all files.
    filters: Option<Vec<filter::Named>>,
    /// Where it begins: a folder, or a file. Where there is no such thing, it begins where the system pleases.
    default_path: Option<String>,
    /// Whether more than one may be chosen. The answer is a list then.
    multiple: Option<bool>,
    /// Whether folders are chosen and not files.
    directory: Option<bool>,
    /// What stands above it.
    title: Option<String>,
}

/// How to ask where to save a file.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct SaveOptions {
    /// As for `openDialog`.
    filter: Option<String>,
    /// As for `openDialog`.
    filters: Option<Vec<filter::Named>>,
    /// Where it begins: a folder, a file's path, or only the name that is proposed.
    default_path: Option<String>,
    /// What stands above it.
    title: Option<String>,
}

/// What a message is about, which decides the picture beside it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Something to know.
    #[default]
    Info,
    /// Something to heed.
    Warning,
    /// Something that went wrong.
    Error,
}

/// What is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    File,
    Files,
    Folder,
    Folders,
    /// A file that may not be there yet.
    Save,
}

/// A dialogue that can be shown: nothing in it is too long, and no text has a NUL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    Files { choice: Choice, title: Option<String>, start: Start, filters: Vec<Filter> },
    Message { kind: Kind, title: Option<String>, message: String },
    Question { title: Option<String>, message: String },
}

impl OpenOptions {
    /// Whether the answer is a list.
    pub fn wants_several(&self) -> bool {
        self.multiple.unwrap_or_default()
    }

    /// The dialogue. `home` is where a path that is not absolute begins.
    pub fn wish(self, home: Option<&Path>) -> Result<Wish> {
        let choice = match (self.directory.unwrap_or_default(), self.wants_several()) {
            (false, false) => Choice::File,
            (false, true) => Choice::Files,
            (true, false) => Choice::Folder,
            (true, true) => Choice::Folders,
        };
        let filters = filter::read(self.filter.as_deref(), self.filters)?;
        // A folder has no ending.
        let filters = if self.directory.unwrap_or_default() { Vec::new() } else { filters };
        let start = Start::find(self.default_path.as_deref(), home, choice)?;
        Ok(Wish::Files { choice, title: title(self.title)?, start, filters })
    }
}

impl SaveOptions {
    /// The dialogue. `home` is where a path that is not absolute begins.
    pub fn wish(self, home: Option<&Path>) -> Result<Wish> {
        let choice = Choice::Save;
        let filters = filter::read(self.filter.as_deref(), self.filters)?;
        let start = Start::find(self.default_path.as_deref(), home, choice)?;
        Ok(Wish::Files { choice, title: title(self.title)?, start, filters })
    }
}

/// A message with one button.
pub fn message(message: String, title_: Option<String>, kind: Option<Kind>) -> Result<Wish> {
    Ok(Wish::Message { kind: kind.unwrap_or_default(), title: title(title_)?, message: text(message)? })
}

/// A question with two.
pub fn question(message: String, title_: Option<String>) -> Result<Wish> {
    Ok(Wish::Question { title: title(title_)?, message: text(message)? })
}

/// A title; one that is empty is none, as pages send what is in a field.
fn title(title: Option<String>) -> Result<Option<String>> {
    let Some(title) = title.filter(|title| !title.trim().is_empty()) else { return Ok(None) };
    let length = title.chars().count();
    ensure!(length <= LONGEST_TITLE, "`title` has {length} characters, and {LONGEST_TITLE} are allowed");
    ensure!(!title.contains(['\0', '\n', '\r']), "`title` has a line break or a NUL in it; leave it out");
    Ok(Some(title))
}

fn text(message: String) -> Result<String> {
    let (length, lines) = (message.chars().count(), message.lines().count());
    ensure!(
        length <= LONGEST_MESSAGE,
        "`message` has {length} characters, and {LONGEST_MESSAGE} are allowed; show long texts in the page"
    );
    ensure!(
        lines <= MOST_LINES,
        "`message` has {lines} lines, and {MOST_LINES} are allowed; show long texts in the page"
    );
    ensure!(!message.contains('\0'), "`message` has a NUL in it; leave it out");
    Ok(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(options: &str) -> Result<Wish, String> {
        let options: OpenOptions = serde_json::from_str(options).map_err(|error| error.to_string())?;
        options.wish(None).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_chosen_follows_from_multiple_and_directory() {
        for (options, expected) in [
            ("{}", Choice::File),
            (r#"{ "multiple": true }"#, Choice::Files),
            (r#"{ "directory": true, "filter": "png" }"#, Choice::Folder),
            (r#"{ "directory": true, "multiple": true }"#, Choice::Folders),
            (r#"{ "multiple": null, "filter": null, "defaultPath": null }"#, Choice::File),
        ] {
            let Ok(Wish::Files { choice, filters, .. }) = open(options) else { panic!("{options}") };
            assert_eq!(choice, expected, "{options}");
            assert!(filters.is_empty(), "{options}");
        }
    }

    #[test]
    fn an_option_that_nobody_knows_is_refused_by_its_name() {
        assert!(open(r#"{ "defaultpath": "/" }"#).unwrap_err().contains("`defaultpath`"));
    }

    #[test]
    fn what_is_too_long_for_a_window_is_refused_with_the_limit() {
        let refusal = |wish: Result<Wish>| wish.unwrap_err().to_string();
        let long = "x".repeat(LONGEST_MESSAGE + 1);
        assert!(refusal(message(long, None, None)).contains("2000 are allowed"));
        assert!(refusal(question("\n".repeat(MOST_LINES + 1), None)).contains("30 are allowed"));
        assert!(refusal(question("?".into(), Some("x".repeat(201)))).contains("200 are allowed"));
        assert!(refusal(question("?".into(), Some("two\nlines".into()))).contains("line break"));
        assert!(refusal(question("\0".into(), None)).contains("NUL"));
        assert!(refusal(message("\0".into(), None, None)).contains("NUL"));
    }

    #[test]
    fn an_empty_title_is_none() {
        let expected = Wish::Question { title: None, message: "?".into() };
        assert_eq!(question("?".into(), Some(" ".into())).unwrap(), expected);
    }
}
