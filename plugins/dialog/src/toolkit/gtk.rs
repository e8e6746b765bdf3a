//! GTK 3, with which the host's own window is made: its main loop runs on the main thread and shows these dialogues as well. Nothing
//! here runs a loop of its own or starts a thread, and nothing is shown where no such loop runs. What GTK's ready-made functions
//! would wait for in a loop within the loop (`run`, the question before a file is replaced) is done by signals, as the page would get no
//! answers meanwhile.
//!
//! GTK calls the closures in here; a panic in one of them would end the process, so they do nothing that could.

use std::cell::Cell;
use std::rc::Rc;

use gtk::gio::SettingsSchemaSource;
use gtk::glib::{self, IsA, MainContext, SendWeakRef};
use gtk::prelude::*;
use gtk::{
    ButtonsType, Dialog, DialogFlags, FileChooserAction, FileChooserDialog, FileFilter, MessageDialog,
    MessageType, ResponseType, Window, WindowType,
};
use plugin_api::{Result, anyhow, bail};

use super::{Answer, Hear, News};
use crate::wish::{Choice, Filter, Kind, Start, Wish};

/// Without it GTK does not refuse to choose files, but ends the process.
const NEEDED_SCHEMA: &str = "org.gtk.Settings.FileChooser";

/// The response to a file's being replaced, beside those that GTK knows.
const REPLACE: ResponseType = ResponseType::Other(1);

/// A dialogue on the screen.
pub struct Shown(SendWeakRef<Dialog>);

impl Shown {
    /// Closes it, if the user has not.
    pub fn close(&self) {
        if let Some(dialog) = self.0.upgrade() {
            put_away(&dialog);
        }
    }
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
             process, so neither `isolation` in `[host.plugins.dialog]` nor `--isolate`"
        );
    }
    // Done by the host already, but this library's copy of the bindings does not know that.
    gtk::init().map_err(|error| anyhow!("the toolkit does not start, so nothing can be asked: {error}"))?;
    match wish {
        Wish::Files { choice, title, start, filters } => {
            files(choice, title.as_deref(), &start, &filters, hear)
        }
        Wish::Message { kind, title, message } => {
            let kind = match kind {
                Kind::Info => MessageType::Info,
                Kind::Warning => MessageType::Warning,
                Kind::Error => MessageType::Error,
            };
            Ok(words(kind, ButtonsType::Ok, title.as_deref(), &message, hear))
        }
        Wish::Question { title, message } => {
            Ok(words(MessageType::Question, ButtonsType::YesNo, title.as_deref(), &message, hear))
        }
    }
}

fn files(
    choice: Choice,
    title: Option<&str>,
    start: &Start,
    filters: &[Filter],
    hear: Hear,
) -> Result<Shown> {
    let schema = SettingsSchemaSource::default().and_then(|source| source.lookup(NEEDED_SCHEMA, true));
    if schema.is_none() {
        bail!(
            "files cannot be chosen, as GTK's settings `{NEEDED_SCHEMA}` are not installed; install GTK 3 whole \
             (on Debian the package libgtk-3-common)"
        );
    }
    let (action, usual, accept) = match choice {
        Choice::File => (FileChooserAction::Open, "Open a file", "_Open"),
        Choice::Files => (FileChooserAction::Open, "Open files", "_Open"),
        Choice::Folder => (FileChooserAction::SelectFolder, "Choose a folder", "_Select"),
        Choice::Folders => (FileChooserAction::SelectFolder, "Choose folders", "_Select"),
        Choice::Save => (FileChooserAction::Save, "Save", "_Save"),
    };
    let dialog = FileChooserDialog::new(Some(title.unwrap_or(usual)), parent().as_ref(), action);
    // In the user's language, as GTK's own.
    for (label, response) in [("_Cancel", ResponseType::Cancel), (accept, ResponseType::Accept)] {
        let _ = dialog.add_button(&glib::dgettext(Some("gtk30"), label), response);
    }
    dialog.set_default_response(ResponseType::Accept);
    dialog.set_modal(true);
    dialog.set_select_multiple(matches!(choice, Choice::Files | Choice::Folders));
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
    let chooser = dialog.downgrade();
    Ok(put_up(&dialog, hear, move |response| {
        let (true, Some(dialog)) = (matches!(response, ResponseType::Accept | REPLACE), chooser.upgrade())
        else {
            return Some(Answer::No);
        };
        let paths = dialog.filenames();
        let replaces = choice == Choice::Save && paths.iter().any(|path| path.exists());
        if replaces && response == ResponseType::Accept {
            ask_to_replace(&dialog, paths.first().and_then(|path| path.file_name()));
            return None;
        }
        Some(Answer::Paths(paths))
    }))
}

