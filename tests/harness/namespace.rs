//! A network of the test's own, behind one cable that can be unplugged: packets vanish, and nobody is told. A proxy cannot do that,
//! because the system goes on confirming what it sends.
//!
//! Needs root. Nothing but the two ends of the cable has an address here.

use std::process::Command;

pub struct Namespace {
    pub name: String,
    /// Whoever is inside.
    pub address: String,
    inner: String,
}

impl Namespace {
    pub fn make() -> Self {
        let process = std::process::id();
        let (name, outer, inner) =
            (format!("roost{process}"), format!("ro{process}"), format!("ri{process}"));
        let network = format!("10.231.{}", process % 256);
        let (here, there) = (format!("{network}.1/30"), format!("{network}.2/30"));
        let namespace = Self { name, address: format!("{network}.2"), inner };
        let (name, inner) = (namespace.name.as_str(), namespace.inner.as_str());
        let (outer, here, there) = (outer.as_str(), here.as_str(), there.as_str());
        for words in [
            ["netns", "add", name].as_slice(),
            &["link", "add", outer, "type", "veth", "peer", "name", inner, "netns", name],
            &["address", "add", here, "dev", outer],
            &["link", "set", outer, "up"],
            &["-n", name, "address", "add", there, "dev", inner],
            &["-n", name, "link", "set", inner, "up"],
            &["-n", name, "link", "set", "lo", "up"],
        ] {
            ip(words);
        }
        namespace
    }

    /// The far end is unplugged: the near one, its address and its route stay, so that nothing goes anywhere else.
    pub fn unplug(&self) {
        ip(&["-n", &self.name, "link", "set", &self.inner, "down"]);
    }

    pub fn plug_in(&self) {
        ip(&["-n", &self.name, "link", "set", &self.inner, "up"]);
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        // The cable goes with it. What is left behind reaches nobody.
        let _ = Command::new("ip").args(["netns", "delete", &self.name]).status();
    }
}

fn ip(words: &[&str]) {
    assert!(
        Command::new("ip").args(words).status().is_ok_and(|status| status.success()),
        "`ip {}` needs root; `cargo xtask check it` leaves this test out where that is not to be had",
        words.join(" ")
    );
}
