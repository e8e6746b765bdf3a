//! GTK 3, with which the host's own window is made: its main loop runs on the main thread and shows these dialogues as well. Nothing
//! here runs a loop of its own or starts a thread, and nothing is shown where no such loop runs.
//!
//! GTK calls the closures in here; a panic in one of them would end the process, so they do nothing that could.

use std::cell::Cell;
use std::path::Path;

use gtk::gio::SettingsSchemaSource;
use gtk::glib::{MainContext, SendWeakRef};
use gtk::prelude::*;
use gtk::{
    ButtonsType, DialogFlags, FileChooserAction, FileChooserNative, FileFilter, MessageDialog, MessageType,
    ResponseType, Window, WindowType,
};
use plugin_api::{Result, anyhow, bail};

use super::{Answer, Hear, News};
use crate::wish::{Choice, Filter, Kind, Start, Wish};

/// Without it GTK does not refuse to choose files, but ends the process.
const NEEDED_SCHEMA: &str = "org.gtk.Settings.FileChooser";

/// A dialogue on the screen.
pub enum Shown {
    Files(SendWeakRef<FileChooserNative>),
    Words(SendWeakRef<MessageDialog>),
}

/// Shows a dialogue above the window that is used. `hear` is told what becomes of it.
///
/// # Errors
/// Where nothing can be shown.
pub fn show(wish: Wish, hear: Hear) -> Result<Shown> {
    // The host's loop holds this from its beginning to its end, and GTK is nobody else's to start: a dialogue would stand still.
    if !MainContext::default().is_owner() {
        bail!(
            "there is no window here to ask in: dialogues need `plugin-host run`, and the plugin `dialog` in the host's own \
             process, so not with `isolation` in `[host.plugins.dialog]` nor with `--isolate`"
        );
    }
    // Done by the host already, but this library's copy of the bindings does not know that.
    gtk::init().map_err(|error| anyhow!("the toolkit does not start, so nothing can be asked: {error}"))?;
    Ok(match wish {
        Wish::Files { choice, title, start, filters } => {
            Shown::Files(files(choice, title.as_deref(), &start, &filters, hear)?)
        }
        Wish::Message { kind, title, message } => {
            let kind = match kind {
                Kind::Info => MessageType::Info,
                Kind::Warning => MessageType::Warning,
                Kind::Error => MessageType::Error,
            };
            Shown::Words(words(kind, ButtonsType::Ok, title.as_deref(), &message, hear))
        }
        Wish::Question { title, message } => {
            Shown::Words(words(MessageType::Question, ButtonsType::YesNo, title.as_deref(), &message, hear))
        }
    })
}

impl Shown {
    /// Closes it, if the user has not.
    pub fn close(&self) {
        match self {
            Self::Files(dialog) => {
                if let Some(dialog) = dialog.upgrade() {
                    dialog.destroy();
                }
            }
            Self::Words(dialog) => {
                if let Some(dialog) = dialog.upgrade() {
                    put_away(&dialog);
                }
            }
        }
    }
}

