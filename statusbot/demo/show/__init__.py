"""What ``statusbot demo`` shows: recordings of real Flux, polled, and what a forge then shows."""

from __future__ import annotations

from statusbot.demo.show.scenes import SCENES, Scene
from statusbot.demo.show.show import Show
from statusbot.demo.show.view import view_of

__all__ = ["SCENES", "Scene", "Show", "view_of"]
