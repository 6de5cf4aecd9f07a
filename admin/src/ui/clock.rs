//! The time of day as a signal, so that "5 minutes ago" grows older on its own.

use gloo_timers::callback::Interval;
use leptos::prelude::*;

use super::time;

const TICK_MS: u32 = 20_000;

#[derive(Clone, Copy)]
pub(crate) struct Clock {
    now: RwSignal<i64>,
}

impl Clock {
    pub(crate) fn start() -> Self {
        let now = RwSignal::new(time::now_ms());
        Interval::new(TICK_MS, move || now.set(time::now_ms())).forget();
        Self { now }
    }

    pub(crate) fn now_ms(self) -> i64 {
        self.now.get()
    }
}
