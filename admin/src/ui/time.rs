//! Times for people: the reader's zone and language, short and relative in lists, exact on hover.

use js_sys::{Array, Date, Function, Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

use super::clock::Clock;
use crate::words;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Milliseconds since 1970 of an RFC 3339 time in UTC, as the relay writes them.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || !text.ends_with('Z') {
        return None;
    }
    let fraction = text.get(19..)?.trim_end_matches('Z').trim_start_matches('.');
    let milliseconds = format!("{fraction:0<3}").get(..3)?.parse::<i64>().ok()?;
    let days = days_since_1970(year, month, day);
    Some(days * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS + second * 1_000 + milliseconds)
}

/// Days from 1970-01-01 in the Gregorian calendar, by Howard Hinnant's `days_from_civil`.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// How long ago something was, in the unit a person would use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ago {
    Now,
    Minutes(i64),
    Hours(i64),
    /// Too long ago to count: the day says more.
    Days(i64),
}

pub(crate) fn ago(now_ms: i64, at_ms: i64) -> Ago {
    match now_ms - at_ms {
        ..MINUTE_MS => Ago::Now,
        past if past < HOUR_MS => Ago::Minutes(past / MINUTE_MS),
        past if past < DAY_MS => Ago::Hours(past / HOUR_MS),
        past => Ago::Days(past / DAY_MS),
    }
}

// Dates beyond 2^53 ms do not exist, so the two directions lose nothing.
#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are far below 2^53")]
fn date(at_ms: i64) -> Date {
    Date::new(&JsValue::from_f64(at_ms as f64))
}

#[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 are far below 2^53")]
pub(crate) fn now_ms() -> i64 {
    Date::now() as i64
}

/// The day number in the reader's zone, to tell days apart.
#[expect(clippy::cast_possible_truncation, reason = "an offset is at most a day of minutes")]
pub(crate) fn local_day(at_ms: i64) -> i64 {
    let offset_minutes = date(at_ms).get_timezone_offset() as i64;
    (at_ms - offset_minutes * MINUTE_MS).div_euclid(DAY_MS)
}

/// The end of the reader's working morning some days ahead, for "snooze until tomorrow 9:00".
pub(crate) fn local_nine_o_clock(days_ahead: u32) -> String {
    let day = Date::new_0();
    day.set_hours(9);
    day.set_minutes(0);
    day.set_seconds(0);
    day.set_milliseconds(0);
    day.set_date(day.get_date() + days_ahead);
    String::from(day.to_iso_string())
}

pub(crate) fn after_hours(hours: i64) -> String {
    String::from(date(now_ms() + hours * HOUR_MS).to_iso_string())
}

/// Days from today to the coming Monday, 1 to 7.
pub(crate) fn days_to_monday() -> u32 {
    match Date::new_0().get_day() {
        0 => 1,
        day => 8 - day.min(7),
    }
}

/// The browser's own formatting; empty when it refuses the options, such as an unknown zone.
fn format(at_ms: i64, options: &[(&str, &str)]) -> String {
    let object = Object::new();
    for (name, value) in options {
        Reflect::set(&object, &JsValue::from_str(name), &JsValue::from_str(value)).ok();
    }
    let date = date(at_ms);
    let Some(function) =
        Reflect::get(&date, &"toLocaleString".into()).ok().and_then(|f| f.dyn_into::<Function>().ok())
    else {
        return String::new();
    };
    let locales = Array::of1(&JsValue::from_str(words::locale()));
    function.call2(&date, &locales, &object).ok().and_then(|v| v.as_string()).unwrap_or_default()
}

/// "14:05".
pub(crate) fn time_of_day(at_ms: i64) -> String {
    format(at_ms, &[("hour", "2-digit"), ("minute", "2-digit")])
}

/// "Saturday, 21 November 2026 at 14:05".
pub(crate) fn exact(at_ms: i64) -> String {
    format(at_ms, &[("dateStyle", "full"), ("timeStyle", "short")])
}

