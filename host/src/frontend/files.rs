//! From a request's path to a file of the frontend folder, and the part of it that is asked for.
//!
//! Nothing outside of the folder is served, whatever the path says. A path is decoded once; what would mean another thing on
//! another system is refused on all, so that a page that works on one works on the others.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Component, Path, PathBuf};

use http_range_header::parse_range_header;

use crate::words;

/// The longest path that is looked at, in bytes: as long as systems take.
const LONGEST_PATH: usize = 4096;

/// The most that is read at a time, of a file or of a part of it. Players ask for parts.
pub const MOST_READ: u64 = 64 << 20;

/// What a request comes to.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// A file, or the part that was asked for.
    Part(Part),
    /// There is no such file.
    Nothing,
    /// The path leads out of the folder, or is none; why.
    BadPath(&'static str),
    /// The part lies behind the end of the file, which has so many bytes.
    BadRange(u64),
    /// More than is read at a time.
    TooLarge(u64),
}

/// Bytes of a file.
#[derive(Debug, PartialEq, Eq)]
pub struct Part {
    /// Its MIME type, with the character set where it is text.
    pub content_type: String,
    /// The bytes; none where only their number was wanted.
    pub bytes: Vec<u8>,
    /// The first and the last byte's places, where it is not the whole.
    pub range: Option<(u64, u64)>,
    /// How long the file is.
    pub whole: u64,
}

/// Finds the file at `path`, as it stands in a request's address, and reads what `range` asks for; nothing of it where only the
/// head is wanted.
pub fn find(folder: &Path, path: &str, range: Option<&str>, head: bool) -> Found {
    let mut file = match file_of(folder, path) {
        Ok(file) => file,
        Err(why) => return Found::BadPath(why),
    };
    if file.is_dir() {
        file.push("index.html");
    }
    // Links inside of the folder are followed, not out of it.
    let Ok(real) = std::fs::canonicalize(&file) else { return Found::Nothing };
    if !real.starts_with(folder) {
        return Found::BadPath(words::link_leads_out());
    }
    // Anything else might wait for ever when it is opened.
    if !real.is_file() {
        return Found::Nothing;
    }
    read(&real, content_type(&file), range, head).unwrap_or(Found::Nothing)
}

fn read(real: &Path, content_type: String, range: Option<&str>, head: bool) -> std::io::Result<Found> {
    let mut file = File::open(real)?;
    let whole = file.metadata()?.len();
    let part = match range.map(|range| part_of(range, whole)) {
        // What is no range of bytes is as if it had not been said; so are several, as a page's player asks for one.
        None | Some(Asked::Whole) => None,
        Some(Asked::Part(first, last)) => Some((first, last)),
        Some(Asked::Behind) => return Ok(Found::BadRange(whole)),
    };
    // A part that is too long is cut: who asked sees how much it got, and asks on.
    let part = part.map(|(first, last)| (first, last.min(first.saturating_add(MOST_READ - 1))));
    let (first, length) = part.map_or((0, whole), |(first, last)| (first, last - first + 1));
    if length > MOST_READ && !head {
        return Ok(Found::TooLarge(whole));
    }
    let mut bytes = Vec::new();
    if !head {
        file.seek(SeekFrom::Start(first))?;
        file.take(length).read_to_end(&mut bytes)?;
    }
    Ok(Found::Part(Part { content_type, bytes, range: part, whole }))
}

enum Asked {
    Whole,
    Part(u64, u64),
    Behind,
}

fn part_of(range: &str, whole: u64) -> Asked {
    let Ok(parsed) = parse_range_header(range) else { return Asked::Whole };
    match parsed.validate(whole).as_deref() {
        Ok([one]) => Asked::Part(*one.start(), *one.end()),
        Ok(_) => Asked::Whole,
        Err(_) => Asked::Behind,
    }
}

