"""The set-up behind `make demo` and `make test`: what it decides, keeps, and says when it cannot go on."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import bootstrap
import bootstrap_backend
import bootstrap_install
import bootstrap_llama
import bootstrap_lock
import bootstrap_pip
import bootstrap_progress
import pytest
from bootstrap_install import Place
from bootstrap_progress import SetupError

ROOT = Path(__file__).resolve().parent.parent
SHELL = "#!/bin/sh\n"

NO_GPU = "echo 'No devices were found'\n"
H200 = "echo 'GPU 0: NVIDIA H200 (UUID: GPU-1a2b)'\n"
LLVMPIPE = """cat <<'END'
Devices:
GPU0:
    deviceType         = PHYSICAL_DEVICE_TYPE_CPU
    deviceName         = llvmpipe (LLVM 15.0.6, 256 bits)
END
"""
RADEON = """cat <<'END'
Devices:
GPU0:
    deviceType         = PHYSICAL_DEVICE_TYPE_CPU
    deviceName         = llvmpipe (LLVM 15.0.6, 256 bits)
GPU1:
    deviceType         = PHYSICAL_DEVICE_TYPE_DISCRETE_GPU
    deviceName         = AMD Radeon RX 7800 XT
END
"""
FAILS = "echo 'GPU 0: a listing that its exit status takes back'; exit 9\n"


def programs(folder: Path, **scripts: str) -> dict[str, str]:
    """Make the given programs the only ones found; the shell they need has an absolute path."""
    folder.mkdir(exist_ok=True)
    shutil.copy(shutil.which("cat") or "cat", folder / "cat")
    for name, body in scripts.items():
        program = folder / name.replace("_", "-").replace("cxx", "c++")
        program.write_text(SHELL + body)
        program.chmod(0o755)
    return {"PATH": str(folder), "HOME": str(folder)}


@pytest.fixture
def on_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")


@pytest.mark.usefixtures("on_linux")
@pytest.mark.parametrize(
    ("found", "expected", "why"),
    [
        ({}, "cpu", "no GPU answers"),
        ({"nvcc": ""}, "cpu", "no NVIDIA GPU answers"),
        ({"nvcc": "", "nvidia_smi": NO_GPU}, "cpu", "no NVIDIA GPU answers"),
        ({"nvcc": "", "nvidia_smi": FAILS}, "cpu", "no NVIDIA GPU answers"),
        ({"nvidia_smi": H200}, "cpu", "install the CUDA toolkit"),
        ({"nvcc": "", "nvidia_smi": H200}, "cuda", "GPU 0: NVIDIA H200"),
        ({"glslc": "", "vulkaninfo": LLVMPIPE}, "cpu", "no GPU answers"),
        ({"glslc": ""}, "cpu", "no GPU answers"),
        ({"vulkaninfo": RADEON}, "cpu", "install glslc"),
        ({"glslc": "", "vulkaninfo": RADEON}, "vulkan", "AMD Radeon RX 7800 XT"),
    ],
)
def test_a_gpu_is_used_only_where_it_answers(tmp_path: Path, found: dict[str, str], expected: str, why: str) -> None:
    backend = bootstrap_backend.choose(programs(tmp_path / "bin", **found))
    assert backend.name == expected
    assert why in backend.why


@pytest.mark.parametrize(("machine", "expected"), [("arm64", "metal"), ("x86_64", "cpu")])
def test_a_mac_uses_metal_on_apple_silicon_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, machine: str, expected: str
) -> None:
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    monkeypatch.setattr("platform.machine", lambda: machine)
    assert bootstrap_backend.choose(programs(tmp_path / "bin")).name == expected


@pytest.mark.usefixtures("on_linux")
def test_a_person_may_name_the_backend(tmp_path: Path) -> None:
    env = programs(tmp_path / "bin", nvcc="", nvidia_smi=H200)
    assert bootstrap_backend.choose({**env, "TWOLANE_BACKEND": "cpu"}).name == "cpu"
    assert bootstrap_backend.choose({**env, "TWOLANE_BACKEND": "Vulkan"}).name == "vulkan"
    with pytest.raises(SetupError, match="TWOLANE_BACKEND=rocm is not known: use one of cpu, cuda"):
        bootstrap_backend.choose({**env, "TWOLANE_BACKEND": "rocm"})


@pytest.mark.usefixtures("on_linux")
def test_a_cuda_compiler_outside_path_is_named_to_cmake(tmp_path: Path) -> None:
    env = programs(tmp_path / "bin", nvidia_smi=H200)
    (tmp_path / "cuda").mkdir()
    programs(tmp_path / "cuda" / "bin", nvcc="")
    backend = bootstrap_backend.choose({**env, "CUDA_HOME": str(tmp_path / "cuda")})
    assert backend.name == "cuda"
    assert f"-DCMAKE_CUDA_COMPILER={tmp_path / 'cuda' / 'bin' / 'nvcc'}" in backend.cmake_args


@pytest.mark.parametrize(
    ("found", "extra", "says"),
    [
        ({}, {}, "no C compiler answers"),
        ({"cc": ""}, {}, r"no C\+\+ compiler answers"),
        ({"cc": "", "cxx": "exit 1\n"}, {}, r"no C\+\+ compiler answers"),
        ({"cc": "", "cxx": ""}, {"CXX": "g++-99"}, r"no C\+\+ compiler answers \(CXX=g\+\+-99\)"),
    ],
)
def test_a_missing_compiler_is_named_with_its_remedy(
    tmp_path: Path, found: dict[str, str], extra: dict[str, str], says: str
) -> None:
    env = programs(tmp_path / "bin", **found) | extra
    with pytest.raises(SetupError, match=says) as caught:
        bootstrap_llama.require_compiler(env)
    assert "apt-get install g++" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_compilers_that_answer_are_enough(tmp_path: Path) -> None:
    bootstrap_llama.require_compiler(programs(tmp_path / "bin", gcc="", **{"clang++": ""}))


def test_a_newer_python_on_path_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env = programs(tmp_path / "bin", **{"python3.10": "", "python3.12": ""})
    monkeypatch.setenv("PATH", env["PATH"])
    assert bootstrap.newer_python() == str(tmp_path / "bin" / "python3.12")
    (tmp_path / "bin" / "python3.12").unlink()
    assert bootstrap.newer_python() is None


@pytest.mark.parametrize(
    ("line", "step"),
    [
        ("  [12/140] Building CXX object ggml.cpp.o", (12, 140)),
        ("[140/140] Linking", (140, 140)),
        ("  -- [1/2", None),
        ("  warning: a[1/2] b", None),
        ("[1/0] nothing", None),
    ],
)
def test_the_build_tool_says_how_far_it_is(line: str, step: tuple[int, int] | None) -> None:
    assert bootstrap_progress.ninja_step(line) == step


def test_progress_outside_a_terminal_is_a_line_every_tenth() -> None:
    stream = io.StringIO()
    progress = bootstrap_progress.Progress("compiling", stream, clock=lambda: 0.0)
    for done in range(1, 141):
        progress.update(done, 140)
        progress.tick()
    progress.close()
    lines = stream.getvalue().splitlines()
    assert [line.split(": ")[2].split(" after")[0] for line in lines] == [f"{n} %" for n in range(0, 101, 10)]


def test_progress_on_a_terminal_rewrites_one_line() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    now = iter([0.0, 30.0, 75.0])
    progress = bootstrap_progress.Progress("compiling", stream, clock=lambda: next(now))
    progress.update(70, 140)
    progress.tick()
    progress.close()
    shown = stream.getvalue()
    assert "\n" not in shown
    assert "50% 70/140 0:30" in shown
    assert "50% 70/140 1:15" in shown


def test_a_failed_build_is_told_from_its_first_trouble_on() -> None:
    output = "\n".join([*(f"[{n}/9] ok" for n in range(9)), "FAILED: x.o", "x.cpp:1: error: no", "ninja: stopped"])
    assert bootstrap_progress.telling_lines(output) == ["FAILED: x.o", "x.cpp:1: error: no", "ninja: stopped"]
    assert bootstrap_progress.telling_lines("a\n\nb\n", count=1) == ["b"]


def test_a_command_is_logged_whole_and_seen_line_by_line(tmp_path: Path) -> None:
    seen: list[str] = []
    script = "import sys; print('one'); print('zwölf', file=sys.stderr); sys.exit(3)"
    with (tmp_path / "log").open("wb") as log:
        status, output = bootstrap_progress.run_logged(
            [sys.executable, "-X", "utf8", "-c", script], log, env=os.environ, on_line=seen.append
        )
    assert status == 3
    assert sorted(seen) == ["one", "zwölf"] == sorted(output.split())
    assert (tmp_path / "log").read_text(encoding="utf-8") == output


def test_stopping_ends_a_command_and_what_it_started(tmp_path: Path) -> None:
    class Enough(Exception):
        pass

    def enough(line: str) -> None:
        raise Enough(line)

    os.mkfifo(tmp_path / "held")
    reader = os.open(tmp_path / "held", os.O_RDONLY | os.O_NONBLOCK)
    script = f"exec 3>'{tmp_path / 'held'}'; sleep 60 & echo started; wait"
    with (tmp_path / "log").open("wb") as log, pytest.raises(Enough, match="started"):
        bootstrap_progress.run_logged(["sh", "-c", script], log, env=os.environ, on_line=enough)
    os.set_blocking(reader, True)
    with os.fdopen(reader, "rb") as held:
        assert held.read() == b"", "the end comes once nobody holds the other side"


@pytest.mark.parametrize(
    ("output", "says"),
    [
        (
            "WARNING: Retrying … Temporary failure in name resolution\nERROR: No matching",
            "connect to the network",
        ),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "was not installed"),
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("noise\nERROR: Package 'x' requires a different Python\nnoise", "requires a different Python"),
        ("", "no output"),
    ],
)
def test_a_failure_of_pip_is_one_line_with_what_to_do(output: str, says: str) -> None:
    line = bootstrap_pip.explain(output, "setup.log")
    assert says in line
    assert "\n" not in line


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", "dev/native.lock"])
def test_every_locked_package_is_pinned_by_hash(name: str) -> None:
    requirements = bootstrap_lock.read(ROOT / name)
    assert requirements
    assert [one.name for one in requirements if not one.hashes] == []


def test_the_development_lock_holds_everything_the_other_holds() -> None:
    run = {(one.name, one.version, one.hashes) for one in bootstrap_lock.read(ROOT / "requirements.lock")}
    dev = {(one.name, one.version, one.hashes) for one in bootstrap_lock.read(ROOT / "requirements-dev.lock")}
    assert run <= dev


def test_a_lock_with_an_unpinned_package_is_refused(tmp_path: Path) -> None:
    lock = tmp_path / "x.lock"
    lock.write_text("# comment\nfine==1.0 \\\n    --hash=sha256:00\nloose>=2\n")
    with pytest.raises(ValueError, match="not a pinned requirement: loose>=2"):
        bootstrap_lock.read(lock)


LLAMA = bootstrap_lock.Requirement("llama-cpp-python", "1.2.3", ("sha256:" + "0" * 64,), "…")
CPU = bootstrap_backend.cpu("a test")
CUDA = bootstrap_backend.Backend("cuda", "a test", ("-DGGML_CUDA=ON",))


def test_a_cached_wheel_serves_only_the_build_it_came_from() -> None:
    plain = bootstrap_llama.cache_key(LLAMA, CPU, {})
    assert plain == bootstrap_llama.cache_key(LLAMA, CPU, {"UNRELATED": "1"})
    others = [
        bootstrap_llama.cache_key(LLAMA, CUDA, {}),
        bootstrap_llama.cache_key(LLAMA, CPU, {"CMAKE_ARGS": "-DGGML_AVX512=OFF"}),
        bootstrap_llama.cache_key(LLAMA, CPU, {"CXXFLAGS": "-O1"}),
        bootstrap_llama.cache_key(bootstrap_lock.Requirement("x", "1.2.3", ("sha256:1",), ""), CPU, {}),
    ]
    assert plain not in others
    assert len(set(others)) == len(others)


def test_another_processor_gets_a_build_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    here = bootstrap_llama.cache_key(LLAMA, CPU, {})
    monkeypatch.setattr(bootstrap_llama, "processor", lambda: "sse2 of long ago")
    assert bootstrap_llama.cache_key(LLAMA, CPU, {}) != here


def test_the_persons_own_cmake_arguments_come_last() -> None:
    text = bootstrap_llama.cmake_args(CUDA, {"CMAKE_ARGS": "-DGGML_CUDA=OFF"})
    assert text.startswith("-DLLAVA_BUILD=OFF ")
    assert text.endswith("-DGGML_CUDA=ON -DGGML_CUDA=OFF")


def test_amx_is_left_out_on_x86_unless_a_person_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    flags = bootstrap_llama.compiler_flags({"CXXFLAGS": "-mamx-tile"})
    assert flags["CFLAGS"].split()[0] == "-mno-amx-tile"
    assert flags["CXXFLAGS"].endswith(" -mamx-tile")
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    assert bootstrap_llama.compiler_flags({}) == {"CFLAGS": "", "CXXFLAGS": ""}


def fake_wheel(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("llama_cpp/__init__.py", "x" * 2000)
    return path


def builder(tmp_path: Path, env: dict[str, str]) -> bootstrap_llama.Builder:
    return bootstrap_llama.Builder(LLAMA, ROOT / "dev" / "native.lock", tmp_path, tmp_path / "fallback", env)


def test_a_damaged_cached_wheel_is_not_used(tmp_path: Path) -> None:
    env = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "HOME": str(tmp_path)}
    entry = bootstrap_llama.cache_folder(env) / bootstrap_llama.cache_key(LLAMA, CPU, env)
    wheel = fake_wheel(entry / "llama_cpp_python-1.2.3-py3-none-any.whl")
    assert builder(tmp_path, env).cached(CPU) == wheel
    assert builder(tmp_path, env).cached(CUDA) is None

    wheel.write_bytes(wheel.read_bytes()[:-40])
    assert builder(tmp_path, env).cached(CPU) is None


def test_the_cache_lies_where_the_person_keeps_caches(tmp_path: Path) -> None:
    named = bootstrap_llama.cache_folder({"XDG_CACHE_HOME": str(tmp_path), "HOME": "/home/x"})
    assert named == tmp_path / "twolane" / "wheels"
    for env in ({"HOME": "/home/x"}, {"XDG_CACHE_HOME": "relative", "HOME": "/home/x"}):
        assert bootstrap_llama.cache_folder(env) == Path("/home/x/.cache/twolane/wheels")


def test_an_unwritable_cache_is_said_and_worked_around(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "cache").write_text("a file where a folder should be")
    env = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    subject = builder(tmp_path, env)

    def compiled(_self: object, work: Path, *_rest: object) -> Path:
        return fake_wheel(work / "wheel" / "llama_cpp_python-1.2.3-py3-none-any.whl")

    monkeypatch.setattr(bootstrap_llama.Builder, "_compile", compiled)
    wheel = subject.build(CPU)
    assert tmp_path / "fallback" in wheel.parents
    assert "cannot be written" in capsys.readouterr().err
    assert subject.cached(CPU) == wheel
    assert list((tmp_path / "fallback").glob("build-*")) == []


def test_a_build_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "PATH": os.environ["PATH"], "HOME": str(tmp_path)}

    def broken(_self: object, work: Path, *_rest: object) -> Path:
        (work / "half").write_text("…")
        raise SetupError("it did not compile")

    monkeypatch.setattr(bootstrap_llama.Builder, "_compile", broken)
    with pytest.raises(SetupError):
        builder(tmp_path, env).build(CPU)
    assert list(bootstrap_llama.cache_folder(env).iterdir()) == []


def test_a_gpu_build_that_fails_ends_in_a_cpu_build_unless_a_person_chose_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    env = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "PATH": os.environ["PATH"], "HOME": str(tmp_path)}

    def only_cpu(_self: object, work: Path, backend: bootstrap_backend.Backend, *_rest: object) -> Path:
        if backend.name != "cpu":
            raise SetupError("nvcc does not know this gcc")
        return fake_wheel(work / "wheel" / "llama_cpp_python-1.2.3-py3-none-any.whl")

    monkeypatch.setattr(bootstrap_llama.Builder, "_compile", only_cpu)
    _, backend = bootstrap_install.compiled(builder(tmp_path, env), CUDA)
    assert backend.name == "cpu"
    assert "nvcc does not know this gcc; going on without the GPU" in capsys.readouterr().err

    forced = bootstrap_backend.Backend("cuda", "TWOLANE_BACKEND says so", (), forced=True)
    with pytest.raises(SetupError, match="nvcc does not know"):
        bootstrap_install.compiled(builder(tmp_path, env), forced)


@pytest.fixture
def clone(tmp_path: Path) -> Place:
    """A clone with an environment that looks complete."""
    root = tmp_path / "clone"
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / "dev").mkdir()
    (root / ".venv" / "bin" / "python").symlink_to(sys.executable)
    for name in ("pyproject.toml", "requirements.lock", "requirements-dev.lock", "dev/native.lock"):
        shutil.copy(ROOT / name, root / name)
    for script in (ROOT / "dev").glob("*.py"):
        shutil.copy(script, root / "dev")
    return Place(root)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_nothing_is_done_again_while_nothing_changed(clone: Place) -> None:
    assert not bootstrap_install.installed(clone, "run", {})
    bootstrap_install.write_stamp(clone, "run", {})
    assert bootstrap_install.installed(clone, "run", {})
    assert not bootstrap_install.installed(clone, "dev", {})

    bootstrap_install.write_stamp(clone, "dev", {})
    assert bootstrap_install.installed(clone, "run", {})
    assert bootstrap_install.installed(clone, "dev", {})


def test_a_change_that_matters_asks_for_a_new_set_up(clone: Place) -> None:
    bootstrap_install.write_stamp(clone, "run", {})
    assert not bootstrap_install.installed(clone, "run", {"TWOLANE_BACKEND": "cpu"})
    edit(clone.root / "pyproject.toml", "[tool.ruff]", "[tool.ruff]\nfix = false")
    assert bootstrap_install.installed(clone, "run", {})
    edit(clone.root / "pyproject.toml", '"pygls>=2.1.1"', '"pygls>=2.2"')
    assert not bootstrap_install.installed(clone, "run", {})

    bootstrap_install.write_stamp(clone, "run", {})
    edit(clone.root / "requirements.lock", "--hash=sha256:0", "--hash=sha256:1")
    assert not bootstrap_install.installed(clone, "run", {})


def test_a_stamp_without_its_environment_counts_for_nothing(clone: Place) -> None:
    bootstrap_install.write_stamp(clone, "run", {})
    (clone.venv / "bin" / "python").unlink()
    assert not bootstrap_install.installed(clone, "run", {})


@pytest.mark.parametrize("text", ["", "{", "[]", json.dumps({"run": 1})])
def test_a_broken_stamp_counts_for_nothing(clone: Place, text: str) -> None:
    clone.stamp.write_text(text)
    assert not bootstrap_install.installed(clone, "run", {})


def run_bootstrap(root: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, root / "dev" / "bootstrap.py", *arguments],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_without_a_compiler_nothing_is_begun(clone: Place, tmp_path: Path) -> None:
    shutil.rmtree(clone.venv)
    env = programs(tmp_path / "bin")
    done = run_bootstrap(clone.root, "run", **env, XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert done.returncode == 1
    assert done.stderr.startswith("twolane setup: no C compiler answers: install one")
    assert len(done.stderr.splitlines()) == 1
    assert not clone.venv.exists()


def test_a_finished_set_up_is_silent(clone: Place, tmp_path: Path) -> None:
    bootstrap_install.write_stamp(clone, "dev", {})
    done = run_bootstrap(clone.root, "run", **programs(tmp_path / "bin"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_folder_that_cannot_be_written_is_named(clone: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(SetupError, match="cannot be written: use a copy of it in a folder of your own"):
        bootstrap_install.set_up(clone, "run", {})


def test_a_python_without_venv_is_told_what_to_install(clone: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(clone.venv)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SetupError, match=r"apt-get install python3\.\d+-venv"):
        bootstrap_install.make_venv(clone)


def test_a_wrong_call_says_how_to_call(clone: Place) -> None:
    done = run_bootstrap(clone.root, "everything")
    assert done.returncode == 2
    assert "usage: bootstrap.py {run,dev}" in done.stderr
