"""Measures of the prediction: of the next token, with something undone, and at every depth."""

from odograph.measures.bins import LOGITS
from odograph.measures.record import NATS, PURE, STATE, STEP, TOKEN, UNDONE, Measure

_LENS = "nostalgebraist 2020 (logit lens); Belrose et al. 2023 (2303.08112, tuned lens)"

PREDICTIONS: tuple[Measure, ...] = (
    Measure(
        "loss_change",
        NATS,
        UNDONE,
        "change in next-token loss",
        "log p[next] - log q[next], q with something undone in block l",
        "By how much the next-token loss rises when in block l alone the turn, the growth, what "
        "attention or the MLP adds, or the whole block is undone; mean over tokens. Table "
        "`ablations`.",
    ),
    Measure(
        "kl",
        NATS,
        UNDONE,
        "divergence from the model's own prediction",
        "sum p log(p / q), q with something undone in block l",
        "Kullback-Leibler divergence of the next-token distribution with something undone in block "
        "l from the model's own; mean over tokens. Table `ablations`.",
    ),
    Measure(
        "turn_worth",
        NATS,
        STEP,
        "worth of the turn",
        "log p[next] - log q[next], q with the turn of block l undone",
        "By how much a token's own next-token loss rises when the turn of block l is undone, at it "
        "and at the tokens before it: `loss_change` of table `undone_turns`.",
        sql="loss_change",
    ),
    Measure(
        "lens_logprob",
        NATS,
        STATE,
        "log-probability of the next token, read at each depth",
        "z[next] - logsumexp(z), z = head(N(x_l))",
        "Log-probability of the token that really follows, read at depth l with the final norm and "
        "the head. Table `lens`.",
        source=_LENS,
    ),
    Measure(
        "lens_rank",
        PURE,
        STATE,
        "rank of the next token, read at each depth",
        "1 + #{z > z[next]}, z = head(N(x_l))",
        "Rank of the token that really follows, read at depth l; only the first choice, of equal "
        "ones the lower id, has rank 1. Table `lens`.",
        source=_LENS,
    ),
    Measure(
        "lens_entropy",
        NATS,
        STATE,
        "entropy of the prediction, read at each depth",
        "-sum p log p, p = softmax(head(N(x_l)))",
        "Entropy of the next-token distribution, read at depth l. Table `lens`.",
        source=_LENS,
    ),
    Measure(
        "choice_logprob",
        NATS,
        STATE,
        "log-probability of the model's choice, read at each depth",
        "z[c] - logsumexp(z), z = head(N(x_l)), c = argmax head(N(x_L))",
        "Log-probability of the model's own final choice, read at depth l. Table `lens`.",
        source=_LENS,
    ),
    Measure(
        "choice_rank",
        PURE,
        STATE,
        "rank of the model's choice, read at each depth",
        "1 + #{z > z[c]}, z = head(N(x_l)), c = argmax head(N(x_L))",
        "Rank of the model's own final choice, read at depth l; only the first choice, of equal "
        "ones the lower id, has rank 1. Table `lens`.",
        source=_LENS,
    ),
    Measure(
        "commitment_depth",
        PURE,
        TOKEN,
        "commitment depth",
        "min l: argmax head(N(x_k)) = c for all k = l..L",
        "Depth from which the first choice of the lens stays the model's own, 0 to L; of equal "
        "choices the lower id. The same in all rows of a token of table `lens`.",
    ),
    Measure(
        "next_logit",
        PURE,
        TOKEN,
        "logit of the next token",
        "z[next]",
        "Logit of the token that really follows; not identified (a constant added to all logits "
        "changes nothing), shown as in the course.",
        own_bins=LOGITS,
    ),
    Measure(
        "next_logprob",
        NATS,
        TOKEN,
        "log-probability of the next token",
        "z[next] - logsumexp(z)",
        "Log-probability of the token that really follows.",
    ),
    Measure(
        "entropy",
        NATS,
        TOKEN,
        "entropy of the prediction",
        "-sum p log p",
        "Entropy of the next-token distribution.",
    ),
    Measure(
        "rank",
        PURE,
        TOKEN,
        "rank of the next token",
        "1 + #{z > z[next]}",
        "Rank of the token that really follows: 1 is the model's first choice.",
    ),
)
