//! Writes one profile into a configuration file and leaves everything else in it as it
//! was: other profiles, other keys, comments. The file appears whole or not at all.

use std::{fs, io, path::Path};

use toml_edit::{DocumentMut, InlineTable, Item, Table, TableLike, Value};

use super::{file::File, plain_value::PlainValue, secret::SecretSource};
use crate::private;

impl From<&PlainValue> for Value {
    fn from(value: &PlainValue) -> Self {
        match value {
            PlainValue::Text(text) => text.as_str().into(),
            PlainValue::Number(number) => (*number).into(),
            PlainValue::Switch(on) => (*on).into(),
            PlainValue::List(texts) => texts.iter().collect::<toml_edit::Array>().into(),
        }
    }
}

/// A profile as it is to be written; what it does not name stays as it is.
#[derive(Debug, Clone)]
pub struct NewProfile {
    /// Its name.
    pub name: String,
    /// The keys with plain values; `None` takes a key out.
    pub keys: Vec<(&'static str, Option<PlainValue>)>,
    /// Where the secret is; `None` leaves it where it was.
    pub secret: Option<SecretSource>,
    /// The default profile, written down unless the file names one.
    pub default: Option<String>,
}

/// Writes `profile` into the file at `path`, making it (0600) and its folder (0700).
///
/// # Errors
/// A sentence that names the file: it is broken, cannot be written, or the secret has no
/// place that can be written down.
pub fn write(path: &Path, profile: &NewProfile) -> Result<(), String> {
    // A link into somebody's collection of settings stays one.
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(format!("cannot read {}: {error}", path.display())),
    };
    // Told with its line, and before anything is changed.
    File::parse(path, &text)?;
    let text = with_profile(&text, profile).map_err(|why| format!("{}: {why}", path.display()))?;
    private::file::write(path, text.as_bytes())
}

fn with_profile(text: &str, profile: &NewProfile) -> Result<String, String> {
    let mut document: DocumentMut =
        text.parse().map_err(|error: toml_edit::TomlError| error.message().to_owned())?;
    let root = document.as_table_mut();
    if let (Some(name), false) = (&profile.default, root.contains_key("default_profile")) {
        root.insert("default_profile", name.as_str().into());
    }
    let profiles = root.entry("profiles").or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    let profiles = profiles.as_table_like_mut().ok_or("`profiles` is not a table")?;
    let own = profiles.entry(&profile.name).or_insert_with(|| Item::Table(Table::new()));
    let own = own.as_table_like_mut().ok_or("the profile is not a table")?;
    for (key, value) in &profile.keys {
        match value {
            Some(value) => set_in(own, key, value.into())?,
            None => drop(own.remove(key)),
        }
    }
    // A ready-made token would win over the secret.
    own.remove("token");
    if let Some(secret) = &profile.secret {
        set(own, "client_secret", place(secret)?);
    }
    Ok(document.to_string())
}

/// Sets a value, of a key such as `team.url` in the table that it names.
fn set_in(own: &mut dyn TableLike, key: &str, value: Value) -> Result<(), String> {
    let Some((table, key)) = key.split_once('.') else {
        set(own, key, value);
        return Ok(());
    };
    let inner = own.entry(table).or_insert_with(|| Item::Table(Table::new()));
    let inner = inner.as_table_like_mut().ok_or_else(|| format!("`{table}` is not a table"))?;
    set(inner, key, value);
    Ok(())
}

/// Sets a value and keeps the comment behind it.
fn set(table: &mut dyn TableLike, key: &str, mut value: Value) {
    if let Some(old) = table.get(key).and_then(Item::as_value) {
        *value.decor_mut() = old.decor().clone();
    }
    table.insert(key, Item::Value(value));
}

