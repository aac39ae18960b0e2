//! What is drawn on its way to the terminal: a frame at a time, without what it knows.

use std::{
    cell::Cell,
    io::{self, Stdout, Write},
    mem,
    rc::Rc,
};

use super::known::Known;

/// Whether a frame is being drawn: the library flushes three times on the way, and each
/// would be a write of its own.
pub(super) type Drawing = Rc<Cell<bool>>;

/// Standard output, written when a frame is whole.
#[derive(Debug)]
pub(super) struct Ink<W: Write = Stdout> {
    out: W,
    held: Vec<u8>,
    drawing: Drawing,
    known: Known,
}

impl<W: Write> Ink<W> {
    pub(super) fn new(out: W, drawing: Drawing) -> Self {
        Self { out, held: Vec::new(), drawing, known: Known::default() }
    }
}

impl<W: Write> Write for Ink<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.drawing.get() || self.held.is_empty() {
            return Ok(());
        }
        let frame = self.known.less(&mem::take(&mut self.held));
        self.out.write_all(&frame)?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, num::NonZero};

    use proptest::prelude::*;
    use ratatui::{
        Terminal, TerminalOptions, Viewport,
        backend::CrosstermBackend,
        buffer::Buffer,
        layout::{Position, Rect},
        style::{Color, Modifier, Style},
    };

    use super::*;

    #[test]
    fn a_frame_is_written_whole() {
        let (mut out, drawing) = (Vec::new(), Drawing::default());
        let mut ink = Ink::new(&mut out, Rc::clone(&drawing));
        drawing.set(true);
        for part in ["a", "b"] {
            ink.write_all(part.as_bytes()).unwrap();
            ink.flush().unwrap();
        }
        assert!(ink.out.is_empty(), "it is not whole yet");
        drawing.set(false);
        ink.flush().unwrap();
        assert_eq!(out, b"ab");
    }

    const COLUMNS: u16 = 24;
    const ROWS: u16 = 3;

    /// A piece of text somewhere, in a style.
    type Piece = (u16, u16, &'static str, Style);
    /// What a frame shows, and where its cursor stands if it shows.
    type Picture = (Vec<Piece>, Option<(u16, u16)>);

    fn colour() -> impl Strategy<Value = Color> {
        prop_oneof![
            Just(Color::Reset),
            Just(Color::Red),
            Just(Color::White),
            Just(Color::Indexed(208)),
            Just(Color::Rgb(1, 5, 38)),
            Just(Color::Rgb(48, 2, 5)),
        ]
    }

    fn piece() -> impl Strategy<Value = Piece> {
        let text = prop_oneof![
            Just("a"),
            Just("Ada Tester"),
            Just("            "),
            Just("ready              "),
            Just("山田 花"),
            Just("▀▀█"),
            Just("e\u{301}a"),
        ];
        let modifiers = prop_oneof![
            3 => Just(Modifier::empty()),
            4 => (0_u16..=0x1ff).prop_map(|bits| {
                // What is bold and faint is either of them, as a terminal likes it.
                Modifier::from_bits_truncate(bits) - Modifier::DIM
            }),
        ];
        (0..COLUMNS, 0..ROWS, text, colour(), colour(), modifiers).prop_map(
            |(x, y, text, fg, bg, modifiers)| {
                (x, y, text, Style::new().fg(fg).bg(bg).add_modifier(modifiers))
            },
        )
    }

    fn picture() -> impl Strategy<Value = Picture> {
        (prop::collection::vec(piece(), 0..6), prop::option::of((0..COLUMNS, 0..ROWS)))
    }

    fn paint(buffer: &mut Buffer, pieces: &[Piece]) {
        for (x, y, text, style) in pieces {
            let room = usize::from(COLUMNS - x);
            buffer.set_stringn(*x, *y, text, room, *style);
        }
    }

    /// What was written, to be taken from outside.
    #[derive(Debug, Default, Clone)]
    struct Paper(Rc<RefCell<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A terminal that only shows, after each picture, and the bytes that it took.
    fn drawn<W: Write>(
        pictures: &[Picture],
        writer: impl FnOnce(Paper) -> W,
    ) -> (Vec<vt100::Screen>, usize) {
        let area = Rect::new(0, 0, COLUMNS, ROWS);
        let options = TerminalOptions { viewport: Viewport::Fixed(area) };
        let paper = Paper::default();
        let backend = CrosstermBackend::new(writer(Paper::clone(&paper)));
        let mut terminal = Terminal::with_options(backend, options).unwrap();
        let cells = |count| NonZero::new(count).unwrap();
        let mut shows = vt100::Parser::new(cells(ROWS), cells(COLUMNS), 0);
        let (mut screens, mut bytes) = (Vec::new(), 0);
        for (pieces, cursor) in pictures {
            terminal
                .draw(|frame| {
                    paint(frame.buffer_mut(), pieces);
                    if let Some(cursor) = cursor {
                        frame.set_cursor_position(Position::from(*cursor));
                    }
                })
                .unwrap();
            let told = paper.0.take();
            bytes += told.len();
            shows.process(&told);
            screens.push(shows.screen().clone());
        }
        (screens, bytes)
    }

    proptest! {
        #[test]
        fn what_the_terminal_knows_is_left_out_and_the_picture_is_the_same(
            pictures in prop::collection::vec(picture(), 1..5),
        ) {
            let (expected, whole) = drawn(&pictures, |paper| paper);
            let (seen, less) = drawn(&pictures, |paper| Ink::new(paper, Drawing::default()));
            for (expected, seen) in expected.iter().zip(&seen) {
                for (row, column) in (0..ROWS).flat_map(|row| (0..COLUMNS).map(move |it| (row, it))) {
                    let shown = |screen| shown(screen, row, column);
                    prop_assert_eq!(shown(expected), shown(seen), "at {}, {}", column, row);
                }
                prop_assert_eq!(expected.hide_cursor(), seen.hide_cursor());
                if !expected.hide_cursor() {
                    prop_assert_eq!(expected.cursor_position(), seen.cursor_position());
                }
            }
            prop_assert!(less <= whole);
        }
    }

    /// What an eye sees of a cell: the letters' colour is nothing to a blank.
    fn shown(screen: &vt100::Screen, row: u16, column: u16) -> String {
        let cell = screen.cell(row, column).unwrap();
        let is_blank = cell.contents().trim().is_empty();
        if is_blank && !cell.inverse() && !cell.underline() {
            return format!(" on {:?}", cell.bgcolor());
        }
        format!(
            "{} {:?} on {:?} {}{}{}{}{}",
            cell.contents(),
            cell.fgcolor(),
            cell.bgcolor(),
            cell.bold(),
            cell.dim(),
            cell.italic(),
            cell.underline(),
            cell.inverse(),
        )
    }
}