fn begin(dialog: &FileChooserDialog, choice: Choice, start: &Start) {
    // What cannot be shown is not; the user goes elsewhere from there.
    match (&start.folder, &start.name) {
        (Some(folder), Some(name)) if choice != Choice::Save => {
            let _ = dialog.set_filename(folder.join(name));
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

/// Asks above the dialogue whether a file may be replaced, and lets the dialogue go on as the user answers.
fn ask_to_replace(chooser: &FileChooserDialog, name: Option<&std::ffi::OsStr>) {
    let name = name.unwrap_or_default().to_string_lossy().replace('\0', "");
    let text = format!("There is a file “{name}” already. Is it to be replaced?");
    let kind = MessageType::Question;
    let question = MessageDialog::new(Some(chooser), DialogFlags::MODAL, kind, ButtonsType::YesNo, &text);
    question.set_title("Replace");
    question.set_destroy_with_parent(true);
    let chooser = chooser.downgrade();
    let hear = move |news| {
        if let (News::Answered(Answer::Yes), Some(chooser)) = (news, chooser.upgrade()) {
            chooser.response(REPLACE);
        }
    };
    let _ = put_up(&question, hear, |response| Some(yes_or_no(response)));
}

fn words(kind: MessageType, buttons: ButtonsType, title: Option<&str>, message: &str, hear: Hear) -> Shown {
    let parent = parent();
    let first = title.unwrap_or(message);
    let dialog = MessageDialog::new(parent.as_ref(), DialogFlags::MODAL, kind, buttons, first);
    if title.is_some() {
        dialog.set_secondary_text(Some(message));
    }
    // The bar of the window has the name of the window that asks, where the page says nothing else.
    let name = parent.as_ref().and_then(GtkWindowExt::title);
    dialog.set_title(title.or(name.as_deref()).unwrap_or_default());
    put_up(&dialog, hear, |response| Some(yes_or_no(response)))
}

fn yes_or_no(response: ResponseType) -> Answer {
    if matches!(response, ResponseType::Yes | ResponseType::Ok) { Answer::Yes } else { Answer::No }
}

/// Puts a dialogue on the screen, until `read` makes an answer of what the user does.
fn put_up(
    dialog: &impl IsA<Dialog>,
    hear: impl Fn(News) + 'static,
    read: impl Fn(ResponseType) -> Option<Answer> + 'static,
) -> Shown {
    let dialog = dialog.as_ref();
    let hear = Rc::new(hear);
    let gone = Rc::clone(&hear);
    // What is closed by its answer answers once more.
    let answered = Cell::new(false);
    dialog.connect_response(move |dialog, response| {
        if answered.get() {
            return;
        }
        let Some(answer) = read(response) else { return };
        answered.set(true);
        // A window that is closed by its own button goes by itself.
        if response != ResponseType::DeleteEvent {
            put_away(dialog);
        }
        hear(News::Answered(answer));
    });
    dialog.connect_destroy(move |_| gone(News::Gone));
    dialog.show();
    Shown(dialog.downgrade().into())
}

/// Takes a dialogue from the screen, with dialogues that stand above it, and has GTK free it soon. (A modal one above would keep it.)
fn put_away(dialog: &Dialog) {
    let window: &Window = dialog.upcast_ref();
    let above = windows().filter(|other| other.transient_for().as_ref() == Some(window));
    // What else stands there, as a list of names that go on what is typed, is a part of the dialogue, and frees itself with it.
    for other in above.filter(|other| other.is::<Dialog>()).chain([window.clone()]) {
        other.hide();
        other.close();
    }
}

fn windows() -> impl Iterator<Item = Window> {
    Window::list_toplevels().into_iter().filter_map(|widget| widget.downcast::<Window>().ok())
}

/// The window above which a dialogue appears: the one in use, or any.
fn parent() -> Option<Window> {
    let mut seen: Vec<Window> = windows()
        .filter(|window| window.is_visible() && window.window_type() == WindowType::Toplevel)
        .collect();
    let active = seen.iter().position(GtkWindowExt::is_active).unwrap_or_default();
    (active < seen.len()).then(|| seen.swap_remove(active))
}
