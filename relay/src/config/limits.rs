//! Abuse limits. 0 means no limit, for load tests.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Open connections from one address.
    #[serde(rename = "limit_connections_per_ip")]
    pub connections_per_ip: u32,
    #[serde(rename = "limit_boots_per_minute_per_ip")]
    pub boots_per_minute_per_ip: u32,
    #[serde(rename = "limit_logins_per_minute_per_ip")]
    pub logins_per_minute_per_ip: u32,
    /// Frames a visitor may send in any ten seconds; twice as many at once.
    #[serde(rename = "limit_frames_per_10s_visitor")]
    pub frames_per_10s_visitor: u32,
    /// Frames an agent may send in any ten seconds; twice as many at once.
    #[serde(rename = "limit_frames_per_10s_agent")]
    pub frames_per_10s_agent: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_per_ip: 100,
            boots_per_minute_per_ip: 60,
            logins_per_minute_per_ip: 10,
            frames_per_10s_visitor: 10,
            frames_per_10s_agent: 50,
        }
    }
}

/// The same as flags; `None` leaves a limit as it is elsewhere.
#[derive(Debug, Default, Clone, clap::Args, Serialize)]
pub struct LimitFlags {
    /// Open connections from one address; 0 = no limit [default: 100]
    #[arg(long, global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_connections_per_ip: Option<u32>,
    /// Widget loads from one address; 0 = no limit [default: 60]
    #[arg(long, global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_boots_per_minute_per_ip: Option<u32>,
    /// Sign-in attempts from one address; 0 = no limit [default: 10]
    #[arg(long, global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_logins_per_minute_per_ip: Option<u32>,
    /// Frames a visitor may send in ten seconds; 0 = no limit [default: 10]
    #[arg(long, global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_frames_per_10s_visitor: Option<u32>,
    /// Frames an agent may send in ten seconds; 0 = no limit [default: 50]
    #[arg(long, global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_frames_per_10s_agent: Option<u32>,
}

pub(super) const KEYS: &[&str] = &[
    "limit_connections_per_ip",
    "limit_boots_per_minute_per_ip",
    "limit_logins_per_minute_per_ip",
    "limit_frames_per_10s_visitor",
    "limit_frames_per_10s_agent",
];
