//! A development server: serves the files of a folder, over HTTP, to whoever is on this machine.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;

/// Serves a folder of the repository, as long as the process lives. Returns the address of its start page.
///
/// # Panics
/// When the system gives no port.
pub fn serve(folder: &str) -> String {
    serve_folder(&crate::repository().join(folder))
}

/// Serves a folder, as long as the process lives. Returns the address of its start page.
///
/// # Panics
/// When the system gives no port.
pub fn serve_folder(folder: &Path) -> String {
    let folder = folder.to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let folder = folder.clone();
            // A browser that goes away in the middle is nobody's mistake.
            thread::spawn(move || answer(stream, &folder).ok());
        }
    });
    format!("http://{address}/")
}

fn answer(mut stream: TcpStream, folder: &Path) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut body = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line.trim_end().is_empty() {
            break;
        }
        let length = line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        body = length.and_then(|(_, length)| length.trim().parse().ok()).unwrap_or(body);
    }
    // Who closes a connection with something unread in it takes the answer back.
    std::io::copy(&mut reader.take(body), &mut std::io::sink())?;
    let path = request.split(' ').nth(1).unwrap_or("/").trim_start_matches('/');
    let path = path.split('?').next().unwrap_or_default();
    let file: PathBuf = folder.join(if path.is_empty() { "index.html" } else { path });
    let kind = match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html",
        Some("js") => "text/javascript",
        _ => "application/octet-stream",
    };
    let (status, bytes) = match std::fs::read(file) {
        Ok(bytes) => ("200 OK", bytes),
        Err(_) => ("404 Not Found", Vec::new()),
    };
    let length = bytes.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    stream.write_all(&bytes)
}
