//! The client against a server that only repeats bytes: what is sent to the letter, and
//! what comes of answers no well-kept server gives.

use std::{net::SocketAddr, time::Duration};

use rolodesk::{
    api::{Algorithm, Client, ClientSettings, Credential, Reply},
    contact::{Contact, Extension, Name, Phone, Region, Salutation},
    submission::FailureKind,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    task::JoinHandle,
};

/// Answers each connection in turn with these bytes, then closes it; gives back what was
/// received.
async fn server(answers: Vec<&'static [u8]>) -> (SocketAddr, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let mut received = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            let mut piece = [0; 4096];
            while !is_whole(&request) {
                let count = stream.read(&mut piece).await.unwrap();
                assert!(count > 0, "the request was cut short");
                request.extend_from_slice(&piece[..count]);
            }
            received.push(String::from_utf8(request).unwrap());
            stream.write_all(answer).await.unwrap();
        }
        received
    });
    (address, task)
}

/// Answers so many requests on a connection and takes one more, which it hangs up on; gives
/// back how many came on each of its connections.
async fn keeper(answered: usize, connections: usize) -> (SocketAddr, JoinHandle<Vec<usize>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let mut came = Vec::new();
        while came.len() < connections {
            let (mut stream, _) = listener.accept().await.unwrap();
            came.push(0);
            let (mut request, mut piece) = (Vec::new(), [0; 4096]);
            while let Ok(count @ 1..) = stream.read(&mut piece).await {
                request.extend_from_slice(&piece[..count]);
                if !is_whole(&request) {
                    continue;
                }
                request.clear();
                *came.last_mut().unwrap() += 1;
                if came.last() > Some(&answered) {
                    break;
                }
                stream.write_all(REFUSED).await.unwrap();
            }
        }
        came
    });
    (address, task)
}

const REFUSED: &[u8] = b"HTTP/1.1 400 x\r\ncontent-length: 0\r\n\r\n";

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head
        .lines()
        .find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned))
        .map_or(0, |it| it.parse().unwrap());
    body.len() >= length
}

fn client(address: SocketAddr) -> Client {
    Client::new(ClientSettings {
        host: format!("http://{address}"),
        stream_id: "st-1".into(),
        account_id: "a-1".into(),
        credential: Credential::Signed {
            client_id: "cs-1".into(),
            secret: "secret".into(),
            algorithm: Algorithm::Hs256,
            subject: "1234567890".into(),
            lifetime: Some(Duration::from_mins(5)),
        },
        ca_file: None,
        duplicate_phrases: Vec::new(),
        renewal: None,
        connect_timeout: Duration::from_secs(2),
        call_timeout: Duration::from_millis(700),
    })
    .unwrap()
}

fn contact(first: &str, last: &str, code: &str, calling: u16, national: &str) -> Contact {
    Contact {
        salutation: Salutation::parse("Mr").unwrap(),
        first_name: Name::parse(first).unwrap(),
        last_name: Name::parse(last).unwrap(),
        phone: Phone::from_parts(Region::from_code(code), calling, national).unwrap(),
        extension: Extension::parse("").unwrap(),
    }
}

fn one() -> Vec<Contact> {
    vec![contact("John", "Doe", "IN", 91, "9876543210")]
}

fn failure(reply: Reply) -> (FailureKind, String) {
    let Reply::Failure(failure) = reply else { panic!("{reply:?}") };
    (failure.kind, failure.words)
}

async fn reply_to(answer: &'static [u8]) -> Reply {
    let (address, task) = server(vec![answer]).await;
    let reply = client(address).create(&one()).await.reply;
    assert_eq!(task.await.unwrap().len(), 1, "exactly one request");
    reply
}

#[tokio::test]
async fn a_create_is_the_documented_request_to_the_letter() {
    let (address, task) = server(vec![b"HTTP/1.1 500 x\r\ncontent-length: 0\r\n\r\n"]).await;
    let contacts = [
        contact("José", "O'Brien", "IN", 91, "9876543210"),
        contact("太郎", "山田", "IT", 39, "0612345678"),
    ];
    client(address).create(&contacts).await;
    let request = task.await.unwrap().remove(0);
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    assert_eq!(lines.next(), Some("POST /agentassist/api/v1/public/st-1/contacts HTTP/1.1"));
    let headers: Vec<_> = lines.map(|line| line.split_once(": ").unwrap()).collect();
    let header = |name: &str| {
        let found: Vec<_> =
            headers.iter().filter(|(it, _)| it.eq_ignore_ascii_case(name)).collect();
        assert!(found.len() <= 1, "{name} twice");
        found.first().map(|(_, value)| *value)
    };
    assert_eq!(header("accountId"), Some("a-1"));
    assert_eq!(header("content-type"), Some("application/json"));
    assert_eq!(header("auth").unwrap().split('.').count(), 3);
    assert_eq!(header("authorization"), None);
    assert_eq!(
        body,
        r#"[{"firstName":"José","lastName":"O'Brien","salutation":"Mr","cellPhone":{"phoneNumber":"9876543210","countryCode":"+91","extension":"+"}},{"firstName":"太郎","lastName":"山田","salutation":"Mr","cellPhone":{"phoneNumber":"0612345678","countryCode":"+39","extension":"+"}}]"#
    );
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_its_target_gets_no_token() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let elsewhere = listener.local_addr().unwrap();
    let answer = format!(
        "HTTP/1.1 307 x\r\nlocation: http://{elsewhere}/x?auth=leak\r\ncontent-length: 0\r\n\r\n"
    );
    let (address, task) = server(vec![answer.leak().as_bytes()]).await;
    let (kind, reason) = failure(client(address).create(&one()).await.reply);
    assert!(matches!(kind, FailureKind::Unreached), "{kind:?}");
    assert!(reason.contains("127.0.0.1") && !reason.contains("leak"), "{reason}");
    assert_eq!(task.await.unwrap().len(), 1);
    let visited = tokio::time::timeout(Duration::from_millis(100), listener.accept()).await;
    assert!(visited.is_err(), "the redirect was followed");
}

