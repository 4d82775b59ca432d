"""From a run folder to a server that answers until Ctrl-C."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

import numpy as np

from ..backends.context import BackendSpec, ContextSpec
from ..backends.cpus import usable_cpus
from ..digitize.digits.size import SIZE
from ..digitize.picture_reader import picture_bounds
from ..errors import DataError, SetupError
from ..installing import install_command
from ..predict.opening import (
    Amount,
    EvaluationRequest,
    open_evaluator,
    resizing_note,
    trained_network,
    trained_preprocessing,
)
from ..wording import Say
from .batcher import Batcher, Predict, padded
from .digit import MOST_ANSWER, READ_DIGIT
from .limits import CapacityLimiter, Limits, Refused, client_of
from .open_files import ACCEPTED_AT_ONCE, Shortages, allow_connections
from .readers import Readers
from .store import Store

try:
    import h11
    import uvicorn
    from uvicorn.protocols.http.h11_impl import H11Protocol

    from .api import Served, make_api
    from .guard import HEADERS, Guard, error_response
except ModuleNotFoundError as error:
    raise SetupError(
        f"the server needs {error.name}, which is not installed: {install_command('serve')}"
    ) from error

if TYPE_CHECKING:
    from types import FrameType

    from uvicorn.protocols.http.h11_impl import RequestResponseCycle

# The work for which the backend ``fastest`` has to be the fastest: many digits, mostly one by one.
_ANSWERS = Amount(images=100_000, at_once=1)

_OTHER_PORT = "; --port 0 takes any free port"
_WAITING = 1024  # connections that the system keeps until they are accepted


@dataclass(frozen=True)
class Serving:
    """How to serve.

    ``store`` is a folder for corrected digits, None to keep none; ``names`` are names of this
    server besides its addresses and localhost; ``preprocessing`` replaces that of the run; with a
    ``batch_size`` of 1 there are no batches; ``tta`` is how many views of each digit are
    predicted. ``name`` is the name of a network that has no run folder, such as an installed one.

    >>> Serving(port=0, store=Path("mine")).batch_size
    32
    """

    host: str = "127.0.0.1"
    port: int = 8000
    store: Optional[Path] = None
    names: Sequence[str] = ()
    context: ContextSpec = "cpu"
    backend: BackendSpec = "auto"
    preprocessing: Optional[str] = None
    batch_size: int = 32
    tta: int = 1
    name: str = ""
    limits: Limits = field(default_factory=Limits)


def serve(run: Path, wanted: Serving, say: Say) -> None:
    """Serve a run's network until Ctrl-C.

    Args:
        run: its folder.
        wanted: the options.
        say: told the address once the server answers.

    Raises:
        MxdigitsError: if the run, the device, the store or the address cannot be used.

    >>> serve(Path("runs/mlp/20261123T153755Z-62fd27"), Serving(port=0), print)  # doctest: +SKIP
    """
    trained = trained_network(run)
    network = trained.network
    if network.image_shape != (1, SIZE, SIZE):
        raise DataError(
            f"the network of {run} takes images of shape {network.image_shape}; "
            f"only (1, {SIZE}, {SIZE}) can be served"
        )
    preprocessing = trained_preprocessing(trained, wanted.preprocessing)
    preprocessing.check()
    limits = wanted.limits
    store = None if wanted.store is None else Store(wanted.store, network.classes, limits.stored)
    with _listening(wanted.host, wanted.port) as listener, _reading(limits) as readers:
        readers.warm_up()
        batcher = Batcher(lambda: _load(run, wanted, say), wanted.batch_size)
        batcher.start()
        name = wanted.name or "/".join(run.resolve().parts[-2:])
        served = Served(name, network.classes, preprocessing, batcher, readers, store)
        limits = replace(limits, connections=allow_connections(limits.connections, say))
        server = make_server(served, limits, [wanted.host, *wanted.names])
        if store is not None:
            say(f"corrected digits are kept in {store.folder}, {store.count} so far")
        if note := resizing_note(trained, wanted.preprocessing):
            say(note)
        what = f"the network {wanted.name}" if wanted.name else run
        say(f"{_url(listener)} serves {what}; Ctrl-C stops it")
        asyncio.run(server.serve(sockets=[listener]))
        batcher.close()


def make_readers(limits: Limits) -> Readers:
    """Make the readers of pictures, one more than the CPUs; the caller starts and closes them.

    >>> readers = make_readers(Limits(picture_seconds=2))  # doctest: +SKIP
    """
    bounds = picture_bounds(
        limits.picture_pixels,
        cpu_seconds=limits.picture_seconds,
        seconds=3 * limits.picture_seconds,
        content=limits.body_bytes,
        answer=MOST_ANSWER,
    )
    return Readers(READ_DIGIT, bounds, 1 + min(4, usable_cpus()))


@contextmanager
def _reading(limits: Limits) -> Iterator[Readers]:
    readers = make_readers(limits)
    readers.start()
    try:
        yield readers
    finally:
        readers.close()


def _load(run: Path, wanted: Serving, say: Say) -> Predict:
    """Load the network and warm it up with one batch of every size."""
    request = EvaluationRequest(context=wanted.context, backend=wanted.backend, tta=wanted.tta)
    evaluator = open_evaluator(run, request, say, many=_ANSWERS)
    for size in range(1, wanted.batch_size + 1):
        images = np.zeros((size, SIZE, SIZE), np.uint8)
        if len(padded(images)) == size:
            evaluator.predict(images)
    predict: Predict = evaluator.predict
    return predict


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    try:
        (family, *_, address), *_ = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        listener = socket.create_server(address[:2], family=family, backlog=_WAITING)
    except (OSError, OverflowError) as error:
        # asyncio and socket add words to the system's message.
        number = getattr(error, "errno", None) or 0
        reason = os.strerror(number) if number > 0 else getattr(error, "strerror", error)
        how = _OTHER_PORT if number in (errno.EADDRINUSE, errno.EACCES) else ""
        raise SetupError(f"cannot listen on {host}:{port}: {reason}{how}") from None
    with listener:
        # asyncio sets this only for sockets made with IPPROTO_TCP. Without it, an answer of two
        # writes may wait 40 ms for the client's delayed acknowledgement of the first.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listener


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def make_server(served: Served, limits: Limits, names: Sequence[str] = ()) -> uvicorn.Server:
    """Make a server for a started batcher; its method ``serve`` takes the listening sockets.

    Args:
        served: what to serve.
        limits: what clients may ask of it.
        names: names of this server, besides its addresses and localhost.

    >>> server = make_server(served, Limits(), names=["digits.example"])  # doctest: +SKIP
    """
    config = uvicorn.Config(
        Guard(make_api(served, limits), limits, names),
        http=_protocol(limits),
        ws="none",
        lifespan="off",
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
        backlog=ACCEPTED_AT_ONCE,
    )
    return _Server(config, served.readers)


class _Server(uvicorn.Server):
    """A server that ends without an error when it is stopped. A second signal ends it at once."""

    def __init__(self, config: uvicorn.Config, readers: Readers):
        super().__init__(config)
        self._readers = readers

    async def startup(self, sockets: Optional[list[socket.socket]] = None) -> None:
        asyncio.get_running_loop().set_exception_handler(Shortages())
        await super().startup(sockets)
        # asyncio also accepts as many connections at a time as the backlog says; connections
        # that wait in the system need no file of this process.
        for each in sockets or ():
            each.listen(_WAITING)

    def handle_exit(self, sig: int, frame: Optional[FrameType]) -> None:
        if self.should_exit:
            self._readers.kill()
            os._exit(128 + sig)
        super().handle_exit(sig, frame)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield  # only the main thread may set a handler
            return
        stops = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as nohup leaves it
            stops.append(signal.SIGHUP)
        before = {stop: signal.signal(stop, self.handle_exit) for stop in stops}
        try:
            yield
        finally:
            for stop, handler in before.items():
                signal.signal(stop, handler)


def _protocol(limits: Limits) -> type[H11Protocol]:
    """The protocol of uvicorn, with a time limit for a request's header, which uvicorn lacks."""
    places = CapacityLimiter(limits.connections, "connections", limits.share)

    class TimeoutProtocol(H11Protocol):
        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._client = client_of(self.client)
            try:
                places.take(self._client)
            except Refused:
                transport.abort()
            else:
                self._look_again()

        def connection_lost(self, exc: Optional[Exception]) -> None:
            super().connection_lost(exc)
            if hasattr(self, "_next_look"):
                places.give(self._client)
                self._next_look.cancel()

        def send_400_response(self, msg: str) -> None:
            """Answer in the form of the application, which has not seen this request."""
            response = error_response(400, msg, {**HEADERS, "Connection": "close"})
            for event in (
                h11.Response(status_code=400, headers=response.raw_headers, reason=b"Bad Request"),
                h11.Data(data=bytes(response.body)),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(event) or b"")
            self.transport.close()

        def _look_again(self) -> None:
            before = self.cycle
            self._next_look = self.loop.call_later(limits.idle_seconds, self._look, before)

        def _look(self, before: Optional[RequestResponseCycle]) -> None:
            """Close the connection if no request was in work since the last look."""
            if self.cycle is before and (before is None or before.response_complete):
                self.transport.abort()
            else:
                self._look_again()

    return TimeoutProtocol
