"""What is built from this checkout, and an environment that has it installed as users have."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="session")
def uv() -> str:
    """The README's commands install it."""
    found = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    if found is None:
        pytest.skip("uv isn't installed")
    return found


@pytest.fixture(scope="session")
def dist(uv: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source distribution, and the wheel that was built from that."""
    folder = tmp_path_factory.mktemp("dist")
    run([uv, "build", "--quiet", "--out-dir", str(folder), str(ROOT)], ROOT)
    return folder


@pytest.fixture(scope="session")
def wheel(dist: Path) -> Path:
    return next(dist.glob("*.whl"))


@pytest.fixture(scope="session")
def installed(uv: str, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the programs of an environment that has the wheel."""
    folder = tmp_path_factory.mktemp("installed")
    install(uv, wheel, folder / "venv")
    return folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin")


def install(uv: str, wheel: Path, venv: Path) -> None:
    """Make an environment with the wheel. What it depends on is taken from this one, so that nothing is fetched."""
    run([uv, "venv", "--quiet", "--python", sys.executable, str(venv)], venv.parent)
    run([uv, "pip", "install", "--quiet", "--offline", "--no-deps", "--python", str(venv), str(wheel)], venv.parent)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = venv / ("Lib" if sys.platform == "win32" else f"lib/{version}") / "site-packages"
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")


def run(command: list[str], folder: Path, **environment: str) -> str:
    """Run a program in a folder away from the sources; what it wrote. Fails with what it said."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=110,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
