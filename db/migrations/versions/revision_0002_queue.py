"""The queue: procrastinate's own tables and functions, as the library brings them."""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

UNDO = """
DO $$
DECLARE
    thing text;
BEGIN
    DROP TABLE procrastinate_periodic_defers, procrastinate_events, procrastinate_jobs, procrastinate_workers CASCADE;
    FOR thing IN SELECT oid::regprocedure::text FROM pg_proc WHERE proname LIKE 'procrastinate%' LOOP
        EXECUTE 'DROP FUNCTION ' || thing || ' CASCADE';
    END LOOP;
    FOR thing IN
        SELECT oid::regtype::text FROM pg_type WHERE typname LIKE 'procrastinate%' AND typtype IN ('c', 'e')
    LOOP
        EXECUTE 'DROP TYPE ' || thing || ' CASCADE';
    END LOOP;
END
$$
"""


def upgrade() -> None:
    """Apply."""
    op.execute(SchemaManager.get_schema())


def downgrade() -> None:
    """Undo."""
    op.execute(UNDO)
