"""Figures as people say them, wherever reasons are given."""


def duration_text(duration_s: int) -> str:
    """Seconds as people say them: "7 min 05 s", from an hour on "2 h 10 min"."""
    if duration_s >= 3600:
        return f"{duration_s // 3600} h {duration_s % 3600 // 60:02d} min"
    return f"{duration_s // 60} min {duration_s % 60:02d} s"


def distance_text(distance_m: int) -> str:
    """Metres as people say them: "800 m", "3.4 km"."""
    return f"{distance_m / 1000:.1f} km" if distance_m >= 1000 else f"{distance_m} m"


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 21st …."""
    teens = number % 100 in (11, 12, 13)
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"
