//! Links in the plugin folder, and folders that are links.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;

use plugin_host_runtime::ChangeKind;
use tests::Host;
use tests::versions::{Starts, check, place, put, version, which};

/// As people have it who develop a plugin: the folder holds a link to where it is built.
#[test]
fn what_a_link_leads_to_is_followed_wherever_it_lies() {
    let outer = tempfile::tempdir().unwrap();
    let path = |name: &str| outer.path().join(name);
    for folder in ["plugins", "releases", "releases/1", "releases/2"] {
        fs::create_dir(path(folder)).unwrap();
    }
    put(&path("releases/1/file"), &version(1, Starts::Well));
    put(&path("releases/2/file"), &version(2, Starts::Well));
    symlink("releases/1", path("current")).unwrap();
    symlink("../current/file", place(&path("plugins"))).unwrap();
    let (plugins, relink) = (path("plugins"), path("new"));
    let path = |name: &str| plugins.parent().unwrap().join(name);
    let host = Host::set_up(outer, |builder| builder.plugin_folder(&plugins));
    host.status();
    check(host.change(), ChangeKind::Added, Some(1), "");

    put(&path("releases/1/file"), &version(3, Starts::Well));
    check(host.change(), ChangeKind::Replaced, Some(2), "");
    assert_eq!(which(&host), Ok(3), "the file itself was replaced");

    symlink("releases/2", &relink).unwrap();
    fs::rename(&relink, path("current")).unwrap();
    check(host.change(), ChangeKind::Replaced, Some(3), "");
    assert_eq!(which(&host), Ok(2), "a folder on the way is another one");

    fs::write(path("releases/1/file"), version(4, Starts::Well)).unwrap();
    fs::write(path("releases/2/file"), version(5, Starts::Well)).unwrap();
    check(host.change(), ChangeKind::Replaced, Some(4), "");
    assert_eq!(which(&host), Ok(5), "where it led before does not count");

    fs::remove_dir_all(path("releases")).unwrap();
    check(host.change(), ChangeKind::Removed, None, "");
    check(host.change(), ChangeKind::Refused, None, "cannot be read");
    assert!(which(&host).unwrap_err().contains("was removed"));

    fs::create_dir_all(path("releases/2")).unwrap();
    put(&path("releases/2/file"), &version(6, Starts::Well));
    // The way may be seen half made.
    let mut change = host.change();
    while change.kind == ChangeKind::Refused {
        change = host.change();
    }
    check(change, ChangeKind::Added, Some(5), "");
    assert_eq!(which(&host), Ok(6));
}

#[test]
fn a_plugin_folder_that_is_a_link_is_followed_to_another_folder() {
    let outer = tempfile::tempdir().unwrap();
    let root = outer.path().to_owned();
    for (folder, number) in [("one", 1), ("other", 2)] {
        fs::create_dir(root.join(folder)).unwrap();
        put(&place(&root.join(folder)), &version(number, Starts::Well));
    }
    symlink("one", root.join("plugins")).unwrap();
    let host = Host::set_up(outer, |builder| builder.plugin_folder(root.join("plugins")));
    host.status();
    check(host.change(), ChangeKind::Added, Some(1), "");
    symlink("other", root.join("new")).unwrap();
    fs::rename(root.join("new"), root.join("plugins")).unwrap();
    check(host.change(), ChangeKind::Replaced, Some(2), "");
    assert_eq!(which(&host), Ok(2));
    put(&place(&root.join("one")), &version(3, Starts::Well));
    put(&place(&root.join("other")), &version(4, Starts::Well));
    check(host.change(), ChangeKind::Replaced, Some(3), "");
    assert_eq!(which(&host), Ok(4));
}

/// A folder with these folders in it, and a host over its `plugins`, in which one links to `build/file`.
fn host_over_a_link(folders: &[&str]) -> (Host, std::path::PathBuf) {
    let outer = tempfile::tempdir().unwrap();
    let root = outer.path().to_owned();
    fs::create_dir(root.join("plugins")).unwrap();
    for (number, folder) in (1..).zip(folders) {
        fs::create_dir_all(root.join(folder)).unwrap();
        put(&root.join(folder).join("file"), &version(number, Starts::Well));
    }
    symlink(root.join(folders[0]).join("file"), place(&root.join("plugins"))).unwrap();
    let host = Host::set_up(outer, |builder| builder.plugin_folder(root.join("plugins")));
    host.status();
    check(host.change(), ChangeKind::Added, Some(1), "");
    (host, root)
}

/// Waits until this version serves.
fn wait_for(host: &Host, number: u64) {
    while which(host) != Ok(number) {
        host.change();
    }
}

