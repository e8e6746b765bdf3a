//! The commands as a page calls them.
