"""The statement behind ``db.nearby``: the nearest people who may come to a place, with what is known about their time.

Four steps: homes nearest first, then stops that people are at, then people who were just seen somewhere; of all those
the nearest, with their schedules. What the planner does with it:

- The order by ``<->`` walks an index and stops at the limit. Filters sit outside of a subquery closed by
  ``offset 0``, or the planner, which thinks that they leave one row, would sort a whole trade instead.
- What was asked stands in a row of its own, and is read by scalar subqueries. Constants would be priced by statistics
  that know nothing of KNN; like this the plan is the same for every point, and the prepared one is as good as one made
  to measure. The planner cannot know that and would plan anew each time, which takes as long as the answer:
  ``db.reading`` forbids it.
- What is looked up about a person is correlated and runs only for rows that passed before it: never a join. The
  spans of a person are compared by their ends, so that no index on spans is taken for one on people.
- With enough people at home only stops nearer than the last of them matter, and no others are walked through.
- When hardly anybody is at work, nearly all whom the walk meets are passed over. So it ends after ``WALKED`` homes;
  only when that was not enough the weeks of the trade are looked up, which are few: many work the same hours. Those at
  work are then found by their week, if they are few, and by a walk through all otherwise.
- Distances are on the sphere (``use_spheroid`` false), as ``<->`` and ``geo.distance`` give them. Homes are walked through
  on a plane, which ``db.nearest`` puts right.
"""

# ruff: noqa: S608  # put together from the constants of this file; what people send are parameters

from db.nearest import APART, HOME_M, MARGIN, around, homes_in_box, walk, walked

CANDIDATES = 50
"""How many people one question looks at: as many as a table of travel times takes in a few milliseconds."""

WALKED = 300
"""Homes that are looked at before hours of work are: enough for all candidates while a sixth of the people is at work."""

WEEKS = 200
FEW = 2000
"""So many different weeks of a trade are looked through, and so many people of them sorted, in about the time that the
walk takes for ``WALKED`` homes (measured on 50,000 plumbers of one town: 8 µs a home)."""

_ASKED = """asked as materialized (
  select $1::float8 as lon, $2::float8 as lat, ST_Point($1, $2)::geography as point, $3::timestamptz as at, $4::timestamptz as until, $5::float8 as radius_m,
    ($3::timestamptz - interval '1 day')::date as first_on, ($4::timestamptz + interval '1 day')::date as last_on),
live as materialized (select contractor_id, m from unnest($6::uuid[], $7::float8[]) l(contractor_id, m))"""
_POINT, _TRADE = "(select point from asked)", "(table the_trade)"
_AT, _UNTIL = "(select at from asked)", "(select until from asked)"
_REACH = "(select greatest(reach_m, 1) from bound)"
_NOT_LIVE = "contractor_id not in (select contractor_id from live)"
_LIVE = "status in ('planned', 'started')"

_MINUTE = f"mod(floor(date_part('epoch', {_AT} at time zone o.timezone) / 60)::bigint + 4320, 10080)::int"

# Somebody is at work at that instant, by the minute of the week that clocks show where they are ...
_ON_DUTY = f"""
  (o.week_min @> {_MINUTE}
   or o.contractor_id in (select contractor_id from on_call where period @> {_AT}))
  and not exists (select from time_off f where f.contractor_id = o.contractor_id and f.period @> {_AT} offset 0)"""

# ... or within the day that follows. 1970-01-01 was a Thursday: Monday 00:00 is minute 4320 before it, modulo a week.
_WITHIN_A_DAY = f"""
  (o.week_min && (select int4multirange(int4range(m, least(m + 1440, 10080)), int4range(0, greatest(m - 8640, 0)))
     from (select mod(floor(date_part('epoch', {_AT} at time zone o.timezone) / 60)::bigint + 4320, 10080)::int m) w)
   or o.contractor_id in (select contractor_id from on_call where period && (select tstzrange(at, until) from asked)))
  and not exists (select from time_off f where f.contractor_id = o.contractor_id
                  and f.period @> (select tstzrange(at, until) from asked) offset 0)"""

