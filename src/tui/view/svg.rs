//! For the README: a screen's buffer as a picture. `UPDATE_PICTURES=1 cargo test picture`
//! writes the pictures anew; without it a test says when one is no longer true.

use std::fmt::Write as _;

use ratatui::{
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};
use unicode_width::UnicodeWidthStr as _;

const CELL: (f64, f64) = (8.4, 18.0);
const MARGIN: f64 = 12.0;

/// The terminal's own colours behind and in the picture.
#[derive(Clone, Copy)]
pub(super) struct Paper {
    pub(super) ground: &'static str,
    pub(super) text: &'static str,
}

/// The buffer as SVG on the given paper.
pub(super) fn svg(buffer: &Buffer, paper: Paper) -> String {
    let area = buffer.area;
    let width = f64::from(area.width) * CELL.0 + 2.0 * MARGIN;
    let height = f64::from(area.height) * CELL.1 + 2.0 * MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"14\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{}\"/>\n",
        paper.ground
    );
    for y in area.top()..area.bottom() {
        let mut x = area.left();
        while x < area.right() {
            let cell = &buffer[(x, y)];
            let mut text = String::new();
            let start = x;
            // One piece of text for each run of cells that look alike.
            while x < area.right() && alike(cell, &buffer[(x, y)]) {
                let symbol = buffer[(x, y)].symbol();
                text.push_str(symbol);
                x += u16::try_from(symbol.width().max(1)).unwrap();
            }
            piece(&mut svg, cell, &text, (start, x, y), paper);
        }
    }
    svg.push_str("</svg>\n");
    svg
}

fn alike(one: &Cell, other: &Cell) -> bool {
    (one.fg, one.bg, one.modifier) == (other.fg, other.bg, other.modifier)
}

fn piece(svg: &mut String, cell: &Cell, text: &str, (from, to, y): (u16, u16, u16), paper: Paper) {
    let left = MARGIN + f64::from(from) * CELL.0;
    let top = MARGIN + f64::from(y) * CELL.1;
    let width = f64::from(to - from) * CELL.0;
    let (mut fore, mut back) = (hex(cell.fg, paper.text), hex(cell.bg, "none"));
    if cell.modifier.contains(Modifier::REVERSED) {
        (fore, back) = (paper.ground.to_owned(), fore);
    }
    if back != "none" {
        let height = CELL.1;
        writeln!(svg, "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height}\" fill=\"{back}\"/>").unwrap();
    }
    if text.trim().is_empty() {
        return;
    }
    let bold = if cell.modifier.contains(Modifier::BOLD) { " font-weight=\"bold\"" } else { "" };
    let line = if cell.modifier.contains(Modifier::UNDERLINED) {
        " text-decoration=\"underline\""
    } else {
        ""
    };
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let base = top + CELL.1 * 0.75;
    writeln!(svg, "<text x=\"{left:.1}\" y=\"{base:.1}\" fill=\"{fore}\"{bold}{line} textLength=\"{width:.1}\" lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\">{text}</text>").unwrap();
}

/// The pictures are made with every colour; the terminal's own is the paper's.
fn hex(color: Color, default: &str) -> String {
    match color {
        Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
        _ => default.to_owned(),
    }
}
