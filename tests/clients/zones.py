"""Judges the zones of a server by h3. Arguments: the address of the landing page, the export of households.

The token in ATLANTE_TOKEN is of a role that reads exact figures.
"""

import csv
import json
import os
import struct
import sys
import urllib.request

import h3

base, export = sys.argv[1:]
token = os.environ["ATLANTE_TOKEN"]


def get(path, exact=False, raw=False):
    headers = {"Authorization": f"Bearer {token}"} if exact else {}
    with urllib.request.urlopen(urllib.request.Request(base + path, headers=headers), timeout=30) as answer:
        body = answer.read()
    return body if raw else json.loads(body)


with open(export, encoding="utf-8-sig", newline="") as file:
    rows = list(csv.DictReader(file))
cells = [h3.latlng_to_cell(float(row["lat"]), float(row["lon"]), 12) for row in rows]

for level in range(6, 11):
    flat = get(f"/dggs/H3/zones?zone-level={level}&compact-zones=false", exact=True)["zones"]
    ours = {h3.cell_to_parent(cell, level) for cell in cells}
    assert set(flat) == ours and flat == sorted(flat), (level, len(flat), len(ours))
    public = get(f"/dggs/H3/zones?zone-level={level}&compact-zones=false")["zones"]
    assert set(public) == ours, "joined zones hide no populated zone"
    compact = get(f"/dggs/H3/zones?zone-level={level}", exact=True)["zones"]
    assert set(compact) == set(h3.compact_cells(flat)), level
    words = get(f"/dggs/H3/zones?zone-level={level}&compact-zones=false&f=binary", raw=True)
    (count,) = struct.unpack("<Q", words[:8])
    assert [h3.int_to_str(word) for word in struct.unpack(f"<{count}Q", words[8:])] == public
    print(f"level {level}: {len(flat)} zones, {len(compact)} compact")

west, south, east, north = 16.0, 38.0, 16.5, 39.5
for coarse in range(0, 6):
    flat = get(f"/dggs/H3/zones?zone-level={coarse}&compact-zones=false")["zones"]
    assert set(flat) == {h3.cell_to_parent(cell, coarse) for cell in cells}, coarse

zone = h3.cell_to_parent(cells[0], 8)
inside = get(f"/dggs/H3/zones?zone-level=10&compact-zones=false&parent-zone={zone}", exact=True)["zones"]
assert set(inside) == {c for c in {h3.cell_to_parent(cell, 10) for cell in cells} if h3.cell_to_parent(c, 8) == zone}

about = get(f"/dggs/H3/zones/{zone}")
links = lambda rel: sorted(link["title"] for link in about["links"] if link["rel"].endswith(rel))
assert links("zone-parent") == [h3.cell_to_parent(zone, 7)]
assert links("zone-child") == sorted(h3.cell_to_children(zone, 9))
assert links("zone-neighbor") == sorted(set(h3.grid_disk(zone, 1)) - {zone})
assert abs(about["areaMetersSquare"] / h3.cell_area(zone, unit="m^2") - 1) < 1e-6
ring = about["geometry"]["coordinates"][0][:-1]
corners = [(lng, lat) for lat, lng in h3.cell_to_boundary(zone)]
assert len(ring) == len(corners)
assert all(min(abs(a - c) + abs(b - d) for c, d in corners) < 1e-9 for a, b in ring), (ring, corners)

data = get(f"/dggs/H3/zones/{zone}/data?zone-depth=0,1,2", exact=True)
assert data["depths"] == [0, 1, 2]
for at, depth in enumerate(data["depths"]):
    order = sorted(h3.cell_to_children(zone, 8 + depth))
    counts = data["values"]["households"][at]["data"]
    truth = [sum(h3.cell_to_parent(cell, 8 + depth) == sub for cell in cells) for sub in order]
    assert [count or 0 for count in counts] == truth, depth
print("zones, kin, outlines, order and counts agree with h3", h3.__version__)
