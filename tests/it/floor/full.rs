//! A floor's database whose disk is full: a sentence, nothing lost, and it goes on by itself
//! once there is room. The server runs on a small disk in a mount namespace of its own.

use std::{
    fs,
    os::unix::fs::chown,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use rolodesk::team::{
    FloorStore as _,
    floor::{AskAgain, FloorError, SeatRow},
    postgres::{Address, Postgres},
};
use tempfile::TempDir;

use super::{ACCOUNT, bidder, next_word, row, seat};
use crate::{
    as_root::can_mount,
    cluster::{other_user, programs_here},
};

/// A server on a disk of its own.
struct Small {
    folder: TempDir,
    server: Child,
}

impl Small {
    /// `None`, said aloud, where that cannot be tried.
    fn start() -> Option<Self> {
        let programs = programs_here()?;
        if !can_mount("a database whose disk is full") {
            return None;
        }
        let (uid, gid) = other_user().unwrap();
        let folder = tempfile::Builder::new().prefix("pg").tempdir_in("/tmp").unwrap();
        chown(folder.path(), Some(uid), Some(gid)).unwrap();
        let data = folder.path().join("data");
        fs::create_dir(&data).unwrap();
        chown(&data, Some(uid), Some(gid)).unwrap();
        let as_user = "initdb -D \"$0\" -U owner -A trust --no-sync --locale=C.UTF-8 -E UTF8 && \
                       exec postgres -D \"$0\" -c listen_addresses= -c fsync=off \
                       -c unix_socket_directories=\"$1\"";
        let script = format!(
            "mount -t tmpfs -o size=96m,mode=700,uid={uid},gid={gid} tmpfs \"$1\" && cd / && \
             exec setpriv --reuid={uid} --regid={gid} --clear-groups sh -c \"$3\" \"$1\" \"$2\""
        );
        let mut path = vec![programs];
        path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
        let server = Command::new("unshare")
            .args(["--mount", "sh", "-c", &script, "sh"])
            .args([&data, &PathBuf::from(folder.path())])
            .arg(as_user)
            .env("PATH", std::env::join_paths(path).unwrap())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Some(Self { folder, server })
    }

    fn address(&self, user: &str) -> Address {
        Address {
            host: self.folder.path().to_str().unwrap().to_owned(),
            port: 5432,
            database: "postgres".into(),
            user: user.into(),
            password: None,
            ca_file: None,
            is_encrypted: false,
        }
    }

    fn as_role(&self, user: &str) -> Postgres {
        Postgres::new(self.address(user))
    }

    /// Has the server itself run a command on its disk.
    async fn on_its_disk(&self, command: &str) {
        let Address { host, user, database, .. } = self.address("owner");
        let address = format!("host={host} user={user} dbname={database}");
        let (owner, connection) =
            tokio_postgres::connect(&address, tokio_postgres::NoTls).await.unwrap();
        let connection = tokio::spawn(connection);
        let statement = format!("COPY (SELECT 1) TO PROGRAM '{command}'");
        owner.batch_execute(&statement).await.unwrap();
        connection.abort();
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn large(number: u32) -> SeatRow {
    SeatRow { document: format!("{{\"x\":\"{}\"}}", "y".repeat(300_000)), ..row(number, "form") }
}

#[test]
fn a_full_disk_is_a_sentence_and_what_waits_goes_on_once_there_is_room() {
    let Some(small) = Small::start() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let owner = small.as_role("owner");
        let mut tries = 0;
        while let Err(error) = owner.set_up(Some(ACCOUNT)).await {
            tries += 1;
            assert!(tries < 300, "{error}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let (seats, sender) = (small.as_role("rolodesk_seat"), small.as_role("rolodesk_sender"));
        let ann = seat("ann");
        let first = row(0, "form");
        seats.hand_over(&ann, std::slice::from_ref(&first)).await.unwrap();

        small.on_its_disk("cat /dev/zero > filler || true").await;
        let mut rows = Vec::new();
        let refused = loop {
            let next = large(u32::try_from(rows.len()).unwrap() + 1);
            let handed = seats.hand_over(&ann, std::slice::from_ref(&next)).await;
            rows.push(next);
            match handed {
                Err(error) => break error,
                Ok(_) => assert!(rows.len() < 2_000, "the disk is never full"),
            }
        };
        assert_eq!(refused, FloorError::Full, "{refused}");
        assert!(refused.to_string().contains("disk of the team's database is full"));
        assert_eq!(refused.ask_again(), AskAgain::Slowly);
        let known = seats.mirror(&ann, 0).await.unwrap();
        assert_eq!(known.len(), rows.len(), "what was taken is still read");

        small.on_its_disk("rm filler").await;
        seats.hand_over(&ann, &rows).await.unwrap();
        assert_eq!(seats.mirror(&ann, 0).await.unwrap().len(), rows.len() + 1);
        let rolodesk::team::floor::Bid::Won { fence, .. } =
            sender.bid(&bidder("sender", 0)).await.unwrap()
        else {
            panic!("nobody else sends")
        };
        sender.adopt(ACCOUNT, fence, 500).await.unwrap();
        let slot = super::one_slot();
        let began = sender.begin(ACCOUNT, fence, next_word(), &slot, &[(first.id, 0)]).await;
        assert!(matches!(began, Ok(rolodesk::team::floor::Began::Go { .. })), "{began:?}");
    });
}
