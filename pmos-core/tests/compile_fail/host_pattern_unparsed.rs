// A host that a secret may be sent to is parsed, never put together.
use pmos_core::vault::HostPattern;

fn mix_up(host: String) -> HostPattern {
    HostPattern { host, port: None }
}

fn main() {}
