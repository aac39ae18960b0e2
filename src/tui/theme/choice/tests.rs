//! What the themes promise: that everything can be read, with any number of colours.

use ratatui::style::{Color, Modifier};

use super::*;

fn lines(file: &str) -> BTreeMap<String, String> {
    toml::from_str(file).unwrap()
}

fn theme(name: &str, depth: Depth) -> Theme {
    let mut themes = Themes::new(depth, true);
    themes.choose(name).unwrap();
    themes.current()
}

#[test]
fn each_built_in_file_names_every_part_and_nothing_else() {
    for (name, file) in BUILT_IN {
        let lines = lines(file);
        for part in ThemePart::ALL {
            let text = lines.get(part.name()).unwrap_or_else(|| panic!("{name}: {part:?}"));
            spec::parse(text).unwrap_or_else(|why| panic!("{name}: {why}"));
        }
        assert_eq!(lines.len(), ThemePart::ALL.len(), "{name}");
    }
}

/// Red, green and blue of a colour that is the same everywhere.
fn rgb(color: Color) -> Option<[u8; 3]> {
    match color {
        Color::Rgb(r, g, b) => Some([r, g, b]),
        Color::Indexed(index @ 16..) => Some(super::super::depth::meant(index)),
        _ => None,
    }
}

fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let light = |color: [u8; 3]| {
        let [r, g, b] = color.map(|channel| {
            let c = f64::from(channel) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    };
    let (a, b) = (light(one), light(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Which inks may be written on a plane.
fn inks(plane: ThemePart) -> &'static [ThemePart] {
    use ThemePart::{
        Accent, Digits, Edge, Error, Faint, Good, Muted, Queued, Sending, Text, Warning,
    };
    match plane {
        ThemePart::Ground => {
            &[Text, Muted, Faint, Accent, Good, Warning, Error, Queued, Sending, Digits, Edge]
        }
        ThemePart::Bar => &[Text, Muted, Accent, Good, Warning, Error, Queued, Sending],
        ThemePart::Panel => {
            &[Text, Muted, Faint, Accent, Good, Warning, Error, Queued, Digits, Edge]
        }
        ThemePart::Field | ThemePart::FieldFocus => {
            &[Text, Muted, Faint, Accent, Good, Warning, Error, Edge]
        }
        ThemePart::Overlay => &[Text, Muted, Faint, Accent, Good, Warning, Error, Edge],
        ThemePart::Selection => &[Text, Accent, Good, Warning, Error, Queued, Sending],
        ThemePart::Marked => &[Text, Muted, Accent, Warning, Error, Good, Queued],
        ThemePart::Key => &[Text],
        ThemePart::WarningRow => &[Text, Muted, Warning],
        ThemePart::ErrorRow => &[Text, Error, Muted],
        ThemePart::Line
        | Edge
        | Text
        | Muted
        | Faint
        | Accent
        | ThemePart::On
        | Good
        | Warning
        | Error
        | Queued
        | Sending
        | Digits => &[],
    }
}

/// Every ink on every plane that it may lie on, with the colours both come to.
fn pairs(theme: &Theme) -> Vec<(ThemePart, ThemePart, f64)> {
    let mut pairs = Vec::new();
    for plane in ThemePart::ALL {
        let Some(back) = theme.style(plane).bg.and_then(rgb) else { continue };
        // A plane with letters of its own is written with these.
        let own = theme.style(plane).fg.and_then(rgb);
        for ink in inks(plane) {
            let front = theme.style(*ink).fg.and_then(rgb);
            let front = if plane == ThemePart::Selection { own.or(front) } else { front.or(own) };
            if let Some(front) = front {
                pairs.push((plane, *ink, contrast(front, back)));
            }
        }
    }
    let on = theme.style(ThemePart::On).fg.and_then(rgb);
    for button in [ThemePart::Accent, ThemePart::Warning] {
        if let (Some(on), Some(back)) = (on, theme.style(button).fg.and_then(rgb)) {
            pairs.push((button, ThemePart::On, contrast(on, back)));
        }
    }
    pairs
}

/// WCAG 2.1: 4.5 to 1 for text (1.4.3), 7 to 1 for enhanced contrast (1.4.6), 3 to 1 for
/// what is no text (1.4.11).
#[test]
fn every_ink_can_be_read_on_every_plane_it_may_lie_on() {
    for (name, depth, least) in [
        ("dark", Depth::True, 4.5),
        ("light", Depth::True, 4.5),
        ("high-contrast", Depth::True, 7.0),
        ("terminal", Depth::True, 4.5),
        ("terminal-light", Depth::True, 4.5),
        ("dark", Depth::Indexed, 4.5),
        ("light", Depth::Indexed, 4.5),
        ("high-contrast", Depth::Indexed, 7.0),
        ("terminal", Depth::Indexed, 4.5),
        ("terminal-light", Depth::Indexed, 4.5),
    ] {
        let pairs = pairs(&theme(name, depth));
        assert!(pairs.len() > 25, "{name}: only {} pairs", pairs.len());
        for (plane, ink, ratio) in pairs {
            let wanted = if ink == ThemePart::Edge { 3.0 } else { least };
            assert!(ratio >= wanted, "{name} {depth:?}: {ink:?} on {plane:?}: {ratio:.2}");
        }
    }
}

#[test]
fn the_bar_of_a_focused_input_stands_out_from_the_form() {
    for (name, least) in [("dark", 9.0), ("light", 6.0), ("high-contrast", 16.0)] {
        let theme = theme(name, Depth::True);
        let color = |color: Option<Color>| color.and_then(rgb).unwrap();
        let ratio = contrast(color(theme.accent().fg), color(theme.panel().bg));
        assert!(ratio >= least, "{name}: {ratio:.2}");
    }
}

#[test]
fn with_256_colours_the_dark_planes_can_still_be_told_apart() {
    let theme = theme("dark", Depth::Indexed);
    let planes = [ThemePart::Ground, ThemePart::Panel, ThemePart::Field, ThemePart::FieldFocus];
    let found = planes.map(|part| theme.style(part).bg.unwrap());
    for (at, plane) in found.iter().enumerate() {
        assert!(!found[at + 1..].contains(plane), "{found:?}");
    }
}

#[test]
fn sixteen_colours_still_tell_the_states_apart_and_paint_no_planes() {
    for name in ["dark", "light", "terminal", "high-contrast"] {
        let theme = theme(name, Depth::Sixteen);
        let told = [
            ThemePart::Good,
            ThemePart::Warning,
            ThemePart::Error,
            ThemePart::Queued,
            ThemePart::Sending,
        ];
        for (at, part) in told.iter().enumerate() {
            for other in &told[at + 1..] {
                let color = |part| theme.style(part).fg.unwrap();
                assert_ne!(color(*part), color(*other), "{name}: {part:?} {other:?}");
            }
        }
        let planes = ThemePart::ALL.into_iter().filter(|part| part.is_plane());
        for plane in planes {
            assert_eq!(theme.style(plane).bg.filter(|it| *it != Color::Reset), None, "{plane:?}");
        }
        assert!(!theme.planes && theme.parted && theme.text().fg.is_none());
    }
}

#[test]
fn without_colours_focus_error_and_selection_are_still_plain_to_see() {
    for (name, _) in BUILT_IN {
        let theme = theme(name, Depth::None);
        for part in ThemePart::ALL {
            let style = theme.style(part);
            assert_eq!((style.fg, style.bg), (None, None), "{name} {part:?}");
        }
        assert!(theme.error().add_modifier.contains(Modifier::BOLD));
        assert!(theme.label(true).add_modifier.contains(Modifier::BOLD));
        assert!(theme.error_row().add_modifier.contains(Modifier::REVERSED));
        assert!(theme.selection().add_modifier.contains(Modifier::REVERSED));
    }
}

#[test]
fn a_ground_is_painted_only_where_colours_are_what_they_say() {
    for (depth, painted) in [
        (Depth::True, true),
        (Depth::Indexed, false),
        (Depth::Sixteen, false),
        (Depth::None, false),
    ] {
        let theme = Themes::new(depth, true).current();
        assert_eq!(theme.ground().bg.is_some(), painted, "{depth:?}");
    }
    let theme = Themes::new(Depth::Indexed, true).current();
    assert!(theme.planes && theme.parted && !theme.caps, "inputs are painted all the same");
    assert!(!Themes::new(Depth::True, false).current().planes, "ASCII has brackets");
}

#[test]
fn a_custom_theme_lies_over_its_base() {
    let mut themes = Themes::new(Depth::True, true);
    let lines = [("base", "light"), ("accent", "#010203 underlined")];
    themes.add("mine", lines.into_iter()).unwrap();
    themes.choose("mine").unwrap();
    let mine = themes.current();
    assert_eq!(mine.accent().fg, Some(Color::Rgb(1, 2, 3)));
    assert_eq!(mine.good(), theme("light", Depth::True).good());
}

#[test]
fn a_theme_written_for_0_1_0_still_works() {
    let mut themes = Themes::new(Depth::True, true);
    let lines = [
        ("text", "#ffffff on #000080"),
        ("border", "#404040"),
        ("focus", "#ffb86c bold"),
        ("sending", "#010203"),
        ("selection", "black on #ffb86c"),
    ];
    themes.add("mine", lines.into_iter()).unwrap();
    themes.choose("mine").unwrap();
    let mine = themes.current();
    assert_eq!(mine.line().fg, Some(Color::Rgb(0x40, 0x40, 0x40)));
    assert_eq!(mine.accent().fg, Some(Color::Rgb(0xff, 0xb8, 0x6c)));
    assert_eq!(mine.ground().bg, Some(Color::Rgb(0, 0, 0x80)));
    assert_eq!(mine.selection().fg, Some(Color::Black));
    assert_eq!(mine.panel(), theme("dark", Depth::True).panel(), "what it lacks is its base's");
}

#[test]
fn a_mistake_names_its_key_and_what_was_likely_meant() {
    let mut themes = Themes::new(Depth::True, true);
    for (name, line, part) in [
        ("mine", ("acent", "red"), "did you mean `accent`"),
        ("mine", ("focus", "rde"), "`rde` is no colour"),
        ("mine", ("base", "blue"), "dark, light, high-contrast"),
        ("light", ("focus", "red"), "is built in"),
    ] {
        let mistake = themes.add(name, [line].into_iter()).unwrap_err();
        assert!(mistake.problem.contains(part), "{}", mistake.problem);
    }
    assert!(themes.choose("drak").unwrap_err().contains("did you mean `dark`"));
    assert!(themes.choose("solarized").unwrap_err().contains("auto, dark, light"));
}

#[test]
fn the_background_decides_only_until_somebody_chooses() {
    for depth in [Depth::True, Depth::Indexed] {
        let mut themes = Themes::new(depth, true);
        let dark = themes.current();
        assert!(themes.see_background(true));
        assert_ne!(themes.current(), dark);
        assert!(!themes.see_background(true));
        themes.choose("terminal").unwrap();
        assert!(themes.follow_background() && themes.see_background(false));
        themes.choose("dark").unwrap();
        assert!(!themes.see_background(true));
    }
    assert!(!Themes::new(Depth::None, true).see_background(true));
}
