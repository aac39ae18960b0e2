//! The words by which a line of a signature, a column of a file or a property of a card
//! says what it holds: in English, German, French, Spanish, Italian, Portuguese, Dutch,
//! Polish, Czech, the Scandinavian languages, Turkish, Russian, Japanese, Chinese and Korean.

use std::{collections::HashMap, sync::LazyLock};

use super::name::folded;

/// What a label says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// Mr, Mrs, …
    Salutation,
    /// Given name.
    FirstName,
    /// Family name.
    LastName,
    /// Both in one.
    FullName,
    /// A number, of this kind of line.
    Number(Line),
    /// The country.
    Country,
    /// Something that is no part of a contact: an address, a company, a job.
    Elsewhere,
}

/// The kind of line a number is of: the best to reach a person by first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Line {
    /// In the person's pocket.
    Mobile,
    /// The one they say is best.
    Preferred,
    /// Nothing is said.
    Plain,
    /// At work.
    Work,
    /// At home.
    Home,
    /// Any other.
    Other,
    /// Nobody answers it.
    Fax,
    /// Nobody answers it.
    Pager,
}

impl Line {
    /// Whether a person answers it.
    #[must_use]
    pub fn is_voice(self) -> bool {
        match self {
            Self::Mobile
            | Self::Preferred
            | Self::Plain
            | Self::Work
            | Self::Home
            | Self::Other => true,
            Self::Fax | Self::Pager => false,
        }
    }
}

const SALUTATION: &[&str] = &[
    "salutation",
    "title",
    "honorific",
    "nameprefix",
    "prefix",
    "namensprafix",
    "anrede",
    "titel",
    "tratamiento",
    "civilite",
    "titre",
    "titulo",
    "trattamento",
    "titolo",
    "tratamento",
    "aanhef",
    "titulatuur",
    "zwrot",
    "osloveni",
    "tiltale",
    "tilltal",
    "обращение",
    "敬称",
    "称谓",
    "稱謂",
    "호칭",
    "hitap",
    "unvan",
    "namenstitel",
];
const FIRST: &[&str] = &[
    "firstname",
    "first",
    "given",
    "givenname",
    "forename",
    "fname",
    "vorname",
    "vornamen",
    "rufname",
    "prenom",
    "prenoms",
    "nombre",
    "nombres",
    "nome",
    "primeironome",
    "primonome",
    "voornaam",
    "voornamen",
    "imie",
    "jmeno",
    "krestnijmeno",
    "fornamn",
    "fornavn",
    "etunimi",
    "keresztnev",
    "utonev",
    "prenume",
    "ad",
    "adi",
    "имя",
    "名",
    "名前",
    "이름",
    "名字",
    "christianname",
    "nombredepila",
    "nomeproprio",
];
const LAST: &[&str] = &[
    "lastname",
    "last",
    "surname",
    "family",
    "familyname",
    "secondname",
    "lname",
    "nachname",
    "familienname",
    "zuname",
    "nomdefamille",
    "apellido",
    "apellidos",
    "cognome",
    "sobrenome",
    "apelido",
    "apelidos",
    "ultimonome",
    "achternaam",
    "nazwisko",
    "prijmeni",
    "priezvisko",
    "efternamn",
    "etternavn",
    "efternavn",
    "sukunimi",
    "vezeteknev",
    "csaladnev",
    "soyad",
    "soyadi",
    "фамилия",
    "姓",
    "성",
    "primerapellido",
];
const FULL: &[&str] = &[
    "fullname",
    "name",
    "contact",
    "contactname",
    "customer",
    "customername",
    "displayname",
    "kunde",
    "kontakt",
    "ansprechpartner",
    "nom",
    "nomcomplet",
    "nombrecompleto",
    "nombreyapellidos",
    "nomecompleto",
    "nomecognome",
    "nomeecognome",
    "naam",
    "volledigenaam",
    "namn",
    "navn",
    "nimi",
    "imieinazwisko",
    "nazwiskoiimie",
    "jmenoaprijmeni",
    "celejmeno",
    "vorundnachname",
    "vornamename",
    "nev",
    "teljesnev",
    "adsoyad",
    "adisoyadi",
    "фио",
    "полноеимя",
    "氏名",
    "お名前",
    "姓名",
    "성명",
    "person",
    "client",
    "clientname",
    "cliente",
    "klant",
    "fn",
    "recipient",
    "attn",
];
const COUNTRY: &[&str] = &[
    "country",
    "region",
    "countryregion",
    "countryname",
    "isocountry",
    "countryiso",
    "isocode",
    "land",
    "landregion",
    "staat",
    "pays",
    "paysregion",
    "pais",
    "paisregion",
    "paese",
    "paesearea",
    "paeseareageografica",
    "nazione",
    "stato",
    "kraj",
    "krajregion",
    "zeme",
    "stat",
    "orszag",
    "ulke",
    "ulkebolge",
    "maa",
    "страна",
    "国",
    "国家",
    "國家",
    "国地域",
    "国または地域",
    "국가",
    "나라",
    "countrycodeiso",
    "mailingcountry",
    "billingcountry",
    "homecountry",
    "businesscountry",
];
const ELSEWHERE: &[&str] = &[
    "email",
    "mail",
    "e",
    "emailaddress",
    "courriel",
    "correo",
    "correoelectronico",
    "posta",
    "web",
    "www",
    "website",
    "url",
    "internet",
    "company",
    "firma",
    "societe",
    "empresa",
    "azienda",
    "bedrijf",
    "address",
    "adresse",
    "anschrift",
    "direccion",
    "indirizzo",
    "endereco",
    "adres",
    "street",
    "strasse",
    "position",
    "job",
    "role",
    "department",
    "abteilung",
    "skype",
    "linkedin",
    "twitter",
    "x",
    "notes",
    "notizen",
    "city",
    "ort",
    "zip",
    "plz",
    "vat",
    "ust",
    "ustid",
    "iban",
    "hrb",
    "birthday",
    "date",
    "order",
    "ticket",
    "ref",
    "reference",
    "case",
    "customerid",
    "id",
    "account",
    "konto",
    "kundennummer",
    "customernumber",
    "ordernumber",
    "invoice",
    "rechnung",
    "siret",
    "siren",
    "nif",
    "cif",
    "vatid",
    "taxid",
    "steuernummer",
    "bic",
    "swift",
    "postcode",
    "cp",
    "住所",
    "会社",
    "会社名",
    "メール",
    "郵便番号",
    "邮箱",
    "公司",
    "地址",
    "이메일",
    "주소",
    "회사",
    "почта",
    "адрес",
];

