//! `doctor --bundle FILE`: what whoever helps needs to find a fault: versions, the checks,
//! counts, the log's end. No secrets, and nothing that names a person: not a customer, and
//! not whose home it is.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::{
    config::Environment, contact::text::safe, masking::tokens_masked, private, store::Store,
};

/// Of the log, this much from its end.
const LOG_LINES: usize = 200;
/// A run of digits this long could be somebody's number.
const LONG_NUMBER: usize = 7;

/// The whole text.
pub(super) async fn text(
    told: &[String],
    environment: &Environment,
    store: Option<&Store>,
) -> String {
    let mut lines = vec![
        format!("rolodesk {}", env!("CARGO_PKG_VERSION")),
        format!("system   {} {}", std::env::consts::OS, std::env::consts::ARCH),
        format!("written  {}", Timestamp::now()),
        String::new(),
        "== checks".to_owned(),
    ];
    lines.extend(told.iter().cloned());
    lines.extend([String::new(), "== counts".to_owned()]);
    lines.extend(counts(store).await);
    lines.extend([String::new(), "== reasons".to_owned()]);
    lines.extend(reasons(store).await);
    lines.extend([String::new(), format!("== the log's last {LOG_LINES} lines")]);
    lines.extend(log_end(environment).iter().map(|line| nameless(line)));
    let home = environment.home().map(|home| home.display().to_string());
    let plain = |line: &String| {
        let line = tokens_masked(&safe(line));
        match home.as_deref().filter(|home| home.len() > 1) {
            Some(home) => line.replace(home, "~"),
            None => line,
        }
    };
    lines.iter().map(plain).collect::<Vec<_>>().join("\n") + "\n"
}

/// Puts it into a file for its owner alone.
///
/// # Errors
/// A sentence that names the file.
pub(super) fn write(path: &Path, text: &str) -> Result<(), String> {
    private::file::write(path, text.as_bytes())
}

async fn counts(store: Option<&Store>) -> Vec<String> {
    let Some(store) = store else { return vec!["there is no store".to_owned()] };
    match store.counts().await {
        Ok(counts) => vec![
            format!("queued     {}", counts.queued),
            format!("sending    {}", counts.sending),
            format!("created    {}", counts.created),
            format!("duplicate  {}", counts.duplicate),
            format!("attention  {}", counts.attention),
            format!("deleted    {}", counts.deleted),
        ],
        Err(error) => vec![error.to_string()],
    }
}

/// By their codes: the words are others', and may name somebody.
async fn reasons(store: Option<&Store>) -> Vec<String> {
    let Some(store) = store else { return Vec::new() };
    match store.reasons().await {
        Ok(reasons) => {
            reasons.into_iter().map(|(code, count)| format!("{code:<24} {count}")).collect()
        }
        Err(error) => vec![error.to_string()],
    }
}

fn log_end(environment: &Environment) -> Vec<String> {
    let read = |path: PathBuf| std::fs::read(path).unwrap_or_default();
    let Some(path) = environment.log_file() else { return Vec::new() };
    let bytes = read(path);
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<_> = text.lines().map(str::to_owned).collect();
    lines[lines.len().saturating_sub(LOG_LINES)..].to_vec()
}

/// A line of the log without anything that could be a number or an address of somebody:
/// at its loudest it repeats what libraries say.
fn nameless(line: &str) -> String {
    let word = |word: &str| {
        let digits = |word: &str| word.chars().filter(char::is_ascii_digit).count();
        let runs = word.split(|letter: char| !letter.is_ascii_digit());
        let longest = runs.map(digits).max().unwrap_or(0);
        if longest >= LONG_NUMBER || word.contains('@') {
            "[left out]".to_owned()
        } else {
            word.to_owned()
        }
    };
    line.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_log_names_nobody() {
        let line =
            "2026-11-26T01:55:11.123456Z  INFO x: +919876543210 of a@b.c, id=919876543210 ok";
        let left = nameless(line);
        assert_eq!(
            left,
            "2026-11-26T01:55:11.123456Z  INFO x: [left out] of [left out] [left out] ok"
        );
    }

    #[tokio::test]
    async fn a_bundle_has_no_home_no_token_and_no_escape_sequence_in_it() {
        let home = tempfile::tempdir().unwrap();
        let environment = Environment::only([("", ""); 0], home.path());
        let log = environment.log_file().unwrap();
        std::fs::create_dir_all(log.parent().unwrap()).unwrap();
        std::fs::write(&log, "old\nauth eyJhbGciOiJIUzI1NiJ9.e30.x \u{1b}[2J\n").unwrap();
        let told = [format!("ok       config.file          {}/x was read", home.path().display())];
        let text = text(&told, &environment, None).await;
        assert!(text.contains("~/x was read") && text.contains("auth [masked]"), "{text}");
        let hostile = home.path().display().to_string();
        assert!(!text.contains(&hostile) && !text.contains('\u{1b}'), "{text}");
    }
}
