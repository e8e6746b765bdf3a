//! `plugin-host sign` and `verify`: detached signatures of libraries, which minisign makes and reads as well.
//!
//! Keys lie where minisign has them. What signatures count for is decided by the runtime; this only makes them, and asks it.

use std::fs::{self, File};
use std::io::{IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Error, Result, bail};
use clap::Args;
use ct_codecs::{Base64, Decoder as _};
use directories::BaseDirs;
use minisign::{KeyPair, PublicKey, SecretKey, SecretKeyBox};
use plugin_host_runtime::{SignatureKeys, on_a_line};

use super::folders::Folders;
use super::shelf;
use crate::words::signing as words;

/// The variable that names another folder for minisign's keys.
const FOLDER_VARIABLE: &str = "MINISIGN_CONFIG_DIR";

/// What the name of a signature adds to that of its file.
const SUFFIX: &str = ".minisig";

/// Longer than any key, in bytes.
const LONGEST_KEY: u64 = 64 << 10;

/// Where a secret key says how its password makes it readable.
const KIND_OF_PASSWORD: std::ops::Range<usize> = 2..4;

/// What it says if it has none.
const NO_PASSWORD: [u8; 2] = [0, 0];

#[derive(Args)]
pub struct SignArguments {
    /// The library; its signature is written beside it, as FILE.minisig
    #[arg(required_unless_present = "generate", conflicts_with = "generate")]
    file: Option<PathBuf>,
    /// The file of the secret key; that of minisign otherwise, which is ~/.minisign/minisign.key
    #[arg(long, value_name = "SECRET_KEY_FILE")]
    key: Option<PathBuf>,
    /// Make a key pair in place of a signature; the public key goes beside the secret one, as NAME.pub
    #[arg(long)]
    generate: bool,
}

#[derive(Args)]
pub struct VerifyArguments {
    /// The library, with FILE.minisig beside it
    file: PathBuf,
    /// A public key, or a file that holds one; the keys of the configuration otherwise
    #[arg(long, value_name = "PUBLIC_KEY|FILE")]
    key: Option<String>,
    #[command(flatten)]
    pub(super) folders: Folders,
}

/// Signs a file, or makes the keys to do so.
pub fn sign(arguments: &SignArguments) -> Result<i32> {
    let key = match &arguments.key {
        Some(key) => key.clone(),
        None => default_key()?,
    };
    match &arguments.file {
        Some(file) => sign_file(file, &key),
        None => generate(&key),
    }
}

/// Tells whether a file is signed.
pub fn verify(arguments: &VerifyArguments) -> Result<i32> {
    let file = &arguments.file;
    if !file.is_file() {
        bail!(words::no_file(file));
    }
    let keys = match &arguments.key {
        Some(key) if Path::new(key).is_file() => {
            let text = read(Path::new(key))?;
            SignatureKeys::from_text(&text).map_err(Error::msg)?
        }
        Some(key) => SignatureKeys::from_text(key).map_err(Error::msg)?,
        None => match shelf::offline(&arguments.folders)?.signature_keys().map_err(Error::msg)? {
            Some(keys) => keys,
            None => bail!(words::no_keys(&arguments.folders.places()?.configuration)),
        },
    };
    let (code, line) = match keys.verify(file) {
        Ok(comment) => (0, words::signed_so(file, &comment)),
        Err(reason) => (1, words::not_signed(file, &reason)),
    };
    writeln!(std::io::stdout(), "{line}")?;
    Ok(code)
}

fn default_key() -> Result<PathBuf> {
    let named = std::env::var_os(FOLDER_VARIABLE).filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let folder = named.or_else(|| Some(BaseDirs::new()?.home_dir().join(".minisign")));
    Ok(folder.context(words::no_home())?.join("minisign.key"))
}

