//! Which parts show at a size, and where.
//!
//! ```text
//!   wide            side                stacked         one pane
//!   h h h h h h     h h h h h h         h h h           h h h
//!   b b b b b b     b b b b b b         b b b           b b b
//!   form | results  form    read back   form            form, or results
//!                   results             results
//!   k k k k k k     k k k k k k         k k k           k k k
//! ```
//!
//! `h` is the header, `k` the keys; `b` the banner, while somebody has to act.

use ratatui::layout::Rect;

const LEAST: (u16, u16) = (40, 12);
const WIDE: u16 = 100;
const SIDE: (u16, u16) = (76, 18);
const STACKED: (u16, u16) = (60, 18);

/// How form and results share the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Side by side.
    Wide,
    /// The form above, the number at its side.
    Side,
    /// The form above.
    Stacked,
    /// Whichever has the keyboard.
    One,
}

/// The parts of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ScreenLayout {
    /// No cell at all.
    Nothing,
    /// Room for one line that says so.
    TooSmall,
    /// Everything.
    Parts(ScreenParts),
}

/// Where everything is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ScreenParts {
    pub(super) class: Class,
    pub(super) header: Rect,
    /// No cell while nobody has to act.
    pub(super) banner: Rect,
    /// All between header, banner and hints.
    pub(super) body: Rect,
    /// In one pane, form and results are the whole body.
    pub(super) form: Rect,
    pub(super) results: Rect,
    pub(super) hints: Rect,
}

impl ScreenParts {
    /// Whether both panes show.
    pub(super) fn both(&self) -> bool {
        self.class != Class::One
    }

    /// Where the page of a result lies: it takes the results' place where the form stays in
    /// view beside it, else everything between header and hints.
    pub(super) fn page(&self) -> Rect {
        if self.class == Class::Wide { self.results } else { self.body }
    }
}

/// Divides the screen.
pub(super) fn of(area: Rect, banner: bool) -> ScreenLayout {
    if area.is_empty() {
        return ScreenLayout::Nothing;
    }
    if area.width < LEAST.0 || area.height < LEAST.1 {
        return ScreenLayout::TooSmall;
    }
    let row = |y: u16, height: u16| Rect { y: area.y + y, height, ..area };
    let banner = u16::from(banner);
    let body = row(1 + banner, area.height - 2 - banner);
    let fits = |least: (u16, u16)| area.width >= least.0 && area.height >= least.1;
    let (class, form, results) = if area.width >= WIDE {
        let (form, results) = beside(body);
        (Class::Wide, form, results)
    } else if fits(SIDE) {
        let (form, results) = above(body, if area.height < 22 { 8 } else { 9 });
        (Class::Side, form, results)
    } else if fits(STACKED) {
        let (form, results) = above(body, if area.height < 20 { 7 } else { 8 });
        (Class::Stacked, form, results)
    } else {
        (Class::One, body, body)
    };
    ScreenLayout::Parts(ScreenParts {
        class,
        header: row(0, 1),
        banner: row(1, banner),
        body,
        form,
        results,
        hints: row(area.height - 1, 1),
    })
}

fn beside(body: Rect) -> (Rect, Rect) {
    let width = (u32::from(body.width) * 38 / 100).clamp(46, 56);
    let width = u16::try_from(width).unwrap_or(46).min(body.width);
    let left = Rect { width, ..body };
    (left, Rect { x: body.x + width, width: body.width - width, ..body })
}

fn above(body: Rect, height: u16) -> (Rect, Rect) {
    let height = height.min(body.height);
    let form = Rect { height, ..body };
    (form, Rect { y: body.y + height, height: body.height - height, ..body })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(width: u16, height: u16) -> ScreenLayout {
        of(Rect::new(0, 0, width, height), false)
    }

    fn parts(width: u16, height: u16) -> ScreenParts {
        match at(width, height) {
            ScreenLayout::Parts(parts) => parts,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_panes_stand_side_by_side_from_100_columns_on() {
        let wide = parts(100, 24);
        assert_eq!((wide.class, wide.form.y, wide.form.width), (Class::Wide, wide.results.y, 46));
        assert_eq!(parts(160, 40).form.width, 56);
        let below = parts(99, 24);
        assert_eq!((below.class, below.form.x), (Class::Side, below.results.x));
        assert!(below.results.height >= 8, "{below:?}");
    }

    #[test]
    fn a_narrow_or_low_screen_shows_one_pane_and_a_tiny_one_a_line() {
        assert_eq!(parts(60, 18).class, Class::Stacked);
        for (width, height) in [(59, 40), (80, 17), (40, 12)] {
            assert_eq!(parts(width, height).class, Class::One);
        }
        assert_eq!(at(39, 12), ScreenLayout::TooSmall);
        assert_eq!(at(40, 11), ScreenLayout::TooSmall);
        assert_eq!(at(0, 0), ScreenLayout::Nothing);
        assert_eq!(at(0, 9), ScreenLayout::Nothing);
    }

    #[test]
    fn every_row_belongs_to_one_part_with_a_banner_and_without() {
        for (width, height) in [(120, 32), (80, 24), (80, 19), (60, 18), (40, 12)] {
            for banner in [false, true] {
                let ScreenLayout::Parts(it) = of(Rect::new(0, 0, width, height), banner) else {
                    panic!("{width}x{height}")
                };
                assert_eq!(it.header.height + it.banner.height + it.body.height + 1, height);
                assert_eq!(it.body.bottom(), it.hints.y);
                assert!(!it.form.is_empty() && !it.results.is_empty());
            }
        }
    }
}
