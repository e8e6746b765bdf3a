//! The plugin `fs`.

use plugin_api as _;
