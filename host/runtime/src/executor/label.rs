//! What a piece of work is, for debuggers, the log and the books.

use std::ffi::{CStr, CString};
use std::sync::Arc;

use crate::ledger::Account;

/// Whose work it is.
pub struct Label {
    /// The plugin.
    pub plugin: Arc<str>,
    /// The command; nothing for work that a plugin has given to its workers by itself.
    pub cmd: Option<Arc<str>>,
    /// Where it is counted, if it is.
    pub account: Option<Arc<Account>>,
    /// What the thread is called that does it.
    thread: CString,
}

/// Bytes of a thread's name that Linux keeps.
const LONGEST: usize = 15;

/// Bytes of it that are left to the plugin's name where both are long.
const PLUGIN: usize = 7;

impl Label {
    /// The label of a command.
    pub fn of_command(account: Arc<Account>) -> Arc<Self> {
        let thread = thread_name(&account.plugin, &account.cmd);
        let (plugin, cmd) = (Arc::clone(&account.plugin), Some(Arc::clone(&account.cmd)));
        Arc::new(Self { plugin, cmd, account: Some(account), thread })
    }

    /// The label of a plugin's own work.
    pub fn of_plugin(plugin: &Arc<str>) -> Arc<Self> {
        let thread = c_string(&plugin[..plugin.floor_char_boundary(LONGEST)]);
        Arc::new(Self { plugin: Arc::clone(plugin), cmd: None, account: None, thread })
    }

    /// Calls the present thread after it: debuggers and `top` show the name.
    pub fn name_thread(&self) {
        name_thread(&self.thread);
    }
}

/// `plugin:cmd`, in which both can be recognised.
fn thread_name(plugin: &str, cmd: &str) -> CString {
    let room = (LONGEST - 1).saturating_sub(cmd.len()).max(PLUGIN);
    let plugin = &plugin[..plugin.floor_char_boundary(room)];
    let cmd = &cmd[..cmd.floor_char_boundary(LONGEST - 1 - plugin.len())];
    c_string(&format!("{plugin}:{cmd}"))
}

/// A name may hold anything.
fn c_string(name: &str) -> CString {
    CString::new(name.replace('\0', "")).unwrap_or_default()
}

#[cfg(target_os = "linux")]
fn name_thread(name: &CStr) {
    // A thread with another name works as well.
    let _ = rustix::thread::set_name(name);
}

/// Elsewhere a thread keeps the name that it began with, which is the plugin's.
#[cfg(not(target_os = "linux"))]
fn name_thread(_name: &CStr) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plugin_and_command_can_be_recognised_in_what_the_system_keeps() {
        let name = |plugin, cmd| thread_name(plugin, cmd).into_string().unwrap();
        assert_eq!(name("store", "get"), "store:get");
        assert_eq!(name("misbehaving", "wait"), "misbehavin:wait");
        assert_eq!(name("misbehaving", "somebodyWaits"), "misbeha:somebod");
        assert_eq!(name("a", "doSomethingElse"), "a:doSomethingEl");
        assert_eq!(name("a", "\0öööööööööö").len(), 14, "no letter is cut in two");
    }
}
