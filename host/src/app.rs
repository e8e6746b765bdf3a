//! The event loop, and the end of the application.

use std::panic;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Result, bail};
use plugin_host_runtime::{Runtime, Stopped, leave_at_once};
use tao::event::{Event, WindowEvent};
use tao::event_loop::{ControlFlow, EventLoop, EventLoopBuilder};
use tao::platform::run_return::EventLoopExtRunReturn;

use crate::attempts::Attempts;
use crate::bridge::Bridge;
use crate::event::UserEvent;
use crate::protocol::Protocol;
use crate::window::{Appearance, PageWindow};
use crate::{report, words};

/// How long plugins have to stop when the window closes. Long enough to write a file, short enough not to be missed.
const PATIENCE: Duration = Duration::from_secs(3);

/// An application that is ready to run.
pub struct App {
    pub(crate) event_loop: EventLoop<UserEvent>,
    pub(crate) runtime: Runtime,
    pub(crate) bridge: Rc<Bridge>,
    pub(crate) window: PageWindow,
    pub(crate) attempts: Arc<Attempts>,
    pub(crate) exit_code: Arc<AtomicI32>,
}

/// What is left open while the application runs.
struct Running {
    runtime: Runtime,
    bridge: Rc<Bridge>,
    window: PageWindow,
    closing: bool,
}

impl App {
    /// Shows the window until it is closed, stops the plugins, and returns the process's exit code: 0, or what a page's
    /// report says. Must be called on the main thread.
    ///
    /// Where a plugin does not stop within three seconds the process ends in here, with the same code, because no
    /// destructor may run under the plugin's threads.
    pub fn run(self) -> i32 {
        let Self { mut event_loop, runtime, bridge, window, attempts, exit_code } = self;
        let proxy = event_loop.create_proxy();
        let mut running = Running { runtime, bridge, window, closing: false };
        event_loop.run_return(move |event, _target, control_flow| {
            *control_flow = ControlFlow::Wait;
            // At every event, whatever it is: to wait for the one that was sent for this costs the loop another round.
            running.bridge.receive_parcels();
            running.runtime.run_main_thread_turn();
            running.deliver();
            match event {
                Event::UserEvent(UserEvent::Close)
                | Event::WindowEvent { event: WindowEvent::CloseRequested, .. } => {
                    let proxy = proxy.clone();
                    running.close(move |stopped| {
                        // Without an event loop there is nobody left to tell.
                        let _ = proxy.send_event(UserEvent::Stopped(stopped));
                    });
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
    fn deliver(&self) {
        for script in self.bridge.take_scripts() {
            self.window.run_script(&script);
        }
    }

    /// Hides the window and stops the plugins on another thread: the event loop must not wait for them.
    fn close(&mut self, stopped: impl FnOnce(Stopped) + Send + 'static) {
        if std::mem::replace(&mut self.closing, true) {
            return;
        }
        self.window.hide();
        let runtime = self.runtime.clone();
        let stop =
            thread::Builder::new().name("stop".to_owned()).spawn(move || stopped(runtime.stop(PATIENCE)));
        if stop.is_err() {
            leave_at_once(1);
        }
    }
}

/// Opens the window; what [`AppBuilder::build`](crate::AppBuilder::build) ends with.
pub(crate) fn open(
    event_loop: EventLoop<UserEvent>,
    runtime: Runtime,
    bridge: Rc<Bridge>,
    start: &str,
    appearance: &Appearance,
    protocol: Protocol,
    exit_code: Arc<AtomicI32>,
) -> Result<App> {
    let attempts = Arc::clone(&protocol.attempts);
    let window = PageWindow::open(&event_loop, appearance, start, Rc::clone(&bridge), protocol)
        .map_err(|error| anyhow::anyhow!(words::no_window(&format!("{error:#}"))))?;
    Ok(App { event_loop, runtime, bridge, window, attempts, exit_code })
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
