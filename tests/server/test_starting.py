"""What is looked at before a server begins, and what it says when it does."""

from __future__ import annotations

import gc
import json
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.processes import wait_until
from tests.server.running import Serving, project
from tests.surfaces.cli.conftest import SURROUNDINGS, Said, command, environ, process

from taskmaster.cli.main import main

Serve = Callable[..., Said]
WAIT = 30


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project, in which we stand."""
    folder = project(tmp_path / "shop")
    monkeypatch.chdir(folder)
    for name in SURROUNDINGS:
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def serve(shop: Path, capsys: pytest.CaptureFixture[str]) -> Serve:
    """Runs ``tamp serve`` in this process, which is only for what ends by itself."""
    assert shop == Path.cwd()

    def run(*words: str) -> Said:
        try:
            code = main(["serve", "--port=0", *words])
        finally:
            gc.enable()
        return Said(code, *capsys.readouterr())

    return run


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The files of a certificate for this machine and of its key."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    here = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName(here), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(made.public_bytes(pem))
    kind, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(pem, kind, plain))
    locked = serialization.BestAvailableEncryption(b"a passphrase")
    (folder / "locked.pem").write_bytes(key.private_bytes(pem, kind, locked))
    return folder / "cert.pem", folder / "key.pem"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--port=99999"], "--port=99999 is out of bounds"),
        (["--port=-1"], "--port=-1 is out of bounds"),
        (["--port=http"], "invalid int value"),
        (["--workers=0"], "--workers=0 is out of bounds"),
        (["--pool=0"], "--pool=0 is out of bounds"),
        (["--grace=-1"], "--grace=-1 is out of bounds"),
        (["--max-body=0"], "--max-body=0 is out of bounds"),
        (["--host="], "'' is no name of a host"),
        (["--host=no such place"], "'no such place' is no name"),
        (["--host=nowhere.invalid"], "nobody could call shop"),
        (["--allow-host=https://a.example"], "'https://a.example' is no name of a host"),
        (["--allow-origin=*"], "'*' is no origin"),
        (["--proxy=nginx"], "'nginx' is no address of a proxy"),
        (["--proxy=127.0.0.1"], "nobody could call shop: it has no key"),
        (["--proxy-header=x-real-ip"], "invalid choice"),
        (["--log-level=loud"], "invalid choice"),
        (["--tls-cert=nowhere.pem"], "nowhere.pem cannot be read: No such file"),
        (["--tls-key=key.pem"], "--tls-key is given without --tls-cert"),
        (["--serve-project=shop"], "'shop' is no project to serve"),
        (["--serve-project=a=.", "--serve-project=a=."], "two projects are called a"),
        (["--serve-project=a=.", "--project=."], "both given"),
        (["--serve-project=a=.taskmaster/tasks/tasks.json"], "is a file"),
        (["--project=.taskmaster/tasks/tasks.json"], "is a file"),
        (["--file=.taskmaster/tasks/tasks.json"], "has no option --file"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_makes_no_sense_is_refused_in_one_sentence_before_anything_begins(
    serve: Serve, shop: Path, words: list[str], told: str
) -> None:
    said = serve(*words)

    assert said.code == 2, said
    error, hint = said.err.splitlines()
    assert told in error
    assert hint.startswith("hint: ")
    assert said.out == ""
    assert not (shop / ".taskmaster" / "token").exists()


def test_a_certificate_that_makes_no_https_is_refused(
    serve: Serve, shop: Path, pair: tuple[Path, Path]
) -> None:
    cert, key = pair
    (shop / "words.pem").write_text("no certificate", encoding="utf-8")

    for files in (
        ("words.pem", str(key)),
        (str(cert), ""),
        (str(cert), str(cert)),
        (str(cert), str(key.with_name("locked.pem"))),
    ):
        said = serve(f"--tls-cert={files[0]}", f"--tls-key={files[1]}")
        assert said.code == 2, said
        assert "makes no https" in said.err
        assert "hint: --tls-cert takes" in said.err


def test_a_folder_without_a_project_and_a_missing_tag_are_named(serve: Serve, shop: Path) -> None:
    nowhere = serve("--serve-project=a=..")
    typo = serve("--tag=typo")

    assert (nowhere.code, typo.code) == (3, 3)
    assert "tamp init" in nowhere.err
    assert "there is no tag typo" in typo.err
    assert not (shop / ".taskmaster" / "token").exists()


def test_tasks_that_cannot_be_read_are_told_before_anybody_calls(serve: Serve, shop: Path) -> None:
    (shop / ".taskmaster" / "tasks" / "tasks.json").write_text('{"master": {\n  oops', "utf-8")

    said = serve()

    assert said.code == 6
    assert "line 2" in said.err


def test_a_check_begins_nothing_and_says_what_would_be(serve: Serve, shop: Path) -> None:
    words, document = serve("--check"), serve("--check", "--port=8080", "--workers=3", "--json")

    assert (words.code, words.out) == (0, "shop can be served like this\n")
    assert document.json == {
        "schema": "tamp/serve.v1", "success": True, "url": "http://127.0.0.1:8080",
        "projects": {"shop": str(shop)}, "workers": 3,
    }  # fmt: skip
    assert not (shop / ".taskmaster" / "token").exists()


@pytest.mark.skipif(os.name == "nt", reason="sends signals to groups of processes")
@pytest.mark.parametrize("workers", [1, 2])
def test_a_program_reads_where_the_server_is_and_ctrl_c_ends_it_without_a_word(
    shop: Path, workers: int
) -> None:
    words = ["serve", "--port=0", f"--workers={workers}", "--json", "--quiet"]
    server = subprocess.Popen(
        [*command(), *words], cwd=shop, env=environ(), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", start_new_session=True,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        document = json.loads(server.stdout.readline())
        token = (shop / ".taskmaster" / "token").read_text("utf-8").strip()
        known = {"Authorization": f"Bearer {token}"}
        answer = httpx2.get(f"{document['url']}/api/v1/projects/shop/tasks", headers=known)
        assert answer.json()["data"]["total"] == 3
        os.killpg(server.pid, signal.SIGINT)
        rest = server.communicate(timeout=WAIT)
    finally:
        server.kill()
        server.wait(WAIT)

    assert document["schema"] == "tamp/serve.v1"
    assert document["workers"] == workers
    assert (server.returncode, *rest) == (0, "", "")


@pytest.mark.skipif(os.name == "nt", reason="there are no such signals")
def test_a_server_whose_processes_are_replaced_loses_no_request(shop: Path) -> None:
    with Serving(shop, "--workers=2") as server:
        assert server.get("/tasks")["total"] == 3
        wait_until(lambda: len(server.workers()) == 2, "both processes are there")
        answers: list[int] = []
        before = server.workers()
        server.process.send_signal(signal.SIGHUP)

        def replaced() -> bool:
            # A connection of its own each time, as new callers have.
            with server.client() as caller:
                answers.append(caller.get("/api/v1/tasks/1").status_code)
            now = server.workers()
            return len(now) == 2 and not now & before

        wait_until(replaced, "both processes are new")
        assert set(answers) == {200}
        assert server.stop() == 0


def test_with_a_certificate_it_is_served_over_https(shop: Path, pair: tuple[Path, Path]) -> None:
    cert, key = pair
    trusting = ssl.create_default_context(cafile=str(cert))
    with Serving(shop, f"--tls-cert={cert}", f"--tls-key={key}") as server:
        answer = httpx2.get(f"{server.url}/health", verify=trusting)

    assert server.url.startswith("https://")
    assert answer.status_code == 200
    assert "max-age" in answer.headers["strict-transport-security"]


def test_a_project_whose_name_has_blanks_is_called_by_it(tmp_path: Path) -> None:
    folder = project(tmp_path / "my shop — ü")
    with Serving(folder) as server:
        (listed,) = server.get("/projects")["projects"]
        assert listed["name"] == "my shop — ü"
        assert server.http.get(f"{listed['path']}/tasks").json()["data"]["total"] == 3


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere 127.0.0.1 is the only one")
def test_it_answers_to_the_address_it_listens_on_and_warns_of_keys_in_the_clear(
    serve: Serve, shop: Path
) -> None:
    assert "it has no key" in serve("--host=127.0.0.2").err
    process(shop, "keys", "create", "ann", "--role=viewer")

    with Serving(shop, "--host=127.0.0.2") as server:
        assert server.http.get("/health").status_code == 200
        wait_until(lambda: "keys go over the network as they are" in server.told[-1], "a note")
