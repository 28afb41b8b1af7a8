"""Facts as lines that a person can check against the source beside them."""

from __future__ import annotations

from twolane.context.facts import Definition, FileFacts, Import, Local, Reference


def render(facts: FileFacts) -> str:
    lines = [_definition(item) for item in facts.definitions]
    lines += [_import(item) for item in facts.imports]
    lines += [_local(item) for item in facts.locals]
    lines += [_reference(item) for item in facts.references]
    if facts.exports is not None:
        lines.append(f"exports {' '.join(facts.exports)}")
    if facts.package:
        lines.append(f"package {facts.package}")
    if facts.broken:
        lines.append("broken")
    return "\n".join(lines) + "\n"


def _definition(item: Definition) -> str:
    bases = f"({', '.join(item.bases)})" if item.bases else ""
    parts = [f"{item.start_line}-{item.end_line}..{item.last_line} {item.kind} {item.symbol}{bases}"]
    if item.gives:
        parts.append(f"gives {item.gives}")
    if item.least >= 0:
        parts.append(f"takes {item.least}..{'any' if item.most == -2 else item.most}")
    if item.mentions:
        parts.append(f"mentions {' '.join(item.mentions)}")
    if item.doc_line:
        parts.append(f"doc {item.doc_line}")
    parts += ["record"] * item.record + ["hidden"] * (not item.exported)
    return ", ".join(parts)


def _import(item: Import) -> str:
    dots = "." * item.level
    where = f"{item.start_line}-{item.end_line}"
    marks = " inner" * (not item.top) + " passed on" * item.passes_on
    return f"{where} import {dots}{item.module} : {item.name or '-'} as {item.bound or '-'}{marks}"


def _local(item: Local) -> str:
    return f"{item.line} local {item.name}{': ' + item.type if item.type else ''} in {item.start_line}-{item.end_line}"


def _reference(item: Reference) -> str:
    receiver = f"{item.receiver}." if item.receiver else ""
    count = f"({item.arguments if item.arguments >= 0 else '*'})" if item.use == "call" else ""
    return f"{item.line}:{item.column} {item.use} {receiver}{item.name}{count}"
