//! No two files import each other, directly or round about, as their `use` lines and paths
//! say. A parent and its children are one family: they may.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use syn::{
    Attribute, Item, ItemMod, UseTree,
    visit::{self, Visit},
};

/// Arrows that may be part of a circle, and why.
const ALLOWED: &[(&str, &str)] = &[
    // A click means what was drawn where it fell: the model asks the view, which draws the
    // model. Cutting that would only hide it.
    ("tui::app", "tui::view"),
];

type Arrows = BTreeMap<String, BTreeSet<String>>;

#[test]
fn the_files_import_each_other_in_no_circle() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = BTreeMap::new();
    collect(&root, &root, &mut files);
    assert!(files.len() > 100, "only {} source files under {}", files.len(), root.display());
    let mut arrows: Arrows =
        files.iter().map(|(name, text)| (name.clone(), imports(name, text, &files))).collect();
    let circle = circle_in(&mut arrows);
    assert!(circle.is_empty(), "these files import each other: {circle:#?}");
}

#[test]
fn a_circle_of_files_is_found_whichever_way_its_imports_are_written() {
    let files = [
        ("a", "use crate::b::{self, Thing};"),
        ("b", "fn f() { super::c::Other::new() }"),
        ("c", "use super::{d::inner::X, e};"),
        ("d", "mod inner;"),
        ("d::inner", "pub use crate::a;"),
        ("e", "#[cfg(test)] mod tests { use crate::a; }"),
        ("f", "use super::{a, d::inner};"),
    ];
    let files = files.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
    let arrows = |files: &BTreeMap<String, String>| -> Arrows {
        files.iter().map(|(name, text)| (name.clone(), imports(name, text, files))).collect()
    };
    let circle = circle_in(&mut arrows(&files));
    assert_eq!(circle.keys().collect::<Vec<_>>(), ["a", "b", "c", "d::inner"]);
    let mut open = files;
    open.insert("b".to_owned(), "use super::e;".to_owned());
    assert!(circle_in(&mut arrows(&open)).is_empty());
}

/// Takes away whatever nobody left imports, or imports nobody left, until only circles are.
fn circle_in(arrows: &mut Arrows) -> Arrows {
    for (from, to) in ALLOWED {
        arrows.entry((*from).to_owned()).and_modify(|targets| {
            targets.remove(*to);
        });
    }
    loop {
        let imported: BTreeSet<_> = arrows.values().flatten().cloned().collect();
        let before = arrows.len();
        arrows.retain(|name, targets| imported.contains(name) && !targets.is_empty());
        let left: BTreeSet<_> = arrows.keys().cloned().collect();
        for targets in arrows.values_mut() {
            targets.retain(|target| left.contains(target));
        }
        if arrows.len() == before {
            return std::mem::take(arrows);
        }
    }
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        if path.is_dir() {
            collect(root, &path, files);
        } else if path.extension().is_some_and(|end| end == "rs")
            && !["lib", "main", "tests"].contains(&name)
        {
            let inside = path.strip_prefix(root).unwrap().with_extension("");
            let parts: Vec<_> = inside.iter().map(|part| part.to_str().unwrap()).collect();
            files.insert(parts.join("::"), fs::read_to_string(&path).unwrap());
        }
    }
}

/// The other files that one names, its own family left out.
fn imports(name: &str, text: &str, files: &BTreeMap<String, String>) -> BTreeSet<String> {
    let mut paths = Paths::default();
    paths.visit_file(&syn::parse_file(text).unwrap());
    let own: Vec<_> = name.split("::").map(str::to_owned).collect();
    let named = paths.found.iter().filter_map(|path| file_of(path, &own, files));
    let is_family = |other: &String| {
        other == name
            || other.starts_with(&format!("{name}::"))
            || name.starts_with(&format!("{other}::"))
    };
    named.filter(|other| !is_family(other)).collect()
}

/// The file that a path leads into: the longest beginning that is one.
fn file_of(path: &[String], own: &[String], files: &BTreeMap<String, String>) -> Option<String> {
    let supers = path.iter().take_while(|part| *part == "super").count();
    let (mut whole, rest) = match path.first()?.as_str() {
        "crate" => (Vec::new(), &path[1..]),
        "self" => (own.to_vec(), &path[1..]),
        "super" => (own[..own.len().checked_sub(supers)?].to_vec(), &path[supers..]),
        _ => (own.to_vec(), path),
    };
    whole.extend_from_slice(rest);
    (1..=whole.len()).rev().map(|end| whole[..end].join("::")).find(|it| files.contains_key(it))
}

/// Every path of a file, but those of its tests.
#[derive(Default)]
struct Paths {
    found: Vec<Vec<String>>,
}

impl Paths {
    fn take(&mut self, tree: &UseTree, before: &[String]) {
        let with = |name: String| [before, &[name]].concat();
        match tree {
            UseTree::Path(path) => self.take(&path.tree, &with(path.ident.to_string())),
            UseTree::Name(name) => self.found.push(with(name.ident.to_string())),
            UseTree::Rename(name) => self.found.push(with(name.ident.to_string())),
            UseTree::Glob(_) => self.found.push(before.to_vec()),
            UseTree::Group(group) => group.items.iter().for_each(|item| self.take(item, before)),
        }
    }
}

impl Visit<'_> for Paths {
    fn visit_item(&mut self, item: &Item) {
        if let Item::Use(it) = item {
            if !is_for_tests(&it.attrs) {
                self.take(&it.tree, &[]);
            }
        } else {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, module: &ItemMod) {
        if !is_for_tests(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_path(&mut self, path: &syn::Path) {
        self.found.push(path.segments.iter().map(|part| part.ident.to_string()).collect());
        visit::visit_path(self, path);
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|it| it.is_ident("test"))
    })
}
