"""What training minimises: four classification terms, those of evidence and issue, and pairs."""

from dataclasses import dataclass

import torch
from sentence_transformers.sentence_transformer.losses import (
    BatchAllTripletLoss,
    BatchHardTripletLossDistanceFunction,
)
from torch import Tensor, nn

from nlp.examples import Targets
from nlp.network import Outputs


@dataclass(frozen=True)
class Weights:
    """How much each term counts."""

    reasons: float = 4.0
    churn: float = 1.0
    resolution: float = 0.75
    repeat: float = 0.5
    evidence: float = 0.3
    issue: float = 0.5
    margin: float = 0.3
    same: float = 1.0


def loss(outputs: Outputs, targets: Targets, positive_weight: Tensor, weights: Weights) -> Tensor:
    """Return the mean loss of a batch.

    The evidence term is the negative log of the attention that a true reason pays to its span.
    The issue term is the triplet loss over the batch's contacts that come from journeys: a
    contact is nearer to one of the same matter than to any other, by a margin of cosine.
    """
    binary = nn.functional.binary_cross_entropy_with_logits
    classes = nn.functional.cross_entropy
    terms = [
        weights.reasons * binary(outputs.reasons, targets.reasons, pos_weight=positive_weight),
        weights.churn * classes(outputs.churn, targets.churn),
        weights.resolution * classes(outputs.resolution, targets.resolution),
        weights.repeat * binary(outputs.repeat, targets.repeat),
        weights.evidence * _evidence(outputs.attention, targets.evidence),
    ]
    known = targets.issue >= 0
    if weights.issue and int(known.sum()) > 1:
        triplets = BatchAllTripletLoss(
            model=None,
            distance_metric=BatchHardTripletLossDistanceFunction.cosine_distance,
            margin=weights.margin,
        )
        terms.append(
            weights.issue
            * triplets.compute_loss_from_embeddings([outputs.issue[known]], targets.issue[known])
        )
    return torch.stack(terms).sum()


def pair_loss(outputs: Outputs, same: Tensor, weights: Weights) -> Tensor:
    """Return the mean loss of a batch of joined notes; `same` (B,) is 1 for the same matter."""
    return weights.same * nn.functional.binary_cross_entropy_with_logits(outputs.same, same)


def _evidence(attention: Tensor, evidence: Tensor) -> Tensor:
    on_span = (attention * evidence).sum(-1).clamp_min(1e-6)
    has_span = evidence.any(-1).float()
    return -(on_span.log() * has_span).sum() / has_span.sum().clamp_min(1.0)
