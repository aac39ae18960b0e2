//! The platform in memory: the phone rule, a list, and every way in which an estate may differ
//! or an answer go wrong. It knows who made each contact, which is what nobody else can.

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::{
    sync::oneshot,
    time::{Instant, sleep, timeout},
};

use super::dice::Dice;
use crate::{
    api::{
        RequestStage, TransportError,
        transport::{Exchange, Method, Transport, Url, WireAnswer, WireRequest},
    },
    contact::E164,
    delivery::clock,
    submission::{ContactId, Record},
};

/// The longest anybody waits for an answer, as in the program: alone, and on a floor.
pub(crate) const CALL_TIMEOUT: Duration = Duration::from_secs(30);
pub(crate) const FLOOR_CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// What the zone without a name is.
const LOCAL: SignedDuration = SignedDuration::from_secs(19_800);
pub(crate) const WINDOW: Duration = Duration::from_mins(1);

/// What goes wrong with one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// Nobody accepts the connection.
    Unreached,
    /// Never carried out, never answered.
    LostBefore,
    /// Carried out, never answered.
    LostAfter,
    /// Carried out; the answer is cut in half.
    Cut,
    /// Carried out; the answer is an empty list.
    Emptied,
    Status500Before,
    Status500After,
    Gateway502,
    Refused401,
    Misaddressed404,
    /// A sign-in page, in the platform's place.
    PageBefore,
    /// A page after the request was passed on.
    PageAfter,
    /// Refused for what it says, not carried out.
    Rejected400,
    /// A conflict that says nothing, not carried out.
    Conflict409,
    Limited429,
    /// A proxy sends it twice and hands on the second answer.
    Replayed,
}

pub(crate) const FAULTS: [Fault; 17] = [
    Fault::None,
    Fault::Unreached,
    Fault::LostBefore,
    Fault::LostAfter,
    Fault::Cut,
    Fault::Emptied,
    Fault::Status500Before,
    Fault::Status500After,
    Fault::Gateway502,
    Fault::Refused401,
    Fault::Misaddressed404,
    Fault::PageBefore,
    Fault::PageAfter,
    Fault::Rejected400,
    Fault::Conflict409,
    Fault::Limited429,
    Fault::Replayed,
];

/// What the list of an estate is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listing {
    Whole,
    /// Older estates have none.
    Absent,
    Fails,
    IgnoresSkip,
    /// Shows a contact only after a while.
    Lags,
    /// Does not say where it ends.
    Silent,
}

pub(crate) const LISTINGS: [Listing; 6] = [
    Listing::Whole,
    Listing::Absent,
    Listing::Fails,
    Listing::IgnoresSkip,
    Listing::Lags,
    Listing::Silent,
];

/// How an estate says that a number is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    Errors400,
    Bare409,
    Text409,
    Database500,
}

pub(crate) const TAKEN: [Taken; 4] =
    [Taken::Errors400, Taken::Bare409, Taken::Text409, Taken::Database500];

/// How an estate dates its contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dates {
    Utc,
    Zoneless,
    Absent,
}

pub(crate) const DATES: [Dates; 3] = [Dates::Utc, Dates::Zoneless, Dates::Absent];

/// Whom an estate names as the maker of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Makers {
    Same,
    Varying,
    Unnamed,
}

pub(crate) const MAKERS: [Makers; 3] = [Makers::Same, Makers::Varying, Makers::Unnamed];

/// What the ids of an estate are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ids {
    Counted,
    /// Of the time, and what makes them unique.
    Timed,
}

pub(crate) const IDS: [Ids; 2] = [Ids::Counted, Ids::Timed];

/// One way a platform may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Estate {
    pub(crate) listing: Listing,
    pub(crate) taken: Taken,
    pub(crate) dates: Dates,
    pub(crate) makers: Makers,
    pub(crate) ids: Ids,
}

impl Estate {
    pub(crate) fn random(dice: &mut Dice) -> Self {
        Self {
            listing: dice.one_of(&LISTINGS),
            taken: dice.one_of(&TAKEN),
            dates: dice.one_of(&DATES),
            makers: dice.one_of(&MAKERS),
            ids: dice.one_of(&IDS),
        }
    }

    /// Whether it shows enough for everything to be settled.
    pub(crate) fn can_tell(self) -> bool {
        match self.listing {
            Listing::Whole | Listing::Lags | Listing::Silent => true,
            Listing::Absent | Listing::Fails | Listing::IgnoresSkip => false,
        }
    }
}

