"""How the fast kernel goes about it: one manner for people's days, one for fleets that serve everybody."""

from typing import NamedTuple

import numpy as np


class Manner(NamedTuple):
    """Shares and sizes that a search goes by.

    Parameters
    ----------
    removed, longest : stops taken out on average, from one row at most
    split, keep_more : share of strings that leave stops in their middle, and how often one more of those
    from_left : share of ruins around a stop that nobody serves, if there is one
    near_in_time : share of ruins that go by the neighbours in time
    only_able : share of ruins that keep to rows that may serve the stop they are around
    at_time : share of ruins whose strings sit at the time of that stop instead of beside its neighbour
    whole_row : share of ruins that empty a row or two
    own_tail : share of strings behind which the tail becomes a row of its own
    swap_tails : share of ruins after which two tails change places
    stale : rows that are not touched and whose way in cost so many times the best when last looked at are passed by,
        unless many rows have changed since; 0 looks at every row
    blink : share of rows looked past when a stop is put back
    generous, generosity : share of iterations in which a stop may cost so many times its worth: two may pay together
        where neither does alone
    most_left : stops that nobody serves which are tried in an iteration, in the rows touched
    left_everywhere : share of those that are tried in every row instead
    forget : share of looks at a row that find the way in anew though it is known
    cheapest : share of iterations in which those stops go first that gain most where they are cheapest
    noise : width of the chance that worth per second is multiplied with, around 1
    orders : float64 (orders), cumulative shares of what stops are put back by: worth per second of service with noise,
        worth, chance, load, far first, near first, short windows, early, late
    """

    removed: float
    longest: float
    split: float
    keep_more: float
    from_left: float
    near_in_time: float
    only_able: float
    at_time: float
    whole_row: float
    own_tail: float
    swap_tails: float
    stale: float
    blink: float
    generous: float
    generosity: int
    most_left: int
    left_everywhere: float
    forget: float
    cheapest: float
    noise: float
    orders: np.ndarray


DAYS = Manner(
    removed=9.0,
    longest=10.0,
    split=0.5,
    keep_more=0.5,
    from_left=0.25,
    near_in_time=0.0,
    only_able=0.5,
    at_time=0.15,
    whole_row=0.02,
    own_tail=0.0,
    swap_tails=0.0,
    stale=0.0,
    blink=0.01,
    generous=0.03,
    generosity=4,
    most_left=10,
    left_everywhere=0.0,
    forget=0.0,
    cheapest=0.0,
    noise=1.0,
    orders=np.cumsum([0.76, 0.09, 0.15, 0, 0, 0, 0, 0, 0]),
)
"""People with homes, skills and shifts, and more work than they can do."""

SERVING = DAYS._replace(cheapest=0.5)
"""The same where no detour is worth leaving a stop out, and some are left out for want of room: whoever is put back first
has a place, so what a place costs should tell who that is. On six problems of suite vroom's kinds, two seeds each, plans at
80,000 iterations were 5 % cheaper than without, at the same priorities and tasks; 1.0 came to the same."""

FLEET = Manner(
    removed=12.0,
    longest=10.0,
    split=0.5,
    keep_more=0.01,
    from_left=0.25,
    near_in_time=0.5,
    only_able=0.0,
    at_time=0.0,
    whole_row=0.0,
    own_tail=0.1,
    swap_tails=0.2,
    stale=2.5,
    blink=0.01,
    generous=0.0,
    generosity=1,
    most_left=15,
    left_everywhere=0.0,
    forget=0.0,
    cheapest=0.0,
    noise=1.0,
    orders=np.cumsum([0, 0, 4, 4, 2, 1, 2, 2, 2]) / 17,
)
"""Vehicles that are alike and serve everybody."""

MIXED = FLEET._replace(whole_row=0.02)
"""The same of several kinds or from several depots: a row comes to another depot whole or not at all.

On three instances of 360 and 480 customers and two seeds, 600,000 iterations each: 2.0 % over the best known instead of
2.9; with 0.1 of ruins 2.3."""

PAIRS = FLEET._replace(removed=6.0, own_tail=0.0, swap_tails=0.0)
"""The same where vehicles bring what they fetch: what is taken out takes its other end along, and a tail seldom holds both
ends of all that it holds."""