/// Words of phones: any of them makes a number of a label.
const PHONE: &[&str] = &[
    "phone",
    "phones",
    "phonenumber",
    "phoneno",
    "ph",
    "p",
    "t",
    "tel",
    "tels",
    "telno",
    "telephone",
    "telephonenumber",
    "telefon",
    "telefonnummer",
    "telefonnr",
    "telefono",
    "telefone",
    "telefoon",
    "telefoonnummer",
    "telefonszam",
    "telefonu",
    "fon",
    "tlf",
    "tfno",
    "tfn",
    "tf",
    "puhelin",
    "puh",
    "rufnummer",
    "sdt",
    "тел",
    "телефон",
    "τηλ",
    "τηλεφωνο",
    "โทร",
    "電話",
    "電話番号",
    "电话",
    "電話號碼",
    "电话号码",
    "전화",
    "전화번호",
    "هاتف",
    "טלפון",
    "☎",
    "☏",
    "📞",
    "✆",
    "e164",
    "msisdn",
    "contactnumber",
    "contactno",
    "call",
    "ring",
    "hotline",
    "voice",
    "durchwahl",
    "dw",
    "numero",
    "numeroportable",
    "nummer",
    "number",
    "autotelefon",
    "haupttelefon",
    "radiotelefono",
    "d",
    "o",
    "phonework",
    "phonehome",
    "c",
    "dialin",
    "switchboard",
    "zentrale",
    "standard",
    "telephonique",
    "telefonico",
    "自動車電話",
    "centralita",
    "llamada",
];
const MOBILE: &[&str] = &[
    "mobile",
    "mobiles",
    "mobilephone",
    "mobilenumber",
    "mobileno",
    "mob",
    "mobil",
    "mobiltelefon",
    "mobilnummer",
    "mobilnr",
    "mobilfunk",
    "mobilrufnummer",
    "cell",
    "cellphone",
    "cellphonenumber",
    "cellnumber",
    "cellular",
    "handy",
    "handynummer",
    "handynr",
    "natel",
    "gsm",
    "whatsapp",
    "wa",
    "whatsappnumber",
    "signal",
    "telegram",
    "viber",
    "iphone",
    "smartphone",
    "movil",
    "telefonomovil",
    "celular",
    "cel",
    "telemovel",
    "tlm",
    "tlmv",
    "portable",
    "telephoneportable",
    "port",
    "telportable",
    "cellulare",
    "cellulari",
    "mobiele",
    "mobiel",
    "mobieltje",
    "komorka",
    "kom",
    "komorkowy",
    "mobilni",
    "mobilnytelefon",
    "mobiltlf",
    "mobiltelefonnummer",
    "cep",
    "ceptelefonu",
    "gsmno",
    "matkapuhelin",
    "моб",
    "мобильный",
    "мобильныйтелефон",
    "сотовый",
    "κινητο",
    "มือถือ",
    "didong",
    "dd",
    "携帯",
    "携帯電話",
    "携帯番号",
    "手机",
    "手機",
    "手机号",
    "手机号码",
    "휴대폰",
    "휴대전화",
    "핸드폰",
    "جوال",
    "موبايل",
    "נייד",
    "m",
    "📱",
    "sms",
    "text",
    "mobila",
    "hp",
];
const FAX: &[&str] = &[
    "fax",
    "faxnumber",
    "faxnr",
    "faxno",
    "telefax",
    "faks",
    "telecopie",
    "telecopieur",
    "факс",
    "φαξ",
    "ファックス",
    "ファクス",
    "fax番号",
    "传真",
    "傳真",
    "팩스",
    "فاكس",
    "f",
    "📠",
    "telefaks",
    "bfax",
    "hfax",
];
/// Nothing a person answers, or another person.
const PAGER: &[&str] = &[
    "pager",
    "beeper",
    "bip",
    "buscapersonas",
    "cercapersone",
    "funkruf",
    "piepser",
    "ポケットベル",
    "ポケベル",
    "寻呼机",
    "telex",
    "isdn",
    "tty",
    "tdd",
    "radio",
    "modem",
    "bbs",
    "data",
    "assistant",
    "assistants",
    "manager",
    "managers",
    "emergency",
    "spouse",
    "sekretariat",
    "assistentin",
    "assistente",
    "asistente",
    "assistent",
    "notfall",
    "telextelefon",
    "referredby",
    "msg",
    "video",
];
const PREFERRED: &[&str] = &[
    "通常",
    "通常の",
    "代表",
    "会社代表",
    "preferred",
    "pref",
    "primary",
    "main",
    "default",
    "best",
    "haupt",
    "haupttelefon",
    "hauptrufnummer",
    "bevorzugt",
    "principal",
    "principale",
    "preferido",
    "prefere",
    "standardnummer",
];
const WORK: &[&str] = &[
    "work",
    "business",
    "office",
    "desk",
    "hq",
    "headquarters",
    "reception",
    "front",
    "company",
    "direct",
    "geschaftlich",
    "geschaeftlich",
    "gesch",
    "buro",
    "buero",
    "empfang",
    "hauptsitz",
    "accueil",
    "siege",
    "recepcion",
    "sede",
    "dienst",
    "dienstlich",
    "firma",
    "arbeit",
    "bureau",
    "travail",
    "professionnel",
    "pro",
    "trabajo",
    "oficina",
    "ufficio",
    "lavoro",
    "trabalho",
    "comercial",
    "werk",
    "zakelijk",
    "praca",
    "sluzbowy",
    "prace",
    "jobb",
    "arbete",
    "arbejde",
    "is",
    "рабочий",
    "会社",
    "会社電話",
    "勤務先",
    "勤務先電話",
    "工作",
    "办公",
    "公司",
    "직장",
    "회사",
    "del",
    "societe",
    "negocio",
    "negocios",
    "zakl",
    "sluzebni",
];
const HOME: &[&str] = &[
    "home",
    "private",
    "privat",
    "privatnummer",
    "prive",
    "domicile",
    "personnel",
    "perso",
    "casa",
    "particular",
    "personal",
    "abitazione",
    "residencial",
    "residence",
    "thuis",
    "huis",
    "dom",
    "domowy",
    "domu",
    "hem",
    "bostad",
    "hjem",
    "ev",
    "домашний",
    "自宅",
    "自宅電話",
    "家",
    "住宅",
    "자택",
    "집",
    "residential",
];
const OTHER: &[&str] = &[
    "autotelefon",
    "automovil",
    "voiture",
    "自動車",
    "weiteres",
    "weiterer",
    "otra",
    "altra",
    "other",
    "andere",
    "weitere",
    "autre",
    "autres",
    "otro",
    "altro",
    "outro",
    "andere",
    "overig",
    "inny",
    "jiny",
    "annan",
    "anden",
    "diger",
    "другой",
    "その他",
    "その他の",
    "其他",
    "기타",
    "car",
    "auto",
    "callback",
    "ruckruf",
    "voiture",
    "alternative",
    "alt",
    "secondary",
    "additional",
];
/// Words of kinds of lines that people are called, too: without a mark behind it, one of
/// these in front of a number is a name.
const ALSO_NAMES: &[&str] = &["best", "car", "casa", "del", "dom", "ev", "hem", "is", "pro", "alt"];
/// Words that say nothing of the kind of line.
const FILLERS: &[&str] = &[
    "number",
    "no",
    "nr",
    "num",
    "value",
    "wert",
    "nummer",
    "numero",
    "n",
    "de",
    "du",
    "la",
    "le",
    "the",
    "of",
    "di",
    "da",
    "do",
    "der",
    "des",
    "s",
    "contact",
    "customer",
    "client",
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "8",
    "9",
    "番号",
    "line",
    "phone",
    "with",
    "の",
    "fur",
    "for",
    "address",
    "adresse",
    "mailing",
    "billing",
    "postal",
    "primary",
    "du",
    "au",
    "o",
    "international",
    "intl",
    "code",
    "incl",
    "country",
    "en",
    "am",
];