/// One contact, and whether our requests made it.
#[derive(Debug, Clone)]
pub(crate) struct Contact {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) ours: bool,
    first: String,
    last: String,
    made_at: Timestamp,
    made: Instant,
    maker: Option<&'static str>,
}

/// What goes wrong when.
#[derive(Debug, Clone)]
pub(crate) enum Weather {
    /// These, one after the other; then nothing more.
    Planned(Vec<Fault>),
    /// Any, with this chance in a hundred, for so long from the first request on.
    Bad { percent: u64, lasts: Duration },
}

impl Weather {
    pub(crate) fn random(dice: &mut Dice) -> Self {
        let lasts = Duration::from_secs(dice.roll(240));
        Self::Bad { percent: dice.one_of(&[0, 5, 20, 60]), lasts }
    }
}

#[derive(Debug)]
struct State {
    estate: Estate,
    weather: Weather,
    dice: Dice,
    contacts: Vec<Contact>,
    first_met: Option<Instant>,
    arrivals: Vec<Instant>,
    asked: usize,
    sends_blindly: bool,
}

/// The platform; cheap to clone, and the way to it.
#[derive(Debug, Clone)]
pub(crate) struct Platform {
    state: Arc<Mutex<State>>,
    call_timeout: Duration,
}

impl Platform {
    pub(crate) fn new(estate: Estate, weather: Weather, seed: u64, call_timeout: Duration) -> Self {
        let state = State {
            estate,
            weather,
            dice: Dice::new(seed),
            contacts: Vec::new(),
            first_met: None,
            arrivals: Vec::new(),
            asked: 0,
            sends_blindly: false,
        };
        Self { state: Arc::new(Mutex::new(state)), call_timeout }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The longest anybody waits for an answer.
    pub(crate) fn call_timeout(&self) -> Duration {
        self.call_timeout
    }

    /// Somebody else enters this contact, unless the number is taken.
    pub(crate) fn enters(&self, first: &str, last: &str, number: &str) {
        let mut state = self.state();
        if !state.contacts.iter().any(|it| it.number == number) {
            state.make(first, last, number, false);
        }
    }

    /// As its list would show every contact.
    pub(crate) fn records(&self) -> Vec<Record> {
        let state = self.state();
        let record = |contact: &Contact| Record {
            id: Some(ContactId(contact.id.clone())),
            first_name: Some(contact.first.clone()),
            last_name: Some(contact.last.clone()),
            e164: E164::from_canonical(&contact.number),
            active: true,
            ..Record::default()
        };
        state.contacts.iter().map(record).collect()
    }

    pub(crate) fn holder(&self, number: &str) -> Option<Contact> {
        self.state().contacts.iter().find(|it| it.number == number).cloned()
    }

    /// The numbers of the contacts that our requests made.
    pub(crate) fn made_by_us(&self) -> Vec<String> {
        let state = self.state();
        state.contacts.iter().filter(|it| it.ours).map(|it| it.number.clone()).collect()
    }

    /// The most requests that any 60 seconds saw.
    pub(crate) fn busiest_minute(&self) -> usize {
        let arrivals = self.state().arrivals.clone();
        let within = |from: usize| {
            arrivals[from..].iter().take_while(|at| **at - arrivals[from] < WINDOW).count()
        };
        (0..arrivals.len()).map(within).max().unwrap_or(0)
    }

    /// Whether what it says of a contact shows at once whose it is: when it was made, and no
    /// maker who is another one each time, which takes a few contacts of ours to be seen.
    pub(crate) fn tells_whose(&self) -> bool {
        let state = self.state();
        let (dates, makers) = (state.estate.dates, state.estate.makers);
        dates == Dates::Utc && makers != Makers::Varying && !state.sends_blindly
    }

    /// From now on requests of ours may be forgotten: of their contacts can only be said that
    /// they have our names.
    pub(crate) fn forget_requests(&self) {
        self.state().sends_blindly = true;
    }

    pub(crate) fn sends_blindly(&self) -> bool {
        self.state().sends_blindly
    }

    pub(crate) fn requests(&self) -> usize {
        self.state().asked
    }
}

impl Transport for Platform {
    fn exchange(&self, request: WireRequest) -> Exchange {
        let (platform, call_timeout) = (self.clone(), self.call_timeout);
        Box::pin(async move {
            let (fault, there, back) = platform.state().meets();
            if fault == Fault::Unreached {
                sleep(there).await;
                return Err(TransportError::new(RequestStage::Connection, "refused"));
            }
            let (answer, answered) = oneshot::channel();
            // What has left arrives, whatever becomes of whoever sent it.
            tokio::spawn(async move {
                sleep(there).await;
                let reply = platform.state().answers(fault, &request);
                sleep(back).await;
                if let Some(reply) = reply {
                    let _ = answer.send(reply);
                } else {
                    sleep(platform.call_timeout).await;
                }
            });
            match timeout(call_timeout, answered).await {
                Ok(Ok(Some(reply))) => Ok(reply),
                Ok(Ok(None)) => {
                    Err(TransportError::new(RequestStage::Answer, "the answer was cut short"))
                }
                Ok(Err(_)) | Err(_) => Err(TransportError::new(RequestStage::Answer, "no answer")),
            }
        })
    }

