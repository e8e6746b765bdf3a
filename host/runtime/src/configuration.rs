//! The configuration file: what it says for one plugin and of it, read anew each time somebody asks.

mod part;

use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use plugin_api::table::Configuration;
use serde::de::DeserializeOwned;

use crate::settings::Settings;
use crate::words;

/// The tables of the host's own, below `host`.
const HOST_TABLES: [&str; 6] = ["cli", "libraries", "page", "permissions", "plugins", "windows"];

/// Longer than any configuration that a person has written.
const LONGEST: u64 = 16 << 20;

/// The configuration file of a host.
#[derive(Debug, Clone)]
pub struct ConfigurationFile {
    path: PathBuf,
    /// What somebody has told of it who may read it, in the place of what it says.
    told: Option<Arc<Told>>,
}

/// The part of a configuration that is about one plugin, or why that cannot be told.
pub type Told = Result<String, String>;

impl ConfigurationFile {
    /// The file at `path`; it need not be there.
    pub fn at(path: PathBuf) -> Self {
        Self { path, told: None }
    }

    /// The file at `path`, for one plugin that may not read it and is told this of it.
    pub fn told(path: PathBuf, told: Told) -> Self {
        Self { path, told: Some(Arc::new(told)) }
    }

    /// What the plugin called `name` may know of it: what is for that plugin and of it, and nothing of others.
    ///
    /// # Errors
    /// What is wrong with the file, to follow its name.
    pub fn part_of(&self, name: &str) -> Told {
        self.read().and_then(|text| part::of(&text, name))
    }

    fn read(&self) -> Result<String, String> {
        self.told.as_ref().map_or_else(|| read(&self.path), |told| told.as_ref().clone())
    }

    /// What it says for the plugin called `name`: the table `plugins.NAME`.
    pub fn of(&self, name: &str) -> Configuration {
        Configuration {
            file: self.path.display().to_string(),
            table: format!("plugins.{name}"),
            value: self.read().and_then(|text| part::table(&text, name)),
        }
    }

    /// The text, if nobody else can have written it: it says what the host may do, and what it must not.
    fn trusted(&self) -> Result<String, String> {
        #[cfg(unix)]
        if self.told.is_none() {
            ours_alone(&self.path)?;
        }
        self.read()
    }

    /// The tables that are about plugins whose names are not `known`, and what stands beside the tables there are; nothing where the
    /// file cannot be read.
    pub fn strangers(&self, known: &HashSet<&str>) -> Vec<String> {
        let Some(root) = self.read().ok().and_then(|text| text.parse::<toml::Table>().ok()) else {
            return Vec::new();
        };
        let of_plugins = |table: Option<&toml::Value>, before: &str| {
            let names = table.and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::keys);
            let strange = names.filter(|name| *name != "*" && !known.contains(&&***name));
            strange.map(|name| format!("{before}.{name}")).collect::<Vec<_>>()
        };
        let beside = root.keys().filter(|key| !["host", "plugins"].contains(&&***key)).cloned();
        let settings = root.get("host").and_then(|host| host.get("plugins"));
        let told = of_plugins(root.get("plugins"), "plugins");
        beside.chain(told).chain(of_plugins(settings, "host.plugins")).collect()
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it says of the plugin called `name`, for the host: the table `host.plugins.NAME`.
    ///
    /// # Errors
    /// A sentence about the file.
    pub fn settings(&self, name: &str) -> Result<Settings, String> {
        let settings = self.trusted().and_then(|text| settings(&text, name));
        settings.map_err(|reason| words::bad_settings(&self.path, &reason))
    }

    /// What it says under `host.key`, which is one of the host's own tables; the default where it says nothing.
    ///
    /// # Errors
    /// A sentence that names the file and the key that does not fit.
    pub fn host<T: DeserializeOwned + Default>(&self, key: &str) -> Result<T, String> {
        let found = self.trusted().and_then(|text| host_table(&text, key));
        found.map_err(|reason| words::bad_configuration(&self.path, &reason))
    }
}

/// Refuses a file that others can write to. What is there and is no file is refused by who reads it.
#[cfg(unix)]
fn ours_alone(path: &Path) -> Result<(), String> {
    // Anything else might wait for ever when it is opened.
    if !path.is_file() {
        return Ok(());
    }
    let file =
        std::fs::File::open(path).map_err(|error| words::configuration_unreadable(&error.to_string()))?;
    crate::ownership::check(&file, path).map_err(|fault| words::configuration_not_ours_alone(&fault))
}

