//! What is drawn on its way to the terminal: a frame at a time, without what it knows
//! already, which is where its cursor stands and whether it shows, and what it writes with.
//! Over a slow line a key is these few bytes: its letter, and where the cursor goes.

use std::io::{self, Stdout, Write};

use ratatui::{
    backend::{Backend, ClearType, WindowSize},
    buffer::Cell,
    layout::{Position, Size},
};

use super::pen::Pen;

const SHOW: &str = "\x1b[?25h";
const HIDE: &str = "\x1b[?25l";
/// The style of nothing special.
pub(super) const RESET: &str = "\x1b[0m";
/// From here on erasing blanks costs fewer bytes than writing them, with the move after it.
const MANY_BLANKS: u16 = 14;

/// Where the cursor stands.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum At {
    #[default]
    Somewhere,
    Exactly(Position),
    /// Behind something whose width terminals do not agree on: here, if it was one cell.
    Perhaps(Position),
}

/// Standard output, written when a frame is whole.
#[derive(Debug)]
pub(super) struct Ink<W: Write = Stdout> {
    out: W,
    told: Vec<u8>,
    at: At,
    is_shown: Option<bool>,
    pen: Pen,
}

/// Blanks that look alike, side by side, before it is known how many they are.
#[derive(Debug, Clone, Copy)]
struct Blanks {
    start: Position,
    count: u16,
    pen: Pen,
}

impl Blanks {
    fn end(self) -> Position {
        Position { x: self.start.x.saturating_add(self.count), ..self.start }
    }
}

impl<W: Write> Ink<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, told: Vec::new(), at: At::default(), is_shown: None, pen: Pen::default() }
    }

    /// Tells it with the next picture.
    pub(super) fn tell(&mut self, sequence: impl AsRef<[u8]>) {
        self.told.extend_from_slice(sequence.as_ref());
    }

    fn show(&mut self, shown: bool) {
        if self.is_shown.replace(shown) != Some(shown) {
            self.tell(if shown { SHOW } else { HIDE });
        }
    }

    fn change(&mut self, pen: Pen) {
        self.pen.tell(pen, &mut self.told);
        self.pen = pen;
    }

    /// Moves the cursor, if it stands elsewhere.
    fn go(&mut self, to: Position) {
        // Rows and columns are counted from one where they are told.
        let column = to.x.saturating_add(1);
        let sequence = match self.at {
            At::Exactly(at) if at.y == to.y => match to.x.checked_sub(at.x) {
                Some(0) => return,
                Some(1) => "\x1b[C".to_owned(),
                Some(ahead @ 2..10) => format!("\x1b[{ahead}C"),
                _ => format!("\x1b[{column}G"),
            },
            At::Perhaps(at) if at.y == to.y => format!("\x1b[{column}G"),
            _ => format!("\x1b[{};{column}H", to.y.saturating_add(1)),
        };
        self.tell(sequence);
        self.at = At::Exactly(to);
    }

    /// Writes something where it belongs; what follows it side by side needs no move.
    fn write(&mut self, to: Position, symbol: &str, pen: Pen) {
        if self.at != At::Perhaps(to) {
            self.go(to);
        }
        self.change(pen);
        self.tell(symbol);
        let behind = Position { x: to.x.saturating_add(1), ..to };
        self.at = match symbol.as_bytes() {
            [b' '..=b'~'] => At::Exactly(behind),
            _ => At::Perhaps(behind),
        };
    }

    fn blank(&mut self, blanks: Blanks) {
        let pen = self.pen.for_blanks(blanks.pen);
        if blanks.count >= MANY_BLANKS && pen.erases() {
            self.go(blanks.start);
            self.change(pen);
            self.tell(format!("\x1b[{}X", blanks.count));
            return;
        }
        for x in blanks.start.x..blanks.end().x {
            self.write(Position { x, ..blanks.start }, " ", pen);
        }
    }
}

