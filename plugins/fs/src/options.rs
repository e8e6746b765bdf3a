//! What the page gives besides paths: the options of each kind of command, and contents that are text or bytes. Reads them, and no more.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plugin_api::Bytes;
use plugin_api::files::BaseDirectory;
use plugin_api::schemars::{self, JsonSchema};
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// For what is done with files.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FileOptions {
    /// The folder in which paths begin: its number, as in the `Dir` of Tauri 0.x.
    pub dir: Option<BaseDirectory>,
    /// Pages of Tauri 0.x may give the options of a folder with a file; nothing came of it there, and nothing does here.
    #[serde(rename = "recursive")]
    #[schemars(skip)]
    _recursive: IgnoredAny,
}

/// For what is done with folders.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FolderOptions {
    /// The folder in which paths begin: its number, as in the `Dir` of Tauri 0.x.
    pub dir: Option<BaseDirectory>,
    /// Whether all that is below is meant as well.
    pub recursive: bool,
}

/// For what is written.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WriteOptions {
    /// The folder in which paths begin: its number, as in the `Dir` of Tauri 0.x.
    pub dir: Option<BaseDirectory>,
    /// Whether it comes behind what the file holds already.
    pub append: bool,
    /// Whether the file is replaced in one step: everybody finds the old content or the new one, whole, also after a power failure.
    pub atomic: bool,
    /// See [`FileOptions`].
    #[serde(rename = "recursive")]
    #[schemars(skip)]
    _recursive: IgnoredAny,
}

/// Bytes: as text in base64, as Tauri 0.x sends them, or as they are.
#[derive(Debug)]
pub struct Contents(pub Vec<u8>);

impl<'de> Deserialize<'de> for Contents {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ContentsVisitor).map(Self)
    }
}

struct ContentsVisitor;

impl<'de> Visitor<'de> for ContentsVisitor {
    type Value = Vec<u8>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("text in base64, or bytes")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Vec<u8>, E> {
        STANDARD.decode(text).map_err(|error| E::custom(format_args!("no base64: {error}")))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, sequence: A) -> Result<Vec<u8>, A::Error> {
        Bytes::deserialize(SeqAccessDeserializer::new(sequence)).map(Bytes::into_vec)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<u8>, A::Error> {
        Bytes::deserialize(MapAccessDeserializer::new(map)).map(Bytes::into_vec)
    }
}

impl JsonSchema for Contents {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Contents".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let bytes = generator.subschema_for::<Bytes>();
        schemars::json_schema!({ "anyOf": [{ "type": "string" }, bytes] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_are_base64_or_numbers() {
        let read = |text: &str| serde_json::from_str::<Contents>(text).map(|contents| contents.0);
        assert_eq!(read("\"AAEC/w==\"").unwrap(), [0, 1, 2, 255]);
        assert_eq!(read("[0, 255]").unwrap(), [0, 255]);
        assert!(read("\"no!\"").unwrap_err().to_string().contains("no base64"));
        for text in ["[256]", "{}", "{\"$bytes\":0}", "1", "null"] {
            read(text).unwrap_err();
        }
    }

    #[test]
    fn the_options_of_a_folder_may_be_given_with_a_file() {
        let text = r#"{"dir":11,"recursive":true}"#;
        assert!(serde_json::from_str::<FileOptions>(text).unwrap().dir.is_some());
        assert!(serde_json::from_str::<WriteOptions>(text).unwrap().dir.is_some());
        let text = serde_json::to_string(&schemars::schema_for!(FileOptions)).unwrap();
        assert!(!text.contains("recursive"), "{text}");
    }

    #[test]
    fn an_option_that_nobody_knows_is_refused_and_not_passed_over() {
        let refusal = serde_json::from_str::<WriteOptions>(r#"{"apend":true}"#).unwrap_err().to_string();
        assert!(refusal.contains("`apend`"), "{refusal}");
        assert!(serde_json::from_str::<WriteOptions>(r#"{"dir":null}"#).unwrap().dir.is_none());
    }
}
