//! The event loop, and the end of the application.

use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Result, bail};
use plugin_host_runtime::{Runtime, Stopped, leave_at_once};
use tao::event::{Event, WindowEvent};
use tao::event_loop::{ControlFlow, EventLoop, EventLoopBuilder, EventLoopProxy};
use tao::platform::run_return::EventLoopExtRunReturn;

use crate::attempts::Attempts;
use crate::event::UserEvent;
use crate::windows::{Closed, Maker, Windows};
use crate::{report, words};

/// How long plugins have to stop when the window closes. Long enough to write a file, short enough not to be missed.
const PATIENCE: Duration = Duration::from_secs(3);

/// An application that is ready to run.
pub struct App {
    pub(crate) event_loop: EventLoop<UserEvent>,
    pub(crate) runtime: Runtime,
    pub(crate) windows: Windows,
    pub(crate) attempts: Arc<Attempts>,
    pub(crate) exit_code: Arc<AtomicI32>,
}

/// What is left open while the application runs.
struct Running {
    runtime: Runtime,
    windows: Windows,
    closing: bool,
}

impl App {
    /// Shows the window until it is closed, stops the plugins, and returns the process's exit code: 0, or what a page's
    /// report says. Must be called on the main thread.
    ///
    /// Where a plugin does not stop within three seconds the process ends in here, with the same code, because no
    /// destructor may run under the plugin's threads.
    pub fn run(self) -> i32 {
        let Self { mut event_loop, runtime, windows, attempts, exit_code } = self;
        let proxy = event_loop.create_proxy();
        let mut running = Running { runtime, windows, closing: false };
        event_loop.run_return(move |event, target, control_flow| {
            *control_flow = ControlFlow::Wait;
            // At every event, whatever it is: to wait for the one that was sent for this costs the loop another round.
            running.windows.receive_parcels();
            running.runtime.run_main_thread_turn();
            running.windows.deliver();
            match event {
                Event::UserEvent(UserEvent::Close) => running.close(&proxy),
                Event::WindowEvent { event: WindowEvent::CloseRequested, window_id, .. } => {
                    let closed = running.windows.close_by_id(window_id);
                    running.ends_with(closed, &proxy);
                }
                Event::UserEvent(UserEvent::Window(order)) => {
                    let closed = running.windows.carry_out(target, *order);
                    running.ends_with(closed, &proxy);
                }
                Event::UserEvent(UserEvent::Stopped(stopped)) => {
                    let code = report::exit_code(exit_code.load(Ordering::Acquire));
                    if stopped == Stopped::StillRunning {
                        tracing::warn!("{}", words::still_running());
                        leave_at_once(code);
                    }
                    attempts.sum_up();
                    *control_flow = ControlFlow::ExitWithCode(code);
                }
                _ => {}
            }
        })
    }
}

impl Running {
    /// The application ends with its last window.
    fn ends_with(&mut self, closed: Closed, proxy: &EventLoopProxy<UserEvent>) {
        if closed == Closed::Last {
            self.close(proxy);
        }
    }

    /// Hides the windows and stops the plugins on another thread: the event loop must not wait for them.
    fn close(&mut self, proxy: &EventLoopProxy<UserEvent>) {
        if std::mem::replace(&mut self.closing, true) {
            return;
        }
        self.windows.end();
        let (runtime, proxy) = (self.runtime.clone(), proxy.clone());
        let stop = thread::Builder::new().name("stop".to_owned()).spawn(move || {
            // Without an event loop there is nobody left to tell.
            let _ = proxy.send_event(UserEvent::Stopped(runtime.stop(PATIENCE)));
        });
        if stop.is_err() {
            leave_at_once(1);
        }
    }
}

/// Opens the first window; what [`AppBuilder::build`](crate::AppBuilder::build) ends with.
pub(crate) fn open(event_loop: EventLoop<UserEvent>, maker: Maker, exit_code: Arc<AtomicI32>) -> Result<App> {
    let (runtime, attempts) = (maker.runtime.clone(), Arc::clone(&maker.attempts));
    let windows = Windows::open_first(&event_loop, maker)
        .map_err(|error| anyhow::anyhow!(words::no_window(&format!("{error:#}"))))?;
    Ok(App { event_loop, runtime, windows, attempts, exit_code })
}

/// Makes the event loop. tao panics where the display does not answer; a sentence is better.
pub(crate) fn event_loop() -> Result<EventLoop<UserEvent>> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let made = panic::catch_unwind(|| EventLoopBuilder::<UserEvent>::with_user_event().build());
    panic::set_hook(hook);
    made.map_err(|_| anyhow::anyhow!(words::no_window("the display does not answer")))
}

/// tao ends the process when GTK finds no display; a sentence is better.
pub(crate) fn need_display() -> Result<()> {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if cfg!(target_os = "linux") && !set("DISPLAY") && !set("WAYLAND_DISPLAY") {
        bail!(words::no_window("neither DISPLAY nor WAYLAND_DISPLAY is set"));
    }
    Ok(())
}
