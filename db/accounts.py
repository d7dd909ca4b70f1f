"""People who sign in. For now: who may administer; signing in comes with the marketplace."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Table, Text, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from db.types import created_column, id_column, metadata, new_id

ROLES = ("customer", "contractor", "dispatcher", "administrator")

accounts = Table(
    "accounts",
    metadata,
    id_column(),
    Column("email", Text, nullable=False, unique=True),
    Column("display_name", Text, nullable=False, server_default=""),
    Column("role", Text, nullable=False),
    created_column(),
    CheckConstraint("role in ('customer', 'contractor', 'dispatcher', 'administrator')", name="role"),
    CheckConstraint("email = lower(email) and position('@' in email) > 1", name="email"),
)


async def ensure_administrator(tx: AsyncConnection, email: str) -> UUID:
    """The administrator of this address, made if nobody has it; who has it already becomes one."""
    statement = (
        insert(accounts)
        .values(id=new_id(), email=email.strip().lower(), role="administrator", display_name="Administrator")
        .on_conflict_do_update(index_elements=["email"], set_={"role": text("'administrator'")})
        .returning(accounts.c.id)
    )
    made: UUID = (await tx.execute(statement)).scalar_one()
    return made
