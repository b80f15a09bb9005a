"""The words that exports head their columns with, in Hebrew and English, field by field."""

import re
import unicodedata

# Earlier words are surer; where two columns fit a field, the one with the earlier word gets it.
HEADER_WORDS: dict[str, tuple[str, ...]] = {
    "text": (
        "הערות נציג", "תיאור פניה", "תיאור השיחה", "תוכן השיחה", "תוכן פניה", "תוכן ההודעה",
        "סיכום שיחה", "סיכום פניה", "תיאור", "תוכן", "סיכום", "הערות", "הערה", "מלל", "טקסט",
        "פירוט", "הודעה", "תגובה", "משוב", "מה תרצה לספר לנו", "במילים שלך",
        "במילים שלכם", "ספרו לנו", "הערת לקוח", "תמלול",
        "comment", "comments", "note", "notes", "text", "body", "message", "description",
        "summary", "content", "transcript", "verbatim", "feedback", "free text", "review",
    ),
    "contact_id": (
        "מספר פניה", "מס פניה", "מזהה פניה", "מספר שיחה", "מס שיחה", "מזהה שיחה", "מספר קריאה",
        "מספר רשומה", "מזהה רשומה", "קוד פניה", "contact id", "ticket id", "case id", "call id",
        "interaction id", "conversation id", "case number", "ticket number", "ticket", "record id",
        "message id", "response id", "id", "מזהה",
    ),
    "customer_id": (
        "מזהה לקוח", "מספר לקוח", "מס לקוח", "קוד לקוח", "תז לקוח", "תעודת זהות", "תז", "תז מבוטח",
        "מספר זהות", "מס זהות", "זהות", "id number", "identity number", "national id",
        "מספר מנוי", "מס מנוי", "מספר מבוטח", "מספר חשבון", "מספר עסק", "לקוח", "מנוי",
        "customer id", "client id", "account id", "subscriber id", "member id", "customer number",
        "account number", "customer", "client", "account", "user id", "subscriber",
    ),
    "contacted_at": (
        "תאריך ושעה", "תאריך ושעת פניה", "מועד פניה", "תאריך פניה", "תאריך שיחה", "תאריך פתיחה",
        "תאריך יצירה", "תאריך המשוב", "מועד", "תאריך", "נוצר בתאריך", "זמן", "created at",
        "contacted at", "created", "timestamp", "datetime", "date time", "date", "call date",
        "start time", "started at", "opened at", "sent at", "time stamp", "submitted at",
        "response date", "ts",
    ),
    "time": (
        "שעה", "שעת פניה", "שעת שיחה", "שעת התחלה", "time", "hour", "call time", "time of day",
    ),
    "channel": (
        "ערוץ", "ערוץ פניה", "אמצעי פניה", "סוג ערוץ", "מקור פניה", "אופן פניה", "channel",
        "source channel", "contact channel", "medium", "origin", "source",
    ),
    "queue": (
        "תור", "מוקד", "שם תור", "מחלקה", "קו שירות", "queue", "queue name", "skill", "department",
        "נושא", "סיווג",
    ),
    "agent_id": (
        "מספר נציג", "מס נציג", "קוד נציג", "נציג", "שם נציג", "עובד", "מטפל", "agent id", "agent",
        "agent name", "rep", "representative", "user", "handled by", "owner", "operator",
    ),
    "direction": (
        "כיוון", "כיוון שיחה", "סוג שיחה", "נכנסת יוצאת", "direction", "call direction",
        "call type",
    ),
    "product": (
        "מוצר", "שם מוצר", "חבילה", "תוכנית", "מסלול", "שירות", "product", "product name", "plan",
        "package",
    ),
    "team": ("צוות", "שם צוות", "קבוצה", "team", "team name", "group"),
    "segment": (
        "סגמנט", "סוג לקוח", "פלח", "סיווג לקוח", "מגזר", "segment", "customer segment",
        "customer type", "tier",
    ),
    "handle_seconds": (
        "משך", "משך שיחה", "משך בשניות", "זמן טיפול", "זמן שיחה", "aht", "handle time",
        "handle seconds", "duration", "duration seconds", "duration sec", "talk time",
    ),
    "crm_resolved": (
        "טופל", "נפתר", "סטטוס", "סטטוס פניה", "סטטוס טיפול", "מצב פניה", "resolved",
        "crm resolved", "is resolved", "status", "case status", "closed",
    ),
    "survey_resolved": (
        "האם בעיה נפתרה", "בעיה נפתרה", "האם פניה נפתרה", "האם נושא נפתר", "האם פניתך טופלה",
        "האם פניתך נפתרה", "האם קיבלת מענה", "נפתרה בעיה", "נפתרה פניה", "was your issue resolved",
        "was your problem solved", "issue resolved", "problem solved", "survey resolved",
    ),
    "nps": (
        "ציון המלצה", "המלצה", "כמה סביר שתמליץ", "שתמליץ", "שתמליצו", "תמליץ",
        "נכונות להמליץ", "סיכוי להמליץ", "nps", "nps score",
        "likelihood to recommend",
    ),
    "csat": (
        "שביעות רצון", "ציון שביעות רצון", "ציון שירות", "ציון", "דירוג", "csat", "csat score",
        "satisfaction", "rating", "score", "stars",
    ),
    "customer_since": (
        "לקוח מאז", "תאריך הצטרפות", "מועד הצטרפות", "הצטרף בתאריך", "תאריך תחילת התקשרות",
        "customer since", "joined at", "join date", "joined", "signup date", "start of service",
    ),
    "churned_at": (
        "תאריך עזיבה", "מועד עזיבה", "עזב בתאריך", "תאריך נטישה", "תאריך ניתוק", "מועד ניתוק",
        "תאריך התנתקות", "churned at", "churn date", "left at", "cancelled at", "canceled at",
        "cancellation date", "end of service",
    ),
    "contract_end": (
        "סיום התחייבות", "תאריך סיום התחייבות", "סיום חוזה", "תום התקשרות", "תאריך סיום",
        "תום תקופה", "תאריך חידוש", "contract end", "contract end date", "end date", "renewal date",
        "expiry date",
    ),
    "monthly_value": (
        "תשלום חודשי", "הכנסה חודשית", "חיוב חודשי", "סכום חודשי", "ערך חודשי", "פרמיה חודשית",
        "פרמיה", "monthly value", "monthly fee", "monthly revenue", "arpu", "mrr",
    ),
    "company": ("חברה", "שם חברה", "מותג", "company", "company name", "brand"),
}  # fmt: skip

