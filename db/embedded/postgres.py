"""The private PostgreSQL cluster: made, started, stopped. Listens on a socket in a folder of its own, and nowhere else."""

import os
import shlex
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path

import psycopg

from db.embedded import cluster
from db.embedded.account import Account, works_in
from db.embedded.errors import ServerFailed
from db.embedded.places import Places, last_lines, turn_log
from db.embedded.programs import MACHINE, Machine, Postgres, find_postgres

START_WITHIN_S = 120
"""Recovery after a crash reads what was written since the last checkpoint."""
STOP_WITHIN_S = 60.0
LEFTOVERS_WITHIN_S = 30.0
"""How long processes of a postmaster that was killed may take to notice."""
LOOK_EVERY_S = 0.02

# For two cores and a developer's or a small firm's machine. synchronous_commit stays on: what was answered is stored.
SETTINGS = {
    "listen_addresses": "",
    "port": str(cluster.PORT),
    "unix_socket_permissions": "0700",
    "cluster_name": "trades",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "4GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %a ",
    "log_lock_waits": "on",
    "log_min_duration_statement": "1000",
    # No personal data in logs: details of errors and values of parameters hold names and addresses.
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


def is_ready(places: Places) -> bool:
    """Whether the application could work with its database now."""
    try:
        with cluster.connect(places, "trades_app", cluster.DATABASE) as connection:
            return connection.execute("select 1").fetchone() == (1,)
    except psycopg.Error:
        return False


def pid(places: Places) -> int | None:
    """The running server's process; a stale or foreign number in its pid file does not count."""
    try:
        first = (places.data / "postmaster.pid").read_text().split("\n", 1)[0]
        number = abs(int(first))
    except (OSError, ValueError):
        return None
    return number if works_in(number, places.data) else None


def start(places: Places, account: Account, machine: Machine = MACHINE) -> bool:
    """Have the server running and its database made; whether it had to be started.

    Call it with the home locked.

    Raises
    ------
    ServerMissing, OtherVersion, ServerFailed
    """
    programs = find_postgres(machine, made_by(places.data), places.data)
    running = pid(places)
    if running is not None and not _socket(places).exists():
        stop(places)  # somebody removed its socket: nobody can reach it
        running = None
    if running is None:
        if not (places.data / "PG_VERSION").exists():
            _initialise(places, account, programs)
        _launch(places, account, programs)
    else:
        _wait(places)
    try:
        cluster.prepare(places)
    except psycopg.Error as fault:
        raise ServerFailed(
            "PostgreSQL",
            f"runs, but its database cannot be prepared: {fault}".strip(),
            places.log("postgres"),
            last_lines(places.log("postgres")),
        ) from fault
    return running is None


def stop(places: Places, *, at_once: bool = False) -> bool:
    """End the server; whether it was running. Sessions are broken off, what was committed stays.

    Parameters
    ----------
    at_once : write nothing more to disk, which the next start, if there is one, has to recover

    Raises
    ------
    ServerFailed : it has not ended in time
    """
    running = pid(places)
    if running is None:
        return False
    log = places.log("postgres")
    before = log.stat().st_size if log.exists() else 0
    # What pg_ctl stop -m fast (or immediate) does, and it works when the programs were removed or replaced meanwhile.
    with suppress(ProcessLookupError):
        os.kill(running, signal.SIGQUIT if at_once else signal.SIGINT)
    until = time.monotonic() + STOP_WITHIN_S
    while pid(places) is not None:
        if time.monotonic() > until:
            what = f"has not ended within {STOP_WITHIN_S:.0f} s (process {running})"
            raise ServerFailed("PostgreSQL", what, log, last_lines(log, before))
        time.sleep(LOOK_EVERY_S)
    return True


def made_by(data: Path) -> int | None:
    """The major version that made a data folder; None when there is none yet."""
    try:
        return int((data / "PG_VERSION").read_text().split(".")[0])
    except (OSError, ValueError):
        return None


def _initialise(places: Places, account: Account, programs: Postgres) -> None:
    """Make the data folder aside and move it into place, so that a half-made one is never taken for a whole."""
    making = places.data.with_name("data.making")
    shutil.rmtree(making, ignore_errors=True)
    log = places.log("postgres")
    before = log.stat().st_size if log.exists() else 0
    with log.open("ab") as out:
        made = account.run(
            [
                *(programs.bin / "initdb", "-D", making, "-U", cluster.SUPERUSER, "-E", "UTF8", "--locale=C.UTF-8"),
                *("--data-checksums", "--auth-local=trust", "--auth-host=reject"),
            ],
            log=out,
            within_s=START_WITHIN_S,
        )
    if made.returncode != 0:
        shutil.rmtree(making, ignore_errors=True)
        raise ServerFailed("PostgreSQL", "could not make its data folder", log, last_lines(log, before))
    if places.data.exists():
        places.data.rmdir()  # an empty one; a full one without PG_VERSION is somebody's, and this fails
    making.rename(places.data)


def _launch(places: Places, account: Account, programs: Postgres) -> None:
    log = places.log("postgres")
    turn_log(log)
    settings = {**SETTINGS, "unix_socket_directories": str(places.sockets)}
    options = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in settings.items())
    until = time.monotonic() + LEFTOVERS_WITHIN_S
    while True:
        _forget_foreign_pids(places)
        before = log.stat().st_size if log.exists() else 0
        with log.open("ab") as out:
            # PGDATA and not -D: pg_ctl puts that into a shell's command line as it is.
            started = account.run(
                [programs.bin / "pg_ctl", "start", "-s", "-w", "-t", str(START_WITHIN_S), "-o", options],
                log=out,
                variables={"PGDATA": str(places.data)},
                within_s=START_WITHIN_S + 10,
            )
        if started.returncode == 0:
            return
        said = last_lines(log, before)
        leftovers = any("pre-existing shared memory block" in line for line in said)
        if not leftovers or time.monotonic() > until:
            raise ServerFailed("PostgreSQL", "did not start", log, said)
        time.sleep(LOOK_EVERY_S)


def _forget_foreign_pids(places: Places) -> None:
    """Remove lock files whose number belongs to another program or to a zombie: PostgreSQL would not start for them.

    A number that nobody has is left to PostgreSQL, which also finds what a killed server left running.
    """
    for file in (places.data / "postmaster.pid", _socket(places).with_name(f"{_socket(places).name}.lock")):
        try:
            number = abs(int(file.read_text().split("\n", 1)[0]))
            os.kill(number, 0)
        except ValueError:
            file.unlink()  # cut short when the disk was full
        except OSError:
            continue
        else:
            if not works_in(number, places.data):
                file.unlink()


def _wait(places: Places) -> None:
    """Until a server that another process started, or that recovers, takes connections."""
    log = places.log("postgres")
    until = time.monotonic() + START_WITHIN_S
    while True:
        try:
            with cluster.connect(places, cluster.SUPERUSER, "postgres"):
                return
        except psycopg.OperationalError as fault:
            if pid(places) is None or time.monotonic() > until:
                raise ServerFailed("PostgreSQL", f"does not answer: {fault}".strip(), log, last_lines(log)) from fault
        time.sleep(LOOK_EVERY_S)


def _socket(places: Places) -> Path:
    return places.sockets / f".s.PGSQL.{cluster.PORT}"
