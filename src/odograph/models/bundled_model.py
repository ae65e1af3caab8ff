"""The model that comes with the package: a small GPT-2 trained on children's books and stories."""

from importlib.resources import files
from pathlib import Path

FOLDER = "bundled"


def bundled_model() -> Path:
    """Folder of the bundled model, as `from_pretrained` reads it.

    Its model card (`README.md` in the folder) says what it was trained on and what such a small
    model can and cannot show.

    >>> sorted(path.name for path in bundled_model().glob("*.safetensors"))
    ['model.safetensors']
    """
    return Path(str(files(__package__ or "odograph.models").joinpath(FOLDER)))
