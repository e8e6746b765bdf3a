//! Libraries that were built with another plugin-api than this host's: what still fits serves, and what does not is refused
//! with a sentence.

use std::fs;

use serde_json::json;
use tests::other_api::{Edit, ordinary_with};
use tests::{Host, library};

const ABI: &str = "plugin-api/src/abi.rs";
const SIDES: &str = "plugin-api/src/abi/sides.rs";
const EXPORT: &str = "plugin-api/src/export.rs";

/// Something more at the end of each table that crosses the boundary.
const NEWER: &[Edit] = &[
    ("Cargo.toml", "version = \"0.1.0\"\nedition", "version = \"0.9.0\"\nedition"),
    (
        "Cargo.toml",
        "plugin-api = { path = \"plugin-api\", version = \"0.1.0\" }",
        "plugin-api = { path = \"plugin-api\" }",
    ),
    (
        "Cargo.toml",
        "plugin-api-macros = { path = \"plugin-api/macros\", version = \"0.1.0\" }",
        "plugin-api-macros = { path = \"plugin-api/macros\" }",
    ),
    (
        ABI,
        "    pub release: extern \"C\" fn(instance: Instance),\n",
        "    pub release: extern \"C\" fn(instance: Instance),\n    /// New.\n    pub more: extern \"C\" fn(text: ByteSink),\n",
    ),
    (
        ABI,
        "    pub is_main_thread: extern \"C\" fn(context: *mut c_void) -> bool,\n",
        "    pub is_main_thread: extern \"C\" fn(context: *mut c_void) -> bool,\n    /// New.\n    pub more: extern \"C\" fn(context: *mut c_void) -> bool,\n",
    ),
    (
        ABI,
        "is_trial().is_some_and(|is_trial| is_trial(self.context))",
        "more().is_some_and(|more| more(self.context))",
    ),
    (
        SIDES,
        "is_main_thread: is_main_thread::<H>,",
        "is_main_thread: is_main_thread::<H>, more: is_trial::<H>,",
    ),
    (EXPORT, "call, stop, release }", "call, stop, release, more: describe::<P> }"),
];

/// Without what came last.
const OLDER: &[Edit] = &[
    (
        ABI,
        "    /// Whether this is the main thread.\n    pub is_main_thread: extern \"C\" fn(context: *mut c_void) -> bool,\n",
        "",
    ),
    (
        ABI,
        "self.functions.is_main_thread().is_some_and(|is_main_thread| is_main_thread(self.context))",
        "false",
    ),
    (SIDES, "is_main_thread: is_main_thread::<H>,", ""),
];

const OTHER_LAYOUT: &[Edit] = &[
    (
        ABI,
        "pub stop: extern \"C\" fn(instance: Instance),",
        "pub stop: extern \"C\" fn(instance: Instance, why: u8),",
    ),
    (
        EXPORT,
        "extern \"C\" fn stop(instance: Instance) {",
        "extern \"C\" fn stop(instance: Instance, _why: u8) {",
    ),
];

const OTHER_NUMBER: &[Edit] = &[(ABI, "pub const ABI_NUMBER: u32 = 1;", "pub const ABI_NUMBER: u32 = 2;")];

const ABORTS: &[Edit] = &[("Cargo.toml", "[profile.dev]\n", "[profile.dev]\npanic = \"abort\"\n")];

const ORDINARY: &str = "tests/fixtures/ordinary/src/lib.rs";

/// With a tokio runtime, and a command that needs its timer.
const TOKIO: &[Edit] = &[
    (
        "tests/fixtures/ordinary/Cargo.toml",
        "plugin-api.workspace = true",
        "plugin-api = { workspace = true, features = [\"tokio\"] }\ntokio.workspace = true",
    ),
    (
        ORDINARY,
        "pub fn echo(value: Value) -> Value {",
        "pub async fn echo(value: Value) -> Value {\n    tokio::time::sleep(std::time::Duration::from_millis(1)).await;\n    let value = tokio::spawn(async { value }).await.expect(\"it does not panic\");",
    ),
];

/// A host over a folder with the library built so.
fn host(name: &str, edits: &[Edit]) -> Host {
    let folder = tempfile::tempdir().unwrap();
    let ordinary = library("ordinary");
    fs::write(folder.path().join(ordinary.file_name().unwrap()), ordinary_with(name, edits)).unwrap();
    Host::on(folder)
}

#[test]
fn a_library_of_an_older_or_a_newer_plugin_api_with_the_same_number_serves() {
    for (name, edits, version) in [("older", OLDER, "0.1.0"), ("newer", NEWER, "0.9.0")] {
        let host = host(name, edits);
        let status = host.status();
        assert_eq!(status.plugins.len(), 1, "{name}: {:?}", status.refused);
        assert_eq!(status.plugins[0].version, version);
        for value in [json!(null), json!({ "list": [1, 2.5, "text"] })] {
            assert_eq!(host.call(json!({ "cmd": "echo", "value": value })), Ok(value.clone()), "{name}");
            assert_eq!(host.call(json!({ "cmd": "echoMain", "value": value })), Ok(value), "{name}");
        }
    }
}

#[test]
fn a_library_whose_boundary_or_number_differs_or_whose_panics_abort_is_refused_with_the_remedy() {
    for (name, edits, reason) in [
        (
            "layout",
            OTHER_LAYOUT,
            "was built with a plugin-api whose boundary differs from this host's; rebuild it with this host's plugin-api",
        ),
        ("number", OTHER_NUMBER, "speaks ABI 2, and this host ABI 1; rebuild it with this host's plugin-api"),
        (
            "aborts",
            ABORTS,
            "was built with panic = \"abort\", so its first panic would end the host; remove that from its Cargo profile",
        ),
    ] {
        let status = host(name, edits).status();
        let reasons: Vec<_> = status.refused.iter().map(|one| &*one.reason).collect();
        assert_eq!((reasons, status.plugins.len()), (vec![reason], 0), "{name}");
    }
}

#[test]
fn with_the_feature_tokio_async_commands_have_its_timer_and_it_ends_with_the_plugin() {
    let host = host("tokio", TOKIO);
    for value in 0..20 {
        assert_eq!(host.call(json!({ "cmd": "echo", "value": value })), Ok(json!(value)));
    }
    assert_eq!(host.runtime.stop(std::time::Duration::from_secs(30)), plugin_host_runtime::Stopped::Cleanly);
}