/// A label without case, accents, blanks and marks.
#[must_use]
pub fn plain(text: &str) -> String {
    folded(text).chars().filter(|letter| letter.is_alphanumeric() || is_sign(*letter)).collect()
}

fn is_sign(letter: char) -> bool {
    matches!(letter, '☎' | '☏' | '📞' | '📱' | '📠' | '✆')
}

/// A label's words without case, accents and marks, "cellPhoneNumber" in three.
fn words(text: &str) -> Vec<String> {
    let mut spaced = String::with_capacity(text.len() + 4);
    let mut before = ' ';
    for letter in text.chars() {
        let digit_begins = letter.is_ascii_digit() != before.is_ascii_digit();
        if (letter.is_uppercase() && before.is_lowercase()) || (digit_begins && before != ' ') {
            spaced.push(' ');
        }
        spaced.push(if letter.is_alphanumeric() || is_sign(letter) { letter } else { ' ' });
        before = letter;
    }
    // Chinese, Japanese and Korean write no blank: "会社電話" is a phone at work.
    for mark in ["電話番号", "電話", "电话", "電話號碼", "전화", "ファックス", "手机", "携帯"]
    {
        if spaced.contains(mark) {
            spaced = spaced.replace(mark, &format!(" {mark} "));
        }
    }
    folded(&spaced).split_whitespace().map(str::to_owned).collect()
}

