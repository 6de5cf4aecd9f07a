//! Proof of who a visitor is: a short-lived token that the site's own server signed with the campaign's secret.
//!
//! A JSON Web Token in its compact form, HMAC with SHA-256 and nothing else: which algorithm it is, is ours to say and not the
//! token's.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use protocol::ids::CampaignId;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::crypto::{TokenKind, Vault, random_token};
use crate::store::KeyHit;

const ALGORITHM: &str = "HS256";
const MOST_TOKEN_BYTES: usize = 4_096;
/// Characters of the site's id for somebody.
const MOST_ID: usize = 200;
const LONGEST_LIFE_S: i64 = 60 * 60;
/// How far the site's clock and ours may be apart.
const LEEWAY_S: i64 = 60;

/// A fresh secret, as text and as the store keeps it.
pub fn issue(vault: &Vault, campaign: CampaignId) -> (String, Vec<u8>) {
    let secret = random_token(TokenKind::IdentitySecret);
    let sealed = vault.seal(&place(campaign), secret.as_bytes());
    (secret, sealed)
}

fn place(campaign: CampaignId) -> String {
    format!("campaign/{}/identity_sealed", campaign.text())
}

/// What a page brought to prove who its visitor is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// No token.
    Absent,
    Good(Claims),
    /// It was good until a while ago. It proves nothing any more; but it is no sign either that somebody else is there now.
    Expired(Claims),
    /// Signed by somebody else, meant for something else, or of another shape.
    Wrong,
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Claims {
    aud: String,
    /// The site's own id for the person.
    pub sub: String,
    /// Seconds since 1970, as the next two.
    iat: i64,
    exp: i64,
    #[serde(default)]
    nbf: Option<i64>,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub phone: Option<String>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    /// Extensions that whoever does not know them must refuse.
    #[serde(default)]
    crit: Option<IgnoredAny>,
}

/// What a token proves on a page with this key. A campaign without a secret verifies nobody.
pub fn prove(vault: &Vault, key: &KeyHit, token: Option<&str>, now_ms: i64) -> Proof {
    let Some(token) = token else { return Proof::Absent };
    let secret = key.secret.as_ref().and_then(|secret| vault.open(&place(key.campaign), &secret.sealed).ok());
    secret.map_or(Proof::Wrong, |secret| check(token, &Zeroizing::new(secret), key.campaign, now_ms))
}

fn check(token: &str, secret: &[u8], campaign: CampaignId, now_ms: i64) -> Proof {
    let now_s = now_ms.div_euclid(1000);
    match read(token, secret).filter(|claims| claims.are_in_order(campaign, now_s)) {
        None => Proof::Wrong,
        Some(claims) if claims.exp.saturating_add(LEEWAY_S) <= now_s => Proof::Expired(claims),
        Some(claims) => Proof::Good(claims),
    }
}

/// What is inside, if the signature is right.
fn read(token: &str, secret: &[u8]) -> Option<Claims> {
    if token.len() > MOST_TOKEN_BYTES {
        return None;
    }
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else {
        unreachable!("HMAC takes keys of any length");
    };
    mac.update(signed.as_bytes());
    // Takes equally long, whatever is wrong with it.
    mac.verify_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
    let header: Header = part(header)?;
    if header.alg == ALGORITHM && header.crit.is_none() { part(claims) } else { None }
}

fn part<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

impl Claims {
    /// Whether they are about somebody, for this campaign, and for no longer than they may be. When they end is another matter.
    fn are_in_order(&self, campaign: CampaignId, now_s: i64) -> bool {
        let is_somebody = !self.sub.trim().is_empty()
            && self.sub.chars().count() <= MOST_ID
            && !self.sub.chars().any(char::is_control);
        let begins = self.nbf.unwrap_or(self.iat).max(self.iat);
        is_somebody
            && self.aud == campaign.text()
            && (1..=LONGEST_LIFE_S).contains(&self.exp.saturating_sub(self.iat))
            && begins <= now_s.saturating_add(LEEWAY_S)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{MasterKey, digest_of};
    use serde_json::{Value, json};

    const CAMPAIGN: CampaignId = CampaignId([3; 16]);
    const NOW_S: i64 = 1_800_000_000;

    fn signed_with(secret: &str, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }

    fn signed(claims: &Value) -> String {
        signed_with("ids_ours", &json!({ "alg": "HS256", "typ": "JWT" }), claims)
    }

    fn ada() -> Value {
        json!({ "aud": CAMPAIGN.text(), "sub": "u-1", "iat": NOW_S, "exp": NOW_S + 3_600, "name": "Ada" })
    }

    /// Ada's claims with one of them changed; null takes it away.
    fn but(name: &str, value: Value) -> Value {
        let mut claims = ada();
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value,
        }
        claims
    }

    fn proof(token: &str, at_s: i64) -> Proof {
        check(token, b"ids_ours", CAMPAIGN, at_s * 1000)
    }

