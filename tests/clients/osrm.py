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
    way = client.directions(
        places, profile="driving", geometries=form, overview="full", steps=True, annotations=True, continue_straight=False
    )
    assert way.duration > 0 and way.distance > 0, form
    assert len(way.geometry) > 2, form
    west, south = (min(place[axis] for place in places) - 0.2 for axis in (0, 1))
    east, north = (max(place[axis] for place in places) + 0.2 for axis in (0, 1))
    for lon, lat in way.geometry:
        assert west < lon < east and south < lat < north, (form, lon, lat)
    seen[f"route {form}"] = way.duration
legs = way.raw["routes"][0]["legs"]
assert len(legs) == len(places) - 1
# Figures have one decimal: what adds up does so exactly.
tenths = lambda value: round(value * 10)
kinds, turns = {"depart", "arrive", "turn", "continue", "new name", "roundabout", "exit roundabout", "notification"}, {}
whole = []
for leg in legs:
    steps = leg["steps"]
    for key in ("distance", "duration", "weight"):
        assert sum(tenths(step[key]) for step in steps) == tenths(leg[key]), (key, leg[key])
        assert sum(tenths(value) for value in leg["annotation"][key]) == tenths(leg[key]), (key, leg[key])
    assert [steps[0]["maneuver"]["type"], steps[-1]["maneuver"]["type"]] == ["depart", "arrive"]
    for step in steps:
        turn, line, first = step["maneuver"], step["geometry"]["coordinates"], step["intersections"][0]
        turns[turn["type"]] = turns.get(turn["type"], 0) + 1
        assert turn["type"] in kinds and len(line) >= 2 and turn["location"] == line[0] == first["location"], step
        assert step["mode"] == "driving" and step["driving_side"] == "right"
        assert not whole or line[0] == whole[-1], "a step begins where the one before it ends"
        whole += line if not whole else line[1:] if line[0] != line[-1] or len(line) > 2 else []
        for crossing in step["intersections"]:
            assert crossing["bearings"] == sorted(crossing["bearings"]) and len(crossing["bearings"]) == len(crossing["entry"])
            assert "out" not in crossing or crossing["entry"][crossing["out"]]
            assert "out" in crossing or turn["type"] == "arrive"
        if turn["type"] not in ("depart", "arrive"):
            assert "modifier" in turn and abs(first["bearings"][first["out"]] - turn["bearing_after"]) in (0, 1, 359), step
    names = [step["name"] for step in steps]
    assert any(names), names
# A leg begins where the last one ends, so the whole line has its places once.
line = way.raw["routes"][0]["geometry"]["coordinates"]
once = lambda points: [point for at, point in enumerate(points) if at == 0 or point != points[at - 1]]
assert once(whole) == once(line), (len(whole), len(line))
assert sum(tenths(leg["distance"]) for leg in legs) == tenths(way.raw["routes"][0]["distance"])
assert turns["turn"] + turns.get("continue", 0) > 5, turns
seen["manoeuvres"] = turns

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

# What is not followed is refused in OSRM's words, nothing is passed over in silence.
def refused(target):
    connection = http.client.HTTPConnection(address, timeout=20)
    connection.request("GET", target)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())["code"]


for more, code in (
    ("bearings=90,20", "InvalidOptions"),
    ("bearings=400,20;;;", "InvalidOptions"),
    ("bearings=90;;;", "InvalidQuery"),
    ("approaches=curb", "InvalidOptions"),
    ("approaches=left;;;", "InvalidQuery"),
    ("exclude=motorway", "InvalidValue"),
    ("snapping=some", "InvalidQuery"),
    ("waypoints=0;1", "InvalidValue"),
    ("waypoints=0;9", "InvalidOptions"),
    ("continue_straight=perhaps", "InvalidQuery"),
    ("annotations=nodes", "NotImplemented"),
    ("alternatives=4", "TooBig"),
    ("radiuses=5", "InvalidOptions"),
    ("steps=perhaps", "InvalidQuery"),
    ("generate_hints=perhaps", "InvalidQuery"),
    ("hints=x", "InvalidOptions"),
    ("gaps=ignore", "InvalidQuery"),
):
    assert refused(f"/route/v1/car/{listed}?{more}") == (400, code), (more, refused(f"/route/v1/car/{listed}?{more}"))
