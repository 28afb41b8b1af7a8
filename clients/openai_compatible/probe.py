"""What a server can do: found out by asking it, before anything of a document is sent.

Each kind is known by what only it answers: llama.cpp's /props, the owner that vLLM and TabbyAPI write beside their
models, Ollama's /api/version, LiteLLM's headers. Whether an endpoint exists is asked with an empty body, which costs no
model any work: a server that has it complains about the body, one that has not says 404. Questions go one after the
other, because each open connection holds a thread of llama.cpp's server.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from ..engine import families
from ..engine.families import Family
from ..errors import ModelError, ModelLoading, ModelRefused
from . import failures, family_names
from .connection import Connection, Reply
from .spec import ServerSpec

Kind = Literal["llama.cpp", "vLLM", "Ollama", "TabbyAPI", "LiteLLM", "OpenAI-compatible"]
Route = Literal["infill", "completion", "completions", "suffix"]
"""How a hole is filled: llama.cpp's /infill; its /completion or OpenAI's /v1/completions with a prompt of the model's
family; OpenAI's with a suffix."""

_PATIENCE_S = 10.0
_LOADING_S = 60.0
"""A server that loads its model for the first question may take longer over it."""

_OLLAMA_TOKENS = 4096
"""The window that Ollama gives a model unless its Modelfile says otherwise; what is longer it cuts without a word."""

