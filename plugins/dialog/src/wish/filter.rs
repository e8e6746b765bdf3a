//! Which files are offered, in the words of Tauri 0.x and in our own. Never a pattern of the page's: an ending is letters and digits.

use plugin_api::schemars::{self, JsonSchema};
use plugin_api::{Result, ensure};
use serde::Deserialize;

/// The most groups that a person chooses from.
const MOST_FILTERS: usize = 32;
/// The most endings of one group.
const MOST_EXTENSIONS: usize = 64;
/// The longest ending, in bytes.
const LONGEST_EXTENSION: usize = 32;
/// The longest name of a group, in characters.
const LONGEST_NAME: usize = 100;

/// A group of files with a name.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// What the user reads.
    name: String,
    /// The endings, without a dot; `*` stands for all files.
    extensions: Vec<String>,
}

/// What the user may choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// What the user reads.
    pub name: String,
    /// The endings; none means all files.
    pub extensions: Vec<String>,
}

impl Filter {
    /// The patterns by which a toolkit compares names, in capitals and small letters alike.
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "other toolkits take the endings as they are")
    )]
    pub fn patterns(&self) -> Vec<String> {
        if self.extensions.is_empty() {
            return vec!["*".to_owned()];
        }
        let either = |letter: char| match (letter.to_ascii_lowercase(), letter.to_ascii_uppercase()) {
            (small, capital) if small != capital => format!("[{small}{capital}]"),
            _ => letter.to_string(),
        };
        let pattern = |extension: &String| format!("*.{}", extension.chars().map(either).collect::<String>());
        self.extensions.iter().map(pattern).collect()
    }
}

/// The groups of a page's `filter` and `filters`, in this order.
pub fn read(filter: Option<&str>, filters: Option<Vec<Named>>) -> Result<Vec<Filter>> {
    let mut all = Vec::new();
    let mut endings = false;
    for group in filter.unwrap_or_default().split(';').filter(|group| !group.trim().is_empty()) {
        let extensions = extensions("filter", group.split(','))?;
        endings |= !extensions.is_empty();
        let dotted: Vec<String> = extensions.iter().map(|extension| format!(".{extension}")).collect();
        let name = if dotted.is_empty() { "*".to_owned() } else { dotted.join(", ") };
        all.push(Filter { name, extensions });
        within_limit(&all)?;
    }
    for Named { name, extensions: given } in filters.unwrap_or_default() {
        let length = name.chars().count();
        ensure!(
            length <= LONGEST_NAME && !name.contains('\0'),
            "a name in `filters` has {length} characters or a NUL in it, and {LONGEST_NAME} characters are allowed"
        );
        all.push(Filter { name, extensions: extensions("filters", given.iter().map(String::as_str))? });
        within_limit(&all)?;
    }
    if endings {
        // As it was in Tauri 0.x: who offers endings offers all files, too.
        all.push(Filter { name: "*".to_owned(), extensions: Vec::new() });
    }
    Ok(all)
}

fn within_limit(all: &[Filter]) -> Result<()> {
    ensure!(
        all.len() <= MOST_FILTERS,
        "there are more groups of files than the {MOST_FILTERS} that are allowed"
    );
    Ok(())
}

/// The endings of one group; none where one of them stands for all files.
fn extensions<'a>(option: &str, given: impl Iterator<Item = &'a str>) -> Result<Vec<String>> {
    let mut extensions = Vec::new();
    let mut everything = false;
    for text in given.map(str::trim).filter(|text| !text.is_empty()) {
        let extension = text.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(text);
        let extension = extension.strip_prefix('.').unwrap_or(extension);
        if matches!(extension, "*" | "") {
            everything = true;
            continue;
        }
        let known = |sign: char| sign.is_alphanumeric() || matches!(sign, '.' | '_' | '-' | '+');
        ensure!(
            extension.len() <= LONGEST_EXTENSION && extension.chars().all(known),
            "`{option}` has {text:.40?}, which is no ending: letters, digits and . _ - + are allowed, \
             {LONGEST_EXTENSION} bytes of them"
        );
        extensions.push(extension.to_owned());
        ensure!(
            extensions.len() <= MOST_EXTENSIONS,
            "a group of `{option}` has more than the {MOST_EXTENSIONS} endings that are allowed"
        );
    }
    Ok(if everything { Vec::new() } else { extensions })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(filter: &str) -> Vec<(String, Vec<String>)> {
        let filters = read(Some(filter), None).unwrap();
        filters.into_iter().map(|filter| (filter.name, filter.extensions)).collect()
    }

    #[test]
    fn groups_are_parted_by_semicolons_and_endings_by_commas_and_all_files_come_last() {
        let group = |name: &str, extensions: &[&str]| {
            (name.to_owned(), extensions.iter().map(|&text| text.to_owned()).collect::<Vec<_>>())
        };
        let all = group("*", &[]);
        assert_eq!(
            groups("png,jpg;pdf"),
            [group(".png, .jpg", &["png", "jpg"]), group(".pdf", &["pdf"]), all.clone()]
        );
        assert_eq!(groups(" *.tar.gz , .zip ;"), [group(".tar.gz, .zip", &["tar.gz", "zip"]), all.clone()]);
        assert_eq!(groups("*"), [all]);
        assert!(groups("").is_empty());
        assert!(groups(";,;").iter().all(|(name, _)| name == "*"));
    }

    #[test]
    fn named_groups_are_all_that_is_offered() {
        let named =
            r#"[{ "name": "Pictures", "extensions": ["PNG"] }, { "name": "Any", "extensions": ["*"] }]"#;
        let filters = read(None, Some(serde_json::from_str(named).unwrap())).unwrap();
        let expected = [("Pictures", vec!["PNG".to_owned()]), ("Any", Vec::new())];
        assert_eq!(filters, expected.map(|(name, extensions)| Filter { name: name.to_owned(), extensions }));
    }

    #[test]
    fn capitals_and_small_letters_are_the_same() {
        let filter = Filter { name: String::new(), extensions: vec!["Jp2".to_owned(), "ä".to_owned()] };
        assert_eq!(filter.patterns(), ["*.[jJ][pP]2", "*.ä"]);
        let everything = Filter { name: String::new(), extensions: Vec::new() };
        assert_eq!(everything.patterns(), ["*"]);
    }

    #[test]
    fn what_is_no_ending_or_too_much_is_refused() {
        let refusal = |filter: &str| read(Some(filter), None).unwrap_err().to_string();
        for pattern in ["p?g", "[a]", "a/b", "a*", "a\\", "a\0"] {
            assert!(refusal(pattern).contains("no ending"), "{pattern}");
        }
        assert!(refusal(&"x".repeat(33)).contains("32 bytes"));
        assert!(refusal(&"a;".repeat(33)).contains("32 that are allowed"));
        assert!(refusal(&"a,".repeat(65)).contains("64 endings"));
        let named = Named { name: "x".repeat(101), extensions: Vec::new() };
        assert!(read(None, Some(vec![named])).unwrap_err().to_string().contains("100 characters"));
    }
}
