"""Figures in the words of people."""

from dispatch.wording import distance_text, duration_text, ordinal


def test_figures_are_said_as_people_say_them():
    assert [duration_text(s) for s in (0, 65, 3599, 3600, 7830)] == [
        "0 min 00 s", "1 min 05 s", "59 min 59 s", "1 h 00 min", "2 h 10 min",
    ]  # fmt: skip
    assert [distance_text(m) for m in (0, 999, 1000, 2349)] == ["0 m", "999 m", "1.0 km", "2.3 km"]
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 112)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th",
    ]  # fmt: skip