/// What each word means, by [`plain`]: a bit for each list.
static MEANINGS: LazyLock<HashMap<String, u16>> = LazyLock::new(|| {
    let mut meanings = HashMap::new();
    for (bit, list) in LISTS {
        for word in *list {
            *meanings.entry(plain(word)).or_insert(0) |= bit;
        }
    }
    meanings
});

const IS_SALUTATION: u16 = 1;
const IS_FIRST: u16 = 1 << 1;
const IS_LAST: u16 = 1 << 2;
const IS_FULL: u16 = 1 << 3;
const IS_COUNTRY: u16 = 1 << 4;
const IS_ELSEWHERE: u16 = 1 << 5;
const IS_PHONE: u16 = 1 << 6;
const IS_MOBILE: u16 = 1 << 7;
const IS_FAX: u16 = 1 << 8;
const IS_PAGER: u16 = 1 << 9;
const IS_PREFERRED: u16 = 1 << 10;
const IS_WORK: u16 = 1 << 11;
const IS_HOME: u16 = 1 << 12;
const IS_OTHER: u16 = 1 << 13;
const IS_FILLER: u16 = 1 << 14;
/// Words that a label for a number may be made of, and those that make one of it.
const OF_NUMBERS: u16 = IS_PHONE
    | IS_MOBILE
    | IS_FAX
    | IS_PAGER
    | IS_PREFERRED
    | IS_WORK
    | IS_HOME
    | IS_OTHER
    | IS_FILLER;
