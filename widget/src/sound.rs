//! One quiet tone. No file, and never before the visitor touched the panel: browsers would refuse, and so do we.

use std::cell::RefCell;

use web_sys::AudioContext;

thread_local! {
    static AUDIO: RefCell<Option<AudioContext>> = const { RefCell::new(None) };
}

const HERTZ: f32 = 660.0;
const LOUDNESS: f32 = 0.06;
const SECONDS: f64 = 0.35;

/// Called on the visitor's first touch or key.
pub(crate) fn allow() {
    AUDIO.with_borrow_mut(|audio| {
        if audio.is_none() {
            *audio = AudioContext::new().ok();
        }
    });
}

pub(crate) fn beep() {
    // Without sound the message is still announced, counted and shown.
    let _ = AUDIO.with_borrow(|audio| audio.as_ref().map(play));
}

fn play(audio: &AudioContext) -> Result<(), wasm_bindgen::JsValue> {
    let (tone, volume) = (audio.create_oscillator()?, audio.create_gain()?);
    let end = audio.current_time() + SECONDS;
    tone.frequency().set_value(HERTZ);
    volume.gain().set_value(LOUDNESS);
    volume.gain().linear_ramp_to_value_at_time(0.0, end)?;
    tone.connect_with_audio_node(&volume)?;
    volume.connect_with_audio_node(&audio.destination())?;
    tone.start()?;
    tone.stop_with_when(end)
}
