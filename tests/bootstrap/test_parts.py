"""How the parts of a server keep up with the store."""

from typing import Any, cast

import pytest

from posthouse.bootstrap.parts import following


class Changed:
    """A directory of which one version has come."""

    def __init__(self) -> None:
        self.news = [True]

    async def refresh(self) -> bool:
        return self.news.pop() if self.news else False

    def records(self) -> tuple[str, ...]:
        return ("tencent-1",)


class Connecting:
    """Connections that cannot be made the first time."""

    def __init__(self) -> None:
        self.failing = [OSError("too many open files")]
        self.followed: list[Any] = []

    async def follow(self, records: Any) -> None:
        if self.failing:
            raise self.failing.pop()
        self.followed.append(records)


async def test_channels_that_could_not_be_connected_are_tried_again_without_a_further_change():
    connections = Connecting()
    step = following(cast("Any", Changed()), cast("Any", connections))
    with pytest.raises(OSError, match="too many"):
        await step()
    assert await step() is False
    assert connections.followed == [("tencent-1",)]
    await step()
    assert len(connections.followed) == 1
