"""Calls and members of the object itself, in languages where much may come from out of sight.

`⟦…⟧` marks what is judged; each place is one that people write, right or wrong.
"""

from __future__ import annotations

import pytest

from tests.context.test_knowledge import wrong

RUBY = "class Cart\n  def total(a, b)\n    a + b\n  end\n\n  def run(list)\n    ⟦{}⟧\n  end\nend\n"
CSHARP = "class Cart {{\n    int Total(int a, int b) {{ return a; }}\n\n    void Run() {{\n        ⟦{}⟧\n    }}\n}}\n"
CPP = "int total(int a, int b);\n\nint run(int a)\n{{\n    ⟦{}⟧\n    return a;\n}}\n"
PHP = (
    "<?php\nclass Cart\n{{\n    public function total($a, $b)\n    {{\n        return $a;\n    }}\n\n"
    "    public function run($list)\n    {{\n        ⟦{}⟧\n    }}\n}}\n"
)


@pytest.mark.parametrize(
    ("path", "document", "text", "blamed"),
    [
        ("a.rb", RUBY, "total(1)", True),
        ("a.rb", RUBY, "self.total(1, 2, 3)", True),
        ("a.rb", RUBY, "total(1, 2)", False),
        ("a.rb", RUBY, "total(*list)", False),
        ("a.rb", RUBY, "total 1, b: 2, c: 3", False),
        ("a.rb", RUBY, "list.map(&method(:total))", False),
        ("a.rb", RUBY, "list.total(1)", False),
        ("a.rb", RUBY, "total(<<~ONE,\n      text\n    ONE\n    2)", False),
        ("a.rb", RUBY.replace("a, b)", "a, b = 1)"), "total(1)", False),
        ("a.rb", RUBY.replace("a, b)", "a, *b)"), "total(1, 2, 3)", False),
        ("a.rb", RUBY.replace("a, b)", "a, b:)"), "total(list)", False),
        ("a.rb", RUBY.replace("def total", "def self.total"), "total(1)", False),
        ("a.rb", RUBY.replace("class Cart", "class Cart\n  prepend Other"), "total(1)", False),
        ("a.rb", RUBY.replace("  def run", "  def total(a)\n    a\n  end\n\n  def run"), "total(1)", False),
        ("a.rb", "def total(a)\nend\n\n⟦{}⟧\n", "total()", True),
        ("a.rb", "define do\n  def total(a)\n  end\nend\n\nother {{ ⟦{}⟧ }}\n", "total()", False),
        ("A.cs", CSHARP, "Total(1);", True),
        ("A.cs", CSHARP, "this.Total(1, 2, 3);", True),
        ("A.cs", CSHARP, "Total(1, 2);", False),
        ("A.cs", CSHARP, "other.Total(1);", False),
        ("A.cs", CSHARP, "var one = new Total(1);", False),
        ("A.cs", CSHARP.replace("Total(int a, int b)", "Equals(int a)"), "Equals(1, 2);", False),
        ("A.cs", CSHARP.replace("int b)", "int b = 0)"), "Total(1);", False),
        ("A.cs", CSHARP.replace("int b)", "params int[] b)"), "Total(1, 2, 3);", False),
        ("A.cs", CSHARP.replace("    void", "    int Total(int a) {{ return a; }}\n\n    void"), "Total(1);", False),
        ("A.cs", CSHARP.replace("class Cart", "partial class Cart"), "Total(1);", False),
        ("A.cs", CSHARP.replace("class Cart", "class Cart : Unseen"), "Total(1);", False),
        ("A.cs", CSHARP, "System.Func<int, int> Total = x => x; Total(1);", False),
        ("A.cs", CSHARP.replace("(int a", "([Optional] int a"), "Total(1);", False),
        ("A.cs", "static " + CSHARP.replace("int Total(", "static int Total(this Cart c, "), "Total(c, 1, 2);", False),
        ("a.cpp", CPP, "total(1);", True),
        ("a.cpp", CPP, "total(1, 2, 3);", True),
        ("a.cpp", CPP, "total(1, 2);", False),
        ("a.cpp", CPP, "total(BOTH);", False),
        ("a.cpp", CPP, "other::total(1);", False),
        ("a.cpp", CPP, "total(one<int, int>(1, 2), 3);", False),
        ("a.cpp", CPP, "total(1,\n#ifdef A\n2\n#else\n3\n#endif\n);", False),
        ("a.cpp", CPP.replace("int b)", "int b = 0)"), "total(1);", False),
        ("a.cpp", CPP.replace("int b)", "...)"), "total(1, 2, 3);", False),
        ("a.cpp", CPP.replace("int a, int b", "PARAMETERS"), "total(1, 2);", False),
        ("a.cpp", "int total(int a);\n" + CPP, "total(1);", False),
        ("a.cpp", "#define total(x) x\n" + CPP, "total(1);", False),
        ("a.cpp", "using namespace std;\n" + CPP, "total(1);", False),
        ("a.cpp", CPP.replace("int run(int a)", "TEST_F(Cart, Adds)"), "total();", False),
        ("a.cpp", "struct Other {{ int total(); }};\n" + CPP, "total();", False),
        ("a.cpp", CPP.replace("total", "move"), "move(a);", False),
        ("a.php", PHP, "$this->total(1);", True),
        ("a.php", PHP, "return $this->total(1, 2, 3);", True),
        ("a.php", PHP, "$this->total(1, 2);", False),
        ("a.php", PHP, "$this->total(...$list);", False),
        ("a.php", PHP, "$list->total(1);", False),
        ("a.php", PHP, "total(1);", False),
        ("a.php", PHP.replace("$b)", "$b = null)"), "$this->total(1);", False),
        ("a.php", PHP.replace("$b)", "...$b)"), "$this->total(1, 2, 3);", False),
        ("a.php", PHP.replace("return $a;", "return func_get_args();"), "$this->total(1, 2, 3);", False),
        ("a.php", PHP.replace("$b)", "$b /* , $c */)"), "$this->total(1, 2, 3);", False),
    ],
)
def test_the_number_of_arguments(path: str, document: str, text: str, blamed: bool) -> None:
    found = wrong({path: document.format(text)}, path)
    assert [one.partition(":")[0] for one in found] == ["arguments do not fit"] * blamed


