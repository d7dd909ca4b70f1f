import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.point import InvalidLonLat
from geo.polyline import InvalidPolyline, decode, encode

quick = settings(deadline=None, database=None, max_examples=200)
lines = st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), max_size=30)
GOOGLES_LINE = [(-120.2, 38.5), (-120.95, 40.7), (-126.453, 43.252)]
GOOGLES_TEXT = "_p~iF~ps|U_ulLnnqC_mqNvxq`@"


def test_the_example_of_googles_page_is_reproduced_both_ways():
    assert encode(GOOGLES_LINE, precision=5) == GOOGLES_TEXT
    np.testing.assert_allclose(decode(GOOGLES_TEXT, precision=5), GOOGLES_LINE, rtol=0, atol=1e-12)


def test_googles_single_number_is_reproduced():
    # The page's other example: -179.9832104 becomes `~oia@; as a longitude at latitude 0, which is ?.
    assert encode([(-179.9832104, 0.0)], precision=5) == "?`~oia@"


@quick
@given(lines, st.integers(1, 10))
def test_a_line_reads_back_to_within_half_a_unit(line, precision):
    lonlat = np.array(line).reshape(-1, 2)
    back = decode(encode(lonlat, precision), precision)
    assert back.shape == lonlat.shape
    np.testing.assert_allclose(back, lonlat, rtol=0, atol=0.5 * 10.0**-precision + 1e-13)


@quick
@given(lines, st.integers(1, 10))
def test_rounding_does_not_creep_when_a_line_is_written_again(line, precision):
    text = encode(np.array(line).reshape(-1, 2), precision)
    assert encode(decode(text, precision), precision) == text


@quick
@given(lines)
def test_the_text_agrees_with_the_algorithm_written_out_step_by_step(line):
    def number(value):
        value = ~(value << 1) if value < 0 else value << 1
        text = ""
        while value >= 0x20:
            text += chr((0x20 | (value & 0x1F)) + 63)
            value >>= 5
        return text + chr(value + 63)

    text, before = "", (0, 0)
    for lon, lat in line:
        here = (round(lat * 1e6), round(lon * 1e6))
        text += number(here[0] - before[0]) + number(here[1] - before[1])
        before = here
    assert encode(np.array(line).reshape(-1, 2)) == text


def test_an_empty_line_is_an_empty_text():
    assert encode([]) == ""
    assert decode("").shape == (0, 2)


@quick
@given(st.text(max_size=40) | st.text(st.characters(min_codepoint=63, max_codepoint=126)))
def test_any_text_is_read_or_refused_with_a_position(text):
    position = None
    try:
        lonlat = decode(text)
    except InvalidPolyline as refused:
        position, lonlat = refused.position, np.empty((0, 2))
    assert position is None or 0 <= position <= len(text)
    assert (np.abs(lonlat) <= (180, 90)).all()


@pytest.mark.parametrize(
    ("text", "position", "said"),
    [
        ("_p~iF ps|U", 5, "' ' is illegal"),
        ("_p~iF~ps|Ué", 10, "'é' is illegal"),
        ("_p~iF~ps|U\x7f", 10, "is illegal"),
        ("_p~iF~ps|", 9, "middle of a number"),
        ("_p~iF", 5, "no longitude"),
        ("_p~iF~ps|U_ulL", 14, "no longitude"),
        ("??" + "~" * 12 + "@?", 2, "longer than 12"),
    ],
)
def test_a_damaged_text_says_where(text, position, said):
    with pytest.raises(InvalidPolyline, match=said) as refused:
        decode(text, precision=5)
    assert refused.value.position == position


def test_a_text_of_precision_6_read_with_5_is_refused_with_the_likely_cause():
    text = encode([(1.0, 2.0), (-71.25, -29.9)], precision=6)
    with pytest.raises(InvalidPolyline, match=r"point 1 is not on earth.*another precision than 5") as refused:
        decode(text, precision=5)
    assert refused.value.position == len(encode([(1.0, 2.0)], precision=6))


@pytest.mark.parametrize("precision", [0, 11, -1])
def test_a_precision_beyond_sense_is_refused(precision):
    with pytest.raises(ValueError, match=f"precision {precision}"):
        encode([(0, 0)], precision)
    with pytest.raises(ValueError, match=f"precision {precision}"):
        decode("??", precision)


def test_a_line_off_the_earth_is_refused():
    with pytest.raises(InvalidLonLat, match=r"lonlat\[1\]"):
        encode([(0, 0), (0, 90.1)])
