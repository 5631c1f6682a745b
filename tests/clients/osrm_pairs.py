"""OSRM beside Atlante: the same file, the same speeds, the same pairs of points.

    osrm_pairs.py FILE.osm.pbf PAIRS.json FOLDER

PAIRS.json is {"pairs": [[lon, lat, lon, lat, deciseconds or null], ...], "table": [[lon, lat], ...]}; the last line printed is
JSON: how many pairs are within 1 % or one second (both round each stretch to deciseconds), why the others are not, the worst
ones, and how long OSRM's own table of all points takes. Needs `osrm-bindings` from PyPI (Python 3.12).

Why they are not is tried, not guessed: OSRM is built a second time without its fine for entering a private road. Ours charges
nothing where a way ends on one, and never drives through; OSRM's fine is dearer than most detours, so that it goes round
(`detour`: it paid none), or, where it must be paid anyway, takes whatever way pays it once (`fine`: it paid). What the second
OSRM tells otherwise as well is `unexplained`.
"""

import json
import os
import subprocess
import sys
import time

# Beside this file lies another `osrm`, a client of ours.
sys.path[:] = [folder for folder in sys.path if folder != os.path.dirname(os.path.abspath(__file__))]

import osrm  # noqa: E402

# The car of src/roads/profile.rs and src/roads/osm/tags.rs, without costs of turns.
PROFILE = r"""
api_version = 4
local usual = {
  motorway = 110, motorway_link = 50, trunk = 85, trunk_link = 45, primary = 65, primary_link = 35,
  secondary = 55, secondary_link = 30, tertiary = 45, tertiary_link = 30, unclassified = 35, road = 35,
  residential = 30, living_street = 10, service = 15, track = 10, pedestrian = 8, footway = 5, cycleway = 5,
  path = 5, bridleway = 5, steps = 5,
}
local main = {
  motorway = true, motorway_link = true, trunk = true, trunk_link = true, primary = true, primary_link = true,
  secondary = true, secondary_link = true, tertiary = true, tertiary_link = true,
}
local for_feet = { pedestrian = true, footway = true, cycleway = true, path = true, bridleway = true, steps = true }
local levels = {
  yes = 2, permissive = 2, designated = 2, official = 2, public = 2, discouraged = 2,
  private = 1, permit = 1, residents = 1, destination = 1, delivery = 1, customers = 1, employees = 1,
  permit_only = 1, resident = 1, license = 1,
  no = 0, agricultural = 0, forestry = 0, emergency = 0, psv = 0, bus = 0, military = 0, use_sidepath = 0,
}
local keys = { "motorcar", "motor_vehicle", "vehicle", "access" }
local stops = {
  bollard = true, block = true, jersey_barrier = true, stile = true, kissing_gate = true, turnstile = true,
  cycle_barrier = true, chain = true, log = true, debris = true, motorcycle_barrier = true, sump_buster = true,
  planter = true, rope = true, wall = true, fence = true, hedge = true, ditch = true, retaining_wall = true,
  city_wall = true, guard_rail = true, yes = true,
}
local gates = { gate = true, lift_gate = true, swing_gate = true, sliding_gate = true, hampshire_gate = true }

local function level(value)
  if not value then return nil end
  local best = nil
  for part in string.gmatch(value, "[^;]+") do
    local l = levels[part:match("^%s*(.-)%s*$")]
    if l and (not best or l > best) then best = l end
  end
  return best
end

local function said(object, way)
  for _, key in ipairs(keys) do
    local value = way and object:get_value_by_key(key .. way) or nil
    local l = level(value or object:get_value_by_key(key))
    if l then return l end
  end
  return nil
end

local function kmh(value)
  if not value then return nil end
  local zone = value:match(":(.+)$")
  if zone then
    return ({ urban = 50, rural = 90, trunk = 110, motorway = 130, living_street = 10 })[zone] or tonumber((zone:gsub("zone", ""):gsub("^:", "")))
  end
  if value == "walk" then return 7 end
  local number = tonumber(value:match("^[%d%.]+"))
  if number and value:find("mph") then number = number * 1.609344 end
  if number and number > 0 then return number end
  return nil
end

local function metres(value)
  if not value then return nil end
  return tonumber((value:match("^[%d%.,]+") or ""):gsub(",", "."), 10)
end

function setup()
  return {
    properties = {
      max_speed_for_map_matching = 40, weight_name = "routability", u_turn_penalty = 0, use_turn_restrictions = true,
      continue_straight_at_waypoint = false, left_hand_driving = false, traffic_light_penalty = 0,
      process_call_tagless_node = false,
    },
    default_mode = mode.driving, default_speed = 10,
    restrictions = { "motorcar", "motor_vehicle", "vehicle" },
    classes = {}, excludable = {},
  }
end

function process_node(profile, node, result)
  local l = said(node, nil)
  local barrier = node:get_value_by_key("barrier")
  if l == nil then l = (barrier and stops[barrier]) and 0 or 2 end
  if said(node, nil) == nil and barrier and gates[barrier] and node:get_value_by_key("locked") == "yes" then l = 0 end
  if l < 2 then result.barrier = true end
end

function process_way(profile, way, result)
  local class = way:get_value_by_key("highway")
  local ferry = not class and way:get_value_by_key("route") == "ferry"
  if ferry or not class or not usual[class] or way:get_value_by_key("area") == "yes" then return end
  local built = way:get_value_by_key("construction")
  if built and built ~= "no" and built ~= "minor" and built ~= "widening" then return end
  if way:get_value_by_key("impassable") == "yes" or way:get_value_by_key("status") == "impassable" then return end
  local sign = kmh(way:get_value_by_key("maxspeed") or way:get_value_by_key("maxspeed:forward") or way:get_value_by_key("maxspeed:backward"))
  for _, key in ipairs({ "maxspeed:type", "source:maxspeed", "zone:maxspeed", "zone:traffic" }) do
    local zone = way:get_value_by_key(key)
    if not sign and zone and zone:find(":") then sign = kmh(zone) end
  end
  local speed = usual[class]
  if sign then
    speed = sign * 0.9
    if not main[class] then speed = math.min(speed, usual[class]) end
  end
  speed = math.min(speed, 120)
  local ford = way:get_value_by_key("ford")
  if ford and ford ~= "no" then speed = math.min(speed, 10) end
  local default = way:get_value_by_key("smoothness") == "impassable" and 0 or 2
  if for_feet[class] then default = 0 end
  if class == "track" then
    local grade = way:get_value_by_key("tracktype")
    default = (grade == "grade4" or grade == "grade5") and 0 or 1
  end
  if class == "service" and way:get_value_by_key("service") == "emergency_access" then default = 0 end
  local forward, backward = said(way, ":forward") or default, said(way, ":backward") or default
  local height, width = metres(way:get_value_by_key("maxheight")), metres(way:get_value_by_key("maxwidth"))
  local weight = metres(way:get_value_by_key("maxweight"))
  if (height and height < 1.9) or (width and width < 1.9) or (weight and weight < 2.0) then return end
  local junction = way:get_value_by_key("junction")
  local oneway = way:get_value_by_key("oneway:motorcar") or way:get_value_by_key("oneway:motor_vehicle") or way:get_value_by_key("oneway:vehicle") or way:get_value_by_key("oneway")
  if oneway == "yes" or oneway == "1" or oneway == "true" then backward = 0
  elseif oneway == "-1" or oneway == "reverse" then forward = 0
  elseif oneway == "reversible" then forward, backward = 0, 0
  elseif oneway == "no" or oneway == "0" or oneway == "false" then
  elseif junction == "roundabout" or junction == "circular" or class == "motorway" or class == "motorway_link" then backward = 0 end
  if forward == 0 and backward == 0 then return end
  result.forward_mode = forward > 0 and mode.driving or mode.inaccessible
  result.backward_mode = backward > 0 and mode.driving or mode.inaccessible
  result.forward_speed, result.backward_speed = speed, speed
  result.forward_restricted, result.backward_restricted = forward == 1, backward == 1
  result.forward_rate, result.backward_rate = speed / 3.6, speed / 3.6
  result.name = way:get_value_by_key("name") or ""
end

function process_turn(profile, turn)
  turn.duration, turn.weight = 0, 0
  if not turn.source_restricted and turn.target_restricted then turn.weight = constants.max_turn_weight end
end

return { setup = setup, process_way = process_way, process_node = process_node, process_turn = process_turn }
"""


