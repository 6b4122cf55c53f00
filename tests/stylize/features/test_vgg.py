"""VGG features: layer names, partial files, and the real net against its own definition."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from stylize.errors import WeightsError
from stylize.features import VggFeatures


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


def test_named_layers_have_their_place(tiny: Path) -> None:
    found = VggFeatures(tiny, ("relu2_1", "relu1_2"))(torch.rand(2, 3, 16, 12))
    assert list(found) == ["relu2_1", "relu1_2"]
    assert found["relu1_2"].shape == (2, 4, 16, 12)
    assert found["relu2_1"].shape == (2, 6, 8, 6)


def test_input_is_normalised_as_imagenet(tiny: Path) -> None:
    net = VggFeatures(tiny, ("relu1_1",), padding="zeros")
    picture = torch.rand(1, 3, 9, 9)
    mean, sd = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    conv = torch.nn.functional.conv2d(
        (picture - mean.view(3, 1, 1)) / sd.view(3, 1, 1),
        net.get_buffer("weight1_1"),
        net.get_buffer("bias1_1"),
        padding=1,
    )
    torch.testing.assert_close(net(picture)["relu1_1"], conv.relu(), rtol=1e-4, atol=1e-4)


def test_a_layer_beyond_the_file_is_named(tiny: Path) -> None:
    with pytest.raises(WeightsError, match="relu3_1"):
        VggFeatures(tiny, ("relu1_1", "relu3_1"))


def test_an_unknown_layer_is_named(tiny: Path) -> None:
    with pytest.raises(WeightsError):
        VggFeatures(tiny, ("relu9_9",))


@pytest.mark.parametrize("name", ["vgg19_normalised_conv1_1-conv3_4", "vgg19_slim16x_conv1_1-conv5_1"])
def test_real_weights_see_more_in_a_photo_than_in_grey(shared: Path, name: str) -> None:
    from stylize import open_picture

    net = VggFeatures(shared / "weights" / f"{name}.safetensors", ("relu1_1", "relu3_1"))
    photo = open_picture(shared / "images/large/kodak_kodim05.jpg").resized(256)
    pixels = torch.from_numpy(photo.pixels).permute(2, 0, 1)[None].float() / 255
    busy, grey = net(pixels)["relu3_1"], net(torch.full_like(pixels, 0.5))["relu3_1"]
    assert busy.std((2, 3)).mean() > 5 * grey.std((2, 3)).mean()


def test_torchvisions_own_file_gives_torchvisions_own_maps(tmp_path: Path) -> None:
    from torchvision.models import vgg

    torch.manual_seed(0)
    theirs = vgg.make_layers(vgg.cfgs["E"])
    for layer in theirs:
        if isinstance(layer, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(layer.weight)  # keeps values of order one through all layers
    path = tmp_path / "vgg19.pth"
    torch.save({f"features.{name}": value for name, value in theirs.state_dict().items()}, path)
    picture = torch.rand(1, 3, 32, 32)
    mean, sd = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    expected = theirs[:30]((picture - mean.view(3, 1, 1)) / sd.view(3, 1, 1))  # up to the relu after conv5_1
    found = VggFeatures(path, ("relu5_1",), padding="zeros")(picture)["relu5_1"]
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-5)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    for name in ("vgg19.pth", "vgg19.safetensors"):
        (tmp_path / name).write_bytes(b"not weights")
        with pytest.raises(WeightsError, match=name):
            VggFeatures(tmp_path / name, ("relu1_1",))
    with pytest.raises(WeightsError, match="absent"):
        VggFeatures(tmp_path / "absent.pth", ("relu1_1",))
