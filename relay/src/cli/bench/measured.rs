//! The figures, as a table or JSON.

use serde_json::{Map, Value, json};

#[derive(Debug, Default)]
pub(super) struct Report {
    /// What each column is of, where there are several.
    heads: Vec<String>,
    rows: Vec<(String, Vec<f64>, &'static str)>,
}

impl Report {
    pub(super) fn add(&mut self, what: impl Into<String>, value: f64, unit: &'static str) {
        self.rows.push((what.into(), vec![value], unit));
    }

    /// Several reports of the same things side by side, each under its head.
    pub(super) fn beside(reports: Vec<(String, Self)>) -> Self {
        let mut all = Self::default();
        for (head, report) in reports {
            for (what, values, unit) in report.rows {
                match all.rows.iter_mut().find(|(known, ..)| *known == what) {
                    Some((_, known, _)) => known.extend(values),
                    None => all.rows.push((what, values, unit)),
                }
            }
            all.heads.push(head);
        }
        all
    }

    pub(super) fn table(&self) -> String {
        let width = self.rows.iter().map(|(what, ..)| what.chars().count()).fold(34, usize::max);
        let mut out = String::new();
        if !self.heads.is_empty() {
            let heads = self.heads.iter().fold(String::new(), |line, head| format!("{line} {head:>12}"));
            out.push_str(&format!("{:<width$}{heads}\n", ""));
        }
        for (what, values, unit) in &self.rows {
            out.push_str(&format!("{what:<width$}"));
            for value in values {
                let digits = if *value >= 100.0 { 0 } else { 2 };
                out.push_str(&format!(" {value:>12.digits$}"));
            }
            out.push_str(&format!(" {unit}\n"));
        }
        out
    }

    pub(super) fn json(&self) -> String {
        let rows = self.rows.iter().map(|(what, values, unit)| match values.as_slice() {
            [value] if self.heads.is_empty() => json!({ "what": what, "value": value, "unit": unit }),
            values => {
                let values: Map<String, Value> =
                    self.heads.iter().zip(values).map(|(head, value)| (head.clone(), json!(value))).collect();
                json!({ "what": what, "values": values, "unit": unit })
            }
        });
        Value::Array(rows.collect()).to_string()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_beside_each_other_share_their_rows() {
        let report = |value| {
            let mut report = Report::default();
            report.add("counts", value, "ms");
            report
        };

        let both = Report::beside(vec![("10".into(), report(1.0)), ("100".into(), report(2.5))]);

        let read = |text: String| serde_json::from_str::<Value>(&text).unwrap();
        let values = json!({ "10": 1.0, "100": 2.5 });
        assert_eq!(read(both.json()), json!([{ "what": "counts", "values": values, "unit": "ms" }]));
        assert_eq!(read(report(1.0).json()), json!([{ "what": "counts", "value": 1.0, "unit": "ms" }]));
        assert_eq!(both.table().lines().count(), 2);
    }
}
