//! From a `cmd` to the command that owns it.
//!
//! One owner for each `cmd`: the plugin that was loaded first, and whose command pages may call at all. Every command is also reachable as
//! `plugin-name/cmd`, so the second owner is not lost. What nobody is called is looked for once more as the pages of later Tauris
//! write it, `do_something` for `doSomething`; nothing else is guessed.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use plugin_api::table::Place;

use crate::caller::Subject;
use crate::folder::Gone;
use crate::library::PluginHost;
use crate::message::Message;
use crate::permissions::Permissions;
use crate::plugin::Plugin;
use crate::reply::Replier;
use crate::status::Refused;
use crate::words;

/// A function of the host itself, run on the main thread. It gets the message, and the duty to answer.
pub type BuiltIn = Arc<dyn Fn(&Message, Replier) + Send + Sync>;

/// The handler of the application that embeds the host, in the shape of Tauri 0.x.
pub type AppHandler = Box<dyn FnMut(&mut plugin_api::Webview<'_>, &str) -> Result<(), String> + Send>;

/// The application's handler and what it may use of the host.
pub struct App {
    pub host: Arc<PluginHost>,
    pub handler: Mutex<AppHandler>,
}

impl App {
    /// Ends the workers of the application's own promises. Whether they came to an end by then.
    pub fn end(&self, deadline: Instant) -> bool {
        let (done, ended) = crossbeam_channel::bounded(1);
        let workers = self.host.workers.clone();
        let thread = thread::Builder::new().name("end app".to_owned()).spawn(move || {
            workers.stop();
            workers.join();
            // The one who waits may have lost patience.
            let _ = done.send(());
        });
        thread.is_ok() && ended.recv_deadline(deadline).is_ok()
    }
}

/// Where a message goes.
#[derive(Clone)]
pub enum Route {
    /// To a plugin's command.
    Plugin {
        plugin: Arc<Plugin>,
        index: u32,
        place: Place,
        /// The name the plugin knows it by, when the message says another.
        own_name: Option<Arc<str>>,
    },
    /// To a function of the host's.
    BuiltIn { group: Arc<str>, name: Arc<str>, function: BuiltIn },
    /// To the application's handler.
    App(Arc<App>),
}

/// All routes.
#[derive(Default)]
pub struct Router {
    routes: HashMap<String, Route>,
    app: Option<Arc<App>>,
    /// The commands of plugins that are gone, and the sentences about them.
    gone: HashMap<String, String>,
    /// How many files were refused or left out.
    kept_out: usize,
}

impl Route {
    /// The same way, for a message that does not say the name that the plugin knows.
    fn by_own_name(mut self) -> Self {
        if let Self::Plugin { plugin, index, own_name, .. } = &mut self {
            let command = usize::try_from(*index).ok().and_then(|index| plugin.commands().get(index));
            *own_name = own_name.take().or_else(|| Some(command?.name.as_str().into()));
        }
        self
    }

    /// Whether it leads to a command that is for no page.
    fn is_internal(&self) -> bool {
        let Self::Plugin { plugin, index, .. } = self else { return false };
        let command = usize::try_from(*index).ok().and_then(|index| plugin.commands().get(index));
        command.is_some_and(|command| command.internal)
    }

    /// Whether the sender of a message may go this way.
    ///
    /// # Errors
    /// A sentence for the sender.
    pub fn judge(&self, permissions: &Permissions, message: &Message) -> Result<(), String> {
        let subject = match self {
            Self::Plugin { plugin, index, .. } => {
                let command = usize::try_from(*index).ok().and_then(|index| plugin.commands().get(index));
                // There is no route without an entry.
                let command = command.ok_or_else(words::stopping)?;
                Subject {
                    plugin: &plugin.name,
                    command: &command.name,
                    // An internal one is listed by name, even where somebody has left the other word out.
                    dangerous: command.dangerous || command.internal,
                    internal: command.internal,
                }
            }
            Self::BuiltIn { group, name, .. } => Subject::harmless(group, name),
            Self::App(_) => Subject::harmless("app", message.cmd()),
        };
        permissions.judge(message.caller(), subject)
    }
}

impl Router {
    /// Adds a function of the host's, called `group/name`.
    pub fn add_built_in(&mut self, group: &str, name: &str, function: BuiltIn) {
        let route = Route::BuiltIn { group: group.into(), name: name.into(), function };
        self.routes.insert(format!("{group}/{name}"), route);
    }

    /// Makes a function of the host's known by its name alone as well, where no plugin has a command of that name.
    pub fn add_short_name(&mut self, group: &str, name: &str) {
        if let Some(route) = self.routes.get(&format!("{group}/{name}")).cloned() {
            self.routes.entry(name.to_owned()).or_insert(route);
        }
    }

    /// Gives everything that no plugin owns to the application's handler.
    pub fn set_app(&mut self, app: Arc<App>) {
        self.app = Some(app);
    }

    /// Adds a plugin's commands. One that an earlier plugin has stays that one's, unless it is internal there and not here.
    pub fn add_plugin(&mut self, plugin: &Arc<Plugin>) {
        for (index, command) in (0_u32..).zip(plugin.commands()) {
            let route = |own_name| Route::Plugin {
                plugin: Arc::clone(plugin),
                index,
                place: command.place,
                own_name,
            };
            let own_name = Some(command.name.as_str().into());
            self.routes.insert(format!("{}/{}", plugin.name, command.name), route(own_name));
            match self.routes.entry(command.name.clone()) {
                Entry::Vacant(vacant) => {
                    vacant.insert(route(None));
                }
                // No page could call it by that name, so it keeps it from nobody.
                Entry::Occupied(mut taken) if taken.get().is_internal() && !command.internal => {
                    taken.insert(route(None));
                }
                Entry::Occupied(_) => {}
            }
        }
    }

    /// Notes how many files were refused or left out.
    pub fn set_kept_out(&mut self, count: usize) {
        self.kept_out = count;
    }

    /// Notes a plugin that served and does not any more.
    pub fn add_gone(&mut self, gone: &Gone) {
        for cmd in &gone.commands {
            let sentence = words::command_gone(cmd, &gone.name, gone.disabled);
            self.gone.insert(format!("{}/{cmd}", gone.name), sentence.clone());
            self.gone.insert(cmd.clone(), sentence);
        }
    }

    /// Notes a plugin that was refused, where its commands are known.
    pub fn add_refused(&mut self, refused: &Refused) {
        let Some(name) = &refused.name else { return };
        for cmd in &refused.commands {
            let sentence = words::command_refused(cmd, name, &refused.reason);
            self.gone.insert(format!("{name}/{cmd}"), sentence.clone());
            self.gone.insert(cmd.clone(), sentence);
        }
    }

    /// The route of `cmd`, or the sentence that says there is none and names the nearest ones.
    pub fn find(&self, cmd: &str) -> Result<Route, String> {
        if let Some(route) = self.routes.get(cmd) {
            return Ok(route.clone());
        }
        let camel = in_camel_case(cmd);
        if let Some(route) = camel.as_deref().and_then(|camel| self.routes.get(camel)) {
            return Ok(route.clone().by_own_name());
        }
        if let Some(app) = &self.app {
            return Ok(Route::App(Arc::clone(app)));
        }
        if let Some(sentence) = self.gone.get(cmd).or_else(|| self.gone.get(camel.as_deref()?)) {
            return Err(sentence.clone());
        }
        let any = self.routes.values().any(|route| matches!(route, Route::Plugin { .. }));
        Err(words::unknown_command(cmd, &self.nearest(cmd), any, self.kept_out))
    }

    /// At most three names like `cmd`, the nearest first.
    fn nearest(&self, cmd: &str) -> Vec<&str> {
        /// A longer name is no slip of the finger, and comparing costs the product of the lengths.
        const LONGEST_COMPARED: usize = 64;
        /// Below it, names have nothing in common but letters. Found by trying slips and strangers.
        const LIKE_ENOUGH: f64 = 0.6;
        if cmd.chars().nth(LONGEST_COMPARED).is_some() {
            return Vec::new();
        }
        let lower = cmd.to_lowercase();
        let likeness = |name: &str| strsim::normalized_damerau_levenshtein(&name.to_lowercase(), &lower);
        let mut like: Vec<(f64, &str)> = self
            .routes
            .keys()
            // Qualified names only for those who write one.
            .filter(|name| name.contains('/') == cmd.contains('/'))
            .map(|name| (likeness(name), name.as_str()))
            .filter(|(likeness, _)| *likeness >= LIKE_ENOUGH)
            .collect();
        like.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(right.1)));
        like.into_iter().take(3).map(|(_, name)| name).collect()
    }
}

