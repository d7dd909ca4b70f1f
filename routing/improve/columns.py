"""Where what stands in the arrays of the compiled search: few wide arrays, for each costs every call."""

GROUND, PRICE, START, END, OPENS, CLOSES, FIXED, HOURLY, N_BREAKS = range(9)
MOST_STOPS, MOST_TRAVEL, MOST_DISTANCE, OVERTIME_FROM, OVERTIME_COST, N_FROZEN, MOST_WORK = range(9, 16)
"""Columns of ``Field.vehicle``: which matrix and prices, places, shift in seconds, points when used and for an hour of
service, counts and limits."""

PLACE, UNSERVED, DUE, LATE_COST, MATE, IS_DELIVERY, FROZEN_AT, WINDOW_FROM, WINDOW_TO = range(9)
HEAD, UNIT_FROM, UNIT_TO, FALL_FROM, FALL_TO, LINK_FROM, LINK_TO = range(9, 16)
PROMISED, TOLERANCE, MOVED_COST, FOLLOWS, ORDER_COST = range(16, 21)
"""Columns of ``Field.stop``; MATE is the other end of a delivery or -1, FROZEN_AT the start of service or -1. HEAD is the
first of its unit; where its unit and what falls with it stand in ``Field.lists``, and its links in ``Field.links``; the
start that was promised, how far off it still counts, what another costs; the stop promised just before, -1 for none and
-2 for one that nobody knows, and what another costs."""

OTHER, KIND, LEAST, MOST = range(4)
"""Columns of ``Field.links``: a stop whose time this one's depends on, how, and the gap in seconds."""

TOGETHER, AFTER, BEFORE_IT = range(3)
"""Kinds of links: this stop begins with the other, after the other ends, or ends before the other begins."""

LASTS, N_SPANS, SPANS = range(3)
"""Columns of ``Field.breaks``: seconds, how many windows it may begin in, and where those begin, two columns each."""

SETUPS, TIMED, LINKED, LABELLED, ORDERED = range(5)
"""Positions in ``Field.flags``: whether there are set-ups; whether prices or limits depend on times, stops on each other;
whether waiting may pay or breaks bear on what times cost; whether an order was promised."""

LENGTH, SAVED_LENGTH, BEST_LENGTH, TRAVEL, METRES, POINTS, IDLE, FINE, STAMP, TOUCHED_ROW = range(10)
SEEN, MEMBER_ROW, TIMES_COST, UNTIMED, TIED_STAMP, TIED_ROW = range(10, 16)
"""Columns of ``State.row``: stops now, before this iteration, at best; seconds and metres driven; points with everything
that times cost; seconds of the shift without driving, service or breaks; whether the row can be driven; the iteration
that touched it last; and, by rank, the rows touched in this iteration.

Where stops are linked: the look at tied rows that saw it last; by rank, the rows of that look; points of its times, and
whether those are still to be found; the iteration in which its times were looked at; by rank, the rows of which that is
this one."""

BEGINS, ENDS = range(2)
"""Of ``State.served``: when service begins and ends, by stop, in rows that are linked."""

ADDED, ROW, WHERE, TO, NEWLY = range(5)
"""Columns of ``State.places``: points that a way adds, vehicle and positions, whether it touched the row first."""

DEPARTS, LATEST = range(2)
"""Of ``State.times``: earliest end of service before a position, latest readiness to begin there, by layer."""

LOAD, BEFORE, BEHIND = range(3)
"""Of ``State.loads``: what is on board after so many stops, the most until then, the most from then on."""

READY, CURRENT, ONWARD, RESTS_AT = range(4)
"""Rows of ``State.layers``."""

TOUCHED, ITERATION, TOTAL, BEST, IMPROVED, CHANGED, LOOK, N_TIED = range(8)
"""Positions in ``State.numbers``: rows touched in this iteration, iterations, points now and at best, how often a best
was found, points by which the touched rows have changed, looks at tied rows, rows whose times were looked at in this
iteration."""

CLOCK, COST, PARENT, BEGUN, RESTS = range(5)
"""Columns of ``State.labels``: the moment, points so far, the label before, the start of service, then leg and start of
each break taken."""
