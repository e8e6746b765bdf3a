//! Who else can write to a file, or put another in its place: as sshd asks of the files that it believes.
//!
//! Only the user of this process and root may write the file, any folder on the way to it, and any link on that way. A folder that
//! is sticky, as `/tmp`, may be written by all: there each can remove but their own. A group may write that is the user's own and
//! has no other member, as Debian's sshd allows. What else root allows itself, as mounting over a folder, is not looked at.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use nix::unistd::{Gid, Group, Uid, User};

use crate::links;
use crate::words;

/// Where the users of this system are listed, if they are.
const USERS: &str = "/etc/passwd";

const WRITABLE_BY_ALL: u32 = 0o002;
const WRITABLE_BY_GROUP: u32 = 0o020;
const STICKY: u32 = 0o1000;

/// Whom a place should be none of the business of.
#[derive(Debug, PartialEq, Eq)]
pub enum Who {
    /// Everybody may write to it.
    Everybody,
    /// A group may.
    Group(String),
    /// Those may whom a list beside the mode names.
    Listed,
    /// It belongs to this user; `own` is who it should belong to.
    Owner { is: String, own: String },
}

/// Why a file may become another one without its user's doing.
#[derive(Debug, PartialEq, Eq)]
pub enum Fault {
    /// Others may write to this place.
    Others {
        /// The file itself, a folder on the way to it, or a link there.
        place: PathBuf,
        /// What it is.
        kind: Kind,
        /// Who they are.
        who: Who,
    },
    /// The system does not tell.
    Unknown(PathBuf, String),
}

/// What a place is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The file.
    File,
    /// A folder on the way.
    Folder,
    /// A link on the way. It has no mode of its own.
    Link,
}

/// Asks for `file`, which was opened at `path`, and for all on the way there from the root.
pub fn check(file: &File, path: &Path) -> Result<(), Fault> {
    let unknown = |place: &Path| {
        let place = place.to_owned();
        |error: io::Error| Fault::Unknown(place, words::unreadable(&error.to_string()))
    };
    let path = std::path::absolute(path).map_err(unknown(path))?;
    let mut places = links::passed(&path);
    // In its place counts what was opened.
    let end = places.pop().unwrap_or(path);
    for place in places {
        let metadata = fs::symlink_metadata(&place).map_err(unknown(&place))?;
        let kind = if metadata.is_symlink() { Kind::Link } else { Kind::Folder };
        others(&metadata, kind, || lists::of_place(&place))
            .map_or(Ok(()), |who| Err(Fault::Others { place, kind, who }))?;
    }
    let metadata = file.metadata().map_err(unknown(&end))?;
    let who = others(&metadata, Kind::File, || lists::of_file(file));
    who.map_or(Ok(()), |who| Err(Fault::Others { place: end, kind: Kind::File, who }))
}

/// Who else may write what has these properties. `has_list` tells whether it has a list of users beside its mode, whose bits for
/// the group then bound that list.
fn others(metadata: &Metadata, kind: Kind, has_list: impl FnOnce() -> bool) -> Option<Who> {
    let own = rustix::process::geteuid().as_raw();
    let (mode, owner) = (metadata.mode(), metadata.uid());
    if owner != own && owner != 0 && !(kind == Kind::Folder && is_nobody_here(owner)) {
        return Some(Who::Owner { is: user_name(owner), own: user_name(own) });
    }
    let is_sticky = kind == Kind::Folder && mode & STICKY != 0;
    if kind == Kind::Link || is_sticky {
        return None;
    }
    if mode & WRITABLE_BY_ALL != 0 {
        return Some(Who::Everybody);
    }
    if mode & WRITABLE_BY_GROUP == 0 {
        return None;
    }
    if has_list() {
        return Some(Who::Listed);
    }
    let group = metadata.gid();
    // Root can write everywhere.
    let is_private = [own, 0].into_iter().any(|user| is_private(group, user));
    (!is_private).then(|| Who::Group(group_name(group)))
}

/// Whether an owner is one whom this user namespace does not know, as in a container the root of what is outside of it: who is in there
/// cannot become that user, and sees the folders on the way to its own under that number.
#[cfg(target_os = "linux")]
fn is_nobody_here(owner: u32) -> bool {
    let number = |file: &str| fs::read_to_string(file).ok().and_then(|text| text.trim().parse().ok());
    let unknown = number("/proc/sys/kernel/overflowuid").unwrap_or(65534_u32);
    owner == unknown && fs::read_to_string("/proc/self/uid_map").is_ok_and(|map| is_partial(&map))
}

#[cfg(not(target_os = "linux"))]
fn is_nobody_here(_owner: u32) -> bool {
    false
}

/// Whether a namespace knows less than all users: the first one has them all, in one line.
#[cfg(target_os = "linux")]
fn is_partial(map: &str) -> bool {
    map.split_ascii_whitespace().ne(["0", "0", "4294967295"])
}

/// Whether places have lists of users beside their modes.
#[cfg(target_os = "linux")]
mod lists {
    use std::fs::File;
    use std::path::Path;

