"""Connections for one statement that is asked all the time: no transaction around it, and planned once.

``db.engine`` spends four round trips on one statement that reads: is the connection alive, begin, the statement, roll
back. A statement sees one snapshot by itself, and a connection that turns out to be dead is found out by asking.
"""

import asyncio
from collections.abc import Awaitable, Callable

import psycopg
from sqlalchemy.exc import OperationalError

from db.engine import CONNECT_TIMEOUT_S, STATEMENT_TIMEOUT_MS, libpq_url

_SETTINGS = {
    "statement_timeout": STATEMENT_TIMEOUT_MS,
    "timezone": "UTC",
    "jit": "off",
    "default_transaction_read_only": "on",
    # A plan made to measure looks cheaper to the planner than the prepared one, and costs as much time as the answer.
    "plan_cache_mode": "force_generic_plan",
}


class Reading:
    """A few connections of one event loop, opened as they are needed.

    Parameters
    ----------
    url : as ``db.engine.connect`` takes it
    most : connections open at once; who asks while all are in use waits
    wait_s : how long at most
    """

    def __init__(self, url: str, *, most: int, wait_s: float, application: str = "trades") -> None:
        self._url, self._wait_s, self._application = libpq_url(url), wait_s, application
        self._idle: list[psycopg.AsyncConnection] = []
        self._turns = asyncio.Semaphore(most)

    async def ask[Answer](self, question: Callable[[psycopg.AsyncConnection], Awaitable[Answer]]) -> Answer:
        """Let a question have a connection; it is asked again on a new one when the connection proves dead.

        Raises
        ------
        OperationalError : of SQLAlchemy, as elsewhere in ``db``: the database does not answer, or not in time
        TimeoutError : every connection was in use for ``wait_s``
        """
        async with asyncio.timeout(self._wait_s):
            await self._turns.acquire()
        try:
            while self._idle:
                connection = self._idle.pop()
                try:
                    return await self._asked(connection, question)
                except psycopg.OperationalError:
                    if not connection.closed:
                        raise
                    await self.close()  # the server went, and with it every connection
            return await self._asked(await self._connected(), question)
        except psycopg.OperationalError as error:
            raise OperationalError("a question that only reads", None, error) from error
        finally:
            self._turns.release()

    async def close(self) -> None:
        """Close the connections that are not in use."""
        idle, self._idle = self._idle, []
        for connection in idle:
            await connection.close()

    async def _asked[Answer](
        self, connection: psycopg.AsyncConnection, question: Callable[[psycopg.AsyncConnection], Awaitable[Answer]]
    ) -> Answer:
        try:
            answer = await question(connection)
        except psycopg.Error:
            if not connection.closed:
                self._idle.append(connection)
            raise
        except BaseException:
            await connection.close()  # interrupted, perhaps in the middle of an answer
            raise
        self._idle.append(connection)
        return answer

    async def _connected(self) -> psycopg.AsyncConnection:
        return await psycopg.AsyncConnection.connect(
            self._url,
            autocommit=True,
            connect_timeout=CONNECT_TIMEOUT_S,
            application_name=self._application,
            options=" ".join(f"-c {name}={value}" for name, value in _SETTINGS.items()),
        )
