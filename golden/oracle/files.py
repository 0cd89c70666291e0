"""Writing an oracle's files, and saying what made them."""

import hashlib
import json
import os
import platform
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from safetensors.torch import save_file
from torch import Tensor


def versions(*more: str) -> dict[str, str]:
    packages = ("torch", "transformers", "transformer_lens", "numpy", "safetensors", "regex", *more)
    return {"python": platform.python_version()} | {package: version(package) for package in packages}


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_json(path: Path, content: dict[str, Any], indent: int | None = 1) -> None:
    text = json.dumps(content, indent=indent, allow_nan=False) + "\n"
    _replace(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))


def write_tensors(path: Path, tensors: dict[str, Tensor]) -> None:
    """Tensors in the order of their names, so that the same content is the same bytes."""
    contiguous = {name: tensors[name].contiguous() for name in sorted(tensors)}
    _replace(path, lambda temporary: save_file(contiguous, temporary))


def _replace(path: Path, write: Callable[[Path], Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".part")
    write(temporary)
    os.replace(temporary, path)
