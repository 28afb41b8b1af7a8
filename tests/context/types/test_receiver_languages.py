"""The same questions in every language: what can stand after the dot at the cursor mark."""

from __future__ import annotations

import pytest

from tests.context.types.test_receiver import members

TYPESCRIPT = """
    export class Base { close(): void {} }
    export interface Pool { drain(): void }
    export class Client extends Base {
      private pool: Pool;
      constructor(private url: string) { super(); this.count = 0; }
      get(path: string): Promise<Response2> { return null as any; }
    }
    export class Response2 { status = 200; }
    export function connect(url: string): Client { return new Client(url); }
    export const shared = new Client("x");
"""
GO = """
    package net

    type Base struct{}

    func (b *Base) Close() {}

    type Client struct {
        Base
        pool *Pool
    }

    type Pool struct{ Size int }

    func (c *Client) Get(path string) (*Response, error) { return nil, nil }

    type Response struct{ Status int }

    func Connect(url string) *Client { return &Client{} }
"""
RUST = """
    pub struct Pool { pub size: usize }
    pub struct Client { pub pool: Pool }
    impl Client {
        pub fn new(url: &str) -> Self { todo!() }
        pub fn get(&self, path: &str) -> Result<Response, String> { todo!() }
    }
    pub struct Response { pub status: u16 }
    pub trait Close { fn close(&self) {} }
    impl Close for Client {}
"""
JAVA = """
    package net;

    public class Client extends Base {
        private Pool pool;
        public Client(String url) {}
        public Response get(String path) { return null; }
    }
"""
JAVA_FILES = {
    "src/net/Client.java": JAVA,
    "src/net/Base.java": "package net;\n\npublic class Base {\n    public void close() {}\n}\n",
    "src/net/Response.java": "package net;\n\npublic class Response {\n    public int status;\n}\n",
    "src/net/Pool.java": "package net;\n\npublic class Pool {\n    void drain() {}\n}\n",
}
CSHARP = """
    namespace Net
    {
        public class Base { public void Close() {} }
        public class Client : Base
        {
            public Pool Pool { get; set; }
            public async Task<Response> Get(string path) { return null; }
        }
        public class Pool { public void Drain() {} }
        public class Response { public int Status { get; set; } }
    }
"""
CPP = """
    #pragma once
    namespace net {
    class Base { public: void close(); };
    struct Response { int status; };
    class Client : public Base {
     public:
      Response get(const char* path);
      std::unique_ptr<Response> last;
    };
    }
"""
C = """
    struct pool { int size; };
    typedef struct client { struct pool *pool; int fd; } client_t;
    client_t *client_open(const char *url);
"""
PHP = """<?php
namespace Net;

class Base { public function close(): void {} }
class Pool { public function drain(): void {} }
class Client extends Base {
    private Pool $pool;
    public function get(string $path): ?Response { return null; }
}
class Response { public int $status; }
"""

CASES = {
    "ts: parameter": (
        {"lib.ts": TYPESCRIPT},
        "app.ts",
        "function f(c: Client) {\n  c.‸\n}",
        {"Client.get", "Base.close"},
    ),
    "ts: new": ({"lib.ts": TYPESCRIPT}, "app.ts", "const c = new Client('x');\nc.‸", {"Client.get"}),
    "ts: call": ({"lib.ts": TYPESCRIPT}, "app.ts", "const c = connect('x');\nc.‸", {"Client.get"}),
    "ts: await": (
        {"lib.ts": TYPESCRIPT},
        "app.ts",
        "async function f(c: Client) {\n  const r = await c.get('/');\n  r.‸\n}",
        {"Response2.status"},
    ),
    "ts: constant": ({"lib.ts": TYPESCRIPT}, "app.ts", "shared.‸", {"Client.get"}),
    "ts: this": (
        {"lib.ts": TYPESCRIPT},
        "app.ts",
        "class App {\n  constructor(private client: Client) {}\n  run() {\n    this.client.‸x();\n  }\n}",
        {"Client.get"},
    ),
    "ts: namespace": ({"lib.ts": TYPESCRIPT}, "app.ts", 'import * as lib from "./lib";\nlib.‸', {"Client", "connect"}),
}


