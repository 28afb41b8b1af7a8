"""What is generated of the extension: the settings in package.json, from the server's typed settings.

    python editors/vscode/configuration.py      write them into package.json

Who may set what follows the server's own rule for a workspace's file, because a workspace's .vscode/settings.json is a
stranger's as well: what concerns the machine or the person, and what may only be made stricter, is a setting of the
machine; what names programs, models and servers counts in a trusted workspace only. `make docs` runs it; a test says
when package.json has drifted.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

from twolane import __version__
from twolane.server.config.settings import Settings, options
from twolane.server.config.settings_values import allowed

MANIFEST = Path(__file__).resolve().parent / "package.json"

_SCOPES = {"workspace": "window", "trusted": "machine-overridable", "tighten": "machine", "add": "machine"}
"""VS Code's scope by ours; `user` and whatever else there is belongs to the machine."""

_SWITCHED_BY_WORKSPACE = "completion."
"""Of these a workspace may make stricter in VS Code, too, where it is trusted: people turn suggestions off in one."""

_OWN: dict[str, dict[str, Any]] = {
    "twolane.server.path": {
        "type": "string",
        "default": "",
        "scope": "machine-overridable",
        "markdownDescription": "The program `twolane`, for example `~/twolane/.venv/bin/twolane`. Empty: that of the "
        "workspace's `.venv` or `venv` where you trust the workspace, else that in `PATH`, else that of the "
        "environment which the extension made.",
    },
    "twolane.server.environment": {
        "type": "object",
        "default": {},
        "scope": "machine-overridable",
        "additionalProperties": {"type": "string"},
        "markdownDescription": "More variables for the server's environment. Keys have no place here: "
        "[Add or Remove a Key](command:twolane.setKey).",
    },
    "twolane.server.restarts": {
        "type": "integer",
        "default": 5,
        "minimum": 0,
        "maximum": 100,
        "scope": "machine",
        "markdownDescription": "How often the server is brought back within three minutes before that is given up. "
        "0: never.",
    },
    "twolane.server.package": {
        "type": "string",
        "default": "",
        "scope": "machine",
        "markdownDescription": "What is installed into the environment that the extension makes when you ask for it: "
        "the folder of a clone, a wheel, or a requirement as pip takes it. Empty: you are asked.",
    },
    "twolane.server.python": {
        "type": "string",
        "default": "",
        "scope": "machine",
        "markdownDescription": "The Python, 3.11 or newer, that makes that environment. Empty: the first one found.",
    },
    "twolane.trace.server": {
        "type": "string",
        "enum": ["off", "messages", "verbose"],
        "default": "off",
        "scope": "window",
        "markdownDescription": "Write the messages between VS Code and the server into the log; `verbose` writes your "
        "code, too.",
    },
}


def render() -> str:
    """Return package.json with the settings as they are now."""
    manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
    groups = [{"title": "Extension", "order": 0, "properties": _OWN}, *_groups()]
    manifest["version"] = __version__
    manifest["contributes"]["configuration"] = groups
    manifest["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"] = [
        key for group in groups for key, schema in group["properties"].items() if _restricted(key, schema["scope"])
    ]
    return json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"


def _restricted(key: str, scope: str) -> bool:
    """Whether a workspace that is not trusted has no say."""
    if scope == "machine-overridable":
        return True
    return any(f"twolane.{name}" == key and option.metadata["scope"] == "tighten" for name, option in options())


def _groups() -> Iterator[dict[str, Any]]:
    defaults = Settings()
    for order, section in enumerate(fields(defaults), 1):
        listed = [(key, option) for key, option in options() if key.partition(".")[0] == section.name]
        told = inspect.getdoc(getattr(defaults, section.name)) or ""
        yield {
            "title": section.name.title(),
            "order": order,
            "properties": {
                f"twolane.{key}": {**_schema(option), "scope": _scope(key, option), **_told(told, option, number)}
                for number, (key, option) in enumerate(listed)
            },
        }


def _told(section: str, option: Field[Any], number: int) -> dict[str, Any]:
    """The description; a section's own words stand before its first setting."""
    doc = str(option.metadata["doc"])
    if option.metadata["allowed"]:
        doc += f" Allowed: {allowed(option)}."
    return {"order": number, "markdownDescription": f"{section}\n\n{doc}" if number == 0 else doc}


def _scope(key: str, option: Field[Any]) -> str:
    ours = option.metadata["scope"]
    if ours == "tighten" and key.startswith(_SWITCHED_BY_WORKSPACE):
        return "window"
    return _SCOPES.get(ours, "machine")


def _schema(option: Field[Any]) -> dict[str, Any]:
    """A setting's type and default as JSON schema."""
    default, meta = option.default, option.metadata
    if isinstance(default, bool):
        return {"type": "boolean", "default": default}
    if meta["choices"]:
        return {"type": "string", "enum": list(meta["choices"]), "default": default}
    if isinstance(default, int | float):
        kind = "integer" if isinstance(default, int) else "number"
        return {"type": kind, "minimum": meta["low"], "maximum": meta["high"], "default": default}
    if not isinstance(default, tuple):
        return {"type": "string", "default": default}
    told = meta["allowed"]
    if "table" in told and not meta["adapters"]:
        items: dict[str, Any] = {"type": "object"}
    else:
        items = {"type": ["string", "object"] if meta["adapters"] else "string"}
    kinds: str | list[str] = ["string", "array"] if told.startswith("a command") else "array"
    return {"type": kinds, "items": items, "default": list(default)}


def write() -> None:
    """Write package.json."""
    MANIFEST.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    write()
