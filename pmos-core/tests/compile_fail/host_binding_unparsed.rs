// A host that a secret may be sent to is parsed, never put together.
use pmos_core::vault::HostBinding;

fn mix_up(host: url::Host) -> HostBinding {
    HostBinding { host, port: None }
}

fn main() {}
