//! The HTTP clients: connections that are kept and used again, certificates, proxies. Follows no redirect, keeps no cookie, and
//! decides nothing about who may be asked.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use plugin_api::{Result, anyhow, ensure};
use reqwest::redirect::Policy;
use reqwest::{Client, Proxy};
use url::Url;

/// What a server is told about who asks, unless the page says otherwise.
const NAME: &str = concat!("plugin-host/", env!("CARGO_PKG_VERSION"));
/// The most clients that are kept. Pages have a few times to wait between them; whoever draws one for each request shares none.
const MOST_CLIENTS: usize = 8;
/// The most connections to one host that are kept open while nothing is asked.
const MOST_IDLE: usize = 4;
/// How long they are.
const IDLE: Duration = Duration::from_secs(30);

/// Clients by what cannot be said of a single request. The one used last stands at the end.
pub struct Clients {
    proxy: Route,
    kept: Mutex<Vec<(Manner, Client)>>,
}

/// How a client is different from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manner {
    /// Whether answers may be compressed, and are unpacked.
    pub compression: bool,
    /// How long a connection may take.
    pub connect: Duration,
}

/// How requests get to their hosts.
#[derive(Debug)]
enum Route {
    /// As the system's settings say.
    System,
    /// Straight on.
    Direct,
    /// Over this one, all of them.
    Over(Url),
}

impl Clients {
    /// No client yet. `proxy` is `system`, `none`, or the address of one.
    ///
    /// # Errors
    /// Where it is none of these.
    pub fn new(proxy: &str) -> Result<Self> {
        // For the copy of rustls that is this plugin's; where a start came before this one, it is there already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let proxy = match proxy {
            "system" => Route::System,
            "none" => Route::Direct,
            address => {
                let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
                ensure!(
                    url.as_ref().is_some_and(Url::has_host),
                    // It may have a password in it.
                    "`proxy` under `[plugins.http]` is no address of one; write `system`, `none`, or the proxy's address \
                     as `http://proxy.example.com:3128`"
                );
                url.map_or(Route::System, Route::Over)
            }
        };
        Ok(Self { proxy, kept: Mutex::default() })
    }

    /// The client for this manner, made where there is none.
    ///
    /// # Errors
    /// Where the system has no certificates to trust.
    pub fn get(&self, manner: Manner) -> Result<Client> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let client = match kept.iter().position(|(known, _)| *known == manner) {
            Some(place) => kept.remove(place).1,
            None => self.make(manner)?,
        };
        if kept.len() >= MOST_CLIENTS {
            kept.remove(0);
        }
        kept.push((manner, client.clone()));
        Ok(client)
    }

    fn make(&self, manner: Manner) -> Result<Client> {
        let builder = Client::builder()
            .user_agent(NAME)
            // Each is judged first, and by what the call knows.
            .redirect(Policy::none())
            .referer(false)
            .connect_timeout(manner.connect)
            .gzip(manner.compression)
            .brotli(manner.compression)
            .deflate(manner.compression)
            .pool_max_idle_per_host(MOST_IDLE)
            .pool_idle_timeout(IDLE);
        let made = match &self.proxy {
            Route::System => Ok(builder),
            Route::Direct => Ok(builder.no_proxy()),
            Route::Over(url) => Proxy::all(url.clone()).map(|proxy| builder.no_proxy().proxy(proxy)),
        };
        made.and_then(reqwest::ClientBuilder::build).map_err(|error| {
            let reason = crate::failure::innermost(&error);
            anyhow!(
                "nothing can be asked, as the system's certificates cannot be read: {reason}; install them (on Debian \
                 the package `ca-certificates`), or let the plugin's sandbox read them"
            )
        })
    }
}
