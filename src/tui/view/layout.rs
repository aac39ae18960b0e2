//! Which parts show at a size, and where.

use ratatui::layout::{Constraint, Layout, Rect};

const LEAST: (u16, u16) = (40, 12);
const WIDE: u16 = 100;
const STACKED: (u16, u16) = (60, 18);
/// Frame, six fields, the preview and the button.
const FORM_HEIGHT: u16 = 10;

/// The parts of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Screen {
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
pub(super) fn of(area: Rect) -> Screen {
    if area.is_empty() {
        return Screen::Nothing;
    }
    if area.width < LEAST.0 || area.height < LEAST.1 {
        return Screen::TooSmall;
    }
    let rows = [Constraint::Length(1), Constraint::Fill(1), Constraint::Length(1)];
    let [header, body, hints] = Layout::vertical(rows).areas(area);
    if area.width >= WIDE {
        let left = (area.width * 2 / 5).clamp(48, 60);
        let columns = [Constraint::Length(left), Constraint::Fill(1)];
        let [form, results] = Layout::horizontal(columns).areas(body);
        Screen::Two { header, form, results, hints }
    } else if area.width >= STACKED.0 && area.height >= STACKED.1 {
        let taller = u16::from(body.height >= 20);
        let rows = [Constraint::Length(FORM_HEIGHT + taller), Constraint::Fill(1)];
        let [form, results] = Layout::vertical(rows).areas(body);
        Screen::Two { header, form, results, hints }
    } else {
        Screen::One { header, pane: body, hints }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(width: u16, height: u16) -> Screen {
        of(Rect::new(0, 0, width, height))
    }

    #[test]
    fn the_panes_stand_side_by_side_from_100_columns_on() {
        let Screen::Two { form, results, .. } = at(100, 24) else { panic!("{:?}", at(100, 24)) };
        assert_eq!(form.y, results.y);
        let Screen::Two { form, results, .. } = at(99, 24) else { panic!("{:?}", at(99, 24)) };
        assert_eq!(form.x, results.x);
        assert!(results.height >= 8, "{results:?}");
    }

    #[test]
    fn a_narrow_or_low_screen_shows_one_pane_and_a_tiny_one_a_line() {
        assert!(matches!(at(59, 40), Screen::One { .. }));
        assert!(matches!(at(80, 17), Screen::One { .. }));
        assert!(matches!(at(40, 12), Screen::One { .. }));
        assert_eq!(at(39, 12), Screen::TooSmall);
        assert_eq!(at(40, 11), Screen::TooSmall);
        assert_eq!(at(0, 0), Screen::Nothing);
        assert_eq!(at(0, 9), Screen::Nothing);
    }
}
