"""Makes tests/data/phones.csv: numbers of every region in many spellings, and what an
independent implementation of libphonenumber says of each.

    pip install phonenumbers && python3 tests/data/phones.py > tests/data/phones.csv

Columns, tab-separated: text, region, verdict (valid, possible, impossible), E.164.
"""

import random

import phonenumbers as p

random.seed(20260101)
KINDS = [p.PhoneNumberType.MOBILE, p.PhoneNumberType.FIXED_LINE, p.PhoneNumberType.TOLL_FREE,
         p.PhoneNumberType.VOIP, p.PhoneNumberType.UAN]


def spellings(number, region):
    e164 = p.format_number(number, p.PhoneNumberFormat.E164)
    inter = p.format_number(number, p.PhoneNumberFormat.INTERNATIONAL)
    nation = p.format_number(number, p.PhoneNumberFormat.NATIONAL)
    other = "IN" if region != "IN" else "GB"
    yield e164, region
    yield e164, other
    yield inter, other
    yield nation, region
    yield inter.replace("-", "\u2011").replace(" ", "\u00a0"), region
    yield "00" + e164[1:], "GB" if region != "GB" else "IN"
    yield p.format_out_of_country_calling_number(number, "US"), "US"
    yield "".join(chr(0x0660 + int(c)) if c.isdigit() else c for c in e164), other
    yield "tel:" + e164, other


def variants(number):
    digits = p.national_significant_number(number)
    code = number.country_code
    yield f"+{code}{digits[:-1]}"
    yield f"+{code}{digits[:-2]}"
    yield f"+{code}{digits}{random.randrange(10)}"
    yield f"+{code}{random.randrange(10)}{digits[1:]}"


def judge(text, region):
    try:
        number = p.parse(text, region)
    except p.NumberParseException:
        return "impossible", ""
    e164 = p.format_number(number, p.PhoneNumberFormat.E164)
    if p.is_valid_number(number):
        return "valid", e164
    if p.is_possible_number_with_reason(number) == p.ValidationResult.IS_POSSIBLE:
        return "possible", e164
    return "impossible", ""


print(f"# Python phonenumbers {p.__version__}; made by tests/data/phones.py")
seen = set()
for region in sorted(p.SUPPORTED_REGIONS):
    for kind in KINDS:
        number = p.example_number_for_type(region, kind)
        if number is None:
            continue
        for text, home in list(spellings(number, region)) + [(v, region) for v in variants(number)]:
            if "\t" in text or any(c.isalpha() for c in text.removeprefix("tel:")) or (text, home) in seen:
                continue
            seen.add((text, home))
            print(text, home, *judge(text, home), sep="\t")
