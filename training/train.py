"""Trains the bundled model: tokenizer, text, schedule, checkpoints, profiles on the way.

Run as `python training/train.py --data PATH/TO/training`.

A run that is stopped goes on from its last checkpoint: the text of a step, the learning rate and
what it sees depend on the step alone, the checkpoint holds all optimiser states, and there is no
dropout. Two runs agree up to rounding, not to the last bit, whether stopped or not: the kernels
are not repeatable to the last bit on two threads.
"""

import argparse
import csv
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pieces
import text
import torch
from export import write_model
from profiles import profile, write_profiles
from torch import Tensor, nn
from torch.nn import functional
from transformers import AttentionInterface, GPT2Config, GPT2LMHeadModel
from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

HERE = Path(__file__).parent
CONTEXT = 512
SHORT = CONTEXT // 4
PASSAGE_BOOK = "Edith_Nesbit_The_Railway_Children"
PASSAGE_CHARACTERS = 3900
SNAPSHOT_STEPS = (0, 8, 16, 32, 64, 128, 256, 512, 1024, 2048)
CURVE_COLUMNS = ("tokens_seen", "train_loss", "held_out_loss", "learning_rate", "hours")


@dataclass(frozen=True)
class Plan:
    """What a training run depends on; the schedule is given in tokens."""

    tokens: int
    seed: int = 0
    vocabulary: int = 4096
    blocks: int = 8
    width: int = 224
    rows: int = 16
    learning_rate: float = 3e-3
    weight_decay: float = 0.1
    warmup_tokens: int = 400_000
    decay_share: float = 0.6
    short_share: float = 0.55
    long_every: int = 8
    long_share: float = 0.1

    @property
    def step_tokens(self) -> int:
        """Tokens of one optimiser step."""
        return self.rows * CONTEXT

    @property
    def steps(self) -> int:
        """Optimiser steps of the whole run."""
        return self.tokens // self.step_tokens

    def rate(self, step: int) -> float:
        """Learning rate at a step: linear warm-up, a plateau, linear decay to zero."""
        seen = (step + 1) * self.step_tokens
        left = (self.steps - step) * self.step_tokens / (self.decay_share * self.tokens)
        return self.learning_rate * min(1.0, seen / self.warmup_tokens, left)

    def segment(self, step: int) -> int:
        """Tokens that see one another at a step: SHORT, then twice that or all, then all.

        Attention to few tokens is cheap, and most of what is learned first needs no more.
        """
        if step < self.short_share * self.steps:
            return SHORT
        if step % self.long_every == 0 or step >= (1 - self.long_share) * self.steps:
            return CONTEXT
        return 2 * SHORT


def float32_attention(
    module: nn.Module, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, **_: object
) -> tuple[Tensor, None]:
    """Causal attention in float32: on a CPU its backward pass is faster than in bfloat16."""
    del module, mask
    with torch.autocast("cpu", enabled=False):
        out = functional.scaled_dot_product_attention(
            query.float(), key.float(), value.float(), is_causal=True
        )
    return out.transpose(1, 2).contiguous(), None


AttentionInterface.register("float32_causal", float32_attention)
AttentionMaskInterface.register("float32_causal", sdpa_mask)


def new_model(plan: Plan, end_of_text: int, seed: int) -> GPT2LMHeadModel:
    """An untrained GPT-2 of the plan's size, drawn from a seed."""
    torch.manual_seed(seed)
    config = GPT2Config(
        vocab_size=plan.vocabulary,
        n_positions=CONTEXT,
        n_embd=plan.width,
        n_layer=plan.blocks,
        n_head=plan.width // 32,
        activation_function="gelu_pytorch_tanh",
        attn_pdrop=0.0,
        embd_pdrop=0.0,
        resid_pdrop=0.0,
        bos_token_id=end_of_text,
        eos_token_id=end_of_text,
    )
    return GPT2LMHeadModel(config)


def new_optimizers(model: nn.Module, plan: Plan) -> list[torch.optim.Optimizer]:
    """Muon for the matrices of the blocks, AdamW for embeddings, biases and norms."""
    named = dict(model.named_parameters())
    matrices = [p for name, p in named.items() if p.ndim == 2 and ".h." in name]
    others = [p for name, p in named.items() if not (p.ndim == 2 and ".h." in name)]
    muon = torch.optim.Muon(
        matrices,
        lr=plan.learning_rate,
        weight_decay=plan.weight_decay,
        adjust_lr_fn="match_rms_adamw",
    )
    adam = torch.optim.AdamW(
        others, lr=plan.learning_rate, betas=(0.9, 0.95), weight_decay=0.0, fused=True
    )
    return [muon, adam]


