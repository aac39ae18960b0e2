//! Digits that are read across a desk: three cells wide and high, one cell apart.
//!
//! Each is made of fifteen squares, of which any two digits differ by two at least.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    super::{read_back::Slot, theme::Theme},
    column, put,
};

pub(super) const HEIGHT: u16 = 3;
const WIDTH: usize = 3;
/// Cells between groups, and where it is tight.
const GAPS: [usize; 2] = [3, 2];
/// A longer group is parted in the middle for reading, where there is room.
const AT_A_GLANCE: usize = 4;
/// A group that is wider than its line breaks after so many.
const BREAK: usize = 7;

const SHAPES: [[&str; 3]; 10] = [
    ["█▀█", "█ █", "▀▀▀"],
    ["▄█ ", " █ ", "▀▀▀"],
    ["▀▀█", "█▀▀", "▀▀▀"],
    ["▀▀█", "▀▀█", "▀▀▀"],
    ["█ ▄", "█▄█", "  ▀"],
    ["█▀▀", "▀▀█", "▀▀▀"],
    ["█  ", "█▀█", "▀▀▀"],
    ["▀▀█", "  █", "  ▀"],
    ["█▀█", "▄▀▄", "▀▀▀"],
    ["█▀█", "▀▀█", "  ▀"],
];
const MISSING: &str = "───";

/// How groups are divided into lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lines {
    /// The groups of each line, each a range of the number's places.
    rows: Vec<Vec<(usize, usize)>>,
    gap: usize,
    parted: bool,
}

impl Lines {
    /// Divides groups of these lengths for a width; `None` when one digit does not fit.
    pub(super) fn of(lengths: &[usize], width: usize) -> Option<Self> {
        if width < WIDTH {
            return None;
        }
        let whole = pieces(lengths, width);
        for gap in GAPS {
            if line_width(&whole, gap, false) <= width {
                return Some(Self::parted(vec![whole], gap, width));
            }
        }
        let gap = GAPS[0];
        let mut lines: Vec<Vec<(usize, usize)>> = Vec::new();
        for piece in whole {
            let fits = |line: &Vec<(usize, usize)>| {
                let mut longer = line.clone();
                longer.push(piece);
                line_width(&longer, gap, false) <= width
            };
            match lines.last_mut().filter(|line| fits(line)) {
                Some(line) => line.push(piece),
                None => lines.push(vec![piece]),
            }
        }
        Some(Self::parted(lines, gap, width))
    }

    fn parted(lines: Vec<Vec<(usize, usize)>>, gap: usize, width: usize) -> Self {
        let parted = lines.iter().all(|line| line_width(line, gap, true) <= width);
        Self { rows: lines, gap, parted }
    }

    pub(super) fn count(&self) -> usize {
        self.rows.len()
    }

    /// Rows that they take, with `apart` rows between lines.
    pub(super) fn height(&self, apart: u16) -> u16 {
        let lines = column(self.count());
        lines * HEIGHT + lines.saturating_sub(1) * apart
    }
}

/// Each group as a range of places; one that is wider than a line is broken.
fn pieces(lengths: &[usize], width: usize) -> Vec<(usize, usize)> {
    let mut pieces = Vec::new();
    let mut from = 0;
    for length in lengths {
        let end = from + length;
        let most = if group_width(*length, false) > width { BREAK } else { *length };
        while from < end {
            let to = end.min(from + most.max(1));
            pieces.push((from, to));
            from = to;
        }
    }
    pieces
}

fn group_width(length: usize, parted: bool) -> usize {
    let extra = usize::from(parted && length > AT_A_GLANCE);
    (length * (WIDTH + 1)).saturating_sub(1) + extra
}

fn line_width(line: &[(usize, usize)], gap: usize, parted: bool) -> usize {
    let groups: usize = line.iter().map(|(from, to)| group_width(to - from, parted)).sum();
    groups + line.len().saturating_sub(1) * gap
}

/// Draws the places of a number, `apart` rows between lines.
pub(super) fn draw(
    theme: &Theme,
    places: &[Slot],
    lines: &Lines,
    apart: u16,
    area: Rect,
    buffer: &mut Buffer,
) {
    for (y, line) in (0_u16..).map(|at| at * (HEIGHT + apart)).zip(&lines.rows) {
        let mut x = 0;
        for (from, to) in line {
            for (at, place) in places.iter().enumerate().take(*to).skip(*from) {
                let middle = from + (to - from) / 2;
                if lines.parted && to - from > AT_A_GLANCE && at == middle {
                    x += 1;
                }
                draw_place(theme, *place, (column(x), y), area, buffer);
                x += WIDTH + 1;
            }
            x += lines.gap - 1;
        }
    }
}