CHANNEL_WORDS: dict[str, tuple[str, ...]] = {
    "phone": ("טלפון", "טלפוני", "שיחה", "שיחת טלפון", "שיחה טלפונית", "מוקד טלפוני", "קול",
              "phone", "call", "voice", "telephone"),
    "chat": ("צט", "צאט", "ציאט", "chat", "web chat", "live chat", "התכתבות"),
    "whatsapp": ("ווטסאפ", "וואטסאפ", "ווצאפ", "וואצאפ", "whatsapp", "whats app", "wa"),
    "email": ("מייל", "אימייל", "דואל", "דואר אלקטרוני", "email", "e mail", "mail"),
    "survey": ("סקר", "משוב", "survey", "feedback", "סקר שביעות רצון"),
    "branch": ("סניף", "פרונטלי", "חנות", "branch", "store", "frontal"),
    "sms": ("סמס", "מסרון", "sms", "text message"),
    "web": ("אתר", "אתר אינטרנט", "טופס", "אזור אישי", "אפליקציה", "web", "website", "form", "app",
            "portal"),
    "other": ("אחר", "other"),
}  # fmt: skip
DIRECTION_WORDS: dict[str, tuple[str, ...]] = {
    "in": ("נכנסת", "נכנס", "נכנסות", "שיחה נכנסת", "in", "inbound", "incoming"),
    "out": ("יוצאת", "יוצא", "יוצאות", "שיחה יוצאת", "יזומה", "out", "outbound", "outgoing"),
}
RESOLVED_WORDS: dict[str, tuple[str, ...]] = {
    "true": ("כן", "טופל", "טופלה", "נפתר", "נפתרה", "סגור", "סגורה", "הסתיים", "נסגר", "הושלם",
             "yes", "true", "resolved", "closed", "solved", "done", "1"),
    "false": ("לא", "לא טופל", "לא נפתר", "פתוח", "פתוחה", "בטיפול", "ממתין", "ממתינה", "בהמתנה",
              "no", "false", "open", "pending", "in progress", "unresolved", "new", "0"),
}  # fmt: skip
VALUE_WORDS = {
    "channel": CHANNEL_WORDS,
    "direction": DIRECTION_WORDS,
    "crm_resolved": RESOLVED_WORDS,
    "survey_resolved": RESOLVED_WORDS,
}
_IDENTITY = re.compile(
    r"(?:.* )?(?:תז|זהות)(?: .*)?|id (?:number|num|no)|(?:.* )?(?:identity|national id)(?: .*)?"
    r"|teudat zehut|tz"
)
_MARKS = re.compile("[\"'״׳`’”“\u0591-\u05bd\u05bf-\u05c7]")
_NO_WORD = re.compile(r"[^0-9a-zא-ת]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def plain_words(text: str) -> str:
    """Return a header or value without punctuation, points and the article, in small letters.

    `ת.ז.` and `ת"ז` both become `תז`, `createdAt` becomes `created at`, `הפניה` `פניה`.
    """
    text = unicodedata.normalize("NFC", _CAMEL.sub(" ", text)).lower()
    text = re.sub(r"(?<=\b[א-ת])\.(?=[א-ת]\b)", "", _MARKS.sub("", text))
    words = _NO_WORD.sub(" ", text).replace("פנייה", "פניה").split()
    return " ".join(word[1:] if word[0] == "ה" and len(word) > 3 else word for word in words)


_PLAIN_HEADERS = {
    field: tuple(plain_words(word) for word in words) for field, words in HEADER_WORDS.items()
}
_PLAIN_VALUES = {
    field: {plain_words(word): name for name, words in names.items() for word in words}
    for field, names in VALUE_WORDS.items()
}


def header_score(header: str, field: str) -> float:
    """Return from 0 to 1 how well a header names a field.

    1 to 0.9 for the very words, from sure to less sure; up to 0.6 where they are among others.
    """
    plain = plain_words(header)
    words = _PLAIN_HEADERS[field]
    if plain in words:
        return 1 - 0.1 * words.index(plain) / len(words)
    inside = set(plain.split())
    contained = [word for word in words if set(word.split()) <= inside]
    if not contained:
        return 0.0
    longest = max(len(word.split()) for word in contained)
    return 0.3 + 0.3 * longest / len(inside)


def is_identity_header(header: str) -> bool:
    """Return whether a header means the identity number of the population registry."""
    return _IDENTITY.fullmatch(plain_words(header)) is not None


def meaning_of(field: str, value: str) -> str | None:
    """Return what a value of channel, direction or crm_resolved stands for, None if unknown."""
    return _PLAIN_VALUES[field].get(plain_words(value))