    #[test]
    fn a_token_says_who_it_is_as_long_as_it_lives() {
        let token = signed(&ada());

        let Proof::Good(claims) = proof(&token, NOW_S) else { panic!() };
        assert_eq!((claims.sub.as_str(), claims.name.as_deref(), claims.email), ("u-1", Some("Ada"), None));
        assert!(matches!(proof(&token, NOW_S - 60), Proof::Good(_)), "clocks differ");
        assert!(matches!(proof(&token, NOW_S + 3_659), Proof::Good(_)), "clocks differ");
        assert!(matches!(proof(&token, NOW_S + 3_660), Proof::Expired(_)));
        assert_eq!(proof(&token, NOW_S - 61), Proof::Wrong, "not made yet");
    }

    #[test]
    fn the_algorithm_is_ours_to_choose_and_nothing_unknown_may_matter() {
        for header in [
            json!({ "alg": "none" }),
            json!({ "alg": "None" }),
            json!({ "alg": "hs256" }),
            json!({ "alg": "HS512" }),
            json!({ "alg": "RS256" }),
            json!({ "alg": "" }),
            json!({ "alg": ["HS256"] }),
            json!({ "alg": "HS256", "crit": ["exp"] }),
            json!({ "typ": "JWT" }),
            json!("HS256"),
        ] {
            assert_eq!(proof(&signed_with("ids_ours", &header, &ada()), NOW_S), Proof::Wrong, "{header}");
        }
        let token = signed(&ada());
        let unsigned = token.rsplit_once('.').unwrap().0;
        let hashed = format!("{unsigned}.{}", URL_SAFE_NO_PAD.encode(digest_of(unsigned)));
        for wrong in [unsigned.to_owned(), format!("{unsigned}."), hashed, format!("{token}.x")] {
            assert_eq!(proof(&wrong, NOW_S), Proof::Wrong, "{wrong}");
        }
    }

    #[test]
    fn only_the_campaigns_own_secret_signs() {
        let header = json!({ "alg": "HS256" });
        for secret in ["", "ids_", "ids_our", "ids_ours ", "ids_theirs"] {
            assert_eq!(proof(&signed_with(secret, &header, &ada()), NOW_S), Proof::Wrong, "{secret}");
        }
    }

    #[test]
    fn claims_that_are_missing_or_of_another_kind_prove_nothing() {
        for (name, value) in [
            ("aud", json!(CampaignId([4; 16]).text())),
            ("aud", json!([CAMPAIGN.text()])),
            ("aud", json!("")),
            ("aud", Value::Null),
            ("sub", json!("")),
            ("sub", json!("  ")),
            ("sub", json!("a\u{0}b")),
            ("sub", json!("x".repeat(201))),
            ("sub", json!(1042)),
            ("sub", Value::Null),
            ("iat", json!(NOW_S + 61)),
            ("iat", json!(NOW_S - 1)),
            ("iat", json!(i64::MIN)),
            ("iat", Value::Null),
            ("exp", json!(NOW_S + 3_601)),
            ("exp", json!(NOW_S)),
            ("exp", json!(NOW_S - 1)),
            ("exp", json!(i64::MAX)),
            ("exp", json!("2030-01-01")),
            ("exp", Value::Null),
            ("nbf", json!(NOW_S + 61)),
            ("email", json!(["ada@example.com"])),
        ] {
            assert_eq!(proof(&signed(&but(name, value.clone())), NOW_S), Proof::Wrong, "{name}: {value}");
        }
        assert!(matches!(proof(&signed(&but("sub", json!("ä".repeat(200)))), NOW_S), Proof::Good(_)));
        assert!(matches!(proof(&signed(&but("iss", json!("shop"))), NOW_S), Proof::Good(_)));
    }

    #[test]
    fn a_token_with_any_letter_changed_or_cut_proves_nothing() {
        let token = signed(&ada());
        for at in 0..token.len() {
            for letter in ["A", "Q", "_", ".", "=", "é", ""] {
                let broken = format!("{}{letter}{}", &token[..at], &token[at + 1..]);
                assert!(broken == token || proof(&broken, NOW_S) == Proof::Wrong, "{broken}");
            }
            assert_eq!(proof(&token[..at], NOW_S), Proof::Wrong);
        }
        for garbage in ["", ".", "..", "...", "a.b.c", "null", &"A".repeat(9_999), &"é.".repeat(9)] {
            assert_eq!(proof(garbage, NOW_S), Proof::Wrong, "{garbage}");
        }
    }

    #[test]
    fn a_secret_opens_for_its_campaign_only() {
        let vault = Vault::new(&MasterKey::random());
        let (secret, sealed) = issue(&vault, CAMPAIGN);

        assert!(secret.starts_with("ids_") && secret.len() == 47);
        assert_eq!(vault.open(&place(CAMPAIGN), &sealed).unwrap(), secret.as_bytes());
        assert!(vault.open(&place(CampaignId([4; 16])), &sealed).is_err());
    }
}
