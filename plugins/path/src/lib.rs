//! The plugin `path`.

use plugin_api as _;
