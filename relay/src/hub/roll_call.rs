//! Who is connected to the other nodes. Each says so in the store for a few seconds at a time; one that dies falls silent.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use protocol::frame::{Presence, PresenceChange, ServerFrame};
use protocol::ids::{PersonId, WorkspaceId};

use super::{Hub, encode, lock};
use crate::bus::Hint;
use crate::shutdown::Shutdown;
use crate::store::Connected;

const EVERY: Duration = Duration::from_secs(5);
/// A node that has been silent for this long is dead.
const TTL_MS: i64 = 15_000;

type Person = (WorkspaceId, PersonId);

impl Hub {
    pub(super) fn start_roll_call(self: &Arc<Self>, node: String, shutdown: &Shutdown) {
        let (hub, stop) = (Arc::clone(self), shutdown.clone());
        shutdown.spawn("hub-roll-call", async move {
            let mut tick = tokio::time::interval(EVERY);
            let mut noted = Vec::new();
            loop {
                tokio::select! {
                    () = stop.stopped() => break,
                    _ = tick.tick() => {}
                    () = hub.roll_call.notified() => {}
                }
                if let Err(error) = hub.call_roll(&node, &mut noted).await {
                    tracing::warn!(%error, "it is not known who is connected to other nodes; trying again");
                }
            }
            if let Err(error) = hub.store.release(&node).await {
                tracing::debug!(%error, "this node's leave was not noted; it runs out by itself");
            }
        });
    }

    /// `noted` is what this node said of itself the last time.
    async fn call_roll(
        &self,
        node: &str,
        noted: &mut Vec<Connected>,
    ) -> Result<(), crate::store::StoreError> {
        let here = lock(&self.presence).connected();
        let elsewhere = self.store.lease(node, &here, TTL_MS).await?.into_iter().flatten().collect();
        if *noted != here {
            *noted = here;
            self.bus.publish(Hint::PeopleNoted);
        }
        let changed = lock(&self.presence).replace_elsewhere(elsewhere);
        let workspaces: BTreeSet<WorkspaceId> = changed.keys().map(|(workspace, _)| *workspace).collect();
        for ((workspace, person), state) in changed {
            let change = PresenceChange { person: Some(person), contact: None, state };
            self.tell_agents(workspace, &ServerFrame::Presence(change), None);
        }
        for workspace in workspaces {
            self.tell_availability(workspace);
        }
        Ok(())
    }

    /// Tells a workspace's visitors who is there to answer.
    pub(super) fn tell_availability(&self, workspace: WorkspaceId) {
        let frame = encode(&ServerFrame::Availability(self.availability(workspace)));
        for session in self.everybody() {
            if session.workspace() == workspace && session.visitor().is_some() {
                session.offer(frame.clone());
            }
        }
    }
}

/// What differs between two lists, as what others now see.
pub(super) fn differences(
    before: &[Connected],
    after: &[Connected],
    see: impl Fn(Person) -> Presence,
) -> BTreeMap<Person, Presence> {
    let key = |one: &Connected| (one.workspace, one.person);
    let as_map = |list: &[Connected]| -> BTreeMap<Person, Presence> {
        list.iter().map(|one| (key(one), one.state)).collect()
    };
    let (before, after) = (as_map(before), as_map(after));
    let people: BTreeSet<Person> = before.keys().chain(after.keys()).copied().collect();
    people
        .into_iter()
        .filter(|person| before.get(person) != after.get(person))
        .map(|person| (person, see(person)))
        .collect()
}
