"""Makes assets/regions.csv: every region libphonenumber knows, with its English name.

Run once by hand when either source moves on:
    pip install babel phonenumbers && python3 assets/regions.py > assets/regions.csv
Names come from the Unicode CLDR (through Babel), codes from libphonenumber's metadata.
"""

import babel
import phonenumbers
from babel import Locale

NAMES = Locale("en").territories
# What CLDR calls "alternative short": how agents search, not how we show it.
OTHER = {"GB": "UK Great Britain England Scotland Wales", "US": "USA America", "AE": "UAE Emirates",
         "CZ": "Czech Republic", "TR": "Turkey", "MM": "Burma", "CI": "Ivory Coast", "NL": "Holland",
         "KR": "Korea", "CD": "DRC Congo Kinshasa", "CG": "Congo Brazzaville", "CV": "Cabo Verde",
         "SZ": "Swaziland", "MK": "Macedonia", "TL": "East Timor", "VA": "Holy See", "PS": "Palestine",
         "SA": "KSA", "RU": "USSR", "BA": "Bosnia", "TT": "Trinidad", "CF": "CAR", "PG": "PNG",
         "HK": "Hong Kong", "MO": "Macau", "ZA": "RSA", "NZ": "Aotearoa", "DE": "Deutschland"}

print(f"# code,calling code,name,also found by; CLDR via Babel {babel.__version__}, "
      f"libphonenumber {phonenumbers.__version__}")
for code in sorted(phonenumbers.SUPPORTED_REGIONS):
    calling = phonenumbers.country_code_for_region(code)
    print(f"{code},{calling},{NAMES[code]},{OTHER.get(code, '')}")
