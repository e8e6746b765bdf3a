//! The folders of a user's that have a name on every system. Which of them there are is the system's to say.

use std::path::PathBuf;

use directories::{BaseDirs, UserDirs};
use serde::de::{self, Deserialize, Deserializer};

use crate::{Context, Result, anyhow};

/// A folder of the user's or the application's, by the number that the `Dir` of Tauri 0.x gives it. In the page: `{ dir: 18 }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum BaseDirectory {
    /// The user's music.
    Audio = 1,
    /// What programs could make anew.
    Cache,
    /// The settings of programs.
    Config,
    /// The data of programs.
    Data,
    /// The data of programs that stays on this machine.
    LocalData,
    /// The desktop.
    Desktop,
    /// The user's documents.
    Document,
    /// What was downloaded.
    Download,
    /// The user's own programs.
    Executable,
    /// The user's fonts.
    Font,
    /// The user's home folder.
    Home,
    /// The user's pictures.
    Picture,
    /// What the user shares with others.
    Public,
    /// For sockets and the like; it goes when the user logs out.
    Runtime,
    /// Templates of documents.
    Template,
    /// The user's films.
    Video,
    /// What the application brings along: [`Context::resource_folder`].
    Resource,
    /// What belongs to the application: [`Context::app_folder`].
    App,
}

impl BaseDirectory {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 18] = [
        Self::Audio,
        Self::Cache,
        Self::Config,
        Self::Data,
        Self::LocalData,
        Self::Desktop,
        Self::Document,
        Self::Download,
        Self::Executable,
        Self::Font,
        Self::Home,
        Self::Picture,
        Self::Public,
        Self::Runtime,
        Self::Template,
        Self::Video,
        Self::Resource,
        Self::App,
    ];

    /// Its name in camelCase: `localData`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Audio => "audio",
            Self::Cache => "cache",
            Self::Config => "config",
            Self::Data => "data",
            Self::LocalData => "localData",
            Self::Desktop => "desktop",
            Self::Document => "document",
            Self::Download => "download",
            Self::Executable => "executable",
            Self::Font => "font",
            Self::Home => "home",
            Self::Picture => "picture",
            Self::Public => "public",
            Self::Runtime => "runtime",
            Self::Template => "template",
            Self::Video => "video",
            Self::Resource => "resource",
            Self::App => "app",
        }
    }

    /// The one that a configuration calls `$LOCALDATA`, by what stands after the `$`.
    pub(super) fn written(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|base| base.name().to_ascii_uppercase() == name)
    }

    /// Where it is.
    ///
    /// # Errors
    /// When this system has none, as a machine without a desktop has no templates.
    pub fn folder(self, context: &Context) -> Result<PathBuf> {
        let base = || BaseDirs::new();
        let user = || UserDirs::new();
        let folder = match self {
            Self::App => return context.app_folder(),
            Self::Resource => return context.resource_folder(),
            Self::Cache => base().map(|base| base.cache_dir().to_owned()),
            Self::Config => base().map(|base| base.config_dir().to_owned()),
            Self::Data => base().map(|base| base.data_dir().to_owned()),
            Self::LocalData => base().map(|base| base.data_local_dir().to_owned()),
            Self::Home => base().map(|base| base.home_dir().to_owned()),
            Self::Executable => base().and_then(|base| base.executable_dir().map(ToOwned::to_owned)),
            Self::Runtime => base().and_then(|base| base.runtime_dir().map(ToOwned::to_owned)),
            Self::Audio => user().and_then(|user| user.audio_dir().map(ToOwned::to_owned)),
            Self::Desktop => user().and_then(|user| user.desktop_dir().map(ToOwned::to_owned)),
            Self::Document => user().and_then(|user| user.document_dir().map(ToOwned::to_owned)),
            Self::Download => user().and_then(|user| user.download_dir().map(ToOwned::to_owned)),
            Self::Font => user().and_then(|user| user.font_dir().map(ToOwned::to_owned)),
            Self::Picture => user().and_then(|user| user.picture_dir().map(ToOwned::to_owned)),
            Self::Public => user().and_then(|user| user.public_dir().map(ToOwned::to_owned)),
            Self::Template => user().and_then(|user| user.template_dir().map(ToOwned::to_owned)),
            Self::Video => user().and_then(|user| user.video_dir().map(ToOwned::to_owned)),
        };
        folder.ok_or_else(|| anyhow!("this system has no folder `{}`; give a whole path", self.name()))
    }
}

impl<'de> Deserialize<'de> for BaseDirectory {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u64::deserialize(deserializer)?;
        let unknown = || {
            de::Error::custom(format_args!(
                "no folder has the number {number}; they go from 1 (audio) to 18 (app)"
            ))
        };
        Self::ALL.into_iter().find(|base| *base as u64 == number).ok_or_else(unknown)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for BaseDirectory {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "BaseDirectory".into()
    }

    fn json_schema(_generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "The number of a folder of the user's or the application's, as in the `Dir` of Tauri 0.x: 1 is audio, 18 is app.",
            "type": "integer",
            "minimum": 1,
            "maximum": 18
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_the_number_of_tauris_enum_and_no_other_number_is_one() {
        for (index, base) in BaseDirectory::ALL.into_iter().enumerate() {
            let read: BaseDirectory = serde_json::from_value((index + 1).into()).unwrap();
            assert_eq!(read, base);
        }
        let read = |text: &str| serde_json::from_str::<BaseDirectory>(text).unwrap_err().to_string();
        for text in ["0", "19", "257", "18446744073709551615"] {
            assert!(read(text).contains("from 1 (audio) to 18 (app)"), "{text}");
        }
        for text in ["-1", "1.5", "\"app\"", "null", "[18]"] {
            read(text);
        }
    }

    #[test]
    fn each_is_written_by_its_name_in_capitals() {
        assert_eq!(BaseDirectory::written("LOCALDATA"), Some(BaseDirectory::LocalData));
        for base in BaseDirectory::ALL {
            assert_eq!(BaseDirectory::written(&base.name().to_uppercase()), Some(base));
        }
        for name in ["", "app", "App", "APP/", "MUSIC"] {
            assert_eq!(BaseDirectory::written(name), None, "{name}");
        }
    }
}
