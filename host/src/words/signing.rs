//! What `plugin-host sign` and `verify` say.

use std::path::Path;

use plugin_host_runtime::on_a_line;

pub fn no_file(file: &Path) -> String {
    format!("{} is no file; name the library", file.display())
}

pub fn unreadable(file: &Path) -> String {
    format!("{} cannot be read", file.display())
}

pub fn no_home() -> String {
    "the system names no folder of the user's; name the secret key with --key".to_owned()
}

pub fn no_secret_key(file: &Path) -> String {
    format!(
        "the secret key {} does not exist; name another with --key, or make one with `plugin-host sign --generate`",
        file.display()
    )
}

pub fn bad_secret_key(file: &Path) -> String {
    format!("the secret key {} cannot be used", file.display())
}

pub fn cannot_sign(file: &Path) -> String {
    format!("{} cannot be signed", file.display())
}

pub fn no_password() -> String {
    "the password cannot be read".to_owned()
}

pub fn password() -> &'static str {
    "Password of the secret key: "
}

pub fn new_password() -> &'static str {
    "Password for the new secret key (empty for none): "
}

pub fn password_again() -> &'static str {
    "The same again: "
}

pub fn passwords_differ() -> String {
    "the two passwords differ; nothing was made".to_owned()
}

pub fn keeps_the_key(file: &Path) -> String {
    format!("{} is there already, and stays; name another secret key with --key", file.display())
}

pub fn signed(signature: &Path, public: &str) -> String {
    format!("ok: {} by the key {public}", on_a_line(&signature.display().to_string()))
}

pub fn generated(secret: &Path, public_file: &Path, public: &str, is_open: bool) -> String {
    let password = if is_open { "; it has no password" } else { "" };
    format!(
        "the secret key is {}{password}\nthe public key is {}\nhosts that are to trust it have in their configuration:\n\n    [host.libraries]\n    keys = [\"{public}\"]",
        on_a_line(&secret.display().to_string()),
        on_a_line(&public_file.display().to_string()),
    )
}

pub fn no_keys(configuration: &Path) -> String {
    format!(
        "{} names no keys; write keys = [\"RW…\"] under [host.libraries] there, or name one with --key",
        configuration.display()
    )
}

/// What the signer says is theirs, and may hold anything.
pub fn signed_so(file: &Path, comment: &str) -> String {
    format!(
        "ok: {} is signed; the signer says: {}",
        on_a_line(&file.display().to_string()),
        on_a_line(&comment.replace('\t', " "))
    )
}

pub fn not_signed(file: &Path, reason: &str) -> String {
    format!("refused: {} {}", on_a_line(&file.display().to_string()), on_a_line(reason))
}
