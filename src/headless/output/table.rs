//! Aligned columns for people: measured in cells, and no wider than the terminal.

use std::io::{self, Write};

use serde::Serialize;
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use super::cells;

/// Prints rows, after the heads if they are the first; `width` is the terminal's.
pub(super) fn table<Row: Serialize>(
    out: &mut impl Write,
    columns: &[&str],
    rows: &[Row],
    first: bool,
    width: Option<usize>,
) -> io::Result<()> {
    let heads: Vec<_> = columns
        .iter()
        .map(|column| column.rsplit('.').next().unwrap_or(column).replace('_', " "))
        .collect();
    let mut lines = vec![heads];
    for row in rows {
        lines.push(cells(columns, row)?);
    }
    let mut widths: Vec<_> = (0..columns.len())
        .map(|at| lines.iter().map(|line| line[at].width()).max().unwrap_or(0))
        .collect();
    if let Some(width) = width {
        shrink(&mut widths, width);
    }
    for line in lines.into_iter().skip(usize::from(!first)) {
        let padded = line.iter().zip(&widths).map(|(text, width)| {
            let text = cut(text, *width);
            format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
        });
        writeln!(out, "{}", padded.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}

/// Takes cells from the widest columns until the line fits.
fn shrink(widths: &mut [usize], line: usize) {
    const LEAST: usize = 6;
    let room = line.saturating_sub(2 * widths.len().saturating_sub(1));
    while widths.iter().sum::<usize>() > room {
        let Some(widest) = widths.iter_mut().max().filter(|width| **width > LEAST) else { return };
        *widest -= 1;
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