fn files(
    choice: Choice,
    title: Option<&str>,
    start: &Start,
    filters: &[Filter],
    hear: Hear,
) -> Result<SendWeakRef<FileChooserNative>> {
    let schema = SettingsSchemaSource::default().and_then(|source| source.lookup(NEEDED_SCHEMA, true));
    if schema.is_none() {
        bail!(
            "files cannot be chosen, as GTK's settings `{NEEDED_SCHEMA}` are not installed; install GTK 3 whole \
             (on Debian the package libgtk-3-common)"
        );
    }
    let (action, usual) = match choice {
        Choice::File => (FileChooserAction::Open, "Open a file"),
        Choice::Files => (FileChooserAction::Open, "Open files"),
        Choice::Folder => (FileChooserAction::SelectFolder, "Choose a folder"),
        Choice::Folders => (FileChooserAction::SelectFolder, "Choose folders"),
        Choice::Save => (FileChooserAction::Save, "Save"),
    };
    let dialog = FileChooserNative::new(Some(title.unwrap_or(usual)), parent().as_ref(), action, None, None);
    dialog.set_modal(true);
    dialog.set_select_multiple(matches!(choice, Choice::Files | Choice::Folders));
    // Whoever writes to what the user has chosen writes over it.
    dialog.set_do_overwrite_confirmation(true);
    dialog.set_create_folders(true);
    begin(&dialog, choice, start);
    for (index, filter) in filters.iter().enumerate() {
        let shown = FileFilter::new();
        shown.set_name(Some(&filter.name));
        filter.patterns().iter().for_each(|pattern| shown.add_pattern(pattern));
        dialog.add_filter(shown.clone());
        if index == 0 {
            dialog.set_filter(&shown);
        }
    }
    // GTK does not keep it; what it calls does, until it is destroyed.
    let keeps = dialog.clone();
    dialog.connect_response(move |dialog, response| {
        let answer =
            if response == ResponseType::Accept { Answer::Paths(dialog.filenames()) } else { Answer::No };
        hear(News::Answered(answer));
        keeps.destroy();
        hear(News::Gone);
    });
    dialog.show();
    Ok(dialog.downgrade().into())
}

fn begin(dialog: &FileChooserNative, choice: Choice, start: &Start) {
    // What cannot be shown is not; the user goes elsewhere from there.
    match (&start.folder, &start.name) {
        (Some(folder), Some(name)) if choice != Choice::Save => {
            let _ = dialog.set_filename(Path::new(folder).join(name));
        }
        (folder, name) => {
            if let Some(folder) = folder {
                let _ = dialog.set_current_folder(folder);
            }
            if let Some(name) = name {
                dialog.set_current_name(name);
            }
        }
    }
}

fn words(
    kind: MessageType,
    buttons: ButtonsType,
    title: Option<&str>,
    message: &str,
    hear: Hear,
) -> SendWeakRef<MessageDialog> {
    let parent = parent();
    let first = title.unwrap_or(message);
    let dialog = MessageDialog::new(parent.as_ref(), DialogFlags::MODAL, kind, buttons, first);
    if title.is_some() {
        dialog.set_secondary_text(Some(message));
    }
    // The bar of the window has the name of the window that asks, where the page says nothing else.
    let name = parent.as_ref().and_then(GtkWindowExt::title);
    dialog.set_title(title.or(name.as_deref()).unwrap_or_default());
    let hear = std::rc::Rc::new(hear);
    let gone = std::rc::Rc::clone(&hear);
    // What is closed by its answer answers once more.
    let answered = Cell::new(false);
    dialog.connect_response(move |dialog, response| {
        if answered.replace(true) {
            return;
        }
        let yes = matches!(response, ResponseType::Yes | ResponseType::Ok);
        hear(News::Answered(if yes { Answer::Yes } else { Answer::No }));
        // A window that is closed by its own button goes by itself.
        if response != ResponseType::DeleteEvent {
            put_away(dialog);
        }
    });
    dialog.connect_destroy(move |_| gone(News::Gone));
    dialog.show();
    dialog.downgrade().into()
}

/// Takes a dialogue from the screen and frees it: soon, and only if nothing else holds the user's input.
fn put_away(dialog: &MessageDialog) {
    dialog.hide();
    dialog.close();
}

/// The window above which a dialogue appears: the one in use, or any.
fn parent() -> Option<Window> {
    let windows = Window::list_toplevels().into_iter().filter_map(|widget| widget.downcast::<Window>().ok());
    let mut seen: Vec<Window> = windows
        .filter(|window| window.is_visible() && window.window_type() == WindowType::Toplevel)
        .collect();
    let active = seen.iter().position(GtkWindowExt::is_active).unwrap_or_default();
    (active < seen.len()).then(|| seen.swap_remove(active))
}
