"""The HTTP server: /bot<token>/<method>, /file/bot<token>/<path>, /person/..., and the page."""

import asyncio
import contextlib
import hmac
import logging
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.sandbox.chats import Chats
from bot.sandbox.faults import Fault, Faults
from bot.sandbox.flood import Flood, Limits
from bot.sandbox.methods import NAMES, perform
from bot.sandbox.person_api import PersonApi
from bot.sandbox.refusals import UNAUTHORIZED, Refusal, bad_request, too_many_requests
from bot.sandbox.transcript import Entry
from bot.sandbox.webhooks import Webhooks
from bot.sandbox.wire import Call, read_call

log = logging.getLogger(__name__)

PAGE = Path(__file__).parent / "page"
STOP_SECONDS = 2
_TRANSPORT = "bot.sandbox.transport"
_BAD_GATEWAY = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>nginx</body>\r\n</html>\r\n"
_PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}
_QUIET = frozenset({"getupdates"})  # not worth a line in the transcript


class _Breakable(H11Protocol):
    """Shows a request its connection, so that a fault can break it."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        inner = self.app

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            scope[_TRANSPORT] = self.transport
            await inner(scope, receive, send)

        self.app = app


class _Quiet(uvicorn.Server):
    """A server that leaves signals to whoever runs it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Sandbox:
    """A Bot API server with one bot and a chat page.

    token: the bot's token; any text works, a number before a colon becomes the bot's id. port: 0 takes a free one.
    data: a folder in which chats, files and unfetched updates outlive a restart; None: gone at the end.
    flood: limits to start with. clock: seconds, replaceable in tests. webhook_pause: seconds before a second try.
    """

    def __init__(
        self,
        token: str,
        host: str = "127.0.0.1",
        port: int = 8081,
        data: Path | None = None,
        flood: Limits | None = None,
        clock: Callable[[], float] = time.time,
        webhook_pause: float = 1.0,
    ) -> None:
        self._token = token
        self._host = host
        self._port = port
        self._data = data
        self._clock = clock
        self._webhook_pause = webhook_pause
        self._flood = Flood(clock)
        self._flood.switch(flood)
        self._faults = Faults()
        self._scratch: Path | None = None
        self._chats: Chats | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._server: _Quiet | None = None

    @property
    def address(self) -> str:
        """Where bots and pages find it, e.g. http://127.0.0.1:8081, no slash at the end."""
        host = "127.0.0.1" if self._host in {"", "0.0.0.0", "::"} else self._host
        return f"http://{f'[{host}]' if ':' in host else host}:{self._port}"

    @property
    def page(self) -> str:
        """The address of the chat page."""
        return f"{self.address}/"

    async def start(self) -> None:
        """Serves in the running event loop. Raises OSError (EADDRINUSE) before anything else if the port is taken."""
        listener = _listener(self._host, self._port)
        try:
            self._port = listener.getsockname()[1]
            self._chats = self._open_chats()
        except BaseException:
            listener.close()
            raise
        app = Starlette(routes=self._routes(self._chats))
        config = uvicorn.Config(
            app,
            http=_Breakable,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level=logging.CRITICAL,  # its lines hold the token
            access_log=False,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=STOP_SECONDS,
            server_header=False,
        )
        self._server = _Quiet(config)
        self._tasks = [
            asyncio.create_task(self._server.serve([listener])),
            asyncio.create_task(Webhooks(self._chats, self._webhook_pause).run()),
        ]
        while not self._server.started:
            if self._tasks[0].done():
                await self._tasks[0]
            await asyncio.sleep(0.005)
        self._chats.updates.added.set()  # what was left for the webhook before a restart

    async def stop(self) -> None:
        """Ends everything; what `data` holds stays."""
        if self._server is None or self._chats is None:
            return
        serving, pushing = self._tasks
        pushing.cancel()
        await asyncio.gather(pushing, return_exceptions=True)
        self._chats.end_waits()
        self._server.should_exit = True
        await serving
        self._chats.close()
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
        self._server = self._chats = self._scratch = None

    def _open_chats(self) -> Chats:
        if self._data is None:
            self._scratch = Path(tempfile.mkdtemp(prefix="sandbox-"))
        else:
            self._data.mkdir(parents=True, exist_ok=True)
        folder = self._data or self._scratch
        assert folder is not None
        return Chats(self._token, folder, self._data is not None, self._clock)

    def _routes(self, chats: Chats) -> list[Route]:
        bot = BotApi(chats, self._faults, self._flood)
        every = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        return [
            Route("/bot{token}/{method}", bot.call, methods=every),
            Route("/file/bot{token}/{path:path}", bot.file, methods=["GET"]),
            *PersonApi(chats, self._faults, self._flood).routes(),
            Route("/", _page),
            Route("/page/{name}", _page),
            Route("/favicon.ico", _page),
        ]


