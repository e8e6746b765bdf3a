//! What host and child say to each other, and how it lies on the wire: the length as four bytes, then the frame as postcard
//! writes it. Both sides are of the same build, so nothing here needs to grow.
//!
//! A child may say anything: what is longer than any value, or is no frame, ends the connection.

use std::ffi::OsString;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use plugin_api::abi::Status;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::configuration::Told;
use crate::ledger::Outcome;
use crate::sandbox::{Cell, Confinement};
use crate::sink::{Partial, Reply};
use crate::status::Sandboxed;
use crate::words;

/// The folder for temporary files in the room of a process that may not use the system's.
pub const TEMPORARY: &str = "temporary";

/// The longest frame, in bytes: as much as can wait for a page.
const LONGEST: u32 = 512 << 20;

/// How much room is reserved for a frame before its bytes have come. It takes memory only as they come.
const RESERVED: usize = 64 << 20;

/// How much memory is kept between two frames.
const KEPT: usize = 1 << 20;

/// Questions of one process that may be open at a time: some of what may wait for the main thread, which all share.
pub const MOST_ASKED: usize = 4096;

/// What the host says.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub enum ToChild {
    /// Load this plugin. The first frame, and only that.
    Begin(Box<Errand>),
    /// Run a command.
    Call {
        call: u64,
        index: u32,
        message: String,
        /// The bytes that came along, one part after another, and the lengths of the parts.
        #[serde(with = "serde_bytes")]
        body: Vec<u8>,
        parts: Vec<u64>,
    },
    /// Nobody waits for this call any more.
    Cancel { call: u64 },
    /// The page has taken so many of its values.
    Taken { call: u64, count: u64 },
    /// The answer to an [`Ask`](FromChild::Ask).
    Answer { asked: u64, answer: Answer },
    /// An event that a listener wants to hear.
    Heard { listener: u64, payload: String },
    /// Come to an end, within this time if there is a limit.
    Stop { within: Option<Duration> },
}

/// Everything a child needs to load its plugin.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Errand {
    /// The private copy.
    pub library: OsString,
    /// What it holds.
    pub hash: String,
    /// The manifest, as JSON.
    pub manifest: String,
    pub generation: u32,
    /// The folder of all data folders.
    pub data: OsString,
    /// The folder of all cache folders.
    pub cache: OsString,
    /// The application's folder.
    pub app: OsString,
    /// The folder of what the application brings along.
    pub resources: OsString,
    /// The configuration file.
    pub configuration: OsString,
    /// What stands there for this plugin and of it, if it may not read the file.
    pub told: Option<Told>,
    /// An empty folder for what is to be known when the process has died.
    pub room: OsString,
    pub threads: u64,
    pub waiting: u64,
    pub waiting_bytes: u64,
    pub idle: Duration,
    /// How many bytes of memory it may use.
    pub memory: Option<u64>,
    /// How much of its log somebody wants to hear, from 0 for nothing to 5 for everything.
    pub log: u8,
}

impl Errand {
    /// The sandbox of a process that runs this, as the plugin called `name`. Its folders are made.
    ///
    /// # Errors
    /// A sentence about the plugin's file, when one cannot be made.
    pub fn cell(&self, name: &str, confinement: &Confinement) -> Result<Cell, String> {
        let room = Path::new(&self.room);
        let own = [Path::new(&self.data).join(name), Path::new(&self.cache).join(name)];
        for folder in own.iter().chain([&room.join(TEMPORARY)]) {
            std::fs::create_dir_all(folder)
                .map_err(|error| words::no_own_folder(folder, &error.to_string()))?;
        }
        let folders = own.into_iter().map(Into::into).chain([self.room.clone()]).collect();
        let of_all =
            vec![self.data.clone(), self.cache.clone(), self.app.clone(), self.configuration.clone()];
        let confinement = confinement.within(Path::new(&self.app), Path::new(&self.resources));
        Ok(Cell { confinement, library: self.library.clone(), folders, of_all })
    }
}

