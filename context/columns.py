"""Facts of one kind held field by field: stored and compared without making any, and told only when asked for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")

Fields = Sequence[Sequence[Any]]


class Columns(Sequence[T], Generic[T]):
    """A sequence of frozen facts, made when one of them is first asked for, and all of them at once.

    `columns` holds one list for each field of `kind` (a dataclass with slots), in their order and all of one length;
    nobody changes them. Two are equal where their facts are, and so are one and a tuple of the same facts.
    """

    __slots__ = ("_columns", "_count", "_load", "_made", "kind")

    def __init__(self, kind: type[T], columns: Fields) -> None:
        """Raises `ValueError` where columns are missing, or of different lengths."""
        self.kind = kind
        self._load: Callable[[], Fields] | None = None
        self._made: tuple[T, ...] | None = None
        self._columns = _whole(kind, columns)
        self._count = len(columns[0])

    @classmethod
    def of(cls, kind: type[T], rows: Sequence[Sequence[Any]]) -> Columns[T]:
        """One fact for each row; a row is the values of its fields, in order."""
        return cls(kind, list(zip(*rows, strict=True)) if rows else [()] * len(names_of_fields(kind)))

    @classmethod
    def later(cls, kind: type[T], count: int, load: Callable[[], Fields]) -> Columns[T]:
        """`count` facts whose columns are fetched when they are first looked at; what `load` raises comes out there."""
        made = cls(kind, [()] * len(names_of_fields(kind)))
        made._load, made._count = load, count
        return made

    @property
    def columns(self) -> Fields:
        """The fields, one sequence each."""
        if self._load is not None:
            self._columns, self._load = _whole(self.kind, self._load()), None
            self._count = len(self._columns[0])
        return self._columns

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[T]:
        return iter(self._all())

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        return self._all()[index]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Columns):
            return bool(self.kind is other.kind and list(map(list, self.columns)) == list(map(list, other.columns)))
        return self._all() == other

    def __hash__(self) -> int:
        return hash(self._all())

    def __repr__(self) -> str:
        return repr(self._all())

    def _all(self) -> tuple[T, ...]:
        """The facts, their slots filled column by column: half the time of calling the class."""
        if self._made is None:
            kind, columns = self.kind, self.columns
            made = tuple([object.__new__(kind) for _ in range(len(self))])
            for name, values in zip(names_of_fields(kind), columns, strict=True):
                fill: Callable[[T, Any], None] = kind.__dict__[name].__set__
                deque(map(fill, made, values), maxlen=0)
            self._made = made
        return self._made


def _whole(kind: type[Any], columns: Fields) -> Fields:
    if len(columns) != len(names_of_fields(kind)) or len(set(map(len, columns))) != 1:
        raise ValueError("columns are missing, or of different lengths")
    return columns


def names_of_fields(kind: Any) -> tuple[str, ...]:
    """The fields of a dataclass with slots, in order."""
    return tuple(kind.__slots__)


def fields_of(kind: type[Any], facts: Sequence[Any]) -> Fields:
    """All fields of these facts, which are of that kind; of `Columns` without making any."""
    if isinstance(facts, Columns):
        return facts.columns
    return [[getattr(one, name) for one in facts] for name in names_of_fields(kind)]


def column(facts: Sequence[Any], name: str) -> Sequence[Any]:
    """One field of each of these facts; of `Columns` without making any."""
    if isinstance(facts, Columns):
        return facts.columns[names_of_fields(facts.kind).index(name)]
    return [getattr(one, name) for one in facts]
