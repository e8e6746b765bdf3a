//! The plugin `path`: commands that tell where the user's and the application's folders are. They open nothing, and what they tell allows
//! nobody to: that is for the plugin `fs` to say.

use std::collections::BTreeMap;
use std::path::PathBuf;

use plugin_api::files::BaseDirectory;
use plugin_api::{Context, Result, anyhow, command, export_plugin};

/// The path within a folder, by its words alone: nothing needs to be there, and `..` stays in it.
/// Without `directory`, and where the path is absolute, it is the path itself.
#[command]
fn resolve_path(context: &Context, path: &str, directory: Option<BaseDirectory>) -> Result<String> {
    match directory {
        Some(directory) => text(directory.folder(context)?.join(path)),
        None => Ok(path.to_owned()),
    }
}

/// The folders that this system has, by their names in Tauri's `BaseDirectory`: `app`, `localData`.
/// They need not be there yet.
#[command]
fn directories(context: &Context) -> BTreeMap<String, String> {
    let found = |base: BaseDirectory| Some((base.name().to_owned(), text(base.folder(context).ok()?).ok()?));
    BaseDirectory::ALL.into_iter().filter_map(found).collect()
}

fn text(path: PathBuf) -> Result<String> {
    path.into_os_string()
        .into_string()
        .map_err(|path| anyhow!("`{}` is no text in UTF-8, so no page can have it", path.to_string_lossy()))
}

export_plugin! { commands: [resolve_path, directories] }

#[cfg(test)]
mod tests {
    use std::path::Path;

    use plugin_api::test_host;
    use serde_json::json;

    #[test]
    fn a_path_is_put_behind_its_folder_and_nothing_is_looked_for() {
        let host = test_host!().unwrap();
        let resolve = |path: &str, directory: u64| {
            host.call(&json!({ "cmd": "resolvePath", "path": path, "directory": directory })).unwrap()
        };
        let folders = host.call(&json!({ "cmd": "directories" })).unwrap();
        let app = Path::new(folders["app"].as_str().unwrap());
        assert_eq!(resolve("a/../b", 18), json!(app.join("a/../b")));
        assert_eq!(resolve("", 18), json!(app.join("")));
        assert_eq!(resolve("a\0b", 17), json!(Path::new(folders["resource"].as_str().unwrap()).join("a\0b")));
    }

    #[test]
    fn a_whole_path_and_one_without_a_folder_stay_as_they_are() {
        let host = test_host!().unwrap();
        for path in ["/etc/hosts", "a/b", "", "../x"] {
            assert_eq!(host.call(&json!({ "cmd": "resolvePath", "path": path })), Ok(json!(path)));
        }
        let absolute = if cfg!(windows) { "C:\\x" } else { "/x" };
        let message = json!({ "cmd": "resolvePath", "path": absolute, "directory": 18 });
        assert_eq!(host.call(&message), Ok(json!(absolute)));
    }

    #[test]
    fn the_readme_tells_what_the_commands_do() {
        let host = test_host!().unwrap();
        let text = |path: std::path::PathBuf| path.to_str().unwrap().to_owned();
        let (app, resources) = (text(host.app_folder()), text(host.resource_folder()));
        let replacements = [("APP", app.as_str()), ("RESOURCE", resources.as_str())];
        plugin_api::testing::check_transcripts(include_str!("../README.md"), &host, &replacements);
    }

    #[test]
    fn a_number_that_no_folder_has_is_refused() {
        let host = test_host!().unwrap();
        for number in [0, 19] {
            let refusal =
                host.call(&json!({ "cmd": "resolvePath", "path": "a", "directory": number })).unwrap_err();
            assert!(refusal.contains(&format!("no folder has the number {number}")), "{refusal}");
        }
    }

    #[test]
    fn the_folders_are_whole_paths_by_tauris_names() {
        let host = test_host!().unwrap();
        let folders = host.call(&json!({ "cmd": "directories" })).unwrap();
        let folders = folders.as_object().unwrap();
        assert!(
            folders.contains_key("app") && folders.contains_key("resource") && folders.contains_key("home")
        );
        for (name, folder) in folders {
            assert!(Path::new(folder.as_str().unwrap()).is_absolute(), "{name}: {folder}");
        }
    }
}
