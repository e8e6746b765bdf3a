//! The commands of the host itself that concern plugins: `host/status`, `host/retry`, `host/disable`, `host/enable`.

use std::sync::{Arc, Weak};

use serde::Deserialize;

use super::{Inner, lock};
use crate::folder::{Order, Which};
use crate::reply::Replier;
use crate::router::BuiltIn;
use crate::words;

#[derive(Deserialize)]
struct Retry {
    /// A plugin's name, a file's name or a path; all refused files without it.
    file: Option<String>,
}

#[derive(Deserialize)]
struct Choice {
    plugin: String,
}

/// The commands and their names.
pub fn of(inner: &Arc<Inner>) -> Vec<(String, BuiltIn)> {
    let status = Arc::downgrade(inner);
    let mut commands: Vec<(String, BuiltIn)> = vec![(
        "status".to_owned(),
        Arc::new(move |_, replier| match status_json(&status) {
            Ok(json) => replier.json(json.into_bytes()),
            Err(text) => replier.error(text),
        }),
    )];
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
    let function: BuiltIn = Arc::new(move |message, replier| match (read(message), inner.upgrade()) {
        (Ok(read), Some(inner)) => inner.order(make(read, replier)),
        (Ok(_), None) => replier.error(words::stopping()),
        (Err(reason), _) => replier.error(reason),
    });
    (name.to_owned(), function)
}

fn read<'a, T: Deserialize<'a>>(message: &'a str) -> Result<T, String> {
    serde_json::from_str(message).map_err(|error| words::bad_order(&error.to_string()))
}

/// `host/status`: what a page may know of the plugins.
fn status_json(inner: &Weak<Inner>) -> Result<String, String> {
    let inner = inner.upgrade().ok_or_else(words::stopping)?;
    let status = lock(&inner.status);
    serde_json::to_string(&*status).map_err(|error| error.to_string())
}
