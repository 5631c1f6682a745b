"""Random small problems to VROOM (pyvroom) and to `atlante vrp solve`: what each makes of them, and whether ours is right.

    vroom_law.py ATLANTE FIRST_SEED COUNT [ITERATIONS]

Every answer of ours is worked out again from the problem alone: places, times, loads, windows, bounds, costs. Prints one
JSON line a problem that is amiss (with the problem), and last a line of sums: `wrong` are answers that are no answers,
`worse` those that serve less than VROOM's or cost more than two hundredths more."""

import json
import math
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import vroom


def problem(seed):
    """A small problem of VROOM's, with a different choice of what it asks for by seed."""
    dice = random.Random(seed)
    asked = {name: dice.random() < share for name, share in SHARES.items()}
    places = dice.randint(4, 14)
    points = [(dice.randint(0, 900), dice.randint(0, 900)) for _ in range(places)]
    # Even, so that a vehicle twice as fast loses nothing by rounding.
    durations = [[2 * math.ceil(math.dist(a, b) / 2) for b in points] for a in points]
    if asked["oneway"]:
        for _ in range(places):
            durations[dice.randrange(places)][dice.randrange(places)] += 2 * dice.randint(0, 200)
        for at in range(places):
            durations[at][at] = 0
    car = {"durations": durations}
    if asked["metres"]:
        car["distances"] = [[cell * dice.randint(8, 12) for cell in row] for row in durations]
    dimensions = dice.randint(1, 2) if asked["loads"] else 0
    job_ids = iter(range(1, 100))
    jobs = [task(dice, asked, places, next(job_ids), dimensions, whole=True) for _ in range(dice.randint(3, 12))]
    shipments = []
    for at in range(dice.randint(1, 3) if asked["shipments"] else 0):
        shipment = {
            "pickup": task(dice, asked, places, 50 + at, dimensions),
            "delivery": task(dice, asked, places, 60 + at, dimensions),
        }
        if dimensions:
            shipment["amount"] = [dice.randint(0, 3) for _ in range(dimensions)]
        if asked["skills"] and dice.random() < 0.3:
            shipment["skills"] = [dice.randint(1, 2)]
        if asked["priorities"]:
            shipment["priority"] = dice.choice([0, 0, 1, 10, 100])
        shipments.append(shipment)
    vehicles = [vehicle(dice, asked, places, at + 1, dimensions) for at in range(dice.randint(1, 4))]
    return {"jobs": jobs, "shipments": shipments, "vehicles": vehicles, "matrices": {"car": car}}


SHARES = {
    "oneway": 0.3,
    "metres": 0.4,
    "loads": 0.7,
    "shipments": 0.4,
    "skills": 0.3,
    "priorities": 0.4,
    "windows": 0.5,
    "setup": 0.4,
    "types": 0.3,
    "shifts": 0.6,
    "bounds": 0.4,
    "costs": 0.4,
    "breaks": 0.25,
    "open": 0.3,
    "fast": 0.2,
}


def windows(dice):
    """One or two windows, apart."""
    first = dice.randint(0, 2500)
    out = [[first, first + dice.randint(200, 1500)]]
    if dice.random() < 0.3:
        again = out[0][1] + dice.randint(1, 800)
        out.append([again, again + 400])
    return out


def task(dice, asked, places, number, dimensions, whole=False):
    """A job, or an end of a shipment."""
    out = {"id": number, "location_index": dice.randrange(places), "service": dice.randint(0, 120)}
    if asked["setup"]:
        out["setup"] = dice.choice([0, 30, 60])
    if asked["types"]:
        for name in ("service", "setup"):
            if dice.random() < 0.4:
                out[f"{name}_per_type"] = {kind: dice.randint(0, 200) for kind in ("van", "bike") if dice.random() < 0.6}
    if asked["windows"] and dice.random() < 0.6:
        out["time_windows"] = windows(dice)
    if whole:
        if dimensions:
            name = "pickup" if dice.random() < 0.2 else "delivery"
            out[name] = [dice.randint(0, 4) for _ in range(dimensions)]
        if asked["skills"] and dice.random() < 0.3:
            out["skills"] = [dice.randint(1, 2)]
        if asked["priorities"]:
            out["priority"] = dice.choice([0, 0, 1, 10, 100])
    return out


