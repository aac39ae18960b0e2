//! When the bell rings: for a problem or a duplicate that just showed, if it is wanted.

use super::App;

/// What is wrong at one moment.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Alarms {
    problems: usize,
    taken: bool,
    news: Option<String>,
}

impl Alarms {
    /// Whether something is wrong now that was not before.
    pub(super) fn rings_after(&self, before: &Self) -> bool {
        let news = self.news.is_some() && self.news != before.news;
        news || self.problems > before.problems || (self.taken && !before.taken)
    }
}

impl App {
    /// Nothing, ever, where no bell is wanted.
    pub(super) fn alarms(&self) -> Alarms {
        if !self.look.bell {
            return Alarms::default();
        }
        Alarms {
            problems: self.form.problems(),
            taken: !self.owners().is_empty(),
            news: self.news().map(str::to_owned),
        }
    }
}
