"""A Hugging Face hub on this machine, as far as its client needs one for models."""

import base64
import contextlib
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import unquote, urlsplit

LARGE = (".safetensors", ".bin")
TOKEN = "hf_test"  # the only one


@dataclass
class Repository:
    """Commits, the last first where none is named, and the names of some."""

    private: bool = False
    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)

    def commit(self, files: dict[str, bytes], branch: str = "main") -> str:
        """Put these files in place of all others."""
        seed = (len(self.commits), sorted((name, _sha256(each)) for name, each in files.items()))
        commit = hashlib.sha1(repr(seed).encode()).hexdigest()
        self.commits[commit] = files
        self.branches[branch] = commit
        return commit

    def find(self, revision: str) -> str | None:
        """The commit of a revision."""
        commit = self.branches.get(revision, revision)
        return commit if commit in self.commits else None


@dataclass
class Hub:
    """A running hub.

    Attributes:
        url: its address.
        repositories: by name.
        requests: method and path of each, with the query.
        fails: the status to answer for paths that contain a text.
        cuts: how many answers with the content of a file stop half way.
        changes: what a large file is replaced by when it is sent.
    """

    url: str = ""
    repositories: dict[str, Repository] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    fails: dict[str, int] = field(default_factory=dict)
    cuts: int = 0
    changes: dict[bytes, bytes] = field(default_factory=dict)
    uploaded: dict[str, bytes] = field(default_factory=dict)
    bodies: list[bytes] = field(default_factory=list)

    def add(self, name: str, files: dict[str, bytes], branch: str = "main") -> str:
        """A commit; the repository is made if there is none."""
        return self.repositories.setdefault(name, Repository()).commit(files, branch)