@pytest.mark.parametrize("case", CASES, ids=list(CASES))
def test_typescript(case: str) -> None:
    files, path, body, expected = CASES[case]
    head = 'import { Client, connect, shared } from "./lib";\n\n'
    assert expected <= set(members({**files, path: head + body}, path))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("func f(c *net.Client) {\n\tc.‸\n}", {"Client.Get", "Client.pool", "Base.Close"}),
        ('func f() {\n\tc := net.Connect("x")\n\tc.‸\n}', {"Client.Get"}),
        ("func f() {\n\tc := &net.Client{}\n\tc.‸\n}", {"Client.Get"}),
        ("func f() {\n\tnet.‸\n}", {"Client", "Connect"}),
        ("type App struct{ client *net.Client }\n\nfunc (a *App) Run() {\n\ta.client.‸\n}", {"Client.Get"}),
        ("type App struct{ client *net.Client }\n\nfunc (a *App) Run() {\n\ta.‸\n}", {"App.client", "App.Run"}),
    ],
)
def test_go(body: str, expected: set[str]) -> None:
    files = {"go.mod": "module example.com/x\n", "net/net.go": GO}
    head = 'package main\n\nimport "example.com/x/net"\n\n'
    assert expected <= set(members({**files, "main.go": head + body}, "main.go"))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("fn f(c: &Client) {\n    c.‸\n}", {"Client.get", "Client.pool", "Close.close"}),
        ('fn f() {\n    let c = Client::new("x");\n    c.‸\n}', {"Client.get"}),
        ("fn f(c: &Client) {\n    c.get(p).unwrap().‸\n}", {"Response.status"}),
        ("fn f(c: &Client) {\n    c.pool.‸\n}", {"Pool.size"}),
        ("fn f() {\n    Client::‸\n}", {"Client.new"}),
        (
            "struct App { c: Client }\n\nimpl App {\n    fn run(&self) {\n        self.c.‸\n    }\n}",
            {"Client.get"},
        ),
    ],
)
def test_rust(body: str, expected: set[str]) -> None:
    files = {"Cargo.toml": '[package]\nname = "x"\n', "src/lib.rs": "mod net;\nmod app;\n", "src/net.rs": RUST}
    head = "use crate::net::{Client, Close};\n\n"
    assert expected <= set(members({**files, "src/app.rs": head + body}, "src/app.rs"))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("void f(Client c) {\n    c.‸\n  }", {"Client.get", "Base.close"}),
        ('void f() {\n    var c = new Client("x");\n    c.‸\n  }', {"Client.get"}),
        ("void f(Client c) {\n    c.get(p).‸x();\n  }", {"Response.status"}),
        ("private Client client;\n  void f() {\n    client.‸\n  }", {"Client.get"}),
        ("private Client client;\n  void f() {\n    this.client.‸x();\n  }", {"Client.get"}),
        ("void f() {\n    this.‸\n  }", {"App.f"}),
    ],
)
def test_java(body: str, expected: set[str]) -> None:
    app = f"package app;\n\nimport net.Client;\n\nclass App {{\n  {body}\n}}\n"
    assert expected <= set(members({**JAVA_FILES, "src/app/App.java": app}, "src/app/App.java"))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("void F(Client c) {\n    c.‸\n  }", {"Client.Get", "Base.Close"}),
        ("void F() {\n    var c = new Client();\n    c.‸\n  }", {"Client.Get"}),
        ("private Client client;\n  void F() {\n    client.‸\n  }", {"Client.Get"}),
        ("void F(Client c) {\n    c.Pool.‸\n  }", {"Pool.Drain"}),
    ],
)
def test_csharp(body: str, expected: set[str]) -> None:
    app = f"using Net;\n\nnamespace Shop;\n\nclass App\n{{\n  {body}\n}}\n"
    assert expected <= set(members({"Net/Client.cs": CSHARP, "App.cs": app}, "App.cs"))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("void f(net::Client& c) {\n  c.‸\n}", {"Client.get", "Base.close"}),
        ("void f(net::Client* c) {\n  c->‸\n}", {"Client.get"}),
        ("void f(net::Client& c) {\n  c.get(0).‸\n}", {"Response.status"}),
    ],
)
def test_cpp(body: str, expected: set[str]) -> None:
    found = members({"net.hpp": CPP, "app.cpp": '#include "net.hpp"\n\n' + body}, "app.cpp")
    assert expected <= {symbol.removeprefix("net.") for symbol in found}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("void f(struct client *c) {\n  c->‸\n}", {"client.pool", "client.fd"}),
        ("void f(void) {\n  struct client *c = 0;\n  c->pool->‸\n}", {"pool.size"}),
    ],
)
def test_c(body: str, expected: set[str]) -> None:
    assert expected <= set(members({"net.h": C, "app.c": '#include "net.h"\n\n' + body}, "app.c"))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("function f(Client $c) {\n    $c->‸\n}", {"get", "close"}),
        ("function f() {\n    $c = new Client();\n    $c->‸\n}", {"get"}),
        ("class App {\n    private Client $client;\n    function run() {\n        $this->client->‸\n    }\n}", {"get"}),
        ("class App {\n    function run() {\n        $this->‸\n    }\n}", {"run"}),
    ],
)
def test_php(body: str, expected: set[str]) -> None:
    app = "<?php\nnamespace App;\n\nuse Net\\Client;\n\n" + body
    files = {
        "composer.json": '{"autoload": {"psr-4": {"Net\\\\": "src/Net/"}}}',
        "src/Net/Client.php": PHP,
        "app.php": app,
    }
    found = members(files, "app.php")
    assert expected <= {symbol.rpartition(".")[2] for symbol in found}


def test_ruby() -> None:
    lib = "class Base\n  def close; end\nend\n\nclass Client < Base\n  def get(path); end\nend\n"
    app = 'require_relative "lib"\n\ndef f\n  c = Client.new("x")\n  c.‸\nend\n'
    assert {"Client.get", "Base.close"} <= set(members({"lib.rb": lib, "app.rb": app}, "app.rb"))
    own = "class App\n  def run\n    self.‸\n  end\nend\n"
    assert "App.run" in members({"app.rb": own}, "app.rb")


def test_lua() -> None:
    lib = "local M = {}\n\nfunction M.connect(url) end\n\nfunction M.close() end\n\nreturn M\n"
    app = 'local net = require("net")\n\nnet.‸'
    found = members({"net.lua": lib, "app.lua": app}, "app.lua")
    assert {"connect", "close"} <= {symbol.rpartition(".")[2] for symbol in found}
