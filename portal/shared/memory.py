"""What is made again and again from the same things: kept by the process under all that it was made from."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Memory(Generic[T]):
    """Things by key, a bounded number of them; the one made first leaves first.

    A key names everything that its thing was made from, so that what is found is what would be made now.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._things: OrderedDict[Hashable, T] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what is kept under a key, made now when there is none."""
        thing = self._things.get(key)
        if thing is None:
            thing = self._things[key] = make()
            while len(self._things) > self._size:
                self._things.popitem(last=False)
        return thing
