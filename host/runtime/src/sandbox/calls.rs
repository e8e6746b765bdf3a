//! Refuses system calls to this process, with a filter that the kernel runs: they fail with EPERM, as where the user lacks a right.
//!
//! Refused is the network, unless it is allowed; and always what signals, traces, limits or schedules other processes or shares memory
//! and queues with them, what starts programs, what changes the system or the namespace, what goes past this filter or past Landlock,
//! and what Landlock does not know of: modes, owners, times, attributes, and to hear of what happens in folders. All else is let
//! through: a list of what is allowed would break plugins with every new C library.
//!
//! A filter sees the number of an open file, and not whether that may be written. So none of these can be changed of open files either,
//! the plugin's own included. `fchmod` alone is told that it has succeeded, and nothing is done: `std::fs::copy` calls it for a file
//! that it has just made with that mode, and would fail.

use std::collections::BTreeMap;

use libc::{AF_INET, AF_INET6, AF_NETLINK, AF_UNIX, F_SETOWN, PR_SET_PDEATHSIG, SOCK_DGRAM, SOCK_RAW};
use seccompiler::SeccompCmpOp::{Eq, MaskedEq, Ne};
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, sock_filter,
};

use super::Half;
use crate::words;

/// A call, and the arguments with which it is refused; none stands for all.
type Refused = (i64, Vec<SeccompRule>);

/// A condition: which argument, how it is compared, with what.
type When = (u8, SeccompCmpOp, u64);

/// Refused whatever the arguments are.
const ALWAYS: &[i64] = &[
    // Other processes.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_tkill,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_kcmp,
    libc::SYS_migrate_pages,
    libc::SYS_move_pages,
    // Those that it has forked are to end with it.
    libc::SYS_setsid,
    libc::SYS_setpgid,
    // Memory and queues that processes of one user share.
    libc::SYS_shmget,
    libc::SYS_shmat,
    libc::SYS_shmctl,
    libc::SYS_semget,
    libc::SYS_semop,
    libc::SYS_semtimedop,
    libc::SYS_semctl,
    libc::SYS_msgget,
    libc::SYS_msgsnd,
    libc::SYS_msgrcv,
    libc::SYS_msgctl,
    libc::SYS_mq_open,
    libc::SYS_mq_unlink,
    // Programs.
    libc::SYS_execve,
    libc::SYS_execveat,
    // The kernel, and what goes past a filter.
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    KEXEC_FILE_LOAD,
    libc::SYS_syslog,
    libc::SYS_acct,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    // Where things are.
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_mount_setattr,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    OPEN_TREE_ATTR,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_open_by_handle_at,
    // Names and what happens to them, in any folder that the user may read.
    libc::SYS_fanotify_init,
    libc::SYS_inotify_add_watch,
    // Modes, owners, times and attributes: Landlock lets them pass everywhere.
    libc::SYS_fchmodat,
    FCHMODAT2,
    libc::SYS_fchownat,
    libc::SYS_fchown,
    libc::SYS_utimensat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_fsetxattr,
    SETXATTRAT,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_fremovexattr,
    REMOVEXATTRAT,
    FILE_SETATTR,
    // The same by their old names, which newer processors do not have.
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chmod,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chown,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_lchown,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_utime,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_utimes,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_futimesat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_iopl,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_ioperm,
];

/// Answered with a success, and not done. See the module.
const PRETENDED: i64 = libc::SYS_fchmod;

// Not every C library has a name for it.
const KEXEC_FILE_LOAD: i64 = if cfg!(target_arch = "x86_64") { 320 } else { 294 };
// The numbers of new calls are the same on all processors.
const FCHMODAT2: i64 = 452;
const SETXATTRAT: i64 = 463;
const REMOVEXATTRAT: i64 = 466;
const OPEN_TREE_ATTR: i64 = 467;
const FILE_SETATTR: i64 = 469;

const PRIO_PROCESS: u64 = 0;
const IOPRIO_WHO_PROCESS: u64 = 1;
const F_SETOWN_EX: i32 = 15;
// The same on both processors that are known here.
const TIOCSTI: u64 = 0x5412;
const TIOCLINUX: u64 = 0x541c;
const FIOSETOWN: u64 = 0x8901;
const SIOCSPGRP: u64 = 0x8902;

