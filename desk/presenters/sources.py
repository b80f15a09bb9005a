"""What the report was made of: files, what was set aside, the model, and what cannot be said."""

from collections import Counter
from dataclasses import dataclass

from desk import hebrew
from desk.i18n import N_, _, language
from desk.presenters.figures import Scope, reason_ids
from desk.presenters.notes import printable
from desk.presenters.reasons import reason_name

COUNTS = ("read", "stored", "known", "duplicates", "quarantined")
FIGURES = {
    "reasons": N_("סיבות (macro-F1)"),
    "churn_intent": N_("כוונת עזיבה (macro-F1)"),
    "resolution": N_("סיום הטיפול (macro-F1)"),
    "repeat": N_("פנייה חוזרת (F1)"),
    "same_issue_f1": N_("זיהוי אותו נושא (F1)"),
    "same_issue_precision": N_("זיהוי אותו נושא: דיוק (precision)"),
    "same_issue_recall": N_("זיהוי אותו נושא: כיסוי (recall)"),
    "evidence_overlap": N_("ראיות שחופפות לקטע הנכון"),
    "unclear": N_("נותרו לא ברורים"),
    "calibration_error": N_("שגיאת כיול (ECE, קטן עדיף)"),
}


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file's rows; `gap` is what was read less what was accounted for."""

    name: str
    profile: str
    read: int
    stored: int
    known: int
    duplicates: int
    quarantined: int

    @property
    def gap(self) -> int:
        """Return the rows that nothing accounts for: 0 where all is well."""
        return self.read - self.stored - self.known - self.duplicates - self.quarantined


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """One row that was set aside."""

    file: str
    line: int
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class QuarantineCount:
    """How many rows of a file were set aside for one reason."""

    reason: str
    file: str
    count: int


@dataclass(frozen=True, slots=True)
class Quarantine:
    """What was set aside, counted and listed."""

    sentence: str
    counts: tuple[QuarantineCount, ...]
    rows: tuple[QuarantineRow, ...]


@dataclass(frozen=True, slots=True)
class Sources:
    """Files, model and limits. `facts` and `figures` are name and value."""

    files: tuple[FileRow, ...]
    total: FileRow
    balance: str
    facts: tuple[tuple[str, str], ...]
    figures: tuple[tuple[str, float], ...]
    limits: tuple[str, ...]


def correction(scope: Scope) -> str:
    """Return how the shares of reasons were had: audited, corrected, or the classifier's labels."""
    audited = scope.book.at("audited", scope.cut)
    if audited.known and audited.value == audited.n:
        return _("נבדקו ידנית כל ה{notes}").format(notes=scope.noun.plural)
    if audited.known:
        sample = scope.noun.count(int(audited.value))
        return _("נבדק ידנית: מדגם אקראי של {notes}").format(notes=sample)
    if scope.data.model.corrects:
        return _("השיעור מתוקן לפי טעויות המודל")
    return _("השיעור אינו מתוקן לפי טעויות המודל")


def quarantine(scope: Scope) -> Quarantine:
    """Return the rows set aside, the most frequent reason first."""
    frame = scope.data.quarantine.sort_values(["file", "line", "code"], kind="stable")
    names = ("file", "line", "code", f"reason_{language()}")
    columns = (frame[name].tolist() for name in names)
    rows = tuple(
        QuarantineRow(printable(str(file)), int(line), str(code), str(reason))
        for file, line, code, reason in zip(*columns, strict=True)
    )
    counted = Counter((row.reason, row.file) for row in rows)
    counts = [QuarantineCount(reason, file, n) for (reason, file), n in counted.items()]
    counts.sort(key=lambda item: (-item.count, item.reason, item.file))
    if not rows:
        return Quarantine(_("כל השורות נקלטו; דבר לא הוצא."), (), ())
    sentence = _(
        "מספר השורות שלא נקלטו ואינן בדוח (מכל הקבצים שנטענו, לא רק מהשבוע): {n}. "
        "אפשר לתקן בקובץ המקור ולהריץ שוב; הרשימה המלאה בגיליון ״הסגר״ שבקובץ ה־Excel."
    ).format(n=hebrew.number(len(rows)))
    return Quarantine(sentence, tuple(counts), rows)


def sources(scope: Scope) -> Sources:
    """Return what the report rests on and what it cannot say."""
    frame = scope.data.files
    texts = [[printable(str(text)) for text in frame[name]] for name in ("name", "profile")]
    numbers = [frame[name].astype(int).tolist() for name in COUNTS]
    files = tuple(FileRow(*row) for row in zip(*texts, *numbers, strict=True))
    sums = [sum(getattr(file, name) for file in files) for name in COUNTS]
    total = FileRow(_("סך הכול"), "", *sums)
    return Sources(
        files=files,
        total=total,
        balance=_balance(files),
        facts=_facts(scope),
        figures=_figures(scope),
        limits=_limits(scope),
    )


def _balance(files: tuple[FileRow, ...]) -> str:
    off = [file for file in files if file.gap]
    if not off:
        return _("כל שורה שנקראה מופיעה בדיוק בעמודה אחת: נשמרה, כבר הייתה, כפולה או בהסגר.")
    parts = [f"{file.name}: {hebrew.ROW.count(abs(file.gap))}" for file in off]
    return _("הספירה אינה מתאזנת. {files}. יש לקלוט את הקובץ מחדש.").format(files="; ".join(parts))


