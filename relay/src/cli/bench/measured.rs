//! The figures, as a table or JSON.

use std::fmt::Write;

#[derive(Debug, Default)]
pub(super) struct Report {
    rows: Vec<(String, f64, &'static str)>,
}

impl Report {
    pub(super) fn add(&mut self, what: impl Into<String>, value: f64, unit: &'static str) {
        self.rows.push((what.into(), value, unit));
    }

    pub(super) fn table(&self) -> String {
        let width = self.rows.iter().map(|(what, _, _)| what.chars().count()).fold(34, usize::max);
        let mut out = String::new();
        for (what, value, unit) in &self.rows {
            let digits = if *value >= 100.0 { 0 } else { 2 };
            // Writing to a string does not fail.
            let _ = writeln!(out, "{what:<width$} {value:>12.digits$} {unit}");
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

/// Values in rising order.
pub(super) struct Sorted(Vec<f64>);

impl Sorted {
    pub(super) fn new(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        Self(values)
    }

    pub(super) fn count(&self) -> f64 {
        self.0.len() as f64
    }

    /// The value below which this share of all lies, from 0 to 1; not a number when there is none.
    pub(super) fn at(&self, share: f64) -> f64 {
        let index = ((self.count() - 1.0) * share) as usize;
        self.0.get(index).copied().unwrap_or(f64::NAN)
    }
}