// Numbers for `ioctl` have a kind, and a mark if something is told to the kernel.
const IOCTL_KIND: u64 = 0xff00;
const IOCTL_TELLS: u64 = 0x4000_0000;
/// What tells file systems in general something of an open file, and those that XFS has begun with: marks, projects, keys.
const OF_FILES: [u64; 2] = [0x6600, 0x5800];
/// Btrfs's, which make and remove volumes in a folder that is open.
const OF_VOLUMES: u64 = 0x9400;
/// What has the same kind and has to do with the content alone: it asks for a file that may be written, or changes nothing.
const CLONES: [u64; 3] = [0x4004_9409, 0x4020_940d, 0xc018_9436];
const FS_IOC_SETVERSION: u64 = 0x4008_7602;
const FAT_IOCTL_SET_ATTRIBUTES: u64 = 0x4004_7211;

/// What makes a namespace, among the flags of `clone`.
const NAMESPACES: [i32; 7] = [
    libc::CLONE_NEWNS,
    libc::CLONE_NEWCGROUP,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
];

/// The kind of a socket, among what else stands in the same number.
const KIND: u64 = 0xf;

/// Which socket families there are with a network. Not those of this machine's services: the session's bus starts any program.
const FAMILIES: [i32; 3] = [AF_INET, AF_INET6, AF_NETLINK];

/// From this number on calls of the processor's other kind of program begin, which the list knows nothing of.
const OTHER_CALLS: u32 = 0x4000_0000;

/// See the module.
pub fn close(network: bool) -> Half {
    let closed = filters(network, std::process::id().into()).and_then(|filters| {
        filters.iter().try_for_each(|filter| {
            seccompiler::apply_filter_all_threads(filter).map_err(|error| error.to_string())
        })
    });
    closed.map_or_else(|detail| Half::Open(words::no_seccomp(&detail)), |()| Half::Closed)
}

/// The filters of a process with this number, in the order in which they are to be applied.
fn filters(network: bool, process: u64) -> Result<[BpfProgram; 4], String> {
    let target = TargetArch::try_from(std::env::consts::ARCH).map_err(|error| error.to_string())?;
    let refuse = |calls: BTreeMap<i64, Vec<SeccompRule>>, error: i32| {
        let action = SeccompAction::Errno(error.unsigned_abs());
        let filter = SeccompFilter::new(calls, SeccompAction::Allow, action, target)?;
        BpfProgram::try_from(filter)
    };
    let built = || -> Result<[BpfProgram; 4], BackendError> {
        // Its flags lie in memory, where no filter looks. C libraries take that for an old kernel, and use `clone`.
        let unseen = BTreeMap::from([(libc::SYS_clone3, Vec::new())]);
        let mut calls: BTreeMap<_, _> = ALWAYS.iter().map(|call| (*call, Vec::new())).collect();
        calls.extend(by_argument(process)?);
        calls.extend(of_sockets(network)?);
        let pretended = refuse(BTreeMap::from([(PRETENDED, Vec::new())]), 0)?;
        Ok([other_calls(), refuse(unseen, libc::ENOSYS)?, pretended, refuse(calls, libc::EPERM)?])
    };
    built().map_err(|error| error.to_string())
}

/// Calls that are refused with some arguments: where any of the rules holds, all of whose conditions hold.
fn by_argument(process: u64) -> Result<Vec<Refused>, BackendError> {
    let to_others = || rules(&[&[(0, Ne, process)]]);
    let other_than_own: &[&[When]] = &[&[(0, Ne, process), (0, Ne, 0)]];
    let namespaces = NAMESPACES.iter().map(|flag| one(0, masked(*flag), flag.cast_unsigned().into()));
    Ok(vec![
        // To itself: `abort` does so.
        (libc::SYS_kill, to_others()?),
        (libc::SYS_tgkill, to_others()?),
        // Limits of others can end them; 0 is oneself.
        (libc::SYS_prlimit64, rules(other_than_own)?),
        // How much of the processors others get. A thread may mean itself by 0: its number could be that of another process.
        (libc::SYS_sched_setaffinity, rules(other_than_own)?),
        (libc::SYS_sched_setparam, rules(other_than_own)?),
        (libc::SYS_sched_setscheduler, rules(other_than_own)?),
        (libc::SYS_sched_setattr, rules(other_than_own)?),
        (libc::SYS_setpriority, rules(&[&[(0, Ne, PRIO_PROCESS)], &[(1, Ne, process), (1, Ne, 0)]])?),
        (libc::SYS_ioprio_set, rules(&[&[(0, Ne, IOPRIO_WHO_PROCESS)], &[(1, Ne, process), (1, Ne, 0)]])?),
        (libc::SYS_clone, namespaces.collect::<Result<_, _>>()?),
        // It ends with the host.
        (libc::SYS_prctl, rules(&[&[(0, Eq, number(PR_SET_PDEATHSIG))]])?),
        // Signals to others, by way of a file.
        (libc::SYS_fcntl, rules(&[&[(1, Eq, number(F_SETOWN))], &[(1, Eq, number(F_SETOWN_EX))]])?),
        (libc::SYS_ioctl, of_open_files()?),
    ])
}

