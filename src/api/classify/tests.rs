//! Answers recorded, documented and invented, and what each means.

use proptest::prelude::*;

use super::*;

fn read(status: u16, body: &str) -> Reply {
    read_with(status, None, body, &[])
}

fn read_with(status: u16, retry_after: Option<&str>, body: &str, phrases: &[String]) -> Reply {
    let now = Timestamp::from_second(1_700_000_000).unwrap();
    classify(&Raw { status, retry_after, now, body: body.as_bytes() }, phrases)
}

fn kind(reply: &Reply) -> &'static str {
    match reply {
        Reply::Created(_) => "created",
        Reply::Duplicate { .. } => "duplicate",
        Reply::Failure(failure) => match failure.kind {
            FailureKind::Rejected => "rejected",
            FailureKind::Unauthorised => "unauthorised",
            FailureKind::Limited { .. } => "limited",
            FailureKind::Unreached => "unreached",
            FailureKind::Failed => "failed",
            FailureKind::Unclear { doubt: Doubt::Verdict } => "doubted",
            FailureKind::Unclear { .. } => "unclear",
            FailureKind::Missing => "missing",
            FailureKind::Conflict => "conflict",
            FailureKind::Unexplained => "unexplained",
            FailureKind::Misaddressed { .. } => "misaddressed",
        },
    }
}

fn words(reply: Reply) -> (&'static str, String) {
    let kind = kind(&reply);
    let Reply::Failure(failure) = reply else { panic!("it is no failure") };
    (kind, failure.words)
}

const JOHN: &str = r#"{"id":"63c7c811aa00000000000001","firstName":"John","lastName":"Doe","cellPhone":{"phoneNumber":"+919876543210"}}"#;

