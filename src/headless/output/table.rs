//! Aligned columns for people: measured in cells, and no wider than the terminal.

use std::io::{self, Write};

use serde::Serialize;
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use super::cells;

/// What a line that is too long does without: programs read it, in the other formats.
const GIVES_WAY: &str = "id";
/// What says nothing any more, or something else, without its end.
const KEPT_WHOLE: [&str; 4] = ["submitted_at", "created_at", "status", "e164"];

/// Prints rows, after the heads if they are the first; `width` is the terminal's.
pub(super) fn table<Row: Serialize>(
    out: &mut impl Write,
    columns: &[&str],
    rows: &[Row],
    first: bool,
    width: Option<usize>,
) -> io::Result<()> {
    let heads = |columns: &[&str]| {
        columns
            .iter()
            .map(|column| column.rsplit('.').next().unwrap_or(column).replace('_', " "))
            .collect()
    };
    let mut lines: Vec<Vec<String>> = vec![heads(columns)];
    for row in rows {
        lines.push(cells(columns, row)?);
    }
    let mut columns: Vec<_> = columns
        .iter()
        .enumerate()
        .map(|(at, name)| Column {
            at,
            width: lines.iter().map(|line| line[at].width()).max().unwrap_or(0),
            is_whole: KEPT_WHOLE.contains(name),
            gives_way: *name == GIVES_WAY,
        })
        .collect();
    if let Some(width) = width {
        fit(&mut columns, width);
    }
    for line in lines.into_iter().skip(usize::from(!first)) {
        let padded = columns.iter().map(|column| {
            let text = cut(&line[column.at], column.width);
            format!("{text}{}", " ".repeat(column.width.saturating_sub(text.width())))
        });
        writeln!(out, "{}", padded.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}

/// A column as it is printed.
#[derive(Debug, Clone, Copy)]
struct Column {
    /// Its place in a row.
    at: usize,
    width: usize,
    is_whole: bool,
    gives_way: bool,
}

/// Makes the columns fit a line: what may give way does, then the widest text is cut, and
/// on a line that is shorter still, whatever is widest.
fn fit(columns: &mut Vec<Column>, line: usize) {
    const LEAST: usize = 6;
    let excess = |columns: &[Column]| {
        let taken: usize = columns.iter().map(|it| it.width + 2).sum();
        taken.saturating_sub(2).saturating_sub(line)
    };
    if excess(columns) > 0 {
        columns.retain(|it| !it.gives_way);
    }
    while excess(columns) > 0 {
        let widest = |whole: bool, columns: &[Column]| {
            let cuttable = columns.iter().enumerate().filter(|(_, it)| it.width > LEAST);
            let wanted = cuttable.filter(|(_, it)| whole || !it.is_whole);
            wanted.max_by_key(|(_, it)| it.width).map(|(at, _)| at)
        };
        let Some(at) = widest(false, columns).or_else(|| widest(true, columns)) else { return };
        columns[at].width -= 1;
    }
}

/// The text in at most so many cells; what was cut shows as a tilde, which every locale has.
fn cut(text: &str, cells: usize) -> String {
    if text.width() <= cells {
        return text.to_owned();
    }
    let mut kept = String::new();
    for letter in text.graphemes(true) {
        if kept.width() + letter.width() + 1 > cells {
            break;
        }
        kept.push_str(letter);
    }
    kept + "~"
}

/// Columns of the terminal that standard output is; `None` when it is none.
#[cfg(unix)]
pub(super) fn terminal_width() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}

/// As above, where the system knows one terminal only.
#[cfg(not(unix))]
pub(super) fn terminal_width() -> Option<usize> {
    use std::io::IsTerminal as _;

    let (columns, _) = crossterm::terminal::size().ok().filter(|_| io::stdout().is_terminal())?;
    (columns > 0).then_some(usize::from(columns))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const COLUMNS: &[&str] = &["submitted_at", "status", "full_name", "e164", "id", "reason"];

    fn row(name: &str, reason: &str) -> Value {
        json!({
            "submitted_at": "2026-11-27 10:24",
            "status": "duplicate",
            "full_name": name,
            "e164": "+447700900461",
            "id": "6b0773a41122334455660003",
            "reason": reason,
        })
    }

    fn printed(width: usize) -> Vec<String> {
        let rows = [
            row("Bernice Summerfield-Featherstonehaugh", "belongs to Jane Roe"),
            row("山田 花子", "the platform refused the salutation, which must be one of two"),
        ];
        let mut out = Vec::new();
        table(&mut out, COLUMNS, &rows, true, Some(width)).unwrap();
        String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_usual_terminal_shows_when_what_who_and_why() {
        let lines = printed(80);
        assert!(lines.iter().all(|line| line.width() <= 80), "{lines:#?}");
        for whole in ["2026-11-27 10:24", "duplicate", "+447700900461"] {
            assert!(lines[1..].iter().all(|line| line.contains(whole)), "{whole}: {lines:#?}");
        }
        assert!(lines[1].contains("Bernice Sum"), "{lines:#?}");
        assert!(lines[1].contains("belongs to Ja"), "{lines:#?}");
        assert!(!lines[0].contains("id"), "{lines:#?}");
    }

    #[test]
    fn a_wide_terminal_shows_everything_and_a_tiny_one_what_fits() {
        let lines = printed(220);
        assert!(lines[1].contains("6b0773a41122334455660003") && lines[2].ends_with("one of two"));
        let lines = printed(40);
        assert!(lines.iter().all(|line| line.width() <= 46), "six cells a column: {lines:#?}");
    }
}
