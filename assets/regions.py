"""Makes assets/regions.csv: every region libphonenumber knows, with its names.

Run once by hand when a source moves on:
    pip install babel phonenumbers pycountry && python3 assets/regions.py > assets/regions.csv
English names, and those in the region's own languages and in the languages that
spreadsheets are exported in, come from the Unicode CLDR (through Babel); alpha-3 codes and
the names that ISO 3166-1 gives (formal, common, "Korea, Republic of") from Debian's
iso-codes (through pycountry); calling codes from libphonenumber's metadata.
"""

import importlib.metadata
import re
import unicodedata

import phonenumbers
import pycountry
from babel import Locale, UnknownLocaleError, __version__ as babel_version
from babel.languages import get_official_languages

ENGLISH = Locale("en").territories
# The languages Outlook, Google, HubSpot and phones are used in most; a country is then
# written in the language of the program, not its own.
EXPORTS = ["de", "fr", "es", "it", "pt", "nl"]
# What CLDR calls alternatives ("short", "variant"), which Babel leaves out, and what people
# write all the same.
OTHER = {
    "GB": "UK|Great Britain|Britain|England|Scotland|Wales|Northern Ireland|Grossbritannien|Großbritannien|Grande-Bretagne|Gran Bretaña|Groot-Brittannië",
    "US": "USA|US of America|America|Estados Unidos de América|EE.UU.|EUA|Etats-Unis d'Amérique|Vereinigte Staaten von Amerika",
    "AE": "UAE|Emirates|VAE", "CZ": "Czech Republic|Tschechische Republik|Czech Rep", "TR": "Turkey",
    "MM": "Burma", "CI": "Ivory Coast|Elfenbeinküste", "NL": "Holland",
    "KR": "ROK|Korea South|Korea Rep|Republic of Korea|한국|Südkorea",
    "KP": "DPRK|Korea North|Democratic People's Republic of Korea",
    "CD": "DRC|DR Congo|Congo Democratic Republic|Congo DRC|Zaire|Democratic Republic of Congo|RDC",
    "CG": "Congo Republic|Republic of Congo|Congo Rep", "CV": "Cabo Verde|Cape Verde", "SZ": "Swaziland",
    "MK": "Macedonia|FYROM|Former Yugoslav Republic of Macedonia|Mazedonien", "TL": "East Timor",
    "VA": "Holy See|Vatican|Vatikan", "PS": "Palestine|Palestinian Territory", "SA": "KSA",
    "RU": "Russian Fed", "BA": "Bosnia", "TT": "Trinidad", "CF": "CAR", "PG": "PNG",
    "HK": "Hong Kong SAR|Hongkong|香港", "MO": "Macau|Macao SAR|Macau SAR|澳門|澳门",
    "ZA": "RSA|Rep of South Africa", "NZ": "Aotearoa|Aotearoa New Zealand", "CN": "PRC|Mainland China|中国大陆|中华人民共和国",
    "TW": "Republic of China|ROC|台湾|臺灣|Chinese Taipei", "IE": "Republic of Ireland|Eire", "VN": "Viet Nam",
    "LA": "Lao", "SY": "Syria", "FK": "Falklands|Malvinas|Islas Malvinas", "IO": "Chagos",
    "FM": "Micronesia", "MD": "Moldova", "RE": "Reunion", "BN": "Brunei Darussalam", "XK": "Kosovo|Republic of Kosovo",
    "SH": "Saint Helena", "JP": "日本国", "DE": "BRD|Germany Federal Republic", "BY": "Belorussia|Weissrussland|Weißrussland",
    "GM": "Gambia", "BS": "Bahamas", "PH": "Philippines", "VC": "Saint Vincent", "KN": "Saint Kitts",
    "PM": "Saint Pierre", "AG": "Antigua", "WF": "Wallis", "ST": "Sao Tome", "SJ": "Svalbard",
    "TC": "Turks and Caicos", "BQ": "Bonaire", "MF": "Saint Martin French part", "SX": "Sint Maarten|Saint Maarten",
    "VG": "BVI|Virgin Islands British|Virgin Islands UK", "VI": "USVI|US Virgin Islands|Virgin Islands US",
    "AC": "Ascension", "TA": "Tristan da Cunha", "CW": "Curacao", "GW": "Guinea Bissau", "GQ": "Equatorial Guinea",
    "AU": "Commonwealth of Australia", "IN": "Bharat", "LK": "Ceylon", "KH": "Kampuchea", "IR": "Persia",
    "SK": "Slovak Republic|Slowakische Republik", "LU": "Luxemburg|Luxemburgo", "MY": "Federation of Malaysia",
    "PK": "Islamic Republic of Pakistan",
}
# libphonenumber's own regions have no ISO code; XKX is what the European Union uses.
ALPHA_3 = {"AC": "ASC", "TA": "TAA", "XK": "XKX"}


def key(text):
    """The same letters and words, as `Region::find` compares them (nearly)."""
    text = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return " ".join(sorted(re.sub(r"[^\w]+", " ", text.replace(".", "")).split()))


def own_languages(code):
    for tag in get_official_languages(code, regional=True, de_facto=True):
        try:
            yield Locale.parse(tag)
        except (UnknownLocaleError, ValueError):
            pass


def names(code):
    yield from OTHER.get(code, "").split("|")
    iso = pycountry.countries.get(alpha_2=code)
    for kind in ("name", "common_name", "official_name"):
        yield getattr(iso, kind, "")
    for locale in own_languages(code):
        yield locale.territories.get(code, "")
    for tag in EXPORTS:
        name = Locale(tag).territories.get(code, "")
        yield name
        if tag == "de":
            yield name.translate(str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}))


def parts(name):
    """A name, and of "Myanmar (Burma)" each half."""
    yield name
    if found := re.fullmatch(r"(.+?) \((.+)\)", name):
        # "Saint Martin (French part)" is only half a name.
        yield from (half for half in found.groups() if not re.search("part|deel|Teil", half))


english = {key(name): code for code, name in ENGLISH.items() if code in phonenumbers.SUPPORTED_REGIONS}
taken = dict(english)
rows = []
for code in sorted(phonenumbers.SUPPORTED_REGIONS):
    found = []
    for name in (part for name in [ENGLISH[code], *names(code)] for part in parts(name)):
        name = name.replace(",", " ").replace("|", " ").strip()
        # A name that two have belongs to neither: `region.rs` lists those as a question.
        if key(name) and taken.setdefault(key(name), code) == code and key(name) not in map(key, found):
            found.append(name)
    found = [name for name in found if key(name) != key(ENGLISH[code])]
    # "Congo" is CG's name in ISO and half of CD's everywhere else; Chinese and Korean say it short.
    found = [name for name in found if key(name) not in ("congo", "kongo", "korea", "guinea", "see")]
    iso = pycountry.countries.get(alpha_2=code)
    rows.append((code, phonenumbers.country_code_for_region(code), iso.alpha_3 if iso else ALPHA_3[code],
                 ENGLISH[code], "|".join(found)))

print(f"# code,calling code,alpha-3,name,other names; made by assets/regions.py from CLDR (Babel {babel_version}), "
      f"ISO 3166-1 (pycountry {importlib.metadata.version('pycountry')}), libphonenumber {phonenumbers.__version__}")
for row in rows:
    print(*row, sep=",")
