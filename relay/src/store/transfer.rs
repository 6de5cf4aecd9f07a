//! Moving a whole store from one database to another: what is in it, table by table, and how the two are compared.

use sha2::{Digest, Sha256};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Id,
    Bytes,
    Integer,
    Text,
    Flag,
}

/// A value on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Null,
    Bytes(Vec<u8>),
    Integer(i64),
    Text(String),
}

pub struct Table {
    pub name: &'static str,
    pub columns: &'static [(&'static str, Kind)],
    /// How many of the first columns name a row.
    pub key: usize,
}

pub type Row = Vec<Cell>;

/// Rows read and written at once.
pub const PAGE: usize = 2_000;

use Kind::{Bytes, Flag, Id, Integer, Text};

/// Every table, those first that others refer to. The search index is left out: it is built anew.
pub const TABLES: &[Table] = &[
    Table { name: "workspace", key: 1, columns: &[("id", Id), ("name", Text), ("created_at", Integer)] },
    Table {
        name: "division",
        key: 1,
        columns: &[("id", Id), ("workspace_id", Id), ("name", Text), ("feed_seq", Integer)],
    },
    Table {
        name: "person",
        key: 1,
        columns: &[
            ("id", Id),
            ("email", Text),
            ("name", Text),
            ("password_hash", Text),
            ("created_at", Integer),
        ],
    },
    Table {
        name: "membership",
        key: 2,
        columns: &[
            ("workspace_id", Id),
            ("person_id", Id),
            ("role", Text),
            ("state", Text),
            ("availability", Text),
            ("created_at", Integer),
        ],
    },
    Table {
        name: "session",
        key: 1,
        columns: &[
            ("digest", Bytes),
            ("workspace_id", Id),
            ("person_id", Id),
            ("created_at", Integer),
            ("seen_at", Integer),
        ],
    },
    Table {
        name: "invite",
        key: 1,
        columns: &[
            ("id", Id),
            ("workspace_id", Id),
            ("digest", Bytes),
            ("email", Text),
            ("role", Text),
            ("created_at", Integer),
            ("expires_at", Integer),
            ("accepted_at", Integer),
        ],
    },
    Table {
        name: "api_token",
        key: 1,
        columns: &[
            ("digest", Bytes),
            ("id", Id),
            ("workspace_id", Id),
            ("person_id", Id),
            ("name", Text),
            ("hint", Text),
            ("scopes", Text),
            ("created_at", Integer),
            ("expires_at", Integer),
            ("seen_at", Integer),
        ],
    },
    Table {
        name: "idempotent_request",
        key: 1,
        columns: &[
            ("digest", Bytes),
            ("workspace_id", Id),
            ("fingerprint", Bytes),
            ("answer", Bytes),
            ("at", Integer),
        ],
    },
    Table {
        name: "campaign",
        key: 1,
        columns: &[
            ("id", Id),
            ("workspace_id", Id),
            ("division_id", Id),
            ("channel", Text),
            ("name", Text),
            ("allowed_origins", Text),
            ("appearance", Text),
            ("seen_origin", Text),
            ("seen_at", Integer),
            ("created_at", Integer),
            ("updated_at", Integer),
            ("deleted_at", Integer),
            ("identity_sealed", Bytes),
            ("identity_set_at", Integer),
            ("identity_required", Flag),
        ],
    },
    Table {
        name: "widget_key",
        key: 1,
        columns: &[
            ("digest", Bytes),
            ("workspace_id", Id),
            ("campaign_id", Id),
            ("sealed", Bytes),
            ("created_at", Integer),
            ("expires_at", Integer),
            ("revoked_at", Integer),
        ],
    },
    Table {
        name: "contact",
        key: 1,
        columns: &[
            ("id", Id),
            ("workspace_id", Id),
            ("division_id", Id),
            ("name", Text),
            ("details", Text),
            ("first_seen_at", Integer),
            ("last_seen_at", Integer),
        ],
    },
    Table {
        name: "visitor",
        key: 1,
        columns: &[
            ("digest", Bytes),
            ("workspace_id", Id),
            ("campaign_id", Id),
            ("contact_id", Id),
            ("created_at", Integer),
            ("verified_at", Integer),
        ],
    },
    Table {
        name: "contact_identity",
        key: 3,
        columns: &[
            ("workspace_id", Id),
            ("kind", Text),
            ("value", Text),
            ("contact_id", Id),
            ("verified_at", Integer),
        ],
    },
    Table {
        name: "conversation",
        key: 1,
        columns: &[
            ("id", Id),
            ("workspace_id", Id),
            ("division_id", Id),
            ("campaign_id", Id),
            ("contact_id", Id),
            ("status", Text),
            ("snoozed_until", Integer),
            ("assignee_id", Id),
            ("last_seq", Integer),
            ("last_visible_seq", Integer),
            ("last_at", Integer),
            ("last_contact_seq", Integer),
            ("last_agent_seq", Integer),
            ("contact_delivered", Integer),
            ("contact_read", Integer),
            ("agent_delivered", Integer),
            ("agent_read", Integer),
            ("agent_unread", Integer),
            ("contact_unread", Integer),
            ("waiting_since", Integer),
            ("last_message_side", Text),
            ("last_message_text", Text),
            ("last_message_at", Integer),
            ("created_at", Integer),
        ],
    },
    Table {
        name: "event",
        key: 2,
        columns: &[
            ("conversation_id", Id),
            ("seq", Integer),
            ("workspace_id", Id),
            ("division_id", Id),
            ("feed_seq", Integer),
            ("kind", Text),
            ("visible_before", Integer),
            ("visible", Flag),
            ("side", Text),
            ("actor_id", Text),
            ("actor_name", Text),
            ("at", Integer),
            ("body", Text),
        ],
    },
    Table {
        name: "message",
        key: 2,
        columns: &[
            ("author_id", Id),
            ("cmid", Id),
            ("digest", Bytes),
            ("message_id", Id),
            ("workspace_id", Id),
            ("conversation_id", Id),
            ("seq", Integer),
        ],
    },
];

