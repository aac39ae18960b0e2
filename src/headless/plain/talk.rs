//! The questions: what is to be done, the next contact, whom to find.

use std::io::{BufRead, Write};

use anyhow::Result;
use jiff::Timestamp;
use tokio::runtime;

use super::news::{Answered, News};
use crate::{
    config::{Config, ConfigError, Right},
    contact::{Contact, Draft, Phone, Rules, phone::Reading, text::safe},
    delivery::Handle,
    exit::Exit,
    headless::{add_questions, prompt::Prompt},
    store::{ContactQuery, Store},
    submission::{Change, Entry, Origin, Record, Submission, SubmissionId},
};

/// Customers that a search shows.
const MOST_FOUND: u32 = 9;

/// Whoever sits here, and the worker behind.
pub(super) struct Talk<Input, Out> {
    pub(super) config: Config,
    pub(super) store: Store,
    pub(super) handle: Handle,
    pub(super) news: News,
    pub(super) runtime: runtime::Handle,
    pub(super) prompt: Prompt<Input, Out>,
    pub(super) unstored: Vec<Unstored>,
}

/// Answers that the store did not take.
pub(super) struct Unstored {
    id: SubmissionId,
    /// The row that they were typed instead of.
    corrects: Option<SubmissionId>,
    draft: Draft,
}

/// What can be done.
#[derive(Debug, Clone, Copy)]
enum Deed {
    New,
    NeedsYou,
    Results,
    Find,
    Retry,
    Quit,
}

/// What becomes of a contact that was typed.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Submit,
    Keep,
    Change,
    Again,
    Leave,
}

impl<Input: BufRead, Out: Write> Talk<Input, Out> {
    /// Asks until whoever answers leaves, or the input ends. What is stored nowhere is told
    /// however that came.
    pub(super) fn run(mut self) -> Result<Exit> {
        let ended = self.questions();
        let is_lost = self.tell_unstored()?;
        ended?;
        self.leave()?;
        Ok(if is_lost { Exit::Failed } else { Exit::Done })
    }

    fn questions(&mut self) -> Result<()> {
        let profile = safe(&self.config.profile);
        self.say(&format!("rolodesk in plain mode, profile {profile}."))?;
        self.say("Each answer is a line; Enter alone takes what stands in brackets.")?;
        loop {
            let waiting = self.needing()?.len();
            let needs = format!("what needs you, {waiting} now");
            let mut deeds = vec![("new contact", Deed::New)];
            deeds.retain(|_| self.config.policy.allows(Right::Create));
            deeds.extend([
                (needs.as_str(), Deed::NeedsYou),
                ("results", Deed::Results),
                ("find a customer", Deed::Find),
                ("try again what waits", Deed::Retry),
                ("quit", Deed::Quit),
            ]);
            let go_on = match self.choose("What now?", &deeds)? {
                Some(Deed::New) => self.contact(&Draft::default(), None)?,
                Some(Deed::NeedsYou) => self.needs_you()?,
                Some(Deed::Results) => self.results()?,
                Some(Deed::Find) => self.find()?,
                Some(Deed::Retry) => {
                    self.handle.retry(None);
                    self.say("Trying again.")?;
                    true
                }
                Some(Deed::Quit) | None => false,
            };
            if !go_on {
                return self.tell_news();
            }
        }
    }

    /// The answers that would be lost by leaving; whether there are any.
    fn tell_unstored(&mut self) -> Result<bool> {
        self.forget_stored();
        let lost = std::mem::take(&mut self.unstored);
        for Unstored { draft, .. } in &lost {
            self.say("This contact is not stored:")?;
            for line in draft.lines() {
                self.say(&line)?;
            }
        }
        Ok(!lost.is_empty())
    }

    /// What was slow may be on disk by now.
    fn forget_stored(&mut self) {
        let news = &self.news;
        self.unstored.retain(|it| !news.has_row(it.id));
    }

    fn leave(&mut self) -> Result<()> {
        let counts = self.runtime.block_on(self.store.counts())?;
        let waits = counts.waiting();
        if waits > 0 {
            let them = if waits == 1 { "contact waits; it goes" } else { "contacts wait; they go" };
            self.say(&format!("{waits} {them} out next time, or with `rolodesk sync`."))?;
        }
        self.say("Goodbye.")
    }

    /// Asks for a contact, beginning with what is there, or with the answers that were not
    /// stored the last time, and what becomes of it. `corrects` is the row that it is typed
    /// instead of. False when the input has ended.
    pub(super) fn contact(&mut self, before: &Draft, corrects: Option<&Entry>) -> Result<bool> {
        self.forget_stored();
        let corrected = corrects.map(|row| row.submission.id);
        let again = self.unstored.iter().position(|it| it.corrects == corrected);
        let is_new = corrects.is_some() || *before == Draft::default();
        let offered = again.filter(|_| is_new).map(|at| self.unstored.remove(at));
        let before = offered.as_ref().map_or(before, |it| &it.draft).clone();
        let answered = self.answers(before, corrects);
        if !matches!(answered, Ok(true)) {
            self.unstored.extend(offered);
        }
        answered
    }

