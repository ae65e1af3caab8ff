"""Which model it is: what the manifest keeps of it."""

from dataclasses import dataclass, field

from odograph.models.weights import WeightFit


@dataclass(frozen=True)
class Identity:
    """What the manifest says about a model, so that it can be found again.

    `fingerprint` is a sha256 over config and weights, `weights_sha256` that of the weights alone
    (None of an untrained twin, or where no file is known), `revision` the commit hash of a hub
    model. `part` is what was asked for of
    the model, `quantised` the method by which its weights are quantised, or the type in which a
    GGUF `file` stores most of them. `weights` says where files and model differ. Of a PEFT adapter
    `base` and `base_revision` are the model it stands on, `adapter` is its kind, such as LORA.
    """

    name: str
    revision: str | None
    fingerprint: str
    family: str
    architecture: str
    blocks: int
    width: int
    parameters: int
    layout: str
    untrained_seed: int | None = None
    weights_sha256: str | None = None
    part: str = "auto"
    quantised: str | None = None
    base: str | None = None
    base_revision: str | None = None
    adapter: str | None = None
    file: str | None = None
    weights: WeightFit = field(default_factory=WeightFit)
