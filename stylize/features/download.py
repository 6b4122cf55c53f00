"""A large file over a line that breaks: goes on where it stopped, checks what came, appears whole or not at all."""

import hashlib
import http.client
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout  # comes with torch

from stylize.errors import WeightsError

Tell = Callable[[int, int], None]
"""Takes the bytes that are there and the bytes in all. What it raises ends the download; a later one goes on there."""

_CHUNK = 1 << 20
_TRIES = 3  # in a row that bring nothing new
_PAUSE = 0.25  # seconds before the next try; doubles
_MAY_PASS = {408, 425, 429, 500, 502, 503, 504}


def download(url: str, target: Path, size: int, sha256: str, tell: Tell, patience: float = 10.0) -> None:
    """Fetch a file whose size (bytes) and hash are known.

    What has come lies in `target`.part and is gone on with (HTTP Range), after a broken connection as after a killed
    process; a server that can't do that is asked for the whole file. Of several processes one downloads, the others
    wait for it. `patience` is how many seconds a server may be silent.

    Raises WeightsError with the reason: no network, another file behind the address, no room on the disk.
    """
    part = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _turn(target.with_name(f".{target.name}.lock"), lambda: tell(_length(part), size)):
            if target.exists():  # another process was at it
                return
            if _length(part) > size:
                part.unlink()
            begun = _length(part) > 0
            _fill(part, url, size, tell, patience)
            if begun and not _is(part, sha256):  # its beginning was another file's
                part.unlink()
                _fill(part, url, size, tell, patience)
            if not _is(part, sha256):
                part.unlink()
                raise WeightsError(f"{url} answered with other bytes than the official ones (sha256 {sha256[:8]}…).")
            part.replace(target)
    except OSError as error:
        raise WeightsError(f"{error.filename or part} can't be written: {error.strerror or error}.") from error


@contextmanager
def _turn(path: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """One process at a time; the lock of a killed one is free at once."""
    lock = FileLock(path)
    while not lock.is_locked:
        try:
            lock.acquire(timeout=0.3)
        except Timeout:
            waiting()
    try:
        yield
    finally:
        lock.release()


class _BrokenError(Exception):
    """The line broke, or the server has a bad moment: another try may help."""


def _fill(part: Path, url: str, size: int, tell: Tell, patience: float) -> None:
    """Make `part` as long as it should be, in as many connections as it takes."""
    furthest, failures = _length(part), 0
    while True:
        try:
            _go_on(part, url, size, tell, patience)
            return
        except _BrokenError as error:
            failures = 0 if _length(part) > furthest else failures + 1
            if failures == _TRIES:
                raise WeightsError(f"{url} can't be reached ({error}).") from error
        furthest = max(furthest, _length(part))
        time.sleep(_PAUSE * 2**failures)


def _go_on(part: Path, url: str, size: int, tell: Tell, patience: float) -> None:
    """Append what one connection brings; raises _BrokenError where it ends too early."""
    have = _length(part)
    if have == size:
        return
    with _connection(url, have, patience) as answer:
        if answer.status != http.client.PARTIAL_CONTENT:
            have = 0
        offered = have + int(answer.headers.get("Content-Length", size - have))
        if offered != size:
            raise WeightsError(f"{url} answered with {offered} bytes, not {size}: a login page of the network, maybe.")
        with part.open("ab" if have else "wb") as file:
            while chunk := _read(answer):
                have += len(chunk)
                if have > size:
                    part.unlink()
                    raise WeightsError(f"{url} answered with more than {size} bytes.")
                file.write(chunk)
                tell(have, size)
            file.flush()
            os.fsync(file.fileno())  # or a power cut could leave the final name on an empty file
    if have != size:
        raise _BrokenError("the connection broke off")


def _connection(url: str, start: int, patience: float) -> http.client.HTTPResponse:
    request = urllib.request.Request(url, headers={"User-Agent": "stylize"})
    if start:
        request.add_header("Range", f"bytes={start}-")
    try:
        answer: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=patience)
        return answer
    except urllib.error.HTTPError as error:
        if error.code not in _MAY_PASS:
            raise WeightsError(f"{url} answered {error.code} {error.reason}.") from error
        raise _BrokenError(f"it answered {error.code} {error.reason}") from error
    except (OSError, http.client.HTTPException) as error:
        raise _BrokenError(str(getattr(error, "reason", error)) or type(error).__name__) from error


def _read(answer: http.client.HTTPResponse) -> bytes:
    try:
        return answer.read1(_CHUNK)  # what is there by now, so that a slow line is heard of and little is lost
    except (OSError, http.client.HTTPException) as error:  # not to be taken for a full disk
        raise _BrokenError(str(error) or type(error).__name__) from error


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _is(path: Path, sha256: str) -> bool:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256
