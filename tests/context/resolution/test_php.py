from __future__ import annotations

from .meaning import check, targets

COMPOSER = """
{"autoload": {"psr-4": {"App\\\\": "src/", "App\\\\Extra\\\\": ["extra/", "more/"]}},
 "autoload-dev": {"psr-4": {"App\\\\Tests\\\\": "tests/"}, "psr-0": {"Old\\\\": "legacy"}}}
"""


def test_classes_by_autoload_and_by_namespace() -> None:
    files = {
        "composer.json": COMPOSER,
        "src/Model/User.php": "<?php\nnamespace App\\Model;\nclass User { public function save() {} const MAX = 1; }\n",
        "more/Thing.php": "<?php\nnamespace App\\Extra;\nclass Thing {}\n",
        "legacy/Old/Kit.php": "<?php\nnamespace Old;\nclass Kit {}\n",
        "lib/functions.php": "<?php\nnamespace Lib;\nfunction helper() {}\nclass Loose {}\n",
        "lib/plain.php": "<?php\nfunction plain() {}\n",
        "src/Web/Other.php": "<?php\nnamespace App\\Web;\nclass Other {}\n",
        "src/Web/Page.php": """<?php
            namespace App\\Web;
            use App\\Model\\User as Person;
            use App\\Model;
            use App\\Extra\\{Thing, Gone};
            use Old\\Kit;
            use function Lib\\helper;
            use Lib\\Loose;
            require_once __DIR__ . '/../../lib/plain.php';
            class Page extends Other {}
            """,
    }
    workspace = check(
        files,
        "src/Web/Page.php",
        Person="src/Model/User.php User",
        Person__save="src/Model/User.php User.save",
        Model__User="src/Model/User.php User",
        Thing="more/Thing.php Thing",
        Gone="",
        Kit="legacy/Old/Kit.php Kit",
        helper="lib/functions.php helper",
        Loose="lib/functions.php Loose",
        Other="src/Web/Other.php Other",
        plain="lib/plain.php plain",
    )
    assert "lib/plain.php" in targets(workspace, "src/Web/Page.php")
    said = workspace.resolver.lookup("src/Web/Page.php", "\\App\\Extra\\Thing")
    assert [one.path for one in said] == ["more/Thing.php"]
