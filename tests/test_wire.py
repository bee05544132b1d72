"""What comes in by the wire and is no request: it is hung up on, and nobody is told of a fault."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hostileweb import Server, assert_no_fault

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("home"), "first_steps", 3) as served:
        yield served


@pytest.mark.parametrize(
    "request_",
    [
        b"HEAD / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" + b"x" * 200_000,
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /room HTTP/1.1\r\nHost: elsewhere.example\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"y" * 200_000 + b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    ],
    ids=["a body after a head", "a body in no pieces", "the same from elsewhere", "a line without end",
         "a greeting of TLS", "a socket for the web"],
)  # fmt: skip
def test_what_is_no_request_is_hung_up_on_and_the_next_is_answered(server: Server, request_: bytes) -> None:
    for answer in server.send(*[request_] * 5, half=True):
        assert answer.status is None or answer.status < 500
    (page,) = server.send(server.request("GET", "/"))
    assert page.status == 200
    assert_no_fault(server)
    assert b"Invalid" not in server.told
    assert b"pip install" not in server.told
