//! The commands of the host itself that concern plugins: `host/status`, `host/watch`, `host/schemas`, `host/emit`,
//! `host/retry`, `host/disable`, `host/enable`.

use std::sync::{Arc, Weak};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::services::{Audience, RuntimeServices};
use super::{Inner, lock, schemas};
use crate::folder::{Order, Which};
use crate::reply::Replier;
use crate::router::BuiltIn;
use crate::words;

/// The command by which a page tells plugins of an event; without `host/` as well, where no plugin has one of that name.
pub const EMIT: &str = "emit";

#[derive(Deserialize)]
struct Retry {
    /// A plugin's name, a file's name or a path; all refused files without it.
    file: Option<String>,
}

#[derive(Deserialize)]
struct Choice {
    plugin: String,
}

/// As Tauri 0.x sends it.
#[derive(Deserialize)]
struct Emit<'a> {
    event: String,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
    /// Which pages hear it besides the plugins: none, as in Tauri 0.x, unless it says so.
    #[serde(default)]
    pages: Pages,
}

/// Pages that an event of a page's is for.
#[derive(Deserialize)]
#[serde(untagged)]
enum Pages {
    /// All, or none.
    All(bool),
    /// Those in windows of these names.
    Windows(Vec<String>),
}

impl Default for Pages {
    fn default() -> Self {
        Self::All(false)
    }
}

/// The commands and their names.
pub fn of(inner: &Arc<Inner>, services: &Arc<RuntimeServices>) -> Vec<(String, BuiltIn)> {
    let status = Arc::downgrade(inner);
    let mut commands: Vec<(String, BuiltIn)> = vec![(
        "status".to_owned(),
        Arc::new(move |_, replier| match status_json(&status) {
            Ok(json) => replier.json(json.into_bytes()),
            Err(text) => replier.error(text),
        }),
    )];
    let of_all = Arc::downgrade(inner);
    commands.push((
        "schemas".to_owned(),
        Arc::new(move |_, replier| match schemas_json(&of_all) {
            Ok(json) => replier.json(json.into_bytes()),
            Err(text) => replier.error(text),
        }),
    ));
    let watched = Arc::downgrade(inner);
    commands.push((
        "watch".to_owned(),
        Arc::new(move |_, replier| {
            let inner = watched.upgrade();
            match inner.as_ref().and_then(|inner| inner.monitor.get()) {
                Some(monitor) => monitor.add(replier),
                None => replier.error(words::stopping()),
            }
        }),
    ));
    let services = Arc::clone(services);
    commands.push((
        EMIT.to_owned(),
        Arc::new(move |message, replier| match emit(message.text(), &services) {
            Ok(()) => replier.json(b"null".to_vec()),
            Err(text) => replier.error(text),
        }),
    ));
    commands.push(order(inner, "retry", |Retry { file }, replier| {
        Order::Retry(file.map_or(Which::Refused, Which::Called), replier)
    }));
    for (name, disabled) in [("disable", true), ("enable", false)] {
        commands.push(order(inner, name, move |Choice { plugin }, replier| {
            Order::Disable(plugin, disabled, replier)
        }));
    }
    commands
}

/// A command that the keeper answers.
fn order<T: for<'a> Deserialize<'a>>(
    inner: &Arc<Inner>,
    name: &str,
    make: impl Fn(T, Replier) -> Order + Send + Sync + 'static,
) -> (String, BuiltIn) {
    let inner = Arc::downgrade(inner);
    let function: BuiltIn = Arc::new(move |message, replier| match (read(message.text()), inner.upgrade()) {
        (Ok(read), Some(inner)) => inner.order(make(read, replier)),
        (Ok(_), None) => replier.error(words::stopping()),
        (Err(reason), _) => replier.error(reason),
    });
    (name.to_owned(), function)
}

fn read<'a, T: Deserialize<'a>>(message: &'a str) -> Result<T, String> {
    serde_json::from_str(message).map_err(|error| words::bad_order(&error.to_string()))
}

fn emit(message: &str, services: &RuntimeServices) -> Result<(), String> {
    let Emit { event, payload, pages } = read(message)?;
    let payload = payload.map_or("null", RawValue::get);
    services.tell_plugins(&event, payload)?;
    match &pages {
        Pages::All(false) => {}
        Pages::All(true) => services.tell_pages(&event, payload, Audience::All),
        Pages::Windows(names) => services.tell_pages(&event, payload, Audience::Windows(names)),
    }
    Ok(())
}

/// `host/schemas`: what the commands of the plugins that serve take and return.
fn schemas_json(inner: &Weak<Inner>) -> Result<String, String> {
    let inner = inner.upgrade().ok_or_else(words::stopping)?;
    let plugins = lock(&inner.serving).clone();
    let of_host = inner.groups.iter().map(schemas::of_group);
    // A plugin has the short name before the host does.
    let described: Vec<_> = plugins.iter().map(|plugin| schemas::of(plugin)).chain(of_host).collect();
    serde_json::to_string(&described).map_err(|error| error.to_string())
}

/// `host/status`: what a page may know of the plugins.
fn status_json(inner: &Weak<Inner>) -> Result<String, String> {
    let inner = inner.upgrade().ok_or_else(words::stopping)?;
    serde_json::to_string(&inner.status()).map_err(|error| error.to_string())
}