    use rustix::io::{Errno, Result};

    const NAME: &str = "system.posix_acl_access";

    pub fn of_place(place: &Path) -> bool {
        is_there(rustix::fs::getxattr(place, NAME, &mut [0_u8; 0][..]))
    }

    pub fn of_file(file: &File) -> bool {
        is_there(rustix::fs::fgetxattr(file, NAME, &mut [0_u8; 0][..]))
    }

    /// Where the system says nothing that is known, there may be one.
    fn is_there(answer: Result<usize>) -> bool {
        !matches!(answer, Err(Errno::NODATA | Errno::NOTSUP | Errno::NOSYS))
    }
}

/// Other systems keep them in ways of their own, which are not looked at.
#[cfg(not(target_os = "linux"))]
mod lists {
    pub fn of_place(_place: &std::path::Path) -> bool {
        false
    }

    pub fn of_file(_file: &std::fs::File) -> bool {
        false
    }
}

/// Whether a group has this user alone in it.
fn is_private(group: u32, user: u32) -> bool {
    let (Ok(Some(group)), Ok(Some(user))) =
        (Group::from_gid(Gid::from_raw(group)), User::from_uid(Uid::from_raw(user)))
    else {
        return false;
    };
    // Where it cannot be read, the group's own list of members is all there is.
    let users = fs::read_to_string(USERS).unwrap_or_default();
    has_one_member(&group, &user, &users)
}

/// Whether `group` is the one of `user` and of nobody else. Who has it as their first group is not among its members, and is looked
/// for in the list of `users`; one that is not called as its user may have any number of those, known to other systems.
fn has_one_member(group: &Group, user: &User, users: &str) -> bool {
    let own = user.gid == group.gid && user.name == group.name;
    let alone = group.mem.iter().all(|member| *member == user.name);
    let first_group_of_another = users.lines().any(|line| {
        let mut fields = line.split(':').skip(2).map(str::parse::<u32>);
        let (Some(Ok(id)), Some(Ok(group_of))) = (fields.next(), fields.next()) else { return false };
        group_of == group.gid.as_raw() && id != user.uid.as_raw()
    });
    own && alone && !first_group_of_another
}

fn user_name(id: u32) -> String {
    User::from_uid(Uid::from_raw(id)).ok().flatten().map_or_else(|| id.to_string(), |user| user.name)
}