def test_a_prototype_in_a_header_tells_of_defaults() -> None:
    files = {
        "a.h": "int total(int a, int b = 0);\n",
        "a.cpp": '#include "a.h"\n\nint total(int a, int b) { return a; }\n\nint run() { return ⟦total(1)⟧; }\n',
    }
    assert wrong(files, "a.cpp") == []
    files["a.h"] = "int total(int a, int b);\n"
    assert wrong(files, "a.cpp") == ["arguments do not fit: total"]


def test_a_function_of_another_namespace_of_php_is_not_the_one() -> None:
    files = {
        "a.php": "<?php\nnamespace A;\n\nfunction each($a, $b)\n{\n    return $a;\n}\n",
        "b.php": "<?php\nnamespace B;\n\nfunction run($a)\n{\n    return ⟦each($a)⟧;\n}\n",
    }
    assert wrong(files, "b.php") == []
    files["b.php"] = files["b.php"].replace("namespace B", "namespace A")
    assert wrong(files, "b.php") == ["arguments do not fit: each"]


def test_a_function_of_a_module_of_ruby() -> None:
    files = {
        "lib/text.rb": "module Text\n  def self.wrap(a, b)\n    a\n  end\nend\n",
        "lib/run.rb": "class Run\n  def run\n    ⟦Text.wrap(1)⟧\n  end\nend\n",
    }
    assert wrong(files, "lib/run.rb") == ["arguments do not fit: wrap"]
    files["lib/text.rb"] = files["lib/text.rb"].replace("self.", "")
    assert wrong(files, "lib/run.rb") == []


RUST = (
    "#[derive(Debug, Clone)]\nstruct Cart {{\n    total: u32,\n}}\n\nimpl Cart {{\n    fn run(&self) {{\n        ⟦{}⟧\n"
    "    }}\n}}\n"
)
SCRIPT = "class Cart {{\n  constructor() {{\n    this.total = 1\n  }}\n\n  run(list) {{\n    ⟦{}⟧\n  }}\n}}\n"
PHP_MEMBERS = (
    "<?php\nclass Cart\n{{\n    private $total;\n\n    public function run($list)\n    {{\n        ⟦{}⟧\n    }}\n}}\n"
)


