//! How many rows came to what.

use serde::Serialize;

/// How many rows there are of each status.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(super) struct Tally {
    pub(super) total: u32,
    pub(super) created: u32,
    pub(super) duplicate: u32,
    pub(super) rejected: u32,
    pub(super) invalid: u32,
    pub(super) queued: u32,
    /// Only in a dry run, as is `unusual`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) valid: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unusual: Option<u32>,
}

impl Tally {
    pub(super) fn count(&mut self, status: &str) {
        self.total += 1;
        match status {
            "created" => self.created += 1,
            "duplicate" => self.duplicate += 1,
            "rejected" => self.rejected += 1,
            "queued" => self.queued += 1,
            "valid" => *self.valid.get_or_insert(0) += 1,
            "unusual" => *self.unusual.get_or_insert(0) += 1,
            _ => self.invalid += 1,
        }
    }

    /// Rows that cannot become contacts as they are.
    pub(super) fn failed(&self) -> u32 {
        self.duplicate + self.rejected + self.invalid
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rows = if self.total == 1 { "row" } else { "rows" };
        write!(f, "{} {rows}: ", self.total)?;
        let dry = self.valid.zip(self.unusual);
        let parts = [
            (dry.map(|it| it.0), "valid"),
            (dry.map(|it| it.1), "unusual"),
            (dry.is_none().then_some(self.created), "created"),
            (Some(self.duplicate), "duplicate"),
            (dry.is_none().then_some(self.rejected), "rejected"),
            (Some(self.invalid), "invalid"),
            (dry.is_none().then_some(self.queued), "queued"),
        ];
        let told: Vec<_> = parts
            .into_iter()
            .filter_map(|(count, word)| count.map(|count| format!("{count} {word}")))
            .collect();
        f.write_str(&told.join(", "))
    }
}
