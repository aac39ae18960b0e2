//! Which parts show at a size, and where.

use ratatui::layout::{Constraint, Layout, Rect};

const LEAST: (u16, u16) = (40, 12);
const WIDE: u16 = 100;
const STACKED: (u16, u16) = (60, 18);
/// Frame, six fields, the preview and the button.
const FORM_HEIGHT: u16 = 10;

/// The parts of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ScreenLayout {
    /// No cell at all.
    Nothing,
    /// Room for one line that says so.
    TooSmall,
    /// Form or results, by which has the keyboard.
    One { header: Rect, pane: Rect, hints: Rect },
    /// Both.
    Two { header: Rect, form: Rect, results: Rect, hints: Rect },
}

/// All but the first and the last line: what overlays lie in.
pub(super) fn body(area: Rect) -> Rect {
    let height = area.height.saturating_sub(2);
    Rect { y: area.y.saturating_add(1), height, ..area }
}

/// Divides the screen.
pub(super) fn of(area: Rect) -> ScreenLayout {
    if area.is_empty() {
        return ScreenLayout::Nothing;
    }
    if area.width < LEAST.0 || area.height < LEAST.1 {
        return ScreenLayout::TooSmall;
    }
    let rows = [Constraint::Length(1), Constraint::Fill(1), Constraint::Length(1)];
    let [header, body, hints] = Layout::vertical(rows).areas(area);
    if area.width >= WIDE {
        let left = (area.width * 2 / 5).clamp(48, 60);
        let columns = [Constraint::Length(left), Constraint::Fill(1)];
        let [form, results] = Layout::horizontal(columns).areas(body);
        ScreenLayout::Two { header, form, results, hints }
    } else if area.width >= STACKED.0 && area.height >= STACKED.1 {
        let taller = u16::from(body.height >= 20);
        let rows = [Constraint::Length(FORM_HEIGHT + taller), Constraint::Fill(1)];
        let [form, results] = Layout::vertical(rows).areas(body);
        ScreenLayout::Two { header, form, results, hints }
    } else {
        ScreenLayout::One { header, pane: body, hints }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(width: u16, height: u16) -> ScreenLayout {
        of(Rect::new(0, 0, width, height))
    }

    #[test]
    fn the_panes_stand_side_by_side_from_100_columns_on() {
        let ScreenLayout::Two { form, results, .. } = at(100, 24) else {
            panic!("{:?}", at(100, 24))
        };
        assert_eq!(form.y, results.y);
        let ScreenLayout::Two { form, results, .. } = at(99, 24) else {
            panic!("{:?}", at(99, 24))
        };
        assert_eq!(form.x, results.x);
        assert!(results.height >= 8, "{results:?}");
    }

    #[test]
    fn a_narrow_or_low_screen_shows_one_pane_and_a_tiny_one_a_line() {
        assert!(matches!(at(59, 40), ScreenLayout::One { .. }));
        assert!(matches!(at(80, 17), ScreenLayout::One { .. }));
        assert!(matches!(at(40, 12), ScreenLayout::One { .. }));
        assert_eq!(at(39, 12), ScreenLayout::TooSmall);
        assert_eq!(at(40, 11), ScreenLayout::TooSmall);
        assert_eq!(at(0, 0), ScreenLayout::Nothing);
        assert_eq!(at(0, 9), ScreenLayout::Nothing);
    }
}
