"""Decodes every tile that covers the town with a second decoder and compares it with the export and the API.

decode.py BASE FOLDER: FOLDER holds hexes_6.csv … hexes_10.csv of `atlante export hexes`. With ATLANTE_TOKEN the exact
figures are asked for, and the exports (which are public) are compared only by their sums.
"""

import csv
import json
import math
import os
import sys
import urllib.request

import mapbox_vector_tile

base, folder = sys.argv[1], sys.argv[2]
token = os.environ.get("ATLANTE_TOKEN")


def get(path):
    request = urllib.request.Request(path if path.startswith("http") else base + path)
    if token:
        request.add_header("Authorization", "Bearer " + token)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read()


town = json.loads(get("/api/town"))
tilejson = json.loads(get("/tiles/hexes.json"))
template = tilejson["tiles"][0]
keys = [p["key"] for p in town["properties"]]
west, south, east, north = tilejson["bounds"]


def column(lon, z):
    return min(max(int((lon + 180) / 360 * 2**z), 0), 2**z - 1)


def row(lat, z):
    return min(max(int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z), 0), 2**z - 1)


def features(z):
    """Every hexagon of a zoom, once; what several tiles say of it must be the same."""
    found, tiles, most = {}, 0, 0
    for x in range(column(west, z), column(east, z) + 1):
        for y in range(row(north, z), row(south, z) + 1):
            body = get(template.replace("{z}", str(z)).replace("{x}", str(x)).replace("{y}", str(y)))
            tiles, most = tiles + 1, max(most, len(body))
            if not body:
                continue
            decoded = mapbox_vector_tile.decode(body)
            assert list(decoded) == ["hexes"], list(decoded)
            assert decoded["hexes"]["version"] == 2 and decoded["hexes"]["extent"] == 4096
            for feature in decoded["hexes"]["features"]:
                p = feature["properties"]
                assert feature["geometry"]["type"] in ("Polygon", "MultiPolygon"), feature["geometry"]["type"]
                if p["id"] in found:
                    assert found[p["id"]] == p, f"{p['id']} differs between tiles"
                found[p["id"]] = p
    assert most < 500_000, f"a tile of {most} bytes"
    return found, tiles, most


for z in (5, 8, 10, 11, 12, 13, 14):
    resolution = town["resolution_by_zoom"][z]
    found, tiles, most = features(z)
    sums = [sum(p[k] for p in found.values()) for k in ("n", "p")]
    assert sums == [town["households"], town["people"]], f"zoom {z}: {sums} are not the town's"
    with open(os.path.join(folder, f"hexes_{resolution}.csv"), newline="", encoding="utf-8") as file:
        exported = {line["id"]: line for line in csv.DictReader(file)}
    assert [sum(int(line[k]) for line in exported.values()) for k in ("households", "people")] == sums, f"zoom {z}"
    if not token:
        assert set(found) == set(exported), f"zoom {z}: not the hexagons of the export"
        assert all(p["n"] >= town["min_households"] for p in found.values()), f"zoom {z}: a small hexagon"
        for id_, p in found.items():
            line = exported[id_]
            assert (p["n"], p["p"], p["merged"]) == tuple(int(line[k]) for k in ("households", "people", "merged")), id_
            for key in keys:
                said = float(line[key]) if line[key] != "" else None
                assert p.get(key) == said, f"{id_} {key}: {p.get(key)} in the tile, {said} in the export"
    print(f"zoom {z}, resolution {resolution}: {len(found)} hexagons in {tiles} tiles, at most {most} bytes, sums {sums}")
