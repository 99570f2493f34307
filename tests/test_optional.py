import sys

import pytest

from treernn.errors import MissingPackageError, TreernnError
from treernn.optional import require


def test_a_missing_package_names_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.svm", None)
    with pytest.raises(MissingPackageError) as caught:
        require("sklearn.svm", extra="reproduction")
    assert str(caught.value) == "scikit-learn is not installed: pip install 'treernn[reproduction]'"
    assert caught.value.name == "sklearn"
    assert isinstance(caught.value, TreernnError)
    assert isinstance(caught.value, ImportError)


def test_a_package_that_lacks_another_is_not_called_missing(tmp_path, monkeypatch):
    (tmp_path / "installed_but_broken.py").write_text("import surely_missing\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="'surely_missing'") as caught:
        require("installed_but_broken", extra="plots")
    assert not isinstance(caught.value, TreernnError)
