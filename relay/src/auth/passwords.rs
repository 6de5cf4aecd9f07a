//! Passwords: argon2id, never more at once than the machine has cores.

use std::sync::{Arc, LazyLock};

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

/// OWASP's floor: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
/// Verifications waiting at most.
const QUEUE: usize = 64;

#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    #[error("a password has 12 to 1,024 bytes; this one has {0}")]
    Length(usize),
    #[error("this password is on every attacker's list. Choose another one")]
    TooCommon,
    #[error("too many sign-ins at once. Try again in a few seconds")]
    Busy,
    #[error("the password could not be hashed")]
    Failed,
}

/// Hashes and verifies, with bounded memory and CPU.
#[derive(Clone)]
pub struct Passwords {
    cores: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { cores: Arc::new(Semaphore::new(cores)), waiting: Arc::new(Semaphore::new(QUEUE)) }
    }
}

/// A hash nobody's password has: verified for unknown users, so that they take as long as known ones.
static DUMMY: LazyLock<String> = LazyLock::new(|| hash_now(b"nobody has this password").unwrap_or_default());

impl Passwords {
    pub async fn hash(&self, password: String) -> Result<String, PasswordError> {
        check(&password)?;
        self.run(move || hash_now(password.as_bytes())).await?.ok_or(PasswordError::Failed)
    }

    /// Whether the password is the one hashed. Without a hash the answer is no, after the same time.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, PasswordError> {
        self.run(move || {
            let is_known = hash.is_some();
            let hash = hash.unwrap_or_else(|| DUMMY.clone());
            argon2().verify_password(password.as_bytes(), hash.as_str()).is_ok() && is_known
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let _place = self.waiting.try_acquire().map_err(|_| PasswordError::Busy)?;
        let core = Arc::clone(&self.cores).acquire_owned().await.map_err(|_| PasswordError::Failed)?;
        let task = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(core);
            result
        });
        task.await.map_err(|_| PasswordError::Failed)
    }
}

fn argon2() -> Argon2<'static> {
    let Ok(params) = Params::new(MEMORY_KIB, PASSES, 1, None) else {
        unreachable!("the parameters are valid constants")
    };
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash_now(password: &[u8]) -> Option<String> {
    argon2().hash_password(password).ok().map(|hash: argon2::PasswordHash| hash.to_string())
}

/// Refuses passwords that are too short, too long or known to everybody.
pub fn check(password: &str) -> Result<(), PasswordError> {
    if !(12..=1024).contains(&password.len()) {
        return Err(PasswordError::Length(password.len()));
    }
    let plain = password.to_lowercase();
    let is_repeated = plain.chars().collect::<std::collections::BTreeSet<_>>().len() < 4;
    if is_repeated
        || COMMON
            .iter()
            .any(|common| plain.trim_end_matches(|c: char| c.is_ascii_digit() || c == '!') == *common)
    {
        return Err(PasswordError::TooCommon);
    }
    Ok(())
}

/// The common passwords that are long enough to pass the length check, without the digits people add.
const COMMON: &[&str] = &[
    "passwordpassword",
    "password",
    "qwertyuiop",
    "qwertyuiopasdfghjkl",
    "iloveyou",
    "administrator",
    "letmeinletmein",
    "welcomewelcome",
    "changemechangeme",
    "abcdefghijkl",
    "abcdefghijklmnop",
    "q1w2e3r4t5y6",
    "1q2w3e4r5t6y",
    "correcthorsebatterystaple",
    "unitedstates",
    "manchesterunited",
    "sunshinesunshine",
    "footballfootball",
    "baseballbaseball",
    "superman",
    "princessprincess",
    "trustno1trustno",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_recognised_and_others_are_not() {
        let passwords = Passwords::default();
        let hash = passwords.hash("a long enough phrase".to_owned()).await.unwrap();

        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(passwords.verify("a long enough phrase".to_owned(), Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify("a long enough phrasE".to_owned(), Some(hash)).await.unwrap());
        assert!(!passwords.verify("nobody has this password".to_owned(), None).await.unwrap());
    }

    #[test]
    fn passwords_everybody_knows_are_refused() {
        for password in ["short", "aaaaaaaaaaaa", "passwordpassword1", "QWERTYUIOP123", &"x".repeat(1025)] {
            assert!(check(password).is_err(), "{password}");
        }
        assert!(check("gannet-orbit-74").is_ok());
    }
}
