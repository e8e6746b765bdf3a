//! A desktop that keeps to the Desktop Notifications Specification: a service on the session's bus. Asks it whether it reads markup in
//! texts, and gives it the notification.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use plugin_api::{Error, Result, anyhow};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::timeout;
use zbus::Variant;
use zbus::zvariant::DynamicType;
use zbus::{Connection, fdo};

use super::PATIENCE;
use crate::notice::Notice;

const SERVICE: &str = "org.freedesktop.Notifications";
const OBJECT: &str = "/org/freedesktop/Notifications";
/// The number of the notification that this one replaces: none.
const REPLACES: u32 = 0;
/// How long it is shown: as the desktop pleases.
const USUAL: i32 = -1;

/// The desktop of this session.
pub struct Desktop {
    /// Kept open, as some desktops take notifications away with who has sent them.
    connection: Mutex<Option<Connection>>,
}

impl Desktop {
    /// The desktop, which is not looked for before it is needed.
    pub fn new() -> Self {
        Self { connection: Mutex::new(None) }
    }

    /// Shows a notification in the name of `application`.
    ///
    /// # Errors
    /// A sentence, when there is no bus, nobody on it who shows notifications, or no answer.
    pub async fn show(&self, notice: &Notice, application: &str) -> Result<()> {
        let kept = self.kept().clone();
        let shown = timeout(PATIENCE, async {
            if let Some(connection) = kept {
                match show_by(&connection, notice, application).await {
                    // It may have ended with the bus it led to, and there may be another one.
                    Err(zbus::Error::InputOutput(_)) => {}
                    shown => return shown.map_err(|error| explain(&error)),
                }
            }
            let connection = Connection::session().await.map_err(|error| no_bus(&error))?;
            let shown = show_by(&connection, notice, application).await;
            *self.kept() = Some(connection);
            shown.map_err(|error| explain(&error))
        });
        let shown = shown.await;
        if shown.is_err() {
            // Whatever it is that does not answer, the next one asks anew.
            *self.kept() = None;
        }
        shown.unwrap_or_else(|_| {
            Err(anyhow!(
                "the desktop has not taken the notification within {} s: the session's bus or the service on it hangs",
                PATIENCE.as_secs()
            ))
        })
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Option<Connection>> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn show_by(connection: &Connection, notice: &Notice, application: &str) -> zbus::Result<()> {
    let capabilities: Vec<String> = ask(connection, "GetCapabilities", &()).await?;
    let reads_markup = capabilities.iter().any(|capability| capability == "body-markup");
    let (actions, hints) = (Vec::<&str>::new(), HashMap::<&str, Variant<'_>>::new());
    let (icon, body) = (notice.icon(), notice.body(reads_markup));
    let message = (application, REPLACES, icon, &*notice.title, &*body, actions, hints, USUAL);
    ask::<u32>(connection, "Notify", &message).await.map(drop)
}

async fn ask<T: DeserializeOwned + zbus::zvariant::Type>(
    connection: &Connection,
    method: &str,
    body: &(impl Serialize + DynamicType),
) -> zbus::Result<T> {
    let answer = connection.call_method(Some(SERVICE), OBJECT, Some(SERVICE), method, body).await?;
    answer.body().deserialize()
}

fn no_bus(error: &zbus::Error) -> Error {
    anyhow!(
        "no notification can be shown, as the session's bus is not there ({error}); a plugin in a process of its own is told where it \
         is by `environment = [\"DBUS_SESSION_BUS_ADDRESS\"]` in `[host.plugins.notification]`"
    )
}

fn explain(error: &zbus::Error) -> Error {
    match error {
        zbus::Error::FDO(known)
            if matches!(**known, fdo::Error::ServiceUnknown(_) | fdo::Error::NameHasNoOwner(_)) =>
        {
            anyhow!(
                "nothing on the session's bus shows notifications; start a desktop's notification service, such as dunst or mako"
            )
        }
        _ => anyhow!("the desktop has not taken the notification: {error}"),
    }
}
