"""What the cells of a row say of a person or a job, for no day in particular; faults stay in the cells."""

from dispatch.cell_values import Cells
from dispatch.columns import DURATION_MIN_MOST, PRIORITY_MOST, WHOLE_MOST
from dispatch.standing_types import StandingContractor, StandingJob, StandingShift
from dispatch.types import DEFAULT_PRIORITY
from routing.types import DEFAULT_COST_PER_HOUR


def contractor_of(cells: Cells) -> StandingContractor | None:
    """One person, or None with the faults in ``cells``."""
    name = cells.text("name")
    contractor_id = cells.needed("id", "give every contractor an id of its own")
    cells.needed("trades", "write at least one trade, several as plumber;electrician")
    trades = cells.names("trades")
    if cells.text("trades") and not trades:
        cells.fault("trades", f"trades {cells.text('trades')!r} names no trade; write for example plumber;electrician")
    home = cells.point("lon", "lat")
    shift = cells.shift("shift_start", "shift_end")
    end = cells.point("end_lon", "end_lat") if cells.text("end_lon") or cells.text("end_lat") else None
    pause = cells.pause(("break_start", "break_end", "break_min"), shift)
    starts_min, ends_min = cells.minutes("shift_start"), cells.minutes("shift_end")
    max_jobs = cells.whole("max_jobs", 1, WHOLE_MOST, "")
    max_travel_min = cells.whole("max_travel_min", 0, WHOLE_MOST, " of minutes")
    cost_per_hour = cells.whole("cost_per_hour", 0, WHOLE_MOST, " of points")
    cost_per_km = cells.whole("cost_per_km", 0, WHOLE_MOST, " of points")
    cost_fixed = cells.whole("cost_fixed", 0, WHOLE_MOST, " of points")
    area = cells.area("service_area", home)
    if cells.faults or contractor_id is None or home is None or starts_min is None or ends_min is None:
        return None
    return StandingContractor(
        id=contractor_id,
        name=name,
        trades=trades,
        home=home,
        shift=StandingShift(
            starts_min,
            ends_min,
            cells.minutes("break_start"),
            cells.minutes("break_end"),
            None if pause is None else pause.duration_s,
        ),
        end=end,
        skills=cells.names("skills"),
        max_jobs=max_jobs,
        max_travel_s=None if max_travel_min is None else 60 * max_travel_min,
        cost_per_hour=DEFAULT_COST_PER_HOUR if cost_per_hour is None else cost_per_hour,
        cost_per_km=cost_per_km or 0,
        cost_fixed=cost_fixed or 0,
        area=area,
        area_said=cells.has("service_area"),
    )


def job_of(cells: Cells) -> StandingJob | None:
    """One job, or None with the faults in ``cells``."""
    job_id = cells.needed("id", "give every job an id of its own")
    trade = cells.needed("trade", "write the trade it takes, such as plumber")
    point = cells.point("lon", "lat")
    cells.needed("duration_min", f"write whole minutes from 1 to {DURATION_MIN_MOST}")
    duration_min = cells.whole("duration_min", 1, DURATION_MIN_MOST, " of minutes")
    cells.window("window_start", "window_end")
    priority = cells.whole("priority", 0, PRIORITY_MOST, "")
    unserved_cost = cells.whole("unserved_cost", 0, WHOLE_MOST, " of points")
    if cells.faults or job_id is None or trade is None or point is None or duration_min is None:
        return None
    return StandingJob(
        id=job_id,
        trade=trade,
        point=point,
        duration_s=60 * duration_min,
        address=cells.text("address"),
        window_start_min=cells.minutes("window_start"),
        window_end_min=cells.minutes("window_end"),
        priority=DEFAULT_PRIORITY if priority is None else priority,
        unserved_cost=unserved_cost,
        skills=cells.names("skills"),
        preferred_contractor=cells.text("preferred_contractor") or None,
        required_contractor=cells.text("required_contractor") or None,
        excluded_contractors=cells.names("excluded_contractors"),
    )
