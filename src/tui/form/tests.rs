//! What pastes and numbers leave behind in the form, and what they do not.

use super::*;

fn form(code: &str) -> Form {
    let salutations = ["Mr", "Mrs"].map(|it| Salutation::parse(it).unwrap()).to_vec();
    Form::new(Addressing::offering(salutations), Region::from_code(code), "+".into())
}

#[test]
fn a_title_that_is_not_offered_is_named_and_asked_about() {
    let mut form = form("US");
    form.paste("Ms.\tMaren\tOduya\tVP Sales\tAcme\t(415) 555-0133\tUnited States").unwrap();
    assert_eq!(form.draft().first_name, "Maren");
    form.refresh();
    assert_eq!(form.ready(), None, "nobody chose how she is addressed");
    let problem = form.problem(Field::Salutation).unwrap();
    assert_eq!(problem.message, "Ms. is not offered; choose Mr or Mrs");
    form.choose(1);
    form.refresh();
    assert_eq!(form.ready().unwrap().salutation.as_str(), "Mrs");
}

#[test]
fn the_country_of_one_contact_is_not_the_next_ones() {
    let mut form = form("GB");
    form.paste("Mrs Ngọc Trần +84 912 345 678").unwrap();
    assert_eq!(form.region(), Region::from_code("VN"));
    form.stored();
    assert_eq!(form.region(), Region::from_code("GB"));
    assert_eq!(form.focus(), Focus::Field(Field::Salutation));
    form.open("");
    assert_eq!(form.picker().unwrap().found()[0], Region::from_code("VN").unwrap());
    form.close_list();
    form.paste("Mrs Ngọc Trần +84 912 345 678").unwrap();
    form.clear();
    assert_eq!(form.region(), Region::from_code("GB"));
}

#[test]
fn one_undo_takes_a_whole_paste_back() {
    let mut form = form("GB");
    form.focus_field(Field::FirstName);
    assert_eq!(form.paste("Pat"), None);
    let before = form.draft();
    form.paste("Mrs Ngọc Trần +84 912 345 678").unwrap();
    assert_ne!(form.draft(), before);
    form.undo_or_restore();
    assert_eq!(form.draft(), before);
}

#[test]
fn a_number_in_a_name_goes_to_the_phone_or_is_a_problem() {
    let mut form = form("GB");
    form.focus_field(Field::FirstName);
    assert!(form.paste("07911 123123").unwrap().contains("phone field"));
    form.refresh();
    assert_eq!((form.draft().first_name.as_str(), form.number().is_some()), ("", true));
    for digit in "07911123123".chars() {
        form.type_char(digit);
    }
    form.leave();
    assert!(form.problem(Field::FirstName).unwrap().message.contains("number"));
}

#[test]
fn a_country_that_two_share_stays_open_until_one_is_pointed_at() {
    let mut form = form("US");
    for (typed, first, second) in [
        ("Congo", "Congo - Kinshasa (CD)", "Congo - Brazzaville (CG)"),
        ("korea", "South Korea (KR)", "North Korea (KP)"),
    ] {
        form.open(typed);
        for _ in 0..2 {
            assert!(!form.accept_choice(), "{typed}");
            let (_, regions) = form.picker().and_then(Picker::asked).unwrap();
            assert_eq!(Named::choices(&regions), format!("{first} or {second}"));
        }
        assert_eq!(form.submit(), None, "{typed} is still open");
        assert!(form.picker().is_some());
        assert!(form.problem(Field::Country).unwrap().message.contains(first));
        form.move_mark(1);
        assert!(form.picker().unwrap().is_marked(0), "the first step is onto the first");
        assert_eq!(form.picker().and_then(Picker::asked), None);
        form.move_mark(1);
        assert!(form.accept_choice());
        assert!(second.contains(form.region().unwrap().code()), "{typed}");
        assert_eq!(form.problem(Field::Country), None);
    }
    form.focus_field(Field::Country);
    form.open("korea");
    form.accept_choice();
    form.type_char('x');
    assert_eq!(form.picker().and_then(Picker::asked), None, "another query, no question yet");
    form.close_list();
    assert_eq!(form.region(), Region::from_code("KP"), "closing changes nothing");
    for typed in ["united", "guinea", "niger"] {
        form.open(typed);
        let first = form.picker().unwrap().found()[0];
        assert!(form.accept_choice(), "{typed}");
        assert_eq!(form.region(), Some(first), "{typed}");
    }
    for (typed, code) in
        [("czech republic", "CZ"), ("ivory coast", "CI"), ("gbr", "GB"), ("GB", "GB")]
    {
        form.open(typed);
        form.accept_choice();
        assert_eq!(form.region(), Region::from_code(code), "{typed}");
    }
}

#[test]
fn a_number_alone_goes_to_the_phone_in_digits_of_any_script() {
    for (text, code, e164) in [
        ("9876543210", "IN", "+919876543210"),
        ("٠٩٨٧٦٥٤٣٢١٠", "IN", "+919876543210"),
        ("۰۹۱۲۳۴۵۶۷۸۹", "IR", "+989123456789"),
        ("०९८७६५४३२१०", "IN", "+919876543210"),
        ("০১৭১২৩৪৫৬৭৮", "BD", "+8801712345678"),
        ("０９０－１２３４－５６７８", "JP", "+819012345678"),
        ("\u{202a}٠٩٨٧٦٥٤٣٢١٠\u{202c}", "IN", "+919876543210"),
    ] {
        for focus in [Field::Salutation, Field::FirstName, Field::Phone] {
            let mut form = form(code);
            form.focus_field(focus);
            form.paste(text);
            form.refresh();
            let number = form.number().map(|it| it.e164().to_string());
            assert_eq!(number.as_deref(), Some(e164), "{text} at {focus:?}");
            assert_eq!(form.draft().first_name, "", "{text} at {focus:?}");
        }
    }
}

#[test]
fn names_are_swapped_and_their_case_is_mended() {
    let mut form = form("GB");
    form.paste("Mr mcdonald o'brien").unwrap();
    form.fix_case();
    form.swap_names();
    assert_eq!(
        (form.draft().first_name, form.draft().last_name),
        ("O'Brien".into(), "McDonald".into())
    );
}

#[test]
fn people_of_one_paste_are_taken_one_after_the_other() {
    let mut form = form("GB");
    form.paste("Maren\tOduya\t07911 123123\nTariq\tBelmonte\t07911 123124\n").unwrap();
    assert_eq!(form.others(), 1);
    form.stored();
    form.next_of_paste().unwrap();
    assert_eq!(form.draft().first_name, "Tariq");
    assert_eq!((form.others(), form.next_of_paste()), (0, None));
}

#[test]
fn without_a_default_an_untouched_salutation_is_a_problem() {
    let offered = vec![Salutation::parse("Mr").unwrap()];
    let mut form =
        Form::new(Addressing::new(offered, [], None), Region::from_code("GB"), "+".into());
    form.paste("Maren\tOduya\t07911 123123").unwrap();
    form.refresh();
    assert_eq!(form.ready(), None);
    form.leave();
    assert!(form.problem(Field::Salutation).is_some());
    form.choose_by(1);
    form.refresh();
    assert!(form.ready().is_some());
}
