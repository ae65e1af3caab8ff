"""What the bundled model can do, measured on held-out text in float32.

Run as `python training/quality.py --data ../shared/data/training`.

Every number of the model card comes from here (`quality.json`), none is typed by hand.
"""

import csv
import json
import math
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path

import ngram
import numpy as np
import pieces
import text
import torch
from export import FOLDER, WEIGHTS, sha256
from torch import nn
from torch.nn import functional
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerBase

PAIRS = Path(__file__).parent / "minimal_pairs.tsv"
PROMPTS = (
    "Once upon a time there was a little girl",
    "The old man opened the door and",
    "In the morning the children",
    '"Where have you been?" asked her mother.',
    "She looked round, and",
)
STRIDE = 256
CONTINUATION_TOKENS = 70
SENTENCES = 2
TEMPERATURE = 0.7
TOP = 40
SAMPLE_SEED = 0


@dataclass(frozen=True)
class Loss:
    """Summed loss of a text in nats, over its tokens and its characters."""

    nats: float
    tokens: int
    characters: int

    @property
    def nats_per_token(self) -> float:
        """Mean loss of a token in nats."""
        return self.nats / self.tokens

    @property
    def bits_per_character(self) -> float:
        """Loss in bits over the number of characters."""
        return self.nats / math.log(2) / self.characters


def load(folder: Path) -> tuple[nn.Module, PreTrainedTokenizerBase]:
    """The shipped weights computed in float32, and the tokenizer."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    return model.eval(), AutoTokenizer.from_pretrained(folder)


@torch.inference_mode()
def document_nats(model: nn.Module, ids: list[int], end_of_text: int) -> float:
    """Summed loss of a document in nats, `<|endoftext|>` before it.

    Read in windows of the whole context that move by half of it: every token of a long document
    but the first ones sees at least STRIDE tokens before it.
    """
    tokens = torch.tensor([end_of_text, *ids])
    context, nats, done = model.config.n_positions, 0.0, 1
    for start in range(0, max(1, len(tokens) - context + STRIDE), STRIDE):
        window = tokens[start : start + context]
        new = start + len(window) - done
        logits = model(window[None, :-1]).logits[0, -new:]
        nats += functional.cross_entropy(logits, window[-new:], reduction="sum").item()
        done += new
    return nats


def model_losses(
    model: nn.Module, tokenizer: PreTrainedTokenizerBase, documents: dict[str, str]
) -> dict[str, Loss]:
    """Loss of the model on each document."""
    losses = {}
    for name, content in documents.items():
        ids = tokenizer.backend_tokenizer.encode(content).ids
        nats = document_nats(model, ids, tokenizer.eos_token_id)
        losses[name] = Loss(nats, len(ids), len(content))
    return losses


def ngram_losses(
    tokenizer: PreTrainedTokenizerBase, train: dict[str, str], held_out: dict[str, str]
) -> dict[str, Loss]:
    """Loss of the 3-gram on the same pieces of the same documents."""
    end, size = tokenizer.eos_token_id, len(tokenizer)
    levels = ngram.fit(np.concatenate([[end], pieces.encode(tokenizer, train)]), size)
    losses = {}
    for name, content in held_out.items():
        ids = np.array([end, end, *tokenizer.backend_tokenizer.encode(content).ids])
        nats = -ngram.log_probabilities(levels, ids, size).sum()
        losses[name] = Loss(float(nats), len(ids) - 2, len(content))
    return losses


def total(losses: dict[str, Loss], stories: bool | None = None) -> Loss:
    """Losses added up: of all documents, of the stories only, or of the books only."""
    chosen = [x for name, x in losses.items() if stories in (None, name.startswith("story-"))]
    return Loss(
        sum(loss.nats for loss in chosen),
        sum(loss.tokens for loss in chosen),
        sum(loss.characters for loss in chosen),
    )


def read_pairs() -> list[dict[str, str]]:
    """The minimal pairs: kind, the right sentence, the wrong one."""
    with PAIRS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def right_pairs(model: nn.Module, tokenizer: PreTrainedTokenizerBase) -> dict[str, list[int]]:
    """For each kind of pair how many of how many the model finds likelier the right way round."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for pair in read_pairs():
        right, wrong = (
            document_nats(model, tokenizer(pair[side]).input_ids, tokenizer.eos_token_id)
            for side in ("right", "wrong")
        )
        counts[pair["kind"]][0] += right < wrong
        counts[pair["kind"]][1] += 1
    return dict(counts)