class BotApi:
    """The bot's side."""

    def __init__(self, chats: Chats, faults: Faults, flood: Flood) -> None:
        self._chats = chats
        self._faults = faults
        self._flood = flood

    async def call(self, request: Request) -> Response:
        """/bot<token>/<method>."""
        if not self._knows(request.path_params["token"]):
            return JSONResponse(Refusal(401, UNAUTHORIZED).envelope(), 401)
        method = request.path_params["method"]
        fault = self._faults.next(method)
        call = Call(method)
        try:
            if fault is not None and fault.kind == "reset":
                return await _broken(request)
            call = await read_call(method, request)
            if fault is not None:
                await self._before(fault)
                if fault.kind == "502":
                    return Response(_BAD_GATEWAY, 502, media_type="text/html")
            self._flood.check(call)
            body = await perform(self._chats, call)
            self._note(call, body)
            if fault is not None and fault.kind in {"timeout", "reset_after"}:
                return await _silent(request, fault.seconds if fault.kind == "timeout" else 0.0)
            return JSONResponse(body)
        except Refusal as refusal:
            self._note_refusal(call, refusal)
            return JSONResponse(refusal.envelope(), refusal.code)
        except ClientDisconnect:
            return Response(status_code=499)
        except Exception:
            log.exception("The sandbox failed in %s", method)
            return JSONResponse(Refusal(500, "Internal Server Error").envelope(), 500)

    async def file(self, request: Request) -> Response:
        """/file/bot<token>/<path>, for an hour after getFile."""
        if not self._knows(request.path_params["token"]):
            return JSONResponse(Refusal(401, UNAUTHORIZED).envelope(), 401)
        place = self._chats.files.linked(request.path_params["path"])
        if place is None:
            return JSONResponse(Refusal(404, "Not Found").envelope(), 404)
        return FileResponse(place, media_type="application/octet-stream")

    def _knows(self, token: str) -> bool:
        return hmac.compare_digest(token.encode(), self._chats.token.encode())

    @staticmethod
    async def _before(fault: Fault) -> None:
        if fault.kind == "400":
            raise bad_request("PEER_ID_INVALID")
        if fault.kind == "404":
            raise Refusal(404, "Not Found: method not found")
        if fault.kind == "429":
            raise too_many_requests(fault.retry_after)
        if fault.kind == "500":
            raise Refusal(500, "Internal Server Error")
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)

    def _note(self, call: Call, body: dict[str, object]) -> None:
        if call.method.lower() in _QUIET:
            return
        result = body.get("result")
        message = result.get("message_id") if isinstance(result, dict) else call.integer("message_id") or None
        chat = call.integer("chat_id") or None
        told = ("text", "caption", "action", "message_thread_id")
        detail = {name: call.params[name] for name in told if name in call.params}
        name = NAMES.get(call.method.lower(), call.method)
        number = message if isinstance(message, int) else None
        self._chats.transcript.add(Entry(self._chats.clock(), "bot", name, chat, number, True, detail))

    def _note_refusal(self, call: Call, refusal: Refusal) -> None:
        name = NAMES.get(call.method.lower(), call.method)
        detail: dict[str, object] = {"code": refusal.code, "description": refusal.description}
        chat = call.integer("chat_id") or None
        self._chats.transcript.add(Entry(self._chats.clock(), "bot", name, chat, None, False, detail))


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio switches Nagle's algorithm off; else every answer is 40 ms late.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(256)
    except OSError:
        listener.close()
        raise
    return listener


async def _broken(request: Request) -> Response:
    transport: asyncio.Transport = request.scope[_TRANSPORT]
    raw = transport.get_extra_info("socket")
    if raw is not None:
        with contextlib.suppress(OSError):  # the bot was quicker to close it
            # A zero linger turns the close into a reset.
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    transport.abort()
    while (await request.receive())["type"] != "http.disconnect":
        pass
    return Response()


async def _silent(request: Request, seconds: float) -> Response:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while (await request.receive())["type"] != "http.disconnect":
                pass
    return await _broken(request)


async def _page(request: Request) -> Response:
    name = request.path_params.get("name") or ("favicon.svg" if "favicon" in request.url.path else "index.html")
    place = PAGE / name
    if place.parent != PAGE or not place.is_file():
        return Response("Not found", 404)
    return FileResponse(place, headers=_PAGE_HEADERS)