/// The file a path names, or why it names none that is served.
fn file_of(folder: &Path, path: &str) -> Result<PathBuf, &'static str> {
    if path.len() > LONGEST_PATH {
        return Err(words::path_too_long());
    }
    let decoded = percent_decode(path).ok_or_else(words::path_no_text)?;
    if decoded.contains('\0') {
        return Err(words::path_with_nul());
    }
    if decoded.contains('\\') || (cfg!(windows) && decoded.contains(':')) {
        return Err(words::path_of_another_system());
    }
    // One stroke is the folder; two would be an absolute path.
    let relative = Path::new(decoded.strip_prefix('/').unwrap_or(&decoded));
    for component in relative.components() {
        match component {
            Component::Normal(name) if is_device(&name.to_string_lossy()) => {
                return Err(words::path_of_a_device());
            }
            Component::Normal(_) => {}
            _ => return Err(words::path_leads_out()),
        }
    }
    Ok(folder.join(relative))
}

/// Whether Windows takes a name for a device: whatever follows the first dot, and in any case of letters.
fn is_device(name: &str) -> bool {
    let stem = name.split(['.', ':']).next().unwrap_or_default().trim_end();
    let upper = stem.to_ascii_uppercase();
    let numbered = |kind: &str| {
        let number = upper.strip_prefix(kind).map(|rest| rest.chars().collect::<Vec<_>>());
        matches!(number.as_deref(), Some(['1'..='9' | '¹' | '²' | '³']))
    };
    matches!(&*upper, "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$")
        || numbered("COM")
        || numbered("LPT")
}