impl<W: Write> Backend for Ink<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, cells: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut blanks: Option<Blanks> = None;
        for (x, y, cell) in cells {
            let (at, pen) = (Position { x, y }, Pen::from(cell));
            let is_blank = cell.symbol() == " ";
            match &mut blanks {
                Some(some) if is_blank && some.end() == at && some.pen.looks_on_blanks(pen) => {
                    some.count += 1;
                    continue;
                }
                _ => {}
            }
            if let Some(some) = blanks.take() {
                self.blank(some);
            }
            if is_blank {
                blanks = Some(Blanks { start: at, count: 1, pen });
            } else {
                self.write(at, cell.symbol(), pen);
            }
        }
        if let Some(some) = blanks {
            self.blank(some);
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.show(false);
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.show(true);
        Ok(())
    }

    /// Where it was left: a terminal that is asked answers among the keys.
    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(match self.at {
            At::Exactly(at) | At::Perhaps(at) => at,
            At::Somewhere => Position::ORIGIN,
        })
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.go(position.into());
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        // What is erased takes the pen's background.
        self.change(Pen::default());
        self.tell(match region {
            ClearType::All => "\x1b[2J",
            ClearType::AfterCursor => "\x1b[J",
            ClearType::BeforeCursor => "\x1b[1J",
            ClearType::CurrentLine => "\x1b[2K",
            ClearType::UntilNewLine => "\x1b[K",
        });
        self.at = At::Somewhere;
        Ok(())
    }

    fn size(&self) -> io::Result<Size> {
        let (width, height) = crossterm::terminal::size()?;
        Ok(Size { width, height })
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.size()?, pixels: Size::default() })
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.told.is_empty() {
            return Ok(());
        }
        // What could not be written is not written later, when it means something else.
        let written = self.out.write_all(&self.told).and_then(|()| self.out.flush());
        self.told.clear();
        written
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, num::NonZero, rc::Rc};

    use proptest::prelude::*;
    use ratatui::{
        Terminal, TerminalOptions, Viewport,
        backend::CrosstermBackend,
        buffer::Buffer,
        layout::Rect,
        style::{Color, Modifier, Style},
    };

    use super::*;

    const PLAIN: Style = Style::new();

    fn ink() -> Ink<Vec<u8>> {
        Ink::new(Vec::new())
    }

    /// What one frame tells: text at places, in styles, and where the cursor goes then.
    fn told(
        ink: &mut Ink<Vec<u8>>,
        pieces: &[(u16, u16, &str, Style)],
        cursor: (u16, u16),
    ) -> String {
        let mut cells = Vec::new();
        for (x, y, text, style) in pieces {
            for (x, letter) in (*x..).zip(text.chars()) {
                let mut cell = Cell::default();
                cell.set_char(letter).set_style(*style);
                cells.push((x, *y, cell));
            }
        }
        ink.draw(cells.iter().map(|(x, y, cell)| (*x, *y, cell))).unwrap();
        ink.show_cursor().unwrap();
        ink.set_cursor_position(cursor).unwrap();
        assert!(ink.out.is_empty(), "a frame is written whole");
        ink.flush().unwrap();
        String::from_utf8(std::mem::take(&mut ink.out)).unwrap()
    }

    #[test]
    fn a_key_is_told_as_its_letter_and_where_the_cursor_goes() {
        let (ink, bold) = (&mut ink(), PLAIN.bold());
        assert_eq!(told(ink, &[(0, 0, "x", PLAIN)], (19, 6)), "\x1b[1;1Hx\x1b[?25h\x1b[7;20H");
        assert_eq!(
            told(ink, &[(19, 6, "a", bold)], (20, 6)),
            "\x1b[1ma",
            "a letter takes it along"
        );
        assert_eq!(told(ink, &[(20, 6, "b", bold)], (23, 6)), "b\x1b[2C");
        assert_eq!(told(ink, &[], (22, 6)), "\x1b[23G");
        assert_eq!(told(ink, &[], (23, 6)), "\x1b[C");
        assert_eq!(told(ink, &[], (23, 6)), "", "nothing changed");
    }

    #[test]
    fn where_a_letter_of_unsure_width_leaves_the_cursor_is_told() {
        let ink = &mut ink();
        told(ink, &[], (1, 1));
        assert_eq!(told(ink, &[(1, 1, "山", PLAIN), (3, 1, "a", PLAIN)], (4, 1)), "山\x1b[4Ga");
        assert_eq!(told(ink, &[(4, 1, "─│é", PLAIN)], (7, 1)), "─│é\x1b[8G");
    }

    #[test]
    fn what_is_written_in_another_style_is_told_what_differs() {
        let ink = &mut ink();
        told(ink, &[(0, 0, "a", PLAIN.bold().fg(Color::Rgb(1, 2, 3)))], (1, 0));
        assert_eq!(told(ink, &[(1, 0, "b", PLAIN.fg(Color::Rgb(1, 2, 3)))], (2, 0)), "\x1b[22mb");
        assert_eq!(told(ink, &[(2, 0, "c", PLAIN)], (3, 0)), "\x1b[mc");
        let pieces = [(3, 0, "d", PLAIN), (4, 0, "e", PLAIN.underlined()), (5, 0, " f", PLAIN)];
        assert_eq!(told(ink, &pieces, (7, 0)), "d\x1b[4me\x1b[m f");
        told(ink, &[(0, 0, "g", PLAIN.on_red())], (1, 0));
        ink.clear().unwrap();
        assert_eq!(told(ink, &[], (1, 0)), "\x1b[m\x1b[2J\x1b[1;2H", "erasing has a colour");
    }

    #[test]
    fn blanks_are_told_no_colour_of_letters_and_many_are_erased() {
        let (ink, red) = (&mut ink(), PLAIN.bold().red());
        told(ink, &[(0, 4, "a", red)], (1, 4));
        assert_eq!(told(ink, &[(1, 4, "    ", PLAIN.blue())], (5, 4)), "    ");
        let many = " ".repeat(30);
        assert_eq!(
            told(ink, &[(5, 4, &many, PLAIN), (35, 4, "c", red)], (36, 4)),
            "\x1b[30X\x1b[36Gc"
        );
        let painted = told(ink, &[(36, 4, &many, PLAIN.on_blue())], (66, 4));
        assert_eq!(painted, format!("\x1b[44m{many}"), "not every terminal erases in a colour");
    }

    #[test]
    fn a_cursor_that_was_hidden_is_shown_again() {
        let ink = &mut ink();
        assert_eq!(told(ink, &[], (0, 0)), "\x1b[?25h\x1b[1;1H");
        ink.hide_cursor().unwrap();
        assert_eq!(told(ink, &[(0, 0, "x", PLAIN)], (1, 0)), "\x1b[?25lx\x1b[?25h");
        assert_eq!(told(ink, &[(1, 0, "x", PLAIN)], (2, 0)), "x");
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
    fn drawn<B: Backend<Error = io::Error>>(
        pictures: &[Picture],
        backend: impl FnOnce(Paper) -> B,
    ) -> (Vec<vt100::Screen>, usize) {
        let area = Rect::new(0, 0, COLUMNS, ROWS);
        let options = TerminalOptions { viewport: Viewport::Fixed(area) };
        let paper = Paper::default();
        let backend = backend(Paper::clone(&paper));
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
            let (expected, whole) = drawn(&pictures, CrosstermBackend::new);
            let (seen, less) = drawn(&pictures, Ink::new);
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