def _facts(scope: Scope) -> tuple[tuple[str, str], ...]:
    data, model = scope.data, scope.data.model
    return (
        (_("מודל"), model.model_id),
        (_("מבוסס על"), model.base),
        (_("גרסת ספר הקידוד"), model.codebook_version),
        (_("אומן על"), hebrew.NOTE.count(model.trained_on_notes)),
        (_("רישיון"), model.licence),
        (_("חלון לפנייה חוזרת"), hebrew.DAY.count(data.window_days)),
        (_("אזור זמן"), data.calendar.timezone),
    )


def _figures(scope: Scope) -> tuple[tuple[str, float], ...]:
    names = {key: _(name) for key, name in FIGURES.items()}
    names |= {reason: f"{reason_name(reason)} (F1)" for reason in reason_ids()}
    known = scope.data.model.figures
    ordered = [*(key for key in names if key in known), *(key for key in known if key not in names)]
    return tuple((names.get(key, key), known[key]) for key in ordered)


def _limits(scope: Scope) -> tuple[str, ...]:
    """Each line is one thing that a reader might wrongly take from the figures."""
    lines = [*(_audit_limit(scope) or [_shares_limit(scope)])]
    lines.append(
        _(
            "כוונת עזיבה ו״נפתר לפי הרישום״ נספרים מתוויות המודל, בלי תיקון; הטווח שלהם מבטא את "
            "גודל המדגם בלבד."
        )
    )
    if scope.survey:
        lines.append(_("השבוע אין פניות, רק תגובות לסקר. FCR ופניות חוזרות אינם מחושבים."))
    if not scope.has_customers:
        lines.append(
            _(
                "אין מזהי לקוח בנתונים. אי אפשר לחשב FCR, פניות חוזרות ולקוחות בסיכון. "
                "כדי לקבל אותם יש למפות בפרופיל את עמודת מזהה הלקוח."
            )
        )
    lines += _customer_limits(scope)
    if not scope.comparable and scope.book.contacts(scope.cut):
        lines.append(_("יש פחות משני שבועות קודמים, ולכן אין השוואה ואין מובהקות."))
    if not scope.survey and not scope.book.at("nps", "all").n:
        lines.append(_("לא התקבלו השבוע תשובות סקר עם ציון, ולכן אין NPS."))
    if len(scope.data.at_risk):
        lines.append(
            _(
                "ציון הסיכון מסדר את הרשימה ואינו הסתברות לעזיבה. הוא חל רק על מי שפנו או ענו "
                "לסקר ב־60 הימים האחרונים."
            )
        )
    return tuple(lines)


def _shares_limit(scope: Scope) -> str:
    if scope.data.model.corrects:
        return _(
            "שיעורה של כל סיבה מתוקן לפי טעויות המודל, כפי שנמדדו בטקסטים מתויגים שהוא לא ראה. "
            "טווח 95% כולל גם את אי־הוודאות של המדידה הזאת. מספר הפניות הוא של התוויות עצמן, "
            "בלי תיקון."
        )
    return _(
        "שיעורה של כל סיבה מחושב מתוויות המודל. {correction}. טווח 95% מבטא את גודל המדגם בלבד."
    ).format(correction=correction(scope))


def _audit_limit(scope: Scope) -> list[str]:
    audited = scope.book.at("audited", scope.cut)
    if not audited.known:
        return []
    line = _(
        "שיעורה של כל סיבה נאמד ממדגם אקראי של {sample} שאנשים תייגו, יחד עם תחזיות המודל "
        "על כל {all}. האומדן נכון גם אם המודל טועה יותר מבעבר, וטווח 95% כולל את גודל המדגם. "
        "מספר ה{notes} הוא של התוויות עצמן."
    ).format(
        sample=scope.noun.count(int(audited.value)),
        all=scope.noun.count(audited.n),
        notes=scope.noun.plural,
    )
    if scope.survey:
        return [line]
    if scope.data.model.corrects:
        return [
            line,
            _("בפילוחים (לפי תור, ערוץ וכדומה) השיעור אינו מהמדגם: הוא מתוקן לפי טעויות המודל."),
        ]
    return [line, _("בפילוחים (לפי תור, ערוץ וכדומה) השיעור אינו מהמדגם: הוא מחושב מתוויות המודל.")]


def _customer_limits(scope: Scope) -> list[str]:
    if scope.survey or not scope.has_customers:
        return []
    lines = []
    without = scope.book.at("no_customer")
    if without.known and without.value > 0:
        where = hebrew.attach("ב", scope.noun.count(int(without.value)))
        lines.append(
            _(
                "{where} אין מזהה לקוח. פנייה כזאת נספרת בסיבות, אך לא ב־FCR ובפניות החוזרות."
            ).format(where=where)
        )
    if scope.data.customers.empty:
        lines.append(_("לא נטען קובץ לקוחות, ולכן אין סיום חוזה ואין ערך חודשי."))
    return lines