const MAKES_NUMBER: u16 = IS_PHONE | IS_MOBILE | IS_FAX | IS_PAGER;

static LISTS: &[(u16, &[&str])] = &[
    (IS_SALUTATION, SALUTATION),
    (IS_FIRST, FIRST),
    (IS_LAST, LAST),
    (IS_FULL, FULL),
    (IS_COUNTRY, COUNTRY),
    (IS_ELSEWHERE, ELSEWHERE),
    (IS_PHONE, PHONE),
    (IS_MOBILE, MOBILE),
    (IS_FAX, FAX),
    (IS_PAGER, PAGER),
    (IS_PREFERRED, PREFERRED),
    (IS_WORK, WORK),
    (IS_HOME, HOME),
    (IS_OTHER, OTHER),
    (IS_FILLER, FILLERS),
];

fn meaning(word: &str) -> u16 {
    MEANINGS.get(word).copied().unwrap_or(0)
}

/// Reads a whole label; `None` when it says nothing we know.
#[must_use]
pub fn read(text: &str) -> Option<Label> {
    let joined = plain(text);
    let means = meaning(&joined);
    for (bit, label) in [
        (IS_SALUTATION, Label::Salutation),
        (IS_FIRST, Label::FirstName),
        (IS_LAST, Label::LastName),
        (IS_FULL, Label::FullName),
        (IS_COUNTRY, Label::Country),
    ] {
        if means & bit != 0 {
            return Some(label);
        }
    }
    let each: Vec<u16> = words(text).iter().map(|word| meaning(word)).collect();
    let places = IS_COUNTRY | IS_WORK | IS_HOME | IS_OTHER | IS_FILLER;
    if each.iter().any(|it| it & IS_COUNTRY != 0) && each.iter().all(|it| it & places != 0) {
        return Some(Label::Country);
    }
    let elsewhere = means & IS_ELSEWHERE != 0 && means & MAKES_NUMBER == 0;
    line(text).map(Label::Number).or(elsewhere.then_some(Label::Elsewhere))
}

/// The kind of line that a label for a number names.
#[must_use]
pub fn line(text: &str) -> Option<Line> {
    let whole = meaning(&plain(text)) & OF_NUMBERS;
    let each: Vec<u16> = words(text).iter().map(|word| meaning(word) & OF_NUMBERS).collect();
    if each.is_empty() || (whole & MAKES_NUMBER == 0 && each.contains(&0)) {
        return None;
    }
    let any = each.iter().fold(whole, |all, word| all | word);
    (any & MAKES_NUMBER != 0).then(|| strongest(any))
}

/// The kind of line that words name which say so only beside a number: "Office", "Büro",
/// "Direct line". Alone they may be a column, a place or a company.
#[must_use]
pub fn line_beside_number(text: &str) -> Option<Line> {
    const KINDS: u16 = IS_PREFERRED | IS_WORK | IS_HOME | IS_OTHER;
    let each: Vec<u16> = words(text).iter().map(|word| meaning(word)).collect();
    let known = each.iter().all(|it| it & OF_NUMBERS != 0);
    // "Company no.: 01234567" is the one it is registered under.
    let registered = each.len() > 1 && each.iter().any(|it| it & IS_ELSEWHERE != 0);
    let kinds = each.iter().fold(0, |all, it| all | it) & KINDS;
    (known && !registered && kinds != 0).then(|| strongest(kinds))
}

/// As [`line_beside_number`], where no mark parts the words from the number.
#[must_use]
pub fn line_without_mark(text: &str) -> Option<Line> {
    let named = words(text).iter().any(|word| ALSO_NAMES.contains(&word.as_str()));
    line_beside_number(text).filter(|_| !named)
}