/// A source as the configuration writes it.
fn place(source: &SecretSource) -> Result<Value, String> {
    let (key, value): (&str, Value) = match source {
        SecretSource::Keyring { .. } => ("keyring", true.into()),
        SecretSource::Variable(name) => ("env", name.as_str().into()),
        SecretSource::File(path) => ("file", path.to_str().ok_or("a path is not text")?.into()),
        SecretSource::Command(words) => {
            ("command", words.iter().collect::<toml_edit::Array>().into())
        }
        SecretSource::Given(_) => return Err("a secret itself is not written into a file".into()),
    };
    Ok(InlineTable::from_iter([(key, value)]).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acme() -> NewProfile {
        NewProfile {
            name: "acme".into(),
            keys: vec![
                ("host", Some(PlainValue::Text("https://a.b".into()))),
                ("default_region", None),
            ],
            secret: Some(SecretSource::Keyring { user: "acme/client_secret".into() }),
            default: Some("acme".into()),
        }
    }

    #[test]
    fn a_new_file_holds_the_profile_and_names_it_the_default() {
        let text = with_profile("", &acme()).unwrap();
        assert_eq!(
            text,
            "default_profile = \"acme\"\n\n[profiles.acme]\nhost = \
             \"https://a.b\"\nclient_secret = { keyring = true }\n"
        );
    }

    #[test]
    fn comments_other_profiles_and_other_keys_stay_to_the_byte() {
        let before = "# mine\ndefault_profile = \"night\" # at night\n\n[profiles.night]\nhost = \
                      \"https://n\" # far\n\n[profiles.acme] # old\nmax_batch = 7\nhost = \
                      \"https://old\" # near\ntoken = { env = \"T\" }\ndefault_region = \"IN\"\n";
        let text = with_profile(before, &acme()).unwrap();
        let after = "# mine\ndefault_profile = \"night\" # at night\n\n[profiles.night]\nhost = \
                     \"https://n\" # far\n\n[profiles.acme] # old\nmax_batch = 7\nhost = \
                     \"https://a.b\" # near\nclient_secret = { keyring = true }\n";
        assert_eq!(text, after);
    }

    #[test]
    fn a_name_with_dots_and_blanks_is_one_name() {
        let profile = NewProfile { name: "a.b c".into(), ..acme() };
        let text = with_profile("", &profile).unwrap();
        let file = File::parse(Path::new("x"), &text).unwrap();
        assert_eq!(file.profiles.keys().collect::<Vec<_>>(), ["a.b c"]);
    }

    #[test]
    fn every_place_of_a_secret_is_read_back_as_it_was_written() {
        for (source, written) in [
            (SecretSource::Variable("X".into()), "{ env = \"X\" }"),
            (SecretSource::File("a \"b\"".into()), "{ file = 'a \"b\"' }"),
            (
                SecretSource::Command(vec!["pass".into(), "x y".into()]),
                "{ command = [\"pass\", \"x y\"] }",
            ),
        ] {
            let secret = Some(source.clone());
            let text = with_profile("", &NewProfile { secret, ..acme() }).unwrap();
            assert!(text.contains(written), "{text}");
            let file = File::parse(Path::new("x"), &text).unwrap();
            let read = file.profiles["acme"].client_secret.clone().unwrap();
            assert_eq!(read.place("client_secret", "acme"), source.place());
        }
        let secret = Some(SecretSource::Given("hunter2".into()));
        let error = with_profile("", &NewProfile { secret, ..acme() }).unwrap_err();
        assert!(!error.contains("hunter2"));
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_private_a_link_stays_one_and_a_broken_file_is_left_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("new/rolodesk/config.toml");
        write(&path, &acme()).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        let link = home.path().join("link.toml");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        write(&link, &NewProfile { name: "night".into(), ..acme() }).unwrap();
        assert!(link.is_symlink());
        assert!(fs::read_to_string(&path).unwrap().contains("[profiles.night]"));
        fs::write(&path, "steam = 1\n").unwrap();
        let error = write(&path, &acme()).unwrap_err();
        assert!(error.contains("config.toml, line 1"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "steam = 1\n");
        let others = fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(others, 1, "a temporary file is left");
    }
}
