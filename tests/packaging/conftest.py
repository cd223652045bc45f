"""The image, for tests that need it."""

from __future__ import annotations

import os

import pytest

from tests.real.base_part import NoImageError
from tests.real.image_part import Image
from tests.real.image_part import image as build
from tests.real.parts import unavailable


@pytest.fixture(scope="session")
def image() -> Image:
    """Built from this checkout; skipped where that cannot be, unless real parts are required."""
    if os.environ.get("GITHUB_ACTIONS") == "true" and os.geteuid() != 0:
        pytest.skip("the workflow builds the image with Docker, in a job of its own")
    try:
        return build()
    except NoImageError as error:
        unavailable("images", error)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first test with the image waits for its build, the very first for its base too."""
    for item in items:
        if "image" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.timeout(900))
