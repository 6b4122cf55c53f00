"""The number that descends: how far a picture is from a photo's content and a style's statistics.

The sources scale their distances differently, which is why their weights can't be compared. With features F (C, M),
M = H W, mean products G = F F^T / M, those of the style A, and the photo's features P, the conventions are

    gatys     style mean (G - A)^2               content mean (F - P)^2        Gatys' published code
    tutorial  style sum (G - A)^2 / C^4          content mean (F - P)^2        PyTorch's tutorial
    notebook  style sum (G - A)^2 M / C^3        content mean (F - P)^2        Gram not normalised, error over C M
    relative  style sum (G - A)^2 / sum A^2      content sum (F - P)^2 / sum P^2

(Gatys et al. 2016, eq. 1 and 4, sum the content and have a quarter of the style; with those sums the weights of the
paper give back the photo, so we follow the code.) In all of them we take the style's moments per place, so that style
pictures may have any size; the sources agree with that for a style picture as large as the photo.
"""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from stylize.losses import nearest_distance, root_of_spread, spatial_moments, total_variation, wasserstein_distance
from stylize.methods.optimise.recipe import Convention, OptimiseRecipe
from stylize.methods.optimise.target import Features, LayerTarget

SEEN_PLACES = 4096  # of a layer, that the nearest-neighbour loss looks at in one step


class Objective:
    """Call with a picture (1, 3, H, W); returns the loss, ().

    features: answers with all layers below. photo: (1, 3, H, W) in [0, 1]. style, content: layers with their weights;
    either may be empty. targets: of the style layers.
    """

    def __init__(
        self,
        features: Features,
        photo: Tensor,
        targets: Mapping[str, LayerTarget],
        style: Mapping[str, float],
        content: Mapping[str, float],
        recipe: OptimiseRecipe,
        seed: int = 0,
    ) -> None:
        self.features, self.targets, self.recipe = features, targets, recipe
        self.style, self.content = style, content
        with torch.no_grad():
            seen = features(photo)
        self._roots = {
            layer: root_of_spread(target.mean, target.gram)
            for layer, target in targets.items()
            if recipe.style_loss == "wasserstein" and target.mean is not None and target.gram is not None
        }
        self._photo = {layer: seen[layer].float() for layer in content}
        self._places = torch.Generator().manual_seed(seed)

    def __call__(self, picture: Tensor) -> Tensor:
        seen, recipe = self.features(picture), self.recipe
        style = [weight * self._style_distance(seen[layer], layer) for layer, weight in self.style.items()]
        content = [
            weight * content_distance(seen[layer], self._photo[layer], recipe.convention)
            for layer, weight in self.content.items()
        ]
        loss = picture.new_zeros(())
        if style:
            loss = loss + recipe.style_weight * torch.stack(style).sum()
        if content:
            loss = loss + recipe.content_weight * torch.stack(content).sum()
        if recipe.smoothness:
            loss = loss + recipe.smoothness * total_variation(picture).sum()
        return loss

    def _style_distance(self, features: Tensor, layer: str) -> Tensor:
        target = self.targets[layer]
        if self.recipe.style_loss == "nearest":
            assert target.places is not None
            rows = features[0].flatten(1).T
            some = torch.randint(len(rows), (min(SEEN_PLACES, len(rows)),), generator=self._places)
            return nearest_distance(rows[some.to(rows.device)].float(), target.places)
        assert target.mean is not None
        assert target.gram is not None
        mean, gram = spatial_moments(features)
        if self.recipe.style_loss == "wasserstein":
            return wasserstein_distance(mean, gram, target.mean, target.gram, self._roots[layer])[0]
        return gram_error(gram, target.gram, features.shape[2] * features.shape[3], self.recipe.convention)


def gram_error(gram: Tensor, style: Tensor, places: int, convention: Convention) -> Tensor:
    """The style distance of one layer, (); gram, style: (1, C, C), mean products over places."""
    channels, error = gram.shape[1], (gram - style).square().sum()
    match convention:
        case "gatys":
            return error / channels**2
        case "tutorial":
            return error / channels**4
        case "notebook":
            return error * places / channels**3
        case "relative":
            return error / style.square().sum().clamp_min(1e-12)


def content_distance(features: Tensor, photo: Tensor, convention: Convention) -> Tensor:
    """The content distance of one layer, (); both (1, C, H, W), the photo's float32."""
    if convention == "relative":
        return F.mse_loss(features.float(), photo, reduction="sum") / photo.square().sum().clamp_min(1e-12)
    return F.mse_loss(features.float(), photo)
