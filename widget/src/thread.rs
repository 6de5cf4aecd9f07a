//! How a thread is drawn: which bubbles belong together, where a day begins, what is said under a message.
//! Rules only: no browser, no signals, no words.

use protocol::client::SendState;
use protocol::message::Side;

/// Messages of one author closer than this stand together.
const GROUP_MS: f64 = 5.0 * 60_000.0;
const DAY_MS: f64 = 86_400_000.0;

/// What the rules need to know of a row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Item {
    pub(crate) side: Side,
    pub(crate) author: String,
    pub(crate) at_ms: f64,
    /// The day in the reader's own time zone, see [`day`].
    pub(crate) day: i32,
}

/// Where a row stands among its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Place {
    pub(crate) starts_day: bool,
    pub(crate) starts_group: bool,
    pub(crate) ends_group: bool,
}

pub(crate) fn places(items: &[Item]) -> Vec<Place> {
    let mut out: Vec<Place> = Vec::with_capacity(items.len());
    let mut before: Option<&Item> = None;
    for item in items {
        let starts_day = before.is_none_or(|b| b.day != item.day);
        let starts_group = starts_day || before.is_none_or(|b| !belong_together(b, item));
        if let (true, Some(last)) = (starts_group, out.last_mut()) {
            last.ends_group = true;
        }
        out.push(Place { starts_day, starts_group, ends_group: false });
        before = Some(item);
    }
    if let Some(last) = out.last_mut() {
        last.ends_group = true;
    }
    out
}

fn belong_together(one: &Item, two: &Item) -> bool {
    one.side == two.side
        && one.side != Side::System
        && one.author == two.author
        && two.at_ms - one.at_ms < GROUP_MS
}

/// The number of the local day an instant lies in. `offset_minutes` as the browser gives it: UTC minus local.
#[expect(clippy::cast_possible_truncation)]
pub(crate) fn day(at_ms: f64, offset_minutes: f64) -> i32 {
    ((at_ms - offset_minutes * 60_000.0) / DAY_MS).floor() as i32
}

/// How a day is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DayName {
    Today,
    Yesterday,
    Date,
}

pub(crate) fn day_name(day: i32, today: i32) -> DayName {
    match today - day {
        0 => DayName::Today,
        1 => DayName::Yesterday,
        _ => DayName::Date,
    }
}

/// What the visitor is told about a message of theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    Sending,
    Sent,
    Delivered,
    Read,
    Failed,
}

/// `pending`: where it stands in the outbox, `None` once confirmed. `seq`: its number once it came back.
/// `delivered` and `read`: how far our side has received and read.
pub(crate) fn progress(pending: Option<&SendState>, seq: Option<u64>, delivered: u64, read: u64) -> Progress {
    match (pending, seq) {
        (Some(SendState::Failed { .. }), _) => Progress::Failed,
        (Some(SendState::Waiting | SendState::Sending), _) => Progress::Sending,
        (None, Some(seq)) if seq <= read => Progress::Read,
        (None, Some(seq)) if seq <= delivered => Progress::Delivered,
        (None, _) => Progress::Sent,
    }
}

/// One or two letters for somebody without a picture.
pub(crate) fn initials(name: &str) -> String {
    // The style sheet makes them capitals: Unicode's tables would weigh more than this file.
    let mut words = name.split(' ').filter_map(|word| word.chars().find(|c| !c.is_ascii_punctuation()));
    let first = words.next();
    let last = words.next_back();
    first.into_iter().chain(last).collect()
}

/// Which of six tints a name wears; the same one everywhere.
pub(crate) fn tint(name: &str) -> &'static str {
    let sum = name.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    match sum % 6 {
        0 => "0",
        1 => "1",
        2 => "2",
        3 => "3",
        4 => "4",
        _ => "5",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: f64 = 60_000.0;

    fn item(side: Side, author: &str, minute: f64) -> Item {
        let at_ms = minute * MINUTE;
        Item { side, author: author.into(), at_ms, day: day(at_ms, 0.0) }
    }

    fn shape(items: &[Item]) -> String {
        places(items)
            .into_iter()
            .map(|p| match (p.starts_group, p.ends_group) {
                (true, true) => '.',
                (true, false) => '[',
                (false, true) => ']',
                (false, false) => '-',
            })
            .collect()
    }

    #[test]
    fn messages_of_one_author_within_five_minutes_stand_together() {
        let agent = |minute| item(Side::Agent, "Anna", minute);

        assert_eq!(shape(&[agent(0.0), agent(1.0), agent(5.9)]), "[-]");
        assert_eq!(shape(&[agent(0.0), agent(5.0), agent(6.0)]), ".[]");
    }

    #[test]
    fn another_author_another_side_and_every_notice_start_anew() {
        let rows = [
            item(Side::Agent, "Anna", 0.0),
            item(Side::Agent, "Ben", 1.0),
            item(Side::Contact, "Ben", 2.0),
            item(Side::System, "", 2.1),
            item(Side::System, "", 2.2),
        ];

        assert_eq!(shape(&rows), ".....");
    }

    #[test]
    fn a_new_day_breaks_a_group_and_is_said_once() {
        let rows = [
            item(Side::Contact, "", 1439.0),
            item(Side::Contact, "", 1440.0),
            item(Side::Contact, "", 1441.0),
        ];

        assert_eq!(shape(&rows), ".[]");
        let days: Vec<bool> = places(&rows).iter().map(|p| p.starts_day).collect();
        assert_eq!(days, [true, true, false]);
    }

    #[test]
    fn nothing_has_no_places() {
        assert!(places(&[]).is_empty());
    }

    #[test]
    fn days_turn_at_the_readers_midnight() {
        let half_past_eleven_pm_utc = 23.5 * 60.0 * MINUTE;

        assert_eq!(day(half_past_eleven_pm_utc, 0.0), 0);
        assert_eq!(day(half_past_eleven_pm_utc, -60.0), 1);
        assert_eq!(day(0.0, 300.0), -1);
        assert_eq!(day_name(9, 10), DayName::Yesterday);
        assert_eq!(day_name(10, 10), DayName::Today);
        assert_eq!(day_name(11, 10), DayName::Date);
    }

    #[test]
    fn progress_follows_the_outbox_then_the_receipts() {
        let failed = SendState::Failed { code: "too_fast".into(), detail: String::new() };
        let table = [
            (Some(&SendState::Waiting), None, 0, 0, Progress::Sending),
            (Some(&SendState::Sending), None, 9, 9, Progress::Sending),
            (Some(&failed), None, 0, 0, Progress::Failed),
            (None, None, 0, 0, Progress::Sent),
            (None, Some(3), 2, 0, Progress::Sent),
            (None, Some(3), 3, 2, Progress::Delivered),
            (None, Some(3), 3, 3, Progress::Read),
        ];
        for (pending, seq, delivered, read, expected) in table {
            assert_eq!(progress(pending, seq, delivered, read), expected);
        }
    }

    #[test]
    fn initials_are_those_of_the_first_and_the_last_name() {
        let table = [
            ("Anna Maria Berg", "AB"),
            ("anna", "a"),
            ("  ", ""),
            ("Émile Zola", "ÉZ"),
            ("(Ben) O'Hara", "BO"),
        ];
        for (name, expected) in table {
            assert_eq!(initials(name), expected, "{name}");
        }
    }

    #[test]
    fn a_name_keeps_its_tint() {
        assert_eq!(tint("Anna"), tint("Anna"));
        assert!("Anna Ben Carla Dana Emil Fritz".split(' ').map(tint).all(|t| ("0"..="5").contains(&t)));
    }
}