fn percent_decode(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let high = char::from(rest.next()?).to_digit(16)?;
        let low = char::from(rest.next()?).to_digit(16)?;
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

fn content_type(file: &Path) -> String {
    let guess = mime_guess::from_path(file).first_or_octet_stream();
    let text = guess.type_() == "text" || guess.subtype() == "javascript" || guess.subtype() == "json";
    if text { format!("{guess}; charset=utf-8") } else { guess.to_string() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let outer = tempfile::tempdir().unwrap();
        let page = std::fs::canonicalize(outer.path()).unwrap().join("page");
        std::fs::create_dir_all(page.join("sub folder")).unwrap();
        for (name, text) in [
            ("page/index.html", "home"),
            ("page/a.js", "0123456789"),
            ("page/%2e%2e", "odd"),
            ("page/sub folder/index.html", "sub"),
            ("secret.txt", "no"),
        ] {
            std::fs::write(outer.path().join(name), text).unwrap();
        }
        (outer, page)
    }

    fn part(found: Found) -> Part {
        match found {
            Found::Part(part) => part,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn files_come_with_their_type_and_folders_with_their_index() {
        let (_outer, page) = folder();
        for (path, kind, text) in [
            ("/", "text/html; charset=utf-8", "home"),
            ("/a.js", "text/javascript; charset=utf-8", "0123456789"),
            ("/sub%20folder/", "text/html; charset=utf-8", "sub"),
            // Decoded once: the file is called so.
            ("/%252e%252e", "application/octet-stream", "odd"),
        ] {
            let part = part(find(&page, path, None, false));
            assert_eq!(
                (&*part.content_type, &*part.bytes, part.range),
                (kind, text.as_bytes(), None),
                "{path}"
            );
        }
    }

    #[test]
    fn nothing_outside_of_the_folder_is_served() {
        let (outer, page) = folder();
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(outer.path().join("secret.txt"), page.join("link.txt")).unwrap();
            std::os::unix::fs::symlink(outer.path(), page.join("up")).unwrap();
        }
        let absolute = outer.path().join("secret.txt");
        let absolute = absolute.display();
        for path in [
            "/../secret.txt",
            "/sub%20folder/../../secret.txt",
            "/%2e%2e/secret.txt",
            "/%2E%2e%2Fsecret.txt",
            "/..%2fsecret.txt",
            "/..\\secret.txt",
            "/..%5csecret.txt",
            "/link.txt",
            "/up/secret.txt",
            "/%",
            "/%zz",
            "/%ff",
            "/%c0%ae%c0%ae/secret.txt",
            "/a.js%00",
            "/a.js%00.png",
            &format!("/{absolute}"),
            &format!("/%2f{absolute}"),
            &format!("/{}", "a/".repeat(3000)),
            "/CON",
            "/con.js",
            "/sub%20folder/NUL.tar.gz",
            "/aux:x",
            "/Lpt9",
            "/com%C2%B9.txt",
        ] {
            assert!(matches!(find(&page, path, None, false), Found::BadPath(_)), "{path}");
        }
        for path in [
            "/nothing",
            "/%252e%252e/secret.txt",
            "/a.js/x",
            "/com10",
            "/console",
            &format!("/{}", "a".repeat(300)),
        ] {
            assert_eq!(find(&page, path, None, false), Found::Nothing, "{path}");
        }
    }

    #[test]
    #[cfg(unix)]
    fn what_is_no_file_is_not_opened() {
        let (_outer, page) = folder();
        let path = page.join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(made.success());
        assert_eq!(find(&page, "/pipe", None, false), Found::Nothing);
    }

    #[test]
    fn a_part_is_what_was_asked_for() {
        let (_outer, page) = folder();
        for (range, text, part_of_it) in [
            ("bytes=0-3", "0123", Some((0, 3))),
            ("bytes=4-", "456789", Some((4, 9))),
            ("bytes=-2", "89", Some((8, 9))),
            ("bytes=9-9", "9", Some((9, 9))),
            ("bytes=8-100", "89", Some((8, 9))),
            ("bytes=0-1,4-5", "0123456789", None),
            ("lines=1-2", "0123456789", None),
            ("bytes=x", "0123456789", None),
            ("", "0123456789", None),
        ] {
            match find(&page, "/a.js", Some(range), false) {
                Found::Part(part) => {
                    assert_eq!(
                        (&*part.bytes, part.range, part.whole),
                        (text.as_bytes(), part_of_it, 10),
                        "{range}"
                    );
                }
                // What the parser takes for a range that the file cannot have.
                other => assert_eq!((other, part_of_it), (Found::BadRange(10), Some((8, 9))), "{range}"),
            }
        }
        assert_eq!(find(&page, "/a.js", Some("bytes=10-"), false), Found::BadRange(10));
        let head = part(find(&page, "/a.js", Some("bytes=2-3"), true));
        assert_eq!((head.bytes.len(), head.range, head.whole), (0, Some((2, 3)), 10));
    }

    #[test]
    fn a_file_that_is_too_large_is_served_in_parts() {
        let (_outer, page) = folder();
        let large = File::create(page.join("large.bin")).unwrap();
        large.set_len(MOST_READ + 10).unwrap();
        assert_eq!(find(&page, "/large.bin", None, false), Found::TooLarge(MOST_READ + 10));
        let part = part(find(&page, "/large.bin", Some("bytes=10-19"), false));
        assert_eq!((part.bytes.len(), part.whole), (10, MOST_READ + 10));
    }

    proptest! {
        #[test]
        fn whatever_the_path_says_nothing_outside_is_read(path in "/?([a-z]|\\.\\.|/|\\\\|%2e|%2f|%5c|%00|%252e|sub%20folder|up|~|:){0,12}|\\PC{0,40}", range in "(bytes=)?[0-9,-]{0,20}") {
            let (outer, page) = folder();
            #[cfg(unix)]
            std::os::unix::fs::symlink(outer.path(), page.join("up")).unwrap();
            if let Found::Part(part) = find(&page, &path, Some(&range), false) {
                prop_assert!(part.bytes != b"no", "{path}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: corpus::config().cases / 5, ..corpus::config() })]
        #[test]
        fn a_mutation_of_a_path_reads_nothing_outside(path in corpus::mutated("path")) {
            // One folder for all of them: nothing is written.
            static FOLDER: std::sync::OnceLock<(tempfile::TempDir, PathBuf)> = std::sync::OnceLock::new();
            let (_, page) = FOLDER.get_or_init(|| {
                let (outer, page) = folder();
                #[cfg(unix)]
                std::os::unix::fs::symlink(outer.path(), page.join("up")).unwrap();
                (outer, page)
            });
            if let Found::Part(part) = find(page, &String::from_utf8_lossy(&path), None, false) {
                prop_assert!(part.bytes != b"no", "{}", String::from_utf8_lossy(&path));
            }
        }
    }
}
