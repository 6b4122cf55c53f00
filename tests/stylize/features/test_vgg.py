"""VGG features: layer names, partial files, and the real nets against their own definitions."""

from pathlib import Path
from typing import Literal

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor, nn
from torchvision.models import vgg

from stylize import open_picture
from stylize.errors import StyleError, WeightsError
from stylize.features import AVERAGE_GAIN, BACKBONES, VggFeatures, load_features

MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
SD = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
CONFIGURATIONS = {"vgg16": "D", "vgg19": "E"}
# torchvision's places of the first and the last convolution of each block
FIRST = {"vgg16": (0, 5, 10, 17, 24), "vgg19": (0, 5, 10, 19, 28)}
LAST = {"vgg16": (2, 7, 14, 21, 28), "vgg19": (2, 7, 16, 25, 34)}
DEPTH = {"vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A net of VGG's shape that ends at conv2_1, with torchvision's key names."""
    torch.manual_seed(0)
    widths = {0: (3, 4), 2: (4, 4), 5: (4, 6)}
    state = {}
    for index, (inputs, outputs) in widths.items():
        state[f"features.{index}.weight"] = torch.randn(outputs, inputs, 3, 3)
        state[f"features.{index}.bias"] = torch.randn(outputs)
    path = tmp_path / "tiny.safetensors"
    save_file(state, path)
    return path


def torchvisions(shape: str, divide: int = 8) -> nn.Sequential:
    """torchvision's layers with its weights at random, of an eighth of the width."""
    torch.manual_seed(0)
    plan = [width if isinstance(width, str) else width // divide for width in vgg.cfgs[CONFIGURATIONS[shape]]]
    layers: nn.Sequential = vgg.make_layers(plan)
    for layer in layers:
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight)  # keeps values of order one through all layers
            nn.init.normal_(layer.bias, std=0.1)
    return layers.requires_grad_(False)


def saved(layers: nn.Sequential, path: Path) -> Path:
    torch.save({f"features.{name}": value for name, value in layers.state_dict().items()}, path)
    return path


def maps_after(layers: nn.Sequential, picture: Tensor) -> list[Tensor]:
    """What every one of torchvision's layers answers, copied before the next one works in place."""
    found: list[Tensor] = []
    x = (picture - MEAN) / SD
    for layer in layers:
        x = layer(x)
        found.append(x.clone())
    return found


def test_named_layers_have_their_place(tiny: Path) -> None:
    found = VggFeatures(tiny, ("relu2_1", "relu1_2"))(torch.rand(2, 3, 16, 12))
    assert list(found) == ["relu2_1", "relu1_2"]
    assert found["relu1_2"].shape == (2, 4, 16, 12)
    assert found["relu2_1"].shape == (2, 6, 8, 6)


def test_input_is_normalised_as_imagenet(tiny: Path) -> None:
    net = VggFeatures(tiny, ("relu1_1",), padding="zeros")
    picture = torch.rand(1, 3, 9, 9)
    conv = F.conv2d((picture - MEAN) / SD, net.get_buffer("weight1_1"), net.get_buffer("bias1_1"), padding=1)
    torch.testing.assert_close(net(picture)["relu1_1"], conv.relu(), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("shape", ["vgg16", "vgg19"])
def test_every_layer_is_torchvisions(shape: Literal["vgg16", "vgg19"], tmp_path: Path) -> None:
    theirs = torchvisions(shape)
    picture = torch.rand(1, 3, 48, 37)
    layers = BACKBONES[shape].layers
    found = VggFeatures(saved(theirs, tmp_path / "net.pth"), layers, shape, padding="zeros")(picture)
    expected = maps_after(theirs, picture)
    compared = 0
    for block, (first, last, depth) in enumerate(zip(FIRST[shape], LAST[shape], DEPTH[shape], strict=True), 1):
        for place, index in ((1, first), (depth, last)):
            torch.testing.assert_close(found[f"conv{block}_{place}"], expected[index], rtol=1e-3, atol=1e-4)
            torch.testing.assert_close(found[f"relu{block}_{place}"], expected[index + 1], rtol=1e-3, atol=1e-4)
            assert (found[f"conv{block}_{place}"] < 0).any()
            compared += 1
    assert compared == 10
    assert len(layers) == 2 * sum(DEPTH[shape])
    assert found["relu5_1"].std() > 0.1


def test_a_layer_is_the_same_whatever_else_is_asked_for(tiny: Path) -> None:
    """The ReLU may work in place only where nobody asked for the map before it."""
    picture = torch.rand(1, 3, 16, 16)
    together = VggFeatures(tiny, ("conv1_1", "relu1_1", "conv1_2", "relu2_1"))(picture)
    for layer, found in together.items():
        assert torch.equal(VggFeatures(tiny, (layer,))(picture)[layer], found)
    assert torch.equal(together["conv1_1"].relu(), together["relu1_1"])
    assert not torch.equal(together["conv1_1"], together["relu1_1"])


def test_the_full_width_is_torchvisions(tmp_path: Path) -> None:
    theirs = torchvisions("vgg19", divide=1)
    picture = torch.rand(1, 3, 32, 32)
    found = VggFeatures(saved(theirs, tmp_path / "vgg19.pth"), ("relu5_1",), padding="zeros")(picture)["relu5_1"]
    torch.testing.assert_close(found, maps_after(theirs, picture)[29], rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("padding", ["reflect", "replicate"])
def test_padding_is_that_of_every_convolution(padding: Literal["reflect", "replicate"], tmp_path: Path) -> None:
    theirs = torchvisions("vgg16")
    for layer in theirs:
        if isinstance(layer, nn.Conv2d):
            layer.padding_mode = padding
    picture = torch.rand(1, 3, 32, 32)
    path = saved(theirs, tmp_path / "net.pth")
    found = load_features("vgg16", ("conv3_3",), path, padding=padding)(picture)["conv3_3"]
    torch.testing.assert_close(found, maps_after(theirs, picture)[14], rtol=1e-3, atol=1e-4)


def test_a_flat_picture_has_no_frame(tmp_path: Path) -> None:
    path = saved(torchvisions("vgg19"), tmp_path / "net.pth")
    grey = torch.full((1, 3, 32, 32), 0.3)
    flat = load_features("vgg19", ("conv4_2",), path)(grey)["conv4_2"]
    framed = load_features("vgg19", ("conv4_2",), path, padding="zeros")(grey)["conv4_2"]
    assert flat.std((2, 3)).max() < 1e-4
    assert framed.std((2, 3)).max() > 0.1


@pytest.mark.parametrize("gain", [1.0, 2.0])
def test_average_pooling(gain: float, tiny: Path) -> None:
    net = VggFeatures(tiny, ("relu1_2", "conv2_1"), pooling="average", gain=gain)
    found = net(torch.rand(1, 3, 17, 12))
    fours = found["relu1_2"][:, :, :16].unflatten(3, (6, 2)).unflatten(2, (8, 2))
    pooled = F.pad(fours.mean((3, 5)) * gain, (1, 1, 1, 1), mode="reflect")
    expected = F.conv2d(pooled, net.get_buffer("weight2_1"), net.get_buffer("bias2_1"))
    torch.testing.assert_close(found["conv2_1"], expected, rtol=1e-4, atol=1e-4)


def test_the_gain_keeps_the_size_of_activations(shared: Path) -> None:
    file = shared / "weights/vgg19_normalised_conv1_1-conv3_4.safetensors"
    pixels = torch.from_numpy(open_picture(shared / "images/large/kodak_kodim05.jpg").resized(256).pixels)
    photo = pixels.permute(2, 0, 1)[None].float() / 255

    def size(**how: float | str) -> float:
        return float(load_features("vgg19", ("relu3_1",), file, **how)(photo)["relu3_1"].square().mean().sqrt())

    largest = size(pooling="max")
    assert size(pooling="average") == pytest.approx(largest, rel=0.2)
    assert size(pooling="average", gain=AVERAGE_GAIN) == size(pooling="average")
    assert size(pooling="average", gain=1.0) < 0.65 * largest
    assert size(pooling="average", gain=2.0) > 1.6 * largest


def test_half_precision_files_are_computed_in_full_unless_moved(tmp_path: Path) -> None:
    layers = torchvisions("vgg19")
    path = tmp_path / "half.safetensors"
    save_file({f"features.{name}": value.half() for name, value in layers.state_dict().items()}, path)
    net = load_features("compact", ("relu4_2",), path)
    picture = torch.rand(1, 3, 32, 32)
    full = net(picture)["relu4_2"]
    assert full.dtype == torch.float32
    expected = load_features("vgg19", ("relu4_2",), saved(layers.half(), tmp_path / "half.pth"))(picture)["relu4_2"]
    assert torch.equal(full, expected)
    short = net.to(torch.bfloat16)(picture)["relu4_2"]
    assert short.dtype == torch.bfloat16
    assert (short.float() - full).norm() < 0.05 * full.norm()
    assert full.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("pooling", ["max", "average"])
@pytest.mark.parametrize("layer", ["conv2_1", "relu2_1"])
def test_the_gradient_reaches_the_picture(layer: str, pooling: Literal["max", "average"], tiny: Path) -> None:
    net = VggFeatures(tiny, ("relu1_1", layer), pooling=pooling).double()
    picture = torch.rand(1, 3, 6, 6, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: tuple(net(x).values()), (picture,))
    assert not any(parameter.requires_grad for parameter in net.parameters())
    assert not any(buffer.requires_grad for buffer in net.buffers())


def test_a_layer_beyond_the_file_is_named(tiny: Path) -> None:
    with pytest.raises(WeightsError, match=r"tiny\.safetensors ends before relu3_1"):
        VggFeatures(tiny, ("relu1_1", "relu3_1"))
    with pytest.raises(WeightsError, match="ends before conv2_2"):
        VggFeatures(tiny, ("relu5_4", "conv2_2", "relu1_1"))
    VggFeatures(tiny, ("relu2_1",))


def test_an_unknown_layer_is_named(tiny: Path) -> None:
    with pytest.raises(StyleError, match="vgg19 has no layer relu9_9"):
        VggFeatures(tiny, ("relu9_9",))
    with pytest.raises(StyleError, match=r"vgg16 has no layer relu3_4\. Did you mean .*relu3_3"):
        VggFeatures(tiny, ("relu1_1", "relu3_4"), "vgg16")
    with pytest.raises(StyleError, match="at least one layer"):
        VggFeatures(tiny, ())


@pytest.mark.parametrize("name", ["vgg19_normalised_conv1_1-conv3_4", "vgg19_slim16x_conv1_1-conv5_1"])
def test_real_weights_see_more_in_a_photo_than_in_grey(shared: Path, name: str) -> None:
    net = VggFeatures(shared / "weights" / f"{name}.safetensors", ("relu1_1", "relu3_1"))
    photo = open_picture(shared / "images/large/kodak_kodim05.jpg").resized(256)
    pixels = torch.from_numpy(photo.pixels).permute(2, 0, 1)[None].float() / 255
    busy, grey = net(pixels)["relu3_1"], net(torch.full_like(pixels, 0.5))["relu3_1"]
    assert busy.std((2, 3)).mean() > 5 * grey.std((2, 3)).mean()


@pytest.mark.parametrize(
    ("name", "file", "last"),
    [
        ("vgg19", "vgg19_normalised_conv1_1-conv3_4", "relu3_4"),
        ("vgg19", "vgg19_slim16x_conv1_1-conv5_1", "relu5_1"),
        ("vgg16", "vgg16_caffe_conv1_1-conv3_3", "relu3_3"),
    ],
)
def test_a_partial_file_serves_the_layers_that_it_has(shared: Path, name: str, file: str, last: str) -> None:
    path = shared / "weights" / f"{file}.safetensors"
    layers = BACKBONES[name].layers
    here = layers[: layers.index(last) + 1]
    picture = torch.rand(1, 3, 32, 32)
    assert tuple(load_features(name, here, path)(picture)) == here
    with pytest.raises(WeightsError, match=f"{file}.safetensors ends before {layers[len(here)]}"):
        load_features(name, layers, path)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    for name in ("vgg19.pth", "vgg19.safetensors"):
        (tmp_path / name).write_bytes(b"not weights")
        with pytest.raises(WeightsError, match=name):
            VggFeatures(tmp_path / name, ("relu1_1",))
    with pytest.raises(WeightsError, match="absent"):
        VggFeatures(tmp_path / "absent.pth", ("relu1_1",))


def test_a_file_cut_short_is_named(tmp_path: Path) -> None:
    path = saved(torchvisions("vgg19"), tmp_path / "cut.pth")
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(WeightsError, match=r"cut\.pth can't be read as weights"):
        load_features("vgg19", ("relu1_1",), path)
