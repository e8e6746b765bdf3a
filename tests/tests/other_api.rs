//! Libraries that were built with another plugin-api than this host's: what still fits serves, and what does not is refused
//! with a sentence.

use std::fs;

use serde_json::json;
use tests::other_api::{Edit, ordinary_with};
use tests::{Host, library};

const ABI: &str = "plugin-api/src/abi.rs";
const CALL: &str = "plugin-api/src/abi/call_handle.rs";
const HOST: &str = "plugin-api/src/abi/host_handle.rs";
const SIDES: &str = "plugin-api/src/abi/sides.rs";
const CALLS: &str = "plugin-api/src/abi/sides/calls.rs";
const EXPORT: &str = "plugin-api/src/export.rs";

/// Every crate is of version 0.9.0.
const VERSION: &[Edit] = &[
    ("Cargo.toml", "version = \"0.3.0\"\nedition", "version = \"0.9.0\"\nedition"),
    (
        "Cargo.toml",
        "plugin-api = { path = \"plugin-api\", version = \"0.3.0\" }",
        "plugin-api = { path = \"plugin-api\" }",
    ),
    (
        "Cargo.toml",
        "plugin-api-macros = { path = \"plugin-api/macros\", version = \"0.3.0\" }",
        "plugin-api-macros = { path = \"plugin-api/macros\" }",
    ),
];

/// Something more at the end of each table that crosses the boundary.
const NEWER: &[Edit] = &[
    (
        ABI,
        "    pub schemas: extern \"C\" fn(text: ByteSink),\n",
        "    pub schemas: extern \"C\" fn(text: ByteSink),\n    /// New.\n    pub more: extern \"C\" fn(text: ByteSink),\n",
    ),
    (EXPORT, "schemas: schemas::<P>,", "schemas: schemas::<P>, more: describe::<P>,"),
    (
        HOST,
        "    pub resource_folder: extern \"C\" fn(context: *mut c_void, path: ByteSink),\n",
        "    pub resource_folder: extern \"C\" fn(context: *mut c_void, path: ByteSink),\n    /// New.\n    pub more: extern \"C\" fn(context: *mut c_void) -> bool,\n",
    ),
    (
        HOST,
        "is_trial().is_some_and(|is_trial| is_trial(self.context))",
        "more().is_some_and(|more| more(self.context))",
    ),
    (
        SIDES,
        "resource_folder: resource_folder::<H>,",
        "resource_folder: resource_folder::<H>, more: is_trial::<H>,",
    ),
    (
        ABI,
        "    pub call: extern \"C\" fn(context: *mut c_void) -> CallHandle,\n",
        "    pub call: extern \"C\" fn(context: *mut c_void) -> CallHandle,\n    /// New.\n    pub more: extern \"C\" fn(context: *mut c_void),\n",
    ),
    (CALLS, "call: call_of::<R> }", "call: call_of::<R>, more: dropped::<R> }"),
    (
        CALL,
        "    pub send_bytes: extern \"C\" fn(context: *mut c_void, bytes: RSlice<'_, u8>, refusal: ByteSink) -> bool,\n",
        "    pub send_bytes: extern \"C\" fn(context: *mut c_void, bytes: RSlice<'_, u8>, refusal: ByteSink) -> bool,\n    /// New.\n    pub more: extern \"C\" fn(context: *mut c_void),\n",
    ),
    (CALLS, "send_bytes: send_bytes::<C>,", "send_bytes: send_bytes::<C>, more: release::<C>,"),
];

/// Without what came last.
const OLDER: &[Edit] = &[
    (
        HOST,
        "    /// As `data_folder`, for what belongs to the application.\n    pub app_folder: extern \"C\" fn(context: *mut c_void, path: ByteSink),\n    /// Puts the folder of what the application brings along into `path`, as above. Nobody makes it.\n    pub resource_folder: extern \"C\" fn(context: *mut c_void, path: ByteSink),\n",
        "",
    ),
    (
        HOST,
        "let app_folder = self.functions.app_folder()?;",
        "let app_folder = self.functions.cache_folder()?;",
    ),
    (
        HOST,
        "let resource_folder = self.functions.resource_folder()?;",
        "let resource_folder = self.functions.cache_folder()?;",
    ),
    (SIDES, "app_folder: app_folder::<H>,", ""),
    (
        CALL,
        "    /// As `send_value`, for a value that is bytes and no JSON. They are copied before it returns. Not in the first hosts.\n    pub send_bytes: extern \"C\" fn(context: *mut c_void, bytes: RSlice<'_, u8>, refusal: ByteSink) -> bool,\n",
        "",
    ),
    (
        CALL,
        "let send_bytes = self.functions.send_bytes()?;\n        Some(tell(|refusal| send_bytes(self.context, RSlice::from_slice(bytes), refusal)))",
        "let _: RSlice<'_, u8> = bytes.into();\n        None",
    ),
    (CALLS, "send_bytes: send_bytes::<C>,", ""),
    (SIDES, "resource_folder: resource_folder::<H>,", ""),
    (
        ABI,
        "    /// Hands the [`Schemas`](crate::table::Schemas) of the command table to `text` as JSON, at any time and on any thread. Not in\n    /// the first plugins.\n    pub schemas: extern \"C\" fn(text: ByteSink),\n",
        "",
    ),
    (EXPORT, "schemas: schemas::<P>,", ""),
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
    let newer = [VERSION, NEWER].concat();
    for (name, edits, version) in [("older", OLDER, "0.3.0"), ("newer", &newer, "0.9.0")] {
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
            "was built with plugin-api 0.9.0, and this host with plugin-api 0.3.0: their boundaries differ; rebuild it with this host's plugin-api",
        ),
        (
            "number",
            OTHER_NUMBER,
            "was built with plugin-api 0.9.0 (ABI 2), and this host with plugin-api 0.3.0 (ABI 1): the two do not fit; rebuild it with this host's plugin-api, or get a newer host",
        ),
        (
            "aborts",
            ABORTS,
            "was built with panic = \"abort\", so its first panic would end the host; remove that from its Cargo profile",
        ),
    ] {
        let status = host(name, &[VERSION, edits].concat()).status();
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
