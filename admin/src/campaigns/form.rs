//! A campaign as it is being edited, and what of it changed.

use leptos::prelude::*;
use protocol::api::{Appearance, Campaign, CampaignChange, NewCampaign};

use super::origins::tidy_origin;
use crate::api::Failure;

/// Everything on the form.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Values {
    pub(super) name: String,
    pub(super) origins: Vec<String>,
    pub(super) appearance: Appearance,
}

impl Values {
    pub(super) fn of(campaign: &Campaign) -> Self {
        Self {
            name: campaign.name.clone(),
            origins: campaign.allowed_origins.clone(),
            appearance: campaign.appearance.clone(),
        }
    }

    pub(super) fn into_new(self) -> NewCampaign {
        NewCampaign {
            name: self.name.trim().to_owned(),
            channel: "webchat".into(),
            allowed_origins: self.origins,
            appearance: self.appearance,
        }
    }

    /// Only what differs, so that two people editing different things do not undo each other.
    pub(super) fn change_from(self, saved: &Self) -> CampaignChange {
        CampaignChange {
            name: Some(self.name.trim().to_owned()).filter(|name| *name != saved.name),
            allowed_origins: Some(self.origins).filter(|origins| *origins != saved.origins),
            appearance: Some(self.appearance).filter(|appearance| *appearance != saved.appearance),
            identity_required: None,
        }
    }
}

/// The form's state, shared by its sections.
#[derive(Clone, Copy)]
pub(super) struct Form {
    pub(super) values: RwSignal<Values>,
    /// Typed into the origin field and not yet added.
    pub(super) typed_origin: RwSignal<String>,
    pub(super) failure: RwSignal<Option<Failure>>,
}

impl Form {
    pub(super) fn new(values: Values) -> Self {
        Self {
            values: RwSignal::new(values),
            typed_origin: RwSignal::new(String::new()),
            failure: RwSignal::new(None),
        }
    }

    /// Moves what was typed into the list. Several lines make several origins.
    pub(super) fn add_typed_origin(self) {
        let typed = self.typed_origin.get_untracked();
        self.typed_origin.set(String::new());
        self.values.update(|values| {
            for origin in typed.split_whitespace().map(tidy_origin) {
                if !values.origins.contains(&origin) {
                    values.origins.push(origin);
                }
            }
        });
    }

    pub(super) fn error(self, field: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || self.failure.with(|failure| failure.as_ref()?.for_field(field)))
    }

    pub(super) fn look(self) -> Memo<Appearance> {
        Memo::new(move |_| self.values.with(|values| values.appearance.clone()))
    }

    pub(super) fn change_look(self, change: impl FnOnce(&mut Appearance)) {
        self.values.update(|values| change(&mut values.appearance));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_carries_only_what_differs() {
        let saved =
            Values { name: "Shop".into(), origins: vec!["https://a.example".into()], ..Values::default() };
        let mut edited = saved.clone();
        edited.appearance.welcome = "Hello".into();

        let change = edited.change_from(&saved);

        assert_eq!(change.name, None);
        assert_eq!(change.allowed_origins, None);
        assert_eq!(change.appearance.unwrap().welcome, "Hello");
    }
}
