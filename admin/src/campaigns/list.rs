//! The campaigns as cards.

use leptos::prelude::*;
use protocol::api::Campaign;

use crate::place::Place;
use crate::session::Seat;
use crate::ui::icon::{Glyph, Icon};
use crate::ui::time::Time;
use crate::words;

#[component]
pub(super) fn CampaignCard(campaign: Campaign) -> impl IntoView {
    let seat = expect_context::<Seat>();
    let href = Place::Campaign(campaign.id).path(seat.me.with_untracked(|me| me.workspace.id));
    let (state, state_words) = match (&campaign.key, &campaign.last_seen) {
        (None, _) => ("revoked", words::state_revoked()),
        (Some(_), None) => ("waiting", words::state_waiting()),
        (Some(_), Some(_)) => ("live", words::state_live()),
    };
    view! {
        <li class="card" data-state=state>
            <span class="card-mark" style:--accent=campaign.appearance.color.clone()><Glyph icon=Icon::Campaigns /></span>
            <div class="card-body">
                <h2 class="card-title"><a href=href>{campaign.name}</a></h2>
                <p class="card-text">{words::origins_in_short(&campaign.allowed_origins)}</p>
                <p class="card-text">
                    {match campaign.last_seen {
                        Some(seen) => view! { {words::last_seen_on(&seen.origin)} " " <Time at=seen.at /> }.into_any(),
                        None => words::never_seen().into_any(),
                    }}
                </p>
            </div>
            <span class="tag" data-tone=state>{state_words}</span>
        </li>
    }
}