/// Whether text begins with enough digits for a number that can be called.
fn begins_with_number(text: &str) -> bool {
    const FEWEST: usize = 7;
    let is_mark = |c: &char| c.is_numeric() || " +()-./\u{a0}\u{2011}\u{ff0b}".contains(*c);
    let digits = text.chars().take_while(is_mark).filter(|c| c.is_numeric()).count();
    text.starts_with(|c: char| c.is_numeric() || "+(\u{ff0b}".contains(c)) && digits >= FEWEST
}

/// The kind of line that a card's types or a cell beside the number name: "CELL", "* Work Fax".
#[must_use]
pub fn line_of_type(text: &str) -> Line {
    strongest(words(text).iter().fold(meaning(&plain(text)), |all, word| all | meaning(word)))
}

fn strongest(means: u16) -> Line {
    [
        (IS_FAX, Line::Fax),
        (IS_PAGER, Line::Pager),
        (IS_MOBILE, Line::Mobile),
        (IS_PREFERRED, Line::Preferred),
        (IS_WORK, Line::Work),
        (IS_HOME, Line::Home),
        (IS_OTHER, Line::Other),
    ]
    .into_iter()
    .find_map(|(bit, line)| (means & bit != 0).then_some(line))
    .unwrap_or(Line::Plain)
}

