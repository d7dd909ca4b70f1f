"""A process of ours ends with the one that started it, however that one ends."""

import multiprocessing
import os
import signal
import threading


def end_with_parent() -> None:
    """Tell this process to stop (SIGTERM) once whoever holds the other end of its standard input is gone.

    A pipe and not PR_SET_PDEATHSIG: it works on every system, and outlives the thread that started the process.
    """
    threading.Thread(target=_end_after_input, name="parent", daemon=True).start()


def end_with_master() -> None:
    """The same for one of several server processes, which uvicorn starts; nothing in a process that it has not started."""
    master = multiprocessing.parent_process()
    if master is None:
        return

    def wait() -> None:
        master.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="master", daemon=True).start()


def _end_after_input() -> None:
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