/// The text; none where there is no file.
fn read(file: &Path) -> Result<String, String> {
    let unreadable = |error: std::io::Error| words::configuration_unreadable(&error.to_string());
    match std::fs::metadata(file) {
        Ok(metadata) if metadata.is_file() && metadata.len() <= LONGEST => {
            std::fs::read_to_string(file).map_err(unreadable)
        }
        Ok(_) => Err(words::configuration_unreadable("it is no file, or far too long")),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(unreadable(error)),
    }
}

fn parse(text: &str) -> Result<toml::Table, String> {
    text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map(|span| text[..span.start.min(text.len())].lines().count().max(1));
        words::configuration_garbled(line, error.message())
    })
}

/// A slip there would lose what somebody wants without a word.
fn check(host: &toml::Table) -> Result<(), String> {
    if let Some(key) = host.keys().find(|key| !HOST_TABLES.contains(&key.as_str())) {
        let known = HOST_TABLES.join(", ");
        return Err(words::configuration_bad_key("host", key, &words::configuration_no_such_table(&known)));
    }
    let plugins = host.get("plugins").and_then(toml::Value::as_table);
    let mut values = plugins.into_iter().flatten();
    match values.find(|(_, value)| !value.is_table()) {
        Some((key, _)) => Err(words::configuration_no_table(&format!("host.plugins.{key}"))),
        None => Ok(()),
    }
}

/// The table `host`, whose keys are known to be good.
fn host(text: &str) -> Result<toml::Table, String> {
    match parse(text)?.remove("host") {
        None => Ok(toml::Table::new()),
        Some(toml::Value::Table(host)) => check(&host).map(|()| host),
        Some(_) => Err(words::configuration_no_table("host")),
    }
}

fn host_table<T: DeserializeOwned + Default>(text: &str, key: &str) -> Result<T, String> {
    host(text)?.remove(key).map_or_else(|| Ok(T::default()), |value| typed(value, &format!("host.{key}")))
}

fn settings(text: &str, name: &str) -> Result<Settings, String> {
    let mut plugins = match host(text)?.remove("plugins") {
        None => return Ok(Settings::default()),
        Some(toml::Value::Table(plugins)) => plugins,
        Some(_) => return Err(words::configuration_no_table("host.plugins")),
    };
    let mut of = |key: &str| match plugins.remove(key) {
        None => Ok(Settings::default()),
        Some(value) => typed(value, &format!("host.plugins.{key}")),
    };
    let settings = of(name)?.or(of("*")?);
    settings.check(name).map(|()| settings)
}