/// What would be asked of an open file, whatever that is.
fn of_open_files() -> Result<Vec<SeccompRule>, BackendError> {
    let tells = |kind: u64| [(1, MaskedEq(IOCTL_KIND | IOCTL_TELLS), kind | IOCTL_TELLS)];
    let (general, first_of_xfs) = (tells(OF_FILES[0]), tells(OF_FILES[1]));
    let mut volumes: Vec<When> = vec![(1, MaskedEq(IOCTL_KIND), OF_VOLUMES)];
    volumes.extend(CLONES.map(|clone| (1, Ne, clone)));
    rules(&[
        &[(1, Eq, FIOSETOWN)],
        &[(1, Eq, SIOCSPGRP)],
        // What types into the terminal that the host was started from.
        &[(1, Eq, TIOCSTI)],
        &[(1, Eq, TIOCLINUX)],
        &general,
        &first_of_xfs,
        &volumes,
        &[(1, Eq, FS_IOC_SETVERSION)],
        &[(1, Eq, FAT_IOCTL_SET_ATTRIBUTES)],
    ])
}

fn of_sockets(network: bool) -> Result<Vec<Refused>, BackendError> {
    let families: Vec<When> = FAMILIES.iter().map(|family| (0, Ne, number(*family))).collect();
    let sockets = if network { rules(&[&families])? } else { Vec::new() };
    // Those that keep no connection can be given another address later.
    let pairs = rules(&[
        &[(0, Ne, number(AF_UNIX))],
        &[(1, MaskedEq(KIND), number(SOCK_DGRAM))],
        &[(1, MaskedEq(KIND), number(SOCK_RAW))],
    ])?;
    Ok(vec![(libc::SYS_socket, sockets), (libc::SYS_socketpair, pairs)])
}

fn number(small: i32) -> u64 {
    small.cast_unsigned().into()
}

fn masked(flag: i32) -> SeccompCmpOp {
    MaskedEq(number(flag))
}

/// The kernel reads numbers of this kind as 32 bits, so what stands above does not count.
fn one(argument: u8, how: SeccompCmpOp, value: u64) -> Result<SeccompRule, BackendError> {
    SeccompRule::new(vec![SeccompCondition::new(argument, SeccompCmpArgLen::Dword, how, value)?])
}

fn rules(any: &[&[When]]) -> Result<Vec<SeccompRule>, BackendError> {
    let condition = |(argument, how, value): &When| {
        SeccompCondition::new(*argument, SeccompCmpArgLen::Dword, how.clone(), *value)
    };
    let rule = |all: &&[When]| SeccompRule::new(all.iter().map(condition).collect::<Result<_, _>>()?);
    any.iter().map(rule).collect()
}

/// On x86-64 every call has a second number, for programs with short pointers, which lists by number do not see. Calls of 32-bit
/// programs are another matter: the filters of the crate end a process that makes one.
fn other_calls() -> BpfProgram {
    const LOAD_NUMBER: u16 = 0x20;
    const JUMP_IF_AT_LEAST: u16 = 0x35;
    const RETURN: u16 = 0x06;
    let refuse = u32::from(SeccompAction::Errno(libc::EPERM.unsigned_abs()));
    let allow = u32::from(SeccompAction::Allow);
    vec![
        sock_filter { code: LOAD_NUMBER, jt: 0, jf: 0, k: 0 },
        sock_filter { code: JUMP_IF_AT_LEAST, jt: 0, jf: 1, k: OTHER_CALLS },
        sock_filter { code: RETURN, jt: 0, jf: 0, k: refuse },
        sock_filter { code: RETURN, jt: 0, jf: 0, k: allow },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filters_are_made_with_and_without_a_network_and_differ() {
        let (without, with) = (filters(false, 1).unwrap(), filters(true, 1).unwrap());
        assert_ne!(without[3], with[3]);
        assert_eq!(without[..3], with[..3]);
        assert_ne!(filters(false, 2).unwrap()[3], without[3], "each process may signal itself");
    }
}