    fn now(&self) -> Timestamp {
        clock::now().wall
    }
}

impl State {
    fn meets(&mut self) -> (Fault, Duration, Duration) {
        let since = self.first_met.get_or_insert_with(Instant::now).elapsed();
        let fault = match &mut self.weather {
            Weather::Planned(faults) if faults.is_empty() => Fault::None,
            Weather::Planned(faults) => faults.remove(0),
            Weather::Bad { percent, lasts } => {
                let bad = since < *lasts && self.dice.happens(*percent);
                if bad { self.dice.one_of(&FAULTS) } else { Fault::None }
            }
        };
        let ms = |dice: &mut Dice| Duration::from_millis(dice.roll(400));
        (fault, ms(&mut self.dice), ms(&mut self.dice))
    }

    /// `None` is never sent; `Some(None)` was cut short.
    #[expect(clippy::option_option, reason = "two ways of hearing nothing")]
    fn answers(&mut self, fault: Fault, request: &WireRequest) -> Option<Option<WireAnswer>> {
        self.arrivals.push(Instant::now());
        self.asked += 1;
        let page = "<!DOCTYPE html><html><body>Sign in</body></html>";
        let instead = |status, body: &str| Some(Some(answer(status, body)));
        match fault {
            Fault::LostBefore => None,
            Fault::Status500Before => instead(500, "Internal Server Error"),
            Fault::Gateway502 => instead(502, "<html><h1>Bad gateway</h1></html>"),
            Fault::Refused401 => {
                instead(401, r#"{"errors":[{"msg":"Invalid SDK credentials","code":4002}]}"#)
            }
            Fault::Misaddressed404 => instead(404, "Not found"),
            Fault::PageBefore => instead(200, page),
            Fault::Rejected400 if request.method == Method::POST => {
                instead(400, r#"{"errors":[{"msg":"salutation must be Mr or Mrs","code":4000}]}"#)
            }
            Fault::Conflict409 if request.method == Method::POST => instead(409, "Conflict"),
            Fault::Limited429 => {
                let text = "You've exceeded the per-minute rate limit.";
                let limited = WireAnswer { retry_after: Some("7".into()), ..answer(429, text) };
                Some(Some(limited))
            }
            Fault::LostAfter => {
                self.carries_out(request);
                None
            }
            Fault::Cut => {
                self.carries_out(request);
                Some(None)
            }
            Fault::Emptied if request.method == Method::POST => {
                self.carries_out(request);
                instead(200, "[]")
            }
            Fault::Status500After => {
                self.carries_out(request);
                instead(500, "Internal Server Error")
            }
            Fault::PageAfter => {
                self.carries_out(request);
                instead(200, page)
            }
            Fault::Replayed => {
                self.carries_out(request);
                Some(Some(self.carries_out(request)))
            }
            Fault::None
            | Fault::Unreached
            | Fault::Rejected400
            | Fault::Conflict409
            | Fault::Emptied => Some(Some(self.carries_out(request))),
        }
    }

    fn carries_out(&mut self, request: &WireRequest) -> WireAnswer {
        if request.method == Method::GET {
            return self.list(&request.url);
        }
        let body: Value = serde_json::from_slice(request.body.as_deref().unwrap_or(b"[]")).unwrap();
        let wanted: Vec<_> = body.as_array().unwrap().iter().map(fields).collect();
        let is_taken = |state: &Self, number: &str| {
            state.contacts.iter().any(|contact| contact.number == number)
        };
        if wanted.iter().any(|(_, _, number)| is_taken(self, number)) {
            return match self.estate.taken {
                Taken::Errors400 => {
                    answer(400, r#"{"errors":[{"msg":"Contact already exists","code":4009}]}"#)
                }
                Taken::Bare409 => answer(409, ""),
                Taken::Text409 => answer(409, r#"{"message":"phone number is already in use"}"#),
                Taken::Database500 => {
                    answer(500, "E11000 duplicate key error collection: contacts dup key")
                }
            };
        }
        let made: Vec<_> = wanted
            .iter()
            .map(|(first, last, number)| self.make(first, last, number, true))
            .collect();
        answer(200, &Value::from(made).to_string())
    }

    fn make(&mut self, first: &str, last: &str, number: &str, ours: bool) -> Value {
        let seconds = match self.estate.ids {
            Ids::Counted => 0,
            Ids::Timed => true_time().as_second(),
        };
        let id = format!("{seconds:08x}{:016x}", self.contacts.len() + 1);
        let maker = match (ours, self.estate.makers) {
            (_, Makers::Unnamed) => None,
            (false, Makers::Same | Makers::Varying) => Some("u-stranger"),
            (true, Makers::Same) => Some("u-1"),
            (true, Makers::Varying) => Some(self.dice.one_of(&["u-1", "u-2"])),
        };
        self.contacts.push(Contact {
            id,
            number: number.to_owned(),
            ours,
            first: first.to_owned(),
            last: last.to_owned(),
            made_at: true_time(),
            made: Instant::now(),
            maker,
        });
        self.shown(self.contacts.last().unwrap())
    }

    fn shown(&self, contact: &Contact) -> Value {
        let made = match self.estate.dates {
            Dates::Utc => json!(contact.made_at.to_string()),
            Dates::Zoneless => {
                let local = contact.made_at.checked_add(LOCAL).unwrap();
                json!(local.strftime("%Y-%m-%d %H:%M:%S").to_string())
            }
            Dates::Absent => Value::Null,
        };
        json!({
            "id": contact.id, "firstName": contact.first, "lastName": contact.last,
            "status": "ACTIVE", "createdBy": contact.maker, "createdAt": made,
            "cellPhone": {"phoneNumber": contact.number},
        })
    }

    fn list(&mut self, url: &Url) -> WireAnswer {
        const PAGE: usize = 3;
        const LAG: Duration = Duration::from_secs(90);
        let lag = match self.estate.listing {
            Listing::Absent => return answer(404, r#"{"message":"Cannot GET"}"#),
            Listing::Fails => return answer(500, "the list is out of order"),
            Listing::Lags => LAG,
            Listing::Whole | Listing::IgnoresSkip | Listing::Silent => Duration::ZERO,
        };
        let asked = url.query_pairs().find(|(key, _)| key == "skip").unwrap().1.parse().unwrap();
        let skip = if self.estate.listing == Listing::IgnoresSkip { 0 } else { asked };
        let shown: Vec<_> = self.contacts.iter().filter(|it| it.made.elapsed() >= lag).collect();
        let page: Vec<_> =
            shown.iter().skip(skip).take(PAGE).map(|contact| self.shown(contact)).collect();
        let more = skip + page.len() < shown.len();
        let body = match self.estate.listing {
            Listing::Silent => json!({"results": page}),
            Listing::IgnoresSkip => json!({"results": page, "skip": asked, "hasMore": true}),
            Listing::Whole | Listing::Absent | Listing::Fails | Listing::Lags => {
                json!({"results": page, "skip": skip, "limit": PAGE, "hasMore": more,
                       "totalResults": shown.len()})
            }
        };
        answer(200, &body.to_string())
    }
}

/// The platform's own clock, which nobody sets.
fn true_time() -> Timestamp {
    clock::simulated::true_time()
}

fn answer(status: u16, body: &str) -> WireAnswer {
    // A Date header knows no fractions of a second.
    let date = Timestamp::from_second(true_time().as_second()).ok();
    WireAnswer { status, date, body: body.as_bytes().to_vec(), ..WireAnswer::default() }
}

fn fields(contact: &Value) -> (String, String, String) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let phone = &contact["cellPhone"];
    let number = format!("{}{}", text(&phone["countryCode"]), text(&phone["phoneNumber"]));
    (text(&contact["firstName"]), text(&contact["lastName"]), number)
}
