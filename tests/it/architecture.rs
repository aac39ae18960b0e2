//! Holds the arrows that `src/lib.rs` draws, by reading the `use` lines and paths of
//! every module: what a module may import, and which module owns which big dependency.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

const MODULES: &[&str] = &[
    "api",
    "appearance",
    "audit",
    "callers",
    "cli",
    "config",
    "connect",
    "contact",
    "delivery",
    "demo",
    "dispatch",
    "exit",
    "headless",
    "local_time",
    "logging",
    "masking",
    "onboarding",
    "private",
    "run",
    "sandbox",
    "signals",
    "store",
    "submission",
    "team",
    "tui",
];

/// Which of our modules each module may import.
fn allowed(module: &str) -> &'static [&'static str] {
    match module {
        "contact" | "exit" | "local_time" | "private" => &[],
        "signals" => &["exit"],
        "audit" => &["private"],
        "submission" | "sandbox" | "masking" => &["contact"],
        "config" => &["contact", "private"],
        "api" => &["submission", "contact", "masking"],
        "store" => &["audit", "contact", "private", "submission"],
        "tui" => &["submission", "contact"],
        "delivery" => &["api", "store", "submission", "contact"],
        "cli" | "logging" => &["config", "private"],
        "appearance" => &["config", "tui"],
        "team" => &["api", "contact", "delivery", "private", "store", "submission"],
        "connect" => &["api", "audit", "config", "delivery", "store", "submission", "team"],
        "demo" => &["config", "private", "sandbox"],
        "callers" => &["config", "contact", "private"],
        "onboarding" => &[
            "connect",
            "delivery",
            "api",
            "audit",
            "private",
            "store",
            "submission",
            "config",
            "contact",
        ],
        "run" => &[
            "api",
            "appearance",
            "audit",
            "callers",
            "config",
            "connect",
            "contact",
            "delivery",
            "demo",
            "exit",
            "masking",
            "local_time",
            "onboarding",
            "private",
            "sandbox",
            "signals",
            "store",
            "submission",
            "tui",
        ],
        "headless" => &[
            "api",
            "appearance",
            "audit",
            "callers",
            "config",
            "connect",
            "contact",
            "delivery",
            "exit",
            "masking",
            "local_time",
            "onboarding",
            "private",
            "sandbox",
            "signals",
            "store",
            "submission",
            "team",
        ],
        "dispatch" => &[
            "appearance",
            "cli",
            "config",
            "contact",
            "demo",
            "exit",
            "headless",
            "local_time",
            "logging",
            "run",
            "sandbox",
            "signals",
        ],
        "main" => &["cli", "config", "contact", "dispatch", "exit", "masking", "private"],
        other => panic!("src/{other} is not on the map in tests/it/architecture.rs"),
    }
}

/// Big dependencies and the modules that may name them.
const HOMES: &[(&str, &[&str])] = &[
    ("reqwest", &["api"]),
    ("hyper_util", &["api"]),
    ("rustls", &["api", "team"]),
    ("tokio_postgres", &["team"]),
    ("toml_edit", &["config"]),
    ("keyring_core", &["config"]),
    // The sandbox is the other side of the wire and checks what the client signs.
    ("jsonwebtoken", &["api", "sandbox"]),
    ("rusqlite", &["store"]),
    ("axum", &["sandbox"]),
    // `main` parses; the types are in `cli`.
    ("clap", &["cli", "main"]),
    ("ratatui", &["tui"]),
    ("tui_textarea", &["tui"]),
    ("rlibphonenumber", &["contact"]),
    ("indicatif", &["headless"]),
    ("calamine", &["headless"]),
    ("chardetng", &["headless"]),
    ("html5gum", &["contact", "headless"]),
    ("encoding_rs", &["contact", "headless"]),
];

