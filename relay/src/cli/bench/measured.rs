//! The figures, as a table or JSON.

use std::fmt::Write;

#[derive(Debug, Default)]
pub(super) struct Report {
    rows: Vec<(&'static str, f64, &'static str)>,
}

impl Report {
    pub(super) fn add(&mut self, what: &'static str, value: f64, unit: &'static str) {
        self.rows.push((what, value, unit));
    }

    pub(super) fn table(&self) -> String {
        let mut out = String::new();
        for (what, value, unit) in &self.rows {
            let digits = if *value >= 100.0 { 0 } else { 2 };
            // Writing to a string does not fail.
            let _ = writeln!(out, "{what:<34} {value:>12.digits$} {unit}");
        }
        out
    }

    pub(super) fn json(&self) -> String {
        let rows = self
            .rows
            .iter()
            .map(|(what, value, unit)| serde_json::json!({ "what": what, "value": value, "unit": unit }));
        serde_json::Value::Array(rows.collect()).to_string()
    }
}

pub(super) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
