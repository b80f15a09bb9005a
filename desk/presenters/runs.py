"""What ran, what was read and what was sent, as the quality pages show it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from desk import hebrew
from desk.i18n import _, language, ngettext
from desk.presenters.notes import printable
from store.contacts import FileCounts
from store.ledger import COUNTS, Rejected, RejectedCount
from store.notices import Notice
from store.runs import Run


@dataclass(frozen=True, slots=True)
class RunRow:
    """One step that ran; `tone` is `good`, `bad` or `warm`."""

    step: str
    when: str
    took: str
    state: str
    tone: str
    counts: tuple[tuple[str, str], ...]
    model_id: str


@dataclass(frozen=True, slots=True)
class FileRow:
    """One reading of a file; `balanced` where every row of it is accounted for."""

    name: str
    profile: str
    encoding: str
    counts: tuple[str, ...]
    balanced: bool


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """Where a quarantined row stands, and why it is there."""

    file: str
    line: int
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many rows are in quarantine for a reason."""

    code: str
    reason: str
    rows: str
    files: str


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One matter for one receiver; `tone` as of a run."""

    kind: str
    about: str
    way: str
    receiver: str
    when: str
    state: str
    tone: str
    attempts: int


def run_row(run: Run, zone: ZoneInfo) -> RunRow:
    """Return a run as it is shown."""
    state, tone = _state_of(run)
    return RunRow(
        step=_steps().get(run.step, run.step),
        when=moment(run.started_at, zone),
        took="" if run.ended_at is None else _took(run.started_at, run.ended_at),
        state=state,
        tone=tone,
        counts=tuple(
            (name, hebrew.number(run.counts[key]))
            for key, name in _counts().items()
            if key in run.counts
        ),
        model_id=run.model_id or "",
    )


def _steps() -> Mapping[str, str]:
    return {
        "ingest": _("קליטת קבצים"),
        "classify": _("סיווג"),
        "aggregate": _("חישוב מדדים"),
        "report": _("הפקת דוח"),
    }


def _counts() -> Mapping[str, str]:
    return {
        **dict(zip(COUNTS, file_counts(), strict=True)),
        "classified": _("סווגו"),
        "figures": _("מדדים"),
    }


def file_counts() -> tuple[str, ...]:
    """Return what the counts of a file are called, in their order."""
    return (_("נקראו"), _("נשמרו"), _("כבר היו"), _("כפולות"), _("בהסגר"))


def _state_of(run: Run) -> tuple[str, str]:
    if run.state == "ok":
        return _("הסתיים"), "good"
    if run.state == "failed":
        return _("נכשל: {error}").format(error=hebrew.ltr(run.error or "")), "bad"
    return _("בלי סיום: רץ עכשיו, או נקטע"), "warm"


def moment(at: datetime, zone: ZoneInfo) -> str:
    """Return a moment in local time, to the minute."""
    local = at.astimezone(zone)
    return hebrew.ltr(f"{hebrew.day(local.date())} {local:%H:%M}")


def _took(begin: datetime, end: datetime) -> str:
    seconds = (end - begin).total_seconds()
    if seconds < 90:
        shown = 1 if 0 < seconds < 1 else round(seconds)
        return ngettext("שנייה", "{n} שניות", shown).format(n=shown)
    return ngettext("דקה", "{n} דקות", round(seconds / 60)).format(n=round(seconds / 60))


def file_row(file: FileCounts) -> FileRow:
    """Return a reading of a file as it is shown."""
    counts = [getattr(file, name) for name in COUNTS]
    return FileRow(
        printable(file.name),
        printable(file.profile),
        file.encoding,
        tuple(map(hebrew.number, counts)),
        counts[0] == sum(counts[1:]),
    )


def rejected_row(row: Rejected) -> RejectedRow:
    """Return where a quarantined row stands, with the reason in the language that is spoken."""
    return RejectedRow(printable(row.file), row.line, row.code, _reason(row))


def reason_count(count: RejectedCount) -> ReasonCount:
    """Return a reason's count as it is shown."""
    files = ngettext("קובץ אחד", "{n} קבצים", count.files).format(n=hebrew.number(count.files))
    return ReasonCount(count.code, _reason(count), hebrew.number(count.rows), files)


def _reason(row: Rejected | RejectedCount) -> str:
    return row.reason_he if language() == "he" else row.reason_en


def rejected_table(rows: Sequence[Rejected]) -> list[tuple[str, ...]]:
    """Return a table of quarantined rows, its head first: no cell holds a word of a customer's."""
    head = (_("קובץ"), _("שורה"), _("קוד"), _("סיבה"))
    return [head, *((row.file, str(row.line), row.code, _reason(row)) for row in rows)]


def notice_row(notice: Notice, zone: ZoneInfo) -> NoticeRow:
    """Return a notice as it is shown."""
    kinds = {"weekly": _("דוח שבועי"), "at_risk": _("לקוח בסיכון")}
    ways = {"mail": _("דוא״ל"), "webhook": "Webhook"}
    state, tone = {
        "sent": (_("נשלח"), "good"),
        "failed": (
            _("לא נשלח: {problem}. יישלח בפעם הבאה").format(problem=_problem(notice.problem or "")),
            "bad",
        ),
        "sending": (_("בשליחה, או נקטע"), "warm"),
    }[notice.state]
    return NoticeRow(
        kinds.get(notice.kind, notice.kind),
        _about(notice),
        ways.get(notice.way, notice.way),
        printable(notice.receiver),
        moment(notice.sent_at or notice.tried_at, zone),
        state,
        tone,
        notice.attempts,
    )


def _about(notice: Notice) -> str:
    if notice.kind == "weekly":
        return hebrew.ltr(hebrew.day(date.fromisoformat(notice.subject)))
    return printable(notice.subject)


def _problem(code: str) -> str:
    """Return in words what a server answered: a code of `flows.mailing` or `flows.webhook`."""
    called = {
        "receiver": _("הכתובת נדחתה"),
        "sender": _("השולח נדחה"),
        "sign-in": _("הכניסה לשרת נדחתה"),
        "answer": _("תשובת השרת"),
        "certificate": _("תעודת השרת לא אומתה"),
        "not reached": _("אין חיבור לשרת"),
        "not supported": _("השרת אינו תומך בהצפנה או בכניסה"),
        "no answer": _("השרת לא ענה בזמן"),
    }
    words = next((text for word, text in called.items() if code.startswith(word)), code)
    number = code.rpartition(" ")[2]
    return f"{words} ({hebrew.ltr(number)})" if number.isdecimal() else words
