"""Write the lists of names that every file of a language knows: `context/types/preludes/*.txt`.

    python dev/preludes.py python                     from the interpreter that runs this (merged with what is there)
    python dev/preludes.py javascript FOLDER          from node and the declarations in a TypeScript compiler's lib/
    python dev/preludes.py go                         from the language specification's universe block, written below

Python's names are merged over the runs: a name of any version is believed.
"""

from __future__ import annotations

import builtins
import json
import keyword
import re
import subprocess
import sys
import textwrap
from pathlib import Path

LISTS = Path(__file__).parent.parent / "context" / "types" / "preludes"

PYTHON_MODULE = (
    "__name__ __file__ __doc__ __package__ __spec__ __loader__ __path__ __builtins__ __annotations__ __dict__"
    " __class__ __qualname__ __module__ __debug__ _ reveal_type reveal_locals WindowsError self cls match case type"
    " basestring unicode unichr long xrange raw_input reduce execfile file cmp intern buffer apply get_ipython"
)
GO = (
    "any bool byte comparable complex64 complex128 error float32 float64 int int8 int16 int32 int64 rune string uint"
    " uint8 uint16 uint32 uint64 uintptr true false iota nil append cap clear close complex copy delete imag len make"
    " max min new panic print println real recover _ break case chan const continue default defer else fallthrough for"
    " func go goto if import interface map package range return select struct switch type var init main C"
)
SCRIPT = (
    "abstract any arguments as asserts async await bigint boolean break case catch class const constructor continue"
    " debugger declare default delete do else enum export extends false finally for from function get global if"
    " implements import in infer instanceof interface intrinsic is keyof let module namespace never new null number"
    " object of out override package private protected public readonly require return satisfies set static string super"
    " switch symbol this throw true try type typeof undefined unique unknown using var void while with yield"
    " exports __dirname __filename Buffer NodeJS JSX React Deno Bun chrome browser process console"
    " define importScripts jQuery $ ng angular vi jest describe it test expect suite before after beforeAll beforeEach"
    " afterAll afterEach xit xdescribe xtest fit fdescribe context specify cy Cypress jasmine spyOn sinon chai assert"
    " browser page expectTypeOf expectType assertType bench mocha QUnit fail pending done"
)
_DECLARED = re.compile(
    r"^(?:declare )?(?:var|let|const|function|class|interface|type|namespace|enum) (\w+)", re.MULTILINE
)


def main(language: str, *arguments: str) -> None:
    """Write one list."""
    if language == "python":
        known = _known("python")
        names = {*known, *dir(builtins), *keyword.kwlist, *keyword.softkwlist, *PYTHON_MODULE.split()}
        _write("python", names, "the builtins and keywords of CPython, names of older versions, a module's own names")
    elif language == "go":
        _write("go", set(GO.split()), "Go's universe block and keywords (The Go Programming Language Specification)")
    elif language == "javascript":
        asked = ["node", "-e", "console.log(JSON.stringify(Object.getOwnPropertyNames(globalThis)))"]
        names = set(json.loads(subprocess.run(asked, check=True, capture_output=True, text=True).stdout))
        for path in sorted(Path(arguments[0]).glob("lib*.d.ts")):
            names |= set(_DECLARED.findall(path.read_text(encoding="utf-8")))
        _write(
            "javascript",
            names | set(SCRIPT.split()),
            "node's global object, what TypeScript's lib*.d.ts declare, keywords, what test runners make global",
        )
    else:
        sys.exit(f"no list for {language}: python, go or javascript")


def _known(language: str) -> set[str]:
    path = LISTS / f"{language}.txt"
    if not path.is_file():
        return set()
    lines = path.read_text(encoding="utf-8").splitlines()
    return {word for line in lines if not line.startswith("#") for word in line.split()}


def _write(language: str, names: set[str], source: str) -> None:
    rows = textwrap.wrap(" ".join(sorted(names)), 118, break_long_words=False, break_on_hyphens=False)
    LISTS.mkdir(exist_ok=True)
    text = "\n".join([f"# Written by dev/preludes.py: {source}.", *rows, ""])
    (LISTS / f"{language}.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
