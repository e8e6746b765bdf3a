//! What a page says of a request, as it says it: the options of the Tauri 0.x client, with their numbers for kinds. Reads and checks
//! types; what they mean together is decided in `request`.

use std::fmt;
use std::time::Duration;

use plugin_api::files::BaseDirectory;
use plugin_api::schemars::{self, JsonSchema};
use plugin_api::{Result, ensure};
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// The most entries of a table of headers, parameters or fields. The list of headers that is sent cannot hold any number.
pub const MOST_FIELDS: usize = 1000;
/// The most redirects that may be followed.
const MOST_REDIRECTIONS: u32 = 50;
/// The longest time that may be waited, in seconds: a day.
const LONGEST_WAIT: f64 = 86_400.0;
/// What holds where the page says nothing else, as the client of Tauri 0.x had it.
const USUAL_REDIRECTIONS: u32 = 5;
const USUAL_WAIT: Duration = Duration::from_secs(30);

/// What is to be sent, to whom, and how the answer is to be read.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "HttpOptions")]
pub struct Options {
    /// GET, POST, PUT, DELETE, PATCH, HEAD, OPTIONS or TRACE, in any case of letters.
    pub method: String,
    /// The address, `http://` or `https://`.
    pub url: String,
    /// The headers to be sent; values are texts, numbers or booleans.
    #[schemars(with = "Option<std::collections::BTreeMap<String, Value>>")]
    pub headers: Option<Fields>,
    /// What is appended to the address as its query; values likewise, or lists of them.
    #[schemars(with = "Option<std::collections::BTreeMap<String, Value>>")]
    pub params: Option<Fields>,
    /// The body to be sent.
    #[schemars(with = "Option<Value>")]
    pub body: Option<Box<RawValue>>,
    /// What the body is: 1 fields of a form, 2 the path of a file whose content is sent, 3 what it looks like.
    #[schemars(with = "Option<u8>")]
    pub body_type: Option<BodyType>,
    /// Whether redirects are followed; they are unless this is false.
    pub follow_redirects: Option<bool>,
    /// How many redirects are followed, 5 unless given and 50 at most; false stands for none.
    pub max_redirections: Option<Redirections>,
    /// Seconds until a connection has to stand; 30 unless given.
    pub connect_timeout: Option<f64>,
    /// Seconds in which something has to come or go; 30 unless given.
    pub read_timeout: Option<f64>,
    /// Seconds for all of it; as long as it takes unless given.
    pub timeout: Option<f64>,
    /// Whether the server may compress its answer; it may unless this is false. A download is only compressed where this is true.
    pub allow_compression: Option<bool>,
    /// How the answer is read: 1 as JSON, 2 as text, 3 as an array of bytes.
    #[schemars(with = "Option<u8>")]
    pub response_type: Option<ResponseType>,
    /// The folder from which on the path of a file is meant, by its number: 18 is the application's.
    pub dir: Option<BaseDirectory>,
}

/// What a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u8")]
pub enum BodyType {
    /// An object, sent as the fields of a form.
    Form,
    /// The path of a file, whose content is sent.
    File,
    /// A text is sent as such, an array of bytes as these, and anything else as JSON.
    Auto,
}

/// How an answer's body is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u8")]
pub enum ResponseType {
    /// As JSON; an empty body is null.
    Json,
    /// As text, in the encoding that the answer names.
    Text,
    /// As an array of numbers, one for each byte.
    Binary,
}

/// How many redirects are followed. The types of the 0.x client say that it is a boolean, and its documentation that it is a number.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "the number of redirects to follow, or false")]
pub enum Redirections {
    /// So many.
    Number(u32),
    /// None, or as many as usual.
    Any(bool),
}

/// Names and values in the order in which the page has them. What is null is left out.
#[derive(Debug, Default)]
pub struct Fields(pub Vec<(String, String)>);

/// How long is waited for what.
#[derive(Debug, Clone, Copy)]
pub struct Waits {
    /// For a connection.
    pub connect: Duration,
    /// For a sign of life.
    pub silence: Duration,
    /// For all of it.
    pub total: Option<Duration>,
}

impl Options {
    /// The times that hold.
    ///
    /// # Errors
    /// A sentence that names the option, where one is no time.
    pub fn waits(&self) -> Result<Waits> {
        Ok(Waits {
            connect: seconds("connectTimeout", self.connect_timeout)?.unwrap_or(USUAL_WAIT),
            silence: seconds("readTimeout", self.read_timeout)?.unwrap_or(USUAL_WAIT),
            total: seconds("timeout", self.timeout)?,
        })
    }

    /// How many redirects may be followed; nothing where they are not to be followed and no error either.
    ///
    /// # Errors
    /// A sentence with the limit, where it is more.
    pub fn redirections(&self) -> Result<Option<u32>> {
        let most = match self.max_redirections {
            None | Some(Redirections::Any(true)) => USUAL_REDIRECTIONS,
            Some(Redirections::Any(false)) => return Ok(None),
            Some(Redirections::Number(number)) => number,
        };
        ensure!(
            most <= MOST_REDIRECTIONS,
            "`maxRedirections` is {most}, and at most {MOST_REDIRECTIONS} redirects are followed"
        );
        Ok(self.follow_redirects.unwrap_or(true).then_some(most))
    }
}

fn seconds(name: &str, given: Option<f64>) -> Result<Option<Duration>> {
    let Some(given) = given else { return Ok(None) };
    ensure!(
        given > 0.0 && given <= LONGEST_WAIT,
        "`{name}` is {given}, and has to be a number of seconds above 0, a day at most; leave it out for the usual time"
    );
    Ok(Some(Duration::try_from_secs_f64(given)?))
}

impl TryFrom<u8> for BodyType {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        match number {
            1 => Ok(Self::Form),
            2 => Ok(Self::File),
            3 => Ok(Self::Auto),
            _ => Err(format!("{number} is no type of a body; 1 is a form, 2 a file, 3 decides by the value")),
        }
    }
}

impl TryFrom<u8> for ResponseType {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        match number {
            1 => Ok(Self::Json),
            2 => Ok(Self::Text),
            3 => Ok(Self::Binary),
            _ => Err(format!("{number} is no type of an answer; 1 is JSON, 2 text, 3 an array of bytes")),
        }
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of texts, numbers and booleans")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
        let mut fields = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            match map.next_value()? {
                Value::Array(values) => {
                    for value in &values {
                        fields.extend(written(&name, value)?.map(|value| (name.clone(), value)));
                    }
                }
                value => fields.extend(written(&name, &value)?.map(|value| (name, value))),
            }
            if fields.len() > MOST_FIELDS {
                return Err(de::Error::custom(format_args!("there are more than {MOST_FIELDS} entries")));
            }
        }
        Ok(Fields(fields))
    }
}

fn written<E: de::Error>(name: &str, value: &Value) -> Result<Option<String>, E> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        Value::Number(number) => Ok(Some(number.to_string())),
        Value::Bool(truth) => Ok(Some(truth.to_string())),
        Value::Array(_) | Value::Object(_) => Err(de::Error::custom(format_args!(
            "`{name}` has an object or a list in its value, which cannot be written there; make a text of it"
        ))),
    }
}
