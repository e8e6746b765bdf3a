//! The trial, seen from the child: opens the library as the host would, asks what it says of itself, starts the plugin on an
//! empty data folder, stops it, and writes down how far it has come.
//!
//! Nothing of the host's is used: a plugin's own data folder may be in use by the plugin itself at this moment.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

use plugin_api::abi::HostHandle;
use plugin_api::manifest::Manifest;

use super::answer::{Answer, Room};
use super::breadcrumbs::Breadcrumbs;
use super::copy::ContentHash;
use super::host_side::{NoServices, PluginHost};
use super::module::Module;
use super::{leaving, opening, probe};
use crate::configuration::ConfigurationFile;
use crate::executor::{Label, Limits, Watch, WorkerGroup};
use crate::sandbox;

/// Does what a host that tries a library asks of this process by its environment. Returns the process's exit code, or
/// nothing for a process that has not been asked.
pub fn if_asked() -> Option<i32> {
    let library = std::env::var_os(probe::LIBRARY)?;
    let room = Room::new(std::env::var_os(probe::ROOM)?.into());
    #[cfg(unix)]
    if let Some(code) = super::inherited::leave_behind() {
        return Some(code);
    }
    leaving::die_with_parent();
    let tried = room.begin().and_then(|mut answer| {
        let tried = try_out(Path::new(&library), &room, &mut answer);
        // The library may have closed it, and to close it again would end the process before it has said so.
        std::mem::forget(answer);
        tried
    });
    Some(match tried {
        Ok(()) => 0,
        Err(error) if is_closed(&error) => probe::CLOSED,
        Err(_) => probe::NO_ROOM,
    })
}

fn try_out(library: &Path, room: &Room, answer: &mut Answer) -> io::Result<()> {
    // Before the plugin's code does anything.
    let confined = sandbox::finish();
    let opened = confined.and_then(|_| opening::open(library)).map(|opened| opened.module);
    let described = opened.and_then(|module| module.describe().map(|manifest| (module, manifest)));
    match described {
        Ok((module, manifest)) => {
            answer.described(&Ok(manifest.clone()))?;
            start_and_stop(module, &manifest, room, answer)?;
        }
        Err(reason) => {
            answer.described(&Err(reason))?;
            answer.done()?;
        }
    }
    answer.done()
}

/// What the start answers is of no interest: it may want something from its data folder that is not in this one.
fn start_and_stop(module: Module, manifest: &Manifest, room: &Room, answer: &mut Answer) -> io::Result<()> {
    let name: Arc<str> = manifest.name.as_str().into();
    let workers = WorkerGroup::new(&name, Limits::default(), Watch::start(Limits::default().all_threads)?);
    let known = Breadcrumbs::none().know(&name, ContentHash::of(b""), std::iter::empty());
    let host = PluginHost {
        label: Label::of_plugin(&name),
        name,
        data_folder: room.data(),
        cache_folder: room.cache(),
        app_folder: room.app(),
        resource_folder: room.resources(),
        // There is none: who needs one finds the defaults.
        configuration: ConfigurationFile::at(room.data().join("no-configuration")),
        services: Arc::new(NoServices),
        workers: workers.clone(),
        known,
        is_trial: true,
        listening: Mutex::default(),
        stop_by: Mutex::default(),
    };
    // As in the host, where it has less room on its stack than on the main thread.
    let thread = thread::Builder::new().name(format!("start {}", host.name));
    let started = thread.spawn(move || module.start(HostHandle::of(Arc::new(host))))?.join();
    standard_files()?;
    answer.done()?;
    workers.stop();
    match started {
        Ok(Ok(started)) => {
            started.stop();
            workers.join();
            started.release();
            standard_files()
        }
        // It may have left threads that nobody stops, and an end with destructors is no part of a start that failed.
        _ => {
            answer.done()?;
            leaving::leave_at_once(0)
        }
    }
}

/// The standard files are still there: what is opened in the place of a closed one gets what is printed.
fn standard_files() -> io::Result<()> {
    #[cfg(unix)]
    {
        use rustix::io::fcntl_getfd;
        use rustix::stdio::{stderr, stdin, stdout};
        for file in [stdin(), stdout(), stderr()] {
            fcntl_getfd(file)?;
        }
    }
    Ok(())
}

/// Whether somebody has closed the file: the host's own would have been closed as well.
fn is_closed(error: &io::Error) -> bool {
    #[cfg(unix)]
    return error.raw_os_error() == Some(libc::EBADF);
    #[cfg(not(unix))]
    {
        let _ = error;
        false
    }
}