fn group_name(id: u32) -> String {
    Group::from_gid(Gid::from_raw(id)).ok().flatten().map_or_else(|| id.to_string(), |group| group.name)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, chown, symlink};

    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn a_namespace_that_knows_all_users_is_told_from_one_that_does_not() {
        assert!(!is_partial("         0          0 4294967295\n"));
        assert!(is_partial("0 1000 1\n") && is_partial("0 100000 65536\n"));
        assert!(is_partial("0 0 1\n1 1 4294967294\n"));
    }

    /// A folder with two folders in it and a file in the inner one, by names without links.
    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        for (place, mode) in [("", 0o700), ("outer", 0o755), ("outer/inner", 0o755)] {
            fs::create_dir_all(root.join(place)).unwrap();
            set_mode(&root.join(place), mode);
        }
        fs::write(root.join("outer/inner/file"), "").unwrap();
        set_mode(&root.join("outer/inner/file"), 0o644);
        (folder, root)
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn look(path: &Path) -> Result<(), Fault> {
        check(&File::open(path).unwrap(), path)
    }

    /// Of which place it is said that others may write to it.
    fn place(path: &Path) -> Option<(PathBuf, Kind)> {
        match look(path) {
            Ok(()) => None,
            Err(Fault::Others { place, kind, .. }) => Some((place, kind)),
            Err(Fault::Unknown(place, reason)) => panic!("{}: {reason}", place.display()),
        }
    }

    #[test]
    fn what_all_may_write_is_told_be_it_the_file_or_a_folder_on_the_way() {
        let (_folder, root) = folder();
        let file = root.join("outer/inner/file");
        assert_eq!(look(&file), Ok(()));
        for (name, kind, before) in [
            ("outer", Kind::Folder, 0o755),
            ("outer/inner", Kind::Folder, 0o755),
            ("outer/inner/file", Kind::File, 0o644),
        ] {
            set_mode(&root.join(name), 0o777);
            let who = Who::Everybody;
            assert_eq!(look(&file), Err(Fault::Others { place: root.join(name), kind, who }));
            set_mode(&root.join(name), 0o1777);
            assert_eq!(place(&file).is_none(), kind == Kind::Folder, "a sticky {name}");
            set_mode(&root.join(name), before);
            assert_eq!(look(&file), Ok(()));
        }
    }

    #[test]
    fn a_link_leads_through_folders_that_are_looked_at_as_well() {
        let (_folder, root) = folder();
        fs::create_dir(root.join("plugins")).unwrap();
        fs::create_dir(root.join("aside")).unwrap();
        symlink("../aside/link", root.join("plugins/link")).unwrap();
        symlink("../outer/inner/../inner/file", root.join("aside/link")).unwrap();
        let link = root.join("plugins/link");
        assert_eq!(look(&link), Ok(()));
        for name in ["plugins", "aside", "outer", "outer/inner"] {
            let before = fs::metadata(root.join(name)).unwrap().mode();
            set_mode(&root.join(name), 0o777);
            assert_eq!(place(&link), Some((root.join(name), Kind::Folder)));
            set_mode(&root.join(name), before);
        }
        assert_eq!(look(&link), Ok(()));
    }

    #[test]
    fn what_belongs_to_somebody_else_is_told_with_their_name_but_for_root() {
        let (_folder, root) = folder();
        let file = root.join("outer/inner/file");
        let link = root.join("link");
        symlink(&file, &link).unwrap();
        let somebody = 54_321;
        if chown(&file, Some(somebody), None).is_err() {
            println!("skipped: only root can give a file to somebody else");
            return;
        }
        let is_theirs = |place: PathBuf, kind| {
            let who = Who::Owner { is: somebody.to_string(), own: "root".to_owned() };
            Err(Fault::Others { place, kind, who })
        };
        assert_eq!(look(&file), is_theirs(file.clone(), Kind::File));
        chown(&file, Some(0), None).unwrap();
        chown(root.join("outer"), Some(somebody), None).unwrap();
        assert_eq!(look(&file), is_theirs(root.join("outer"), Kind::Folder));
        chown(root.join("outer"), Some(0), None).unwrap();
        std::os::unix::fs::lchown(&link, Some(somebody), None).unwrap();
        assert_eq!(look(&link), is_theirs(link.clone(), Kind::Link));
        assert_eq!(look(&file), Ok(()));
    }

    #[test]
    fn a_group_may_write_only_where_it_is_the_users_own() {
        let (_folder, root) = folder();
        let file = root.join("outer/inner/file");
        set_mode(&file, 0o664);
        let group = fs::metadata(&file).unwrap().gid();
        let own = rustix::process::geteuid().as_raw();
        assert_eq!(look(&file).is_ok(), is_private(group, own) || is_private(group, 0));
        let somebodys = 54_321;
        if chown(&file, None, Some(somebodys)).is_err() {
            println!("skipped: only root can give a file to any group");
            return;
        }
        let who = Who::Group(somebodys.to_string());
        assert_eq!(look(&file), Err(Fault::Others { place: file.clone(), kind: Kind::File, who }));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_list_beside_the_mode_counts_where_it_lets_somebody_write() {
        // As the system keeps it: the version, then kind, rights and number of each; the one in the middle lets user 54321 write.
        let list = |mask: u16| -> Vec<u8> {
            let of = |kind: u16, rights: u16, number: u32| {
                [&kind.to_le_bytes()[..], &rights.to_le_bytes(), &number.to_le_bytes()].concat()
            };
            let all = u32::MAX;
            let entries =
                [of(1, 6, all), of(2, 6, 54_321), of(4, 4, all), of(16, mask, all), of(32, 4, all)].concat();
            [&2_u32.to_le_bytes()[..], &entries].concat()
        };
        let (_folder, root) = folder();
        let file = root.join("outer/inner/file");
        for (mask, who) in [(6, Some(Who::Listed)), (4, None)] {
            let flags = rustix::fs::XattrFlags::empty();
            if rustix::fs::setxattr(&file, "system.posix_acl_access", &list(mask), flags).is_err() {
                println!("skipped: the folder for temporary files knows no access lists");
                return;
            }
            let place = file.clone();
            let fault = who.map_or(Ok(()), |who| Err(Fault::Others { place, kind: Kind::File, who }));
            assert_eq!(look(&file), fault);
        }
    }

    #[test]
    fn a_group_is_private_with_one_member_who_is_called_as_it() {
        let group = |name: &str, members: &[&str]| Group {
            name: name.to_owned(),
            passwd: c"x".to_owned(),
            gid: Gid::from_raw(1000),
            mem: members.iter().map(ToString::to_string).collect(),
        };
        let mut anna = User::from_uid(Uid::from_raw(0)).unwrap().expect("root is known");
        (anna.name, anna.uid, anna.gid) = ("anna".to_owned(), Uid::from_raw(1000), Gid::from_raw(1000));
        let users = "root:x:0:0:root:/root:/bin/sh\ngarbage\nanna:x:1000:1000::/home/anna:/bin/sh\n";
        let others = format!("{users}bert:x:1001:1000::/home/bert:/bin/sh\n");
        assert!(has_one_member(&group("anna", &[]), &anna, users));
        assert!(has_one_member(&group("anna", &["anna"]), &anna, users));
        assert!(!has_one_member(&group("anna", &["anna", "bert"]), &anna, users));
        assert!(!has_one_member(&group("anna", &[]), &anna, &others), "bert has it as his first group");
        assert!(!has_one_member(&group("staff", &[]), &anna, users), "it may have members elsewhere");
        anna.gid = Gid::from_raw(100);
        assert!(!has_one_member(&group("anna", &[]), &anna, users), "it is not her own");
    }
}