/// "21 Nov, 14:05".
pub(crate) fn day_and_time(at_ms: i64) -> String {
    format(at_ms, &[("day", "numeric"), ("month", "short"), ("hour", "2-digit"), ("minute", "2-digit")])
}

/// "21 Nov 2026".
pub(crate) fn calendar_day(at_ms: i64) -> String {
    format(at_ms, &[("day", "numeric"), ("month", "short"), ("year", "numeric")])
}

/// "Today", "Yesterday", "Thursday, 19 November".
pub(crate) fn day(now_ms: i64, at_ms: i64) -> String {
    match local_day(now_ms) - local_day(at_ms) {
        0 => words::today().into(),
        1 => words::yesterday().into(),
        ..300 => format(at_ms, &[("weekday", "long"), ("day", "numeric"), ("month", "long")]),
        _ => format(at_ms, &[("day", "numeric"), ("month", "long"), ("year", "numeric")]),
    }
}

/// The clock on somebody's wall; `None` when the browser does not know the zone.
pub(crate) fn wall_clock(at_ms: i64, zone: &str) -> Option<String> {
    let text = format(
        at_ms,
        &[("hour", "2-digit"), ("minute", "2-digit"), ("weekday", "short"), ("timeZone", zone)],
    );
    (!text.is_empty()).then_some(text)
}

/// Short, for list rows: "now", "5m", "3h", "Tue", "12 Nov".
pub(crate) fn short(now_ms: i64, at_ms: i64) -> String {
    match ago(now_ms, at_ms) {
        Ago::Now => words::now().into(),
        Ago::Minutes(count) => words::short_minutes(count),
        Ago::Hours(count) => words::short_hours(count),
        Ago::Days(..7) => format(at_ms, &[("weekday", "short")]),
        Ago::Days(_) => format(at_ms, &[("day", "numeric"), ("month", "short")]),
    }
}

/// In a sentence: "just now", "5 minutes ago", "12 Nov, 14:05".
pub(crate) fn relative(now_ms: i64, at_ms: i64) -> String {
    match ago(now_ms, at_ms) {
        Ago::Now => words::just_now().into(),
        Ago::Minutes(count) => words::minutes_ago(count),
        Ago::Hours(count) => words::hours_ago(count),
        Ago::Days(_) => day_and_time(at_ms),
    }
}

/// How a time is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wording {
    Short,
    Sentence,
}

/// A time that keeps itself current, with the exact one on hover.
#[component]
pub(crate) fn Time(
    #[prop(into)] at: Signal<String>,
    #[prop(default = Wording::Sentence)] wording: Wording,
) -> impl IntoView {
    let clock = expect_context::<Clock>();
    let at_ms = Memo::new(move |_| at.with(|at| parse(at)));
    let words = move || {
        at_ms.get().map(|at_ms| match wording {
            Wording::Short => short(clock.now_ms(), at_ms),
            Wording::Sentence => relative(clock.now_ms(), at_ms),
        })
    };
    view! {
        <time class="time" datetime=at title=move || at_ms.get().map(exact)>
            {words}
        </time>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utc_times_are_read_to_the_millisecond() {
        assert_eq!(parse("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(parse("2026-11-21T04:00:00.250Z"), Some(1_795_233_600_250));
        assert_eq!(parse("2024-02-29T23:59:59.123456Z"), Some(1_709_251_199_123));
    }

    #[test]
    fn text_that_is_no_utc_time_is_refused() {
        for text in ["", "yesterday", "2026-11-21", "2026-13-21T04:00:00Z", "2026-11-21T04:00:00+01:00"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_unit_grows_with_the_distance_and_the_future_is_now() {
        assert_eq!(ago(1_000, 2_000), Ago::Now);
        assert_eq!(ago(59_999, 0), Ago::Now);
        assert_eq!(ago(5 * MINUTE_MS, 0), Ago::Minutes(5));
        assert_eq!(ago(23 * HOUR_MS, 0), Ago::Hours(23));
        assert_eq!(ago(6 * DAY_MS, 0), Ago::Days(6));
    }
}
