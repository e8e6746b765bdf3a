//! The plugin `dialog`.

use plugin_api as _;
