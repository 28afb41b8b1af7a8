"""Consecutive patch releases, with the SHA-256 of their wheels. All are under BSD, MIT or Apache licences."""

from __future__ import annotations

from ..typing.releases import Release, Version

PATCHES = (
    Release(
        "anyio",
        Version("4.6.0", "c7d2e9d63e31599eeb636c8c5c03a7e108d73b345f064f1c19fdc87b79036a9a"),
        Version("4.6.1", "0632863c9044798a494a05cab0b159dfad6a3f064094863a45878320eb4e8ed2"),
    ),
    Release(
        "click",
        Version("8.1.6", "fa244bb30b3b5ee2cae3da8f55c9e5e0c0e86093306301fb418eb9dc40fbded5"),
        Version("8.1.7", "ae74fb96c20a0277a1d615f1e4d73c8414f5a98db8b799a7931d1582f3390c28"),
    ),
    Release(
        "click",
        Version("8.1.7", "ae74fb96c20a0277a1d615f1e4d73c8414f5a98db8b799a7931d1582f3390c28"),
        Version("8.1.8", "63c132bbbed01578a06712a2d1f497bb62d9c1c0d329b7903a866228027263b2"),
    ),
    Release(
        "httpx",
        Version("0.27.0", "71d5465162c13681bff01ad59b2cc68dd838ea1f10e51574bac27103f00c91a5"),
        Version("0.27.1", "10877266452bbb4c7949734e5febc52d040fdf66f9e7c6d644a679f276d37de4"),
    ),
    Release(
        "httpx",
        Version("0.27.1", "10877266452bbb4c7949734e5febc52d040fdf66f9e7c6d644a679f276d37de4"),
        Version("0.27.2", "7bb2708e112d8fdd7829cd4243970f0c223274051cb35ee80c03301ee29a3df0"),
    ),
    Release(
        "jinja2",
        Version("3.1.4", "bc5dd2abb727a5319567b7a813e6a2e7318c39f4f487cfe6c89c6f9c7d25197d"),
        Version("3.1.5", "aba0f4dc9ed8013c424088f68a5c226f7d6097ed89b246d7749c2ec4175c6adb"),
    ),
    Release(
        "jinja2",
        Version("3.1.5", "aba0f4dc9ed8013c424088f68a5c226f7d6097ed89b246d7749c2ec4175c6adb"),
        Version("3.1.6", "85ece4451f492d0c13c5dd7c13a64681a86afae63a5f347908daf103ce6d2f67"),
    ),
    Release(
        "marshmallow",
        Version("3.21.2", "70b54a6282f4704d12c0a41599682c5c5450e843b9ec406308653b47c59648a1"),
        Version("3.21.3", "86ce7fb914aa865001a4b2092c4c2872d13bc347f3d42673272cabfdbad386f1"),
    ),
    Release(
        "requests",
        Version("2.32.2", "fc06670dd0ed212426dfeb94fc1b983d917c4f9847c863f313c9dfaaffb7c23c"),
        Version("2.32.3", "70761cfe03c773ceb22aa2f671b4757976145175cdfca038c02654d061d6dcc6"),
    ),
    Release(
        "requests",
        Version("2.32.3", "70761cfe03c773ceb22aa2f671b4757976145175cdfca038c02654d061d6dcc6"),
        Version("2.32.4", "27babd3cda2a6d50b30443204ee89830707d396671944c998b5975b031ac2b2c"),
    ),
    Release(
        "rich",
        Version("13.9.2", "8c82a3d3f8dcfe9e734771313e606b39d8247bb6b826e196f4914b333b743cf1"),
        Version("13.9.3", "9836f5096eb2172c9e77df411c1b009bace4193d6a481d534fea75ebba758283"),
    ),
    Release(
        "rich",
        Version("13.9.3", "9836f5096eb2172c9e77df411c1b009bace4193d6a481d534fea75ebba758283"),
        Version("13.9.4", "6049d5e6ec054bf2779ab3358186963bac2ea89175919d699e378b99738c2a90"),
    ),
    Release(
        "sqlparse",
        Version("0.5.1", "773dcbf9a5ab44a090f3441e2180efe2560220203dc2f8c0b0fa141e18b505e4"),
        Version("0.5.2", "e99bc85c78160918c3e1d9230834ab8d80fc06c59d03f8db2618f65f65dda55e"),
    ),
    Release(
        "sqlparse",
        Version("0.5.2", "e99bc85c78160918c3e1d9230834ab8d80fc06c59d03f8db2618f65f65dda55e"),
        Version("0.5.3", "cf2196ed3418f3ba5de6af7e82c694a9fbdbfecccdfc72e281548517081f16ca"),
    ),
    Release(
        "urllib3",
        Version("2.2.1", "450b20ec296a467077128bff42b73080516e71b56ff59a60a02bef2232c4fa9d"),
        Version("2.2.2", "a448b2f64d686155468037e1ace9f2d2199776e17f0a46610480d311f73e3472"),
    ),
    Release(
        "urllib3",
        Version("2.2.2", "a448b2f64d686155468037e1ace9f2d2199776e17f0a46610480d311f73e3472"),
        Version("2.2.3", "ca899ca043dcb1bafa3e262d73aa25c465bfb49e0bd9dd5d59f1d0acba2f8fac"),
    ),
    Release(
        "werkzeug",
        Version("3.0.3", "fc9645dc43e03e4d630d23143a04a7f947a9a3b5727cd535fdfe155a17cc48c8"),
        Version("3.0.4", "02c9eb92b7d6c06f31a782811505d2157837cea66aaede3e217c7c27c039476c"),
    ),
    Release(
        "werkzeug",
        Version("3.0.4", "02c9eb92b7d6c06f31a782811505d2157837cea66aaede3e217c7c27c039476c"),
        Version("3.0.5", "6e589e0b303561b8b1a61d363ee05b1d7de6ca12f27a3a25269ae6ee93e363fd"),
    ),
    Release(
        "werkzeug",
        Version("3.0.5", "6e589e0b303561b8b1a61d363ee05b1d7de6ca12f27a3a25269ae6ee93e363fd"),
        Version("3.0.6", "1bc0c2310d2fbb07b1dd1105eba2f7af72f322e1e455f2f93c993bee8c8a5f17"),
    ),
)
