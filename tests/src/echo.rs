//! A server that answers with what it was asked, and remembers it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use serde_json::json;

/// Longer than anything that a test sends.
const LONGEST_BODY: u64 = 1 << 20;

/// The server, as long as the process lives.
pub struct Echo {
    /// Its address, without a slash at the end.
    pub address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Echo {
    /// Starts it: `/echo` answers with the request as JSON, `/text` with a text, `/elsewhere` leads to `/echo`; there is nothing else.
    ///
    /// # Panics
    /// When the system gives no port.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let notes = Arc::clone(&notes);
                // One that goes away in the middle is nobody's mistake.
                thread::spawn(move || answer(stream, &notes).ok());
            }
        });
        Self { address, asked }
    }

    /// What it was asked so far: the first lines of the requests.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn answer(mut stream: TcpStream, notes: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    notes.lock().unwrap_or_else(PoisonError::into_inner).push(first.trim().to_owned());
    let (mut length, mut own, mut chunked) = (0, String::new(), false);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim().split_once(':') else { break };
        match &*name.to_ascii_lowercase() {
            "content-length" => length = value.trim().parse().unwrap_or(0),
            "transfer-encoding" => chunked = value.contains("chunked"),
            "x-own" => value.trim().clone_into(&mut own),
            _ => {}
        }
    }
    let mut body = Vec::new();
    if chunked {
        read_chunks(&mut reader, &mut body)?;
    } else {
        reader.take(length.min(LONGEST_BODY)).read_to_end(&mut body)?;
    }
    let mut words = first.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (status, more, text) = match target.split('?').next().unwrap_or_default() {
        "/echo" => {
            let body = String::from_utf8_lossy(&body);
            let said = json!({ "method": method, "target": target, "own": own, "body": body });
            ("200 OK", "Content-Type: application/json\r\n", said.to_string())
        }
        "/text" => ("200 OK", "Content-Type: text/plain\r\n", "plain text".to_owned()),
        "/elsewhere" => ("302 Found", "Location: /echo\r\n", String::new()),
        _ => ("404 Not Found", "", "there is nothing".to_owned()),
    };
    let length = text.len();
    write!(stream, "HTTP/1.1 {status}\r\n{more}Content-Length: {length}\r\nConnection: close\r\n\r\n{text}")
}

fn read_chunks(reader: &mut BufReader<TcpStream>, body: &mut Vec<u8>) -> std::io::Result<()> {
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let length = u64::from_str_radix(line.trim(), 16).unwrap_or(0);
        reader.take(length.min(LONGEST_BODY)).read_to_end(body)?;
        reader.read_line(&mut line)?;
        if length == 0 {
            return Ok(());
        }
    }
}
