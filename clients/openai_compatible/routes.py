"""The ways to fill a hole: what is sent on each, and how its events are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..model import Finish, InfillRequest, Usage
from ..remote import figures
from ..remote.pieces import Whole
from . import prompt
from .probe import Capabilities, Route

_MOST_STOPS = 4
"""OpenAI's API takes so many stop texts, and some servers refuse more."""

_OTHERWISE = 0.8
"""The temperature at which another answer than the likeliest is drawn; the server has no other way to say one."""

_SEEDED = frozenset({"llama.cpp", "vLLM", "Ollama"})
"""Servers that take a seed, so that the same question has the same answers again."""

_NOTHING_FOLLOWS = "\n"
"""The suffix at the end of a file: without any, Ollama takes the prompt for a conversation, others for plain text."""


@dataclass(frozen=True, slots=True)
class Question:
    """Where a request goes and what it says; `prompt_chars` is the length of a prompt that we rendered, else 0."""

    path: str
    body: dict[str, Any]
    prompt_chars: int = 0


def question(known: Capabilities, route: Route, request: InfillRequest, chars: int) -> Question:
    """Put a request into the words of a route, its prompt cut to about `chars` characters (0: no limit)."""
    request = prompt.fitted(request, chars)
    if route == "infill":
        extras = [{"filename": extra.path, "text": extra.text} for extra in request.extras]
        body = {"input_prefix": request.prefix, "input_suffix": request.suffix, "input_extra": extras, "prompt": ""}
        return Question("/infill", _llama_body(known, request, body))
    if route == "completion" and known.family is not None:
        text = prompt.rendered(known.family, request)
        return Question("/completion", _llama_body(known, request, {"prompt": text}), len(text))
    if route == "completions" and known.family is not None:
        text = prompt.rendered(known.family, request)
        stops = [*request.stop, *known.family.stops][: max(_MOST_STOPS, len(request.stop))]
        body = _openai_body(known, request, {"prompt": text, "stop": stops})
        return Question("/v1/completions", body, len(text))
    text = prompt.harmless(known.family, prompt.commented(request))
    suffix = prompt.harmless(known.family, request.suffix) or _NOTHING_FOLLOWS
    said = {"prompt": text, "suffix": suffix, "stop": list(request.stop)}
    return Question("/v1/completions", _openai_body(known, request, said), len(text) + len(suffix))


def _llama_body(known: Capabilities, request: InfillRequest, said: dict[str, Any]) -> dict[str, Any]:
    return {
        "model": known.model,
        **said,
        "n_predict": request.max_tokens,
        "stop": list(request.stop),
        **_drawn(known, request),
        "stream": True,
        "cache_prompt": True,
        "timings_per_token": True,
    }


def _drawn(known: Capabilities, request: InfillRequest) -> dict[str, Any]:
    """How each token is chosen: the likeliest, but for alternatives."""
    if not request.alternative:
        return {"temperature": 0}
    seed = {"seed": request.alternative} if known.kind in _SEEDED else {}
    return {"temperature": _OTHERWISE, "top_p": 0.95, **seed}


def _openai_body(known: Capabilities, request: InfillRequest, said: dict[str, Any]) -> dict[str, Any]:
    body = {
        "model": known.model,
        **said,
        "max_tokens": request.max_tokens,
        **_drawn(known, request),
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if known.kind == "vLLM":
        body["stream_options"] = {"include_usage": True, "continuous_usage_stats": True}
        body["stop_token_ids"] = list(known.stop_ids)
    return body


class Reader:
    """Reads one answer of either form. `finish` is set when the server has said why it ended."""

    def __init__(self) -> None:
        self.finish: Finish | None = None
        self.generated = 0
        self._prompt = 0
        self._reused = 0
        self._timings: dict[str, float] = {}
        self._whole = Whole()

    def feed(self, event: dict[str, Any]) -> str:
        """Take one event, return the text it adds; raise `TypeError` or `ValueError` where it is malformed."""
        if isinstance(timings := event.get("timings"), dict):
            self._timings = figures.finite(timings)
            self._reused = figures.tokens(timings.get("cache_n"))
            self._prompt = self._reused + figures.tokens(timings.get("prompt_n"))
            self.generated = figures.tokens(timings.get("predicted_n"))
        as_openai = "choices" in event or "usage" in event
        text = self._openai(event) if as_openai else self._llama(event)
        return self._whole.feed(text) + (self._whole.end() if self.finish else "")

    def usage(self, finish: Finish, first_ms: float, total_ms: float) -> Usage | None:
        """What the answer took; None where the server has told nothing. Milliseconds since it was asked."""
        if not self._prompt:
            return None
        prefill = self._timings.get("prompt_ms", first_ms)
        decode = self._timings.get("predicted_ms", total_ms - first_ms)
        return Usage(
            prompt_tokens=self._prompt,
            reused_tokens=self._reused,
            evaluated_tokens=max(0, self._prompt - self._reused),
            generated_tokens=self.generated,
            queue_ms=max(0.0, first_ms - prefill),
            prefill_ms=prefill,
            decode_ms=max(0.0, decode),
            finish=finish,
            model_ms=prefill + decode if self._timings else 0.0,
        )

    def _llama(self, event: dict[str, Any]) -> str:
        if event.get("stop") is True:
            kind = event.get("stop_type")
            self.finish = "length" if kind == "limit" else "stop" if kind == "word" else "end"
        return _text(event.get("content"))

    def _openai(self, event: dict[str, Any]) -> str:
        if isinstance(usage := event.get("usage"), dict):
            self._prompt = figures.tokens(usage.get("prompt_tokens"))
            self.generated = figures.tokens(usage.get("completion_tokens"))
            details = usage.get("prompt_tokens_details")
            cached = figures.tokens(details.get("cached_tokens")) if isinstance(details, dict) else 0
            self._reused = min(self._prompt, cached)
        choices = event.get("choices")
        if not choices:
            return ""
        if not isinstance(choices, list):
            raise TypeError("choices")
        choice = choices[0]
        if reason := choice.get("finish_reason"):
            self.finish = "length" if reason == "length" else "end"
        return _text(choice.get("text"))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError("text")
    return value
