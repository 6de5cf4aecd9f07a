//! Where the master key comes from: the environment, a file, or a fresh file in the data folder.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::{Config, ConfigError};
use crate::crypto::MasterKey;

/// Finds the master key. With `may_create`, a new installation gets a fresh one, readable by its owner only.
pub fn load_master_key(config: &Config, may_create: bool) -> Result<MasterKey, ConfigError> {
    if let Some(text) = &config.master_key {
        return MasterKey::from_base64(text)
            .map_err(|e| ConfigError::Secret(format!("ROOST_MASTER_KEY: {e}")));
    }
    if let Some(path) = &config.master_key_file {
        return read(path);
    }
    let path = config.data_dir.join("master.key");
    if path.exists() {
        return read(&path);
    }
    if !may_create {
        let detail = format!(
            "there is data in {} but no master key. Give the key it was made with as ROOST_MASTER_KEY or ROOST_MASTER_KEY_FILE",
            config.data_dir.display()
        );
        return Err(ConfigError::Secret(detail));
    }
    create(&path)
}

fn read(path: &Path) -> Result<MasterKey, ConfigError> {
    let explain =
        |e: &dyn std::fmt::Display| ConfigError::Secret(format!("master key file {}: {e}", path.display()));
    let text = zeroize::Zeroizing::new(std::fs::read_to_string(path).map_err(|e| explain(&e))?);
    MasterKey::from_base64(&text).map_err(|e| explain(&e))
}

fn create(path: &Path) -> Result<MasterKey, ConfigError> {
    let key = MasterKey::random();
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        writeln!(file, "{}", key.to_base64().as_str())?;
        file.sync_all()
    };
    write().map_err(|e| {
        ConfigError::Secret(format!("cannot write the master key to {}: {e}", path.display()))
    })?;
    Ok(key)
}
