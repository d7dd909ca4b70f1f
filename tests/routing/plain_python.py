"""Code in a process of its own, with compiled functions as plain Python where that is asked for: then bounds are checked."""

import os
import subprocess
import sys
from pathlib import Path


def in_another_process(code, **environment):
    """What code prints, without the white space around it."""
    root = Path(__file__).parents[2]
    paths = os.pathsep.join((str(root), str(Path(__file__).parent)))
    answer = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env=os.environ | {"PYTHONPATH": paths} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.strip()


def uncompiled(code):
    """The same with nothing compiled."""
    return in_another_process(code, NUMBA_DISABLE_JIT="1")
