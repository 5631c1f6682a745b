"""Decodes, with a second decoder, every tile of a filter and of the households, and adds up what they hold.

found.py BASE: with ATLANTE_TOKEN of a role that may read households. At every zoom the hexagons found and the points add
up to the same households and people, and to what /api/count says where it is there.
"""

import json
import math
import os
import sys
import urllib.parse
import urllib.request

import mapbox_vector_tile

base, token = sys.argv[1], os.environ["ATLANTE_TOKEN"]


def get(path):
    request = urllib.request.Request(path if path.startswith("http") else base + path)
    request.add_header("Authorization", "Bearer " + token)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read()


def column(lon, z):
    return min(max(int((lon + 180) / 360 * 2**z), 0), 2**z - 1)


def row(lat, z):
    return min(max(int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z), 0), 2**z - 1)


def features(layer, query, z):
    """Features of all tiles of a zoom; hexagons once, points as often as they are drawn."""
    tilejson = json.loads(get(f"/tiles/{layer}.json{query}"))
    template, (west, south, east, north) = tilejson["tiles"][0], tilejson["bounds"]
    found = {}
    for x in range(column(west, z), column(east, z) + 1):
        for y in range(row(north, z), row(south, z) + 1):
            body = get(template.replace("{z}", str(z)).replace("{x}", str(x)).replace("{y}", str(y)))
            assert len(body) < 500_000, f"a tile of {len(body)} bytes"
            if body:
                for feature in mapbox_vector_tile.decode(body)[layer]["features"]:
                    p = feature["properties"]
                    key = p["id"] if layer == "hexes" else (x, y, p["id"])
                    assert found.setdefault(key, p) == p, f"{key} differs between tiles"
    return found.values()


def sums(found):
    return [sum(p[k] for p in found) for k in ("n", "p")]


for text in ("fragility >= 0.3 AND people > 1", "minors > 0 OR fragile = TRUE", "people = -1"):
    query = "?filter=" + urllib.parse.quote(text, safe="")
    count = json.loads(get("/api/count" + query + "&collection=households"))
    want = [count["households"], count["people"]]
    for z in (0, 7, 9, 11, 12, 13):
        assert sums(features("hexes", query, z)) == want, f"{text}: hexagons at zoom {z} are not {want}"
    for z in (4, 9, 12, 13, 14, 15):
        assert sums(features("households", query, z)) == want, f"{text}: points at zoom {z} are not {want}"
    print(f"{text}: {want[0]} households, {want[1]} people at every zoom")
