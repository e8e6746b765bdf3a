//! The plugin `process`.

use plugin_api as _;
