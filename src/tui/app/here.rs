//! How things stand where the agent is: what the keys do here, what holds up what waits,
//! what is counted, and whose the number is.

use crate::{
    contact::text::safe,
    submission::{AddressPart, Budget, Counts, PlatformHealth, Record, RefusalCause},
};

use super::{
    super::{
        hints::{self, Hint},
        keymap::{Action, KeyScope},
        row_keys,
        row_words::Moment,
        time,
    },
    App, Floor, Overlay,
};

/// From this height on the selected row's keys stand under the list.
const PEEKS: u16 = 26;

impl App {
    /// The keys that do something here and now, with a word for each.
    pub(in crate::tui) fn hints(&self) -> Vec<(String, &'static str)> {
        let scope = self.scope();
        hints::named(&self.theme, &self.look.keys, scope, self.hints_of(scope))
    }

    fn hints_of(&self, scope: KeyScope) -> Vec<Hint> {
        let mut all = hints::fixed(scope).to_vec();
        for hint in all.iter_mut().filter(|it| matches!(it, Hint::Key(Action::Submit, _))) {
            *hint = Hint::Key(Action::Submit, self.purpose().hint());
        }
        match scope {
            KeyScope::Results => {
                self.about_the_row(&mut all);
                if self.floor != Floor::Alone {
                    for filters in all.iter_mut().filter(|it| matches!(it, Hint::Filters(..))) {
                        *filters = Hint::Filters("1-6", "filter");
                    }
                }
            }
            KeyScope::Details => {
                if let Some(Overlay::Details(details)) = self.overlays.last() {
                    let offers =
                        row_keys::on_page(&details.entry, self.results.whose()).into_iter();
                    let keys = offers.map(|(action, word)| Hint::Key(action, word));
                    all.splice(0..0, keys);
                }
            }
            KeyScope::Confirm => {
                if let Some(Overlay::Ask(ask)) = self.overlays.last() {
                    all = vec![Hint::Key(Action::Yes, ask.yes), Hint::Key(Action::No, ask.no)];
                }
            }
            KeyScope::Everywhere
            | KeyScope::Form
            | KeyScope::Choice
            | KeyScope::Country
            | KeyScope::Button
            | KeyScope::Text
                if self.demo.is_some() =>
            {
                all.insert(2, Hint::Key(Action::SetUp, "set up a real profile"));
            }
            KeyScope::Everywhere
            | KeyScope::Form
            | KeyScope::Choice
            | KeyScope::Country
            | KeyScope::Button
            | KeyScope::Text
            | KeyScope::Picker
            | KeyScope::Search
            | KeyScope::Check
            | KeyScope::Lookup
            | KeyScope::Compare
            | KeyScope::Palette
            | KeyScope::Help
            | KeyScope::Welcome
            | KeyScope::Setup => {}
        }
        all
    }

    /// What can be done with the selected row, where it does not stand under the list; no
    /// key of a row where there is none.
    fn about_the_row(&self, all: &mut Vec<Hint>) {
        let Some(entry) = self.results.selected() else {
            all.retain(|hint| *hint != Hint::Key(Action::Show, "details"));
            return;
        };
        let below = self.size.is_some_and(|(width, height)| width >= 100 && height >= PEEKS);
        if !below {
            let offers = row_keys::short(entry, self.results.whose()).into_iter();
            let keys = offers.map(|(action, word)| Hint::Key(action, word));
            let form = Hint::Key(Action::OtherPane, "form");
            all.retain(|hint| *hint != form);
            all.splice(
                1..1,
                keys.filter(|it| *it != Hint::Key(Action::Retry, "retry")).chain([form]),
            );
        }
        if self.results.needs_you() > 0 {
            all.insert(all.len().min(2), Hint::Key(Action::NextNeeded, "next"));
        }
    }

    /// What a row's words depend on.
    pub(in crate::tui) fn moment(&self, before: Option<usize>) -> Moment<'_> {
        let whose = self.results.whose();
        Moment { now: self.now, zone: &self.zone, held_up: self.held_up(), before, whose }
    }

    /// What holds up every contact that waits, in a few words; empty when nothing does.
    fn held_up(&self) -> &'static str {
        match &self.link {
            PlatformHealth::Refused(refusal) => match refusal.cause {
                RefusalCause::Credential => "secret wrong",
                RefusalCause::Clock { .. } => "clock wrong",
                RefusalCause::Address { part: AddressPart::Page } => "sign in to the network",
                RefusalCause::Address { part: AddressPart::Host } => "wrong host",
                RefusalCause::Address { part: AddressPart::StreamId } => "wrong stream",
            },
            PlatformHealth::Offline(_) => "no connection",
            PlatformHealth::Unattended => "nobody sends",
            PlatformHealth::Untried | PlatformHealth::Online => "",
        }
    }

    /// Whether what waits cannot go out at this moment.
    pub(in crate::tui) fn is_held_up(&self) -> bool {
        // What a seat was told of the floor's minute a while ago may be over.
        let is_full =
            |budget: Budget| budget.left == 0 && budget.next_slot_at.is_none_or(|at| at > self.now);
        !self.held_up().is_empty() || self.budget.is_some_and(is_full)
    }

    /// How many rows there are in each group, of those that the filters choose among.
    pub(in crate::tui) fn counts(&self) -> Counts {
        self.results.counts_since(time::midnight(self.now, &self.zone))
    }

    /// The name of whoever is known to hold the number in the form.
    pub(in crate::tui) fn owner_name(&self) -> Option<String> {
        let owners = self.owners();
        let first = owners.first()?;
        Some(name(first))
    }

    /// The colleague who is entering the number in the form, where nobody has it yet.
    pub(in crate::tui) fn colleague(&self) -> Option<String> {
        let number = self.form.number()?.e164();
        let colleague = self.known.get(&number)?.colleague.as_ref()?;
        self.owners().is_empty().then(|| safe(colleague))
    }

    /// Whether the number in the form is somebody's already, or about to be.
    pub(in crate::tui) fn is_taken(&self) -> bool {
        !self.owners().is_empty() || self.colleague().is_some()
    }
}

fn name(owner: &Record) -> String {
    owner.name().map_or_else(|| "somebody".to_owned(), |name| safe(&name))
}