def vehicle(dice, asked, places, number, dimensions):
    """A vehicle."""
    out = {"id": number, "start_index": dice.randrange(min(3, places)), "end_index": dice.randrange(min(3, places))}
    if asked["open"] and dice.random() < 0.5:
        del out[dice.choice(["start_index", "end_index"])]
    if dimensions:
        out["capacity"] = [dice.randint(3, 12) for _ in range(dimensions)]
    if asked["skills"]:
        out["skills"] = [skill for skill in (1, 2) if dice.random() < 0.6]
    if asked["types"]:
        out["type"] = dice.choice(["van", "bike", "truck"])
    if asked["shifts"]:
        begin = dice.randint(0, 500)
        out["time_window"] = [begin, begin + dice.randint(1500, 5000)]
    if asked["bounds"]:
        out["max_tasks"] = dice.randint(2, 8)
        if dice.random() < 0.4:
            out["max_travel_time"] = dice.randint(800, 3500)
        if asked["metres"] and dice.random() < 0.4:
            out["max_distance"] = dice.randint(8000, 35000)
    if asked["costs"]:
        out["costs"] = {"fixed": dice.choice([0, 100, 1000]), "per_hour": dice.choice([3600, 1800, 7200])}
        if dice.random() < 0.5:
            out["costs"]["per_task_hour"] = dice.choice([360, 3600])
        if asked["metres"] and dice.random() < 0.5:
            out["costs"]["per_km"] = dice.choice([10, 100])
    if asked["breaks"] and dice.random() < 0.7:
        begin = dice.randint(0, 2000)
        pause = {"id": 1, "service": 200, "time_windows": [[begin, begin + dice.randint(100, 1500)]], "description": "rest"}
        if dimensions and dice.random() < 0.3:
            pause["max_load"] = [dice.randint(0, 6) for _ in range(dimensions)]
        out["breaks"] = [pause]
    if asked["fast"]:
        out["speed_factor"] = 2
    return out


class Wrong(Exception):
    """An answer that is not what the problem makes it."""


class Worse(Exception):
    """An answer that is not as good as VROOM's."""


def must(holds, *told):
    """Says what does not hold."""
    if not holds:
        raise Wrong(" ".join(map(str, told)))


def judge(asked, answer):
    """Works an answer out again. Gives its priority, how many tasks it leaves out, its cost."""
    tasks = {("job", job["id"]): (job, job) for job in asked["jobs"]}
    for shipment in asked["shipments"]:
        for end in ("pickup", "delivery"):
            tasks[end, shipment[end]["id"]] = (shipment[end], shipment)
    seen = [(left["type"], left["id"]) for left in answer["unassigned"]]
    priority = cost = 0
    for route in answer["routes"]:
        crew = next(crew for crew in asked["vehicles"] if crew["id"] == route["vehicle"])
        served, spent = follow(asked, tasks, crew, route)
        seen += served
        priority += sum(tasks[name][1].get("priority", 0) for name in served)
        must(abs(route["cost"] - spent) <= 1.01, "cost of", crew["id"], route["cost"], spent)
        cost += spent
    must(sorted(seen) == sorted(tasks), "not every task is once in the answer", sorted(seen))
    summary = answer["summary"]
    must(abs(summary["cost"] - cost) <= 1.01, "cost", summary["cost"], cost)
    must(summary["priority"] == priority, "priority", summary["priority"], priority)
    must(summary["unassigned"] == len(answer["unassigned"]), "unassigned", summary)
    must(summary["violations"] == [], "violations", summary["violations"])
    return priority, len(answer["unassigned"]), cost


def follow(asked, tasks, crew, route):
    """Drives a route. Gives the tasks served and what it costs."""
    matrix = asked["matrices"]["car"]
    steps, costs = route["steps"], crew.get("costs", {})
    must(steps[0]["type"] == "start" or "start_index" not in crew, "no start", steps[0])
    must(steps[-1]["type"] == "end" or "end_index" not in crew, "no end", steps[-1])
    names = [(step["type"], step.get("id")) for step in steps]
    served = [name for name in names if name in tasks]
    load = loaded(tasks, served, len(crew.get("capacity", [])))
    here, clock, road, metres, work = None, steps[0]["arrival"], 0, 0, 0
    pauses = {pause["id"]: pause for pause in crew.get("breaks", [])}
    for step, name in zip(steps, names):
        entry, whole = tasks.get(name, ({}, {}))
        there = {"start": crew.get("start_index"), "end": crew.get("end_index")}.get(name[0], entry.get("location_index"))
        if here is not None and there is not None:
            leg = matrix["durations"][here][there] // crew.get("speed_factor", 1)
            road, clock = road + leg, clock + leg
            metres += matrix.get("distances", matrix["durations"])[here][there]
        setup, service = times(crew, entry, here != there)
        limits = [crew["time_window"]] if "time_window" in crew and name[0] in ("start", "end") else None
        if name[0] == "break":
            pause = pauses.pop(name[1])
            service, limits = pause["service"], pause["time_windows"]
            must(all(a <= b for a, b in zip(load, pause.get("max_load", load))), "load in break", load)
        begin = step["arrival"] + step["waiting_time"]
        must(step["arrival"] == clock and step["duration"] == road, "time of", step, clock, road)
        must((step["setup"], step["service"]) == (setup, service), "work at", step, setup, service)
        must(step["waiting_time"] >= 0, "waiting", step)
        for window in [limits or entry.get("time_windows", [])]:
            must(not window or any(a <= begin <= b for a, b in window), "window of", step, window)
        must(set(whole.get("skills", [])) <= set(crew.get("skills", [])), "skills", step)
        load = [a + b for a, b in zip(load, change(name, entry, whole, len(load)))]
        must(all(0 <= a <= b for a, b in zip(load, crew.get("capacity", []))), "load", step, load)
        must(not load or step["load"] == load, "told load", step, load)
        clock = begin + setup + service
        work += setup + service if name in tasks else 0
        here = there if there is not None else here
    fetched = [name[1] + 10 for name in served if name[0] == "pickup"]
    brought = [name[1] for name in served if name[0] == "delivery"]
    must(sorted(fetched) == sorted(brought), "half of a shipment", served)
    for number in brought:
        must(served.index(("pickup", number - 10)) < served.index(("delivery", number)), "brought before fetched", served)
    must(not pauses, "a break that is not taken")
    must(len(served) <= crew.get("max_tasks", 99), "max_tasks")
    must(road <= crew.get("max_travel_time", road), "max_travel_time")
    must("distances" not in matrix or metres <= crew.get("max_distance", metres), "max_distance")
    per_km = costs.get("per_km", 0)
    spent = costs.get("fixed", 0) + costs.get("per_hour", 3600) * road / 3600 + per_km * metres / 1000
    return served, spent + costs.get("per_task_hour", 0) * work / 3600


