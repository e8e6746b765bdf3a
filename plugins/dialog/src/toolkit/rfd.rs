//! The dialogues of macOS and Windows, by rfd. They cannot be closed from here: one that nobody waits for any more stays until the
//! user closes it, and its answer is thrown away.

use std::thread;

use plugin_api::Result;
use rfd::{
    AsyncFileDialog, AsyncMessageDialog, FileHandle, MessageButtons, MessageDialogResult, MessageLevel,
};

use super::{Answer, Hear, News};
use crate::wish::{Choice, Filter, Kind, Start, Wish};

/// A dialogue on the screen.
pub struct Shown;

impl Shown {
    /// Does nothing; see above.
    pub fn close(&self) {}
}

/// Shows a dialogue. `hear` is told what becomes of it.
///
/// # Errors
/// When the system gives no thread.
pub fn show(wish: Wish, hear: Hear) -> Result<Shown> {
    match wish {
        Wish::Files { choice, title, start, filters } => {
            let dialog = files(title, start, filters);
            let path = |file: Option<FileHandle>| file.map(|file| vec![file.path().to_owned()]);
            let paths = |files: Option<Vec<FileHandle>>| {
                files.map(|files| files.iter().map(|file| file.path().to_owned()).collect())
            };
            match choice {
                Choice::File => wait(dialog.pick_file(), hear, move |file| chosen(path(file))),
                Choice::Files => wait(dialog.pick_files(), hear, move |files| chosen(paths(files))),
                Choice::Folder => wait(dialog.pick_folder(), hear, move |file| chosen(path(file))),
                Choice::Folders => wait(dialog.pick_folders(), hear, move |files| chosen(paths(files))),
                Choice::Save => wait(dialog.save_file(), hear, move |file| chosen(path(file))),
            }
        }
        Wish::Message { kind, title, message } => {
            let level = match kind {
                Kind::Info => MessageLevel::Info,
                Kind::Warning => MessageLevel::Warning,
                Kind::Error => MessageLevel::Error,
            };
            words(level, MessageButtons::Ok, title, message, hear)
        }
        Wish::Question { title, message } => {
            words(MessageLevel::Info, MessageButtons::YesNo, title, message, hear)
        }
    }
}

fn files(title: Option<String>, start: Start, filters: Vec<Filter>) -> AsyncFileDialog {
    let mut dialog = AsyncFileDialog::new();
    if let Some(title) = title {
        dialog = dialog.set_title(title);
    }
    if let Some(folder) = start.folder {
        dialog = dialog.set_directory(folder);
    }
    if let Some(name) = start.name {
        dialog = dialog.set_file_name(name);
    }
    filters.into_iter().fold(dialog, |dialog, filter| {
        let everything = vec!["*".to_owned()];
        let extensions = if filter.extensions.is_empty() { everything } else { filter.extensions };
        dialog.add_filter(filter.name, &extensions)
    })
}

fn words(
    level: MessageLevel,
    buttons: MessageButtons,
    title: Option<String>,
    message: String,
    hear: Hear,
) -> Result<Shown> {
    let dialog = AsyncMessageDialog::new().set_level(level).set_buttons(buttons);
    let dialog = dialog.set_title(title.unwrap_or_default()).set_description(message);
    wait(dialog.show(), hear, |result| match result {
        MessageDialogResult::Yes | MessageDialogResult::Ok => Answer::Yes,
        _ => Answer::No,
    })
}

fn chosen(paths: Option<Vec<std::path::PathBuf>>) -> Answer {
    paths.map_or(Answer::No, Answer::Paths)
}

/// Waits for what has begun, on a thread for nothing else.
fn wait<T>(
    outcome: impl Future<Output = T> + Send + 'static,
    hear: Hear,
    read: impl FnOnce(T) -> Answer + Send + 'static,
) -> Result<Shown> {
    thread::Builder::new().name("dialog".to_owned()).spawn(move || {
        hear(News::Answered(read(pollster::block_on(outcome))));
        hear(News::Gone);
    })?;
    Ok(Shown)
}
