"""`python -m benchmarks.receivers FOLDER --language python`: what the static check says about correct and spoilt lines.

Lines of real files are taken out, one at a time, and put back as if they were a suggestion: whatever is found wrong
with them is a false alarm. The same lines are then spoilt in one place (a name, a member, the number of arguments) to
see how much of that is found. With `--jedi N` what jedi says of N members is compared with what we say (Python only).
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.context.memory_workspace import MemoryWorkspace
from twolane.context.facts import FileFacts
from twolane.context.knowledge import Finding, Knowledge, findings
from twolane.context.languages.reading import language_of, read_text

from ..report import quantile
from .gold import compare

_MAX_BYTES = 400_000


@dataclass
class Tally:
    """What one run counted."""

    files: int = 0
    references: int = 0
    lines: int = 0
    alarmed: int = 0
    judged: Counter[str] = field(default_factory=Counter)
    alarms: list[str] = field(default_factory=list)
    spoilt: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    ms: list[float] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    everywhere: list[str] = field(default_factory=list)


class Folder(MemoryWorkspace):
    """A folder read into memory, in which one text can be exchanged without counting all the others again."""

    def write(self, path: str, text: str) -> None:
        """Put another text into a file; who defines and who uses names stays as it was."""
        self._texts[path] = text
        self._facts.pop(path, None)
        self.resolver.forget(path)


def main() -> None:
    """Measure one folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--language", default="python")
    parser.add_argument("--lines", type=int, default=1000, help="lines put back")
    parser.add_argument("--jedi", type=int, default=0, help="members compared with jedi")
    parser.add_argument("--examples", type=int, default=0)
    parser.add_argument("--only", default="", help="judge only files whose path contains this")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    workspace = Folder(_texts(given.folder, given.language), dedent=False)
    if given.jedi:
        print(json.dumps(compare(workspace, given.folder, given.jedi, given.examples), indent=1))
        return
    tally = _measure(workspace, given.language, given.lines, given.only)
    _report(tally, given.examples, given.json)


def _texts(folder: Path, language: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        source = _same(language_of(name), language)
        if not path.is_file() or not (source or path.name in ("go.mod", "tsconfig.json", "package.json")):
            continue
        if path.stat().st_size <= _MAX_BYTES:
            texts[name] = path.read_text(encoding="utf-8", errors="replace")
    return texts


def _same(found: str | None, language: str) -> bool:
    script = ("typescript", "typescriptreact", "javascript", "javascriptreact")
    return found == language or (found in script and language in script)


def _measure(workspace: MemoryWorkspace, language: str, wanted: int, only: str) -> Tally:
    tally = Tally()
    chance = random.Random(7)
    paths = [path for path in workspace.paths() if language_of(path) == language and only in path]
    chance.shuffle(paths)
    share = max(1, -(-wanted // max(1, len(paths))))
    for path in paths:
        facts, text = workspace.facts(path), workspace.read(path)
        if facts is None or text is None or facts.broken:
            continue
        tally.files += 1
        tally.references += len(facts.references)
        _judge_all(workspace, path, facts, tally)
        lines = sorted({item.line for item in facts.references})
        for line in chance.sample(lines, min(share, len(lines))):
            if tally.lines < wanted:
                _put_back(workspace, path, text, facts, line, chance, tally)
    return tally


def _judge_all(workspace: MemoryWorkspace, path: str, facts: FileFacts, tally: Tally) -> None:
    knowledge = Knowledge(workspace, workspace.resolver, path, None, workspace.read(path))
    for item in facts.references:
        if (found := knowledge.judge(item)) is not None:
            tally.everywhere.append(f"{path}:{item.line}: {found.said}")
        if item.receiver:
            tally.judged[f"member {knowledge.member(item.line, item.receiver, item.name)}"] += 1
        elif item.use != "member":
            tally.judged[f"name {knowledge.name(item.line, item.name)}"] += 1
        if item.use == "call":
            tally.judged[f"call {knowledge.call(item.line, item.receiver, item.name, item.arguments)}"] += 1


def _put_back(
    workspace: MemoryWorkspace,
    path: str,
    text: str,
    facts: FileFacts,
    line: int,
    chance: random.Random,
    tally: Tally,
) -> None:
    rows = text.split("\n")
    row = rows[line - 1]
    indent = len(row) - len(row.lstrip())
    rows[line - 1] = row[:indent]
    workspace.write(path, "\n".join(rows))
    before = workspace.facts(path)
    first, last = (line, indent), (line, len(row))

    def ask(after: FileFacts, end: tuple[int, int], put: str) -> tuple[Finding, ...]:
        rows[line - 1] = put
        whole = "\n".join(rows)
        began = time.perf_counter()
        found = findings(workspace, workspace.resolver, path, before, after, first, end, whole)
        tally.ms.append((time.perf_counter() - began) * 1000)
        return found

    def spoil(kind: str, spoilt: str) -> None:
        if (after := _spoilt(facts.language, text, line, spoilt)) is not None:
            tally.spoilt[kind] += 1
            found = bool(ask(after, (line, len(spoilt)), spoilt))
            tally.found[kind] += found
            if not found:
                tally.missed.append(f"{kind} {path}:{line}: {spoilt.strip()[:110]}")

    try:
        tally.lines += 1
        if found := ask(facts, last, row):
            tally.alarmed += 1
            tally.alarms.append(f"{path}:{line}: {found[0].said}: {row.strip()[:110]}")
            return
        on_line = [item for item in facts.references if item.line == line]
        item = chance.choice(on_line)
        end = item.column + len(item.name)
        if row[item.column : end] != item.name:
            return
        kind = "member" if item.receiver or item.use == "member" else "name"
        spoil(kind, row[:end] + "Zq" + row[end:])
        calls = [one for one in on_line if one.use == "call" and one.arguments >= 0 and row[one.column :].find("(") > 0]
        if calls:
            call = chance.choice(calls)
            at = row.index("(", call.column) + 1
            more = ", ".join("0" * 9) + (", " if call.arguments else "")
            spoil("call", row[:at] + more + row[at:])
    finally:
        workspace.write(path, text)


def _spoilt(language: str, text: str, line: int, row: str) -> FileFacts | None:
    rows = text.split("\n")
    rows[line - 1] = row
    after = read_text(language, "\n".join(rows))
    return after if isinstance(after, FileFacts) and not after.broken else None


def _report(tally: Tally, examples: int, as_json: bool) -> None:
    said = {
        "files": tally.files,
        "references judged": dict(sorted(tally.judged.items())),
        "wrongly judged in percent": round(100 * len(tally.everywhere) / max(1, tally.references), 3),
        "lines put back": tally.lines,
        "false alarms": tally.alarmed,
        "false alarms in percent": round(100 * tally.alarmed / max(1, tally.lines), 2),
        "spoilt and found in percent": {
            kind: f"{100 * tally.found[kind] / count:.0f} of {count}" for kind, count in sorted(tally.spoilt.items())
        },
        "ms p50": round(quantile(tally.ms, 0.5), 2) if tally.ms else 0,
        "ms p95": round(quantile(tally.ms, 0.95), 2) if tally.ms else 0,
        "ms most": round(max(tally.ms, default=0), 2),
    }
    if as_json:
        print(json.dumps({**said, "alarms": tally.alarms}))
        return
    for name, value in said.items():
        print(f"{name:30} {value}")
    for title, lines in (("alarm", tally.alarms), ("anywhere", tally.everywhere), ("missed", tally.missed)):
        for one in lines[:examples]:
            print(f"  {title:8}", one)


if __name__ == "__main__":
    main()