_SERVES_THE_POINT = f"""
  (select c.active and (not o.has_area or ST_Covers(c.service_area, {_POINT}))
   from contractors c where c.id = o.contractor_id)"""

_OF_THE_TRADE = f"""
  select contractor_id, reach_m, has_area, week_min, timezone, {HOME_M} as home_m, {APART} as apart
  from offerings where trade_id = {_TRADE}"""
_OF_ANY_TRADE = f"""
  select id as contractor_id, reach_m, service_area is not null as has_area, timezone,
    (select week_min from offerings where contractor_id = contractors.id limit 1) as week_min,
    {HOME_M} as home_m, {APART} as apart
  from contractors where active"""

_UNBOOKED = f"""
  not exists (select from assignments a where a.contractor_id = o.contractor_id and {_LIVE}
              and a.departs_at >= {_AT} and a.leaves_at < {_AT} offset 0)"""

# The next week after one that is known is one look into an index, however many people have it.
_WEEKS = f"""recursive weeks as (
  (select timezone, week_min from offerings where trade_id = {_TRADE} order by timezone, week_min limit 1)
  union all
  select following.* from weeks cross join lateral (
    select timezone, week_min from offerings where trade_id = {_TRADE}
      and (timezone, week_min) > (weeks.timezone, weeks.week_min) order by timezone, week_min limit 1) following
),
known_weeks as materialized (select timezone, week_min from weeks limit {WEEKS + 1}),
weeks_on_duty as materialized (select timezone, week_min from known_weeks o where week_min @> {_MINUTE}),
few as materialized (
  select (select count(*) from known_weeks) <= {WEEKS} and (select count(*) from (
    select from weeks_on_duty w cross join lateral (
      select from offerings where trade_id = {_TRADE} and timezone = w.timezone and week_min = w.week_min
      limit {FEW + 1}) o
    limit {FEW + 1}) counted) <= {FEW} as few
)"""

_REACH_OF_THE_TRADE = f"select max(reach_m) as reach_m from offerings where trade_id = {_TRADE}"
# One look at the end of an index for each trade.
_REACH_OF_ANY_TRADE = (
    "select max((select max(reach_m) from offerings where trade_id = trades.id)) as reach_m from trades"
)

_NEAREST_WALKED = f"select contractor_id, m from walked order by m, contractor_id limit {CANDIDATES}"


