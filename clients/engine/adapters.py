"""LoRA adapters of a loaded model: checked, loaded, given back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import ModelRefused
from .gguf_check import Header, read_adapter
from .llama import Model
from .spec import Adapter


class Adapters:
    """The adapters that one specification puts on a model; `in_use` is what `Sequences` takes."""

    def __init__(self, model: Model, header: Header, wanted: tuple[Adapter, ...]) -> None:
        """Load them; raise `ModelRefused` where one cannot be used with the model of `header`."""
        self._model = model
        self._wanted = wanted
        self._sizes: list[int] = []
        self.in_use: list[tuple[Any, float]] = []
        try:
            for adapter in wanted:
                path = Path(adapter.path).expanduser()
                self._sizes.append(read_adapter(path, header.architecture).size)
                self.in_use.append((model.load_adapter(path), adapter.scale))
        except ModelRefused:
            self.close()
            raise

    @property
    def size(self) -> int:
        """Bytes that they take."""
        return sum(self._sizes)

    def status(self) -> list[dict[str, object]]:
        """Describe them for `engine status`."""
        return [{"path": adapter.path, "scale": adapter.scale} for adapter in self._wanted]

    def close(self) -> None:
        """Free them; no `Sequences` may use them any more."""
        while self.in_use:
            self._model.free_adapter(self.in_use.pop()[0])
