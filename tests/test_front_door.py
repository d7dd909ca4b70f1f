"""./trades itself, against stand-ins for the Pythons a machine may have; nothing is installed here."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = ("setup", "demo", "up", "down", "test", "plan", "check", "solve", "ingest", "bench", "db")
TOOLS = (
    *("awk", "basename", "bash", "cat", "cp", "cut", "df", "dirname", "env", "flock"),
    *("getconf", "grep", "id", "mkdir", "readlink", "rm", "sed", "sha256sum", "tail"),
)

STAND_IN = """#!/usr/bin/env bash
# A Python that notes how it was called and does as little as the front door needs.
printf '%s\\n' "$PWD | ${PYTHONPATH:-} | ${PYTHONSAFEPATH:-} | $TRADES_HOME | ${0##*/} $*" >>"$CALLS"
case "$*" in
*version_info*) echo VERSION ;;
*'-m venv'*) mkdir -p "${!#}/bin" && cp "$0" "${!#}/bin/python" ;;
*'-m pip install'*requirements.lock)
  [ -z "${HOLD:-}" ] || read -r _ <"$HOLD"
  [ -z "${PIP_SAYS:-}" ] || { echo "$PIP_SAYS" >&2 && exit 1; }
  ;;
*'import osmium'*) [ -z "${OSMIUM_SAYS:-}" ] || { echo "$OSMIUM_SAYS" >&2 && exit 1; } ;;
*'-m ingest'*) exit "${INGEST_EXITS:-0}" ;;
esac
"""
REFUSING_SHIM = "#!/usr/bin/env bash\necho 'pyenv: python3.13: command not found' >&2\nexit 127\n"


class Machine:
    """A computer with a copy of the front door, the few tools it needs, and the Pythons that a test puts there."""

    def __init__(self, home):
        self.project, self.bin, self.home = home / "project", home / "bin", home / "user"
        for folder in (self.project / "tests" / "routing", self.bin, self.home):
            folder.mkdir(parents=True)
        shutil.copy(ROOT / "trades", self.project)
        shutil.copytree(ROOT / "front_door", self.project / "front_door")
        for lock in ("requirements.lock", "requirements-sample.lock"):
            (self.project / lock).write_text("numpy==2.5.5\n")
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool))
        self.calls_file = home / "calls"
        self.calls_file.touch()
        self.chromium = self.executable(home / "chromium", "#!/usr/bin/env bash\n")

    def executable(self, file, text):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o755)
        return file

    def python(self, version, file=None):
        name = "python" + version.rpartition(".")[0]
        return self.executable(file or self.bin / name, STAND_IN.replace("VERSION", version))

    def environment(self, **extra):
        return {"PATH": str(self.bin), "HOME": str(self.home), "CALLS": str(self.calls_file), **extra}

    def start(self, *arguments, cwd=None, door=None, **extra):
        return subprocess.Popen(
            [door or self.project / "trades", *arguments],
            cwd=cwd or self.home,
            env=self.environment(**extra),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def trades(self, *arguments, **how):
        run = self.start(*arguments, **how)
        out, err = run.communicate(timeout=60)
        return subprocess.CompletedProcess(arguments, run.returncode, out, err)

    def calls(self, holding=""):
        return [line for line in self.calls_file.read_text().splitlines() if holding in line]

    def last_arguments(self):
        return self.calls()[-1].rpartition(" | ")[2]


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


@pytest.fixture
def machine_set_up(machine):
    machine.python("3.13.9")
    assert machine.trades("setup").returncode == 0
    return machine


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_examples_before_anything_is_set_up(machine, command):
    run = machine.trades(command, "--help")
    assert run.returncode == 0
    assert run.stdout.startswith(f"usage: ./trades {command}")
    assert f"examples:\n  ./trades {command}" in run.stdout
    assert [line for line in run.stdout.splitlines() if len(line) > 80] == []
    assert machine.calls() == []


@pytest.mark.parametrize("arguments", [(), ("--help",), ("help",)])
def test_without_a_command_all_of_them_are_listed(machine, arguments):
    run = machine.trades(*arguments)
    assert run.returncode == 0
    assert [command for command in COMMANDS if f"\n  {command} " not in run.stdout] == []


def test_an_unknown_command_is_named_and_is_not_a_success(machine):
    run = machine.trades("paln")
    assert run.returncode == 2
    assert "there is no command 'paln'" in run.stderr
    assert run.stdout == ""


def test_plan_runs_where_the_caller_stands_with_our_packages_first(machine_set_up, tmp_path):
    elsewhere = tmp_path / "else where"
    elsewhere.mkdir()
    run = machine_set_up.trades("plan", "--jobs", "my jobs.csv", cwd=elsewhere, PYTHONPATH="theirs")
    assert run.returncode == 0
    project = machine_set_up.project
    assert machine_set_up.calls()[-1] == (
        f"{elsewhere} | {project}:theirs | 1 | {project}/.trades | python -m dispatch plan --jobs my jobs.csv"
    )


def test_nothing_is_said_once_everything_is_set_up(machine_set_up):
    run = machine_set_up.trades("check", "plan.json")
    assert (run.stdout, run.stderr) == ("", "")


def test_a_link_to_the_front_door_finds_the_project(machine_set_up, tmp_path):
    link = tmp_path / "bin" / "dispatch-trades"
    link.symlink_to(Path("..") / "project" / "trades")
    assert machine_set_up.trades("ingest", "region", "coquimbo", door=link).returncode == 0
    assert machine_set_up.last_arguments() == "python -m ingest region coquimbo"


def test_a_relative_home_is_meant_from_where_the_caller_stands(machine_set_up, tmp_path):
    machine_set_up.trades("check", "plan.json", cwd=tmp_path, TRADES_HOME="data/here")
    assert f" | {tmp_path}/data/here | " in machine_set_up.calls()[-1]


def test_help_comes_from_the_program_itself_once_it_is_there(machine_set_up):
    machine_set_up.trades("plan", "--help")
    assert machine_set_up.last_arguments() == "python -m dispatch plan --help"


def test_an_old_python_alone_is_named_together_with_the_remedy(machine):
    machine.python("3.11.7", machine.bin / "python3")
    run = machine.trades("setup")
    assert run.returncode == 1
    assert "no Python 3.12 or newer was found" in run.stderr
    assert "python3 is 3.11.7" in run.stderr
    assert "TRADES_PYTHON" in run.stderr
    assert not (machine.project / ".venv").exists()


def test_a_machine_without_any_python_is_told_what_to_install(machine):
    run = machine.trades("demo")
    assert run.returncode == 1
    assert "apt-get install python3 python3-venv" in run.stderr


def test_a_shim_that_refuses_to_run_is_passed_over(machine):
    machine.executable(machine.bin / "python3.13", REFUSING_SHIM)
    machine.python("3.12.4")
    run = machine.trades("setup")
    assert run.returncode == 0
    assert "virtual environment (Python 3.12.4)" in run.stderr


def test_a_shim_that_refuses_to_run_is_named_when_there_is_nothing_else(machine):
    machine.executable(machine.bin / "python3.13", REFUSING_SHIM)
    run = machine.trades("setup")
    assert run.returncode == 1
    assert "python3.13 refuses to run" in run.stderr


def test_a_python_of_pyenv_is_found_behind_its_shim(machine):
    machine.executable(machine.bin / "python3.13", REFUSING_SHIM)
    machine.python("3.13.0", machine.home / ".pyenv/versions/3.13.0/bin/python3")
    run = machine.trades("setup")
    assert run.returncode == 0
    assert "virtual environment (Python 3.13.0)" in run.stderr


def test_a_python_that_only_uv_knows_is_found(machine):
    hidden = machine.python("3.13.2", machine.home / "uv" / "python3.13")
    machine.executable(machine.bin / "uv", f'#!/usr/bin/env bash\n[ "$2" = find ] && echo "{hidden}"\n')
    assert "virtual environment (Python 3.13.2)" in machine.trades("setup").stderr


@pytest.mark.parametrize(("name", "complaint"), [("python3", "is 3.9.18"), ("no-such-python", "is not there")])
def test_a_chosen_python_that_will_not_do_is_refused_rather_than_replaced(machine, name, complaint):
    machine.python("3.13.0")
    machine.python("3.9.18", machine.bin / "python3")
    run = machine.trades("setup", TRADES_PYTHON=name)
    assert run.returncode == 1
    assert f"TRADES_PYTHON cannot be used: {name}" in run.stderr.replace(f"{machine.bin}/", "")
    assert complaint in run.stderr


def test_a_python_without_ensurepip_is_told_which_package_is_missing(machine):
    text = STAND_IN.replace("VERSION", "3.13.5").replace("case", "case $* in *ensurepip*) exit 1 ;; esac\ncase", 1)
    machine.executable(machine.bin / "python3.13", text)
    assert "apt-get install python3.13-venv" in machine.trades("setup").stderr


def test_both_locks_are_installed_by_hash_and_only_once(machine_set_up):
    assert machine_set_up.trades("setup").returncode == 0
    installed = machine_set_up.calls("-m pip install")
    assert [call.rpartition("/")[2] for call in installed] == ["requirements.lock", "requirements-sample.lock"]
    assert all("--require-hashes --no-deps" in call for call in installed)


def test_a_changed_lock_is_installed_into_the_environment_there_is(machine_set_up):
    (machine_set_up.project / "requirements.lock").write_text("numpy==2.5.6\n")
    assert machine_set_up.trades("setup").returncode == 0
    assert len(machine_set_up.calls("-m pip install")) == 4
    assert len(machine_set_up.calls("-m venv")) == 1


def test_another_python_gets_an_environment_of_its_own(machine_set_up):
    other = machine_set_up.python("3.12.1", machine_set_up.home / "python3.12")
    assert "(Python 3.12.1)" in machine_set_up.trades("setup", TRADES_PYTHON=str(other)).stderr
    assert len(machine_set_up.calls("-m venv")) == 2
    assert machine_set_up.trades("setup", TRADES_PYTHON=str(other)).stderr == "· set-up is complete (Python 3.12.1)\n"


def test_a_broken_environment_is_made_anew(machine_set_up):
    machine_set_up.executable(machine_set_up.project / ".venv/bin/python", REFUSING_SHIM)
    assert machine_set_up.trades("setup").returncode == 0
    assert len(machine_set_up.calls("-m venv")) == 2


def test_a_set_up_that_failed_is_taken_up_again(machine):
    machine.python("3.13.9")
    assert machine.trades("setup", PIP_SAYS="boom").returncode == 1
    assert machine.trades("setup").returncode == 0
    assert len(machine.calls("-m venv")) == 1


def test_two_set_ups_at_once_do_the_work_once(machine, tmp_path):
    machine.python("3.13.9")
    hold = tmp_path / "hold"
    os.mkfifo(hold)
    first = machine.start("setup", HOLD=str(hold))
    with hold.open("w") as release:  # opens when the first set-up stands in pip
        second = machine.start("setup")
        assert "another set-up is under way" in second.stderr.readline()
        release.write("go\n")
    first.communicate(timeout=60)
    second.communicate(timeout=60)
    assert (first.returncode, second.returncode) == (0, 0)
    assert len(machine.calls("-m pip install")) == 2


@pytest.mark.parametrize(
    ("pip_says", "remedy"),
    [
        ("OSError: [Errno 28] No space left on device", "Make room"),
        ("[Errno 13] Permission denied: 'lib'", "as the owner"),
        ("Failed to establish a new connection: Temporary failure in name resolution", "Go online"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES", "pip cache purge"),
        ("ERROR: No matching distribution found for numpy", "Try Python 3.13"),
        ("Segmentation fault", "the log says where"),
    ],
)
def test_a_failed_installation_shows_its_cause_and_what_to_do(machine, pip_says, remedy):
    machine.python("3.13.9")
    run = machine.trades("demo", PIP_SAYS=pip_says)
    assert run.returncode == 1
    assert pip_says in run.stderr
    assert remedy in run.stderr
    assert pip_says in (machine.project / ".trades/setup.log").read_text()


def test_a_missing_system_library_is_named_and_set_up_does_not_count_as_done(machine):
    machine.python("3.13.9")
    missing = "ImportError: libexpat.so.1: cannot open shared object file"
    for _ in range(2):
        run = machine.trades("setup", OSMIUM_SAYS=missing)
        assert run.returncode == 1
        assert missing in run.stderr
        assert "apt-get install libexpat1" in run.stderr
    assert machine.trades("setup").returncode == 0


def test_a_disk_that_is_too_full_is_seen_before_the_work(machine):
    machine.python("3.13.9")
    (machine.bin / "df").unlink()
    machine.executable(machine.bin / "df", "#!/usr/bin/env bash\nprintf 'heading\\n/dev/x 9 9 102400 9%% /\\n'\n")
    run = machine.trades("setup")
    assert run.returncode == 1
    assert "100 MB are free" in run.stderr
    assert machine.calls("-m venv") == []


def test_the_demo_starts_the_database_and_loads_the_sample_region_first(machine_set_up):
    assert machine_set_up.trades("demo", "--seed", "2").returncode == 0
    ran = [call.rpartition(" | ")[2] for call in machine_set_up.calls()[-4:]]
    assert ran == [
        "python -m db start",
        "python -m db migrate",
        "python -m ingest region coquimbo --sample coquimbo",
        "python -m api tour --seed 2",
    ]


def test_up_gives_an_empty_home_something_to_see_and_then_serves(machine_set_up):
    assert machine_set_up.trades("up", "--port", "8001").returncode == 0
    ran = [call.rpartition(" | ")[2] for call in machine_set_up.calls()[-5:]]
    assert ran == [
        "python -m db start",
        "python -m db migrate",
        "python -m ingest region coquimbo --sample coquimbo",
        "python -m ingest demo-day --region coquimbo",
        "python -m api up --port 8001",
    ]


def test_the_demo_stops_when_the_region_cannot_be_loaded(machine_set_up):
    assert machine_set_up.trades("demo", INGEST_EXITS="4").returncode == 4
    assert machine_set_up.calls("-m dispatch") == []


def test_the_whole_suite_runs_with_a_floor_under_its_coverage(machine_set_up):
    assert machine_set_up.trades("test", CHROME_PATH=str(machine_set_up.chromium)).returncode == 0
    assert machine_set_up.calls()[-1].startswith(f"{machine_set_up.project} | ")
    assert "-m not slow --cov --cov-branch" in machine_set_up.last_arguments()
    assert "--cov-fail-under=90" in machine_set_up.last_arguments()


def test_all_means_the_slow_tests_too(machine_set_up):
    machine_set_up.trades("test", "--all", CHROME_PATH=str(machine_set_up.chromium))
    assert "slow" not in machine_set_up.last_arguments()


@pytest.mark.parametrize("name", ["routing", "tests/routing", "../project/tests/routing"])
def test_tests_are_found_by_name_or_path(machine_set_up, name):
    machine_set_up.trades("test", f"{name}::test_x", "--", "-x", CHROME_PATH=str(machine_set_up.chromium))
    assert machine_set_up.last_arguments().endswith(f" -x {machine_set_up.project}/tests/routing::test_x")
    assert "--cov" not in machine_set_up.last_arguments()


def test_a_name_without_tests_is_answered_with_those_there_are(machine_set_up):
    run = machine_set_up.trades("test", "ruting")
    assert run.returncode == 1
    assert "no tests at ruting" in run.stderr
    assert "routing/" in run.stderr


def test_without_chromium_the_page_tests_are_not_left_out_silently(machine_set_up):
    run = machine_set_up.trades("test")
    assert run.returncode == 1
    assert "apt-get install chromium" in run.stderr
    assert "CHROME_PATH" in run.stderr
