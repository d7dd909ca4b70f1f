"""The rules of the house that no linter knows: sizes, names, and what a public repository must not say."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MOST_LINES = 500
COUNTED = {".py", ".sh", ".html", ".css", ".js"}
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "manager", "base", "misc", "shared_code"}
NOT_OURS = {".git", ".venv", ".trades", "node_modules", "build", "dist", "htmlcov"}

# Put together from parts, or this file would be its own first finding.
MACHINE_PATH = re.compile(
    r"(?<![\w.~-])/(?:" + "|".join(("wo" + "rk", "ro" + "ot", "ho" + "me")) + r")(?=/|[\s\"'`:;,)]|$)"
)
REGISTRY_HOSTS = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("files", "pythonhosted", "org"),
        ("pypi", "python", "org"),
        ("registry", "npmjs", "org"),
        ("registry", "yarnpkg", "com"),
        ("conda", "anaconda", "org"),
        ("crates", "io"),
        ("proxy", "golang", "org"),
        ("docker", "io"),
        ("ghcr", "io"),
    )
)


def tracked_files():
    """What git knows or would add; in an unpacked archive, everything but what is made here."""
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0 and (ROOT / ".git").exists():
        files = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    else:
        files = [file for file in ROOT.rglob("*") if not any(hidden(part) for part in file.relative_to(ROOT).parts)]
    return sorted(file for file in files if file.is_file())


def hidden(part):
    return part in NOT_OURS or part.endswith(("cache", "cache__", ".lock~"))


def texts():
    for file in tracked_files():
        try:
            yield file.relative_to(ROOT), file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture


def findings(pattern):
    return [
        f"{file}:{number}: {line.strip()[:120]}"
        for file, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern(line)
    ]


def test_no_file_of_code_is_longer_than_500_lines():
    lengths = {
        str(file): len(text.splitlines()) for file, text in texts() if file.suffix in COUNTED or file.name == "trades"
    }
    assert len(lengths) > 20, "the project's files were not found"
    assert {file: n for file, n in lengths.items() if n > MOST_LINES} == {}


def test_every_name_says_what_a_file_or_folder_is_about():
    names = {part for file in tracked_files() for part in file.relative_to(ROOT).with_suffix("").parts}
    assert names & EMPTY_NAMES == set()


def test_no_file_names_a_path_of_somebodys_machine():
    assert findings(MACHINE_PATH.search) == []


def test_no_file_names_the_host_of_a_package_registry():
    assert findings(lambda line: any(host in line for host in REGISTRY_HOSTS)) == []


def test_no_test_sleeps_or_skips_itself():
    forbidden = re.compile(r"\b(time|asyncio)\.sleep\((?!0\))|pytest\.(skip|xfail|importorskip)|mark\.(skip|xfail)")
    ours = Path(__file__).relative_to(ROOT)
    found = [line for line in findings(forbidden.search) if line.startswith("tests/")]
    assert [line for line in found if not line.startswith(str(ours))] == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-sample.lock"])
def test_every_line_of_a_lock_is_pinned_and_has_hashes(lock):
    entries = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", (ROOT / lock).read_text(), flags=re.MULTILINE).strip())
    assert len(entries) > 1
    assert [entry for entry in entries if "==" not in entry.split("\n")[0] or "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("path", ["wo" + "rk/main", "ro" + "ot/.pyenv", "ho" + "me/ada/trades"])
def test_a_machine_path_is_recognised_in_code_prose_and_urls(path):
    for line in (f'open("/{path}")', f"see /{path}.", f"file:///{path}", f"PATH=/usr/bin:/{path}"):
        assert MACHINE_PATH.search(line), line
    assert not MACHINE_PATH.search("a day of road/" + path)