/// `do_something` as `doSomething`, as `#[command]` writes the names of functions; nothing where that changes nothing. A plugin's name
/// before it stays as it is.
fn in_camel_case(cmd: &str) -> Option<String> {
    let (plugin, command) = cmd.rfind('/').map_or(("", cmd), |slash| cmd.split_at(slash + 1));
    if !command.contains('_') {
        return None;
    }
    let mut camel = plugin.to_owned();
    let mut raise = false;
    for character in command.chars() {
        if character == '_' {
            raise = camel.len() > plugin.len();
        } else if std::mem::take(&mut raise) {
            camel.extend(character.to_uppercase());
        } else {
            camel.push(character);
        }
    }
    Some(camel)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn router(names: &[&str]) -> Router {
        let mut router = Router::default();
        for name in names {
            router.add_built_in("host", name, Arc::new(|_, _| {}));
            router.add_short_name("host", name);
        }
        router
    }

    #[test]
    fn an_unknown_command_is_told_the_nearest_ones() {
        let router = router(&["doSomething", "doSomethingElse", "memory", "notes"]);
        let sentence = |cmd| router.find(cmd).err().unwrap();
        assert_eq!(
            sentence("doSomthing"),
            "unknown command `doSomthing`; did you mean `doSomething` or `doSomethingElse`?"
        );
        assert_eq!(sentence("MEMORY"), "unknown command `MEMORY`; did you mean `memory`?");
        assert!(!sentence("xyzzy").contains("mean"));
    }

    #[test]
    fn hostile_names_are_unknown_commands_and_nothing_else() {
        let router = router(&["a"]);
        for cmd in ["", "__proto__", "\u{202e}evil", &"x".repeat(1_000_000), "a\n\u{0}"] {
            let sentence = router.find(cmd).err().unwrap();
            assert!(sentence.starts_with("unknown command `") && sentence.len() < 700, "{sentence}");
        }
    }

    #[test]
    fn a_command_is_found_by_its_name_with_underscores_and_the_exact_name_comes_first() {
        let found = |router: &Router, cmd: &str| match router.find(cmd) {
            Ok(Route::BuiltIn { name, .. }) => Ok(name.to_string()),
            Ok(_) => Err("another route".to_owned()),
            Err(sentence) => Err(sentence),
        };
        let one = router(&["doSomething"]);
        for cmd in ["do_something", "host/do_something", "_do_something", "do__something_"] {
            assert_eq!(found(&one, cmd).as_deref(), Ok("doSomething"), "{cmd}");
        }
        for cmd in
            ["do_Something_else", "dosomething", "do-something", "ho_st/doSomething", "_", "/_", "host/_"]
        {
            assert!(found(&one, cmd).unwrap_err().starts_with("unknown command `"), "{cmd}");
        }
        let both = router(&["doSomething", "do_something"]);
        assert_eq!(found(&both, "do_something").as_deref(), Ok("do_something"));
    }

    #[test]
    fn a_command_that_is_gone_is_told_by_its_name_with_underscores_too() {
        let mut router = router(&[]);
        router.add_gone(&Gone {
            name: "store".to_owned(),
            commands: vec!["storeGet".to_owned()],
            disabled: false,
        });
        let sentence = |cmd| router.find(cmd).err().unwrap();
        assert_eq!(sentence("store_get"), sentence("storeGet"));
        assert_eq!(sentence("store/store_get"), sentence("storeGet"));
    }
}
