//! What is known of a contact, visit after visit.

use std::collections::BTreeMap;

use protocol::api::ContactDetails;
use serde::{Deserialize, Serialize};

/// The most attributes, and the most tags, a contact has.
const MOST_ATTRIBUTES: usize = 50;
/// The attribute that holds the tags, as one list.
const TAGS: &str = "tags";
const BETWEEN_TAGS: &str = ", ";

/// What a page and a browser say at one time. What is not named was not said; an empty value takes back what was.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Told {
    pub details: ContactDetails,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub removed_tags: Vec<String>,
}

/// The longest address and title that are kept, in characters.
const MOST_ADDRESS: usize = 2_000;
const MOST_TITLE: usize = 300;

/// What a page says that came without being loaded: only where the visitor is.
pub fn at_page(url: String, title: String, at: String) -> Told {
    let bounded = |text: String, most: usize| {
        let text: String = text.chars().filter(|c| !c.is_control()).take(most).collect();
        (!text.is_empty()).then_some(text)
    };
    let details = ContactDetails {
        page_url: bounded(url, MOST_ADDRESS),
        page_title: bounded(title, MOST_TITLE),
        last_seen_at: Some(at),
        ..ContactDetails::default()
    };
    Told { details, ..Told::default() }
}

/// What is known after a page said something. Both are JSON of [`ContactDetails`].
pub fn remember(known: &str, told: &Told) -> String {
    let known = serde_json::from_str(known).unwrap_or_default();
    serde_json::to_string(&merge(known, told.clone())).unwrap_or_else(|_| "{}".to_owned())
}

/// Who somebody is stays until it is said anew, because only some pages know; where they are is what was said last; where they
/// came from is what was said first.
fn merge(known: ContactDetails, told: Told) -> ContactDetails {
    let attributes = attributes(&known, &told);
    let said = told.details;
    // Address and title belong together: a page without a title does not keep the one before.
    let is_elsewhere = said.page_url.is_some() || said.page_title.is_some();
    let (page_url, page_title) =
        if is_elsewhere { (said.page_url, said.page_title) } else { (known.page_url, known.page_title) };
    ContactDetails {
        verified: known.verified || said.verified,
        name: latest(said.name, known.name),
        email: latest(said.email, known.email),
        phone: latest(said.phone, known.phone),
        company: latest(said.company, known.company),
        external_id: latest(said.external_id, known.external_id),
        page_url,
        page_title,
        referrer: known.referrer.or(said.referrer),
        locale: latest(said.locale, known.locale),
        time_zone: latest(said.time_zone, known.time_zone),
        device: latest(said.device, known.device),
        viewport: latest(said.viewport, known.viewport),
        attributes,
        first_seen_at: known.first_seen_at.or(said.first_seen_at),
        last_seen_at: latest(said.last_seen_at, known.last_seen_at),
    }
}

fn latest(said: Option<String>, known: Option<String>) -> Option<String> {
    said.or(known).filter(|value| !value.is_empty())
}

/// What was said now comes first: when there is no room for all, older ones go.
fn attributes(known: &ContactDetails, told: &Told) -> BTreeMap<String, String> {
    let mut all = told.details.attributes.clone();
    if !(told.tags.is_empty() && told.removed_tags.is_empty()) {
        let known = known.attributes.get(TAGS).map_or("", String::as_str);
        all.insert(TAGS.to_owned(), tags(known, told));
    }
    for (name, value) in &known.attributes {
        if all.len() >= MOST_ATTRIBUTES {
            break;
        }
        all.entry(name.clone()).or_insert_with(|| value.clone());
    }
    all.retain(|_, value| !value.is_empty());
    all
}