def statement(*, of_a_trade: bool, within_a_day: bool, in_box: bool = False) -> str:
    """The SQL; without ``within_a_day`` only people who are at work at that instant.

    $1, $2 are the point, $3 and $4 from when to when, $5 the radius, $6 and $7 who was seen how far away, $8 the trade.
    The first three columns are how far people go and what ``db.nearest.look_again_m`` asks for. Where it says so, the
    same is asked ``in_box``, with that number in the end.
    """
    # One row a person, for homes nearest first and for somebody who is known already.
    offerings, key, strip = (_OF_THE_TRADE, "contractor_id", _TRADE) if of_a_trade else (_OF_ANY_TRADE, "id", "0")
    bound = _REACH_OF_THE_TRADE if of_a_trade else _REACH_OF_ANY_TRADE
    willing = f"o.home_m <= o.reach_m and {_WITHIN_A_DAY if within_a_day else _ON_DUTY} and {_SERVES_THE_POINT}"
    passing = f"{willing} and {_NOT_LIVE} and {_UNBOOKED}"
    by_hours = of_a_trade and not within_a_day and not in_box
    if in_box:
        homes = homes_in_box(CANDIDATES, f"{'$9' if of_a_trade else '$8'}::float8", offerings, passing, strip)
    else:
        homes = f"{around(_REACH, strip)}, {(_homes_by_hours if by_hours else _homes)(offerings, passing)}"
    walk_ended = f"(select case when count(*) = {CANDIDATES + MARGIN} then max(apart) end from walked)"
    ended = "null::float8" if in_box else walk_ended
    the_trade = "the_trade as materialized (select id from trades where name = $8)," if of_a_trade else ""
    written = f"""
with {f"{_WEEKS}," if by_hours else ""} {_ASKED}, {the_trade}
bound as materialized (select coalesce(max(reach_m), 0) as reach_m from ({bound}) b),
{homes},
stops as materialized (
  select s.contractor_id, s.m
  from (select contractor_id, location <-> {_POINT} as m from assignments
        where {_LIVE} and period @> (select at - interval '1 microsecond' from asked) and ST_DWithin(location, {_POINT},
          (select case when count(*) = {CANDIDATES} then max(m) when (select reach_m from bound) = 0 then 0
             else greatest((select radius_m from asked), {_REACH}) end from homes), false)
        order by location <-> {_POINT} offset 0) s
  where {_NOT_LIVE}
    and exists (select from ({offerings} and {key} = s.contractor_id offset 0) o where {willing} offset 0)
  limit {CANDIDATES}
),
seen as materialized (
  select l.contractor_id, l.m from live l
  where exists (select from ({offerings} and {key} = l.contractor_id offset 0) o where {willing} offset 0)
),
near as materialized (
  select contractor_id, m from (table homes union all table stops union all table seen) u
  order by m, contractor_id limit {CANDIDATES}
),
people as materialized (
  select id, m, name, rating, timezone, home, region from near join contractors on id = contractor_id
),
plans_in_force as materialized (
  select region, plan_id from plan_days where region in (select region from people)
    and on_date between (select first_on from asked) and (select last_on from asked)
)
select bound.reach_m, {ended}, (select max(m) from homes), c.id, c.name, c.rating::float8, c.timezone,
  ST_X(c.home::geometry), ST_Y(c.home::geometry), o.week_min, o.trades,
  (select json_agg(json_build_array(ST_X(a.location::geometry), ST_Y(a.location::geometry),
     a.leaves_at, a.arrives_at, a.service_starts_at, a.service_ends_at, a.departs_at))
   from assignments a where a.contractor_id = c.id and {_LIVE}
     and a.departs_at >= {_AT} and a.leaves_at < {_UNTIL})::text,
  (select json_agg(b.value) from routes r, jsonb_array_elements(r.breaks) b
   where r.contractor_id = c.id and r.plan_id in (select plan_id from plans_in_force p where p.region = c.region))::text,
  (select json_agg(json_build_array(lower(f.period), coalesce(upper(f.period), {_UNTIL}))) from time_off f
   where f.contractor_id = c.id and f.period && (select tstzrange(at, until) from asked))::text,
  (select json_agg(json_build_array(lower(f.period), upper(f.period))) from on_call f
   where f.contractor_id = c.id and lower(f.period) < {_UNTIL} and upper(f.period) > {_AT})::text
from bound left join (people c cross join lateral (
    select min(week_min::text) as week_min, array_agg((select name from trades where id = trade_id)) as trades
    from offerings where contractor_id = c.id) o) on true
order by c.m, c.id"""
    return " ".join(written.split())


def _homes(offerings: str, passing: str) -> str:
    """Homes of whoever passes: the nearest."""
    return f"""{walked("walked", f"{walk(offerings)} offset 0", passing, CANDIDATES)},
homes as materialized ({_NEAREST_WALKED})"""


def _homes_by_hours(offerings: str, passing: str) -> str:
    """Homes of people at work: the nearest, or else those whose week says so, or else all."""
    too_few = f"(select count(*) from nearest) < {CANDIDATES + MARGIN}"
    by_week = f"{too_few} and (select few from few)"
    of_all = f"{too_few} and not (select few from few)"
    return f"""{walked("nearest", f"{walk(offerings)} limit {WALKED}", passing, CANDIDATES)},
at_work as materialized (
  select o.contractor_id, o.home_m as m from (
    select o.* from weeks_on_duty w cross join lateral (
      {offerings} and timezone = w.timezone and week_min = w.week_min offset 0) o
    union
    select o.* from (select distinct contractor_id from on_call where period @> {_AT}) c cross join lateral (
      {offerings} and contractor_id = c.contractor_id offset 0) o
  ) o
  where {by_week} and {passing}
  order by o.home_m, o.contractor_id limit {CANDIDATES}
),
{walked("everybody", f"{walk(offerings)} offset 0", passing, CANDIDATES, of_all)},
walked as materialized (select * from nearest where not ({too_few}) union all table everybody),
homes as materialized (({_NEAREST_WALKED}) union all table at_work)"""
