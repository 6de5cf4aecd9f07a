//! Who is here. Nothing durable depends on it.

use std::collections::{BTreeMap, HashMap};

use protocol::frame::{Availability, Face, Presence};
use protocol::ids::{ContactId, PersonId, WorkspaceId};

use super::roll_call::differences;
use super::{Hub, Session, Who, lock};
use crate::bus::Hint;
use crate::store::Connected;

/// How long somebody may be away before the others are told: a reload or a restart is not a departure.
const GRACE_S: u32 = 10;

#[derive(Debug)]
struct Seen {
    sockets: u32,
    name: Box<str>,
    state: Presence,
    /// When the last socket closed.
    gone_at_s: Option<u32>,
}

/// Sockets by person and by contact.
#[derive(Debug, Default)]
pub(super) struct PresenceBook {
    people: HashMap<(WorkspaceId, PersonId), Seen>,
    contacts: HashMap<ContactId, u32>,
    /// The people connected to other nodes, as those last said.
    elsewhere: Vec<Connected>,
}

impl PresenceBook {
    /// The people connected here.
    pub(super) fn connected(&self) -> Vec<Connected> {
        let people = self.people.iter().map(|((workspace, person), seen)| Connected {
            workspace: *workspace,
            person: *person,
            name: seen.name.to_string(),
            state: seen.state,
        });
        let mut people: Vec<Connected> = people.collect();
        people.sort_by_key(|one| (one.workspace, one.person));
        people
    }

    /// Notes who is connected elsewhere; gives what changed for those who look.
    pub(super) fn replace_elsewhere(
        &mut self,
        elsewhere: Vec<Connected>,
    ) -> BTreeMap<(WorkspaceId, PersonId), Presence> {
        let before = std::mem::replace(&mut self.elsewhere, elsewhere);
        differences(&before, &self.elsewhere, |(workspace, person)| self.state(workspace, person))
    }

    /// What others see of a person. Who is here says it themselves.
    fn state(&self, workspace: WorkspaceId, person: PersonId) -> Presence {
        let here = self.people.get(&(workspace, person)).map(|seen| seen.state);
        let there = || self.elsewhere.iter().find(|one| (one.workspace, one.person) == (workspace, person));
        here.or_else(|| there().map(|one| one.state)).unwrap_or(Presence::Offline)
    }
}

impl Hub {
    pub(super) fn came(&self, session: &Session) {
        let hint = {
            let mut book = lock(&self.presence);
            match &session.who {
                Who::Agent(seat) => {
                    let seen = book.people.entry((seat.workspace, seat.person)).or_insert_with(|| Seen {
                        sockets: 0,
                        name: seat.name.clone(),
                        state: Presence::Online,
                        gone_at_s: None,
                    });
                    seen.sockets += 1;
                    let is_news = seen.sockets == 1 && seen.gone_at_s.take().is_none();
                    is_news.then_some(Hint::PersonPresence {
                        workspace: seat.workspace,
                        person: seat.person,
                        state: seen.state,
                    })
                }
                Who::Visitor(seat) => {
                    let sockets = book.contacts.entry(seat.contact).or_default();
                    *sockets += 1;
                    (*sockets == 1).then_some(Hint::ContactPresence {
                        workspace: seat.workspace,
                        division: seat.division,
                        contact: seat.contact,
                        state: Presence::Online,
                    })
                }
            }
        };
        if let Some(hint) = hint {
            self.announce(hint);
        }
    }

    pub(super) fn went(&self, session: &Session) {
        let hint = {
            let mut book = lock(&self.presence);
            match &session.who {
                Who::Agent(seat) => {
                    if let Some(seen) = book.people.get_mut(&(seat.workspace, seat.person)) {
                        seen.sockets = seen.sockets.saturating_sub(1);
                        if seen.sockets == 0 {
                            seen.gone_at_s = Some(super::sweep::now_s());
                        }
                    }
                    None
                }
                Who::Visitor(seat) => {
                    let left = book.contacts.get_mut(&seat.contact).map(|sockets| {
                        *sockets = sockets.saturating_sub(1);
                        *sockets
                    });
                    (left == Some(0)).then(|| {
                        book.contacts.remove(&seat.contact);
                        let (workspace, division) = (seat.workspace, seat.division);
                        Hint::ContactPresence {
                            workspace,
                            division,
                            contact: seat.contact,
                            state: Presence::Offline,
                        }
                    })
                }
            }
        };
        if let Some(hint) = hint {
            self.announce(hint);
        }
    }

    /// A person chose another availability.
    pub fn set_availability(&self, workspace: WorkspaceId, person: PersonId, state: Presence) {
        let is_news = {
            let mut book = lock(&self.presence);
            let seen = book.people.get_mut(&(workspace, person));
            seen.is_some_and(|seen| std::mem::replace(&mut seen.state, state) != state)
        };
        if is_news {
            self.announce(Hint::PersonPresence { workspace, person, state });
        }
    }

    /// Forgets the people whose grace is over.
    pub(super) fn sweep_presence(&self) {
        let now = super::sweep::now_s();
        let mut gone = Vec::new();
        lock(&self.presence).people.retain(|(workspace, person), seen| {
            let is_gone =
                seen.sockets == 0 && seen.gone_at_s.is_some_and(|at| now.saturating_sub(at) >= GRACE_S);
            if is_gone {
                gone.push((*workspace, *person));
            }
            !is_gone
        });
        for (workspace, person) in gone {
            // Perhaps still connected to another node.
            let state = self.presence_of(workspace, person);
            self.announce(Hint::PersonPresence { workspace, person, state });
        }
    }

    fn announce(&self, hint: Hint) {
        let workspace = match &hint {
            Hint::PersonPresence { workspace, .. } => Some(*workspace),
            _ => None,
        };
        if let Some(workspace) = workspace {
            self.tell_availability(workspace);
            self.roll_call.notify_one();
        }
        self.bus.publish(hint);
    }

    pub fn is_contact_here(&self, contact: ContactId) -> bool {
        lock(&self.presence).contacts.contains_key(&contact)
    }

    /// The name of somebody who is connected, here or elsewhere.
    pub(super) fn name_of(&self, person: &str) -> Option<String> {
        let person: PersonId = person.parse().ok()?;
        let book = lock(&self.presence);
        let here =
            book.people.iter().find(|((_, id), _)| *id == person).map(|(_, seen)| seen.name.to_string());
        here.or_else(|| book.elsewhere.iter().find(|one| one.person == person).map(|one| one.name.clone()))
    }

    /// What others see of a person: offline when no socket is open.
    pub fn presence_of(&self, workspace: WorkspaceId, person: PersonId) -> Presence {
        lock(&self.presence).state(workspace, person)
    }

    /// Whether somebody is there to answer, and who, for visitors.
    pub fn availability(&self, workspace: WorkspaceId) -> Availability {
        let book = lock(&self.presence);
        let here =
            book.people.iter().filter(|((w, _), seen)| *w == workspace && seen.state == Presence::Online);
        let there =
            book.elsewhere.iter().filter(|one| one.workspace == workspace && one.state == Presence::Online);
        let mut names: Vec<String> =
            here.map(|(_, seen)| seen.name.to_string()).chain(there.map(|one| one.name.clone())).collect();
        names.sort();
        names.dedup();
        Availability {
            online: !names.is_empty(),
            faces: names.into_iter().take(3).map(|name| Face { name }).collect(),
        }
    }
}