def sentences(content: str, count: int) -> str:
    """The first sentences of a continuation, or all of it where it has fewer."""
    ends = [
        place
        for place, character in enumerate(content)
        if character in ".!?" and content[place + 1 : place + 2] in ("", " ", "\n", '"')
    ]
    if len(ends) < count:
        return content
    end = ends[count - 1] + 1
    return content[: end + 1] if content[end : end + 1] == '"' else content[:end]


def continuations(
    model: nn.Module, tokenizer: PreTrainedTokenizerBase, sampled: bool
) -> list[tuple[str, str]]:
    """Each prompt with its continuation, greedy or sampled, cut after SENTENCES sentences.

    Nothing is put in front of a prompt, as nothing is in front of a measured passage.
    """
    torch.manual_seed(SAMPLE_SEED)
    choice = {"do_sample": True, "temperature": TEMPERATURE, "top_k": TOP} if sampled else {}
    texts = []
    for prompt in PROMPTS:
        given = tokenizer([prompt], return_tensors="pt")
        out = model.generate(
            **given,
            max_new_tokens=CONTINUATION_TOKENS,
            pad_token_id=tokenizer.eos_token_id,
            **(choice or {"do_sample": False}),
        )
        new = out[0, given.input_ids.shape[1] :]
        continuation = tokenizer.decode(new, skip_special_tokens=True)
        texts.append((prompt, sentences(continuation, SENTENCES)))
    return texts


@torch.inference_mode()
def passage_loss(model: nn.Module, tokenizer: PreTrainedTokenizerBase, passage: str) -> float:
    """Mean loss on the fixed passage in nats per token: its first context, nothing before it."""
    ids = tokenizer.backend_tokenizer.encode(passage).ids[: model.config.n_positions]
    tokens = torch.tensor(ids)
    return functional.cross_entropy(model(tokens[None, :-1]).logits[0], tokens[1:]).item()


def rounded(loss: Loss) -> dict[str, float]:
    """A loss as the card states it."""
    return {
        "nats_per_token": round(loss.nats_per_token, 4),
        "bits_per_character": round(loss.bits_per_character, 4),
        **{key: value for key, value in asdict(loss).items() if key != "nats"},
    }


def measure(data: Path, folder: Path) -> dict[str, object]:
    """All facts of the model card."""
    train, held_out = text.documents(data)
    model, tokenizer = load(folder)
    own = model_losses(model, tokenizer, held_out)
    baseline = ngram_losses(tokenizer, train, held_out)
    parts = {"all": None, "books": False, "stories": True}
    pairs = right_pairs(model, tokenizer)
    passage = (folder / "passage.txt").read_text(encoding="utf-8")
    return {
        "weights_sha256": sha256(folder / WEIGHTS),
        "parameters": sum(p.numel() for p in model.parameters()),
        "training_text_sha256": text.fingerprint(train),
        "training_characters": sum(map(len, train.values())),
        "training_tokens": len(pieces.encode(tokenizer, train)),
        "held_out_loss": {part: rounded(total(own, side)) for part, side in parts.items()},
        "three_gram_loss": {part: rounded(total(baseline, side)) for part, side in parts.items()},
        "below_three_gram_percent": below(total(own), total(baseline)),
        "passage_nats_per_token": round(passage_loss(model, tokenizer, passage), 4),
        "pairs_right": pairs,
        "pairs_right_percent": round(
            100 * sum(right for right, _ in pairs.values()) / sum(n for _, n in pairs.values()), 1
        ),
        "greedy": continuations(model, tokenizer, sampled=False),
        "sampled": continuations(model, tokenizer, sampled=True),
    }


def below(own: Loss, baseline: Loss) -> float:
    """How far the model's bits per character lie below the baseline's, in percent."""
    return round(100 * (1 - own.bits_per_character / baseline.bits_per_character), 2)


def write_quality(data: Path, folder: Path) -> None:
    """Writes `quality.json` beside the model."""
    facts = json.dumps(measure(data, folder), indent=2, ensure_ascii=False)
    (folder / "quality.json").write_text(facts + "\n", encoding="utf-8")


if __name__ == "__main__":
    import argparse

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    chosen = parser.parse_args()
    write_quality(chosen.data, chosen.folder)
