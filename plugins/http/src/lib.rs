//! The plugin `http`: commands that ask servers on the network, within the hosts that the configuration lists. What they do is in the
//! files beside this one. No list, no request; no cookie is kept, and no certificate is taken that the system does not trust.

mod answer;
mod client;
mod exchange;
mod failure;
mod hosts;
mod options;
mod request;
mod saving;
mod settings;
mod upload;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use plugin_api::files::{Access, Scope};
use plugin_api::{Bytes, Cancellation, Context, Progress, Result, State, command, export_plugin};

use crate::answer::{Content, Fetched};
use crate::client::{Clients, Manner};
use crate::exchange::{Answered, Pulse, send, within};
use crate::hosts::Hosts;
use crate::options::{Options, ResponseType};
use crate::request::Request;
use crate::saving::{Downloaded, Loaded, save};
use crate::settings::Settings;
use crate::upload::Upload;

/// What requests are made with.
struct Network {
    hosts: Hosts,
    clients: Clients,
    scope: Scope,
    longest_body: usize,
    longest_download: u64,
}

fn start(context: &Context) -> Result<Network> {
    let settings: Settings = context.configuration()?;
    settings.check()?;
    Ok(Network {
        hosts: Hosts::read(&settings.hosts)?,
        clients: Clients::new(&settings.proxy)?,
        scope: Scope::new(context, &settings.read, &settings.write)?,
        longest_body: settings.longest_body,
        longest_download: settings.longest_download,
    })
}

impl Network {
    /// Sends what the options say, and does with the answer what `then` says; all of it ends when nobody waits any more.
    async fn ask<T>(
        &self,
        options: &Options,
        body: Option<Bytes>,
        compression: bool,
        cancellation: &Cancellation,
        then: impl AsyncFnOnce(Answered, &Pulse) -> Result<T>,
    ) -> Result<T> {
        let request = Request::of(options, body)?;
        let pulse = Pulse::new();
        let work = async {
            let client = self.clients.get(Manner { compression, connect: request.waits.connect })?;
            let upload = Upload { body: &request.body, scope: &self.scope, dir: options.dir };
            let answered = send(&client, &self.hosts, &request, &upload, &pulse).await?;
            then(answered, &pulse).await
        };
        within(&request.waits, &request.url, &pulse, cancellation, work).await
    }
}

/// Sends a request and resolves with the body of its answer.
///
/// `options` are those of the Tauri 0.x client: `method`, `url`, `headers`, `params`, `body`, `bodyType`, `followRedirects`,
/// `maxRedirections`, `connectTimeout`, `readTimeout`, `timeout` (seconds), `allowCompression`, `responseType`. A body of bytes may be
/// given beside them, as `body`. Rejects where the host is not listed under `[plugins.http]` or cannot be reached, where the answer has
/// another status than 200 to 299, and where its body is not what `responseType` says or too long.
#[command]
async fn http_request(
    network: State<'_, Network>,
    cancellation: Cancellation,
    options: Options,
    body: Option<Bytes>,
) -> Result<Content> {
    let kind = options.response_type.unwrap_or(ResponseType::Json);
    let compression = options.allow_compression.unwrap_or(true);
    let read = async |answered: Answered, pulse: &Pulse| {
        answered.successful()?.content(kind, network.longest_body, pulse).await
    };
    network.ask(&options, body, compression, &cancellation, read).await
}

/// Sends a request and resolves with the whole answer, whatever its status.
///
/// It has `status`, `statusText`, `ok`, `headers`, `url`, `redirected` and `body`; `options` are those of `httpRequest`, but that the body
/// is read as text where there is no `responseType`. Rejects where the host is not listed under `[plugins.http]` or cannot be
/// reached, and where the body is not what `responseType` says or too long.
#[command]
async fn fetch(
    network: State<'_, Network>,
    cancellation: Cancellation,
    options: Options,
    body: Option<Bytes>,
) -> Result<Fetched> {
    let kind = options.response_type.unwrap_or(ResponseType::Text);
    let compression = options.allow_compression.unwrap_or(true);
    let read =
        async |answered: Answered, pulse: &Pulse| answered.fetched(kind, network.longest_body, pulse).await;
    network.ask(&options, body, compression, &cancellation, read).await
}

/// Sends a request and writes the body of its answer to the file `path`, however long it is.
///
/// `options` are those of `httpRequest`; `options.dir` says from where on `path` is meant. The answer is only compressed on its way where
/// `allowCompression` is true. Progress is `{ done, total }` in bytes, `total` null where the server does not tell it. A file that
/// was there is replaced, in one step and at the end: who cancels, or is cut off, leaves it as it was. Resolves with `status`,
/// `headers`, `url` and `bytes`. Rejects as `httpRequest` does, and where `path` may not be written, by `write` under `[plugins.http]`.
#[command]
async fn download(
    network: State<'_, Network>,
    cancellation: Cancellation,
    progress: Progress<Loaded>,
    options: Options,
    path: PathBuf,
    body: Option<Bytes>,
) -> Result<Downloaded> {
    // Before anything is asked.
    let place = network.scope.at(&network.scope.resolve(options.dir, &path)?, Access::Write)?;
    let compression = options.allow_compression.unwrap_or(false);
    let write = async |answered: Answered, pulse: &Pulse| {
        let answered = answered.successful()?;
        save(answered, place, network.longest_download, &progress, pulse).await
    };
    network.ask(&options, body, compression, &cancellation, write).await
}

/// Allows what the user has chosen in a dialogue, until this plugin ends: a file alone, which need not exist yet, or all below a folder;
/// to be sent, or with `write` to be written as well.
#[command(internal)]
fn grant(network: State<'_, Network>, path: PathBuf, write: Option<bool>) -> Result<()> {
    let access = if write.unwrap_or(false) { Access::Write } else { Access::Read };
    network.scope.grant(&path, access)
}

export_plugin! {
    name: "http",
    commands: [http_request, fetch, download, grant],
    state: start,
}
