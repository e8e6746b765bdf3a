//! The plugin `notification`.

use plugin_api as _;
