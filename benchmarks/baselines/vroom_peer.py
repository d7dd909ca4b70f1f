"""VROOM at the other end of a pipe: one question in JSON on stdin, one answer in JSON on stdout.

Runs in the peers' environment and imports nothing of ours.
"""

import json
import os
import sys
import tempfile
import time
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import vroom


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """VROOM's solution of a problem in its own format, and what the search took.

    ``asked``: "problem", "budget_s", "exploration" from 0 to 5, "cores".
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "problem.json")
        file.write_text(json.dumps(asked["problem"]), encoding="utf-8")
        began_s, cpu_s = time.perf_counter(), time.process_time()
        problem = vroom.Input.from_json(file)
    left_s = asked["budget_s"] - (time.perf_counter() - began_s)
    solution = problem.solve(
        exploration_level=asked["exploration"],
        nb_threads=asked["cores"],
        timeout=timedelta(seconds=max(0.01, left_s)),
    )
    took = {"wall_s": time.perf_counter() - began_s, "cpu_s": time.process_time() - cpu_s}
    return {"solution": solution.to_dict(), "version": version("pyvroom")} | took


if __name__ == "__main__":
    question = json.load(sys.stdin)
    if question["pinned"]:
        os.sched_setaffinity(0, question["pinned"])
    json.dump(answer(question), sys.stdout)
