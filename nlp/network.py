"""The torch module: an encoder, one attention per label over its tokens, and a head per label.

Label attention follows CAML (Mullenbach et al., 2018, arXiv:1802.05695): each label looks at the
note with its own query, so the weights that make a reason's score also point at its evidence.
Churn intent, resolution and repeat have a query each too. The issue vector is the mean of the
tokens' states, projected: notes about the same matter lie near each other. One query more is for
two notes that are read as one (`nlp.together`): are they about the same matter?
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from transformers import BertModel

from labels.codebook import CHURN_INTENTS, REASONS, RESOLUTIONS
from nlp.tokens import Encoded, pad

N_REASONS = len(REASONS)
CHURN, RESOLUTION, REPEAT, SAME = range(N_REASONS, N_REASONS + 4)
N_QUERIES = N_REASONS + 4
ISSUE_SIZE = 64


class Outputs(NamedTuple):
    """One pass over B notes of T tokens.

    `reasons` (B, 12), `churn` (B, 3), `resolution` (B, 3) and `repeat` (B,) are logits;
    `attention` (B, 12, T) sums to one over the tokens of a note, for each reason. `issue` (B, 64)
    has length one. `same` (B,) is a logit that means something for two notes joined.
    """

    reasons: Tensor
    churn: Tensor
    resolution: Tensor
    repeat: Tensor
    attention: Tensor
    issue: Tensor
    same: Tensor


class NoteNetwork(nn.Module):
    """An encoder with label attention. Tokens of the template are seen but never attended to."""

    def __init__(self, encoder: BertModel, hidden: int, pad_id: int, dropout: float = 0.1) -> None:
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
        self.same_head = nn.Linear(hidden, 1)
        self.issue_head = nn.Linear(hidden, ISSUE_SIZE, bias=False)
        nn.init.orthogonal_(self.issue_head.weight)

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
        shown = text_mask.unsqueeze(-1).to(states.dtype)
        mean = (states * shown).sum(1) / shown.sum(1)
        return Outputs(
            reasons,
            self.churn_head(contexts[:, CHURN]),
            self.resolution_head(contexts[:, RESOLUTION]),
            self.repeat_head(contexts[:, REPEAT]).squeeze(-1),
            weights[:, :N_REASONS],
            nn.functional.normalize(self.issue_head(mean), dim=-1),
            self.same_head(contexts[:, SAME]).squeeze(-1),
        )


def forward(network: NoteNetwork, encoded: Sequence[Encoded]) -> Outputs:
    """Return the network's outputs for one batch."""
    batch = pad(encoded, network.pad_id)
    device = network.queries.device
    arrays = (batch.input_ids, batch.attention_mask, batch.text_mask)
    outputs: Outputs = network(*(torch.from_numpy(array).to(device) for array in arrays))
    return outputs
