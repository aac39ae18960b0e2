//! For the README: a screen's buffer as a picture, drawn cell by cell: blocks and rules are
//! shapes and no letters, so that they join in every browser's font. `UPDATE_PICTURES=1 cargo test picture`
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
                // Drawn as shapes below.
                text.push_str(if shapes(symbol).is_empty() { symbol } else { " " });
                x += u16::try_from(symbol.width().max(1)).unwrap();
            }
            piece(&mut svg, cell, &text, (start, x, y), paper);
            for at in start..x {
                draw_shapes(&mut svg, &buffer[(at, y)], (at, y), paper);
            }
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// The parts of a cell that a block or a rule fills: left, top, width and height, each from
/// 0 to 1. Nothing for letters.
fn shapes(symbol: &str) -> &'static [(f64, f64, f64, f64)] {
    match symbol {
        "█" => &[(0.0, 0.0, 1.0, 1.0)],
        "▀" => &[(0.0, 0.0, 1.0, 0.5)],
        "▄" => &[(0.0, 0.5, 1.0, 0.5)],
        "▌" => &[(0.0, 0.0, 0.5, 1.0)],
        "▐" => &[(0.5, 0.0, 0.5, 1.0)],
        "▏" => &[(0.0, 0.0, 0.125, 1.0)],
        "■" => &[(0.0, 0.3, 1.0, 0.4)],
        "─" => &[(0.0, 0.47, 1.0, 0.06)],
        "│" => &[(0.45, 0.0, 0.1, 1.0)],
        _ => &[],
    }
}

fn draw_shapes(svg: &mut String, cell: &Cell, (x, y): (u16, u16), paper: Paper) {
    let (left, top) = (MARGIN + f64::from(x) * CELL.0, MARGIN + f64::from(y) * CELL.1);
    let reversed = cell.modifier.contains(Modifier::REVERSED);
    let fill = if reversed { paper.ground.to_owned() } else { hex(cell.fg, paper.text) };
    for (from, down, wide, high) in shapes(cell.symbol()) {
        writeln!(
            svg,
            "<rect x=\"{:.2}\" y=\"{:.2}\" width=\"{:.2}\" height=\"{:.2}\" fill=\"{fill}\" \
             shape-rendering=\"crispEdges\"/>",
            left + from * CELL.0,
            top + down * CELL.1,
            wide * CELL.0,
            high * CELL.1,
        )
        .unwrap();
    }
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
