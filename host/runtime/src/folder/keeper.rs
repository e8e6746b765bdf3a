//! The keeper's thread: reads the folders once, then follows what happens to them.
//!
//! A file that is being written is left alone until it has been quiet for a moment, and looked at again while it looks
//! unfinished. What changes is published in one step; then the generations that no route leads to any more are retired.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::messages::{Leaving, Order, Published, QUESTION, RETRY};
use super::shelf::{Again, Shelf};
use super::watcher::{Noticed, Watcher};
use crate::library::discovery;
use crate::plugin::retirement::{Retirement, Stop};
use crate::{kept, words};

/// How long a file must have been quiet before it is looked at, when nobody tells that it is whole.
const QUIET: Duration = Duration::from_millis(60);

/// How long after the last byte a file that looks unfinished is looked at again, before it counts as damaged.
const UNFINISHED: Duration = Duration::from_secs(3);

/// Between two looks at an unfinished file.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// Between two looks for a folder that is gone.
const LOOK_FOR_FOLDER: Duration = Duration::from_millis(500);

/// The keeper.
pub struct Keeper {
    shelf: Shelf,
    folders: Vec<PathBuf>,
    watcher: Watcher,
    publish: Arc<dyn Fn(Published) + Send + Sync>,
    /// Answers who asks from outside how the plugins are, with the number of the question.
    answer: Box<dyn Fn(u64) + Send>,
    /// When to look at files again.
    due: HashMap<PathBuf, Instant>,
    retirements: Vec<Retirement>,
    /// Whether anything has been published.
    told: Arc<AtomicBool>,
}

impl Keeper {
    /// A keeper of `folders`, in the order of their precedence. `publish` is called on the keeper's thread, for the first
    /// time when all folders have been read; `answer`, when somebody asks from outside how the plugins are.
    pub fn new(
        shelf: Shelf,
        folders: Vec<PathBuf>,
        publish: impl Fn(Published) + Send + Sync + 'static,
        answer: impl Fn(u64) + Send + 'static,
    ) -> Self {
        Self {
            shelf,
            folders,
            watcher: Watcher::default(),
            publish: Arc::new(publish),
            answer: Box::new(answer),
            due: HashMap::new(),
            retirements: Vec::new(),
            told: Arc::default(),
        }
    }

