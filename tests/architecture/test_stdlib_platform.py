"""`platform/` is a source root on the import path, never a package: the standard library's module keeps its name."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

from tests.architecture.tree import ROOT


def test_platform_is_the_standard_librarys() -> None:
    import platform

    assert Path(platform.__file__).is_relative_to(sysconfig.get_paths()["stdlib"])
    assert platform.system()


def test_platform_is_the_standard_librarys_with_the_root_first_on_the_path() -> None:
    said = subprocess.run(
        [sys.executable, "-c", "import platform, uuid; print(platform.__file__)"],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(said.stdout.strip()).is_relative_to(sysconfig.get_paths()["stdlib"])


def test_the_folder_has_no_init_and_nothing_on_the_path_is_called_platform() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists()
    assert not (ROOT / "platform" / "__init__.pyi").exists()
    assert not (ROOT / "platform.py").exists()
    assert not (ROOT / "platform" / "platform.py").exists()


def test_no_package_of_ours_hides_a_module_of_the_standard_library() -> None:
    ours = {path.parent.name for path in (ROOT / "platform").glob("*/__init__.py")} | {"tenants", "apps", "tests"}
    assert ours.isdisjoint(sys.stdlib_module_names)
