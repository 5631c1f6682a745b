"""The same problems, as JSON, to VROOM (pyvroom) and to `atlante vrp solve`: both answers in one form, side by side.

    vroom_twin.py ATLANTE PROBLEM.json...

Prints one JSON line a problem: what each left out and what each costs, and whether VROOM's keys are all in our answer."""

import json
import subprocess
import sys

import vroom


def keys(value, path=""):
    """Every key of a document, with those of its first list entries."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield f"{path}.{key}"
            yield from keys(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner, f"{path}[]")


def breaks(answer):
    """When each pause begins."""
    steps = [step for route in answer["routes"] for step in route["steps"]]
    return [step["arrival"] + step["waiting_time"] for step in steps if step["type"] == "break"]


def main():
    atlante, *problems = sys.argv[1:]
    for problem in problems:
        theirs = vroom.Input.from_json(problem).solve(exploration_level=5, nb_threads=2).to_dict()
        run = subprocess.run(
            [atlante, "--quiet", "vrp", "solve", "--input", problem, "--iterations", "30000"],
            capture_output=True,
            check=True,
        )
        ours = json.loads(run.stdout)
        missing = sorted(set(keys(theirs)) - set(keys(ours)))
        seen = {step["type"] for route in ours["routes"] for step in route["steps"]}
        print(
            json.dumps(
                {
                    "problem": problem,
                    "vroom": [theirs["summary"][key] for key in ("priority", "unassigned", "cost")],
                    "atlante": [ours["summary"][key] for key in ("priority", "unassigned", "cost")],
                    "violations": ours["summary"]["violations"],
                    "steps": sorted(seen),
                    "missing": missing,
                    "breaks": [breaks(theirs), breaks(ours)],
                }
            )
        )


main()