_OLLAMA_WINDOW = re.compile(r"^\s*num_ctx\s+(\d{1,9})\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What answers and how it is asked.

    `routes` are the ways to fill a hole, the best first, empty where there is none. `context_tokens` is 0 where it is
    not told. `warms` says that reading a prompt leaves something behind that makes the next answer quicker. `stop_ids`
    are the family's control tokens for a server that takes them by number.
    """

    kind: Kind
    model: str
    family: Family | None
    context_tokens: int
    routes: tuple[Route, ...]
    chats: bool
    tokenizer: str = ""
    warms: bool = False
    stop_ids: tuple[int, ...] = ()


async def probe(connection: Connection, spec: ServerSpec) -> Capabilities:
    """Ask a server what it is; raise `ModelError` where it is not there, lets nobody in, or has no such model."""
    listed = await _get(connection, "/v1/models")
    props = await _get(connection, "/props")
    if listed.status != 200 and props.status != 200:
        raise _not_listed(listed, connection.host)
    if listed.body is None and props.body is None:
        raise failures.garbled(connection.host, "the list of models is no JSON")
    models = [model for model in listed.part("data") or [] if isinstance(model, dict) and model.get("id")]
    loaded = await _loaded_by_tabby(connection, models)
    model = loaded if loaded and spec.model in ("", loaded["id"]) else _chosen(models, spec, connection.host)
    kind = await _kind(connection, listed, props, model)
    name = str(model.get("id") or spec.model)
    if kind == "llama.cpp":
        return await _llama(connection, spec, props, name)
    if kind == "Ollama":
        return await _ollama(connection, spec, name)
    chats = await _exists(connection, "/v1/chat/completions")
    completes = await _exists(connection, "/v1/completions")
    tokenizer = {"vLLM": "/tokenize", "TabbyAPI": "/v1/token/encode"}.get(kind, "")
    numbers = await _control_numbers(connection, name) if kind == "vLLM" else {}
    behind = await _behind_the_proxy(connection, name) if kind == "LiteLLM" else str(model.get("root") or "")
    family = _family(spec, numbers, name, behind)
    routes: tuple[Route, ...] = ()
    if completes and family is not None:
        routes = ("completions",)
    elif completes and kind not in ("vLLM", "TabbyAPI") and await _reads_suffix(connection, name):
        routes = ("suffix",)
    parameters = model.get("parameters")
    window = model.get("max_model_len") or (parameters.get("max_seq_len") if isinstance(parameters, dict) else None)
    return Capabilities(
        kind=kind,
        model=name,
        family=family,
        context_tokens=window if isinstance(window, int) else 0,
        routes=routes,
        chats=chats,
        tokenizer=tokenizer,
        stop_ids=tuple(numbers[stop] for stop in family.stops if stop in numbers) if family else (),
    )


async def _llama(connection: Connection, spec: ServerSpec, props: Reply, name: str) -> Capabilities:
    infill = await _fills(connection, name)
    completion = await _exists(connection, "/completion")
    chats = await _exists(connection, "/v1/chat/completions")
    numbers = await _control_numbers(connection, name)
    window = props.part("default_generation_settings", "n_ctx")
    called = [str(props.part(key) or "") for key in ("model_path", "model_alias")]
    family = _family(spec, numbers, name, *called)
    routes: list[Route] = ["infill"] if infill else []
    if completion and family is not None:
        routes.insert(0 if family is families.STARTER else len(routes), "completion")
    return Capabilities(
        kind="llama.cpp",
        model=name,
        family=family,
        context_tokens=window if isinstance(window, int) else 0,
        routes=tuple(routes),
        chats=chats,
        tokenizer="/tokenize",
        warms=True,
    )


async def _ollama(connection: Connection, spec: ServerSpec, name: str) -> Capabilities:
    """Ask for the model's card: only one whose template has a place for the text behind the cursor fills a hole."""
    card = await connection.ask("POST", "/api/show", {"model": name}, patience_s=_PATIENCE_S)
    can = card.part("capabilities")
    window = _OLLAMA_WINDOW.search(str(card.part("parameters") or ""))
    return Capabilities(
        kind="Ollama",
        model=name,
        family=_family(spec, {}, name),
        context_tokens=int(window[1]) if window else _OLLAMA_TOKENS,
        routes=("suffix",) if not isinstance(can, list) or "insert" in can else (),
        chats=True,
    )


async def _loaded_by_tabby(connection: Connection, models: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The card of the model that TabbyAPI has loaded; None where it is another server, or an older one.

    Its list also has what lies in its folder, where the key is an administrator's, and names that only pose as models.
    """
    if "tabbyapi" not in {str(model.get("owned_by", "")).lower() for model in models}:
        return None
    card = await _get(connection, "/v1/model")
    if card.status in (400, 503):
        raise ModelLoading(f"{connection.host} (TabbyAPI) has no model loaded: load one there.")
    return card.body if card.status == 200 and card.part("id") else None


async def _kind(connection: Connection, listed: Reply, props: Reply, model: dict[str, Any]) -> Kind:
    if isinstance(props.part("default_generation_settings"), dict):
        return "llama.cpp"
    owner = str(model.get("owned_by", "")).lower()
    if owner == "vllm" or "max_model_len" in model:
        return "vLLM"
    if owner == "tabbyapi":
        return "TabbyAPI"
    if any(name.startswith("x-litellm") for name in listed.headers):
        return "LiteLLM"
    alive = await _get(connection, "/health/liveliness")
    if alive.status == 200 and isinstance(alive.body, str) and "alive" in alive.body:
        return "LiteLLM"
    version = await _get(connection, "/api/version")
    return "Ollama" if version.status == 200 and version.part("version") else "OpenAI-compatible"


async def _behind_the_proxy(connection: Connection, name: str) -> str:
    """What LiteLLM calls the model that stands behind one of its names; empty where it does not tell."""
    reply = await _get(connection, "/v1/model/info")
    models = reply.part("data")
    for model in models if isinstance(models, list) else []:
        if isinstance(model, dict) and model.get("model_name") == name:
            return str((model.get("litellm_params") or {}).get("model") or "")
    return ""


def _not_listed(listed: Reply, host: str) -> ModelError:
    """Why there is no list of models. A plain question is refused as such only for its key, as by LiteLLM."""
    status = 401 if listed.status == 400 else listed.status
    return failures.from_status(status, listed.body, listed.headers, host)


def _chosen(models: list[dict[str, Any]], spec: ServerSpec, host: str) -> dict[str, Any]:
    if not spec.model:
        if len(models) > 1:
            names = ", ".join(str(model["id"])[:60] for model in models[:8])
            raise ModelRefused(f"{host} has several models: name one of them in team.model ({names}).")
        return models[0] if models else {}
    for model in models:
        if spec.model in (model["id"], *(model.get("aliases") or [])):
            return model
    if models and not any("*" in str(model["id"]) for model in models):
        names = ", ".join(str(model["id"])[:60] for model in models[:8])
        raise ModelRefused(f'{host} has no model "{spec.model}": it has {names}; change team.model.')
    return {"id": spec.model}


def _family(spec: ServerSpec, numbers: dict[str, int], *names: str) -> Family | None:
    if spec.family:
        return family_names.named(spec.family)
    guess = family_names.guessed(*names)
    if not numbers or guess is families.STARTER:
        return guess
    try:
        return families.detect(" ".join(names), lambda _: None, numbers.get)
    except ModelRefused:
        return None


async def _control_numbers(connection: Connection, model: str) -> dict[str, int]:
    """Which of all families' control tokens this model has, with their numbers, by asking its tokenizer once.

    A control token comes back as one piece that is spelt like it; any other vocabulary takes it apart.
    """
    texts = sorted({text for family in families.FAMILIES for text in (*family.specials, *family.stops)})
    body = {"model": model, "content": "\n".join(texts), "parse_special": True, "with_pieces": True}
    body |= {"prompt": body["content"], "add_special_tokens": False, "return_token_strs": True}
    reply = await connection.ask("POST", "/tokenize", body, patience_s=_PATIENCE_S)
    tokens, strings = reply.part("tokens"), reply.part("token_strs")
    if reply.status != 200 or not isinstance(tokens, list):
        return {}
    if isinstance(strings, list):
        tokens = [{"id": number, "piece": text} for number, text in zip(tokens, strings, strict=False)]
    pieces = {str(token.get("piece")): token.get("id") for token in tokens if isinstance(token, dict)}
    return {text: number for text in texts if isinstance(number := pieces.get(text), int)}


async def _fills(connection: Connection, model: str) -> bool:
    """Whether llama.cpp's /infill is there and its model has the tokens for it."""
    body = {"model": model, "input_prefix": "a", "input_suffix": "b", "n_predict": 0}
    reply = await connection.ask("POST", "/infill", body, patience_s=_LOADING_S)
    if reply.status == 503:
        raise failures.from_status(reply.status, reply.body, reply.headers, connection.host)
    return reply.status == 200


async def _reads_suffix(connection: Connection, model: str) -> bool:
    """Whether /v1/completions reads a suffix, told by the length of the prompt with and without one."""
    body = {"model": model, "prompt": "1, 2, 3,", "max_tokens": 1, "temperature": 0}
    longer = {**body, "suffix": " 5, 6, 7, 8, 9, 10"}
    without = await connection.ask("POST", "/v1/completions", body, patience_s=_LOADING_S)
    beside = await connection.ask("POST", "/v1/completions", longer, patience_s=_LOADING_S)
    lengths = [reply.part("usage", "prompt_tokens") for reply in (without, beside)]
    if without.status != 200 or beside.status != 200 or not all(isinstance(length, int) for length in lengths):
        return False
    return bool(lengths[1] - lengths[0] >= 6)


async def _exists(connection: Connection, path: str) -> bool:
    reply = await connection.ask("POST", path, {}, patience_s=_PATIENCE_S)
    return reply.status not in (404, 405, 501)


async def _get(connection: Connection, path: str) -> Reply:
    return await connection.ask("GET", path, patience_s=_PATIENCE_S)
