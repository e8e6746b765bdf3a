//! The secrets by which a page proves that it is one: a key for each origin whose pages may be in the window.
//!
//! Who posted is known by the key alone. The webview tells the address of the top page whichever frame has posted, and during a
//! navigation that of the page to come.

use std::sync::Arc;

use plugin_host_runtime::{Origin, Page};

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

    /// For the page's script: for each origin the secret, and the address of what goes by request, as a JSON object.
    pub fn for_script(&self, address: impl Fn(&Origin) -> String) -> String {
        let key = |(page, secret): &(Arc<Page>, String)| {
            (page.origin.to_string(), serde_json::json!([secret, address(&page.origin)]))
        };
        serde_json::Value::Object(self.0.iter().map(key).collect()).to_string()
    }
}

/// Compares without telling by its duration how much was right.
fn same(left: &str, right: &str) -> bool {
    left.len() == right.len() && left.bytes().zip(right.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}
