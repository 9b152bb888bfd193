//! Tells the addon of which releases it is made, as Cargo.lock has them.

fn main() {
    #[cfg(feature = "addon")]
    {
        napi_build::setup();
        println!("cargo:rerun-if-changed=Cargo.lock");
        let lock = std::fs::read_to_string("Cargo.lock").expect("Cargo.lock lies beside build.rs");
        for (name, variable) in [("h2", "H2_VERSION"), ("rustls", "RUSTLS_VERSION")] {
            let version =
                locked_version(&lock, name).unwrap_or_else(|| panic!("Cargo.lock names no version of {name}"));
            println!("cargo:rustc-env={variable}={version}");
        }
    }
}

#[cfg(feature = "addon")]
fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let (_, entry) = lock.split_once(&format!("name = \"{package}\"\nversion = \""))?;
    entry.split('"').next()
}