    /// Begins on a thread of its own. The sender is for [`Order`]s.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(self) -> std::io::Result<Sender<Order>> {
        // Unbounded, yet bounded by what happens in a folder: a file that changes often is one order a change, and orders
        // of the page are one for each of its calls, of which the bridge lets 65,536 wait.
        let (sender, orders) = crossbeam_channel::unbounded();
        let notices = sender.clone();
        thread::Builder::new().name("folder keeper".to_owned()).spawn(move || {
            let (publish, told) = (Arc::clone(&self.publish), Arc::clone(&self.told));
            let kept = catch_unwind(AssertUnwindSafe(|| self.keep(&orders, &notices)));
            if kept.is_err() {
                tracing::error!("{}", words::keeper_panicked());
                if !told.load(Ordering::Acquire) {
                    // Calls wait for plugins that nobody loads any more.
                    publish(Published::nothing());
                }
            }
        })?;
        Ok(sender)
    }

    fn keep(mut self, orders: &Receiver<Order>, notices: &Sender<Order>) {
        // Watched first: what changes while the folders are read is heard of afterwards.
        let (ended, notices) = (notices.clone(), notices.clone());
        let choices = self.choices_folder().map(PathBuf::from);
        let mut watched: Vec<PathBuf> = self.folders.iter().cloned().chain(choices).collect();
        // Under a second name it would be watched under that alone.
        if let Some(folder) = self.configuration_folder().and_then(|folder| folder.canonicalize().ok())
            && !watched.iter().any(|one| one.canonicalize().is_ok_and(|one| one == folder))
        {
            watched.extend(self.configuration_folder().map(PathBuf::from));
        }
        self.watcher = Watcher::start(&watched, move |noticed| {
            // A keeper that has ended does not want to know.
            let _ = notices.send(Order::Noticed(noticed));
        });
        // A file that looks unfinished is refused in the first reading, which nobody wants to wait for. If somebody does
        // write it, it will change.
        self.read_all(Duration::ZERO);
        self.shelf.warn_of_unknown_wishes();
        self.publish(&ended);
        loop {
            let order = match self.due.values().min() {
                Some(next) => orders.recv_deadline(*next),
                None => orders.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match order {
                Ok(Order::Stop(answer)) => {
                    let _ = answer.send(self.leave());
                    return;
                }
                Ok(order) => self.obey(order, &ended),
                Err(RecvTimeoutError::Timeout) => self.look_at_what_is_due(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if self.shelf.has_changed() {
                self.publish(&ended);
            }
        }
    }

    fn obey(&mut self, order: Order, ended: &Sender<Order>) {
        match order {
            Order::Noticed(Noticed::Anything) => self.read_all(UNFINISHED),
            Order::Noticed(Noticed::Changed(path)) => self.expect(path, QUIET),
            Order::Noticed(Noticed::Whole(path)) => self.expect(path, Duration::ZERO),
            Order::Retry(which, replier) => {
                let count = self.shelf.retry(&which);
                self.publish(ended);
                replier.json(count.to_string().into_bytes());
            }
            Order::Disable(name, disabled, replier) => {
                let outcome = self.shelf.set_disabled(&name, disabled);
                self.publish(ended);
                match outcome {
                    Ok(()) => replier.json(b"null".to_vec()),
                    Err(reason) => replier.error(reason),
                }
            }
            Order::Ended => self.shelf.note_change(),
            Order::Stop(_) => {}
        }
    }

    fn expect(&mut self, path: PathBuf, after: Duration) {
        // A signature makes another library of the one that it belongs to.
        let path = discovery::signed_by(&path).unwrap_or(path);
        if discovery::is_library_name(&path)
            || path == self.shelf.configuration_file()
            || Some(&*path) == self.configuration_folder()
            || path == self.shelf.choices_file()
            || Some(&*path) == self.choices_folder()
            || path == self.retry_file()
            || path == self.question_file()
            || self.folders.contains(&path)
        {
            self.due.insert(path, Instant::now() + after);
        }
    }

    fn choices_folder(&self) -> Option<&Path> {
        self.shelf.choices_file().parent()
    }

    fn configuration_folder(&self) -> Option<&Path> {
        self.shelf.configuration_file().parent()
    }

    fn retry_file(&self) -> PathBuf {
        self.shelf.choices_file().with_file_name(RETRY)
    }

    fn question_file(&self) -> PathBuf {
        self.shelf.choices_file().with_file_name(QUESTION)
    }

    fn look_at_what_is_due(&mut self) {
        let now = Instant::now();
        let mut due: Vec<PathBuf> =
            self.due.iter().filter(|(_, at)| **at <= now).map(|(path, _)| path.clone()).collect();
        due.sort();
        let mut files = Vec::new();
        for path in due {
            self.due.remove(&path);
            if path == self.shelf.choices_file() {
                self.shelf.reread_choices();
            } else if path == self.retry_file() {
                if let Ok(which) = kept::read(&path) {
                    self.shelf.retry(&which);
                }
            } else if path == self.question_file() {
                if let Ok(number) = kept::read(&path) {
                    (self.answer)(number);
                }
            } else if Some(&*path) == self.choices_folder() {
                if self.is_watched_anew(path) {
                    self.shelf.reread_choices();
                }
            } else if path == self.shelf.configuration_file() {
                self.read_all(UNFINISHED);
            } else if self.folders.contains(&path) || Some(&*path) == self.configuration_folder() {
                self.is_watched_anew(path);
                self.read_all(UNFINISHED);
            } else if let Some(folder) = self.folders.iter().position(|one| path.parent() == Some(one)) {
                files.push((folder, path));
            }
        }
        files.sort();
        self.look_at_all(files, UNFINISHED);
    }

    fn look_at_all(&mut self, files: Vec<(usize, PathBuf)>, unfinished: Duration) {
        self.shelf.try_ahead(&files);
        files.into_iter().for_each(|(folder, file)| self.look(folder, file, unfinished));
        self.shelf.forget_ahead();
    }

    fn look(&mut self, folder: usize, path: PathBuf, unfinished: Duration) {
        self.watcher.follow(&path);
        if self.shelf.look(folder, &path, unfinished) == Again::Later {
            self.due.insert(path, Instant::now() + LOOK_AGAIN);
        }
    }

    /// Watches a folder anew to which something happened. One that is gone is looked for until it is there again.
    fn is_watched_anew(&mut self, folder: PathBuf) -> bool {
        let watched = folder.is_dir() && self.watcher.renew(&folder).is_ok();
        if !watched {
            self.due.insert(folder, Instant::now() + LOOK_FOR_FOLDER);
        }
        watched
    }

    /// Looks at all files there are, and at those there were.
    fn read_all(&mut self, unfinished: Duration) {
        let mut found = Vec::new();
        for (folder, path) in self.folders.iter().enumerate() {
            match discovery::libraries(path) {
                Ok(files) => {
                    self.shelf.folder_is_readable(path);
                    found.extend(files.into_iter().map(|file| (folder, file)));
                }
                Err(reason) => self.shelf.folder_is_unreadable(path, reason),
            }
        }
        self.look_at_all(found, unfinished);
        for (folder, file) in self.shelf.files() {
            if !file.exists() {
                self.look(folder, file, unfinished);
            }
        }
    }

    fn publish(&mut self, ended: &Sender<Order>) {
        self.shelf.let_others_follow();
        self.retirements.retain(|retirement| !retirement.is_over());
        let (published, leaving) = self.shelf.publish(&self.retirements);
        (self.publish)(published);
        self.told.store(true, Ordering::Release);
        // Only now does no route lead to them.
        let end = |plugin| {
            let ended = ended.clone();
            // A keeper that has ended does not want to know.
            Retirement::begin(plugin, Stop::AfterTheLastCall, move || drop(ended.send(Order::Ended)))
        };
        self.retirements.extend(leaving.into_iter().map(end));
    }

    fn leave(mut self) -> Leaving {
        let mut plugins = self.shelf.take_serving();
        plugins.sort_by_key(|plugin| plugin.sequence);
        let retirements = std::mem::take(&mut self.retirements);
        Leaving { plugins, retirements, somebody_starts: self.shelf.somebody_starts() }
    }
}
