//! Why a library or a configuration is not trusted: sentences that follow the file's name. Each says how to mend it, and that of a
//! library how to allow it all the same.

use std::fmt::Display;
use std::path::Path;

use super::short;
use crate::library::trust::Unsigned;
#[cfg(unix)]
use crate::ownership::{Fault, Kind, Who};

/// A path as it may be typed after a command.
#[cfg(unix)]
fn typed(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |character: char| character.is_alphanumeric() || "/._-+".contains(character);
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// Of a library, to follow its name.
#[cfg(unix)]
pub fn not_ours_alone(fault: &Fault, configuration: &Path) -> String {
    let otherwise = "writable-by-others = \"allow\" under [host.libraries] in";
    let fault = fault_of(fault);
    format!("{fault}, and {otherwise} {} takes it all the same", configuration.display())
}

/// Of a configuration, to follow its name.
#[cfg(unix)]
pub fn configuration_not_ours_alone(fault: &Fault) -> String {
    format!("{}; until then nothing of what it says to the host counts", fault_of(fault))
}

#[cfg(unix)]
fn fault_of(fault: &Fault) -> String {
    let (place, kind, who) = match fault {
        Fault::Others { place, kind, who } => (place, *kind, who),
        Fault::Unknown(place, reason) => {
            return format!(
                "is not trusted: {} {reason}, so who can write to it is not known",
                place.display()
            );
        }
    };
    let what = match kind {
        Kind::File => format!("the file {}", place.display()),
        Kind::Folder => format!("the folder {}", place.display()),
        Kind::Link => format!("the link {}", place.display()),
    };
    let typed = typed(place);
    let (who, mend) = match who {
        Who::Everybody => (format!("everybody may write to {what}"), format!("chmod o-w {typed}")),
        Who::Group(group) => {
            (format!("the group {} may write to {what}", short(group)), format!("chmod g-w {typed}"))
        }
        Who::Listed => {
            (format!("those may write to {what} whom its access list names"), format!("setfacl -b {typed}"))
        }
        Who::Owner { is, own } => {
            let change = if kind == Kind::Link { "chown -h" } else { "chown" };
            (format!("{what} belongs to {}", short(is)), format!("{change} {} {typed}", short(own)))
        }
    };
    format!("can be changed by others: {who}; `{mend}` mends that")
}

pub fn not_on_the_list(digest: &impl Display, configuration: &Path) -> String {
    format!(
        "holds what is not allowed: its SHA-256 is {digest}, which is not among `host.libraries.sha256` in {}; add that there if you trust the file",
        configuration.display()
    )
}

/// Whose keys they are that the configuration names, for [`not_signed`].
pub fn keys_of(configuration: &Path) -> String {
    format!("`host.libraries.keys` in {}", configuration.display())
}

/// The same for keys that somebody has named on the command line.
pub fn keys_that_were_given() -> String {
    "the keys given with --key".to_owned()
}

/// `whose` says whose keys were looked for.
pub fn not_signed(unsigned: &Unsigned, whose: &str) -> String {
    match unsigned {
        Unsigned::Missing(file) => format!(
            "is not signed by one of {whose}: there is no {}; get that from its author, or make it with `plugin-host sign`",
            file.display()
        ),
        Unsigned::Unreadable(file, reason) => {
            format!("is not known to be signed: the signature {} {reason}; get it anew", file.display())
        }
        Unsigned::Garbled(file) => format!(
            "is not signed: {} is no signature as minisign writes them, or a damaged one; get it anew",
            file.display()
        ),
        Unsigned::OtherKey(file) => format!(
            "is signed by somebody else: the key of {} is not among {whose}; add it there if you trust who has it",
            file.display()
        ),
        Unsigned::DoesNotFit(file) => format!(
            "is not what was signed: it does not fit {}, or the comment there is not the signer's; get both anew",
            file.display()
        ),
        Unsigned::NoContent(detail) => super::unreadable(detail),
    }
}

pub fn bad_digest(text: &str) -> String {
    format!("`{}` is no SHA-256; write 64 hexadecimal digits, as `sha256sum FILE` prints them", short(text))
}

pub fn bad_key(text: &str) -> String {
    format!(
        "`{}` is no public key of minisign; write the last line of the file minisign.pub, which begins with RW",
        short(text)
    )
}
