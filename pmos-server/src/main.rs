//! The `pmos-server` binary.

/// A request makes many small pieces on one thread and drops them on another.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    pmos_server::cli::main()
}
