//! Telling visitors that their messages have arrived: cumulative, seldom, and only by whoever of us is first.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use protocol::client::{Input, Link};
use protocol::event::{Event, EventBody, Reader};
use protocol::frame::Mark;
use protocol::message::Side;

use super::state::Inbox;
use crate::ui::browser;

/// Time for whoever reads the message at once, or is quicker than we are; up to three quarters of a second more by chance.
const SOONEST_MS: u32 = 200;
const REST_MS: u32 = 1_000;
/// The relay takes five frames a second from us, and most belong to the person.
const MOST_AT_ONCE: usize = 2;

/// Messages of contacts that nobody has confirmed: the last one of each conversation, oldest first.
#[derive(Debug, Default)]
pub(super) struct Receipts {
    waiting: Vec<Mark>,
    is_timed: bool,
}

impl Receipts {
    /// Takes note of a message or of a receipt by one of us. True when a timer has to be started.
    fn hear(&mut self, event: &Event) -> bool {
        match &event.body {
            EventBody::Message(_) if event.actor.side == Side::Contact => {
                match self.waiting.iter_mut().find(|mark| mark.conv == event.conv) {
                    Some(mark) => mark.seq = event.seq,
                    None => self.waiting.push(Mark { conv: event.conv, seq: event.seq }),
                }
            }
            EventBody::Delivery(receipt) if receipt.by == Reader::Agent => {
                self.waiting.retain(|mark| mark.conv != event.conv || mark.seq > receipt.up_to);
            }
            _ => {}
        }
        self.start()
    }

    fn start(&mut self) -> bool {
        let must_start = !self.is_timed && !self.waiting.is_empty();
        self.is_timed |= must_start;
        must_start
    }

    /// What to confirm now; all of it waits while there is no connection. The timer goes on as long as there was something.
    fn next(&mut self, is_live: bool) -> Vec<Mark> {
        let count = if is_live { self.waiting.len().min(MOST_AT_ONCE) } else { 0 };
        self.is_timed = count > 0;
        self.waiting.drain(..count).collect()
    }
}

impl Inbox {
    pub(super) fn confirm_arrival(self, event: &Event) {
        if self.receipts.try_update_value(|receipts| receipts.hear(event)) == Some(true) {
            self.confirm_soon();
        }
    }

    /// What waited for the connection goes out.
    pub(super) fn confirm_waiting(self) {
        if self.receipts.try_update_value(Receipts::start) == Some(true) {
            self.confirm_soon();
        }
    }

    fn confirm_soon(self) {
        let [chance, ..] = browser::random_uuid_bytes();
        self.confirm_after(SOONEST_MS + u32::from(chance) * 3);
    }

    fn confirm_after(self, after_ms: u32) {
        Timeout::new(after_ms, move || self.confirm()).forget();
    }

    fn confirm(self) {
        let is_live = self.live.link.try_get_untracked() == Some(Link::Live);
        let marks = self.receipts.try_update_value(|receipts| receipts.next(is_live)).unwrap_or_default();
        if marks.is_empty() {
            return;
        }
        for mark in marks {
            self.live.give(Input::Received(mark));
        }
        self.confirm_after(REST_MS);
    }
}

#[cfg(test)]
mod tests {
    use protocol::event::{Receipt, ReceiptState};

    use super::super::samples::{conversation, event, said};
    use super::*;

    fn read(number: u8, seq: u64, up_to: u64) -> Event {
        let receipt = Receipt { by: Reader::Agent, state: ReceiptState::Read, up_to };
        event(number, seq, EventBody::Delivery(receipt), Side::Agent)
    }

    #[test]
    fn many_messages_are_confirmed_by_one_receipt_and_one_timer() {
        let mut receipts = Receipts::default();

        assert!(receipts.hear(&said(1, 1, Side::Contact)));
        assert!(!receipts.hear(&said(1, 2, Side::Contact)));
        assert!(!receipts.hear(&said(1, 3, Side::Agent)));

        assert_eq!(receipts.next(true), [Mark { conv: conversation(1), seq: 2 }]);
        assert!(!receipts.hear(&said(1, 4, Side::Contact)), "the timer still rests");
        assert_eq!(receipts.next(true), [Mark { conv: conversation(1), seq: 4 }]);
        assert!(receipts.next(true).is_empty());
        assert!(receipts.hear(&said(1, 5, Side::Contact)));
    }

    #[test]
    fn what_a_colleague_confirmed_or_read_is_not_confirmed_again() {
        let mut receipts = Receipts::default();
        receipts.hear(&said(1, 1, Side::Contact));
        receipts.hear(&said(2, 1, Side::Contact));
        receipts.hear(&said(2, 2, Side::Contact));

        receipts.hear(&read(1, 2, 1));
        receipts.hear(&read(2, 3, 1));

        assert_eq!(receipts.next(true), [Mark { conv: conversation(2), seq: 2 }]);
    }

    #[test]
    fn busy_moments_are_spread_and_no_connection_loses_nothing() {
        let mut receipts = Receipts::default();
        for number in 1..=3 {
            receipts.hear(&said(number, 1, Side::Contact));
        }

        assert!(receipts.next(false).is_empty());
        assert!(receipts.start());
        assert_eq!(receipts.next(true).len(), 2);
        assert_eq!(receipts.next(true).len(), 1);
    }
}
