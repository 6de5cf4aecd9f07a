//! Who is signed in, as far as this tab knows.

use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::api::{Me, Role};

use crate::api::{self, Failure};

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Standing {
    /// Not asked yet.
    Unknown,
    Anonymous,
    SignedIn(Box<Me>),
    /// Asked, and no answer came; the words say why.
    Unreachable(String),
}

#[derive(Clone, Copy)]
pub(crate) struct Session {
    pub(crate) standing: RwSignal<Standing>,
}

impl Session {
    pub(crate) fn start() -> Self {
        let session = Self { standing: RwSignal::new(Standing::Unknown) };
        api::on_signed_out(Callback::new(move |()| session.standing.set(Standing::Anonymous)));
        session.ask();
        session
    }

    /// Asks the relay who is signed in.
    pub(crate) fn ask(self) {
        spawn_local(async move {
            let standing = match api::read::<Me>("/api/me").await {
                Ok(me) => Standing::SignedIn(Box::new(me)),
                Err(failure) if failure.status() == Some(401) => Standing::Anonymous,
                Err(failure @ (Failure::Unreachable | Failure::Refused(_) | Failure::Unreadable)) => {
                    Standing::Unreachable(failure.words())
                }
            };
            self.standing.set(standing);
        });
    }

    pub(crate) fn sign_in(self, me: Me) {
        self.standing.set(Standing::SignedIn(Box::new(me)));
    }

    pub(crate) fn sign_out(self) {
        spawn_local(async move {
            // Whatever the answer, this tab is done; a session the relay kept ends by itself.
            api::post_quietly("/api/auth/logout", &()).await.ok();
            self.standing.set(Standing::Anonymous);
        });
    }
}

/// The signed-in person, for every screen behind the sign-in.
#[derive(Clone, Copy)]
pub(crate) struct Seat {
    pub(crate) me: RwSignal<Me>,
}

impl Seat {
    /// Whether the person may see campaigns.
    pub(crate) fn may_supervise(self) -> bool {
        self.me.with(|me| me.role <= Role::Supervisor)
    }

    /// Whether the person may change campaigns and people.
    pub(crate) fn is_admin(self) -> bool {
        self.me.with(|me| me.role <= Role::Admin)
    }
}
