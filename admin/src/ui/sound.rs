//! Two soft notes for a new message, made by the browser: no file to fetch.

use std::cell::RefCell;

use web_sys::{AudioContext, OscillatorType};

thread_local! {
    // Browsers allow only a handful of audio contexts a page.
    static CONTEXT: RefCell<Option<AudioContext>> = const { RefCell::new(None) };
}

/// Plays the sound. Silent when the browser wants an interaction first.
pub(crate) fn play() {
    CONTEXT.with_borrow_mut(|slot| {
        if slot.is_none() {
            *slot = AudioContext::new().ok();
        }
        if let Some(context) = slot {
            let _resuming = context.resume();
            note(context, 659.25, 0.0);
            note(context, 880.0, 0.11);
        }
    });
}

fn note(context: &AudioContext, frequency: f32, after_s: f64) -> Option<()> {
    let start = context.current_time() + after_s;
    let oscillator = context.create_oscillator().ok()?;
    let gain = context.create_gain().ok()?;
    oscillator.set_type(OscillatorType::Sine);
    oscillator.frequency().set_value_at_time(frequency, start).ok()?;
    gain.gain().set_value_at_time(0.0001, start).ok()?;
    gain.gain().exponential_ramp_to_value_at_time(0.08, start + 0.02).ok()?;
    gain.gain().exponential_ramp_to_value_at_time(0.0001, start + 0.35).ok()?;
    oscillator.connect_with_audio_node(&gain).ok()?;
    gain.connect_with_audio_node(&context.destination()).ok()?;
    oscillator.start_with_when(start).ok()?;
    oscillator.stop_with_when(start + 0.4).ok()
}
