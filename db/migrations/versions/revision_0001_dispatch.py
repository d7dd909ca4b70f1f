"""The data of dispatch: people, jobs, plans, events; and the trades that everybody knows."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

HERE = Path(__file__).parent


def upgrade() -> None:
    """Apply."""
    op.execute((HERE / "0001_dispatch.sql").read_text(encoding="utf-8"))
    op.execute((HERE / "0001_trades.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Undo."""
    op.execute((HERE / "0001_dispatch_undo.sql").read_text(encoding="utf-8"))
