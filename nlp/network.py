"""The torch module: an encoder, one attention per label over its tokens, and a head per label.

Label attention follows CAML (Mullenbach et al., 2018, arXiv:1802.05695): each label looks at the
note with its own query, so the weights that make a reason's score also point at its evidence.
Churn intent, resolution and repeat have a query each too.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from labels.codebook import CHURN_INTENTS, REASONS, RESOLUTIONS

N_REASONS = len(REASONS)
CHURN, RESOLUTION, REPEAT = N_REASONS, N_REASONS + 1, N_REASONS + 2
N_QUERIES = N_REASONS + 3


class Outputs(NamedTuple):
    """One pass over B notes of T tokens.

    `reasons` (B, 12), `churn` (B, 3), `resolution` (B, 3) and `repeat` (B,) are logits;
    `attention` (B, 12, T) sums to one over the tokens of a note, for each reason.
    """

    reasons: Tensor
    churn: Tensor
    resolution: Tensor
    repeat: Tensor
    attention: Tensor


@dataclass(frozen=True)
class Targets:
    """What B notes of T tokens should give; `evidence` (B, 12, T) marks the tokens of each span."""

    reasons: Tensor
    churn: Tensor
    resolution: Tensor
    repeat: Tensor
    evidence: Tensor


class NoteNetwork(nn.Module):
    """An encoder with label attention. Tokens of the template are seen but never attended to."""

    def __init__(self, encoder: nn.Module, hidden: int, pad_id: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.pad_id = pad_id
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.keys = nn.Linear(hidden, hidden)
        self.queries = nn.Parameter(torch.randn(N_QUERIES, hidden) * hidden**-0.5)
        self.reason_weight = nn.Parameter(torch.randn(N_REASONS, hidden) * hidden**-0.5)
        self.reason_bias = nn.Parameter(torch.full((N_REASONS,), -2.0))
        self.churn_head = nn.Linear(hidden, len(CHURN_INTENTS))
        self.resolution_head = nn.Linear(hidden, len(RESOLUTIONS))
        self.repeat_head = nn.Linear(hidden, 1)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, text_mask: Tensor) -> Outputs:
        """Return the outputs of a batch.

        Args:
            input_ids: (B, T) token ids, padded.
            attention_mask: (B, T), 1 for every token that is not padding.
            text_mask: (B, T), 1 for the tokens of the note itself.
        """
        encoded = self.encoder(input_ids=input_ids, attention_mask=attention_mask)
        states = self.dropout(encoded.last_hidden_state)
        scores = torch.tanh(self.keys(states)) @ self.queries.T
        scores = scores.masked_fill(text_mask.unsqueeze(-1) == 0, -1e4)
        weights = torch.softmax(scores, dim=1).transpose(1, 2)
        contexts = weights @ states
        reasons = (contexts[:, :N_REASONS] * self.reason_weight).sum(-1) + self.reason_bias
        return Outputs(
            reasons,
            self.churn_head(contexts[:, CHURN]),
            self.resolution_head(contexts[:, RESOLUTION]),
            self.repeat_head(contexts[:, REPEAT]).squeeze(-1),
            weights[:, :N_REASONS],
        )


def loss(
    outputs: Outputs, targets: Targets, positive_weight: Tensor, evidence_weight: float = 0.3
) -> Tensor:
    """Return the mean loss of a batch: four classification terms and the evidence term.

    The evidence term is the negative log of the attention that a true reason pays to its span.
    """
    binary = nn.functional.binary_cross_entropy_with_logits
    reasons = binary(outputs.reasons, targets.reasons, pos_weight=positive_weight)
    churn = nn.functional.cross_entropy(outputs.churn, targets.churn)
    resolution = nn.functional.cross_entropy(outputs.resolution, targets.resolution)
    repeat = binary(outputs.repeat, targets.repeat)
    on_span = (outputs.attention * targets.evidence).sum(-1).clamp_min(1e-6)
    has_span = targets.evidence.any(-1).float()
    evidence = -(on_span.log() * has_span).sum() / has_span.sum().clamp_min(1.0)
    total = 4 * reasons + 0.5 * churn + 0.5 * resolution + 0.5 * repeat
    return total + evidence_weight * evidence