for address_of, code in (
    ("/route/v2/car/1,2;3,4", "InvalidVersion"),
    ("/table/v1/car", "InvalidUrl"),
    ("/nearest/v1", "InvalidUrl"),
    ("/route/v1/car/1,2", "InvalidOptions"),
    ("/route/v1/car/1,91;1,2", "InvalidValue"),
    ("/route/v1/car/1;1,2", "InvalidQuery"),
    ("/nearest/v1/car/1,2;3,4", "InvalidOptions"),
    ("/nearest/v1/car/1,2?number=0", "InvalidOptions"),
    (f"/table/v1/car/{listed}?sources=9", "InvalidOptions"),
    (f"/table/v1/car/{listed}?scale_factor=0", "InvalidOptions"),
    (f"/table/v1/car/{listed}?fallback_speed=x", "InvalidQuery"),
):
    assert refused(address_of) == (400, code), (address_of, refused(address_of))
for service in ("match", "trip", "tile"):
    assert refused(f"/{service}/v1/car/{listed}") == (400, "InvalidService"), service
bare = as_vroom(f"/route/v1/car/{listed}?skip_waypoints=true&generate_hints=false&alternatives=3&approaches=;;;&exclude=")
assert bare["code"] == "Ok" and "waypoints" not in bare and len(bare["routes"]) == 1
assert "sources" not in as_vroom(f"/table/v1/car/{listed}?skip_waypoints=true")
assert refused(f"/route/v1/car/{listed}?radiuses=0;0;0;0")[1] == "NoSegment"

# What is followed changes the answer as OSRM says.
straight = as_vroom(f"/route/v1/car/{listed}?continue_straight=true")["routes"][0]
freely = as_vroom(f"/route/v1/car/{listed}?continue_straight=false&steps=true")["routes"][0]
assert straight["duration"] >= freely["duration"]
assert as_vroom(f"/route/v1/car/{listed}")["routes"][0]["duration"] == straight["duration"], "who drives goes on"
passed = as_vroom(f"/route/v1/car/{listed}?waypoints=0;3&continue_straight=false&steps=true&annotations=true&overview=full")
assert len(passed["waypoints"]) == 2 and len(passed["routes"][0]["legs"]) == 1
leg, told = passed["routes"][0]["legs"][0], passed["routes"][0]
assert told["duration"] == freely["duration"] and abs(told["distance"] - freely["distance"]) < 0.2
assert [step["maneuver"]["type"] for step in leg["steps"]].count("depart") == 1
assert sum(tenths(step["duration"]) for step in leg["steps"]) == tenths(leg["duration"])
assert sum(tenths(value) for value in leg["annotation"]["distance"]) == tenths(leg["distance"])
assert set(leg["annotation"]["datasources"]) == {0}
hints = ";".join(waypoint["hint"] for waypoint in route["waypoints"])
assert as_vroom(f"/route/v1/car/{listed}?hints={hints}&continue_straight=false")["routes"][0]["duration"] == freely["duration"]
assert "hint" not in as_vroom(f"/nearest/v1/car/{listed.split(';')[0]}?generate_hints=false")["waypoints"][0]
assert "waypoints" not in as_vroom(f"/nearest/v1/car/{listed.split(';')[0]}?skip_waypoints=true")
twice = as_vroom(f"/table/v1/car/{listed}?scale_factor=2")["durations"]
assert all(abs(twice[i][j] - 2 * table["durations"][i][j]) < 0.11 for i in range(len(places)) for j in range(len(places)))
for asked in ("input", "snapped"):
    assert as_vroom(f"/table/v1/car/{listed}?fallback_speed=5&fallback_coordinate={asked}")["fallback_speed_cells"] == []
north = [as_vroom(f"/nearest/v1/car/{listed.split(';')[0]}?number=50&bearings={bearing},20") for bearing in (0, 180)]
assert all(len(found["waypoints"]) > 0 for found in north)
sides = [as_vroom(f"/route/v1/car/{listed}?approaches={side};;;")["routes"][0]["duration"] for side in ("curb", "opposite")]
assert min(sides) <= straight["duration"] <= max(sides) or sides[0] != sides[1], (sides, straight["duration"])
assert as_vroom(f"/route/v1/car/{listed}?snapping=any&approaches=unrestricted;;;")["code"] == "Ok"

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
