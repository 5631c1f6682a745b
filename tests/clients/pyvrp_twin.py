"""PyVRP on an instance of CVRPLIB for some seconds: prints the cost it finds. pyvrp_twin.py FOLDER NAME SECONDS

It reads no other format of those at hand; distances are rounded to whole numbers, as the best known are."""

import os
import sys

import pyvrp
from pyvrp.stop import MaxRuntime

folder, name, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
file = os.path.join(folder, "cvrp", f"{name}.vrp")
if os.path.exists(file):
    data = pyvrp.read(file, round_func="round")
    print(pyvrp.solve(data, stop=MaxRuntime(seconds), seed=1, display=False).cost())
