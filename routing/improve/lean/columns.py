"""Where what stands in the arrays of the fast kernel."""

NODE, ARC, DRIVE, LOAD, FREE, FREE_BY, OWING, OWING_BY = range(8)
"""Columns of a position in a row: the node; points and seconds of the leg that leaves it; what the row has taken on up to
it; earliest end of service and latest readiness with the break taken or none owed; the same with the break still owed.
Position 0 is where the row begins, the one behind the last stop where it ends."""

START, END, OPENS, LAST_RETURN, LAST_OWING, FIXED, CAPACITY, MOST_STOPS, MOST_TRAVEL, KIND = range(10)
HAS_BREAK, BREAK_FROM, BREAK_UNTIL, BREAK_S, SHIFT_S, SERVICE_ROW, SURCHARGE_ROW, N_FROZEN, MOST_WORK = range(10, 19)
DRIVE_AT, COST_AT, METRES_AT, MOST_METRES, CAPACITIES = range(19, 24)
"""Columns of ``Ground.vehicle``: nodes, seconds, points, limits; KIND is the same where empty rows are; latest returns
with the break taken and owed; SERVICE_ROW and SURCHARGE_ROW say where the person's own figures stand, DRIVE_AT, COST_AT
and METRES_AT with which row of ``Ground.drive``, ``cost`` and ``metres`` the person's own matrix begins; from CAPACITIES
on the most of each load, where loads are collected or of several dimensions."""

EARLIEST, UNTIL, DEMAND, CLASS, FROZEN_AT, BRINGS, FETCHED, LOADS = range(8)
"""Columns of ``Ground.stop``: when service may begin, load, who may serve it, start of service where frozen or -1; where
what is fetched here is brought, where what is brought here is fetched, or -1; from LOADS on two of each dimension, where
loads are collected or of several dimensions: what is given, and what is taken along, below 0 where it is left."""

LENGTH, TRAVEL, IDLE, STAMP, BROKEN_PROMISES, N_SAVED = range(6)
SAVED, TOUCHED_IN, BEST_STAMP, BEST_LENGTH, N_HEAD = (
    N_SAVED,
    2 * N_SAVED,
    2 * N_SAVED + 1,
    2 * N_SAVED + 2,
    2 * N_SAVED + 3,
)
"""Columns of ``State.head``: stops, seconds driven, seconds of the shift without driving, service or break; a number that
changes whenever the row does; points of promised times that are not kept; from SAVED on all of them as they were before
this iteration; the iteration that touched it last; the row as it was at best."""

TAKES, LEAVE_BY, REST_TAKES, REST_FROM, ON_BOARD = range(5)
"""Columns of ``State.work``: shortest duration of the row up to a position, with its service, and the latest departure
that keeps it; shortest duration from there on, and the earliest start that keeps it; from ON_BOARD on three of each
load: what is on board behind the position, the most until then, the most from then on."""

PROMISED_AT, TOLERANCE, COST_TIME = range(3)
"""Columns of ``Ground.promise``: seconds, seconds, points."""

TOTAL, BEST, ITERATION, N_TOUCHED, N_LEFT, NEXT_STAMP, N_BAG, N_IMPROVED, N_BROKEN, UNTIL_BLINK, PAIRED, N_NUMBERS = (
    range(12)
)
"""Positions in ``State.numbers``: points now and at best, iterations, rows touched in this one, stops that nobody serves,
the next stamp, stops taken out, how often a best was found, rows rebuilt in this iteration that cannot be driven,
how many rows are looked at until one is looked past; whether anything is fetched and brought."""
