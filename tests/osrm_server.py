"""A real osrm-routed on a port of this machine, which a test may end and start again."""

import socket
import subprocess
from pathlib import Path

import osrm

PROGRAM = Path(osrm.__file__).parent / "bin" / "osrm-routed"


def free_port():
    """A port nobody listens on at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


class OsrmServer:
    """The server of one region; its port stays the same from one start to the next."""

    def __init__(self, region):
        self._region, self._process = region, None
        self.port = free_port()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self, *options):
        """Have it running, and answering when this returns."""
        where = "-i", "127.0.0.1", "-p", str(self.port)
        how = "-t", "1", "--mmap", "-a", self._region.algorithm.upper()
        self._process = subprocess.Popen(
            [PROGRAM, *where, *how, *options, str(self._region.base)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        said = []
        for line in self._process.stdout:
            said.append(line)
            if "waiting for requests" in line:
                return self
        raise AssertionError("".join(said))

    def stop(self):
        """End it, and see it gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()
            self._process = None
