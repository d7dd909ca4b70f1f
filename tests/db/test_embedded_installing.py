"""How the front door gets the servers' programs, against stand-ins for apt-get and the program that is asked."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

SCRIPT = """
set -euo pipefail
. "$FRONT_DOOR/steps.sh"
. "$FRONT_DOOR/servers.sh"
NO_CLUSTER=$TRADES_HOME/etc/createcluster.d/trades.conf
python_env() { :; }
ensure_servers "$@"
echo 'goes on'
"""
# Notes what it was called with, and whether Debian would have made a cluster; then the programs are there, or it fails.
APT_GET = """#!/bin/sh
echo "$*" >>"$TRADES_HOME/apt-calls"
cat "$TRADES_HOME/etc/createcluster.d/trades.conf" >>"$TRADES_HOME/clusters" 2>&1
[ -z "${APT_SAYS:-}" ] || { echo "$APT_SAYS" >&2; exit 100; }
rm -f "$TRADES_HOME/missing"
"""
APT_CACHE = """#!/bin/sh
printf 'postgresql-9-postgis-3 - old\\npostgresql-17-postgis-3 - new\\npostgresql-15-postgis-3 - middle\\n'
"""
PYTHON = """#!/bin/sh
echo "$*" >>"$TRADES_HOME/asked"
[ ! -e "$TRADES_HOME/missing" ] || cat "$TRADES_HOME/missing"
"""


class Door:
    def __init__(self, folder):
        self.home, self.bin = folder / "home", folder / "bin"
        self.home.mkdir()
        self.bin.mkdir()
        (folder / "venv/bin").mkdir(parents=True)
        self.script("apt-get", APT_GET)
        self.script("apt-cache", APT_CACHE)
        self.script("id", "#!/bin/sh\necho 0\n")
        self.script("systemctl", "#!/bin/sh\n")
        self.script("../venv/bin/python", PYTHON)
        self.variables = {
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "FRONT_DOOR": str(ROOT / "front_door"),
            "TRADES_HOME": str(self.home),
            "LOG": str(self.home / "setup.log"),
            "VENV": str(folder / "venv"),
        }

    def script(self, name, text):
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def lacks(self, *names):
        (self.home / "missing").write_text("".join(f"{name}\n" for name in names))

    def ensure(self, *names, **variables):
        return subprocess.run(
            ["bash", "-c", SCRIPT, "front door", *names],
            env={**self.variables, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def noted(self, name):
        file = self.home / name
        return file.read_text().splitlines() if file.exists() else []


@pytest.fixture
def door(tmp_path):
    return Door(tmp_path)


def test_nothing_is_installed_or_said_when_nothing_is_missing(door):
    ran = door.ensure()
    assert (ran.stdout, ran.stderr, ran.returncode) == ("goes on\n", "", 0)
    assert door.noted("apt-calls") == []


def test_the_newest_postgis_and_redis_are_installed_and_debian_makes_no_cluster_of_its_own(door):
    door.lacks("postgres", "redis")
    ran = door.ensure()
    assert ran.stdout == "goes on\n"
    assert [call.partition("install ")[2] for call in door.noted("apt-calls")] == [
        "--no-install-recommends postgresql-17-postgis-3 redis-server"
    ]
    assert door.noted("clusters") == ["create_main_cluster = false"]
    assert not (door.home / "etc/createcluster.d/trades.conf").exists()


def test_only_what_is_missing_is_installed(door):
    door.lacks("redis")
    door.ensure()
    assert [call.split()[-1] for call in door.noted("apt-calls")] == ["redis-server"]


def test_who_needs_one_server_asks_for_that_one(door):
    assert door.ensure("postgres").returncode == 0
    assert door.noted("asked") == ["-m db missing postgres"]


def test_a_machine_whose_lists_were_never_fetched_gets_a_pattern_that_apt_get_knows(door):
    door.script("apt-cache", "#!/bin/sh\n")
    door.lacks("postgres")
    door.ensure()
    assert door.noted("apt-calls")[0].split()[-1] == "^postgresql-[0-9]+-postgis-3$"


def test_an_installation_that_fails_shows_its_cause_the_packages_and_the_alternative(door):
    door.lacks("postgres", "redis")
    ran = door.ensure(APT_SAYS="E: Unable to locate package")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "E: Unable to locate package" in ran.stderr
    assert "apt-get install postgresql-17-postgis-3 redis-server" in ran.stderr
    assert "DATABASE_URL REDIS_URL" in ran.stderr
    assert not (door.home / "etc/createcluster.d/trades.conf").exists()


def test_without_root_and_sudo_nothing_is_tried_and_the_remedy_named(door):
    door.lacks("redis")
    door.script("id", "#!/bin/sh\necho 1000\n")
    door.script("sudo", "#!/bin/sh\necho 'sudo: a password is required' >&2\nexit 1\n")
    ran = door.ensure()
    assert ran.returncode == 1
    assert door.noted("apt-calls") == []
    assert "apt-get install redis-server" in ran.stderr
    assert "REDIS_URL" in ran.stderr


def test_an_address_that_is_not_understood_ends_it_with_the_program_s_own_words(door):
    door.script("../venv/bin/python", "#!/bin/sh\necho 'trades db missing: DATABASE_URL is not a URL' >&2\nexit 2\n")
    ran = door.ensure()
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "DATABASE_URL is not a URL" in ran.stderr
