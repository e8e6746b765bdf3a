//! The variables that programs get: the few that they need to find their way and the screen, and what the configuration names. A
//! program's output goes to a page, so what is a secret in the host's environment stays there.

use std::ffi::{OsStr, OsString};

use plugin_api::{Result, bail, ensure};

/// Where things are, who the user is, which language they speak, and where their screen and session are.
const USUAL: [&str; 33] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TERM",
    "TMPDIR",
    "TEMP",
    "TMP",
    "DISPLAY",
    "XAUTHORITY",
    "WAYLAND_DISPLAY",
    "DBUS_SESSION_BUS_ADDRESS",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    // Hardly anything works on Windows without these.
    "SystemRoot",
    "windir",
    "SystemDrive",
    "USERPROFILE",
    "USERNAME",
    "APPDATA",
    "LOCALAPPDATA",
    "ProgramData",
    "ProgramFiles",
    "ProgramFiles(x86)",
    "CommonProgramFiles",
    "PATHEXT",
    "COMSPEC",
    "NUMBER_OF_PROCESSORS",
    "PROCESSOR_ARCHITECTURE",
];

/// What the names of further ones begin with: the locale's, and the folders and the kind of the desktop.
const USUAL_BEGINNINGS: [&str; 2] = ["LC_", "XDG_"];

/// The host's own, by which its processes know what they are for.
const HOSTS: &str = "PLUGIN_HOST_";

/// A variable of the configuration.
#[derive(Debug, PartialEq, Eq)]
pub enum Variable {
    /// As the host has it, if it does.
    Inherited(String),
    /// With a value of its own.
    Given(String, String),
}

impl Variable {
    /// From `NAME` or `NAME=value`.
    ///
    /// # Errors
    /// Where that is none.
    pub fn of(text: &str) -> Result<Self> {
        let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
        ensure!(
            !name.is_empty() && !text.contains('\0'),
            "`environment` has \"{}\"; write \"NAME\", or \"NAME=value\"",
            text.escape_debug()
        );
        match value {
            Some(value) => Ok(Self::Given(name.to_owned(), value.to_owned())),
            None if is_hosts(name) => {
                bail!("`environment` has {name}, which is the host's own and nobody else's")
            }
            None => Ok(Self::Inherited(name.to_owned())),
        }
    }
}

/// All that a program gets, out of what the host has.
pub fn given(
    listed: &[Variable],
    host: impl Iterator<Item = (OsString, OsString)>,
) -> Vec<(OsString, OsString)> {
    let inherited = host.filter(|(name, _)| is_inherited(name, listed));
    let own = listed.iter().filter_map(|variable| match variable {
        Variable::Given(name, value) => Some((name.into(), value.into())),
        Variable::Inherited(_) => None,
    });
    // The later ones count.
    inherited.chain(own).collect()
}

fn is_inherited(name: &OsStr, listed: &[Variable]) -> bool {
    let Some(name) = name.to_str() else { return false };
    let same = |other: &str| if cfg!(windows) { other.eq_ignore_ascii_case(name) } else { other == name };
    USUAL.iter().any(|usual| same(usual))
        || USUAL_BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
        || listed.iter().any(|variable| matches!(variable, Variable::Inherited(listed) if same(listed)))
}

fn is_hosts(name: &str) -> bool {
    name.get(..HOSTS.len()).is_some_and(|start| start.eq_ignore_ascii_case(HOSTS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(listed: &[&str]) -> Vec<String> {
        let listed: Vec<_> = listed.iter().map(|text| Variable::of(text).unwrap()).collect();
        let host =
            ["PATH", "DISPLAY", "LC_ALL", "XDG_DATA_HOME", "GITHUB_TOKEN", "LD_PRELOAD", "PLUGIN_HOST_PATH"]
                .map(|name| (name.into(), "host's".into()));
        let text = |(name, value): (OsString, OsString)| format!("{}={}", name.display(), value.display());
        given(&listed, host.into_iter()).into_iter().map(text).collect()
    }

    #[test]
    fn the_usual_ones_are_inherited_and_secrets_are_not() {
        let usual = ["PATH=host's", "DISPLAY=host's", "LC_ALL=host's", "XDG_DATA_HOME=host's"];
        assert_eq!(names(&[]), usual);
        assert_eq!(names(&["NOT_THERE"]), usual);
    }

    #[test]
    fn listed_ones_are_added_with_the_hosts_value_or_their_own() {
        let with = names(&["GITHUB_TOKEN", "GIT_PAGER=", "LANG=C=D"]);
        assert_eq!(with[4..], ["GITHUB_TOKEN=host's", "GIT_PAGER=", "LANG=C=D"]);
    }

    #[test]
    fn what_is_no_variable_or_the_hosts_own_is_refused() {
        for text in ["", "=", "=x", "A\0B", "A=\0"] {
            assert!(Variable::of(text).unwrap_err().to_string().contains("write \"NAME\""), "{text:?}");
        }
        assert!(Variable::of("PLUGIN_HOST_PATH").unwrap_err().to_string().contains("the host's own"));
    }
}