@pytest.mark.parametrize(
    ("path", "document", "text", "blamed"),
    [
        ("a.rs", RUST, "self.totl;", True),
        ("a.rs", RUST, "self.invented();", True),
        ("a.rs", RUST, "self.total;", False),
        ("a.rs", RUST, "self.clone().run();", False),
        ("a.rs", RUST.replace("Debug, Clone", "Debug, Parser"), "self.update_from();", False),
        ("a.rs", RUST + "\nimpl Deref for Cart {{ type Target = Other; }}\n", "self.other;", False),
        ("a.rs", RUST + "\nimpl Iterator for Cart {{ type Item = u8; }}\n", "self.collect();", False),
        ("a.rs", RUST + "\nimpl Iterator for Cart {{ type Item = u8; }}\n", "self.totl;", True),
        ("a.rs", RUST + "\nmore_of!(Cart);\n", "self.invented();", False),
        ("a.rs", RUST.replace("impl Cart", "impl Held for other::Cart"), "self.invented();", False),
        ("a.rs", "use tracing::Instrument;\n" + RUST, "self.instrument();", False),
        ("a.rs", "use tracing::Instrument;\n" + RUST, "self.totl;", True),
        ("a.js", SCRIPT, "return this.totl", True),
        ("a.js", SCRIPT, "return this.invented()", True),
        ("a.js", SCRIPT, "return this.#hidden", True),
        ("a.js", SCRIPT, "return this.total + this.run()", False),
        ("a.js", SCRIPT, "this.added = 1; return this.added", False),
        ("a.js", SCRIPT, "return list.map((one) => this.totl)", True),
        ("a.js", SCRIPT, "list.each(function () { return this.dataset })", False),
        ("a.js", SCRIPT, "return { size() {\n      return this.count\n    } }", False),
        ("a.js", SCRIPT.replace("Cart {{", "Cart extends Unseen {{"), "return this.totl", False),
        ("a.js", SCRIPT.replace("Cart {{", "Cart extends mixed(Unseen) {{"), "return this.totl", False),
        ("a.js", SCRIPT.replace("this.total = 1", "Object.assign(this, options)"), "return this.totl", False),
        ("a.js", SCRIPT.replace("this.total = 1", "for (const k in o) this[k] = o[k]"), "return this.totl", False),
        ("a.js", SCRIPT + "\nCart.prototype[more] = 1\n", "return this.totl", False),
        ("a.js", "@observed\n" + SCRIPT, "return this.totl", False),
        ("a.ts", SCRIPT, "return this.totl", True),
        ("a.ts", SCRIPT, "list.each(function () { return this.dataset })", False),
        ("a.php", PHP_MEMBERS, "return $this->totl;", True),
        ("a.php", PHP_MEMBERS, "return $this->invented();", True),
        ("a.php", PHP_MEMBERS, "return $this->total + $this->run(1);", False),
        ("a.php", PHP_MEMBERS, "return $this->RUN(1);", False),
        ("a.php", PHP_MEMBERS, "return $list->totl;", False),
        ("a.php", PHP_MEMBERS.replace("class Cart", "class Cart extends Unseen"), "return $this->totl;", False),
        ("a.php", PHP_MEMBERS.replace("class Cart", "class Cart implements \\Countable"), "return $this->totl;", True),
        (
            "a.php",
            PHP_MEMBERS.replace("class Cart", "abstract class Cart implements \\Countable"),
            "return $this->count();",
            False,
        ),
        ("a.php", PHP_MEMBERS.replace("    private", "    use Unseen;\n    private"), "return $this->totl;", False),
        (
            "a.php",
            PHP_MEMBERS.replace("function run", "function __get($n) {{}}\n    function run"),
            "$this->totl;",
            False,
        ),
        ("a.php", PHP_MEMBERS, "foreach ($list as $k => $v) { $this->$k = $v; } return $this->totl;", False),
        ("a.php", PHP_MEMBERS, "return new class { function f() { return $this->other; } };", False),
    ],
)
def test_members_of_the_object_itself(path: str, document: str, text: str, blamed: bool) -> None:
    found = wrong({path: document.format(text)}, path)
    assert [one.partition(":")[0] for one in found if "name" not in one] == ["unknown member"] * blamed


@pytest.mark.parametrize("elsewhere", ["cart.totl = 2\n", "const totl = 1\n"])
def test_a_member_that_another_file_speaks_of_is_believed(elsewhere: str) -> None:
    assert wrong({"a.js": SCRIPT.format("return this.totl"), "b.js": elsewhere}, "a.js") == []


def test_a_receiver_of_rust_with_a_type_is_no_argument() -> None:
    text = "struct Cart;\n\nimpl Cart {\n    fn wake(self: &Arc<Self>) {}\n\n    fn run(&self) { ⟦self.wake();⟧ }\n}\n"
    assert wrong({"a.rs": text}, "a.rs") == []
    assert wrong({"a.rs": text.replace("wake()", "wake(1)")}, "a.rs") == ["arguments do not fit: wake"]