/// A value of the type that is wanted, or the place in `table` where it is not.
fn typed<T: DeserializeOwned>(value: toml::Value, table: &str) -> Result<T, String> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        words::configuration_bad_key(table, &error.path().to_string(), error.inner().message())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn each_plugin_has_its_own_table_and_one_without_has_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, "[plugins.store]\npath = '/a'").unwrap();
        let file = ConfigurationFile::at(path);
        assert_eq!(file.of("store").value, Ok(json!({ "path": "/a" })));
        assert_eq!(file.of("other").value, Ok(json!({})));
        let missing = ConfigurationFile::at(folder.path().join("none.toml")).of("other");
        assert_eq!((missing.value, &*missing.table), (Ok(json!({})), "plugins.other"));
        assert!(ConfigurationFile::at(folder.path().to_owned()).of("other").value.is_err());
    }

    #[test]
    fn tables_that_nobody_reads_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        let text = "[plugins.store]\n[plugins.sf]\n[plugin.fs]\n[host.plugins.ffs]\n[host.plugins.'*']\n[host.page]\n";
        std::fs::write(&path, text).unwrap();
        let known = HashSet::from(["store", "fs"]);
        assert_eq!(
            ConfigurationFile::at(path).strangers(&known),
            ["plugin", "plugins.sf", "host.plugins.ffs"]
        );
        assert!(ConfigurationFile::at(folder.path().join("none.toml")).strangers(&known).is_empty());
    }

    #[test]
    #[cfg(unix)]
    fn what_others_can_write_says_nothing_to_the_host_until_that_is_mended() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, "[plugins.p]\na = 1\n[host.plugins.p]\nthreads = 3\n").unwrap();
        let file = ConfigurationFile::at(path.clone());
        let mode =
            |of: &Path, mode| std::fs::set_permissions(of, std::fs::Permissions::from_mode(mode)).unwrap();
        for (place, open, shut) in [(path.as_path(), 0o666, 0o600), (folder.path(), 0o777, 0o700)] {
            mode(place, open);
            let reason = file.settings("p").unwrap_err();
            assert!(reason.contains("everybody may write to") && reason.contains("`chmod o-w"), "{reason}");
            assert!(file.host::<Vec<crate::permissions::Permission>>("permissions").is_err());
            assert_eq!(file.of("p").value, Ok(json!({ "a": 1 })), "what a plugin reads is its own business");
            mode(place, shut);
            assert!(file.settings("p").is_ok_and(|settings| settings.threads.is_some()));
        }
    }

    #[test]
    fn settings_of_the_host_stand_in_a_table_of_their_own_and_a_slip_in_them_is_told_with_its_key() {
        let text = "[plugins.store]\nisolation = 'mine'\n[host.plugins.store]\nisolation = 'process'\n[host.plugins.'*']\ndeadline = '5s'";
        let found = settings(text, "store").unwrap();
        assert_eq!(
            (found.isolation, found.deadline.map(|time| time.as_secs())),
            (Some(crate::settings::Isolation::Process), Some(5))
        );
        assert_eq!(settings(text, "other").unwrap().isolation, None);
        assert_eq!(settings("[host.plugins]", "other"), Ok(Settings::default()));
        for (text, part) in [
            (
                "[host.plugins.p]\nisolation = 'proces'",
                "`host.plugins.p.isolation`: unknown variant `proces`",
            ),
            ("[host.plugins.p]\nisolate = true", "unknown field `isolate`"),
            (
                "[host.plugins.'*'.commands.a]\ndeadline = 'soon'",
                "`host.plugins.*.commands.a.deadline`: write a whole number",
            ),
            ("[host.plugins.p]\nread = ['a']", "`host.plugins.p.read`: `a` is no place"),
            (
                "[host.plugins.p]\nenvironment = ['PLUGIN_HOST_X']",
                "`host.plugins.p.environment`: `PLUGIN_HOST_X` is one",
            ),
            ("[host.plugins.p]\nsandbox = 'required'\nisolation = 'in-process'", "contradict each other"),
            (
                "[host.plugins.'*']\nsandbox = 'required'\n[host.plugins.p]\nisolation = 'in-process'",
                "[host.plugins.p]",
            ),
            ("[host]\nplugins = 1", "`host.plugins` is no table"),
            ("[host.plugin.p]\nisolation = 'process'", "`host.plugin`: there is no such key"),
            ("[host.plugins]\nisolation = 'process'", "`host.plugins.isolation` is no table"),
            ("[host.plugins.p]\nthreads = 0", "`host.plugins.p.threads`: invalid value: integer `0`"),
        ] {
            let reason = settings(text, "p").unwrap_err();
            assert!(reason.contains(part), "{reason}");
        }
    }

    #[test]
    fn a_plugin_that_may_not_read_the_file_is_told_what_is_for_it_and_of_it_and_nothing_of_others() {
        let text = "title = 'x'\n[plugins.a]\nkey = 1\n[plugins.b]\nsecret = 2\n[host.plugins.a]\nthreads = 3\n[host.plugins.'*']\nwaiting = 4\n[host.plugins.b]\nthreads = 5\n[host.page]\nx = 6";
        let told = ConfigurationFile::told("/not/there".into(), part::of(text, "a"));
        assert_eq!(told.of("a").value, Ok(json!({ "key": 1 })));
        assert_eq!(told.of("b").value, Ok(json!({})));
        let (own, all) = (told.settings("a").unwrap(), settings(text, "a").unwrap());
        assert_eq!(own, all);
        let wrong = ConfigurationFile::told("/not/there".into(), Err("is not TOML".to_owned()));
        assert_eq!(wrong.of("a").value, Err("is not TOML".to_owned()));
        assert!(settings(&part::of("host = 1", "a").unwrap(), "a").is_err());
    }

    proptest! {
        #![proptest_config(corpus::config())]
        #[test]
        fn a_mutation_of_a_configuration_is_one_or_a_sentence(text in corpus::mutated("configuration")) {
            let text = String::from_utf8_lossy(&text);
            prop_assert!(part::table(&text, "store").map_or_else(|reason| !reason.is_empty(), |value| value.is_object()));
            prop_assert!(settings(&text, "store").err().is_none_or(|reason| !reason.is_empty()));
            let permissions = host_table::<Vec<crate::permissions::Permission>>(&text, "permissions");
            prop_assert!(permissions.err().is_none_or(|reason| !reason.is_empty()));
        }
    }
}