/// What the child says.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub enum FromChild {
    /// It has taken from itself what is not allowed; before it opens the library, if it runs in a sandbox.
    Confined { degree: Sandboxed },
    /// The plugin has started. Its schemas, as JSON.
    Started { schemas: String },
    /// It does not start, for this reason.
    Refused { reason: String },
    /// The one reply to a call.
    Reply { call: u64, outcome: Outcome, answer: Answer },
    /// It knows that nobody waits for this call any more.
    HeardCancel { call: u64 },
    /// A call has come to its end that was cancelled before.
    Returned { call: u64 },
    /// A cancelled call does not return, or has done so after all.
    Stuck { call: u64, is_stuck: bool },
    /// What a call tells before its reply.
    Told { call: u64, is_value: bool, json: String },
    /// The same of a value that is bytes.
    ToldBytes {
        call: u64,
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
    /// A line for the log: 1 for an error, to 5 for a trace.
    Log { level: u8, text: String },
    /// An event for the page.
    Emit { event: String, payload: String },
    /// A message for another command.
    Ask {
        asked: u64,
        message: String,
        /// Whether the thread that asks does nothing before the answer comes.
        waits: bool,
        /// Whether that is the child's main thread.
        on_main: bool,
        /// The commands of which that thread runs all that may run at a time, four bytes each.
        #[serde(with = "serde_bytes")]
        full: Vec<u8>,
    },
    /// An event that the plugin wants to hear.
    Listen { listener: u64, event: String },
    /// It does not any more.
    Unlisten { listener: u64 },
}

/// The answer to a call, in either direction.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    /// JSON text, as the plugin says.
    Value(#[serde(with = "serde_bytes")] Vec<u8>),
    Bytes(#[serde(with = "serde_bytes")] Vec<u8>),
    Error(String),
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        match reply {
            Reply::Value(json) => Self::Value(json.into_string().into_bytes()),
            Reply::Bytes(bytes) => Self::Bytes(bytes.into_vec()),
            Reply::Error(text) => Self::Error(text),
        }
    }
}

impl Answer {
    /// The answer that crosses the boundary to a plugin so.
    pub fn of(status: Status, bytes: &[u8]) -> Self {
        match status {
            Status::OK => Self::Value(bytes.to_vec()),
            Status::BYTES => Self::Bytes(bytes.to_vec()),
            _ => Self::Error(String::from_utf8_lossy(bytes).into_owned()),
        }
    }

    /// How it crosses the boundary to a plugin.
    pub fn crossing(&self) -> (Status, &[u8]) {
        match self {
            Self::Value(json) => (Status::OK, json),
            Self::Bytes(bytes) => (Status::BYTES, bytes),
            Self::Error(text) => (Status::ERROR, text.as_bytes()),
        }
    }
}

/// What a call tells before its reply, as a frame.
pub fn told(call: u64, partial: Partial) -> FromChild {
    match partial {
        Partial::Progress(json) => FromChild::Told { call, is_value: false, json: json.into_string() },
        Partial::Value(json) => FromChild::Told { call, is_value: true, json: json.into_string() },
        Partial::Bytes(bytes) => FromChild::ToldBytes { call, bytes: bytes.into_vec() },
    }
}

/// What such a frame tells.
pub fn partial(is_value: bool, json: String) -> Partial {
    let json = json.into_boxed_str();
    if is_value { Partial::Value(json) } else { Partial::Progress(json) }
}

/// Appends a frame to `buffer`.
///
/// # Errors
/// When the frame is longer than one may be; then `buffer` is as it was.
pub fn append(buffer: &mut Vec<u8>, frame: &impl Serialize) -> io::Result<()> {
    let start = buffer.len();
    buffer.extend([0; 4]);
    let written = postcard::to_io(frame, &mut *buffer).map(drop).map_err(io::Error::other);
    let length = u32::try_from(buffer.len() - start - 4).ok().filter(|length| *length <= LONGEST);
    match (written, length) {
        (Ok(()), Some(length)) => {
            buffer[start..start + 4].copy_from_slice(&length.to_le_bytes());
            Ok(())
        }
        (written, _) => {
            buffer.truncate(start);
            written.and(Err(io::ErrorKind::FileTooLarge.into()))
        }
    }
}

