"""Telephone numbers against Google's libphonenumber in its Python port.

    pip install phonenumbers==9.0.42     (the metadata of the crate rlibphonenumber 2.2.15)
    python tests/tooling/phone_numbers.py [path of the cdrql binary]

Generates 10,000 texts by a seed (numbers of every country and kind in several spellings, cut, with
rubbish) and the strings with known traps, asks `cdrql` for `normalize_e164`, `phone_info`,
`number_region` and `number_kind` of each, and compares every field. Exits with 1 when any differs.
"""

import csv
import io
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import phonenumbers as p
from phonenumbers import PhoneNumberFormat as F, PhoneNumberType as T, ValidationResult as V

COUNT = 10_000
KINDS = {
    T.FIXED_LINE: "fixed", T.MOBILE: "mobile", T.FIXED_LINE_OR_MOBILE: "fixed_or_mobile",
    T.TOLL_FREE: "toll_free", T.PREMIUM_RATE: "premium", T.SHARED_COST: "shared_cost",
    T.VOIP: "voip", T.PERSONAL_NUMBER: "personal", T.PAGER: "pager", T.UAN: "uan",
    T.VOICEMAIL: "voicemail", T.UNKNOWN: "unknown",
}
TRAPS = [
    "+441619960000", "+8001234567", "+39 06 6981 2345", "00493012345", "493012345678",
    "+44 (0)20 7946 0000", "(425) 555-0123;ext=0100", "+1 425 555 0123 x55", "425-555-0123,55",
    "4255550123#55", "+97233142764978", "1-800-FLOWERS", "+687 11.11.11", "911", "112", "555-0123",
    "tel:030-1234;phone-context=+49", "tel:1234;phone-context=contoso.com", "\uff0b49\uff13\uff10\uff11\uff12\uff13\uff14\uff15",
    "+80012345678", "+870773123456", "+883510012345678", "+12345678901234567890", "", "()",
]


def spellings(number, rng):
    """One text for a number, as people and machines write it."""
    text = p.format_number(number, rng.choice([F.E164, F.INTERNATIONAL, F.NATIONAL, F.RFC3966]))
    change = rng.random()
    if change < 0.08:
        text = text[: rng.randrange(1, len(text) + 1)]
    elif change < 0.16:
        text += rng.choice([" ext. 12", ";ext=345", " x7", "#9", "0", "00000", "abc"])
    elif change < 0.22:
        text = text.replace("+", rng.choice(["00", "011", ""]))
    elif change < 0.26:
        text = text.replace(" ", rng.choice([".", "-", "/", "\u00a0", "\u2011"]))
    return text


def cases(rng):
    regions = sorted(p.SUPPORTED_REGIONS)
    yield from ((text, "US") for text in TRAPS)
    for _ in range(COUNT - len(TRAPS)):
        region = rng.choice(regions)
        metadata = p.PhoneMetadata.metadata_for_region(region)
        kinds = [k for k in KINDS if k != T.UNKNOWN and p.example_number_for_type(region, k)]
        number = p.example_number_for_type(region, rng.choice(kinds)) if kinds else None
        if number is None or metadata is None:
            continue
        # Other digits at the end: some of them are numbers, some are not.
        last = rng.randrange(0, 5)
        national = list(str(number.national_number))
        for i in range(max(0, len(national) - last), len(national)):
            national[i] = str(rng.randrange(10))
        number.national_number = int("".join(national))
        yield spellings(number, rng), rng.choice([region, region, rng.choice(regions)])


def expected(text, region):
    try:
        number = p.parse(text, region)
    except p.NumberParseException:
        return [""] * 9
    e164 = p.format_number(number, F.E164)
    possible = p.is_possible_number_with_reason(number) == V.IS_POSSIBLE
    return [
        e164 if possible else "", e164, str(number.country_code),
        p.region_code_for_number(number) or "", KINDS[p.number_type(number)],
        p.national_significant_number(number), number.extension or "",
        str(possible).lower(), str(p.is_valid_number(number)).lower(),
    ]


QUERY = """
SELECT n, normal, e164, country_code, kind_of.region, kind, national, ext, possible, valid,
  number_region(e164), number_kind(e164)
FROM (
  SELECT n, normal, get_field(i, 'e164') AS e164, get_field(i, 'country_code') AS country_code,
    get_field(i, 'region') AS region, get_field(i, 'kind') AS kind,
    get_field(i, 'national') AS national, get_field(i, 'ext') AS ext,
    get_field(i, 'possible') AS possible, get_field(i, 'valid') AS valid
  FROM (
    SELECT n, normalize_e164(text, region) AS normal, phone_info(text, region) AS i FROM numbers
  ) AS read
) AS kind_of
ORDER BY n
"""


def answers(cdrql, numbers):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "numbers.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
            writer.writerow(["n", "text", "region"])
            writer.writerows([n, text, region] for n, (text, region) in enumerate(numbers))
        table = (
            "CREATE EXTERNAL TABLE numbers (n BIGINT, text VARCHAR, region VARCHAR) "
            f"STORED AS CSV LOCATION '{path}' OPTIONS ('format.has_header' 'true')"
        )
        command = [cdrql, "run", "-c", table, "-c", QUERY, "--format", "csv"]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rows = [row for row in csv.reader(io.StringIO(output)) if row]
    return [row for row in rows if row[0].isdigit()]


def main():
    cdrql = sys.argv[1] if len(sys.argv) > 1 else "target/debug/cdrql"
    numbers = list(cases(random.Random(20141103)))
    differences = 0
    rows = answers(cdrql, numbers)
    assert len(rows) == len(numbers), f"{len(rows)} answers to {len(numbers)} numbers"
    for (text, region), row in zip(numbers, rows):
        wanted = expected(text, region)
        found = row[1:10]
        if wanted != found:
            differences += 1
            print(f"{text!r} in {region}: {found} instead of {wanted}")
        # What is asked of the normal form alone agrees, where that is a number by itself.
        again = expected(wanted[1], None)
        if [again[3], again[4]] != row[10:12]:
            differences += 1
            print(f"{wanted[1]!r}: {row[10:12]} instead of {[again[3], again[4]]}")
    parsed = sum(1 for row in rows if row[2])
    print(f"{len(rows)} texts, {parsed} of them numbers, {differences} differences")
    sys.exit(differences > 0)


if __name__ == "__main__":
    main()
