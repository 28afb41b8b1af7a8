"""A language server that answers as `script.json` in its folder says, and writes down what it hears in `heard.jsonl`.

The script: `automatic` and `invoked` are the answers to inline completions (null is one, too; `"numbered"` is a
suggestion that names the column it was asked at), `hold` leaves requests unanswered until another one comes, `command`
is what `twolane.refactor` sends as `workspace/applyEdit`, `action` the one code action, whose edit comes on resolving
(`disabled` is why it cannot be had), `state`, `documents` and `disabled` (languages) are parts of the answer of
`twolane.status`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

COMMANDS = ["twolane.explain", "twolane.status", "twolane.pause", "twolane.refactor", "twolane.accepted"]
CAPABILITIES = {
    "positionEncoding": "utf-16",
    "textDocumentSync": {"openClose": True, "change": 2},
    "inlineCompletionProvider": True,
    "codeActionProvider": {"resolveProvider": True, "codeActionKinds": ["refactor.rewrite"]},
    "executeCommandProvider": {"commands": COMMANDS},
}


def main() -> None:
    """Serve until the input ends."""
    held: list[Any] = []
    hello: dict[str, Any] = {}
    while (heard := read()) is not None:
        with Path("heard.jsonl").open("a") as file:
            file.write(json.dumps(heard) + "\n")
        method, number = heard.get("method"), heard.get("id")
        if method == "exit":
            return
        if number is None or method is None:
            continue
        script = json.loads(Path("script.json").read_text()) if Path("script.json").exists() else {}
        if method == "textDocument/inlineCompletion" and script.get("hold"):
            held.append((number, script["hold"]))
            continue
        if method == "initialize":
            hello = heard["params"]["capabilities"]["textDocument"]["codeAction"]
        if "action" in script and "disabled" in script["action"] and not hello.get("disabledSupport"):
            del script["action"]
        send(id=number, result=answer(method, heard.get("params") or {}, script))
        for late, items in held:
            send(id=late, result=items)
        held.clear()


def answer(method: str, params: dict[str, Any], script: dict[str, Any]) -> Any:
    """Return the result of a request."""
    if method == "initialize":
        return {"capabilities": CAPABILITIES}
    if method == "textDocument/inlineCompletion":
        kind = "invoked" if params["context"]["triggerKind"] == 1 else "automatic"
        if script.get(kind) == "numbered":
            return [{"insertText": f" ghost-{params['position']['character']}-"}]
        return script.get(kind, [])
    if method == "textDocument/codeAction":
        return [action(script["action"])] if "action" in script else []
    if method == "codeAction/resolve":
        return {**params, "edit": script["action"]["edit"]}
    if method == "workspace/executeCommand":
        if params["command"] == "twolane.refactor":
            send(id="edit", method="workspace/applyEdit", params=script["command"])
        if params["command"] == "twolane.status":
            told = {"state": script.get("state", "ready"), "documents": script.get("documents", [])}
            told["disabled_languages"] = script.get("disabled", [])
            return {"lane": "near", "model": {"name": "scripted"}, "enabled": True, "paused": False, **told}
        return {}
    return None


def action(wanted: dict[str, Any]) -> dict[str, Any]:
    """Return a code action as the list has it."""
    disabled = {"disabled": {"reason": wanted["disabled"]}} if "disabled" in wanted else {}
    return {"title": wanted["title"], "kind": "refactor.rewrite", "data": 1, **disabled}


def read() -> Any:
    """Return the next message; None at the end."""
    length = 0
    while line := sys.stdin.buffer.readline().strip():
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return json.loads(sys.stdin.buffer.read(length)) if length else None


def send(**fields: Any) -> None:
    """Write one message."""
    body = json.dumps({"jsonrpc": "2.0", **fields}).encode()
    sys.stdout.buffer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
