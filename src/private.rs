//! What is nobody else's affair: whose files are obeyed, how ours are made and kept short,
//! and what of the process itself nobody gets to see.
//!
//! ```text
//!   ownership  whose a file is and who may write it, judged as ssh judges
//!   file       written whole or not at all, for its owner alone
//!   journal    only ever added to, and put aside when it grows long
//!   scratch    a folder that is thrown away, also after a killed run
//!   user       who runs the program
//!   process    no core dumps, no readers of the memory, nothing made for others
//! ```

pub mod file;
pub mod journal;
pub mod ownership;
pub mod process;
pub mod scratch;
pub mod user;

/// A word of a command as a shell reads it back.
#[must_use]
pub fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "/._-+:,@%".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word_of_a_command_whatever_it_holds() {
        assert_eq!(quoted("/home/a/.config/ü.toml"), "/home/a/.config/ü.toml");
        assert_eq!(quoted("/a b;rm *"), "'/a b;rm *'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
