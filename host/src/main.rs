//! The `plugin-host` program: parses, runs, and tells by its exit code how it went.

fn main() {
    std::process::exit(plugin_host::cli::run(std::env::args_os()))
}
