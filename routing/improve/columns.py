"""Where what stands in the arrays of the compiled search: few wide arrays, for each costs every call."""

GROUND, PRICE, START, END, OPENS, CLOSES, FIXED, HOURLY, N_BREAKS = range(9)
MOST_STOPS, MOST_TRAVEL, MOST_DISTANCE, OVERTIME_FROM, OVERTIME_COST, N_FROZEN = range(9, 15)
"""Columns of ``Field.vehicle``: which matrix and prices, places, shift in seconds, points when used and for an hour of
service, counts and limits."""

PLACE, UNSERVED, DUE, LATE_COST, MATE, IS_DELIVERY, FROZEN_AT, WINDOW_FROM, WINDOW_TO = range(9)
"""Columns of ``Field.stop``; MATE is the other end of a delivery or -1, FROZEN_AT the start of service or -1."""

LASTS, N_SPANS, SPANS = range(3)
"""Columns of ``Field.breaks``: seconds, how many windows it may begin in, and where those begin, two columns each."""

SETUPS, TIMED = range(2)
"""Positions in ``Field.flags``: whether there are set-ups, and whether prices depend on times."""

LENGTH, SAVED_LENGTH, BEST_LENGTH, TRAVEL, METRES, POINTS, IDLE, FINE, STAMP, TOUCHED_ROW = range(10)
"""Columns of ``State.row``: stops now, before this iteration, at best; seconds and metres driven; points with everything
that times cost; seconds of the shift without driving, service or breaks; whether the row can be driven; the iteration
that touched it last; and, by rank, the rows touched in this iteration."""

DEPARTS, LATEST = range(2)
"""Of ``State.times``: earliest end of service before a position, latest readiness to begin there, by layer."""

LOAD, BEFORE, BEHIND = range(3)
"""Of ``State.loads``: what is on board after so many stops, the most until then, the most from then on."""

READY, CURRENT, ONWARD = range(3)
"""Rows of ``State.layers``."""

TOUCHED, ITERATION, TOTAL, BEST, IMPROVED, CHANGED = range(6)
"""Positions in ``State.numbers``: rows touched in this iteration, iterations, points now and at best, how often a best
was found, points by which the touched rows have changed."""
