"""Results that are kept with the project, and their tables in a text beside them."""

import io
import re
from pathlib import Path

from rich.console import Console

from benchmarks.ledger import Ledger
from benchmarks.runs import shown
from routing.errors import UnreadableFile
from routing.text_files import read_text, write_text

FOLDER = Path(__file__).parent / "results"
"""Baselines of ours: a file of rows for each suite and set."""

README = Path(__file__).parent / "README.md"
COLUMNS = 80


def tables_of(ledger: Ledger) -> str:
    """What ``show`` says of a file, as a block of text: when it was measured on what, then its tables."""
    screen = Console(width=COLUMNS, file=io.StringIO(), record=True, color_system=None)
    shown(ledger, screen)
    machine = ledger.measured_on
    head = f"{machine.get('cpu')}, {machine.get('cores')} cores, {machine.get('memory_gb')} GB"
    lines = [head, "", *(line.rstrip() for line in screen.export_text().splitlines())]
    return "```\n" + "\n".join(lines).rstrip() + "\n```\n"


def put_into(text: Path, name: str, ledger: Ledger) -> None:
    """Put the tables between the marks of their name; where there are none, under a heading at the end.

    Raises
    ------
    UnreadableFile : the text has several such marks
    """
    before = read_text(text)
    after, n = re.subn(
        marked(name), lambda found: f"{found[1]}\n{tables_of(ledger)}{found[3]}", before, flags=re.DOTALL
    )
    if n > 1:
        raise UnreadableFile(text, 0, f"it has <!-- {name} --> and <!-- /{name} --> {n} times; leave one of each")
    if n == 0:
        after = f"{before.rstrip()}\n\n### {name}\n\n<!-- {name} -->\n{tables_of(ledger)}<!-- /{name} -->\n"
    write_text(text, after)


def marked(name: str) -> str:
    """Pattern of what stands between the marks of a name, which are its first and third group."""
    return rf"(<!-- {re.escape(name)} -->)\n(.*?)(<!-- /{re.escape(name)} -->)"
