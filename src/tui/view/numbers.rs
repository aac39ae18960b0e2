//! Phone numbers on the screen of a floor with visitors: their last four digits only. What
//! is drawn is gone over at the end, so that no place that shows a number can be forgotten:
//! not the platform's own words, not a question, not a name with a number in it.

use ratatui::{buffer::Buffer, layout::Position};

/// What stands in a digit's place; every terminal has it.
const MASK: &str = "*";
/// Digits that are left.
const LEFT: usize = 4;
/// With fewer digits it is no number, unless it begins with a plus.
const SHORTEST: usize = 7;
const SHORTEST_WITH_PLUS: usize = 5;

/// Masks every number but those that `is_own` knows by their digits: what the form holds is
/// read back to the customer.
pub(super) fn mask(buffer: &mut Buffer, is_own: impl Fn(&str) -> bool) {
    for y in buffer.area.top()..buffer.area.bottom() {
        let line: Vec<char> = (buffer.area.left()..buffer.area.right())
            .map(|x| buffer[Position::new(x, y)].symbol().chars().next().unwrap_or(' '))
            .collect();
        for run in runs(&line) {
            let places: Vec<_> = run.clone().filter(|at| line[*at].is_ascii_digit()).collect();
            let digits: String = places.iter().map(|at| line[*at]).collect();
            if is_own(&digits) {
                continue;
            }
            for at in &places[..places.len().saturating_sub(LEFT)] {
                let x = buffer.area.left().saturating_add(u16::try_from(*at).unwrap_or(u16::MAX));
                buffer[Position::new(x, y)].set_symbol(MASK);
            }
        }
    }
}

/// Where numbers stand in a line: digits with at most one mark between two of them.
fn runs(line: &[char]) -> Vec<std::ops::Range<usize>> {
    let mut runs = Vec::new();
    let mut at = 0;
    while at < line.len() {
        let begins = line[at].is_ascii_digit() || matches!(line[at], '+' | '(');
        let inside_word = at > 0 && (line[at - 1].is_alphanumeric() || line[at - 1] == '_');
        if !begins || inside_word {
            at += 1;
            continue;
        }
        let end = end_of(line, at);
        let digits = line[at..end].iter().filter(|letter| letter.is_ascii_digit()).count();
        let shortest = if line[at] == '+' { SHORTEST_WITH_PLUS } else { SHORTEST };
        // A word goes on behind it: an id.
        let is_word = line.get(end).is_some_and(|letter| letter.is_alphanumeric());
        if digits >= shortest && !is_word && !is_date(&line[at..end]) {
            runs.push(at..end);
        }
        at = end.max(at + 1);
    }
    runs
}

/// Behind the last digit that belongs to the number beginning at `at`.
fn end_of(line: &[char], at: usize) -> usize {
    let mut end = at + 1;
    let mut marks = 0;
    for (place, letter) in line.iter().enumerate().skip(at + 1) {
        match letter {
            '0'..='9' => {
                end = place + 1;
                marks = 0;
            }
            // A code in brackets has a blank beside the bracket.
            ' ' | '-' | '.' | '\u{a0}' | '\u{2011}' if marks == 0 => marks = 1,
            '(' | ')' | '/' if marks <= 1 => {}
            ' ' if line[place - 1] == ')' => {}
            _ => break,
        }
    }
    end
}

/// 2026-11-26, and perhaps an hour behind it.
fn is_date(run: &[char]) -> bool {
    let shape = |letter: &char| if letter.is_ascii_digit() { '0' } else { *letter };
    let shape: String = run.iter().map(shape).collect();
    shape.starts_with("0000-00-00") && run.len() <= "2026-11-26 10".len()
}

#[cfg(test)]
mod tests {
    use ratatui::{layout::Rect, style::Style};

    use super::*;

    fn masked(text: &str, own: &str) -> String {
        let width = u16::try_from(text.chars().count()).unwrap();
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, 1));
        buffer.set_string(0, 0, text, Style::new());
        mask(&mut buffer, |digits| digits == own);
        buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect()
    }

    #[test]
    fn only_the_last_four_digits_of_a_number_are_left_wherever_it_stands() {
        for (text, left) in [
            ("Ada  +44 7911 123123  Created", "Ada  +** **** **3123  Created"),
            ("+1 415-555-0132", "+* ***-***-0132"),
            ("taken by 07911123123.", "taken by *******3123."),
            ("(030) 901820-12", "(***) ****20-12"),
            ("+44 791112  10:32", "+** **1112  10:32"),
        ] {
            assert_eq!(masked(text, ""), left);
        }
    }

    #[test]
    fn dates_times_ids_and_short_figures_stay_and_so_does_the_forms_own_number() {
        for text in [
            "2026-11-26 10:32",
            "2026-11-26 10:32:05Z",
            "63c7abc0123456789abcdef0",
            "59 of 60 left",
            "HTTP 503",
            "01.02.2026",
        ] {
            assert_eq!(masked(text, "01022026"), text);
        }
        assert_eq!(masked("+44 7911 123123", "447911123123"), "+44 7911 123123");
    }
}