fn draw_place(theme: &Theme, place: Slot, (x, y): (u16, u16), area: Rect, buffer: &mut Buffer) {
    match place {
        Slot::Digit(digit) => {
            let shape = SHAPES.get(usize::from(digit)).unwrap_or(&SHAPES[0]);
            for (row, cells) in (y..).zip(shape) {
                put(buffer, area, x, row, cells, theme.digits());
            }
        }
        Slot::Missing => {
            put(buffer, area, x, y + HEIGHT - 1, MISSING, theme.edge());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::{Depth, Themes};

    /// The squares that a drawn area fills: two of them lie in a cell, one above the other.
    fn squares(buffer: &Buffer) -> Vec<bool> {
        let mut squares = Vec::new();
        for y in 0..buffer.area.height {
            for half in 0..2 {
                for x in 0..buffer.area.width {
                    let filled = match buffer[(x, y)].symbol() {
                        "█" => true,
                        "▀" => half == 0,
                        "▄" => half == 1,
                        _ => false,
                    };
                    squares.push(filled);
                }
            }
        }
        squares
    }

    fn drawn(number: [u8; 2]) -> Vec<bool> {
        let theme = Themes::new(Depth::True, true).current();
        let places = number.map(Slot::Digit);
        let lines = Lines::of(&[2], 20).unwrap();
        let mut buffer = Buffer::empty(Rect::new(0, 0, 8, HEIGHT));
        let area = buffer.area;
        draw(&theme, &places, &lines, 1, area, &mut buffer);
        squares(&buffer)
    }

    #[test]
    fn any_two_of_the_hundred_pairs_differ_by_two_squares_for_each_digit_that_differs() {
        let pairs: Vec<([u8; 2], Vec<bool>)> =
            (0..100).map(|pair| ([pair / 10, pair % 10], drawn([pair / 10, pair % 10]))).collect();
        for (at, (one, its)) in pairs.iter().enumerate() {
            for (other, others) in &pairs[at + 1..] {
                let differ = its.iter().zip(others).filter(|(a, b)| a != b).count();
                let digits = one.iter().zip(other).filter(|(a, b)| a != b).count();
                assert!(differ >= 2 * digits, "{one:?} and {other:?}: {differ} squares");
            }
        }
    }

    #[test]
    fn a_number_stands_in_one_line_where_it_fits_and_in_whole_groups_where_not() {
        let lines = |lengths: &[usize], width| Lines::of(lengths, width).unwrap();
        assert_eq!((lines(&[3, 3, 4], 41).gap, lines(&[3, 3, 4], 41).count()), (2, 1));
        assert_eq!((lines(&[4, 6], 41).gap, lines(&[4, 6], 41).count()), (3, 1));
        assert_eq!(lines(&[3, 3, 4], 30).rows, [vec![(0, 3), (3, 6)], vec![(6, 10)]]);
        assert_eq!(lines(&[4, 7], 41).rows, [vec![(0, 4)], vec![(4, 11)]]);
        assert_eq!(lines(&[9], 30).rows, [vec![(0, 7)], vec![(7, 9)]]);
        assert_eq!(lines(&[4, 7], 41).height(1), 7);
        assert_eq!(Lines::of(&[4], 2), None);
    }

    #[test]
    fn a_group_over_four_is_parted_where_there_is_room() {
        assert!(Lines::of(&[5, 5], 60).unwrap().parted);
        assert!(!Lines::of(&[5, 5], 41).unwrap().parted);
        let theme = Themes::new(Depth::True, true).current();
        let places = [Slot::Missing; 6];
        let mut buffer = Buffer::empty(Rect::new(0, 0, 24, HEIGHT));
        let area = buffer.area;
        draw(&theme, &places, &Lines::of(&[6], 24).unwrap(), 1, area, &mut buffer);
        let base: String = (0..24).map(|x| buffer[(x, 2)].symbol()).collect();
        assert_eq!(base, "─── ─── ───  ─── ─── ───");
    }
}