#[test]
fn answers_mean_what_they_mean() {
    let minute =
        "You've exceeded the per-minute rate limit. Please wait for sometime before retrying.";
    let hour = "You've exceeded the hourly rate limit. Please wait for sometime before retrying.";
    let old = "Rate limit for this API has been reached. Please try again later";
    let table: &[(u16, String, &str)] = &[
        (200, format!("[{JOHN}]"), "created"),
        (201, format!("[{JOHN}]"), "created"),
        (200, JOHN.into(), "created"),
        (200, format!(r#"{{"data":[{JOHN}]}}"#), "created"),
        (200, format!(r#"{{"contact":{JOHN}}}"#), "created"),
        (200, format!(r#"[{JOHN},{{"error":"already exists"}}]"#), "created"),
        (200, "[]".into(), "unclear"),
        (200, String::new(), "unclear"),
        (204, String::new(), "unclear"),
        (200, "<html><body>Sign in</body></html>".into(), "misaddressed"),
        (200, format!("[{}", &JOHN[..40]), "unclear"),
        (200, r#"[{"firstName":"John"}]"#.into(), "unclear"),
        (200, r#"{"status":"accepted","id":"job-7"}"#.into(), "unclear"),
        (200, errors("Contact already exists", 4009), "duplicate"),
        (200, format!(r#"{{"error":"already exists","contact":{JOHN}}}"#), "duplicate"),
        (200, format!(r#"{{"message":"number already exists","contact":{JOHN}}}"#), "duplicate"),
        (200, errors("Invalid SDK credentials", 4002), "unauthorised"),
        (200, errors(minute, 1), "limited"),
        (400, errors("Contact already exists", 4009), "duplicate"),
        (
            400,
            r#"{"message":"Phone number is already associated with a contact"}"#.into(),
            "duplicate",
        ),
        (400, r#"{"error":{"details":[{"text":"value must be unique"}]}}"#.into(), "duplicate"),
        (409, String::new(), "conflict"),
        (409, "Conflict".into(), "conflict"),
        (409, r#"{"message":"the phone number is already in use"}"#.into(), "duplicate"),
        (409, r#"{"message":"version conflict, document was modified"}"#.into(), "conflict"),
        (409, "stream is not published".into(), "conflict"),
        (409, "duplicate request id".into(), "conflict"),
        (422, r#"["phoneNumber has already been taken"]"#.into(), "duplicate"),
        (422, errors("salutation must be Mr or Mrs", 1), "rejected"),
        (
            500,
            "E11000 duplicate key error collection: contacts index: cellPhone_1 dup key".into(),
            "duplicate",
        ),
        (500, "<html><h1>Duplicate contact</h1></html>".into(), "duplicate"),
        (500, "Internal Server Error".into(), "failed"),
        (502, "<html><body>Bad gateway</body></html>".into(), "failed"),
        (503, String::new(), "failed"),
        (504, "upstream timed out".into(), "failed"),
        (408, String::new(), "failed"),
        (425, String::new(), "failed"),
        (400, "Bad Request".into(), "unexplained"),
        (404, r#"{"message":"stream not found"}"#.into(), "misaddressed"),
        (413, String::new(), "rejected"),
        (401, String::new(), "unauthorised"),
        (401, errors("Invalid SDK credentials", 4002), "unauthorised"),
        (400, errors("Invalid SDK credentials", 4002), "unauthorised"),
        (400, r#"{"errors":[{"msg":"nope","code":"4002"}]}"#.into(), "unauthorised"),
        (403, "Forbidden: scope missing".into(), "unauthorised"),
        (401, "jti has already been used".into(), "unauthorised"),
        (403, "token already used: duplicate".into(), "unauthorised"),
        (403, "a contact with this number already exists".into(), "duplicate"),
        (429, String::new(), "limited"),
        (400, errors(minute, 1), "limited"),
        (403, errors(hour, 1), "limited"),
        (500, errors(old, 1), "limited"),
        (503, "Too Many Requests".into(), "limited"),
        (301, String::new(), "unreached"),
        (307, "<html>already exists elsewhere</html>".into(), "unreached"),
        (308, String::new(), "unreached"),
        (302, "<html>already exists elsewhere</html>".into(), "unclear"),
        (303, String::new(), "unclear"),
        (101, String::new(), "unclear"),
    ];
    assert!(table.len() >= 40);
    mean(table);
}

#[track_caller]
fn mean(table: &[(u16, String, &str)]) {
    for (status, body, expected) in table {
        let reply = read(*status, body);
        assert_eq!(kind(&reply), *expected, "{status} {body}: {reply:?}");
    }
}

fn errors(msg: &str, code: i64) -> String {
    format!(r#"{{"errors":[{{"msg":"{msg}","code":{code}}}]}}"#)
}

#[test]
fn codes_camel_case_and_a_success_that_tells_of_a_failure_mean_what_they_say() {
    mean(&[
        (400, r#"{"code":"CONTACT_ALREADY_EXISTS"}"#.into(), "duplicate"),
        (400, r#"{"type":"ContactAlreadyExists","title":"Bad Request"}"#.into(), "duplicate"),
        (400, r#"{"error":{"name":"duplicateContact"}}"#.into(), "duplicate"),
        (422, "The phone number has been taken by a customer".into(), "duplicate"),
        (400, "phone number is associated with another customer".into(), "duplicate"),
        (400, r#"{"reason":"matches an existing contact"}"#.into(), "duplicate"),
        (
            500,
            "ERROR: duplicate key value violates unique index (SQLSTATE 23505)".into(),
            "duplicate",
        ),
        (
            500,
            r#"{"message":"ER_DUP_ENTRY: Duplicate entry '+91' for key 'phone'"}"#.into(),
            "duplicate",
        ),
        (400, "duplicate field `firstName` in the body".into(), "rejected"),
        (429, r#"{"code":"RATE_LIMIT_EXCEEDED"}"#.into(), "limited"),
        (400, r#"{"error":"rateLimitExceeded"}"#.into(), "limited"),
        (200, r#"{"statusCode":409,"message":"Conflict"}"#.into(), "conflict"),
        (200, format!(r#"{{"message":"Contact already exists","data":[{JOHN}]}}"#), "duplicate"),
        (
            200,
            format!(r#"{{"success":false,"errors":[{{"msg":"number in use"}}],"data":[{JOHN}]}}"#),
            "duplicate",
        ),
        (200, format!(r#"[{{"error":"duplicate","contact":{JOHN}}}]"#), "duplicate"),
        (200, format!(r#"{{"failed":1,"successfulRecords":[{JOHN}]}}"#), "created"),
        (200, format!(r#"{{"createdContacts":[{JOHN}]}}"#), "created"),
        (200, format!(r#"{{"message":"1 contact created","items":[{JOHN}]}}"#), "created"),
        (400, "Phone number is registered to a different contact".into(), "duplicate"),
        (400, "This mobile is already mapped".into(), "duplicate"),
        (400, "The stream is already published".into(), "unexplained"),
        (
            403,
            r#"{"message":"Forbidden: contact with this number already exists"}"#.into(),
            "duplicate",
        ),
        (
            403,
            r#"{"statusCode":403,"error":"Forbidden","message":"Forbidden"}"#.into(),
            "unauthorised",
        ),
        (200, r#"{"statusCode":422,"message":"salutation"}"#.into(), "rejected"),
        (200, r#"{"error":{"code":503,"message":"maintenance"}}"#.into(), "failed"),
        (200, errors("salutation must be Mr or Mrs", 1), "rejected"),
        (200, errors("Internal error, please try again", 1), "failed"),
        (200, r#"{"errors":[],"data":null}"#.into(), "unclear"),
        (200, r#"{"status":200,"message":"accepted"}"#.into(), "unclear"),
        (200, r#"{"statusCode":401,"message":"no"}"#.into(), "unauthorised"),
    ]);
}

#[test]
fn a_fault_of_the_address_is_never_charged_to_the_contact() {
    let page = "<!DOCTYPE html><html><body>Sign in. Already have an account? It exists with us.";
    mean(&[
        (404, String::new(), "misaddressed"),
        (404, "Not found".into(), "misaddressed"),
        (404, "Cannot POST /agentassist/api".into(), "misaddressed"),
        (405, "Method Not Allowed".into(), "misaddressed"),
        (410, "{}".into(), "misaddressed"),
        (400, r#"{"message":"Invalid streamId"}"#.into(), "misaddressed"),
        (422, errors("the bot id does not exist", 7), "misaddressed"),
        (200, errors("Stream not found", 7), "misaddressed"),
        (400, r#"{"error":"unknown accountId"}"#.into(), "unauthorised"),
        (200, page.into(), "misaddressed"),
        (201, page.into(), "misaddressed"),
        (400, page.replace("exists", "lives"), "misaddressed"),
        (401, page.into(), "misaddressed"),
        (403, page.into(), "misaddressed"),
        (404, page.into(), "misaddressed"),
        (407, "Proxy Authentication Required".into(), "misaddressed"),
        (421, String::new(), "misaddressed"),
        (502, page.replace("exists", "lives"), "failed"),
        (400, errors("salutation must be Mr or Mrs", 1), "rejected"),
        (413, "<html><h1>413 Request Entity Too Large</h1></html>".into(), "rejected"),
        (404, errors("phone number already exists", 1), "duplicate"),
    ]);
    let Reply::Failure(shown) = read(200, page) else { panic!() };
    assert!(shown.may_be_done(), "whoever shows the page may have passed it on");
    let Reply::Failure(unknown) = read(404, "Not found") else { panic!() };
    assert!(!unknown.may_be_done());
}

#[test]
fn a_conflict_is_a_duplicate_only_by_what_it_says_of_the_number() {
    let contact = format!(r#"{{"conflict":{JOHN}}}"#);
    mean(&[
        (409, "phone number conflict".into(), "duplicate"),
        (409, r#"{"message":"conflict: +919876543210"}"#.into(), "duplicate"),
        (409, contact, "duplicate"),
        (409, r#"{"message":"Another operation is in progress"}"#.into(), "conflict"),
    ]);
}

#[test]
fn an_estate_without_update_or_delete_is_no_wrong_address() {
    let answer = |status, body: &str| {
        let body = body.as_bytes();
        let raw = Raw { status, retry_after: None, now: Timestamp::UNIX_EPOCH, body };
        classify_change(&raw, &[]).unwrap_err()
    };
    assert_eq!(kind(&answer(405, "Method Not Allowed")), "rejected");
    assert_eq!(kind(&answer(404, "<html><h1>404</h1></html>")), "rejected");
}

#[test]
fn the_answer_to_a_change_needs_no_contact_but_is_no_page_and_no_complaint() {
    let answer = |status, body: &str| {
        let body = body.as_bytes();
        let raw = Raw { status, retry_after: None, now: Timestamp::UNIX_EPOCH, body };
        classify_change(&raw, &[])
    };
    for body in [
        "",
        "{}",
        r#"{"message":"Kontakt gelöscht"}"#,
        r#"{"deletedCount":1}"#,
        r#"{"success":true}"#,
        "OK",
        r#"{"successful":1,"failed":0}"#,
    ] {
        assert_eq!(answer(200, body), Ok(None), "{body}");
    }
    let gone = JOHN.replacen('{', r#"{"status":"DELETED","isNew":false,"#, 1);
    assert!(answer(200, &gone).unwrap().is_some(), "the state that was asked for");
    assert_eq!(answer(204, ""), Ok(None));
    let shown = answer(200, JOHN).unwrap().unwrap();
    assert_eq!(shown.name().as_deref(), Some("John Doe"));
    for (status, body) in [(404, "no such contact"), (410, ""), (404, r#"{"message":"x"}"#)] {
        let missing = answer(status, body);
        assert!(matches!(&missing, Err(it) if kind(it) == "missing"), "{missing:?}");
    }
    for (status, body, expected) in [
        (200, "<html>Sign in</html>", "unclear"),
        (404, "<html>404 nginx</html>", "rejected"),
        (200, r#"{"success":false}"#, "rejected"),
        (200, r#"{"success":"false","message":"not updated"}"#, "rejected"),
        (202, r#"{"status":"PENDING"}"#, "unclear"),
        (202, "", "unclear"),
        (200, r#"{"status":"QUEUED"}"#, "unclear"),
        (200, r#"{"message":"Contact not deleted"}"#, "unclear"),
        (200, r#"{"acknowledged":true,"matchedCount":1,"modifiedCount":0}"#, "unclear"),
        (200, "null", "missing"),
        (200, r#"{"message":"0 contacts deleted"}"#, "missing"),
        (200, r#"{"successful":0,"failed":1}"#, "rejected"),
        (200, r#"{"acknowledged":true,"deletedCount":0}"#, "missing"),
        (200, r#"{"acknowledged":true,"matchedCount":0,"modifiedCount":0}"#, "missing"),
        (200, r#"{"errors":[{"msg":"You've exceeded the per-minute rate limit."}]}"#, "limited"),
        (409, "number already in use", "duplicate"),
        (401, "", "unauthorised"),
        (404, "rate limit reached", "limited"),
        (503, "", "failed"),
    ] {
        match answer(status, body) {
            Err(reply) => assert_eq!(kind(&reply), expected, "{status} {body}"),
            other => panic!("{status} {body}: {other:?}"),
        }
    }
}

#[test]
fn a_name_that_sounds_like_a_complaint_does_not_unmake_a_contact() {
    let body = r#"[{"id":"a","firstName":"Duplicate","lastName":"Already Exists"}]"#;
    assert_eq!(kind(&read(200, body)), "created");
}

#[test]
fn a_refusal_tells_which_limit_it_means() {
    for (said, expected) in [
        ("You've exceeded the per-minute rate limit.", Limit::Minute),
        ("You've exceeded the hourly rate limit.", Limit::Hour),
        ("Rate limit for this API has been reached.", Limit::Unknown),
    ] {
        let Reply::Failure(failure) = read(429, &errors(said, 4290)) else { panic!("{said}") };
        assert_eq!(failure.kind, FailureKind::Limited { limit: expected }, "{said}");
    }
}

#[test]
fn what_is_no_list_is_a_refusal_only_where_it_is_one_that_we_know() {
    let now = Timestamp::from_second(1_700_000_000).unwrap();
    let known = |status, body: &str| {
        known_refusal(&Raw { status, retry_after: None, now, body: body.as_bytes() }, &[])
            .map(|reply| kind(&reply))
    };
    assert_eq!(known(200, &errors("Rate limit for this API has been reached", 1)), Some("limited"));
    assert_eq!(known(200, &errors("Authorization failed", 4002)), Some("unauthorised"));
    assert_eq!(known(200, r#"{"contacts": "none"}"#), None);
}

#[test]
fn phrases_of_the_configuration_count_in_any_case() {
    let phrases = ["ist schon VERGEBEN".to_owned(), " ".to_owned()];
    let reply = read_with(400, None, "Die Nummer ist schon vergeben", &phrases);
    assert_eq!(kind(&reply), "duplicate");
    assert_eq!(kind(&read_with(400, None, "nope", &phrases)), "unexplained");
}

#[test]
fn the_owner_is_taken_from_the_answer_only_if_it_is_surely_one() {
    let owner = |body: &str| match read(409, body) {
        Reply::Duplicate { owner, .. } => owner.map(|it| (it.id.map(|id| id.0), it.full_name)),
        other => panic!("{other:?}"),
    };
    let id = "63c7c811aa00000000000001";
    let jane = Some((Some(id.to_owned()), Some("Jane Roe".to_owned())));
    for body in [
        format!(r#"{{"message":"exists","existing":{{"_id":"{id}","fullName":"Jane Roe"}}}}"#),
        format!(
            r#"{{"errors":[{{"msg":"x","contact":{{"id":"{id}","firstName":"Jane","lastName":"Roe"}}}}]}}"#
        ),
        format!(r#"{{"existingContactId":"{id}","existingContactName":"Jane Roe"}}"#),
        format!("+91 98765 43210 is already associated with contact Jane Roe ({id})"),
    ] {
        assert_eq!(owner(&body), jane, "{body}");
    }
    assert_eq!(owner(&format!(r#"{{"existingId":"{id}"}}"#)), Some((Some(id.into()), None)));
    for input in [
        r#"{"firstName":"John","lastName":"Doe"}"#,
        r#"{"firstName":"John","lastName":"Doe","id":0}"#,
        r#"{"firstName":"John","lastName":"Doe","id":"12"}"#,
    ] {
        assert_eq!(owner(&format!(r#"{{"message":"exists","input":{input}}}"#)), None, "{input}");
    }
}

#[test]
fn numbers_in_a_refusal_are_read_in_any_spelling() {
    let body = r#"{"errors":[{"msg":"+91 98765-43210 already exists"},{"phoneNumber":"+919876543211"},{"n":9876543212}]}"#;
    let Reply::Duplicate { numbers, .. } = read(400, body) else { panic!() };
    assert_eq!(numbers, ["919876543210", "919876543211", "9876543212"]);
}

#[test]
fn retry_after_is_read_in_every_form_and_bounded() {
    let wait = |text| match read_with(429, Some(text), "", &[]) {
        Reply::Failure(Failure { retry_after, .. }) => retry_after.map(|it| it.as_secs()),
        other => panic!("{other:?}"),
    };
    assert_eq!(wait("7"), Some(7));
    assert_eq!(wait("0"), Some(0));
    assert_eq!(wait("-5"), Some(0));
    assert_eq!(wait("86400"), Some(3600));
    assert_eq!(wait("1e9"), Some(0));
    assert_eq!(wait("1700000030"), Some(30));
    assert_eq!(wait("Tue, 14 Nov 2023 22:13:40 GMT"), Some(20));
    assert_eq!(wait("Tue, 14 Nov 1999 22:13:40 GMT"), None, "no such day");
    assert_eq!(wait("Tuesday, 14-Nov-23 22:13:40 GMT"), Some(20));
    assert_eq!(wait("Tue Nov 14 22:13:40 2023"), Some(20));
    assert_eq!(wait("2023-11-14T22:13:40Z"), Some(20));
    assert_eq!(wait("1700000030000"), Some(30));
    assert_eq!(wait("soon"), None);
    assert_eq!(wait("NaN"), None);
}

#[test]
fn what_the_platform_said_is_told_in_one_harmless_line() {
    let ("rejected", reason) = words(read(400, "bad\u{1b}[2J\nsalutation")) else { panic!() };
    assert_eq!(reason, "bad salutation");
    let ("unexplained", reason) = words(read(400, &"x".repeat(9_999))) else { panic!() };
    assert_eq!(reason.chars().count(), body_text::LONGEST_REASON + 1);
    let ("failed", reason) = words(read(503, "")) else { panic!() };
    assert_eq!(reason, "HTTP 503");
    let echo = r#"[{"firstName":"John","errorMessage":"Invalid lastName","id":0}]"#;
    let ("rejected", reason) = words(read(207, echo)) else { panic!() };
    assert_eq!(reason, "the answer names no contact: Invalid lastName · John");
    let html = "<html><style>p{color:red}</style><h1>Bad&nbsp;gateway</h1></html>";
    let ("failed", reason) = words(read(502, html)) else { panic!() };
    assert_eq!(reason, "HTTP 502: Bad gateway");
}

proptest! {
    #[test]
    fn no_answer_panics_and_none_is_created_without_an_id(
        status in 0_u16..700, body in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let raw = Raw { status, retry_after: None, now: Timestamp::UNIX_EPOCH, body: &body };
        if let Reply::Created(records) = classify(&raw, &[]) {
            prop_assert!((200..300).contains(&status));
            prop_assert!(records.iter().all(|record| record.id.is_some()));
        }
    }

    #[test]
    fn nothing_that_looks_like_json_is_created_without_an_id(
        status in 200_u16..600,
        body in r#"[\[{]{1,2}("(id|error|contact|firstName|msg)":("a"|null|\[\]|\{\}|7),?){0,4}[\]}]{1,2}"#,
    ) {
        if let Reply::Created(records) = read(status, &body) {
            prop_assert!(records.iter().all(|record| record.id.is_some()));
        }
    }
}

#[test]
fn an_envelope_that_says_all_is_well_is_no_complaint() {
    for beside in [
        r#""error":"""#,
        r#""errors":{}"#,
        r#""error":{}"#,
        r#""error":"none""#,
        r#""error":{"code":0,"message":""}"#,
        r#""failed":"0""#,
        r#""errors":[null]"#,
        r#""message":"1 contact created, 0 duplicates skipped""#,
        r#""message":"created without duplicates""#,
    ] {
        let body = format!(r#"{{"success":true,{beside},"data":[{JOHN}]}}"#);
        assert_eq!(kind(&read(200, &body)), "created", "{body}");
    }
}

/// What a platform says of a contact that it made, beside much that is the customer's own.
const MADE: &str = r#"{"id":"63c7c811aa00000000000001","firstName":"John","lastName":"Doe","createdAt":"2023-11-14T22:13:20Z","cellPhone":{"phoneNumber":"+919876543210"}}"#;

#[test]
fn a_customers_own_state_and_words_of_any_language_are_no_complaint() {
    for beside in [
        r#""status":"PENDING""#,
        r#""status":"DRAFT""#,
        r#""status":2"#,
        r#""state":"Karnataka""#,
        r#""recordStatus":"A""#,
        r#""code":1001"#,
        r#""channel":{"status":"failed"}"#,
        r#""lastCall":{"status":"rejected"}"#,
        r#""reason":"Sales""#,
        r#""notes":"payment failed twice""#,
        r#""disposition":"No answer""#,
        r#""existingCustomer":true"#,
        r#""duplicateKey":"+919876543210""#,
        r#""failoverNumber":"+911""#,
        r#""isNew":false"#,
        r#""message":"Contacto creado""#,
        r#""message":"Only new contacts will be dialled""#,
    ] {
        let made = MADE.replacen('{', &format!("{{{beside},"), 1);
        for body in [format!("[{made}]"), made.clone(), format!(r#"{{"data":{made}}}"#)] {
            assert_eq!(kind(&read(200, &body)), "created", "{body}");
        }
        let body = format!(r#"{{{beside},"data":[{MADE}]}}"#);
        assert_eq!(kind(&read(200, &body)), "created", "{body}");
    }
    for beside in [
        r#""status":"REJECTED""#,
        r#""status":"NOT_SAVED""#,
        r#""errorMessage":"Ungültig""#,
        r#""failureReason":"blocked""#,
        r#""isDuplicate":true"#,
        r#""alreadyExists":true"#,
        r#""success":"false""#,
        r#""statusCode":409"#,
        r#""message":"was not created""#,
    ] {
        let made = MADE.replacen('{', &format!("{{{beside},"), 1);
        assert_ne!(kind(&read(200, &format!("[{made}]"))), "created", "{beside}");
        let body = format!(r#"{{{beside},"data":[{MADE}]}}"#);
        assert_ne!(kind(&read(200, &body)), "created", "{body}");
    }
}

#[test]
fn a_time_in_words_is_no_doubt_unless_it_is_long_ago() {
    for (time, expected) in [
        ("just now", "created"),
        ("11/28/2026 01:00:00 AM", "created"),
        ("Sat Nov 28 2026 01:00:00 GMT+0000", "created"),
        ("2 years ago", "doubted"),
        ("yesterday", "doubted"),
    ] {
        let made = MADE.replace("2023-11-14T22:13:20Z", time);
        assert_eq!(kind(&read(200, &format!("[{made}]"))), expected, "{time}");
    }
}

#[test]
fn a_success_that_complains_and_shows_a_contact_is_looked_up() {
    for complaint in ["audit log not written", "the contact was saved; CRM sync failed"] {
        let body = format!(r#"{{"error":"{complaint}","data":[{JOHN}]}}"#);
        assert_eq!(kind(&read(200, &body)), "doubted", "{body}");
    }
    let body = format!(r#"{{"message":"10 duplicates","data":[{JOHN}]}}"#);
    assert_eq!(kind(&read(200, &body)), "duplicate");
}

#[test]
fn an_element_that_says_it_was_not_made_was_not() {
    for (beside, expected) in [
        (r#""status":"DUPLICATE","message":"Phone number already exists""#, "duplicate"),
        (r#""statusCode":409,"message":"Phone number already exists""#, "duplicate"),
        (r#""result":"skipped""#, "doubted"),
        (r#""status":"CREATED""#, "created"),
        (r#""status":201,"message":"no duplicates""#, "created"),
    ] {
        let body = format!(r#"[{{{beside},"contact":{JOHN}}}]"#);
        assert_eq!(kind(&read(207, &body)), expected, "{body}");
    }
    let inactive = JOHN.replacen('{', r#"{"status":"INACTIVE","#, 1);
    assert_eq!(kind(&read(200, &format!("[{inactive}]"))), "created", "a contact's own status");
}

#[test]
fn words_that_only_sound_like_a_taken_number_mean_what_they_say() {
    for (status, words, expected) in [
        (500, "Operation was already cancelled", "failed"),
        (503, "Server already at maximum number of connections", "failed"),
        (503, "All connections are in use by other clients", "failed"),
        (503, "The phone service is taken down for maintenance", "failed"),
        (500, "Something went wrong, no action has been taken", "failed"),
        (500, "Phone number is taken", "duplicate"),
        (500, "E11000 duplicate key error", "duplicate"),
        (400, "extension conflicts with countryCode", "unexplained"),
        (400, "Already processing the maximum number of uploads", "rejected"),
        (400, "Request failed: the phone number has been taken", "duplicate"),
        (400, "Unauthorized characters in lastName", "rejected"),
        (400, "Unauthorized", "unauthorised"),
        (409, "Maximum number of contacts reached for this account", "conflict"),
        (409, "Number of parallel operations exceeded", "conflict"),
        (409, "Phone number already exists in account id 5f12 (INVALID_REQUEST)", "duplicate"),
        (400, "Account id 5f12 is invalid", "unauthorised"),
    ] {
        let reply = read(status, &format!(r#"{{"message":"{words}"}}"#));
        assert_eq!(kind(&reply), expected, "{status} {words}");
    }
}

#[test]
fn nothing_is_created_while_anything_beside_it_speaks_against_it() {
    let echo = r#""firstName":"John","lastName":"Doe","salutation":"Mr","cellPhone":{"phoneNumber":"9876543210","countryCode":"+91","extension":"+"}"#;
    let mine = format!(r#""id":"63c7c811aa00000000000001",{echo}"#);
    for beside in [
        r#""errorMessage":"Ungültiger Nachname","errorCode":4001"#,
        r#""errorDescription":"x""#,
        r#""ErrorCode":"E17""#,
        r#""lastError":{"text":"x"}"#,
        r#""valid":false"#,
        r#""is_valid":"false""#,
        r#""created":false"#,
        r#""saved":"no""#,
        r#""isNew":false"#,
        r#""isDuplicate":true"#,
        r#""alreadyPresent":true"#,
        r#""found":"yes""#,
        r#""updated":1"#,
        r#""upsertedCount":0,"matchedCount":1"#,
        r#""message":"Contact retrieved successfully""#,
        r#""message":"Record updated successfully""#,
        r#""warnings":["Phone number already in use"]"#,
        r#""description":"could not be saved""#,
        r#""alreadyExists":true"#,
        r#""message":"Ungültige Nummer""#,
        r#""message":"Please enter a valid phone""#,
        r#""messages":["x"]"#,
        r#""reason":"x""#,
        r#""issues":["phone"]"#,
        r#""validation":{"passed":false}"#,
        r#""status":"REFUSED""#,
        r#""status":"NOT_SAVED""#,
        r#""status":"ABGELEHNT""#,
        r#""status":"PENDING""#,
        r#""state":"FAILED""#,
        r#""action":"UNCHANGED""#,
        r#""result":{"success":false}"#,
        r#""httpStatus":409"#,
        r#""statusCode":"422""#,
        r#""code":4001"#,
        r#""code":-1"#,
        r#""successCount":0"#,
    ] {
        for body in [
            format!("[{{{mine},{beside}}}]"),
            format!(r#"[{{"contact":{{{mine}}},{beside}}}]"#),
            format!(r#"{{"data":[{{{mine}}}],{beside}}}"#),
            format!(r#"{{"response":1,"data":{{"contacts":[{{{mine}}}],{beside}}}}}"#),
            format!("{{{mine},{beside}}}"),
        ] {
            let reply = read(207, &body);
            assert_ne!(kind(&reply), "created", "{body}");
            assert_ne!(kind(&reply), "unclear", "it is looked up before it is sent again: {body}");
        }
    }
    for key in [
        "rejected",
        "failures",
        "unsuccessful",
        "skipped",
        "invalidContacts",
        "existing",
        "updated",
        "notCreated",
        "abgelehnt",
    ] {
        let body = format!(r#"{{"{key}":[{{{mine}}}]}}"#);
        assert_ne!(kind(&read(207, &body)), "created", "{body}");
    }
    for none in ["undefined", "null", "00000000-0000-0000-0000-000000000000"] {
        let body = format!(r#"[{{"id":"{none}",{echo},"createdAt":"2023-01-18T10:22:09.123Z"}}]"#);
        assert_eq!(kind(&read(200, &body)), "doubted", "{body}");
    }
    for row in ["0", "1", "17", r#""3""#] {
        let body = format!(r#"[{{"id":{row},{echo}}}]"#);
        assert_eq!(kind(&read(200, &body)), "doubted", "the number of a row: {body}");
        let dated = format!(r#"[{{"id":{row},{echo},"createdAt":"2023-01-18T10:22:09.123Z"}}]"#);
        assert_eq!(kind(&read(200, &dated)), "created", "{dated}");
    }
    assert_eq!(kind(&read(200, &format!(r#"[{{"id":4711001,{echo}}}]"#))), "created");
    for (at, expected) in
        [("2 years ago", "doubted"), ("", "created"), ("2023-01-18 10:22:09", "created")]
    {
        let body = format!(r#"[{{{mine},"createdAt":"{at}"}}]"#);
        assert_eq!(kind(&read(200, &body)), expected, "{body}");
    }
}

#[test]
fn what_is_said_of_a_success_does_not_make_it_doubtful() {
    for beside in [
        r#""status":"ACTIVE""#,
        r#""status":"success","code":200"#,
        r#""code":0,"errorCode":0,"errorMessage":null"#,
        r#""success":"true""#,
        r#""result":"created (no duplicates, no errors)""#,
        r#""status":"NO_ERROR""#,
        r#""failed":"0 of 1","failedCount":0"#,
        r#""message":"Contact created successfully""#,
        r#""successCount":1,"duplicates":[]"#,
        r#""created":"2023-01-18T10:22:09.123Z""#,
        r#""address":[{"state":"Karnataka"}]"#,
        r#""updated":"2023-01-18T10:22:09.123Z","deleted":false,"found":0"#,
        r#""updated":1674037329000"#,
        r#""description":"VIP","warnings":[]"#,
        r#""org":{"id":"o-1","status":"SUSPENDED"}"#,
    ] {
        for body in [
            format!(r#"{{"contacts":[{JOHN}],{beside}}}"#),
            format!(r#"[{{"contact":{JOHN},{beside}}}]"#),
            format!("[{}]", JOHN.replacen('{', &format!("{{{beside},"), 1)),
        ] {
            assert_eq!(kind(&read(200, &body)), "created", "{body}");
        }
    }
    let partly = format!(r#"{{"success":false,"created":[{JOHN}],"failed":[{{"reason":"x"}}]}}"#);
    assert_eq!(kind(&read(207, &partly)), "created", "some failed, and these did not");
}

#[test]
fn a_refusal_that_names_a_field_is_about_the_contact_whatever_else_it_mentions() {
    let table = |status: u16, bodies: &[&str], expected: &'static str| {
        for body in bodies {
            assert_eq!(kind(&read(status, body)), expected, "{status} {body}");
        }
    };
    table(
        400,
        &[
            r#"{"message":"Invalid phoneNumber for accountId 5f1234567890abcdef000001"}"#,
            r#"{"message":"Contact validation failed: lastName: invalid, botId: st-2c7f48ca"}"#,
            r#"{"message":"Invalid phone number for stream st-2c7f48ca-fe7c"}"#,
            r#"{"errors":[{"msg":"Invalid value","param":"lastName","value":"Streamer"}]}"#,
            r#"{"errors":[{"msg":"Unknown value","path":["body",0,"cell_phone"],"stream":"st-1"}]}"#,
            r#"{"errors":{"salutation":["is unknown to this stream"]}}"#,
            r#"{"lastName":["Not valid in this account id"]}"#,
            r#"{"message":"Calls to this country are not authorized: invalid phoneNumber"}"#,
            r#"{"message":"firstName length quota exceeded (max 20)"}"#,
            r#"{"message":"lastName may not contain \"Rate Limit\""}"#,
            r#"{"message":"extension must not hold an auth header"}"#,
            "The phone is not valid; the license of this app allows no such numbers",
        ],
        "rejected",
    );
    table(422, &[r#"{"message":"Unknown countryCode for instance bot"}"#], "rejected");
    table(
        404,
        &[
            r#"{"message":"countryCode +91 not found"}"#,
            r#"{"errors":[{"msg":"Mr not found","field":"salutation"}]}"#,
        ],
        "rejected",
    );
    table(403, &[r#"{"message":"Forbidden: countryCode +91 is not allowed"}"#], "rejected");
    table(403, &[r#"{"message":"No permission to set salutation"}"#], "unauthorised");
    table(403, &["Forbidden: salutation"], "unauthorised");
    table(404, &["salutation not found"], "misaddressed");
    table(400, &[r#"{"message":"Storage quota exceeded"}"#], "unauthorised");
    table(400, &[r#"{"message":"Quota exceeded: 60 requests per minute"}"#], "limited");
    table(
        400,
        &[r#"{"message":"Rate limit for phone number requests reached, try again"}"#],
        "limited",
    );
}

#[test]
fn a_fault_of_the_connection_is_never_charged_to_the_contact() {
    for (status, said, expected) in [
        (402, "Your subscription has expired", "unauthorised"),
        (402, "", "unauthorised"),
        (406, "Not Acceptable", "misaddressed"),
        (411, "Length Required", "misaddressed"),
        (412, "precondition failed", "misaddressed"),
        (414, "URI Too Long", "misaddressed"),
        (415, "Unsupported Media Type", "misaddressed"),
        (417, "", "misaddressed"),
        (418, "blocked by policy", "misaddressed"),
        (423, "Account is suspended", "unauthorised"),
        (424, "", "failed"),
        (426, "TLS 1.2 required", "misaddressed"),
        (428, "", "misaddressed"),
        (431, "Request Header Fields Too Large", "misaddressed"),
        (451, "Unavailable For Legal Reasons", "unauthorised"),
        (499, "client closed request", "failed"),
        (460, "", "misaddressed"),
        (400, "Missing required header: accountId", "unauthorised"),
        (400, "accountId is required", "unauthorised"),
        (400, "auth header is missing", "unauthorised"),
        (400, "auth is required", "unauthorised"),
        (422, "App is not published", "unauthorised"),
        (400, "API scope Configuration is not enabled for this app", "unauthorised"),
        (400, "Contacts feature is not enabled for this account", "unauthorised"),
        (400, "License expired. Contact your administrator.", "unauthorised"),
        (400, "JTI already used", "unauthorised"),
        (400, "Request timestamp is too far from server time", "unauthorised"),
        (400, "IP address not whitelisted", "unauthorised"),
        (400, "client certificate required", "unauthorised"),
        (400, "The plain HTTP request was sent to HTTPS port", "misaddressed"),
        (400, "Bad Request - invalid hostname", "misaddressed"),
        (400, "botId undefined is not mapped to this account", "misaddressed"),
        (400, "System is under maintenance, please try later", "failed"),
    ] {
        for body in [said.to_owned(), format!(r#"{{"message":"{said}"}}"#)] {
            assert_eq!(kind(&read(status, &body)), expected, "{status} {body}");
        }
    }
}

#[test]
fn a_refusal_in_words_that_are_not_understood_is_looked_up_before_it_is_final() {
    for (status, said) in [
        (400, "Telefonnummer wird bereits verwendet"),
        (400, "Ce numéro de téléphone existe déjà"),
        (422, "El número de teléfono ya está registrado"),
        (400, "电话号码已存在"),
        (400, "この電話番号は既に登録されています"),
        (412, "phone exists"),
        (400, "Phone number is held by somebody"),
        (400, ""),
    ] {
        let body = format!(r#"{{"message":"{said}"}}"#);
        assert_eq!(kind(&read(status, &body)), "unexplained", "{status} {said}");
    }
    for said in [
        "phoneNumber is invalid",
        "salutation must be Mr or Mrs",
        "lastName is required",
        "firstName: too long",
        "Number is on the do-not-call list",
    ] {
        assert_eq!(kind(&read(400, &errors(said, 1))), "rejected", "{said}");
    }
}

#[test]
fn a_success_is_a_refusal_only_where_it_plainly_says_what_is_wrong() {
    let echo = r#""id":0,"firstName":"John","lastName":"Doe","cellPhone":{"phoneNumber":"9876543210","countryCode":"+91"}"#;
    for (beside, expected) in [
        (r#""errorMessage":"Invalid lastName""#, "rejected"),
        (r#""errorMessage":"Nachname""#, "doubted"),
        (r#""errorMessage":"created, but extension is invalid""#, "doubted"),
        (r#""errorMessage":"Invalid lastName","createdAt":"2023-01-18T10:22:09Z""#, "doubted"),
    ] {
        assert_eq!(kind(&read(207, &format!("[{{{echo},{beside}}}]"))), expected, "{beside}");
    }
    assert_eq!(kind(&read(200, r#"{"success":"false"}"#)), "conflict");
}
