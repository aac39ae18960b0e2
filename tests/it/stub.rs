//! Servers of a few lines: they answer every connection the same, with or without TLS,
//! and their certificates can be wrong in every usual way.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    os::unix::net::UnixListener,
    path::Path,
    sync::{Arc, Mutex},
    thread,
};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::{ServerConfig, ServerConnection, crypto::aws_lc_rs, pki_types::PrivateKeyDer};

/// Listens until the test ends.
pub struct Stub {
    pub address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Stub {
    /// Answers each request with these bytes.
    pub fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::serving(move |mut stream, heard| converse(&mut stream, &answer, heard))
    }

    /// A session bus that accepts whoever comes, and never says a word.
    pub fn mute_bus(socket: &Path) -> UnixListener {
        UnixListener::bind(socket).unwrap()
    }

    /// Answers over TLS with a certificate of this chain.
    pub fn over_tls(identity: &Identity, answer: impl Into<Vec<u8>>) -> Self {
        let (config, answer) = (identity.server(), answer.into());
        Self::serving(move |stream, heard| {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            converse(&mut rustls::StreamOwned::new(connection, stream), &answer, heard);
        })
    }

    /// A proxy that connects whoever asks with this address.
    pub fn tunnel_to(target: SocketAddr) -> Self {
        Self::serving(move |mut stream, heard| {
            converse(&mut stream, b"HTTP/1.1 200 Connected\r\n\r\n", heard);
            let Ok(onward) = TcpStream::connect(target) else { return };
            let (mut back, mut there) = (onward.try_clone().unwrap(), onward);
            let mut client = stream.try_clone().unwrap();
            thread::spawn(move || io::copy(&mut stream, &mut there));
            thread::spawn(move || {
                let _ = io::copy(&mut back, &mut client);
                let _ = client.shutdown(Shutdown::Write);
            });
        })
    }

    fn serving(serve: impl Fn(TcpStream, &Mutex<Vec<String>>) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let ear = Arc::clone(&heard);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serve(stream, &ear);
            }
        });
        Self { address, heard }
    }

    /// What was said to it so far, request by request.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

/// One request, one answer; a client that hangs up is its own affair.
fn converse(stream: &mut (impl Read + Write), answer: &[u8], heard: &Mutex<Vec<String>>) {
    let mut request = Vec::new();
    let mut piece = [0; 4096];
    // A greeting of TLS (RFC 8446, 5.1) is answered like any other nonsense: at once.
    let is_whole = |it: &[u8]| it.first() == Some(&22) || it.windows(4).any(|it| it == b"\r\n\r\n");
    while !is_whole(&request) {
        match stream.read(&mut piece) {
            Ok(count @ 1..) => request.extend_from_slice(&piece[..count]),
            Ok(0) | Err(_) => return,
        }
    }
    heard.lock().unwrap().push(String::from_utf8_lossy(&request).into_owned());
    let _ = stream.write_all(answer);
    let _ = stream.flush();
}

/// An answer with this status, body and further header lines.
pub fn answer(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}connection: close\r\n\r\n{body}"
    )
}

/// A certificate for one name, signed by an authority of its own.
pub struct Identity {
    /// The authority, as a `ca_file` holds it.
    pub authority: String,
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Identity {
    /// Valid in these years only.
    pub fn of(name: &str, from: i32, to: i32) -> Self {
        let mut root = CertificateParams::new(Vec::new()).unwrap();
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root_key = KeyPair::generate().unwrap();
        let authority = root.self_signed(&root_key).unwrap().pem();
        let issuer = Issuer::new(root, root_key);
        let mut own = CertificateParams::new(vec![name.to_owned()]).unwrap();
        own.not_before = date_time_ymd(from, 1, 1);
        own.not_after = date_time_ymd(to, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = own.signed_by(&key, &issuer).unwrap();
        Self { authority, certificate, key }
    }

    pub fn certificate_pem(&self) -> String {
        self.certificate.pem()
    }

    pub fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }

    fn server(&self) -> Arc<ServerConfig> {
        let key = PrivateKeyDer::try_from(self.key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![self.certificate.der().clone()], key)
            .unwrap();
        Arc::new(config)
    }
}