# What OSRM takes for entering a private road; the second OSRM takes nothing.
FINE = "turn.weight = constants.max_turn_weight"


def build(pbf, folder, name, rules):
    """OSRM of the map, with these rules."""
    folder = os.path.join(folder, name)
    os.makedirs(folder, exist_ok=True)
    profile = os.path.join(folder, "same.lua")
    with open(profile, "w") as file:
        file.write(rules)
    base = os.path.join(folder, "map.osrm")
    programs = os.path.join(os.path.dirname(osrm.__file__), "bin")
    for command in (
        ["osrm-extract", "-p", profile, "-o", base, pbf],
        ["osrm-contract", base],
    ):
        done = subprocess.run([os.path.join(programs, command[0]), *command[1:]], capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stdout[-2000:] + done.stderr[-2000:])
    return osrm.OSRM(storage_config=base, algorithm="CH", use_shared_memory=False, max_locations_distance_table=-1)


def driven(engine, x, y, u, v):
    """Deciseconds and what was paid beside them, or none where no way leads."""
    try:
        route = engine.Route(osrm.RouteParameters(coordinates=[(x, y), (u, v)], overview="false"))["routes"][0]
    except RuntimeError:
        return None, False
    return round(route["duration"] * 10), route["weight"] > route["duration"] + 1


def alike(ours, theirs):
    """Within 1 % or a second, and by how much not."""
    if ours is None or theirs is None:
        return ours == theirs, 0 if ours == theirs else 9
    error = abs(ours - theirs) / max(theirs, 1)
    return error <= 0.01 or abs(ours - theirs) <= 10, error


def main():
    pbf, pairs_file, folder = sys.argv[1:]
    with open(pairs_file) as file:
        asked = json.load(file)
    engine = build(pbf, folder, "same", PROFILE)
    free = build(pbf, folder, "free", PROFILE.replace(FINE, "turn.weight = 0"))
    within, worst, compared = 0, [], 0
    why = {"detour": 0, "fine": 0, "unexplained": 0}
    for x, y, u, v, ours in asked["pairs"]:
        theirs, fined = driven(engine, x, y, u, v)
        compared += 1
        good, error = alike(ours, theirs)
        within += good
        if not good:
            explained = alike(ours, driven(free, x, y, u, v)[0])[0]
            why["unexplained" if not explained else "fine" if fined else "detour"] += 1
            worst.append([round(error, 4), ours, theirs, x, y, u, v])
    worst.sort(reverse=True)
    points = [tuple(point) for point in asked["table"]]
    least = None
    for _ in range(3):
        begin = time.perf_counter()
        engine.Table(osrm.TableParameters(coordinates=points, annotations=["duration"]))
        took = time.perf_counter() - begin
        least = took if least is None else min(least, took)
    print(json.dumps({"compared": compared, "within": within, "why": why, "worst": worst[:40], "table_s": round(least, 4)}))


main()
