"""ResNet-50's features against torchvision's own net with random weights."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchvision.models import ResNet, resnet50

from stylize.errors import StyleError, WeightsError
from stylize.features import BACKBONES, load_features

LAYERS = BACKBONES["resnet50"].layers
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
SD = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)


@pytest.fixture(scope="module")
def theirs() -> ResNet:
    """With batch norms that do something, as after training."""
    torch.manual_seed(0)
    net = resnet50(weights=None).eval().requires_grad_(False)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(std=0.1)
            module.running_var.uniform_(0.5, 1.5)
            module.weight.uniform_(0.3, 0.8)  # keeps the sums of sixteen blocks of order one
            module.bias.normal_(std=0.1)
    return net


@pytest.fixture(scope="module")
def file(theirs: ResNet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("resnet") / "resnet50-0676ba61.pth"
    counters = "num_batches_tracked"  # the official file is older than these
    torch.save({name: value for name, value in theirs.state_dict().items() if not name.endswith(counters)}, path)
    return path


def hooked(net: ResNet, picture: Tensor) -> dict[str, Tensor]:
    """The stem's and every block's answer, seen by hooks."""
    found: dict[str, Tensor] = {}
    hooks = []
    for layer in LAYERS:
        module = net.relu if layer == "relu1" else net.get_submodule(layer)

        def keep(_module: nn.Module, _given: object, answer: Tensor, layer: str = layer) -> None:
            found[layer] = answer.clone()

        hooks.append(module.register_forward_hook(keep))
    net((picture - MEAN) / SD)
    for hook in hooks:
        hook.remove()
    return found


def test_every_layer_is_torchvisions(theirs: ResNet, file: Path) -> None:
    picture = torch.rand(2, 3, 70, 65)
    found = load_features("resnet50", reversed(LAYERS), file, padding="zeros")(picture)
    expected = hooked(theirs, picture)
    assert tuple(found) == LAYERS[::-1]
    assert len(found) == 17
    for layer, features in found.items():
        torch.testing.assert_close(features, expected[layer], rtol=1e-3, atol=1e-3)
        assert features.std() > 0.1
        assert features.min() >= 0
    assert found["relu1"].shape == (2, 64, 35, 33)
    assert found["layer3.5"].shape == (2, 1024, 5, 5)


def test_training_mode_changes_nothing(file: Path) -> None:
    picture = torch.rand(1, 3, 40, 40)
    net = load_features("resnet50", ("layer2.3",), file)
    assert torch.equal(net(picture)["layer2.3"], net.train()(picture)["layer2.3"])
    assert not any(parameter.requires_grad for parameter in net.parameters())


def test_padding_and_average_pooling(theirs: ResNet, file: Path) -> None:
    picture = torch.rand(1, 3, 40, 40)
    options = {"padding": "replicate", "pooling": "average", "gain": 1.5}
    found = load_features("resnet50", ("relu1", "layer1.0"), file, **options)(picture)
    wide = F.pad((picture - MEAN) / SD, (3, 3, 3, 3), mode="replicate")
    stem = theirs.bn1(F.conv2d(wide, theirs.conv1.weight, stride=2)).relu()
    torch.testing.assert_close(found["relu1"], stem, rtol=1e-3, atol=1e-3)
    pooled = F.avg_pool2d(stem, 3, 2, 1, count_include_pad=False) * 1.5
    block = theirs.layer1[0]
    x = F.pad(block.bn1(block.conv1(pooled)).relu(), (1, 1, 1, 1), mode="replicate")
    x = block.bn3(block.conv3(block.bn2(F.conv2d(x, block.conv2.weight)).relu()))
    torch.testing.assert_close(found["layer1.0"], (x + block.downsample(pooled)).relu(), rtol=1e-3, atol=1e-3)


def test_the_gradient_is_torchvisions(theirs: ResNet, file: Path) -> None:
    ours, reference = (torch.rand(1, 3, 36, 36, generator=torch.manual_seed(1)).requires_grad_() for _ in range(2))
    load_features("resnet50", ("layer4.2",), file, padding="zeros")(ours)["layer4.2"].square().mean().backward()
    theirs.layer4(theirs.layer3(theirs.layer2(theirs.layer1(_stem(theirs, reference))))).square().mean().backward()
    assert reference.grad is not None
    assert reference.grad.norm() > 0
    assert (ours.grad - reference.grad).norm() < 1e-3 * reference.grad.norm()


def _stem(net: ResNet, picture: Tensor) -> Tensor:
    pooled: Tensor = net.maxpool(net.relu(net.bn1(net.conv1((picture - MEAN) / SD))))
    return pooled


def test_it_computes_in_the_type_of_its_weights(file: Path) -> None:
    net = load_features("resnet50", ("layer1.2",), file)
    picture = torch.rand(1, 3, 40, 40)
    full = net(picture.double())["layer1.2"]
    short = net.to(torch.bfloat16)(picture)["layer1.2"]
    assert (full.dtype, short.dtype) == (torch.float32, torch.bfloat16)
    assert (short.float() - full).norm() < 0.05 * full.norm()
    assert full.is_contiguous(memory_format=torch.channels_last)


def test_a_partial_file_and_another_net(theirs: ResNet, tmp_path: Path) -> None:
    state = theirs.state_dict()
    beginning = ("conv1", "bn1", "layer1", "layer2")
    torch.save({name: value for name, value in state.items() if name.startswith(beginning)}, tmp_path / "half.pth")
    assert load_features("resnet50", ("layer2.3",), tmp_path / "half.pth").layers == ("layer2.3",)
    with pytest.raises(WeightsError, match=r"half\.pth ends before layer3\.5"):
        load_features("resnet50", ("layer1.2", "layer3.5"), tmp_path / "half.pth")
    torch.save({"conv1.weight": torch.zeros(8, 3, 7, 7)}, tmp_path / "other.pth")
    with pytest.raises(WeightsError, match=r"other\.pth holds another net"):
        load_features("resnet50", ("relu1",), tmp_path / "other.pth")


def test_unknown_layers() -> None:
    with pytest.raises(StyleError, match=r"resnet50 has no layer layer4\.3\. Did you mean layer4\.2"):
        load_features("resnet50", ("layer4.3",))
    with pytest.raises(StyleError, match="It has relu1, layer1"):
        load_features("resnet50", ("???",))
