"""PyVRP on an instance for some seconds: prints the cost it finds. pyvrp_twin.py FOLDER NAME SECONDS [VEHICLES]

Distances are rounded as the best known are: whole numbers for CVRPLIB's X, truncated to one decimal for Gehring and
Homberger's thousand (DIMACS), to a thousandth for Solomon's text, whose fleet may be cut to VEHICLES."""

import os
import sys
import tempfile

import pyvrp
from pyvrp.stop import MaxRuntime


def vrplib_of(text, vehicles):
    """Solomon's text in VRPLIB's words."""
    rows = [line.split() for line in text.splitlines()]
    fleet = next(row for row in rows if len(row) == 2 and row[0].isdigit())
    stops = [row for row in rows if len(row) == 7 and row[0].isdigit()]
    lines = ["NAME : twin", "TYPE : VRPTW", f"DIMENSION : {len(stops)}", f"VEHICLES : {vehicles or fleet[0]}"]
    lines += [f"CAPACITY : {fleet[1]}", f"SERVICE_TIME : {stops[1][6]}", "EDGE_WEIGHT_TYPE : EUC_2D"]
    for section, columns in [("NODE_COORD", (1, 2)), ("DEMAND", (3,)), ("TIME_WINDOW", (4, 5))]:
        lines.append(f"{section}_SECTION")
        lines += [" ".join([str(at), *(row[c] for c in columns)]) for at, row in enumerate(stops, 1)]
    return "\n".join([*lines, "DEPOT_SECTION", "1", "-1", "EOF", ""])


def instance(folder, name, vehicles):
    for inner, rounding in [("cvrp", "round"), ("vrptw_gh1000", "dimacs")]:
        file = os.path.join(folder, inner, f"{name}.vrp")
        if os.path.exists(file):
            return pyvrp.read(file, round_func=rounding)
    for inner in ["solomon", "gh200"]:
        file = os.path.join(folder, inner, f"{name}.txt")
        if os.path.exists(file):
            with open(file) as text, tempfile.NamedTemporaryFile("w", suffix=".vrp") as written:
                written.write(vrplib_of(text.read(), vehicles))
                written.flush()
                return pyvrp.read(written.name, round_func="exact")
    sys.exit(f"no instance {name}")


folder, name, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
data = instance(folder, name, int(sys.argv[4]) if len(sys.argv) > 4 else None)
print(pyvrp.solve(data, stop=MaxRuntime(seconds), seed=1, display=False).cost())