/// Reads the next frame; nothing at the end.
///
/// # Errors
/// When the stream ends in the middle of one, cannot be read, or holds something else.
pub fn read<T: DeserializeOwned>(stream: &mut impl Read, buffer: &mut Vec<u8>) -> io::Result<Option<T>> {
    let mut length = [0; 4];
    match stream.read(&mut length[..1]) {
        Ok(0) => return Ok(None),
        Ok(_) => stream.read_exact(&mut length[1..])?,
        Err(error) if error.kind() == io::ErrorKind::Interrupted => return read(stream, buffer),
        Err(error) => return Err(error),
    }
    let length = u32::from_le_bytes(length);
    if length > LONGEST {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a frame is too long"));
    }
    let wanted = usize::try_from(length).unwrap_or(usize::MAX);
    buffer.clear();
    buffer.reserve(wanted.min(RESERVED));
    if stream.take(u64::from(length)).read_to_end(buffer)? < wanted {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let frame = postcard::from_bytes(buffer);
    // One long frame must not hold its memory until the next comes.
    buffer.clear();
    buffer.shrink_to(KEPT);
    frame.map(Some).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frames() -> Vec<FromChild> {
        vec![
            FromChild::Reply {
                call: 7,
                outcome: Outcome::Panic,
                answer: Answer::Error("\u{2028}\0".to_owned()),
            },
            FromChild::Told { call: u64::MAX, is_value: true, json: "[1]".to_owned() },
            FromChild::ToldBytes { call: 8, bytes: vec![0, 255, b'['] },
            FromChild::Reply { call: 1, outcome: Outcome::Ok, answer: Answer::Bytes(vec![0; 3_000_000]) },
            FromChild::Ask {
                asked: 1,
                message: "{}".to_owned(),
                waits: true,
                on_main: false,
                full: vec![0, 0, 0, 9],
            },
        ]
    }

    #[test]
    fn frames_arrive_as_they_were_sent_one_after_another() {
        let mut wire = Vec::new();
        for frame in frames() {
            append(&mut wire, &frame).unwrap();
        }
        let (mut stream, mut buffer) = (&wire[..], Vec::new());
        for frame in frames() {
            assert_eq!(read::<FromChild>(&mut stream, &mut buffer).unwrap(), Some(frame));
        }
        assert_eq!(read::<FromChild>(&mut stream, &mut buffer).unwrap(), None);
    }

    #[test]
    fn a_stream_that_ends_in_the_middle_is_an_error_wherever_it_ends() {
        let mut wire = Vec::new();
        append(&mut wire, &ToChild::Cancel { call: 300 }).unwrap();
        for end in 1..wire.len() {
            assert!(read::<ToChild>(&mut &wire[..end], &mut Vec::new()).is_err(), "{end}");
        }
    }

    #[test]
    fn a_length_that_nobody_means_takes_no_memory() {
        let mut buffer = Vec::new();
        assert!(read::<ToChild>(&mut &[255; 8][..], &mut buffer).is_err());
        let almost = LONGEST.to_le_bytes();
        assert!(read::<ToChild>(&mut &almost[..], &mut buffer).is_err());
        assert!(buffer.capacity() <= 2 * RESERVED);
    }

    proptest! {
        #[test]
        fn any_bytes_are_frames_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let (mut stream, mut buffer) = (&bytes[..], Vec::new());
            while let Ok(Some(_)) = read::<FromChild>(&mut stream, &mut buffer) {}
            let mut framed = u32::try_from(bytes.len()).unwrap().to_le_bytes().to_vec();
            framed.extend(&bytes);
            let _ = read::<FromChild>(&mut &framed[..], &mut buffer);
            let _ = read::<ToChild>(&mut &framed[..], &mut buffer);
        }

        #[test]
        fn any_call_arrives_as_it_was_sent(call: u64, index: u32, message in ".{0,80}", body: Vec<u8>, parts: Vec<u64>) {
            let frame = ToChild::Call { call, index, message, body, parts };
            let mut wire = Vec::new();
            append(&mut wire, &frame).unwrap();
            prop_assert_eq!(read::<ToChild>(&mut &wire[..], &mut Vec::new()).unwrap(), Some(frame));
        }
    }

    proptest! {
        #![proptest_config(corpus::config())]
        #[test]
        fn a_mutation_of_frames_is_frames_or_an_error(bytes in corpus::mutation_of(wires())) {
            let (mut stream, mut buffer) = (&bytes[..], Vec::new());
            while let Ok(Some(_)) = read::<FromChild>(&mut stream, &mut buffer) {}
            let mut stream = &bytes[..];
            while let Ok(Some(_)) = read::<ToChild>(&mut stream, &mut buffer) {}
            prop_assert!(buffer.capacity() <= 2 * RESERVED);
        }
    }

    /// What goes over the socket, frame by frame and all of it: made here, as a kept file would be out of date with each new field.
    fn wires() -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        let mut wires: Vec<Vec<u8>> = Vec::new();
        for frame in frames().into_iter().filter(|frame| !matches!(frame, FromChild::Reply { call: 1, .. })) {
            let mut wire = Vec::new();
            append(&mut wire, &frame).unwrap();
            all.extend_from_slice(&wire);
            wires.push(wire);
        }
        wires.push(all);
        wires
    }
}