#[test]
fn every_import_follows_an_arrow_of_the_map() {
    let mut wrong = Vec::new();
    for (module, file, code) in sources() {
        let own: &[&str] = allowed(&module);
        for target in our_modules_named_in(&code) {
            if target != module && !own.contains(&target.as_str()) {
                wrong.push(format!("{}: {module} -> {target}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "arrows that are not on the map:\n{}", wrong.join("\n"));
}

#[test]
fn the_modules_import_each_other_in_no_circle() {
    let mut arrows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (module, _, code) in sources() {
        let targets = our_modules_named_in(&code).into_iter().filter(|target| *target != module);
        arrows.entry(module.clone()).or_default().extend(targets);
    }
    // Take away whatever imports nothing that is left, until nothing can be taken.
    loop {
        let leaves: Vec<_> = arrows
            .iter()
            .filter(|(_, targets)| targets.iter().all(|target| !arrows.contains_key(target)))
            .map(|(module, _)| module.clone())
            .collect();
        if leaves.is_empty() {
            break;
        }
        arrows.retain(|module, _| !leaves.contains(module));
    }
    assert!(arrows.is_empty(), "these modules import each other: {:?}", arrows.keys());
}

#[test]
fn each_big_dependency_has_one_home() {
    let mut wrong = Vec::new();
    for (module, file, code) in sources() {
        for (dependency, homes) in HOMES {
            let named = code.contains(&format!("{dependency}::"))
                || code.contains(&format!("use {dependency}"));
            if named && !homes.contains(&module.as_str()) {
                wrong.push(format!("{}: {dependency}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "dependencies away from home:\n{}", wrong.join("\n"));
}

/// Every source file but the map, with its top-level module and its code without comments.
fn sources() -> Vec<(String, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    collect(&root, &mut found);
    assert!(found.len() > 20, "only {} source files under {}", found.len(), root.display());
    found
        .into_iter()
        .map(|file| {
            let inside = file.strip_prefix(&root).unwrap();
            let first = inside.components().next().unwrap().as_os_str().to_str().unwrap();
            let module = first.trim_end_matches(".rs").to_owned();
            let text = fs::read_to_string(&file).unwrap();
            let code: Vec<_> =
                text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            (module, file, code.join("\n"))
        })
        .filter(|(module, _, _)| module != "lib")
        .collect()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// The modules named as `crate::module` or, in the binary, `rolodesk::module`; grouped
/// imports (`use crate::{a, b::c}`) included.
fn our_modules_named_in(code: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for start in ["crate::", "rolodesk::"] {
        for (at, _) in code.match_indices(start) {
            let rest = &code[at + start.len()..];
            match rest.strip_prefix('{') {
                Some(group) => named.extend(top_names_of(group)),
                None => named.extend(first_name_of(rest)),
            }
        }
    }
    named.retain(|name| MODULES.contains(&name.as_str()));
    named
}

fn top_names_of(group: &str) -> Vec<String> {
    let (mut depth, mut names, mut item) = (0, Vec::new(), String::new());
    for letter in group.chars() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.extend(first_name_of(&std::mem::take(&mut item))),
            _ => item.push(letter),
        }
    }
    names.extend(first_name_of(&item));
    names
}

fn first_name_of(path: &str) -> Option<String> {
    let name: String = path
        .trim_start()
        .chars()
        .take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_')
        .collect();
    (!name.is_empty()).then_some(name)
}

#[test]
fn every_file_of_these_tests_is_run() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let mut forgotten = Vec::new();
    let mut look = |folder: &Path, parent: &Path| {
        let named = fs::read_to_string(parent).unwrap();
        for file in fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()) {
            let name = file.file_stem().unwrap().to_string_lossy().into_owned();
            let is_ours = file.extension().is_some_and(|it| it == "rs") && name != "main";
            if is_ours && !named.contains(&format!("mod {name};")) {
                forgotten.push(file);
            }
        }
    };
    look(&here, &here.join("main.rs"));
    look(&here.join("floor"), &here.join("floor.rs"));
    assert!(forgotten.is_empty(), "no `mod` names {forgotten:?}");
}
