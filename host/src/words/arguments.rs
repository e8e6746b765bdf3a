//! The sentences about an application's own arguments. What is wrong with the configuration of one follows [`bad_arguments`].

use std::path::Path;

use super::short;

pub fn bad_name(name: &str) -> String {
    format!("an argument cannot be called `{}`: letters, digits, `-` and `_`", short(name))
}

pub fn twice(name: &str) -> String {
    format!("`{}` is there twice, or is one that the host needs", short(name))
}

pub fn global_and_required(name: &str) -> String {
    format!("`{}` cannot be global and required", short(name))
}

pub fn bad_counts(name: &str) -> String {
    format!("the numbers of values of `{}` contradict each other, or it takes none", short(name))
}

pub fn no_such_other(name: &str, other: &str) -> String {
    format!("`{}` names `{}`, and there is no such argument", short(name), short(other))
}

pub fn placed_and_named(name: &str) -> String {
    format!("`{}` has an index, and so no letter", short(name))
}

pub fn bad_places() -> String {
    "the `index` of arguments must count from 1 on without a gap, those that are required first, and one that takes several values last".to_owned()
}

/// To follow what clap says of arguments that do not fit.
pub fn where_they_stand(file: &Path) -> String {
    format!(
        "these are arguments of the application itself; which there are is said as [[host.cli.args]] in {}",
        file.display()
    )
}

/// To precede what is wrong.
pub fn bad_arguments(file: &Path) -> String {
    format!("{}: [host.cli]", file.display())
}
