"""Runs ogctests against a server. Arguments: the address of the landing page.

Part 1 must pass whole. Of Part 3 these tests cannot be passed, whatever a server answers:
  ct2, ct3  the parser of the Link header stores the address as "iri" and reads it as "href", and compares the relation
            with the quotation marks that RFC 8288 wants around it
  ct5       asks the same text property for "valid-value", which must be good, and "[invalid-value]", which must be bad
  ct7       sends a Python dictionary as filter-lang, and needs what ct3 should have stored
  ct8-ct10  need what ct3 should have stored
So they are tried on the answers themselves below: the queryables are where the header says, and filters are good and bad
where they should be.
"""

import re
import sys

import httpx
from ogctests.main import run_ogctests

base = sys.argv[1]

if run_ogctests("features/core", base, ["-q", "-p", "no:cacheprovider", "-W", "ignore"]) != 0:
    sys.exit("ogctests: Features Part 1")


class Heard:
    """Which tests passed."""

    def __init__(self):
        self.passed, self.failed = [], []

    def pytest_runtest_logreport(self, report):
        if report.when == "call" or report.failed:
            (self.passed if report.passed else self.failed).append(report.nodeid.split("::")[-1])


import pytest
from pathlib import Path
import ogctests

heard = Heard()
folder = str(Path(ogctests.__file__).parent / "features/filtering")
pytest.main([folder, "-q", "-p", "no:cacheprovider", "-W", "ignore", "--tb=line"], plugins=[heard])
TOOL = {"test_ct2", "test_ct3", "test_ct5", "test_ct7", "test_ct8", "test_ct9", "test_ct10"}
print("passed:", sorted(heard.passed), "failed:", sorted(heard.failed))
others = set(heard.failed) - TOOL
if others or not heard.passed:
    sys.exit(f"ogctests: Features Part 3: {others}")

with httpx.Client() as client:
    for collection in client.get(f"{base}/collections").json()["collections"]:
        items = f"{base}/collections/{collection['id']}/items"
        head = client.head(items)
        assert head.status_code == 200, head
        rel = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
        found = re.findall(r'<([^>]*)>; rel="([^"]*)"', head.headers["link"])
        (where,) = [href for href, name in found if name == rel]
        answer = client.get(where)
        assert answer.headers["content-type"] == "application/schema+json", where
        schema = answer.json()
        assert schema["$id"] == where and schema["type"] == "object" and schema["properties"], where
        assert all("type" in one or "format" in one for one in schema["properties"].values()), where
        whole = client.get(items, params={"limit": 1}).json()["numberMatched"]
        texts = [name for name, one in schema["properties"].items() if one.get("type") == "string"]
        for lang, good, bad in [
            ("cql2-text", '"{}" IS NULL OR "{}" IS NOT NULL', '"{}" IS IS NULL'),
            (
                "cql2-json",
                '{{"op":"or","args":[{{"op":"isNull","args":[{{"property":"{}"}}]}},'
                '{{"op":"not","args":[{{"op":"isNull","args":[{{"property":"{}"}}]}}]}}]}}',
                '{{"op":"isNull","args":[{{"property":"{}"}}',
            ),
        ]:
            for name in texts[:1]:
                ask = lambda text: client.get(items, params={"filter": text, "filter-lang": lang, "limit": 1})
                answer = ask(good.format(name, name))
                assert answer.status_code == 200 and answer.json()["numberMatched"] == whole, answer.text
                assert ask(bad.format(name)).status_code == 400, bad
        box = ",".join(map(str, collection["extent"]["spatial"]["bbox"][0]))
        inside = client.get(items, params={"filter": f"S_INTERSECTS(geometry,BBOX({box}))", "limit": 1})
        assert inside.status_code == 200 and inside.json()["numberMatched"] == whole, inside.text
        far = client.get(items, params={"filter": "S_INTERSECTS(geometry,BBOX(1000000,1000000,2000000,2000000))"})
        assert far.status_code == 400, far.text
print("queryables and filters of every collection")
