//! What the integration tests stand on: a relay on a temporary folder, people who use it, and the checker of histories.
//!
//! - [`relay`]: a server in this process; [`process`]: the real binary, to be killed and started again.
//! - [`http`], [`socket`]: the thinnest clients, so that tests can also send what no proper client would.
//! - [`database`]: what is stored, seen without the program.
//! - [`personas`]: a visitor, somebody who works here.
//! - [`proxy`], [`namespace`], [`preload`], [`mounts`], [`postgres`]: lines, clocks, disks and a database that fail when told to.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop where it is"
)]

pub mod cluster;
pub mod crowd;
pub mod database;
pub mod driven;
pub mod fixture;
pub mod fleet;
pub mod folder;
pub mod histcheck;
pub mod http;
pub mod identity;
pub mod journal;
pub mod mounts;
pub mod namespace;
pub mod personas;
pub mod postgres;
pub mod preload;
pub mod process;
pub mod proxy;
pub mod random;
pub mod relay;
pub mod routes;
pub mod socket;
pub mod talker;
pub mod until;