/// Splits the label off the front of a line: "Tel.: 030 …", "Name: …", "M 0171 …". The
/// label, and what is behind it.
#[must_use]
pub fn in_front(text: &str) -> Option<(Label, &str)> {
    const MARKS: [char; 5] = [':', '：', '.', '=', ')'];
    const LONGEST: usize = 40;
    let text = text.trim_start_matches(['-', '*', '•', '·', '|', ' ', '(', '[', '–', '—']);
    // The longest run of words in front of a colon, or before the first digit.
    let end = text
        .char_indices()
        .take(LONGEST)
        .find(|(_, c)| matches!(c, ':' | '：' | '='))
        .map(|(at, c)| (at, c.len_utf8()));
    if let Some((at, width)) = end {
        let (front, rest) = (&text[..at], text[at + width..].trim());
        let kind = line_beside_number(front).filter(|_| begins_with_number(rest));
        if let Some(label) = line(front).or(kind).map(Label::Number).or_else(|| read(front)) {
            return Some((label, rest));
        }
    }
    // Without a colon a number follows its label directly: "Tel. 030 …", "M +44 …".
    let digit = text.find(|c: char| c.is_numeric() || matches!(c, '+' | '(' | '＋'))?;
    let front = text[..digit].trim_end_matches(|c: char| {
        MARKS.contains(&c) || c.is_whitespace() || matches!(c, '/' | '-' | '(' | '[')
    });
    let rest = text[digit..].trim();
    let kind = || line_without_mark(front).filter(|_| begins_with_number(rest));
    let label = line(front).or_else(kind).filter(|_| !front.is_empty())?;
    // The one before last of "Tel./Fax" is the voice.
    Some((Label::Number(label), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_understood_in_many_languages() {
        for (text, line) in [
            ("Mobile", Line::Mobile),
            ("Mobiltelefon", Line::Mobile),
            ("Handy", Line::Mobile),
            ("(m)", Line::Mobile),
            ("Téléphone portable", Line::Mobile),
            ("Móvil", Line::Mobile),
            ("Telemóvel", Line::Mobile),
            ("Cellulare", Line::Mobile),
            ("携帯電話", Line::Mobile),
            ("手机", Line::Mobile),
            ("휴대폰", Line::Mobile),
            ("Моб. тел.", Line::Mobile),
            ("Mobile Phone Number", Line::Mobile),
            ("cellPhoneNumber", Line::Mobile),
            ("WhatsApp", Line::Mobile),
            ("Tel.", Line::Plain),
            ("Phone 1 - Value", Line::Plain),
            ("Téléphone", Line::Plain),
            ("電話番号", Line::Plain),
            ("Telefon geschäftlich", Line::Work),
            ("Telefon (geschäftlich)", Line::Work),
            ("Business Phone 2", Line::Work),
            ("Téléphone (bureau)", Line::Work),
            ("Work phone", Line::Work),
            ("Teléfono del trabajo", Line::Work),
            ("勤務先電話", Line::Work),
            ("会社電話 2", Line::Work),
            ("自宅電話番号", Line::Home),
            ("会社 FAX", Line::Fax),
            ("その他の電話", Line::Other),
            ("Téléphone 2 (bureau)", Line::Work),
            ("Tél. mobile", Line::Mobile),
            ("Autre télécopie", Line::Fax),
            ("Haupttelefon", Line::Preferred),
            ("Número de móvil", Line::Mobile),
            ("Telefon (privat)", Line::Home),
            ("Home Phone", Line::Home),
            ("Primary Phone", Line::Preferred),
            ("Company Main Phone", Line::Preferred),
            ("Other Phone", Line::Other),
            ("Fax", Line::Fax),
            ("Fax geschäftlich", Line::Fax),
            ("Telefax", Line::Fax),
            ("Télécopie", Line::Fax),
            ("Business Fax", Line::Fax),
            ("Work Fax Number", Line::Fax),
            ("ファックス", Line::Fax),
            ("Pager", Line::Pager),
            ("Assistant's Phone", Line::Pager),
        ] {
            assert_eq!(super::line(text), Some(line), "{text}");
        }
        for text in [
            "Company",
            "Notes",
            "Work",
            "Home City",
            "Phonetic First Name",
            "Twitter ID",
            "Maren",
            "Phone call date",
        ] {
            assert_eq!(super::line(text), None, "{text}");
        }
    }

    #[test]
    fn a_country_may_be_that_of_an_address() {
        for text in [
            "Country",
            "Land geschäftlich",
            "Business Country/Region",
            "Pays/Région (bureau)",
            "Address 1 - Country",
            "País o región del trabajo",
            "国 (会社)",
            "Mailing Country",
            "Home Country/Region",
        ] {
            assert_eq!(read(text), Some(Label::Country), "{text}");
        }
        for text in ["State/Region", "Business State", "Home", "Country code of origin"] {
            assert_ne!(read(text), Some(Label::Country), "{text}");
        }
    }

    #[test]
    fn a_label_comes_off_the_front_of_its_line() {
        for (text, label, rest) in [
            ("Tel.: 030 123456", Label::Number(Line::Plain), "030 123456"),
            ("Tel. 030 123456", Label::Number(Line::Plain), "030 123456"),
            ("Fax: +44 20 7946 0009", Label::Number(Line::Fax), "+44 20 7946 0009"),
            ("M +44 7911 123123", Label::Number(Line::Mobile), "+44 7911 123123"),
            ("Mobil (0171) 1234567", Label::Number(Line::Mobile), "(0171) 1234567"),
            ("Name: Maren Oduya", Label::FullName, "Maren Oduya"),
            ("Vorname: Maren", Label::FirstName, "Maren"),
            ("Nom : Dubois", Label::FullName, "Dubois"),
            ("Pays : France", Label::Country, "France"),
            ("Country: India", Label::Country, "India"),
            ("電話番号：03-1234-5678", Label::Number(Line::Plain), "03-1234-5678"),
            ("Kundennummer: 12345678", Label::Elsewhere, "12345678"),
            ("Office: +1 415 555-0133", Label::Number(Line::Work), "+1 415 555-0133"),
            ("Office +1 415 555-0133", Label::Number(Line::Work), "+1 415 555-0133"),
            ("Direct line: 030 1234567", Label::Number(Line::Work), "030 1234567"),
            ("Büro: 030 1234567", Label::Number(Line::Work), "030 1234567"),
            ("Casa: 612 345 678", Label::Number(Line::Home), "612 345 678"),
            ("Main: (415) 555-0133", Label::Number(Line::Preferred), "(415) 555-0133"),
        ] {
            assert_eq!(in_front(text), Some((label, rest)), "{text}");
        }
        for text in [
            "Maren Oduya",
            "Maren Oduya 07911 123123",
            "Acme GmbH",
            "030 123456",
            "Dom +44 7911 123123",
            "Best: Maren",
            "Office: 12 Main Street",
            "Company no.: 01234567",
        ] {
            assert_eq!(in_front(text), None, "{text}");
        }
    }
}
