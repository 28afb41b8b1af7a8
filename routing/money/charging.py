"""What a request is charged when it is over: what was reported of it, and never less than what is known of it."""

from __future__ import annotations

from dataclasses import replace

from ...clients.chat import ChatUsage
from ...clients.errors import AnswerCut, AnswerRefused, ModelCrashed, ModelError, ModelTimeout
from .prices import Estimate, Rate

_BYTES_PER_TOKEN = 3
"""An answer has at least one token for so many bytes of it, where less was reported."""

_MOST_BYTES_PER_TOKEN = 64
"""On average over an answer; a report of fewer tokens than that is one of its beginning."""

_AFTER_IT_WAS_READ = (AnswerCut, AnswerRefused, ModelCrashed, ModelTimeout)
"""Failures before which a provider may have read the prompt; the others refuse a request or never saw it."""


def charge(
    rate: Rate,
    estimate: Estimate,
    usage: ChatUsage | None,
    *,
    received: int,
    whole: bool,
    error: ModelError | None = None,
) -> int:
    """Price a request that was sent, in micro-dollars.

    `usage` is what was reported, `received` how many bytes of an answer came, `whole` whether it came to its end,
    `error` what broke it off; without one it was given up. Of a request that nothing was reported of, the prompt is
    charged at its bound as soon as it may have been read, and a whole answer at its worst case. A report without a
    prompt, as proxies make one up, is one of the answer only. What is not in a report can raise a charge no further
    than the worst case, which is what was reserved; only a report can.
    """
    came = -(-received // _BYTES_PER_TOKEN)
    if usage is not None:
        all_told = whole and received <= usage.output_tokens * _MOST_BYTES_PER_TOKEN
        most = replace(usage, output_tokens=usage.output_tokens if all_told else max(usage.output_tokens, came))
        if usage.input_tokens or usage.cache_read_tokens or usage.cache_write_tokens:
            return max(rate.cost(usage), min(estimate.worst, rate.cost(most)))
        if whole and usage.output_tokens:
            return min(estimate.worst, rate.cost(replace(most, cache_write_tokens=estimate.most_prompt_tokens)))
        came = most.output_tokens
    if whole:
        return estimate.worst
    if error is not None and not isinstance(error, _AFTER_IT_WAS_READ) and not came:
        return 0
    return min(estimate.worst, rate.cost(ChatUsage(0, came, cache_write_tokens=estimate.most_prompt_tokens)))
