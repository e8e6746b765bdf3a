//! The plugin `clipboard`.

use plugin_api as _;
