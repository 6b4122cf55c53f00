"""Where weights come from: folders, torch's cache, and a real HTTP server that behaves as servers do."""

import dataclasses
import hashlib
import http.server
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from safetensors.torch import save_file
from torchvision.models import ResNet50_Weights, VGG16_Weights, VGG19_Weights, vgg
from typer.testing import CliRunner

from stylize.cli import app
from stylize.errors import StyleError, WeightsError
from stylize.features import BACKBONES, Backbone, cache_folder, find_weights, load_features, local_weights

WHOLE = random.Random(0).randbytes(3_000_000)


class Server(http.server.ThreadingHTTPServer):
    """Serves `content` and remembers what was asked for. Each entry of `moods` spoils one answer, in order."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = WHOLE
        self.ranges = True
        self.moods: list[str] = []
        self.asked: list[str | None] = []
        self.released = threading.Event()
        self.dripping = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are what some tests are about."""


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        server = self.server
        server.asked.append(self.headers["Range"])
        mood = server.moods.pop(0) if server.moods else "whole"
        if mood.isdigit():
            self.send_error(int(mood))
            return
        start = 0
        if server.ranges and self.headers["Range"]:
            start = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(server.content) - 1}/{len(server.content)}")
        else:
            self.send_response(200)
        rest = server.content[start:]
        if mood != "unsized":
            self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        half = len(rest) // 2
        self.wfile.write(rest[:half])
        if mood == "stalls":
            server.released.wait(20)
        if mood in ("breaks", "stalls"):
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        while mood == "drips" and not server.released.wait(0.1):
            self.wfile.write(rest[half : half + 1000])
            half += 1000
            server.dripping.set()
        self.wfile.write(rest[half:])

    def log_message(self, *_given: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.released.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of torch's."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    return tmp_path / "torch/hub/checkpoints"


@pytest.fixture
def backbone(server: Server, cache: Path) -> Backbone:
    """VGG-19, as if it had been published on this server."""
    return published(f"http://127.0.0.1:{server.server_port}/models/vgg19-dcbb9e9d.pth")


def published(url: str) -> Backbone:
    digest = hashlib.sha256(WHOLE).hexdigest()
    return dataclasses.replace(BACKBONES["vgg19"], url=url, sha256=digest, size=len(WHOLE))


def test_official_files_are_torchvisions() -> None:
    official = {"vgg16": VGG16_Weights, "vgg19": VGG19_Weights, "resnet50": ResNet50_Weights}
    for name, weights in official.items():
        backbone, theirs = BACKBONES[name], weights.IMAGENET1K_V1
        assert backbone.url == theirs.url
        assert backbone.url.endswith(f"/{backbone.file}")
        assert f"-{backbone.sha256[:8]}.pth" in backbone.file
        assert len(backbone.sha256) == 64
        assert round(backbone.size / 2**20, 3) == theirs.meta["_file_size"]


@pytest.mark.parametrize("backbone", BACKBONES.values(), ids=BACKBONES)
def test_defaults_are_layers_of_their_net(backbone: Backbone) -> None:
    for layers, shares in (
        (backbone.style_layers, backbone.style_weights),
        (backbone.content_layers, backbone.content_weights),
    ):
        assert set(layers) <= set(backbone.layers)
        assert len(layers) == len(shares)
        assert sum(shares) == pytest.approx(1)


def test_the_smallest_side_leaves_two_rows(tmp_path: Path) -> None:
    import torch
    from torchvision.models import resnet50

    for name, configuration in (("vgg16", "D"), ("vgg19", "E"), ("resnet50", "")):
        backbone, path = BACKBONES[name], tmp_path / f"{name}.pth"
        if name == "resnet50":
            torch.save(resnet50(weights=None).state_dict(), path)
        else:
            layers = vgg.make_layers([each if each == "M" else each // 16 for each in vgg.cfgs[configuration]])
            torch.save({f"features.{key}": value for key, value in layers.state_dict().items()}, path)
        net = load_features(name, backbone.style_layers, path)
        side = backbone.smallest_side
        assert min(min(found.shape[2:]) for found in net(torch.rand(1, 3, side, side)).values()) == 2
        assert min(min(found.shape[2:]) for found in net(torch.rand(1, 3, side - 1, side - 1)).values()) == 1


def test_downloaded_once_into_torchs_cache(server: Server, backbone: Backbone, cache: Path) -> None:
    heard: list[tuple[int, int]] = []
    path = find_weights(backbone, tell=lambda done, total: heard.append((done, total)))
    assert path == cache / "vgg19-dcbb9e9d.pth"
    assert path.read_bytes() == WHOLE
    assert heard == sorted(heard)
    assert len(heard) > 1
    assert heard[-1] == (len(WHOLE), len(WHOLE))
    assert find_weights(backbone) == path
    assert server.asked == [None]
    assert [each.name for each in cache.iterdir() if not each.name.startswith(".")] == [path.name]


def test_the_cache_moves_with_xdg_cache_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TORCH_HOME", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "torch/hub/checkpoints"


def test_the_order_of_places(server: Server, backbone: Backbone, cache: Path, tmp_path: Path) -> None:
    folder = tmp_path / "operators"
    folder.mkdir()
    assert local_weights(backbone, folder) is None
    cache.mkdir(parents=True)
    (cache / backbone.file).write_bytes(b"cached")
    assert find_weights(backbone, folder) == cache / backbone.file
    (folder / backbone.file).write_bytes(b"given")
    assert find_weights(backbone, folder) == local_weights(backbone, folder) == folder / backbone.file
    (tmp_path / "own.safetensors").write_bytes(b"a file")
    assert find_weights(backbone, tmp_path / "own.safetensors") == tmp_path / "own.safetensors"
    with pytest.raises(WeightsError, match=r"no folder or file .*absent"):
        find_weights(backbone, tmp_path / "absent")
    assert server.asked == []


def test_compact_comes_from_the_folder_or_the_package(tmp_path: Path) -> None:
    layers = vgg.make_layers([each if each == "M" else each // 16 for each in vgg.cfgs["E"]])
    state = {f"features.{name}": value.half() for name, value in layers.state_dict().items()}
    save_file(state, tmp_path / "compact.safetensors")
    net = load_features("compact", ("relu5_1",), tmp_path)
    assert net.get_buffer("weight5_1").shape == (32, 32, 3, 3)
    assert local_weights(BACKBONES["compact"], tmp_path) == tmp_path / "compact.safetensors"


@pytest.mark.parametrize("ranges", [True, False])
def test_goes_on_after_the_connection_broke(server: Server, backbone: Backbone, ranges: bool) -> None:
    server.ranges = ranges
    server.moods = ["breaks"]
    assert find_weights(backbone).read_bytes() == WHOLE
    assert server.asked == [None, f"bytes={len(WHOLE) // 2}-"]


def test_a_line_that_breaks_often_gets_there(server: Server, backbone: Backbone) -> None:
    server.moods = ["breaks", "503", "breaks", "breaks", "503", "unsized"]
    assert find_weights(backbone).read_bytes() == WHOLE
    assert len(server.asked) == 6


def test_a_server_that_never_gets_further_is_given_up(server: Server, backbone: Backbone, cache: Path) -> None:
    server.ranges = False
    server.moods = ["breaks"] * 10
    with pytest.raises(WeightsError, match="broke off"):
        find_weights(backbone)
    assert len(server.asked) == 4  # three of them brought nothing new
    assert not (cache / backbone.file).exists()


def test_goes_on_in_the_next_process(server: Server, backbone: Backbone, cache: Path) -> None:
    class StoppedError(Exception):
        pass

    def stop(done: int, _total: int) -> None:
        if done > 1_000_000:
            raise StoppedError

    with pytest.raises(StoppedError):
        find_weights(backbone, tell=stop)
    assert not (cache / backbone.file).exists()
    assert local_weights(backbone) is None
    assert find_weights(backbone).read_bytes() == WHOLE
    begun = int(server.asked[1].removeprefix("bytes=").removesuffix("-"))
    assert begun > 1_000_000


def test_a_whole_part_needs_no_network(server: Server, backbone: Backbone, cache: Path) -> None:
    """What a process killed just before the renaming leaves."""
    cache.mkdir(parents=True)
    (cache / f"{backbone.file}.part").write_bytes(WHOLE)
    assert find_weights(backbone).read_bytes() == WHOLE
    assert server.asked == []


@pytest.mark.parametrize("length", [1000, len(WHOLE) + 5])
def test_a_part_of_another_file_is_thrown_away(server: Server, backbone: Backbone, cache: Path, length: int) -> None:
    cache.mkdir(parents=True)
    (cache / f"{backbone.file}.part").write_bytes(b"?" * length)
    assert find_weights(backbone).read_bytes() == WHOLE
    assert server.asked[-1] is None


def test_other_bytes_are_refused(server: Server, backbone: Backbone, cache: Path) -> None:
    server.content = WHOLE[:-1] + bytes([WHOLE[-1] ^ 1])
    with pytest.raises(WeightsError, match=rf"other bytes.*{backbone.sha256[:8]}"):
        find_weights(backbone)
    assert [each.name for each in cache.iterdir() if not each.name.startswith(".")] == []


@pytest.mark.parametrize("content", [b"<html>Please log in</html>", WHOLE + b"more"])
def test_another_file_is_refused_before_it_is_fetched(
    server: Server, backbone: Backbone, cache: Path, content: bytes
) -> None:
    server.content = content
    with pytest.raises(WeightsError, match=f"{len(content)} bytes, not {len(WHOLE)}"):
        find_weights(backbone)
    assert len(server.asked) == 1
    assert not (cache / backbone.file).exists()


def test_bytes_without_end_are_refused(server: Server, backbone: Backbone, cache: Path) -> None:
    server.content = WHOLE * 3
    server.moods = ["unsized"]
    with pytest.raises(WeightsError, match="more than"):
        find_weights(backbone)
    assert not (cache / backbone.file).exists()
    assert not (cache / f"{backbone.file}.part").exists()


def test_a_missing_file_is_told_at_once(server: Server, backbone: Backbone) -> None:
    server.moods = ["404"]
    with pytest.raises(WeightsError, match="answered 404 Not Found"):
        find_weights(backbone)
    assert len(server.asked) == 1


def test_a_silent_server_is_left(server: Server, backbone: Backbone, cache: Path) -> None:
    from stylize.features.download import download

    server.moods = ["stalls"]
    began = time.perf_counter()
    download(backbone.url, cache / "file", len(WHOLE), backbone.sha256, lambda done, total: None, patience=0.3)
    assert time.perf_counter() - began < 5
    assert (cache / "file").read_bytes() == WHOLE
    assert server.asked[1] == f"bytes={len(WHOLE) // 2}-"


def test_without_a_network_the_error_says_what_to_do(cache: Path, tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/models/vgg19-dcbb9e9d.pth"
        began = time.perf_counter()
        with pytest.raises(WeightsError) as caught:
            find_weights(published(url), tmp_path)
    told = str(caught.value)
    for part in ("vgg19-dcbb9e9d.pth", url, str(tmp_path), str(cache), "`stylize weights vgg19`", "--weights-dir"):
        assert part in told
    assert "refused" in told
    assert time.perf_counter() - began < 5


def test_no_room_to_write(server: Server, backbone: Backbone, cache: Path) -> None:
    cache.parent.mkdir(parents=True)
    cache.write_bytes(b"a file where the folder should be")
    with pytest.raises(WeightsError, match="can't be written"):
        find_weights(backbone)
    assert server.asked == []


FETCH = """
import dataclasses, sys
from stylize.features import BACKBONES, find_weights
url, sha256, size = sys.argv[1:]
backbone = dataclasses.replace(BACKBONES["vgg19"], url=url, sha256=sha256, size=int(size))
print(find_weights(backbone, tell=lambda done, total: print("heard", done, flush=True)))
"""


def fetching(backbone: Backbone) -> subprocess.Popen[str]:
    given = [backbone.url, backbone.sha256, str(backbone.size)]
    return subprocess.Popen([sys.executable, "-c", FETCH, *given], stdout=subprocess.PIPE, text=True)


def test_of_two_processes_one_downloads(server: Server, backbone: Backbone, cache: Path) -> None:
    server.moods = ["drips"]
    with fetching(backbone) as first:
        assert server.dripping.wait(60)
        with fetching(backbone) as second:
            assert second.stdout is not None
            assert second.stdout.readline().startswith("heard 1")  # it hears how far the first one is
            assert second.poll() is None
            server.released.set()
            said = [process.communicate(timeout=60)[0] for process in (first, second)]
    assert [each.splitlines()[-1] for each in said] == [str(cache / backbone.file)] * 2
    assert server.asked == [None]
    assert (cache / backbone.file).read_bytes() == WHOLE


def test_a_killed_process_leaves_neither_a_lock_nor_a_partial_file(
    server: Server, backbone: Backbone, cache: Path
) -> None:
    server.moods = ["drips"]
    with fetching(backbone) as process:
        assert server.dripping.wait(60)
        part = cache / f"{backbone.file}.part"
        while not part.exists() or part.stat().st_size < 1_000_000:
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert not (cache / backbone.file).exists()
    assert find_weights(backbone).read_bytes() == WHOLE
    assert server.asked[1] is not None


def test_the_command_fetches(server: Server, backbone: Backbone, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BACKBONES, "vgg19", backbone)
    result = CliRunner().invoke(app, ["weights", "vgg19"])
    assert result.exit_code == 0
    digest, *_size, path = result.stdout.split()
    assert (digest, path) == (backbone.sha256, str(cache / backbone.file))
    server.moods = ["404"]
    (cache / backbone.file).unlink()
    result = CliRunner().invoke(app, ["weights", "vgg19"])
    assert result.exit_code == 1
    assert "404" in result.stderr


def test_unknown_backbones() -> None:
    result = CliRunner().invoke(app, ["weights", "vgg91"])
    assert result.exit_code == 2
    assert "no backbone vgg91. Did you mean vgg" in result.stderr
    with pytest.raises(StyleError, match="There are vgg16, vgg19, resnet50, compact"):
        load_features("inception", ("relu1_1",))


def test_an_unknown_layer_is_told_before_a_download(server: Server, backbone: Backbone) -> None:
    with pytest.raises(StyleError, match="Did you mean"):
        load_features("vgg19", ("relu6_1",))
    assert server.asked == []