#[test]
fn a_folder_that_takes_the_name_of_the_one_a_link_leads_to_is_watched_in_its_place() {
    for folders in [["build", "next"], ["target/debug", "next/debug"]] {
        let (host, root) = host_over_a_link(&folders);
        let first = |folder: &str| root.join(folder.split('/').next().unwrap());
        fs::rename(first(folders[0]), root.join("old")).unwrap();
        fs::rename(first(folders[1]), first(folders[0])).unwrap();
        wait_for(&host, 2);
        put(&root.join(folders[0]).join("file"), &version(3, Starts::Well));
        wait_for(&host, 3);
        fs::remove_dir_all(first(folders[0])).unwrap();
        fs::create_dir_all(root.join(folders[0])).unwrap();
        put(&root.join(folders[0]).join("file"), &version(4, Starts::Well));
        wait_for(&host, 4);
        put(&root.join(folders[0]).join("file"), &version(5, Starts::Well));
        wait_for(&host, 5);
    }
}

#[test]
fn a_plugin_folder_that_becomes_one_that_was_watched_for_a_link_is_watched_all_the_same() {
    let outer = tempfile::tempdir().unwrap();
    let root = outer.path().to_owned();
    for folder in ["v1", "v2"] {
        fs::create_dir(root.join(folder)).unwrap();
    }
    put(&place(&root.join("v1")), &version(1, Starts::Well));
    symlink(place(&root.join("v1")), place(&root.join("v2"))).unwrap();
    let point = |to: &str| {
        symlink(to, root.join("new")).unwrap();
        fs::rename(root.join("new"), root.join("plugins")).unwrap();
    };
    point("v2");
    let host = Host::set_up(outer, |builder| builder.plugin_folder(root.join("plugins")));
    host.status();
    wait_for(&host, 1);
    put(&place(&root.join("v1")), &version(2, Starts::Well));
    wait_for(&host, 2);
    for (step, to) in (3..).zip(["v1", "v2", "v1", "v2"]) {
        point(to);
        // Nothing tells when the host has noticed, so a file is written until it is heard of.
        let mut number = step * 100;
        while which(&host) != Ok(number) {
            number += 1;
            put(&place(&root.join("v1")), &version(number, Starts::Well));
            if host.changes_within(std::time::Duration::from_secs(1)).is_empty() {
                assert!(number < step * 100 + 20, "nobody hears of it");
            }
        }
    }
}

#[test]
fn whatever_changes_above_a_plugin_folder_is_noticed() {
    let outer = tempfile::tempdir().unwrap();
    let root = outer.path().to_owned();
    for (number, folder) in [(1, "apps/v1/plugins"), (2, "apps/v2/plugins"), (3, "other/v1/plugins")] {
        fs::create_dir_all(root.join(folder)).unwrap();
        put(&place(&root.join(folder)), &version(number, Starts::Well));
    }
    symlink("v1", root.join("apps/current")).unwrap();
    let host = Host::set_up(outer, |builder| builder.plugin_folder(root.join("apps/current/plugins")));
    host.status();
    wait_for(&host, 1);
    symlink("v2", root.join("apps/new")).unwrap();
    fs::rename(root.join("apps/new"), root.join("apps/current")).unwrap();
    wait_for(&host, 2);
    put(&place(&root.join("apps/v2/plugins")), &version(4, Starts::Well));
    wait_for(&host, 4);
    symlink("v1", root.join("other/current")).unwrap();
    fs::rename(root.join("apps"), root.join("old")).unwrap();
    fs::rename(root.join("other"), root.join("apps")).unwrap();
    wait_for(&host, 3);
    put(&place(&root.join("apps/v1/plugins")), &version(5, Starts::Well));
    wait_for(&host, 5);
}

#[test]
fn a_link_within_a_plugin_folder_that_is_a_link_itself_is_followed() {
    let outer = tempfile::tempdir().unwrap();
    let root = outer.path().to_owned();
    fs::create_dir_all(root.join("real/below")).unwrap();
    put(&root.join("real/below/file"), &version(1, Starts::Well));
    symlink("below/file", place(&root.join("real"))).unwrap();
    symlink("real", root.join("plugins")).unwrap();
    let host = Host::set_up(outer, |builder| builder.plugin_folder(root.join("plugins")));
    host.status();
    wait_for(&host, 1);
    put(&root.join("real/below/file"), &version(2, Starts::Well));
    wait_for(&host, 2);
    fs::write(root.join("real/below/file"), version(3, Starts::Well)).unwrap();
    wait_for(&host, 3);
}
