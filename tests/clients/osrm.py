"""Real clients of OSRM talk to our door: routingpy, and VROOM's own client where its wheel can.

usage: osrm.py HOST:PORT TOKEN LON,LAT LON,LAT …   (prints what was seen as a line of JSON)
"""

import http.client
import json
import sys

from routingpy import OSRM
from routingpy.exceptions import RouterApiError

address, token, *places = sys.argv[1:]
places = [[float(number) for number in place.split(",")] for place in places]
seen = {}

client = OSRM(base_url=f"http://{address}", retry_over_query_limit=False)
for form in ("polyline", "polyline6", "geojson"):
    way = client.directions(places, profile="driving", geometries=form, overview="full", steps=True, annotations=True)
    assert way.duration > 0 and way.distance > 0, form
    assert len(way.geometry) > 2, form
    west, south = (min(place[axis] for place in places) - 0.2 for axis in (0, 1))
    east, north = (max(place[axis] for place in places) + 0.2 for axis in (0, 1))
    for lon, lat in way.geometry:
        assert west < lon < east and south < lat < north, (form, lon, lat)
    seen[f"route {form}"] = way.duration
legs = way.raw["routes"][0]["legs"]
assert len(legs) == len(places) - 1
for leg in legs:
    assert abs(sum(step["distance"] for step in leg["steps"]) - leg["distance"]) < 1
    assert abs(sum(leg["annotation"]["distance"]) - leg["distance"]) < 2 + leg["distance"] / 100
    assert [leg["steps"][0]["maneuver"]["type"], leg["steps"][-1]["maneuver"]["type"]] == ["depart", "arrive"]

matrix = client.matrix(places, profile="driving", annotations=["duration", "distance"])
assert len(matrix.durations) == len(matrix.distances) == len(places)
assert all(matrix.durations[at][at] == 0 for at in range(len(places)))
part = client.matrix(places, profile="driving", sources=[0], destinations=[1, 2])
assert part.durations == [matrix.durations[0][1:3]]
total = sum(matrix.durations[at][at + 1] for at in range(len(places) - 1))
assert abs(total - way.duration) <= 1 * len(places), (total, way.duration)
seen["matrix"] = total

try:
    client.directions([places[0], [0, 0]], profile="driving")
    raise AssertionError("a place on no road was routed to")
except RouterApiError as error:
    assert error.status == 400 and "NoSegment" in str(error), error

# What VROOM sends (src/routing/osrm_routed_wrapper.cpp), and how it reads: everything until the connection ends.
def as_vroom(target):
    connection = http.client.HTTPConnection(address, timeout=20)
    connection.request("GET", target, headers={"Accept": "*/*", "Connection": "close"})
    text = connection.getresponse().read().decode()
    return json.loads(text[text.index("{") : text.rindex("}") + 1])


listed = ";".join(f"{lon:.6f},{lat:.6f}" for lon, lat in places)
table = as_vroom(f"/table/v1/car/{listed}?annotations=duration,distance")
assert table["code"] == "Ok" and table["durations"] == matrix.durations
route = as_vroom(f"/route/v1/car/{listed}?alternatives=false&steps=false&overview=full&continue_straight=false")
assert route["code"] == "Ok" and len(route["routes"][0]["legs"]) == len(places) - 1

try:
    import vroom

    problem = vroom.Input(servers={"car": address.rsplit(":", 1)[0] + ":" + address.rsplit(":", 1)[1]})
    problem.add_vehicle(vroom.Vehicle(1, start=places[0], end=places[0], profile="car"))
    problem.add_job([vroom.Job(at, location=place) for at, place in enumerate(places[1:], 1)])
    solution = problem.solve(exploration_level=1, nb_threads=1)
    assert solution.summary.unassigned == 0, solution.summary
    seen["vroom"] = solution.summary.duration
except ImportError:
    seen["vroom"] = None
print(json.dumps(seen))