def rows_of_step(ids: np.ndarray, plan: Plan, step: int) -> Tensor:
    """Ids of one step, rows x (context + 1): each epoch cuts and orders the text anew."""
    per_epoch = (len(ids) - CONTEXT) // CONTEXT - 1
    numbers = np.arange(step * plan.rows, (step + 1) * plan.rows)
    rows = []
    for epoch, place in zip(numbers // per_epoch, numbers % per_epoch, strict=True):
        generator = np.random.default_rng([plan.seed, int(epoch)])
        shift = int(generator.integers(CONTEXT))
        start = shift + int(generator.permutation(per_epoch)[place]) * CONTEXT
        rows.append(ids[start : start + CONTEXT + 1].astype(np.int64))
    return torch.from_numpy(np.stack(rows))


def batch_loss(model: nn.Module, rows: Tensor, segment: int) -> Tensor:
    """Mean loss of rows in nats per token; a row is read in segments that keep their positions."""
    positions = torch.arange(rows.shape[1] - 1).view(1, -1, segment).expand(len(rows), -1, -1)
    given = rows[:, :-1].reshape(-1, segment)
    with torch.autocast("cpu", torch.bfloat16):
        hidden = model.transformer(
            given, position_ids=positions.reshape(-1, segment), use_cache=False
        ).last_hidden_state
        logits = model.lm_head(hidden)
    return functional.cross_entropy(logits.float().flatten(0, 1), rows[:, 1:].reshape(-1))


class Run:
    """A training run in a work folder, with everything a checkpoint holds."""

    def __init__(self, plan: Plan, data: Path, work: Path) -> None:
        work.mkdir(parents=True, exist_ok=True)
        self.plan, self.work = plan, work
        train, self.held_out = text.documents(data)
        self.tokenizer = pieces.load_or_learn(work / "tokenizer", train, plan.vocabulary, CONTEXT)
        self.ids = pieces.encode(self.tokenizer, train)
        rows = self.held_out_rows(32)
        cuts = range(0, CONTEXT, SHORT)
        self.check_rows = torch.cat([rows[:, cut : cut + SHORT + 1] for cut in cuts])
        self.passage_text = text.fixed_passage(self.held_out, PASSAGE_BOOK, PASSAGE_CHARACTERS)
        ids = torch.tensor(self.tokenizer.backend_tokenizer.encode(self.passage_text).ids)
        self.passage = ids[: len(ids) // SHORT * SHORT].view(-1, SHORT)
        self.model = new_model(plan, self.tokenizer.eos_token_id, plan.seed)
        self.model.set_attn_implementation("float32_causal")
        self.optimizers = new_optimizers(self.model, plan)
        self.step, self.hours = 0, 0.0
        self.curve: list[list[float]] = []
        self.profiles: list[list[object]] = []

    def held_out_rows(self, count: int) -> Tensor:
        """Evenly spread rows of the held-out text, for the learning curve."""
        ids = pieces.encode(self.tokenizer, self.held_out).astype(np.int64)
        starts = np.linspace(0, len(ids) - CONTEXT - 1, count).astype(int)
        return torch.from_numpy(np.stack([ids[s : s + CONTEXT + 1] for s in starts]))

    def save(self) -> None:
        """Writes the checkpoint whole or not at all."""
        state = {
            "model": self.model.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "step": self.step,
            "hours": self.hours,
            "curve": self.curve,
            "profiles": self.profiles,
        }
        torch.save(state, self.work / "checkpoint.part")
        (self.work / "checkpoint.part").replace(self.work / "checkpoint.pt")

    def resume(self) -> None:
        """Goes back to the last checkpoint; without one, notes the untrained profiles."""
        path = self.work / "checkpoint.pt"
        if not path.exists():
            self.note_untrained()
            return
        state = torch.load(path, weights_only=True)
        self.model.load_state_dict(state["model"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self.step, self.hours = state["step"], state["hours"]
        self.curve, self.profiles = state["curve"], state["profiles"]

    def note_untrained(self) -> None:
        """Profiles of untrained twins from two other seeds, for the spread at step 0."""
        for seed in (self.plan.seed + 1, self.plan.seed + 2):
            self.note_profile(new_model(self.plan, self.tokenizer.eos_token_id, seed), seed)

    def note_profile(self, model: nn.Module, seed: int) -> None:
        """Adds the profile of a model on the fixed passage to the table.

        The passage is read SHORT tokens at a time: at first the model has seen no more at once.
        """
        seen = self.step * self.plan.step_tokens
        self.profiles += [[seen, seed, *row] for row in profile(model, self.passage)]

    def keep_rung(self) -> None:
        """Writes the weights as they are as a model folder, `ladder/stepN` of the work folder."""
        rung = new_model(self.plan, self.tokenizer.eos_token_id, self.plan.seed)
        rung.load_state_dict(self.model.state_dict())
        write_model(self.work / "ladder" / f"step{self.step}", rung, self.work / "tokenizer")

    def note_end(self) -> None:
        """Adds the profile of the weights as they are, where the table lacks it."""
        seen = self.step * self.plan.step_tokens
        if not any(row[:2] == [seen, self.plan.seed] for row in self.profiles):
            self.note_profile(self.model, self.plan.seed)

    def learn(self, loss_of: Callable[[nn.Module, Tensor, int], Tensor]) -> float:
        """One optimiser step; gives the loss in nats per token before it."""
        rows = rows_of_step(self.ids, self.plan, self.step)
        loss = loss_of(self.model, rows, self.plan.segment(self.step))
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = self.plan.rate(self.step)
            optimizer.step()
            optimizer.zero_grad()
        self.step += 1
        return loss.item()

    def held_out_loss(self) -> float:
        """Loss on the rows of the learning curve in nats per token, read SHORT tokens at a time."""
        rows = self.check_rows.split(32)
        with torch.inference_mode():
            parts = [batch_loss(self.model, part, SHORT).item() for part in rows]
        return sum(parts) / len(parts)

    def train(self, until: float, last: int, check_every: int, save_every: int) -> None:
        """Trains until the last step, or until a checkpoint after a time on the clock."""
        loss_of = torch.compile(batch_loss, dynamic=False)
        recent: list[float] = []
        began = time.time()
        while self.step < last and (time.time() < until or self.step % save_every):
            if self.step in SNAPSHOT_STEPS:
                self.note_profile(self.model, self.plan.seed)
                self.keep_rung()
            recent.append(self.learn(loss_of))
            if not math.isfinite(recent[-1]):
                raise FloatingPointError(f"loss is {recent[-1]} at step {self.step}")
            done = self.step == last
            if self.step % check_every == 0 or done:
                self.hours += (time.time() - began) / 3600
                began = time.time()
                self.note_curve(sum(recent) / len(recent))
                recent = []
            if done:
                self.note_end()
                self.keep_rung()
            if self.step % save_every == 0 or done:
                self.save()

    def note_curve(self, train_loss: float) -> None:
        """Adds a point to the learning curve, on screen and in the work folder."""
        seen = self.step * self.plan.step_tokens
        rate = self.plan.rate(self.step - 1)
        self.curve.append([seen, train_loss, self.held_out_loss(), rate, self.hours])
        print(
            f"{seen / 1e6:7.2f} M tokens  train {train_loss:.3f}  held out {self.curve[-1][2]:.3f}"
            f"  rate {rate:.5f}  {self.hours * 60:.1f} min",
            flush=True,
        )

    def write_tables(self, folder: Path) -> None:
        """Writes the learning curve and the profiles as CSV."""
        write_profiles(folder / "profiles.csv", self.profiles)
        with (folder / "curve.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(CURVE_COLUMNS)
            writer.writerows([[f"{value:.6g}" for value in row] for row in self.curve])


def options() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=HERE.parent.parent / "shared/data/training")
    parser.add_argument("--work", type=Path, default=HERE / "work")
    parser.add_argument("--tokens", type=int, default=16_000_000)
    parser.add_argument("--last-step", type=int, help="stop and keep there; by default at the end")
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop and keep after")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--check-every", type=int, default=32, help="steps")
    parser.add_argument("--save-every", type=int, default=64, help="steps")
    parser.add_argument("--rate", type=float, default=Plan.learning_rate)
    return parser.parse_args()


def started(chosen: argparse.Namespace) -> Run:
    """A run with these options, gone on from its last checkpoint for as long as allowed."""
    run = Run(Plan(tokens=chosen.tokens, learning_rate=chosen.rate), chosen.data, chosen.work)
    run.resume()
    last = run.plan.steps if chosen.last_step is None else min(chosen.last_step, run.plan.steps)
    until = time.time() + 60 * chosen.minutes
    run.train(until, last, chosen.check_every, chosen.save_every)
    return run


def main() -> None:
    """Trains, and writes the tables of the run into its work folder."""
    chosen = options()
    torch.set_num_threads(chosen.threads)
    started(chosen).write_tables(chosen.work)


if __name__ == "__main__":
    main()
