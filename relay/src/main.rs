//! The `roost` program: arguments in, exit code out.

fn main() -> std::process::ExitCode {
    relay::cli::run()
}
