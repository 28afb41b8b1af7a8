from __future__ import annotations

import pytest

from twolane.context.types.written import read_type


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        ("python", "Client", ("Client",)),
        ("python", '"Client"', ("Client",)),
        ("python", "Optional[http.Client]", ("http.Client",)),
        ("python", "Client | None", ("Client",)),
        ("python", "Union[Client, Server]", ("Client", "Server")),
        ("python", "Annotated[Client, Depends(make)]", ("Client",)),
        ("python", "Box[int]", ("Box",)),
        ("python", "int | Client | None", ("int", "Client")),
        ("typescript", "Promise<Client | undefined>", ("Client",)),
        ("typescript", "readonly Client[]", ()),
        ("typescript", "Map<string, Client>", ("Map",)),
        ("go", "*http.Client", ("http.Client",)),
        ("go", "(*Client, error)", ("Client",)),
        ("go", "(c *Client, err error)", ("Client",)),
        ("go", "[]Client", ()),
        ("go", "Tree[K, V]", ("Tree",)),
        ("rust", "&'a mut Client", ("Client",)),
        ("rust", "Option<Arc<Mutex<Client>>>", ("Client",)),
        ("rust", "Result<Client, Error>", ("Client",)),
        ("rust", "Box<dyn Sender + Send>", ("Sender", "Send")),
        ("java", "CompletableFuture<Client>", ("Client",)),
        ("java", "final Map.Entry<K, V>", ("Map.Entry",)),
        ("cpp", "const std.unique_ptr<net.Client> &", ("net.Client",)),
        ("c", "struct client *", ("client",)),
        ("csharp", "Task<Client?>", ("Client",)),
        ("php", "?Client", ("Client",)),
        ("php", "\\App\\Client|null", ("\\App\\Client",)),
    ],
)
def test_a_type_names_what_its_value_is_about(language: str, text: str, names: tuple[str, ...]) -> None:
    assert read_type(language, text).names == names


def test_a_wrapper_or_a_choice_is_not_exact() -> None:
    assert read_type("python", "Client | None").exact
    assert read_type("go", "*Client").exact
    assert not read_type("python", "Client | Server").exact
    assert not read_type("python", "Awaitable[Client]").exact


def test_the_type_itself_is_told_from_a_value_of_it() -> None:
    assert read_type("python", "type[Client]").whole
    assert not read_type("python", "Client").whole


@pytest.mark.parametrize("text", ["http.Client()", "=self.client", "make().one()"])
def test_what_was_assigned_is_a_chain(text: str) -> None:
    assert read_type("python", text).chains == (text.lstrip("="),)


def test_one_of_two_values_is_not_exact() -> None:
    told = read_type("python", "=client | Client()")
    assert told.chains == ("client", "Client()")
    assert not told.exact


@pytest.mark.parametrize("text", ["", "<", "[[[", "((((", "A<B<C", "&&&*", "dict[str,", "'", "| |", "<" * 500])
def test_half_written_types_name_something_or_nothing(text: str) -> None:
    read_type("rust", text)
    read_type("python", text)