def times(crew, entry, is_elsewhere):
    """Setup and service of a task with a crew."""
    own = [entry.get(f"{name}_per_type", {}).get(crew.get("type"), entry.get(name, 0)) for name in ("setup", "service")]
    return (own[0] if is_elsewhere else 0), own[1]


def loaded(tasks, served, dimensions):
    """What is on board at the start."""
    amounts = [tasks[name][0].get("delivery", [0] * dimensions) for name in served if name[0] == "job"]
    return [sum(amount[at] for amount in amounts) for at in range(dimensions)]


def change(name, entry, whole, dimensions):
    """What a step changes of the load."""
    none = [0] * dimensions
    if name[0] == "job":
        return [a - b for a, b in zip(entry.get("pickup", none), entry.get("delivery", none))]
    sign = {"pickup": 1, "delivery": -1}.get(name[0], 0)
    return [sign * amount for amount in whole.get("amount", none)]


def has_break_on_the_road(answer):
    """Whether VROOM pauses where we do not: between two places."""
    for route in answer["routes"]:
        for before, step in zip(route["steps"], route["steps"][1:]):
            if step["type"] == "break" and step["duration"] > before["duration"]:
                return True
    return False


def ask(atlante, file, asked, iterations):
    """VROOM's answer and ours."""
    file.write_text(json.dumps(asked))
    try:
        theirs = vroom.Input.from_json(str(file)).solve(exploration_level=5, nb_threads=1).to_dict()
    except vroom._vroom.VroomInputException:
        # A pause outside the shift: VROOM refuses the problem, we leave the crew at home.
        theirs = None
    command = [atlante, "--quiet", "vrp", "solve", "--input", str(file), "--iterations", str(iterations)]
    run = subprocess.run(command, capture_output=True, check=False)
    must(run.returncode == 0, "refused:", run.stdout.decode(), run.stderr.decode())
    return theirs, json.loads(run.stdout)


def main():
    """Asks, judges, compares."""
    atlante, first, count, *iterations = sys.argv[1:]
    iterations = int(iterations[0]) if iterations else 3000
    sums = {"problems": 0, "wrong": 0, "worse": 0, "better": 0, "equal": 0, "dearer": 0, "refused": 0, "on_the_road": 0}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "problem.json"
        for seed in range(int(first), int(first) + int(count)):
            asked = problem(seed)
            sums["problems"] += 1
            try:
                theirs, ours = ask(atlante, file, asked, iterations)
                if theirs is None:
                    sums["refused"] += 1
                    judge(asked, ours)
                    continue
                if has_break_on_the_road(theirs):
                    sums["on_the_road"] += 1
                    judge(asked, ours)
                    continue
                priority, left, cost = judge(asked, ours)
                other = theirs["summary"]
                rank, best = (-priority, left), (-other["priority"], other["unassigned"])
                if rank > best:
                    raise Worse(f"serves less than VROOM: {rank} {best}")
                if rank < best or cost < other["cost"] - 1:
                    sums["better"] += 1
                elif cost <= other["cost"] + 1 + 0.001 * len(asked["vehicles"]):
                    sums["equal"] += 1
                else:
                    sums["dearer"] += 1
                    if cost > other["cost"] * 1.02 + 2:
                        raise Worse(f"dearer than VROOM: {cost} {other['cost']}")
            except (Wrong, Worse) as amiss:
                sums[type(amiss).__name__.lower()] += 1
                print(json.dumps({"seed": seed, "amiss": str(amiss), "problem": asked}))
    print(json.dumps(sums))


main()