#[tokio::test]
async fn an_answer_that_is_missing_cut_short_or_garbled_is_unclear() {
    for answer in [
        &b""[..],
        b"HTTP/1.1 200 OK\r\ncontent-le",
        b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n[{\"id\":\"1\",\"firstName\":\"John\"}]",
        b"\0\x01garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nnope",
    ] {
        let reply = reply_to(answer).await;
        assert!(matches!(failure(reply).0, FailureKind::Unclear { .. }));
    }
}

#[tokio::test]
async fn a_server_that_never_answers_leaves_it_unclear() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (kind, reason) = failure(client(address).create(&one()).await.reply);
    assert!(matches!(kind, FailureKind::Unclear { .. }), "{kind:?}");
    assert!(reason.contains("no answer"), "{reason}");
}

#[tokio::test]
async fn a_port_nobody_listens_on_was_surely_not_reached() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let (kind, reason) = failure(client(address).create(&one()).await.reply);
    assert!(matches!(kind, FailureKind::Unreached), "{kind:?}");
    assert!(reason.contains("refuse"), "{reason}");
}

#[tokio::test]
async fn a_queue_goes_out_over_one_connection() {
    let (address, task) = keeper(20, 1).await;
    let client = client(address);
    for _ in 0..20 {
        let (kind, _) = failure(client.create(&one()).await.reply);
        assert!(matches!(kind, FailureKind::Unexplained), "{kind:?}");
    }
    drop(client);
    assert_eq!(task.await.unwrap(), [20]);
}

#[tokio::test]
async fn a_kept_connection_that_fails_may_have_carried_the_contact_and_no_other_is_kept() {
    let (address, task) = keeper(1, 4).await;
    let client = client(address);
    for unclear in [false, true, false, false, false] {
        let (kind, _) = failure(client.create(&one()).await.reply);
        assert_eq!(matches!(kind, FailureKind::Unclear { .. }), unclear, "{kind:?}");
    }
    drop(client);
    assert_eq!(task.await.unwrap(), [2, 1, 1, 1], "each request was sent once");
}

#[tokio::test]
async fn a_connection_that_was_closed_after_its_answer_is_not_used_again() {
    let (address, task) = server(vec![REFUSED, REFUSED, REFUSED]).await;
    let client = client(address);
    for _ in 0..3 {
        let (kind, _) = failure(client.create(&one()).await.reply);
        assert!(matches!(kind, FailureKind::Unexplained), "{kind:?}");
    }
    assert_eq!(task.await.unwrap().len(), 3);
}

#[tokio::test]
async fn an_endless_answer_is_not_read_for_ever() {
    let mut answer = b"HTTP/1.1 200 OK\r\ncontent-length: 20000000\r\n\r\n".to_vec();
    answer.resize(12 * 1024 * 1024, b' ');
    let (address, _task) = server(vec![answer.leak()]).await;
    let (kind, reason) = failure(client(address).create(&one()).await.reply);
    assert!(matches!(kind, FailureKind::Unclear { .. }), "{kind:?}");
    assert!(reason.contains("10 MB"), "{reason}");
}

#[tokio::test]
async fn the_date_header_tells_how_far_the_clocks_are_apart() {
    let dated = |hours: i64| -> &'static [u8] {
        let date = jiff::Zoned::now().with_time_zone(jiff::tz::TimeZone::UTC);
        let date = date.checked_sub(jiff::SignedDuration::from_hours(hours)).unwrap();
        let date = date.strftime("%a, %d %b %Y %H:%M:%S GMT");
        format!("HTTP/1.1 500 x\r\ndate: {date}\r\ncontent-length: 0\r\n\r\n").leak().as_bytes()
    };
    let (address, task) = server(vec![dated(27), dated(2)]).await;
    let client = client(address);
    assert_eq!(client.clock_offset(), None);
    client.create(&one()).await;
    assert_eq!(client.clock_offset(), None, "no clock of a platform is a day and more away");
    client.create(&one()).await;
    task.await.unwrap();
    let offset = client.clock_offset().unwrap();
    assert!(offset.is_negative() && offset.as_hours().abs() <= 2, "{offset}");
}
