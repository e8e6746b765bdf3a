//! The plugin `notification`: commands that show notifications of the desktop, to a user who has allowed that. The work is in the files
//! beside this one; here is who is asked, and who waits.

mod desktop;
mod limit;
mod notice;
mod permission;

use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Instant;

use plugin_api::{Cancellation, Context, Error, Result, State, anyhow, bail, command, export_plugin};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::desktop::Desktop;
use crate::limit::Limit;
use crate::notice::Notice;
use crate::permission::{Permission, Permissions, Rule};

/// What stands in `[plugins.notification]`.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    permission: Rule,
    name: Option<String>,
}

/// Where notifications go, and whether they may.
struct Notifying {
    permissions: Arc<Permissions>,
    desktop: Desktop,
    application: String,
    limit: Mutex<Limit>,
}

fn start(context: &Context) -> Result<Notifying> {
    let settings: Settings = context.configuration()?;
    Ok(Notifying {
        permissions: Arc::new(Permissions::new(settings.permission, context.data_folder())),
        desktop: Desktop::new(),
        application: settings.name.unwrap_or_else(program),
        limit: Mutex::default(),
    })
}

/// The name of the program, in which notifications are shown unless the configuration says otherwise.
fn program() -> String {
    let program = std::env::current_exe().unwrap_or_default();
    program.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// Shows a notification, where the user has allowed that.
/// Answers with null when the desktop has taken it, for which it has five seconds. No markup is read in it. At most 20 are shown within
/// 10 seconds.
#[command(concurrency = 4)]
async fn notification(notifying: State<'_, Notifying>, options: Notice) -> Result<()> {
    options.check()?;
    match notifying.permissions.now()? {
        Some(Permission::Granted) => {}
        Some(Permission::Denied) => bail!(
            "notifications are not allowed: the user, or `permission` under `[plugins.notification]` in the configuration, has denied \
             them; `permission = \"granted\"` there allows them"
        ),
        None => bail!(
            "notifications are not allowed, as the user has not been asked yet: `requestNotificationPermission` asks, and \
             `permission = \"granted\"` under `[plugins.notification]` in the configuration allows them"
        ),
    }
    notifying.limit.lock().unwrap_or_else(PoisonError::into_inner).count(Instant::now())?;
    notifying.desktop.show(&options, &notifying.application).await
}

/// Whether notifications may be shown; null while the user has not been asked.
#[command]
fn is_notification_permission_granted(notifying: State<'_, Notifying>) -> Result<Option<bool>> {
    Ok(notifying.permissions.now()?.map(|permission| permission == Permission::Granted))
}

/// Asks the user whether notifications may be shown, unless that is known, and keeps the answer: `granted` or `denied`.
/// It takes the plugin `dialog` to ask.
#[command(concurrency = 1)]
fn request_notification_permission(
    context: &Context,
    notifying: State<'_, Notifying>,
    cancellation: Cancellation,
) -> Result<Permission> {
    if let Some(known) = notifying.permissions.now()? {
        return Ok(known);
    }
    let (sender, answered) = mpsc::channel();
    let (told, permissions) = (sender.clone(), Arc::clone(&notifying.permissions));
    let question = json!({
        "cmd": "dialog/askDialog",
        "title": "Notifications",
        "message": "This application wants to show notifications. Is it allowed to?",
    });
    // A page that has been left meanwhile does not take the question away from the user, nor the answer from the next page.
    context.call_then(&question, move |answer| {
        drop(told.send(answer.and_then(|yes| keep(&permissions, &yes))))
    })?;
    cancellation.when_cancelled(move || drop(sender.send(Err(anyhow!("cancelled")))));
    answered.recv().unwrap_or_else(|_| Err(anyhow!("the host is closing"))).map_err(unasked)
}

fn keep(permissions: &Permissions, answer: &Value) -> Result<Permission> {
    let permission = match answer {
        Value::Bool(true) => Permission::Granted,
        Value::Bool(false) => Permission::Denied,
        other => bail!("`dialog/askDialog` answers with {other:.40}, and not with yes or no"),
    };
    permissions.keep(permission)?;
    Ok(permission)
}

fn unasked(error: Error) -> Error {
    anyhow!(
        "the user cannot be asked about notifications: {error}; `permission` under `[plugins.notification]` in the configuration \
         decides without asking"
    )
}

export_plugin! {
    commands: [notification, is_notification_permission_granted, request_notification_permission],
    state: start,
}

#[cfg(test)]
mod tests {
    use plugin_api::test_host;
    use plugin_api::testing::{TestHost, check_transcripts};
    use serde_json::{Value, json};

    fn request(host: &TestHost) -> Result<Value, String> {
        host.call(&json!({ "cmd": "requestNotificationPermission" }))
    }

    fn is_granted(host: &TestHost) -> Result<Value, String> {
        host.call(&json!({ "cmd": "isNotificationPermissionGranted" }))
    }

    fn show(host: &TestHost) -> Result<Value, String> {
        host.call(&json!({ "cmd": "notification", "options": { "title": "Tea" } }))
    }

    #[test]
    fn the_user_is_asked_once_and_the_answer_is_kept() {
        for (answer, word) in [(true, "granted"), (false, "denied")] {
            let host = test_host!().unwrap();
            assert_eq!(is_granted(&host), Ok(json!(null)));
            assert!(show(&host).unwrap_err().contains("has not been asked yet"));
            host.answer_for("dialog/askDialog", move |asked| {
                assert_eq!(asked["title"], "Notifications");
                Ok(json!(answer))
            });
            assert_eq!(request(&host), Ok(json!(word)));
            assert_eq!(is_granted(&host), Ok(json!(answer)));
            host.answer_for("dialog/askDialog", |_| panic!("it has been asked already"));
            assert_eq!(request(&host), Ok(json!(word)));
            let kept = std::fs::read_to_string(host.data_folder().join("permission")).unwrap();
            assert_eq!(kept.trim(), word);
        }
    }

    #[test]
    fn what_is_denied_is_not_shown() {
        let host = test_host!(json!({ "permission": "denied" })).unwrap();
        assert!(show(&host).unwrap_err().contains("has denied them"));
        assert_eq!(request(&host), Ok(json!("denied")));
        assert!(!host.data_folder().join("permission").exists());
    }

    #[test]
    fn a_user_who_cannot_be_asked_has_allowed_nothing() {
        let host = test_host!().unwrap();
        let said = request(&host).unwrap_err();
        assert!(said.contains("unknown command `dialog/askDialog`"), "{said}");
        assert!(said.contains("`permission` under `[plugins.notification]`"), "{said}");
        for strange in [json!("yes"), json!(1), json!(null)] {
            host.answer_for("dialog/askDialog", move |_| Ok(strange.clone()));
            assert!(request(&host).unwrap_err().contains("not with yes or no"));
        }
        assert_eq!(is_granted(&host), Ok(json!(null)));
    }

    #[test]
    fn a_configuration_that_says_something_else_refuses_the_start() {
        assert!(test_host!(json!({ "permission": "maybe" })).is_err());
        assert!(test_host!(json!({ "permissions": "granted" })).is_err());
    }

    #[test]
    fn what_the_readme_shows_is_what_happens() {
        let host = test_host!().unwrap();
        host.answer_for("dialog/askDialog", |_| Ok(json!(false)));
        check_transcripts(include_str!("../README.md"), &host, &[]);
    }
}
