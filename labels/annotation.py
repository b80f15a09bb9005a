"""A labelled note, with the codebook's cross rules."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from labels.codebook import ChurnIntent, Reason, Resolution

NOT_TOLD = "not told"  # where the note comes from, in a user's own file that does not say


class Annotation(BaseModel):
    """The four labels of one note.

    `evidence` maps each reason to the shortest piece of the note, copied exactly, that would
    convince a second reader.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    reasons: tuple[Reason, ...] = ()
    evidence: dict[Reason, str] = Field(default_factory=dict)
    churn_intent: ChurnIntent = ChurnIntent.NONE
    resolution: Resolution = Resolution.UNSTATED
    repeat: bool = False

    @model_validator(mode="after")
    def _each_reason_once(self) -> Self:
        if len(set(self.reasons)) != len(self.reasons):
            raise ValueError("a reason stands twice")
        return self

    @model_validator(mode="after")
    def _evidence_for_each_reason(self) -> Self:
        if set(self.evidence) != set(self.reasons):
            raise ValueError("evidence must name exactly the note's reasons")
        return self


class LabelledNote(Annotation):
    """One note of the corpus: where it comes from, its text and its labels."""

    id: Annotated[str, Field(min_length=1)]
    text: Annotated[str, Field(min_length=1)]
    channel: str
    industry: str
    voice: str

    @model_validator(mode="after")
    def _evidence_is_in_the_text(self) -> Self:
        for reason, piece in self.evidence.items():
            if not piece or piece not in self.text:
                raise ValueError(f"the evidence of {reason} is not an exact piece of the text")
        return self


class OwnNote(LabelledNote):
    """A note that users labelled to measure on: as `LabelledNote`, and less is asked of it.

    Where it comes from may be left out, and so may evidence, of some reasons or of all. `reasons`
    must be given, as an empty list where there is none: a note without them is not labelled yet.
    """

    id: Annotated[str, Field(min_length=1, coerce_numbers_to_str=True)]
    reasons: tuple[Reason, ...]
    channel: str = NOT_TOLD
    industry: str = NOT_TOLD
    voice: str = NOT_TOLD

    @model_validator(mode="after")
    def _evidence_for_each_reason(self) -> Self:
        if not set(self.evidence) <= set(self.reasons):
            raise ValueError("evidence must name only the note's reasons")
        return self


class CorrectedNote(BaseModel):
    """A note that people labelled at their desks: as `LabelledNote`, without evidence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(min_length=1)]
    text: Annotated[str, Field(min_length=1)]
    reasons: tuple[Reason, ...] = ()
    churn_intent: ChurnIntent = ChurnIntent.NONE
    resolution: Resolution = Resolution.UNSTATED
    repeat: bool = False


AnyNote = LabelledNote | CorrectedNote
