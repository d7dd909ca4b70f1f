"""The statement behind ``db.nearby``: the nearest people who may come to a place, with what is known about their time.

Four steps: homes nearest first, then stops that people are at, then people who were just seen somewhere; of all those
the nearest, with their schedules. What the planner does with it:

- The order by ``<->`` walks a GiST index and stops at the limit. Filters sit outside of a subquery closed by
  ``offset 0``, or the planner, which thinks that they leave one row, would sort a whole trade instead.
- The point is a scalar subquery. A constant would be priced by statistics that know nothing of KNN; like this the
  plan is the same for every point, and the prepared one is as good as one made to measure.
- What is looked up about a person is correlated and runs only for rows that passed before it: never a join. The
  spans of a person are compared by their ends, so that no index on spans is taken for one on people.
- With enough people at home only stops nearer than the last of them matter, and no others are walked through.
- Distances are on the sphere (``use_spheroid`` false), as ``<->`` and ``geo.distance`` give them.
"""

# ruff: noqa: S608  # put together from the constants of this file; what people send are parameters

CANDIDATES = 50
"""How many people one question looks at: as many as a table of travel times takes in a few milliseconds."""

_POINT, _TRADE = "(table here)", "(table the_trade)"
_REACH = "(select greatest(reach_m, 1) from bound)"
_LIVE = "status in ('planned', 'started')"

# Somebody is at work at :at, by the minute of the week that clocks show where they are ...
_ON_DUTY = """
  (o.week_min @> mod(floor(date_part('epoch', :at at time zone o.timezone) / 60)::bigint + 4320, 10080)::int
   or o.contractor_id in (select contractor_id from on_call where period @> :at))
  and not exists (select from time_off f where f.contractor_id = o.contractor_id and f.period @> :at offset 0)"""

# ... or within the day that follows. 1970-01-01 was a Thursday: Monday 00:00 is minute 4320 before it, modulo a week.
_WITHIN_A_DAY = """
  (o.week_min && (select int4multirange(int4range(m, least(m + 1440, 10080)), int4range(0, greatest(m - 8640, 0)))
                  from (select mod(floor(date_part('epoch', :at at time zone o.timezone) / 60)::bigint + 4320, 10080)::int m) w)
   or o.contractor_id in (select contractor_id from on_call where period && tstzrange(:at, :until)))
  and not exists (select from time_off f where f.contractor_id = o.contractor_id
                  and f.period @> tstzrange(:at, :until) offset 0)"""

_SERVES_THE_POINT = f"""
  (select c.active and (not o.has_area or ST_Covers(c.service_area, {_POINT}))
   from contractors c where c.id = o.contractor_id)"""

_OF_THE_TRADE = f"""
  select contractor_id, home, reach_m, has_area, week_min, timezone, home <-> {_POINT} as home_m
  from offerings where trade_id = {_TRADE}"""
_OF_ANY_TRADE = f"""
  select id as contractor_id, home, reach_m, service_area is not null as has_area, timezone,
    (select week_min from offerings where contractor_id = contractors.id limit 1) as week_min, home <-> {_POINT} as home_m
  from contractors where active"""

_REACH_OF_THE_TRADE = f"select max(reach_m) as reach_m from offerings where trade_id = {_TRADE}"
# One look at the end of an index for each trade.
_REACH_OF_ANY_TRADE = (
    "select max((select max(reach_m) from offerings where trade_id = trades.id)) as reach_m from trades"
)


def statement(*, of_a_trade: bool, within_a_day: bool) -> str:
    """The SQL; without ``within_a_day`` only people who are at work at ``:at``."""
    # One row a person, for homes nearest first and for somebody who is known already.
    offerings, key = (_OF_THE_TRADE, "contractor_id") if of_a_trade else (_OF_ANY_TRADE, "id")
    bound = _REACH_OF_THE_TRADE if of_a_trade else _REACH_OF_ANY_TRADE
    willing = f"o.home_m <= o.reach_m and {_WITHIN_A_DAY if within_a_day else _ON_DUTY} and {_SERVES_THE_POINT}"
    the_trade = "the_trade as (select id from trades where name = :trade)," if of_a_trade else ""
    return f"""
with here as (select ST_Point(:lon, :lat)::geography), {the_trade}
bound as materialized (select coalesce(max(reach_m), 0) as reach_m from ({bound}) b),
homes as materialized (
  select o.contractor_id, o.home_m as m
  from ({offerings} and ST_DWithin(home, {_POINT}, {_REACH}, false) order by home <-> {_POINT} offset 0) o
  where {willing} and o.contractor_id <> all(:live_ids)
    and not exists (select from assignments a where a.contractor_id = o.contractor_id and {_LIVE}
                    and a.leaves_at < :at and a.departs_at >= :at offset 0)
  limit {CANDIDATES}
),
stops as materialized (
  select s.contractor_id, s.m
  from (select contractor_id, location <-> {_POINT} as m from assignments
        where {_LIVE} and period @> :just_before and ST_DWithin(location, {_POINT},
          (select case when count(*) = {CANDIDATES} then max(m) else greatest(:radius_m, {_REACH}) end from homes), false)
        order by location <-> {_POINT} offset 0) s
  where s.contractor_id <> all(:live_ids)
    and exists (select from ({offerings} and {key} = s.contractor_id offset 0) o where {willing} offset 0)
  limit {CANDIDATES}
),
seen as materialized (
  select l.contractor_id, l.m from unnest(:live_ids, :live_m) as l(contractor_id, m)
  where exists (select from ({offerings} and {key} = l.contractor_id offset 0) o where {willing} offset 0)
),
near as materialized (
  select contractor_id, m from (table homes union all table stops union all table seen) u
  order by m, contractor_id limit {CANDIDATES}
)
select bound.reach_m, c.id, c.name, c.rating::float8, c.timezone,
  ST_X(c.home::geometry), ST_Y(c.home::geometry),
  (select week_min::text from offerings o where o.contractor_id = c.id limit 1),
  array(select (select name from trades where id = o.trade_id) from offerings o where o.contractor_id = c.id),
  (select json_agg(json_build_array(ST_X(a.location::geometry), ST_Y(a.location::geometry),
     a.leaves_at, a.arrives_at, a.service_starts_at, a.service_ends_at, a.departs_at))
   from assignments a where a.contractor_id = c.id and {_LIVE}
     and a.leaves_at < :until and a.departs_at >= :at)::text,
  (select json_agg(b.value) from plan_days d, routes r, jsonb_array_elements(r.breaks) b
   where d.region = c.region and d.on_date between :first_on and :last_on and r.plan_id = d.plan_id
     and r.contractor_id = c.id)::text,
  (select json_agg(json_build_array(lower(f.period), coalesce(upper(f.period), :until))) from time_off f
   where f.contractor_id = c.id and f.period && tstzrange(:at, :until))::text,
  (select json_agg(json_build_array(lower(f.period), upper(f.period))) from on_call f
   where f.contractor_id = c.id and lower(f.period) < :until and upper(f.period) > :at)::text
from bound left join (near join contractors c on c.id = near.contractor_id) on true
order by near.m, near.contractor_id"""
