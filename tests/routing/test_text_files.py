"""Text in and out of files: whole or not at all, and every refusal says what to do."""

import os

import pytest

from routing.text_files import write_text


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "plan.json"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(UnicodeEncodeError):
        write_text(path, "new \ud800")
    assert path.read_text(encoding="utf-8") == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["plan.json"]


def test_a_reader_with_the_old_file_open_goes_on_reading_it_whole(tmp_path):
    path = tmp_path / "plan.json"
    path.write_text("old", encoding="utf-8")
    with path.open(encoding="utf-8") as reader:
        write_text(path, "new")
        assert reader.read() == "old"
    assert path.read_text(encoding="utf-8") == "new"


def test_a_link_stays_a_link_and_a_device_stays_a_device(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_text(tmp_path / "link", "text")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text(encoding="utf-8") == "text"
    os.mkfifo(tmp_path / "pipe")
    # Opened for both directions, a pipe takes a short text without a second process.
    pipe = os.open(tmp_path / "pipe", os.O_RDWR)
    write_text(tmp_path / "pipe", "text")
    assert os.read(pipe, 10) == b"text"
    os.close(pipe)
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.parametrize(("name", "remedy"), [("missing/plan.json", "make it first"), (".", "name of a file")])
def test_a_path_that_cannot_be_written_is_named_with_what_to_do(tmp_path, name, remedy):
    with pytest.raises(OSError, match=remedy) as refused:
        write_text(tmp_path / name, "text")
    assert str(tmp_path) in str(refused.value)
