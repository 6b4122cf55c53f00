"""What a bot library put on the wire, whichever of the four ways it chose, as one record."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.requests import Request

from bot.sandbox.refusals import Refusal, bad_request

MAX_BODY = 52 * 2**20  # 50 MB of files (the Bot API's limit for uploads) and room for the other fields
MAX_FIELD = 2 * 2**20


@dataclass(frozen=True)
class Upload:
    """A file part of a multipart body."""

    name: str
    mime: str
    data: bytes


@dataclass(frozen=True)
class Call:
    """One method call. Parameters are strings (query, forms) or JSON values (JSON bodies); the getters take both."""

    method: str
    params: Mapping[str, object] = field(default_factory=dict)
    uploads: Mapping[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The parameter as text, "" where absent."""
        value = self.params.get(name)
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        return value if isinstance(value, str) else json.dumps(value)

    def required(self, name: str) -> str:
        """The parameter as text; refused where empty."""
        value = self.text(name)
        if not value:
            raise bad_request(f'Parameter "{name}" is required')
        return value

    def integer(self, name: str, default: int = 0) -> int:
        """The parameter as a whole number; like Telegram, what isn't one counts as the default."""
        value = self.params.get(name)
        if isinstance(value, bool) or value is None:
            return default
        try:
            return int(value) if isinstance(value, int | float) else int(str(value).strip())
        except ValueError:
            return default

    def number(self, name: str) -> float | None:
        """The parameter as a real number, None where absent or no number."""
        try:
            return float(str(self.params[name]))
        except (KeyError, ValueError):
            return None

    def flag(self, name: str) -> bool:
        """True for true, yes and 1."""
        return self.text(name).strip().lower() in {"true", "yes", "1"}

    def json(self, name: str, what: str | None = None) -> object:
        """The parameter parsed as JSON, None where absent. what: how a refusal calls it."""
        value = self.params.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"Can't parse {what or name} JSON object") from None


async def read_call(method: str, request: Request) -> Call:
    """Reads query and body (JSON, urlencoded or multipart). Raises Refusal: 413 for too large, 400 for unreadable."""
    params: dict[str, object] = dict(request.query_params)
    uploads: dict[str, Upload] = {}
    if int(request.headers.get("content-length") or 0) > MAX_BODY:
        raise Refusal(413, "Request Entity Too Large")
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind == "multipart/form-data":
        form = await request.form(max_part_size=MAX_FIELD)
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                mime = value.content_type or "application/octet-stream"
                uploads[name] = Upload(value.filename or name, mime, await value.read())
            else:
                params[name] = value
        await form.close()
        return Call(method, params, uploads)
    body = await _limited_body(request)
    if kind == "application/json" and body:
        params |= _json_body(body)
    elif body:
        params |= dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    return Call(method, params, uploads)


async def _limited_body(request: Request) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BODY:
            raise Refusal(413, "Request Entity Too Large")
        parts.append(part)
    return b"".join(parts)


def _json_body(body: bytes) -> dict[str, object]:
    try:
        values = json.loads(body)
    except ValueError:
        raise bad_request("Can't parse JSON object") from None
    if not isinstance(values, dict):
        raise bad_request("Can't parse JSON object")
    return values
