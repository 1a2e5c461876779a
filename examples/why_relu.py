"""Why relu? The same net with relu, tanh and sigmoid on micrograd's moons, from many random starts.

    python examples/why_relu.py               # forty starts: a few minutes
    python examples/why_relu.py --starts 3    # a glance

The conclusions at the end follow the numbers: other numbers would give other sentences.
"""

import argparse
import json
import pathlib
import platform

from slopewise.data import moons
from slopewise.training import compare_activations, conclusions, nanoseconds_per_element

NAMES = ("relu", "tanh", "sigmoid")


def main() -> None:
    parser = argparse.ArgumentParser(description="relu, tanh and sigmoid, measured on the moons data")
    parser.add_argument("--starts", type=int, default=40, help="random starts for each activation (default 40)")
    parser.add_argument("--steps", type=int, default=100, help="the most steps of a run (default 100)")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write every run's first step at 97 %% there")
    options = parser.parse_args()
    if options.starts < 1 or options.steps < 1:
        parser.error("--starts and --steps need at least 1")

    table = moons()
    costs = nanoseconds_per_element(NAMES)
    print("activation  ns per number  median steps to 97 %  runs that got there")
    results = []
    for name in NAMES:
        [result] = compare_activations(
            [name], table.points("x", "y"), table.column("label"), seeds=range(options.starts), stop_after=options.steps
        )
        middle = "never" if result.median_steps is None else f"{result.median_steps:g}"
        print(f"{name:<10}  {costs[name]:>13.2f}  {middle:>20}  {result.reached:>11} of {options.starts}", flush=True)
        results.append(result)
    if options.json is not None:
        record = {
            "command": f"python examples/why_relu.py --starts {options.starts} --steps {options.steps}",
            "python": platform.python_version(),
            "target": 0.97,
            "steps": options.steps,
            "seeds": [0, options.starts - 1],
            "first_step_at_target": {result.name: result.steps for result in results},
            "median": {result.name: result.median_steps for result in results},
        }
        options.json.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print()
    for sentence in conclusions(results, costs):
        print(sentence)
    print("Not measured here: relu's slope is 1 wherever it is on, sigmoid's is at most 0.25; and a relu can die.")


if __name__ == "__main__":
    main()