fn sign_file(file: &Path, key: &Path) -> Result<i32> {
    if !file.is_file() {
        bail!(words::no_file(file));
    }
    let secret = secret_key(key)?;
    let content = File::open(file).with_context(|| words::unreadable(file))?;
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let comment = format!("timestamp:{time}\tfile:{}\thashed", on_a_line(&name));
    let untrusted = "signature from minisign secret key";
    let public = PublicKey::from_secret_key(&secret).with_context(|| words::bad_secret_key(key))?;
    let signature = minisign::sign(Some(&public), &secret, content, Some(&comment), Some(untrusted))
        .with_context(|| words::cannot_sign(file))?;
    let mut beside = file.as_os_str().to_owned();
    beside.push(SUFFIX);
    let beside = PathBuf::from(beside);
    write_in_one_step(&beside, &signature.to_bytes()).with_context(|| crate::words::cannot_write(&beside))?;
    writeln!(std::io::stdout(), "{}", words::signed(&beside, &public.to_base64()))?;
    Ok(0)
}

/// A host that runs may look at a signature at any moment.
fn write_in_one_step(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    // As another file would be: whoever reads the library reads its signature.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut temporary = builder.tempfile_in(folder)?;
    temporary.write_all(bytes)?;
    temporary.persist(file)?;
    Ok(())
}

fn read(file: &Path) -> Result<String> {
    let mut text = String::new();
    let opened = File::open(file).with_context(|| words::unreadable(file))?;
    opened.take(LONGEST_KEY).read_to_string(&mut text).with_context(|| words::unreadable(file))?;
    Ok(text)
}

fn secret_key(file: &Path) -> Result<SecretKey> {
    if !file.is_file() {
        bail!(words::no_secret_key(file));
    }
    let bad = || words::bad_secret_key(file);
    let text = read(file)?;
    let line = text.lines().nth(1).unwrap_or_default().trim();
    let bytes = Base64::decode_to_vec(line, None).with_context(bad)?;
    let key = SecretKey::from_bytes(&bytes).with_context(bad)?;
    if bytes.get(KIND_OF_PASSWORD) == Some(&NO_PASSWORD[..]) {
        // Made by minisign, it has no checksum; what it signs is verified instead.
        return Ok(key);
    }
    let password = password(words::password())?;
    SecretKeyBox::from(text).into_secret_key(Some(password)).with_context(bad)
}

/// Asks on the terminal, or reads a line where there is none.
fn password(prompt: &str) -> Result<String> {
    if std::io::stdin().is_terminal() {
        return rpassword::prompt_password(prompt).context(words::no_password());
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).context(words::no_password())?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn generate(secret: &Path) -> Result<i32> {
    let public = secret.with_extension("pub");
    for file in [secret, &public] {
        // A link counts, wherever it leads.
        if file.symlink_metadata().is_ok() {
            bail!(words::keeps_the_key(file));
        }
    }
    let chosen = password(words::new_password())?;
    if std::io::stdin().is_terminal() && password(words::password_again())? != chosen {
        bail!(words::passwords_differ());
    }
    let is_open = chosen.is_empty();
    let (pair, comment) = if is_open {
        (KeyPair::generate_unencrypted_keypair()?, "minisign secret key")
    } else {
        (KeyPair::generate_encrypted_keypair(Some(chosen))?, "minisign encrypted secret key")
    };
    if let Some(folder) = secret.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        make_private(folder).with_context(|| crate::words::cannot_write(folder))?;
    }
    write_new(secret, 0o600, &pair.sk.to_box(Some(comment))?.to_bytes())?;
    write_new(&public, 0o666, &pair.pk.to_box()?.to_bytes())?;
    writeln!(std::io::stdout(), "{}", words::generated(secret, &public, &pair.pk.to_base64(), is_open))?;
    Ok(0)
}

/// Makes a folder that this user alone may read, if it is not there.
fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Writes a file that must not be there.
fn write_new(file: &Path, mode: u32, bytes: &[u8]) -> Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let written = options.open(file).and_then(|mut file| file.write_all(bytes));
    written.with_context(|| crate::words::cannot_write(file))
}
