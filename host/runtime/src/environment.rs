//! The environment of the processes in which plugins run: the few variables that programs need to find their way, and none of the
//! others. What a person or a service has put into the host's environment may be a secret, and is nobody's business but the host's.

use std::ffi::OsStr;
use std::process::Command;

/// Where things are, who the user is and which language they speak; nothing that opens a door. Proxies may have a password in them,
/// the addresses of the session's bus and display lead out of any sandbox, and what is preloaded is meant for the host.
const KEPT: [&str; 42] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TMPDIR",
    "TEMP",
    "TMP",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    "XDG_RUNTIME_DIR",
    "XDG_CONFIG_DIRS",
    "XDG_DATA_DIRS",
    "XDG_DESKTOP_DIR",
    "XDG_DOCUMENTS_DIR",
    "XDG_DOWNLOAD_DIR",
    "XDG_MUSIC_DIR",
    "XDG_PICTURES_DIR",
    "XDG_PUBLICSHARE_DIR",
    "XDG_TEMPLATES_DIR",
    "XDG_VIDEOS_DIR",
    "LD_LIBRARY_PATH",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "RUST_BACKTRACE",
    // Without these the loader of macOS does not find libraries, and hardly anything works on Windows.
    "DYLD_LIBRARY_PATH",
    "DYLD_FALLBACK_LIBRARY_PATH",
    "SystemRoot",
    "windir",
    "SystemDrive",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "ProgramData",
    "PATHEXT",
    "COMSPEC",
    "NUMBER_OF_PROCESSORS",
];

/// What the names of the variables of the locale begin with.
const LOCALE: &str = "LC_";

/// What the names of the host's own variables begin with: by them it tells a process what to do, and what has been done.
const OWN: &str = "PLUGIN_HOST_";

/// Whether a variable is one of the host's own, which no process is given that it is not meant for.
pub fn is_own(name: &str) -> bool {
    // Windows does not tell capitals apart.
    name.get(..OWN.len()).is_some_and(|start| start.eq_ignore_ascii_case(OWN))
}

/// Gives a process that is to be started the variables that every plugin may know, and those with the names in `more`, as far as
/// the host has them; never the host's own. What was given to it before is taken away.
pub fn keep_little(command: &mut Command, more: &[String]) {
    command.env_clear();
    command.envs(std::env::vars_os().filter(|(name, _)| is_kept(name, more)));
}

fn is_kept(name: &OsStr, more: &[String]) -> bool {
    let Some(name) = name.to_str() else { return false };
    let same = |kept: &str| if cfg!(windows) { kept.eq_ignore_ascii_case(name) } else { kept == name };
    let kept = KEPT.iter().any(|kept| same(kept)) || name.starts_with(LOCALE);
    kept || (more.iter().any(|kept| same(kept)) && !is_own(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_needs_and_what_is_listed_is_kept_and_nothing_else() {
        let more = ["API_KEY".to_owned(), "PLUGIN_HOST_SANDBOX_FILES".to_owned()];
        let kept = |name: &str| is_kept(OsStr::new(name), &more);
        for name in ["PATH", "HOME", "LC_ALL", "XDG_DATA_HOME", "API_KEY"] {
            assert!(kept(name), "{name}");
        }
        for name in [
            "AWS_SECRET_ACCESS_KEY",
            "GITHUB_TOKEN",
            "SSH_AUTH_SOCK",
            "DBUS_SESSION_BUS_ADDRESS",
            "DISPLAY",
            "XAUTHORITY",
            "https_proxy",
            "LD_PRELOAD",
            "API_KEY_2",
            "XDG_SESSION_ID",
            "PLUGIN_HOST_PATH",
            "PLUGIN_HOST_SANDBOX_FILES",
        ] {
            assert!(!kept(name), "{name}");
        }
    }

    #[test]
    fn what_the_caller_has_given_before_is_gone() {
        let mut command = Command::new("any");
        command.env("GIVEN", "1");
        keep_little(&mut command, &[]);
        assert!(command.get_envs().all(|(name, _)| is_kept(name, &[])));
    }
}
