"""What a person has set for all pictures to come."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.orders import SIZES, STRENGTHS, step_from
from bot.texts import LANGUAGES
from stylize import Colours


@dataclass(frozen=True)
class Preferences:
    """finest: in finest quality. size: long side of results in px, 0 for the usual one. language: "" for that of their
    app. The rest as in `Order`."""

    finest: bool = False
    size: int = 0
    strength: float = 1.0
    colours: Colours = Colours.STYLE
    as_file: bool = False
    language: str = ""

    def changed(self, name: str) -> Preferences:
        """After a tap on the button of this name, which names what it leads to; the same where it names nothing."""
        what, _, value = name.partition("=")
        match what:
            case "quality":
                return replace(self, finest=value == "finest")
            case "size" if value.isdecimal() and int(value) in (0, *SIZES):
                return replace(self, size=int(value))
            case "softer" | "stronger":
                return replace(self, strength=step_from(STRENGTHS, self.strength, BY[what]) or self.strength)
            case "colours" if value in list(Colours):
                return replace(self, colours=Colours(value))
            case "file":
                return replace(self, as_file=value == "on")
            case "language" if value in ("", *LANGUAGES):
                return replace(self, language=value)
        return self


BY = {"softer": -1, "stronger": 1}