impl Table {
    /// The columns' names, for a statement.
    pub fn names(&self) -> String {
        self.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }

    /// The names of the columns that name a row.
    pub fn key_names(&self) -> String {
        self.columns.iter().take(self.key).map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }

    pub fn key_of(&self, row: &Row) -> Row {
        row.iter().take(self.key).cloned().collect()
    }
}

/// The number of a table's rows and a sum over all of them, whatever their order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Checksum {
    pub rows: u64,
    sum: [u64; 4],
}

impl Checksum {
    pub fn add_all(&mut self, rows: &[Row]) {
        for row in rows {
            self.add(row);
        }
    }

    fn add(&mut self, row: &Row) {
        let mut hasher = Sha256::new();
        for cell in row {
            let (tag, bytes): (u8, Vec<u8>) = match cell {
                Cell::Null => (0, Vec::new()),
                Cell::Bytes(bytes) => (1, bytes.clone()),
                Cell::Integer(number) => (2, number.to_be_bytes().to_vec()),
                Cell::Text(text) => (3, text.clone().into_bytes()),
            };
            hasher.update([tag]);
            hasher.update((bytes.len() as u64).to_be_bytes());
            hasher.update(&bytes);
        }
        let digest = hasher.finalize();
        self.rows += 1;
        for (word, chunk) in self.sum.iter_mut().zip(digest.chunks_exact(8)) {
            let chunk = chunk.try_into().map_or(0, u64::from_be_bytes);
            *word = word.wrapping_add(chunk);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(rows: &[Row]) -> Checksum {
        let mut checksum = Checksum::default();
        checksum.add_all(rows);
        checksum
    }

    #[test]
    fn rows_in_another_order_are_the_same_and_any_other_difference_is_seen() {
        let text = |text: &str| Cell::Text(text.into());
        let rows = [vec![text("a"), Cell::Integer(1)], vec![text("b"), Cell::Null]];
        let turned = [rows[1].clone(), rows[0].clone()];
        let shifted = [vec![text("a"), Cell::Integer(1)], vec![text("b"), text("")]];
        let doubled = [rows[0].clone(), rows[1].clone(), rows[1].clone()];

        assert_eq!(sum(&rows), sum(&turned));
        assert_ne!(sum(&rows), sum(&shifted));
        assert_ne!(sum(&rows), sum(&doubled));
        assert_ne!(sum(&[vec![text("ab"), text("")]]), sum(&[vec![text("a"), text("b")]]));
    }
}
