//! A site's own server, which signs who its visitors are.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use protocol::ids::CampaignId;
use relay::clock::{Clock, SystemClock};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::personas::{Staff, Visitor};
use crate::relay::Relay;

#[derive(Debug, Clone)]
pub struct Site {
    pub campaign: CampaignId,
    pub secret: String,
}

impl Site {
    /// With a fresh secret of the shop's campaign.
    pub async fn of(relay: &Relay, owner: &Staff) -> Self {
        let path = format!("/api/campaigns/{}/identity-secret", relay.made.campaign);
        let made = owner.post(&path, &json!({})).await.expect(201).json();
        Self { campaign: relay.made.campaign, secret: made["secret"].as_str().expect("a secret").to_owned() }
    }

    /// What is true of somebody for an hour from `age_s` ago on.
    pub fn claims(&self, id: &str, age_s: i64) -> Value {
        let from = SystemClock.now_ms() / 1000 - age_s;
        json!({ "aud": self.campaign.text(), "sub": id, "iat": from, "exp": from + 3_600 })
    }

    pub fn sign(&self, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&json!({ "alg": "HS256", "typ": "JWT" })), part(claims));
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).expect("keys of any length");
        mac.update(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }

    pub fn token(&self, id: &str) -> String {
        self.sign(&self.claims(id, 0))
    }

    /// Was good until an hour ago.
    pub fn old_token(&self, id: &str) -> String {
        self.sign(&self.claims(id, 7_200))
    }

    /// Somebody who is signed in at the shop, on a device that has not seen the widget yet.
    pub fn customer(&self, relay: &Relay, id: &str) -> Visitor {
        Visitor { identity_token: Some(self.token(id)), ..relay.visitor() }
    }
}
