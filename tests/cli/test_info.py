import json
import re


def test_versions_backends_devices_data_and_models(treernn, tmp_path):
    done = treernn("info", TREERNN_DATA=str(tmp_path), HOME=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode()
    for name in ("treernn", "python", "torch", "nltk", "numpy", "levels", "cpu", "cache"):
        assert re.search(rf"^  {name} +\S", text, re.MULTILINE), name
    for name in ("dgl", "stanza", "parser", "small", "medium", "large"):
        assert re.search(rf"^  {name} +\S", text, re.MULTILINE), name
    assert re.search(rf"TREERNN_DATA +{re.escape(str(tmp_path))}", text)
    assert re.search(r"Stanford Sentiment Treebank +not there yet", text)
    assert list(tmp_path.iterdir()) == []  # dgl's import would write its settings


def test_import_error_of_dgl_is_shown(treernn, tmp_path):
    (tmp_path / "dgl.py").write_text("raise ImportError('made for another torch')")
    done = treernn("info", PYTHONPATH=str(tmp_path))
    assert done.returncode == 0
    assert re.search(r"^  dgl +no, .*made for another torch", done.stdout.decode(), re.MULTILINE)


def test_a_wrong_data_folder(in_process, monkeypatch, tmp_path):
    monkeypatch.setenv("TREERNN_DATA", str(tmp_path / "none"))
    status, out, _ = in_process("info", "--json")
    assert status == 0
    assert json.loads(out)["Data"]["TREERNN_DATA"] == f"{tmp_path / 'none'}, which is no folder"
