//! Text measured in terminal cells, not in bytes or characters.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// How many bytes at the beginning of the text are letters of one cell each, which need not be
/// taken apart.
pub(super) fn plain(text: &str) -> usize {
    text.bytes().take_while(|byte| byte.is_ascii_graphic() || *byte == b' ').count()
}

/// How many cells the text takes.
pub(super) fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.bytes().filter(|byte| !byte.is_ascii_control()).count();
    }
    text.graphemes(true).map(grapheme_width).sum()
}

fn grapheme_width(grapheme: &str) -> usize {
    if grapheme.contains(char::is_control) { 0 } else { grapheme.width() }
}

/// The text cut to at most `room` cells, never inside a wide character; what was cut
/// shows as `more`.
pub(super) fn fit(text: &str, room: usize, more: &str) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let more = if width(more) <= room { more } else { "" };
    let mut left = room - width(more);
    if left < plain(text) {
        return text[..left].to_owned() + more;
    }
    let mut kept = String::new();
    for grapheme in text.graphemes(true) {
        let cells = grapheme_width(grapheme);
        if cells > left {
            break;
        }
        left -= cells;
        kept.push_str(grapheme);
    }
    kept + more
}

/// A sentence cut to at most `room` cells, at the end that matters less: after a clause if
/// what is left of it says enough, else anywhere.
pub(super) fn fit_clauses(text: &str, room: usize, more: &str) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    // The last of several clauses names what is wrong, the first what is asked for.
    let clauses: Vec<&str> = text.split(", ").collect();
    if let [first, _, .., last] = clauses[..] {
        let short = format!("{first} {more} {last}");
        if width(&short) <= room {
            return short;
        }
    }
    // What ends a clause is left out, and needs no room.
    let ends = [", ", ": ", "; ", " (", ". "];
    let ends = ends.iter().flat_map(|end| text.match_indices(end)).map(|(at, _)| at);
    let end = ends.filter(|at| width(&text[..*at]) <= room).max();
    match end.filter(|end| end * 3 >= room) {
        Some(end) => text[..end].to_owned(),
        None => fit(text, room, more),
    }
}

/// The part of the text from cell `from` on that fits into `room` cells. A wide
/// character that is cut by the left edge becomes blanks, so that columns stay true.
pub(super) fn window(text: &str, from: usize, room: usize) -> String {
    let (mut column, mut shown) = (0, String::new());
    for grapheme in text.graphemes(true) {
        let cells = grapheme_width(grapheme);
        let end = column + cells;
        if end > from + room {
            break;
        }
        if column >= from {
            shown.push_str(grapheme);
        } else if end > from {
            shown.push_str(&" ".repeat(end - from));
        }
        column = end;
    }
    shown
}

/// The text broken at blanks into lines of at most `room` cells; a longer word is cut.
pub(super) fn wrap(text: &str, room: usize) -> Vec<String> {
    if room == 0 {
        return Vec::new();
    }
    let mut lines = vec![String::new()];
    let mut column = 0;
    for (word, cells) in text.split_whitespace().flat_map(|word| pieces(word, room)) {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        if line.is_empty() {
            line.push_str(word);
            column = cells;
        } else if column + 1 + cells <= room {
            line.push(' ');
            line.push_str(word);
            column += 1 + cells;
        } else {
            lines.push(word.to_owned());
            column = cells;
        }
    }
    lines
}

/// The word in pieces of at most `room` cells, with how many each takes.
fn pieces(word: &str, room: usize) -> Vec<(&str, usize)> {
    let whole = width(word);
    if whole <= room {
        return vec![(word, whole)];
    }
    let (mut pieces, mut from, mut cells) = (Vec::new(), 0, 0);
    for (at, grapheme) in word.grapheme_indices(true) {
        let more = grapheme_width(grapheme);
        if at > from && cells + more > room {
            pieces.push((&word[from..at], cells));
            (from, cells) = (at, 0);
        }
        cells += more;
    }
    pieces.push((&word[from..], cells));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wide_character_takes_two_cells_and_is_never_cut_in_half() {
        assert_eq!(width("山田"), 4);
        assert_eq!(fit("山田太郎", 5, "…"), "山田…");
        assert_eq!(fit("山田太郎", 4, "…"), "山…");
        assert_eq!(fit("山田", 4, "…"), "山田");
        assert_eq!(fit("山田", 0, "…"), "");
        assert_eq!(fit("abc山田", 4, "…"), "abc…");
        assert_eq!(fit("abc山田", 3, "…"), "ab…");
        assert_eq!(fit("abcde\u{301}f", 6, "…"), "abcde\u{301}f");
        assert_eq!(fit("abcde\u{301}fg", 6, "…"), "abcde\u{301}…");
    }

    #[test]
    fn a_window_blanks_the_half_of_a_wide_character() {
        assert_eq!(window("山田x", 1, 3), " 田");
        assert_eq!(window("abcdef", 2, 3), "cde");
        assert_eq!(window("ab", 5, 3), "");
    }

    #[test]
    fn a_sentence_that_does_not_fit_loses_its_last_clauses_first() {
        let text = "needs a country, or a + and the calling code in front";
        assert_eq!(fit_clauses(text, 60, "…"), text);
        assert_eq!(fit_clauses(text, 40, "…"), "needs a country");
        assert_eq!(fit_clauses("abcdefgh", 4, "…"), "abc…");
        assert_eq!(fit_clauses("needs a country, or a +", 15, "…"), "needs a country");
        let odd = "may hold digits, blanks and + ( ) - . /, not 'x'";
        assert_eq!(fit_clauses(odd, 30, "…"), "may hold digits … not 'x'");
    }

    #[test]
    fn wrapping_breaks_at_blanks_and_cuts_only_long_words() {
        assert_eq!(wrap("two digits short", 10), ["two digits", "short"]);
        assert_eq!(wrap("abcdef", 4), ["abcd", "ef"]);
        assert!(wrap("abc", 0).is_empty());
    }
}
