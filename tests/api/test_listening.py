"""The socket of the server."""

import asyncio
import socket
from contextlib import closing

from api.listening import listen


async def test_a_small_answer_is_not_held_back_until_the_client_has_heard_of_the_one_before():
    answered: asyncio.Queue[int] = asyncio.Queue()

    async def answer(_reader, writer):
        connection = writer.get_extra_info("socket")
        answered.put_nowait(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    with closing(listen("127.0.0.1", 0)) as listening:
        async with await asyncio.start_server(answer, sock=listening):
            _, writer = await asyncio.open_connection(*listening.getsockname())
            assert await answered.get() == 1
            writer.close()
