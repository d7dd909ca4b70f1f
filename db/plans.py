"""Plans of a day, versioned; the routes and stops of each version; and who is booked when."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, ExcludeConstraint

from db.types import created_column, id_column, instant_column, metadata, point_column, updated_column

plans = Table(
    "plans",
    metadata,
    id_column(),
    Column("region", Text, ForeignKey("regions.name"), nullable=False),
    Column("on_date", Date, nullable=False),
    Column("version", Integer, nullable=False, comment="counts up from 1 within a region's day"),
    Column("run_id", Uuid, ForeignKey("dispatch_runs.id"), comment="null: changed by hand"),
    Column("origin", Text, nullable=False, comment="what made it: run, change or undo"),
    Column("document", JSONB, nullable=False, comment="plan.json without its routes: figures, reasons, unassigned"),
    created_column(),
    UniqueConstraint("region", "on_date", "version"),
    CheckConstraint("version >= 1", name="version"),
    CheckConstraint("origin in ('run', 'change', 'undo')", name="origin"),
)

plan_days = Table(
    "plan_days",
    metadata,
    Column("region", Text, ForeignKey("regions.name"), primary_key=True),
    Column("on_date", Date, primary_key=True),
    Column("plan_id", Uuid, ForeignKey("plans.id"), comment="the plan in force; null: none"),
    Column("version", Integer, nullable=False, server_default="0", comment="of the last change; writers check it"),
    updated_column(),
)

routes = Table(
    "routes",
    metadata,
    Column("plan_id", Uuid, ForeignKey("plans.id", ondelete="CASCADE"), primary_key=True),
    Column("contractor_id", Uuid, ForeignKey("contractors.id"), primary_key=True),
    instant_column("starts_at"),
    instant_column("ends_at"),
    Column("travel_s", Integer, nullable=False),
    Column("service_s", Integer, nullable=False),
    Column("wait_s", Integer, nullable=False),
    Column("distance_m", Integer, nullable=False),
    Column("geometry", Text, nullable=False, comment="polyline of precision 6"),
    Column("breaks", JSONB, nullable=False, server_default="[]"),
    CheckConstraint("starts_at <= ends_at", name="span"),
    Index("ix_routes_contractor_id", "contractor_id"),
)

stops = Table(
    "stops",
    metadata,
    Column("plan_id", Uuid, primary_key=True),
    Column("contractor_id", Uuid, primary_key=True),
    Column("position", Integer, primary_key=True, comment="from 0"),
    Column("job_id", Uuid, ForeignKey("jobs.id"), nullable=False),
    instant_column("arrives_at"),
    instant_column("service_starts_at"),
    instant_column("departs_at"),
    Column("travel_s", Integer, nullable=False),
    Column("distance_m", Integer, nullable=False),
    Column("wait_s", Integer, nullable=False),
    Column("reasons", JSONB, nullable=False, server_default="[]"),
    ForeignKeyConstraint(["plan_id", "contractor_id"], ["routes.plan_id", "routes.contractor_id"], ondelete="CASCADE"),
    UniqueConstraint("plan_id", "job_id"),
    CheckConstraint("arrives_at <= service_starts_at and service_starts_at < departs_at", name="order"),
    Index("ix_stops_job_id", "job_id"),
)

LIVE = "status in ('planned', 'started')"

assignments = Table(
    "assignments",
    metadata,
    id_column(),
    Column("job_id", Uuid, ForeignKey("jobs.id"), nullable=False),
    Column("contractor_id", Uuid, ForeignKey("contractors.id"), nullable=False),
    Column("region", Text, ForeignKey("regions.name"), nullable=False),
    Column("on_date", Date, nullable=False),
    Column("status", Text, nullable=False, server_default="planned"),
    point_column("location", comment="the job's: where the contractor is free again"),
    instant_column("leaves_at", comment="the leg to the stop begins"),
    instant_column("arrives_at"),
    instant_column("service_starts_at"),
    instant_column("service_ends_at"),
    instant_column("departs_at"),
    Column("period", TSTZRANGE, Computed("tstzrange(leaves_at, departs_at, '[)')", persisted=True), nullable=False),
    created_column(),
    updated_column(),
    CheckConstraint("status in ('planned', 'started', 'done', 'released')", name="status"),
    Index("uq_assignments_live_job", "job_id", unique=True, postgresql_where=text(LIVE)),
    # Nobody is in two places. Checked at commit, so that a new plan may pass through states that overlap.
    ExcludeConstraint(
        ("contractor_id", "="),
        ("period", "&&"),
        name="ex_assignments_contractor_id_period",
        where=text(LIVE),
        deferrable=True,
        initially="DEFERRED",
    ),
    # KNN over stops under way: the distance is the order, the instant a condition that is looked at inside the index.
    Index("ix_assignments_under_way", "location", "period", postgresql_using="gist", postgresql_where=text(LIVE)),
    # What somebody is booked for from now on. The index of the constraint above is one on spans, and slower.
    Index("ix_assignments_contractor_id", "contractor_id", "departs_at", postgresql_where=text(LIVE)),
    Index("ix_assignments_day", "region", "on_date", postgresql_where=text(LIVE)),
)

dispatch_runs = Table(
    "dispatch_runs",
    metadata,
    id_column(),
    Column("region", Text, ForeignKey("regions.name"), nullable=False),
    Column("on_date", Date, nullable=False),
    Column("state", Text, nullable=False, server_default="queued"),
    Column("options", JSONB, nullable=False, comment="limit_s or budget_iterations, seed"),
    Column("phase", Text, nullable=False, server_default=""),
    Column("progress", Integer, nullable=False, server_default="0", comment="per cent"),
    Column("best", BigInteger, comment="points of the best plan so far"),
    Column("base_version", Integer, comment="of plan_days when the rows were read"),
    Column("document", JSONB, comment="the proposed plan.json"),
    Column("difference", JSONB, comment="to the plan in force when the run ended"),
    Column("outcome", JSONB, comment="what the commit did with each job"),
    Column("failure", JSONB, comment="code and message"),
    Column("cancel_asked", Integer, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("planner", Text, comment="which planner holds it"),
    instant_column("seen_at", nullable=True, comment="the planner's last sign of life"),
    Column("committed_plan_id", Uuid, comment="the version that the commit made"),
    created_column(),
    updated_column(),
    CheckConstraint(
        "state in ('queued', 'running', 'ready', 'committed', 'undone', 'cancelled', 'failed')", name="state"
    ),
    Index("ix_dispatch_runs_open", "state", postgresql_where=text("state in ('queued', 'running')")),
    Index("ix_dispatch_runs_day", "region", "on_date", "created_at"),
)
