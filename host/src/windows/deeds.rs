//! How the toolkit does what is wanted of a window. Refuses nothing: what comes here has been judged.

use serde_json::{Value, json};
use tao::dpi::{LogicalPosition, LogicalSize};
use tao::window::{Fullscreen, Window};

use crate::order::{Deed, Position, Size};

/// The longest side of a window, in logical pixels: what X11 has numbers for.
const LONGEST_SIDE: f64 = 32_767.0;

/// The longest title, in characters; no desktop shows more.
const LONGEST_TITLE: usize = 1024;

/// A title that the toolkit can take.
pub fn title(text: &str) -> String {
    text.chars().filter(|character| *character != '\0').take(LONGEST_TITLE).collect()
}

/// A length that the system can take.
pub fn length(wanted: f64) -> f64 {
    wanted.clamp(1.0, LONGEST_SIDE)
}

/// Does it, and returns the answer. What concerns other windows is not for here.
pub fn carry_out(window: &Window, deed: Deed) -> Value {
    match deed {
        Deed::SetTitle(text) => window.set_title(&title(&text)),
        Deed::SetSize(Size { width, height }) => {
            window.set_inner_size(LogicalSize::new(length(width), length(height)));
        }
        Deed::Size => {
            let size = window.inner_size().to_logical::<f64>(window.scale_factor());
            return json!(Size { width: size.width, height: size.height });
        }
        Deed::SetPosition(Position { x, y }) => {
            let bounded = |place: f64| place.clamp(-LONGEST_SIDE, LONGEST_SIDE);
            window.set_outer_position(LogicalPosition::new(bounded(x), bounded(y)));
        }
        Deed::Position => {
            // Wayland tells nobody where a window is.
            let Ok(position) = window.outer_position() else { return Value::Null };
            let position = position.to_logical::<f64>(window.scale_factor());
            return json!(Position { x: position.x, y: position.y });
        }
        Deed::Center => center(window),
        Deed::SetFullscreen(full) => window.set_fullscreen(full.then_some(Fullscreen::Borderless(None))),
        Deed::IsFullscreen => return window.fullscreen().is_some().into(),
        Deed::SetMinimized(minimized) => window.set_minimized(minimized),
        Deed::SetMaximized(maximized) => window.set_maximized(maximized),
        Deed::IsMaximized => return window.is_maximized().into(),
        Deed::SetVisible(visible) => window.set_visible(visible),
        Deed::SetResizable(resizable) => window.set_resizable(resizable),
        Deed::SetAlwaysOnTop(on_top) => window.set_always_on_top(on_top),
        Deed::Focus => window.set_focus(),
        Deed::Open(_) | Deed::Close | Deed::Create(_) | Deed::List => {}
    }
    Value::Null
}

/// Puts the window in the middle of its screen.
fn center(window: &Window) {
    let Some(screen) = window.current_monitor() else { return };
    let (whole, own, corner) = (screen.size(), window.outer_size(), screen.position());
    let middle =
        |corner: i32, whole: u32, own: u32| f64::from(corner) + (f64::from(whole) - f64::from(own)) / 2.0;
    window.set_outer_position(tao::dpi::PhysicalPosition::new(
        middle(corner.x, whole.width, own.width),
        middle(corner.y, whole.height, own.height),
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_that_no_toolkit_could_take_is_shortened_and_loses_its_nul() {
        assert_eq!(title("a\0b"), "ab");
        assert_eq!(title(&"ä".repeat(5000)).chars().count(), LONGEST_TITLE);
    }

    #[test]
    fn a_length_is_one_that_the_system_has_a_number_for() {
        for (wanted, given) in [(-5.0, 1.0), (0.0, 1.0), (640.5, 640.5), (1e300, LONGEST_SIDE)] {
            assert!((length(wanted) - given).abs() < f64::EPSILON, "{wanted}");
        }
    }
}
