"""Secrets in text: every public kind, split and cut keys, and ordinary code left alone."""

from __future__ import annotations

import json
import random
import re
import string
import uuid
from pathlib import Path

import pytest

from twolane.routing.secrets import coverage
from twolane.routing.secrets.scan import scan

ROOT = Path(__file__).resolve().parents[2]
KINDS = Path(__file__).with_name("fixtures") / "secrets.txt"
OPEN, CLOSE = "⟨⟩"
ALPHABETS = {
    "n": string.ascii_letters + string.digits,
    "l": string.ascii_lowercase + string.digits,
    "u": string.ascii_uppercase + string.digits,
    "h": "0123456789abcdef",
    "d": string.digits,
    "b": string.ascii_letters + string.digits + "+/",
    "w": string.ascii_letters + string.digits + "-_",
    "a": "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
}
BY_FILE_NAME = {"pkcs12-file"}


def templates() -> dict[str, str]:
    lines = [line for line in KINDS.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return dict(line.split("  ", 1) for line in lines)


def draw(template: str, seed: str) -> str:
    """Fill a template's places with characters drawn by lot."""
    chance = random.Random(seed)

    def fill(place: re.Match[str]) -> str:
        if place[1] == "U":
            return str(uuid.UUID(int=chance.getrandbits(128)))
        drawn = "".join(chance.choice(ALPHABETS[place[1]]) for _ in range(int(place[2])))
        return drawn if any(map(str.isdigit, drawn)) else drawn[:-1] + "7"

    return re.sub(r"\{([nluhdbwa]|U)(?::(\d+))?\}", fill, template.replace("\\n", "\n"))


def check(marked: str) -> None:
    """Every character between the marks must be found, but for line breaks; nothing else matters."""
    text = re.sub(f"[{OPEN}{CLOSE}]", "", marked)
    covered = {at for secret in scan(text) for start, end in secret.parts for at in range(start, end)}
    at, inside, missed = 0, False, ""
    for char in marked:
        if char in OPEN + CLOSE:
            inside = char == OPEN
            continue
        if inside and char != "\n" and at not in covered:
            missed += char
        at += 1
    assert missed == "", marked


@pytest.mark.parametrize(("kind", "template"), templates().items())
def test_each_kind_of_the_public_list_is_found(kind: str, template: str) -> None:
    for number in range(3):
        check(draw(template, f"{kind} {number}"))


BY_LAYOUT = {"kubernetes-secret-yaml"}
"""Kinds that are told by their lines, which a string has none of."""


@pytest.mark.parametrize("kind", sorted(templates().keys() - BY_LAYOUT))
def test_each_kind_is_found_in_a_string_too(kind: str) -> None:
    text = json.dumps(draw(templates()[kind], f"{kind} string"), ensure_ascii=False)
    check(f'{{"source": [{text}, "x = 1"]}}')
    check(json.dumps(text, ensure_ascii=False))


def test_the_public_list_is_covered_whole_and_the_page_says_so() -> None:
    assert set(templates()) | BY_FILE_NAME == set(coverage.covered())
    assert len(coverage.covered()) == 222
    assert (ROOT / "docs" / "secrets.md").read_text(encoding="utf-8") == coverage.render()


@pytest.mark.parametrize(
    "template",
    [
        'key = "⟨ghp_{n:10}⟩" + "⟨{n:26}⟩"',
        'key = "⟨gh⟩" "⟨p_{n:36}⟩"',
        'key = (\n    "⟨ghp_{n:12}⟩"\n    "⟨{n:24}⟩"\n)',
        'key = (\n    "⟨ghp_{n:12}⟩"  # first half\n    "⟨{n:24}⟩"\n)',
        "key = '⟨sk-ant-api03-{w:20}⟩' \\\n      '⟨{w:73}AA⟩'",
        'key = "".join(["⟨ghp_{n:12}⟩", "⟨{n:12}⟩", "⟨{n:12}⟩"])',
        'const key = ["⟨ghp_{n:12}⟩", "⟨{n:24}⟩"].join("")',
        '$key = "⟨ghp_{n:12}⟩" . "⟨{n:24}⟩";',
        'key = "⟨ghp_{n:12}⟩" .. "⟨{n:24}⟩"',
        'key = f"⟨ghp_{n:12}⟩" f"⟨{n:24}⟩"',
        'String key = "⟨ghp_{n:12}⟩".concat("⟨{n:24}⟩");',
        "export TOKEN=⟨ghp_{n:12}⟩\\\n⟨{n:24}⟩",
        "the token is ⟨glpat-{n:9}1⟩\n   ⟨{n:10}⟩ as mailed",
        'api_key = "⟨{n:16}⟩" "⟨{n:16}⟩"',
    ],
)
def test_a_key_split_over_literals_and_lines_is_found(template: str) -> None:
    check(draw(template, template))


BODY = "⟨{b:64}⟩\n⟨{b:64}⟩\n⟨{b:44}⟩"


@pytest.mark.parametrize(
    "template",
    [
        f"-----BEGIN PRIVATE KEY-----\n{BODY}\n-----END PRIVATE KEY-----\n",
        f"-----BEGIN OPENSSH PRIVATE KEY-----\n{BODY}\n-----END OPENSSH PRIVATE KEY-----\n",
        f"-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: GnuPG v2\n\n{BODY}\n-----END PGP PRIVATE KEY BLOCK-----",
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,ABCDEF\n\n" + BODY + "\n"
        "-----END RSA PRIVATE KEY-----",
        'key = "-----BEGIN EC PRIVATE KEY-----\\\\n⟨{b:64}⟩\\\\n⟨{b:40}⟩\\\\n-----END EC PRIVATE KEY-----"',
        'key = ("-----BEGIN PRIVATE KEY-----\\\\n"\n       "⟨{b:64}⟩\\\\n"\n       "⟨{b:40}⟩\\\\n")',
        f"-----BEGIN RSA PRIVATE KEY-----\n{BODY}",
        f"{BODY}\n-----END RSA PRIVATE KEY-----\n",
        "⟨MIIEvQIBADANBgkqhkiG9w0BAQEFAASC{b:32}⟩\n⟨{b:64}⟩\n⟨{b:64}⟩\n",
        "⟨b3BlbnNzaC1rZXktdjEAAAAA{b:46}⟩\n⟨{b:70}⟩\n",
        "PuTTY-User-Key-File-3: ssh-rsa\nPrivate-Lines: 2\n⟨{b:64}⟩\n⟨{b:40}⟩\nPrivate-MAC: 1",
    ],
)
def test_a_private_key_is_found_whole_or_cut(template: str) -> None:
    template = template.replace("\\\\n", "\0")
    text = draw(template, template).replace("\0", "\\n")
    check(text)


@pytest.mark.parametrize(
    "template",
    [
        "DB_PASSWORD=⟨S3cr3t!pw⟩\n",
        'password: "⟨Tr0ub4dor&3⟩"',
        "postgres://app:⟨k3llerw0rm⟩@db.example.com/app",
        "mongodb+srv://u:⟨{n:16}⟩@cluster0.example.net",
        "Server=db;Database=x;User Id=app;Password=⟨hunter22⟩;",
        "AccountName=x;AccountKey=⟨{b:86}==⟩;EndpointSuffix=core",
        "Authorization: Basic ⟨ZGVwbG95OmtlbGxlcndvcm0xMg==⟩",
        "headers = {'X-Api-Key': '⟨{n:32}⟩'}",
        'os.environ.setdefault("SECRET_KEY", "⟨{n:50}⟩")',
        'client.setToken("⟨{n:30}⟩")',
        "client_secret: ⟨{n:40}⟩",
        'private const string ApiKey = "⟨{h:32}⟩";',
        "deploy --token ⟨{n:24}⟩ --force",
        "<apiKey>⟨{n:24}⟩</apiKey>",
        "wss://⟨{h:20}⟩:x@host.example.com",
        "https://discord.com/api/webhooks/⟨{d:18}/{w:68}⟩",
        r'log("\n⟨ghp_{n:36}⟩\n")',
        'const API_KEY: &str = "⟨{h:40}⟩";',
        "  private readonly apiKey?: string = '⟨{h:40}⟩';",
        'def send(to, token: Optional[str] = "⟨{h:40}⟩"):',
        '#define API_TOKEN "⟨{h:40}⟩"\n',
        "FROM x\nENV API_TOKEN ⟨{h:40}⟩\n",
        'smtp_pass = "⟨{h:24}⟩"',
        "https://a.blob.core.windows.net/c?sv=2022&sig=⟨{n:40}%2Bab%3D⟩",
    ],
)
def test_a_value_is_found_by_its_name_or_surroundings(template: str) -> None:
    check(draw(template, template))


@pytest.mark.parametrize(
    "template",
    [
        'jwt.encode(payload, "⟨{n:32}⟩", algorithm="HS256")',
        """jwt.encode({"sub": user.id}, '⟨my$uperS3cretK3y!⟩', 'HS256')""",
        "const t = jwt.sign({ id: 1 }, '⟨{n:40}⟩', { expiresIn: '1h' })",
        'hmac.new(b"⟨{n:32}⟩", body, hashlib.sha256)',
        "crypto.createHmac('sha256', '⟨{n:40}⟩')",
        'Fernet(b"⟨{w:43}=⟩")',
        'smtp.login("me@example.com", "⟨Tr0ub4dor&3⟩")',
        'requests.get(url, auth=("me", "⟨Tr0ub4dor&3⟩"))',
        'pymysql.connect("localhost", "root", "⟨Tr0ub4dor&3⟩", "app")',
        'DriverManager.getConnection(url, "root", "⟨Tr0ub4dor&3⟩")',
        'new BasicAWSCredentials("⟨AKIA{u:16}⟩", "⟨{b:40}⟩")',
        "mysql -u root -p⟨Tr0ub4dor&3⟩ db",
        "mysqldump --user=root -p'⟨Pr0d!pass2024⟩' app > x.sql",
        "sshpass -p ⟨Tr0ub4dor&3⟩ ssh root@host",
        "redis-cli -h h --pass ⟨{n:24}⟩",
        "docker login -u me -p ⟨{n:20}⟩ registry.example.com",
        "echo '⟨{n:24}⟩' | docker login --password-stdin",
        'echo "⟨Tr0ub4dor&3⟩" | sudo -S apt-get update',
        "openssl rsa -passin pass:⟨Tr0ub4dor3⟩ -in x",
        r"net use Z: \\srv\share ⟨Tr0ub4dor&3⟩ /user:me",
        "sqlplus scott/⟨Tr0ub4dor3⟩@orcl",
        "aws configure set aws_secret_access_key ⟨{b:40}⟩",
        'gh secret set TOKEN --body "⟨{n:32}⟩"',
        "machine github.com\n  login me\n  password ⟨{n:24}⟩",
        "requirepass ⟨{n:24}⟩",
        "CREATE USER a IDENTIFIED BY '⟨Tr0ub4dor&3⟩'",
        "ALTER USER app PASSWORD '⟨{n:16}⟩';",
        '$env:DB_PASSWORD="⟨Tr0ub4dor&3⟩"',
        'ConvertTo-SecureString "⟨Tr0ub4dor&3⟩" -AsPlainText -Force',
        "ConvertTo-SecureString -String '⟨P@ssw0rd2024⟩' -AsPlainText -Force",
        'variable "db_password" {\n  type    = string\n  default = "⟨Tr0ub4dor&3⟩"\n}',
        '- name: DB_PASSWORD\n  value: "⟨Tr0ub4dor&3⟩"',
        '{"name": "API_KEY", "value": "⟨{n:32}⟩"}',
        '<property name="password" value="⟨Tr0ub4dor&3⟩"/>',
        '<add key="ApiKey" value="⟨{n:32}⟩" />',
        '<property name="connection.password">⟨Tr0ub4dor&3⟩</property>',
        "PASS=⟨Tr0ub4dor3x⟩",
        "ansible_ssh_pass=⟨Tr0ub4dor3⟩",
        'pw = "⟨Tr0ub4dor&3⟩"',
        'os.getenv("API_KEY") or "⟨{n:32}⟩"',
        'std::string api_key{"⟨{n:32}⟩"};',
        'const char password[64] = "⟨Tr0ub4dor&3⟩";',
        'String password = new String("⟨Tr0ub4dor&3⟩");',
        'encryption_key = bytes.fromhex("⟨{h:64}⟩")',
    ],
)
def test_a_value_without_a_name_is_found_by_its_place(template: str) -> None:
    check(draw(template, template))
    check(draw(f'x = {{}}\n{template}\ny = "z"\n', template))


@pytest.mark.parametrize(
    "text",
    [
        'jwt.decode(token, "path/to/public-key2.pem", algorithms=["HS256"])',
        'sqlite3.connect("orders-2024.sqlite3", "x")',
        'hmac.new(key, b"GET /v1/orders/2024-01-01", "sha256")',
        'client.login("me@example.com", os.environ["PASSWORD_2"])',
        'requests.get(url, auth=("user", "password"))',
        "mysql -u root -p",
        "mysql -u root -p$DB_PASSWORD_2 app",
        "mysql --protocol=tcp -P3306 -h db2.example.com app",
        "docker run -p 8080:8080 login 2",
        'docker login -u me -p "${TOKEN_2}"',
        'redis-cli -a "$PASSWORD_2"',
        'sshpass -p "$1" ssh host',
        'echo "build2024-done" | tee build.log',
        "identified by 'user_id2' in the table",
        '- name: BUILD_NUMBER\n  value: "x86_64-2024a"',
        '- name: DB_PASSWORD\n  value: "${DB_PASSWORD_1}"',
        'variable "region" {\n  default = "eu-west-1a2"\n}',
        'variable "db_password" {\n  type = string\n}\nvariable "zone" {\n  default = "eu2-b4-x1-c9"\n}',
        "ConvertTo-SecureString $plain2 -AsPlainText -Force",
        "tests_passed = run2(all)",
        "PASS: test_login2 in 0.3s",
    ],
)
def test_what_stands_in_such_a_place_and_is_no_secret_is_left_alone(text: str) -> None:
    assert scan(text) == []


@pytest.mark.parametrize(
    "text",
    [
        'password = "changeme"',
        'password = os.environ["DB_PASSWORD_2"]',
        "password: ${DB_PASSWORD_1}",
        'api_key = "<your-api-key-1>"',
        'api_key = "xxxxxxxxxxxxxxxxxxxxxxxx1"',
        'token = "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"',
        "postgres://user:password@localhost:5432/db",
        "https://{user}:{password}@example.com",
        "Authorization: Bearer <token>",
        'sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"',
        "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
        'id = "123e4567-e89b-12d3-a456-426614174000"',
        "token = tokenizer.next_token(state_2)",
        'secret_name = "projects/1/secrets/db"',
        "class TokenBucket2RateLimiter(Base3):",
        "-----BEGIN CERTIFICATE-----\n"
        "MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJ\n"
        "-----END CERTIFICATE-----"
        "-----BEGIN PUBLIC KEY-----\n"
        "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu1SU1LfVLPHCozMxH2Mo\n"
        "-----END PUBLIC KEY-----"
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7x9 user@host",
        "curl -u user:password https://example.com",
        'integrity="sha512-z3ZQ0n4dKZ9Wc0b5yXy3o5j4y6cE0m7q9n8w=="',
        "public_key = 'pk_1234'",
        'label: str = "section_1_of_2"',
        '#define TOKEN_LIMIT 1048576000\nbypass = "mode4compat"',
        "x" * 10_000,
        "",
    ],
)
def test_what_a_person_wrote_is_left_alone(text: str) -> None:
    assert scan(text) == []


def test_our_own_code_and_the_standard_library_raise_no_alarm() -> None:
    folders = ["server", "completion", "context", "clients", "routing", "dev"]
    ours = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    library = [
        path
        for name in ("http", "asyncio", "json", "email")
        for path in sorted(Path(re.__file__).parents[1].joinpath(name).rglob("*.py"))
    ]
    texts = {path: path.read_text(encoding="utf-8") for path in (*ours, *library)}
    assert sum(text.count("\n") for text in texts.values()) > 30_000
    assert [(path.name, secret.kind) for path, text in texts.items() for secret in scan(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        '"' * 20_000,
        "a1" * 20_000,
        "://a:" * 5_000,
        "-----BEGIN PRIVATE KEY-----\n" * 300,
        "-----END PRIVATE KEY-----\n" * 300,
        'x"+"' * 5_000,
        "curl " * 3_000 + "-u",
        "kind: Secret\ndata:\n" * 500,
        "password=" * 3_000,
        '["a1",' * 4_000 + "].join(",
        "Bearer " * 3_000,
        "\ud800ghp_" + "a1B2" * 9 + "\udfff",
        "A" * 5_000 + "1" + "\\\n" * 2_000,
        "mysql -p" * 3_000,
        "echo " * 3_000 + "| sudo -S ",
        "jwt.encode(" * 3_000,
        'variable "a" { default ' * 2_000,
        'name: a value: "' * 3_000,
        "openssl -k" + " " * 20_000,
    ],
)
def test_a_hostile_text_is_read_to_its_end(text: str) -> None:
    for secret in scan(text):
        assert 0 <= secret.start < secret.end <= len(text)
        assert list(secret.parts) == sorted(secret.parts)
