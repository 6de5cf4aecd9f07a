//! `cargo xtask mutants`: each guarantee is broken once, by name, and the test that promises it must notice.

use std::fs;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::services::Postgres;
use crate::setup;
use crate::shell::{command, observe};

/// A line of the product, broken.
struct Mutant {
    /// What is no longer done.
    name: &'static str,
    file: &'static str,
    from: &'static str,
    to: &'static str,
    /// Which tests of the integration tests must fail.
    caught_by: &'static str,
}

const MUTANTS: [Mutant; 10] = [
    Mutant {
        name: "SQLite commits without a flush (synchronous=NORMAL)",
        file: "relay/src/store/sqlite/open.rs",
        from: "pragma synchronous = full;",
        to: "pragma synchronous = normal;",
        caught_by: "power::",
    },
    Mutant {
        name: "PostgreSQL: acknowledged before the commit is known",
        file: "relay/src/store/postgres/batch.rs",
        from: "        events_added?;\n        messages_added?;\n        stored?;\n        counted?;\n        committed?;\n",
        to: "        let _ = (events_added, messages_added, stored, counted, committed);\n",
        caught_by: "cuts::",
    },
    Mutant {
        name: "SQLite: a message sent again is not recognised",
        file: "relay/src/store/sqlite/append.rs",
        from: "from message where author_id = ?1 and cmid = ?2",
        to: "from message where author_id = ?1 and cmid = ?2 and seq < 0",
        caught_by: "conversation::",
    },
    Mutant {
        name: "what this node knows is taken for all there is",
        file: "relay/src/hub/fanout.rs",
        from: "recent.filter(|events| events.last().is_some_and(|last| key.number(last) >= hinted))",
        to: "recent.filter(|_| hinted < u64::MAX)",
        caught_by: "nodes::",
    },
    Mutant {
        name: "lost hints are never looked for",
        file: "relay/src/hub/sweep.rs",
        from: "if now.is_multiple_of(SWEEP_S) || !hub.bus.is_whole() {",
        to: "if now == u32::MAX {",
        caught_by: "nodes::without_redis",
    },
    Mutant {
        name: "tokens are spent on one node only",
        file: "relay/src/store/postgres/nodes.rs",
        from: "Ok(self.db.execute(Scope::any(), text, &[&name.as_slice(), &until_ms]).await? > 0)",
        to: "Ok(self.db.execute(Scope::any(), text, &[&name.as_slice(), &until_ms]).await? < 2)",
        caught_by: "nodes::a_token",
    },
    Mutant {
        name: "SQLite: a flush that failed is taken for any other refusal",
        file: "relay/src/store/sqlite/writer.rs",
        from: "std::process::exit(70)",
        to: "StoreError::Failed(error.to_string())",
        caught_by: "disk_errors::a_disk",
    },
    Mutant {
        name: "a deaf Redis subscription is not noticed",
        file: "relay/src/bus/redis/listener.rs",
        from: "if heard_at.elapsed() > DEAF {",
        to: "if heard_at.elapsed() > DEAF * 1_000 {",
        caught_by: "lines::a_deaf_subscription",
    },
    Mutant {
        name: "time goes back with a node's clock",
        file: "relay/src/store/standing.rs",
        from: "at_ms: now_ms.max(self.last_event_at),",
        to: "at_ms: now_ms,",
        caught_by: "clocks::",
    },
    Mutant {
        name: "PostgreSQL does not keep workspaces apart",
        file: "relay/migrations/postgres/0001_first.sql",
        from: "execute format('alter table %I force row level security', name);",
        to: "execute format('alter table %I no force row level security', name);",
        caught_by: "second_wall::a_connection",
    },
];

/// The file of a mutant, whole again when this is dropped.
struct Broken {
    file: &'static str,
    whole: String,
}

impl Broken {
    fn new(mutant: &Mutant) -> Result<Self> {
        let whole =
            fs::read_to_string(mutant.file).with_context(|| format!("cannot read {}", mutant.file))?;
        if whole.matches(mutant.from).count() != 1 {
            bail!(
                "{}: `{}` does not stand there once any more; bring the mutant up to date",
                mutant.file,
                mutant.from
            );
        }
        let broken = whole.replace(mutant.from, mutant.to);
        let guard = Self { file: mutant.file, whole };
        fs::write(mutant.file, broken).with_context(|| format!("cannot write {}", mutant.file))?;
        Ok(guard)
    }
}

impl Drop for Broken {
    fn drop(&mut self) {
        if let Err(error) = fs::write(self.file, &self.whole) {
            println!("{} is still broken ({error}); `git checkout {}` mends it", self.file, self.file);
        }
    }
}

/// Tries all mutants, or those whose name contains `wanted`.
///
/// # Errors
/// When one is not caught.
pub(crate) fn run(wanted: Option<&str>) -> Result<()> {
    setup::services()?;
    let postgres = Postgres::start()?;
    let mut results = Vec::new();
    for mutant in MUTANTS.iter().filter(|mutant| wanted.is_none_or(|wanted| mutant.name.contains(wanted))) {
        println!("\n### {}", mutant.name);
        let started = Instant::now();
        let broken = Broken::new(mutant)?;
        let mut build = command("cargo", &["build", "--workspace", "--tests", "--bin", "roost"]);
        let is_built = observe(&mut build)?.is_success;
        let mut test =
            command("cargo", &["test", "--package", "tests", "--test", "it", "--", mutant.caught_by]);
        test.envs(postgres.environment());
        let is_caught = is_built && !observe(&mut test)?.is_success;
        drop(broken);
        results.push((mutant, is_built, is_caught, started.elapsed().as_secs_f64()));
    }
    println!("\n### Mutants");
    for (mutant, is_built, is_caught, seconds) in &results {
        let verdict = match (is_built, is_caught) {
            (false, _) => "does not compile",
            (true, true) => "caught",
            (true, false) => "NOT CAUGHT",
        };
        println!("{verdict:<18}{seconds:>7.1} s   {:<64} {}", mutant.name, mutant.caught_by);
    }
    if results.iter().any(|(_, _, is_caught, _)| !is_caught) {
        bail!("not every mutant was caught");
    }
    Ok(())
}
