//! Places as the configuration lists them: `"/srv/music"`, or `"~/Music"` below the user's folder, `"$APP"` and `"$RESOURCE"` with
//! what is below them; and names of variables. A place that depends on where the host was started from is refused.

use std::path::{Component, Path, PathBuf};

use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::environment::is_own;
use crate::sandbox::{APP, RESOURCE};
use crate::words;

pub fn some<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<PathBuf>>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let place = |text: String| place(&text).ok_or_else(|| D::Error::custom(words::no_place(&text)));
    texts.into_iter().map(place).collect::<Result<_, _>>().map(Some)
}

fn place(text: &str) -> Option<PathBuf> {
    if [APP, RESOURCE].iter().any(|name| Path::new(text).starts_with(name)) {
        // Where that is, the host says when the sandbox is made. A way back out is no place below it.
        let stays = Path::new(text).components().all(|part| matches!(part, Component::Normal(_)));
        return (stays && !text.contains('\0')).then(|| PathBuf::from(text));
    }
    let path = match text.strip_prefix('~') {
        None => PathBuf::from(text),
        Some("") => std::env::home_dir()?,
        Some(below) => std::env::home_dir()?.join(below.strip_prefix('/')?),
    };
    (Path::is_absolute(&path) && !text.contains('\0')).then_some(path)
}

pub fn some_variables<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    for name in &names {
        if name.is_empty() || name.contains(['=', '\0']) {
            return Err(D::Error::custom(words::no_variable(name)));
        }
        // With them a sandbox could be left half open.
        if is_own(name) {
            return Err(D::Error::custom(words::own_variable(name)));
        }
    }
    Ok(Some(names))
}
