//! The `pmos-server` binary.

fn main() -> std::process::ExitCode {
    pmos_server::cli::main()
}