/// The tags in the order in which they were given.
fn tags(known: &str, told: &Told) -> String {
    let mut tags: Vec<&str> = known.split(BETWEEN_TAGS).filter(|tag| !tag.is_empty()).collect();
    tags.retain(|tag| !told.removed_tags.iter().any(|removed| removed == tag));
    for tag in &told.tags {
        if !tags.contains(&tag.as_str()) {
            tags.push(tag);
        }
    }
    tags.truncate(MOST_ATTRIBUTES);
    tags.join(BETWEEN_TAGS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "it stands where options do")]
    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    fn attribute(name: &str, value: &str) -> Told {
        let attributes = [(name.to_owned(), value.to_owned())].into();
        Told { details: ContactDetails { attributes, ..ContactDetails::default() }, ..Told::default() }
    }

    fn tagged(tags: &[&str], removed_tags: &[&str]) -> Told {
        let owned = |list: &[&str]| list.iter().map(|tag| (*tag).to_owned()).collect();
        Told { tags: owned(tags), removed_tags: owned(removed_tags), ..Told::default() }
    }

    fn after(visits: &[Told]) -> ContactDetails {
        visits.iter().fold(ContactDetails::default(), |known, told| merge(known, told.clone()))
    }

    #[test]
    fn a_page_that_does_not_say_who_it_is_takes_nothing_away() {
        let who = ContactDetails {
            name: some("Astrid Berg"),
            email: some("astrid@example.com"),
            phone: some("+47 22 00 00 00"),
            company: some("Berg AS"),
            external_id: some("c-1042"),
            attributes: [("plan".to_owned(), "gold".to_owned())].into(),
            ..ContactDetails::default()
        };
        let known = Told { details: who.clone(), ..Told::default() };

        assert_eq!(after(&[known, Told::default()]), who);
    }

    #[test]
    fn what_is_said_anew_replaces_and_an_empty_value_takes_back() {
        let email = |text: &str| Told {
            details: ContactDetails { email: some(text), ..ContactDetails::default() },
            ..Told::default()
        };

        assert_eq!(
            after(&[email("old@example.com"), email("new@example.com")]).email,
            some("new@example.com")
        );
        assert_eq!(after(&[email("old@example.com"), email("")]).email, None);
        let attributes =
            after(&[attribute("plan", "gold"), attribute("cart", "3"), attribute("plan", "")]).attributes;
        assert_eq!(attributes, [("cart".to_owned(), "3".to_owned())].into());
    }

    #[test]
    fn the_page_is_the_last_one_and_where_they_came_from_the_first() {
        let page = |url: &str, title: Option<&str>, referrer: Option<&str>| Told {
            details: ContactDetails {
                page_url: some(url),
                page_title: title.map(str::to_owned),
                referrer: referrer.map(str::to_owned),
                ..ContactDetails::default()
            },
            ..Told::default()
        };

        let known = after(&[
            page("https://shop.example/", Some("Shop"), Some("https://search.example/")),
            page("https://shop.example/tents", None, Some("https://mail.example/")),
        ]);

        assert_eq!((known.page_url, known.page_title), (some("https://shop.example/tents"), None));
        assert_eq!(known.referrer, some("https://search.example/"));
    }

    #[test]
    fn a_page_that_came_without_being_loaded_says_only_where_the_visitor_is() {
        let told = at_page("https://shop.example/tents".into(), "\u{7}".into(), "now".into());
        let before = ContactDetails {
            email: some("astrid@example.com"),
            device: some("Firefox on Linux"),
            page_title: some("Shop"),
            ..ContactDetails::default()
        };

        let known = after(&[Told { details: before.clone(), ..Told::default() }, told]);

        let page_url = some("https://shop.example/tents");
        assert_eq!(known, ContactDetails { page_url, page_title: None, last_seen_at: some("now"), ..before });
        assert_eq!(
            at_page("a".repeat(9_999), String::new(), String::new()).details.page_url,
            Some("a".repeat(2_000))
        );
    }

    #[test]
    fn whoever_was_verified_stays_so() {
        let signed = ContactDetails {
            verified: true,
            external_id: some("u-1"),
            email: some("ada@example.com"),
            ..ContactDetails::default()
        };
        let known = Told { details: signed.clone(), ..Told::default() };

        assert_eq!(after(&[known, attribute("plan", "")]), signed);
        assert!(!after(&[attribute("verified", "true")]).verified);
    }

    #[test]
    fn tags_are_added_and_removed_one_by_one() {
        let known = after(&[tagged(&["vip", "tents"], &[]), tagged(&["boats", "vip"], &["tents"])]);
        assert_eq!(known.attributes.get(TAGS).map(String::as_str), Some("vip, boats"));

        assert!(after(&[tagged(&["vip"], &[]), tagged(&[], &["vip"])]).attributes.is_empty());
    }

    #[test]
    fn attributes_do_not_pile_up_without_end() {
        let visits: Vec<Told> = (0..60).map(|n| attribute(&format!("a{n:02}"), "x")).collect();

        let known = after(&visits).attributes;

        assert_eq!(known.len(), MOST_ATTRIBUTES);
        assert!(known.contains_key("a59"), "what was said last has its place");
    }

    #[test]
    fn what_cannot_be_read_is_as_good_as_nothing() {
        assert_eq!(remember("not JSON", &attribute("plan", "gold")), r#"{"attributes":{"plan":"gold"}}"#);
    }
}