    fn answers(&mut self, mut before: Draft, corrects: Option<&Entry>) -> Result<bool> {
        loop {
            let allow_unusual = false;
            let salutations = self.config.salutations.clone();
            let mut rules = Rules { salutations, allow_unusual };
            let asked = add_questions::contact(&self.config, &before, &mut rules, &mut self.prompt);
            let draft = match asked {
                Ok(draft) => draft,
                Err(error) if error.is::<ConfigError>() => return Ok(false),
                Err(error) => return Err(error),
            };
            let contact = match draft.parse(&rules) {
                Ok(contact) => contact,
                Err(problems) => {
                    for problem in problems {
                        self.say(&safe(&format!("{}: {}", problem.field, problem.message)))?;
                    }
                    before = draft;
                    continue;
                }
            };
            let known = self.known(&contact.phone, corrects)?;
            match self.fate(&contact, &known)? {
                Some(Fate::Submit) => self.submit(contact, draft, corrects)?,
                Some(Fate::Keep) => self.say("That contact stays as it is; nothing is sent.")?,
                Some(Fate::Change) => self.change_known(contact, draft, &known)?,
                Some(Fate::Leave) => self.say("Nothing is sent.")?,
                Some(Fate::Again) => {
                    before = draft;
                    continue;
                }
                None => return Ok(false),
            }
            return Ok(true);
        }
    }

    /// Reads the number back and asks whether it goes out.
    fn fate(&mut self, contact: &Contact, known: &[Record]) -> Result<Option<Fate>> {
        let aloud = contact.phone.read_aloud().replace(" · ", ", ");
        let who = format!("{} {}", contact.salutation, contact.full_name());
        self.say(&safe(&format!("{who}. The number: {aloud}.")))?;
        let owner = known.iter().find_map(Record::name);
        let mut fates = Vec::new();
        if let Some(owner) = &owner {
            self.say(&safe(&format!("This number is already {owner}'s.")))?;
            fates.push(("keep that contact, send nothing", Fate::Keep));
            let has_id = known.iter().any(|record| record.id.is_some());
            if has_id && self.config.policy.allows(Right::Update) {
                fates.push(("change that contact into this one", Fate::Change));
            }
        }
        fates.push(("submit", Fate::Submit));
        fates.push(("type it again", Fate::Again));
        fates.push(("leave it", Fate::Leave));
        self.choose("Send it?", &fates)
    }

    /// Who is known to have the number; the row being corrected is nobody else.
    fn known(&mut self, phone: &Phone, corrects: Option<&Entry>) -> Result<Vec<Record>> {
        let mut known = match self.runtime.block_on(self.store.known(&phone.e164())) {
            Ok(known) => known,
            // That is no reason to lose what was answered.
            Err(error) => {
                self.say(&safe(&format!("Who has the number cannot be told: {error}")))?;
                Vec::new()
            }
        };
        if let Some(row) = corrects {
            let id = row.status.created_id();
            let name = row.submission.contact.full_name();
            let itself = |it: &Record| match &it.id {
                Some(_) => it.id.as_ref() == id,
                None => it.name().as_ref() == Some(&name),
            };
            known.retain(|it| !itself(it));
        }
        Ok(known)
    }

    fn submit(&mut self, contact: Contact, typed: Draft, corrects: Option<&Entry>) -> Result<()> {
        let submission = fresh(contact, corrects.map(|row| row.submission.id));
        let id = submission.id;
        let name = safe(&submission.contact.full_name());
        match corrects {
            Some(row) => self.handle.correct(submission, row.submission.id, row.seen()),
            None => self.handle.submit(submission),
        }
        let corrects = corrects.map(|row| row.submission.id);
        self.stored(Unstored { id, corrects, draft: typed }, &name)
    }

    fn change_known(&mut self, contact: Contact, typed: Draft, known: &[Record]) -> Result<()> {
        let holder = known.iter().find_map(|record| Some((record.id.clone()?, record.owner())));
        let Some((target, owner)) = holder else { return Ok(()) };
        let submission = fresh(contact, None);
        let id = submission.id;
        let name = safe(&submission.contact.full_name());
        self.handle.update(submission, Change::Update(target, owner));
        self.stored(Unstored { id, corrects: None, draft: typed }, &name)
    }

