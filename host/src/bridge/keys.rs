//! The secrets by which a page proves that it is one: a key for each origin whose pages may be in the window.
//!
//! Who posted is known by the key alone. The webview tells the address of the top page whichever frame has posted, and during a
//! navigation that of the page to come.

use std::sync::Arc;

use plugin_host_runtime::Page;

/// The keys of one window's pages.
#[derive(Debug)]
pub struct Keys(Vec<(Arc<Page>, String)>);

impl Keys {
    /// Pages and their secrets.
    pub fn of(keys: impl IntoIterator<Item = (Page, String)>) -> Self {
        Self(keys.into_iter().map(|(page, secret)| (Arc::new(page), secret)).collect())
    }

    /// The page whose secret this is.
    pub fn page_of(&self, claimed: &str) -> Option<&Arc<Page>> {
        // All are compared, whichever fits.
        self.0
            .iter()
            .fold(None, |found, (page, secret)| if same(claimed, secret) { Some(page) } else { found })
    }

    /// For the page's script: the secret of each origin, as a JSON object.
    pub fn for_script(&self) -> String {
        let keys: serde_json::Map<_, _> =
            self.0.iter().map(|(page, secret)| (page.origin.to_string(), secret.as_str().into())).collect();
        serde_json::Value::Object(keys).to_string()
    }
}

/// Compares without telling by its duration how much was right.
fn same(left: &str, right: &str) -> bool {
    left.len() == right.len() && left.bytes().zip(right.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}