@contextlib.contextmanager
def running_hub() -> Iterator[Hub]:
    """A hub until the end of the block."""
    hub = Hub()

    class Handler(_Handler):
        pass

    Handler.hub = hub
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        hub.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield hub
        server.shutdown()
        thread.join()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _git(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        self.answer()

    def do_POST(self) -> None:
        self.answer()

    def do_PUT(self) -> None:
        self.answer()

    def answer(self) -> None:
        body = self.body()
        self.hub.requests.append(f"{self.command} {self.path}")
        self.hub.bodies.append(body)
        path = unquote(urlsplit(self.path).path)
        for part, status in self.hub.fails.items():
            if part in f"{self.command} {path}":
                self.send(status, {"error": f"answer {status}"})
                return
        words = path.strip("/").split("/")
        match words:
            case ["cdn", sha256]:
                files = [f for r in self.hub.repositories.values() for f in r.commits.values()]
                [content, *_] = [c for each in files for c in each.values() if _sha256(c) == sha256]
                self.send_file(self.hub.changes.get(content, content), {})
            case ["upload", sha256]:
                self.hub.uploaded[sha256] = body
                self.send(200, {})
            case ["api", "repos", "create"]:
                self.create(json.loads(body))
            case ["api", "validate-yaml"]:
                header = json.loads(body)["content"]
                wrong = [] if header.startswith("---\n") else [{"message": "no header"}]
                self.send(400 if wrong else 200, {"errors": wrong, "warnings": []})
            case ["api", "models", user, name, *rest]:
                self.about(f"{user}/{name}", rest, body)
            case [user, name, "info", "lfs", "objects", "batch"]:
                self.large(json.loads(body))
            case [user, name, "resolve", revision, *path_in_repo]:
                self.resolve(f"{user}/{name}", revision, "/".join(path_in_repo))
            case _:
                self.send(404, {"error": "no such page"})

    def body(self) -> bytes:
        if self.headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("content-length", 0)))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def about(self, name: str, rest: list[str], body: bytes) -> None:
        if (repository := self.repository(name)) is None:
            return
        action, *words = rest or ["revision", "main"]
        revision = "/".join(words)
        if action == "branch":
            exists = revision in repository.branches
            repository.branches.setdefault(revision, repository.branches["main"])
            self.send(409 if exists else 200, {})
            return
        commit = repository.find(revision)
        if commit is None:
            self.send(404, {"error": "x"}, {"X-Error-Code": "RevisionNotFound"})
            return
        files = repository.commits[commit]
        if action == "revision":
            listed = [{"rfilename": each} for each in files]
            about = {"id": name, "sha": commit, "siblings": listed, "private": repository.private}
            self.send(200, about)
        elif action == "tree":
            self.send(200, [_entry(*each) for each in files.items()])
        elif not self.may_write():
            self.send(403, {"error": "may not write"})
        elif action == "preupload":
            wanted = [each["path"] for each in json.loads(body)["files"]]
            modes = {each: "lfs" if each.endswith(LARGE) else "regular" for each in wanted}
            said = [{"path": p, "uploadMode": m, "shouldIgnore": False} for p, m in modes.items()]
            self.send(200, {"files": said})
        elif action == "commit":
            self.commit(repository, revision, commit, [*map(json.loads, body.splitlines())])

    def commit(self, repository: Repository, branch: str, parent: str, lines: list) -> None:
        files = dict(repository.commits[parent])
        for line in lines:
            value = line["value"]
            if line["key"] == "header" and value.get("parentCommit", parent) != parent:
                self.send(412, {"error": "another parent"})
                return
            if line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                files[value["path"]] = self.hub.uploaded[value["oid"]]
            elif line["key"] == "deletedFile":
                del files[value["path"]]
        commit = repository.commit(files, branch)
        self.send(200, {"commitUrl": f"{self.hub.url}/x/y/commit/{commit}", "commitOid": commit})

    def create(self, wanted: dict) -> None:
        if not self.may_write():
            self.send(401, {"error": "Invalid username or password."})
            return
        name = f"{wanted['organization']}/{wanted['name']}"
        url = {"url": f"{self.hub.url}/{name}"}
        if name in self.hub.repositories:
            self.send(409, url)
            return
        private = wanted.get("visibility") == "private" or bool(wanted.get("private"))
        self.hub.repositories[name] = Repository(private)
        self.hub.add(name, {".gitattributes": b"*.safetensors filter=lfs\n"})
        self.send(200, url)

    def large(self, wanted: dict) -> None:
        objects = [
            {**each, "actions": {"upload": {"href": f"{self.hub.url}/upload/{each['oid']}"}}}
            for each in wanted["objects"]
        ]
        self.send(200, {"transfer": "basic", "objects": objects})

    def resolve(self, name: str, revision: str, path: str) -> None:
        if (repository := self.repository(name)) is None:
            return
        commit = repository.find(revision)
        content = repository.commits[commit].get(path) if commit else None
        if content is None:
            self.send(404, {"error": "x"}, {"X-Error-Code": "EntryNotFound"})
            return
        headers = {"X-Repo-Commit": commit, "ETag": f'"{_git(content)}"'}
        if path.endswith(LARGE):
            headers["X-Linked-Etag"] = f'"{_sha256(content)}"'
            headers["X-Linked-Size"] = str(len(content))
            # Another host, or the client follows at once, and finds no headers of the hub.
            other = self.hub.url.replace("127.0.0.1", "localhost")
            headers["Location"] = f"{other}/cdn/{_sha256(content)}"
            self.send(302, {}, headers)
        else:
            self.send_file(content, headers)

    def repository(self, name: str) -> Repository | None:
        found = self.hub.repositories.get(name)
        if found is None or (found.private and not self.may_write()):
            self.send(401, {"error": "x"}, {"X-Error-Code": "RepoNotFound"})
            return None
        return found

    def may_write(self) -> bool:
        return self.headers.get("authorization") == f"Bearer {TOKEN}"

    def send_file(self, content: bytes, headers: dict[str, str]) -> None:
        start = 0
        if asked := self.headers.get("range"):
            start = int(asked.removeprefix("bytes=").split("-")[0])
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self.send(206 if start else 200, content[start:], headers)

    def send(self, status: int, content: object, headers: dict[str, str] | None = None) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        if isinstance(content, bytes) and self.hub.cuts and len(body) > 100:
            self.hub.cuts -= 1
            body = body[: len(body) // 2]
            self.close_connection = True
        self.wfile.write(body)


def _entry(path: str, content: bytes) -> dict:
    entry = {"type": "file", "path": path, "size": len(content), "oid": _git(content)}
    if path.endswith(LARGE):
        entry["lfs"] = {"oid": _sha256(content), "size": len(content), "pointerSize": 130}
    return entry