    /// Says whether the store took it; what it did not take is kept.
    fn stored(&mut self, typed: Unstored, name: &str) -> Result<()> {
        let answered = self.news.is_stored(typed.id, &self.runtime);
        if answered != Answered::Done {
            self.unstored.push(typed);
        }
        match answered {
            Answered::Done => self.say(&format!("{name} is stored and goes out now.")),
            Answered::Refused(why) => {
                self.say(&format!("Not stored: {why}"))?;
                self.say("Your answers are kept while rolodesk runs, and offered again.")
            }
            Answered::NotYet => self.say(&format!("{name} is not stored yet: the disk is slow.")),
        }
    }

    fn find(&mut self) -> Result<bool> {
        let Some(text) = self.ask("Name or number", "")? else { return Ok(false) };
        let query =
            ContactQuery { search: Some(text), limit: MOST_FOUND, ..ContactQuery::default() };
        let found = self.runtime.block_on(self.store.contacts(&query))?;
        if found.is_empty() {
            self.say("Nobody who is known here.")?;
            return Ok(true);
        }
        let lines: Vec<_> = found.iter().map(|record| safe(&described(record))).collect();
        let mut choices: Vec<_> =
            lines.iter().map(String::as_str).zip(found.iter().map(Some)).collect();
        choices.push(("nobody of these", None));
        match self.choose("Take whom into the questions?", &choices)? {
            Some(Some(record)) => self.contact(&draft_of(record), None),
            Some(None) => Ok(true),
            None => Ok(false),
        }
    }

    /// Asks for one of these by its number, after the news; the first is the default. None when
    /// the input has ended.
    pub(super) fn choose<T: Copy>(
        &mut self,
        question: &str,
        choices: &[(&str, T)],
    ) -> Result<Option<T>> {
        self.tell_news()?;
        self.say(question)?;
        for (number, (words, _)) in (1..).zip(choices) {
            self.say(&format!("{number} {words}"))?;
        }
        loop {
            let Some(answer) = self.ask("Choice", "1")? else { return Ok(None) };
            let number: Option<usize> = answer.parse().ok();
            let chosen = number.and_then(|number| choices.get(number.checked_sub(1)?));
            if let Some((_, choice)) = chosen {
                return Ok(Some(*choice));
            }
            let wanted = match choices.len() {
                1 => "1".to_owned(),
                count => format!("a number from 1 to {count}"),
            };
            self.say(&format!("Please answer with {wanted}."))?;
        }
    }

    /// One answer; None when the input has ended.
    pub(super) fn ask(&mut self, question: &str, default: &str) -> Result<Option<String>> {
        match self.prompt.ask_script(question, default) {
            Ok(answer) => Ok(answer),
            Err(error) if error.is::<ConfigError>() => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) fn tell_news(&mut self) -> Result<()> {
        for line in self.news.lines() {
            self.say(&line)?;
        }
        Ok(())
    }

    pub(super) fn say(&mut self, text: &str) -> Result<()> {
        Ok(self.prompt.say(text)?)
    }
}

fn fresh(contact: Contact, corrects: Option<SubmissionId>) -> Submission {
    let (id, origin) = (SubmissionId::fresh(), Origin::Form);
    Submission { id, contact, origin, submitted_at: Timestamp::now(), corrects }
}

fn described(record: &Record) -> String {
    let name = record.name().unwrap_or_else(|| "without a name".to_owned());
    let number = record.e164.as_ref().map(|number| format!(", {number}")).unwrap_or_default();
    format!("{name}{number}")
}

/// A contact as it is typed.
pub(super) fn draft(contact: &Contact) -> Draft {
    Draft {
        salutation: contact.salutation.to_string(),
        first_name: contact.first_name.to_string(),
        last_name: contact.last_name.to_string(),
        region: contact.phone.region().map_or_else(String::new, |it| it.code().to_owned()),
        phone: contact.phone.international(),
        extension: contact.extension.as_str().to_owned(),
    }
}

/// A contact of the platform as it would be typed.
fn draft_of(record: &Record) -> Draft {
    let phone = record.e164.as_ref().and_then(|it| match Phone::parse(it.as_str(), None) {
        Reading::Valid(phone) | Reading::Unusual(phone, _) => Some(phone),
        Reading::Impossible(_) => None,
    });
    let full = record.name().unwrap_or_default();
    let (first, last) = full.rsplit_once(' ').unwrap_or((full.as_str(), ""));
    let text = |part: &Option<String>, otherwise: &str| safe(part.as_deref().unwrap_or(otherwise));
    let region = phone.as_ref().and_then(Phone::region);
    Draft {
        salutation: text(&record.salutation, ""),
        first_name: text(&record.first_name, first),
        last_name: text(&record.last_name, last),
        region: region.map_or_else(String::new, |region| region.code().to_owned()),
        phone: phone.map_or_else(String::new, |phone| phone.international()),
        extension: text(&record.extension, ""),
    }
}
