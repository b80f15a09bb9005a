"""An audited week from the draw to the report, on both databases."""

from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from sqlalchemy import Engine

from desk.presenters import present
from desk.report import render_html
from flows import aggregating, auditing, steps
from flows.reporting import gather
from keshev.errors import AuditError, StoreError
from keshev.settings import Settings
from labels.auditform import HEBREW
from labels.codebook import REASONS
from nlp.modelfolder import ModelFolder
from signals.sampling import random_order
from store.audits import read_audits, read_sample
from store.contacts import read_contacts, save_contacts
from store.figures import is_aggregated
from store.predictions import read_predictions
from store.session import get_meta, transaction
from store.signals import read_signals
from tests.frames import contact, contacts_of

WEEK = date(2026, 11, 8)
NOW = datetime(2026, 12, 1, tzinfo=UTC)
TEXTS = (
    "לקוח מתלונן שהחיוב גבוה מדי, יקר לו",
    "תקלה בקו כבר יומיים, טרם טופל",
    "הוסבר על החבילה, תודה",
    "לא חזרו אליו שבוע, פונה שוב",
    "עובר למתחרים, מבקש לנתק",
)


def store(engine: Engine, settings: Settings, size: int, channel: str = "phone") -> None:
    """Store and classify a week of contacts, each of another customer."""
    save(engine, [(f"{channel}:{i:03}", f"{TEXTS[i % 5]} {i}") for i in range(size)], channel)
    steps.classify(settings, engine)


def save(engine: Engine, notes: list[tuple[str, str]], channel: str = "phone") -> None:
    at = pd.Timestamp("2026-11-09 09:00", tz="UTC")
    rows = [
        contact(one, customer_id=one, contacted_at=at, channel=channel, text=text)
        for one, text in notes
    ]
    with transaction(engine) as connection:
        save_contacts(connection, contacts_of(rows), str.strip)


@pytest.fixture
def settings(tmp_path: Path, store_url: str) -> Settings:
    return Settings(home=tmp_path, database_url=store_url)


def draw(
    engine: Engine,
    settings: Settings,
    name: str = "form.xlsx",
    size: int = 40,
    kind: str = "contact",
) -> auditing.Drawn:
    target = settings.home / name
    return auditing.draw(settings, engine, WEEK, kind, size, target, NOW)


def take(engine: Engine, settings: Settings, path: Path) -> auditing.TakenBack:
    return auditing.take_back(settings, engine, WEEK, path, NOW)


Grid = list[list[object]]


def grid(path: Path) -> Grid:
    """Return the form's cells, the heading first."""
    return [list(row) for row in openpyxl.load_workbook(path)["תיוג"].iter_rows(values_only=True)]


def ids(path: Path) -> list[str]:
    return [str(row[-1]).split("/", 2)[2] for row in grid(path)[1:]]


def fill(path: Path, rows: range, **cells: object) -> Path:
    """Label rows (from 1) of a form as people do, all alike; `cells` by their headings."""
    book = openpyxl.load_workbook(path)
    sheet = book["תיוג"]
    heads = [cell.value for cell in sheet[1]]
    said: dict[str, object] = {
        HEBREW.churn: "אין", HEBREW.resolution: "פתוח", HEBREW.repeat: "לא", **cells
    }  # fmt: skip
    for row in rows:
        for name, value in said.items():
            sheet.cell(row + 1, heads.index(name) + 1).value = value
    book.save(path)
    return path


def signals_of(engine: Engine, settings: Settings) -> pd.DataFrame:
    aggregating.aggregate(settings, engine)
    with transaction(engine) as connection:
        return read_signals(connection).set_index(["slice", "metric", "reason"]).sort_index()


def test_from_the_draw_to_the_report(engine: Engine, settings: Settings) -> None:
    """Drawn, labelled, taken back, counted: the shares are the audit's, and the report says so."""
    store(engine, settings, 60)
    plain = signals_of(engine, settings)
    drawn = draw(engine, settings)
    assert (drawn.week, drawn.ended) == (WEEK, True)
    assert drawn.state == auditing.Counted("contact", 60, 40, 0, 0)
    fill(drawn.path, range(1, 41))
    fill(drawn.path, range(1, 11), תקציב="V")
    assert is_aggregated(settings, engine)
    taken = take(engine, settings, drawn.path)
    assert (taken.taken, taken.empty, taken.corrected) == (40, 0, ())
    assert taken.states == (auditing.Counted("contact", 60, 40, 40, 40),)
    assert not is_aggregated(settings, engine)
    found = signals_of(engine, settings)
    assert found.loc[("all", "audited"), "value"].tolist() == [40]
    share = found.loc[("all", "reason_share", "budget")]
    assert share["low"] <= share["value"] <= share["high"]
    assert share["value"] != plain.loc[("all", "reason_share", "budget"), "value"]
    assert 0.1 < share["value"] < 0.45
    report = present(gather(settings, engine, WEEK))
    assert report.correction == "נבדק ידנית: מדגם אקראי של 40 פניות"
    html = render_html(gather(settings, engine, WEEK))
    assert html.count("מדגם אקראי של 40 פניות") == 2


def test_the_model_is_measured_on_what_people_said(engine: Engine, settings: Settings) -> None:
    """Counts by hand from the predictions and the labels of the form."""
    store(engine, settings, 60)
    path = draw(engine, settings).path
    fill(path, range(1, 41), תקציב="V")
    (agreement,) = take(engine, settings, path).agreement
    with transaction(engine) as connection:
        model = ModelFolder(settings.model_dir).fingerprint()
        made = read_predictions(connection, model).set_index("contact_id").loc[ids(path)]
    found = int(made["budget"].sum())
    (row,) = (one for one in agreement.labels if one.label == "budget")
    assert (agreement.n, row.said, row.found, row.both) == (40, 40, found, found)
    assert row.precision == 1
    assert row.recall == pytest.approx(found / 40)
    other = next(one for one in agreement.labels if one.label == "politics")
    assert (other.said, other.recall) == (0, None)
    for name, (low, high) in agreement.intervals.items():
        assert low <= agreement.macro[name] <= high


def test_the_form_leads_nobody(engine: Engine, settings: Settings) -> None:
    """Texts in the random order, and nothing that the model said of them."""
    store(engine, settings, 30)
    path = draw(engine, settings).path
    cells = grid(path)
    assert tuple(cells[0]) == HEBREW.columns
    with transaction(engine) as connection:
        contacts = read_contacts(connection)
    assert ids(path) == random_order(WEEK, contacts["contact_id"])
    text = contacts.set_index("contact_id")["text"]
    assert [row[1] for row in cells[1:]] == text.loc[ids(path)].tolist()
    assert all(cell is None for row in cells[1:] for cell in row[2:-1])
    sheet = openpyxl.load_workbook(path)["תיוג"]
    assert sheet.sheet_view.rightToLeft
    assert len(sheet.data_validations.dataValidation) == len(REASONS) + 3


def test_the_same_sample_is_drawn_again(engine: Engine, settings: Settings) -> None:
    """With the labels given so far; a larger size extends it, a smaller one changes nothing."""
    store(engine, settings, 60)
    first = draw(engine, settings, size=20)
    again = draw(engine, settings, "again.xlsx", size=20)
    assert first.path.read_bytes() == again.path.read_bytes()
    take(engine, settings, fill(first.path, range(1, 6), אמון="V"))
    more = draw(engine, settings, "more.xlsx", size=50)
    assert ids(more.path)[:20] == ids(first.path)
    assert (more.state.drawn, more.state.labelled) == (50, 5)
    assert [row[1:-1] for row in grid(more.path)[:21]] == [
        row[1:-1] for row in grid(first.path)[:21]
    ]
    fewer = draw(engine, settings, "fewer.xlsx", size=10)
    assert ids(fewer.path) == ids(more.path)


def test_a_filled_form_is_never_overwritten(engine: Engine, settings: Settings) -> None:
    store(engine, settings, 30)
    path = fill(draw(engine, settings).path, range(1, 4))
    before = path.read_bytes()
    with pytest.raises(StoreError, match="may hold labels"):
        draw(engine, settings)
    assert path.read_bytes() == before


def test_fewer_contacts_than_asked_for(engine: Engine, settings: Settings) -> None:
    """All of them are drawn, and when all are labelled the shares are simply theirs."""
    store(engine, settings, 12)
    drawn = draw(engine, settings, size=100)
    assert (drawn.state.of, drawn.state.drawn) == (12, 12)
    fill(drawn.path, range(1, 13))
    take(engine, settings, fill(drawn.path, range(1, 4), אדישות="V"))
    share = signals_of(engine, settings).loc[("all", "reason_share", "indifference")]
    assert (share["value"], share["n"]) == (0.25, 12)
    assert present(gather(settings, engine, WEEK)).correction == "נבדקו ידנית כל הפניות"


def test_survey_comments_are_an_audit_of_their_own(engine: Engine, settings: Settings) -> None:
    store(engine, settings, 12)
    store(engine, settings, 35, "survey")
    drawn = draw(engine, settings, kind="survey")
    assert (drawn.state.of, drawn.state.drawn) == (35, 35)
    assert all(one.startswith("survey:") for one in ids(drawn.path))
    take(engine, settings, fill(drawn.path, range(1, 32)))
    found = signals_of(engine, settings)
    marks = found.xs("audited", level="metric")["value"]
    assert {key[0]: value for key, value in marks.items()} == {"survey": 31}


def test_labels_after_a_gap_wait_for_it(engine: Engine, settings: Settings) -> None:
    """Rows 1 to 20 and 22 to 40: twenty count, too few; with the last one all forty do."""
    store(engine, settings, 60)
    path = draw(engine, settings).path
    fill(path, range(1, 21))
    fill(path, range(22, 41))
    taken = take(engine, settings, path)
    assert (taken.taken, taken.empty) == (39, 1)
    (state,) = taken.states
    assert (state.labelled, state.counted, state.enough) == (39, 20, False)
    assert not signals_of(engine, settings).index.isin(["audited"], level="metric").any()
    other = draw(engine, settings, "other.xlsx").path
    (state,) = take(engine, settings, fill(other, range(21, 22))).states
    assert (state.counted, state.enough) == (40, True)


def test_contacts_that_come_later_have_their_places(engine: Engine, settings: Settings) -> None:
    """Those that fall among the drawn ones must be labelled too before the rest counts."""
    store(engine, settings, 60)
    path = draw(engine, settings).path
    take(engine, settings, fill(path, range(1, 41)))
    store(engine, settings, 90)  # thirty more
    drawn = draw(engine, settings, "later.xlsx")
    assert drawn.state.drawn > 40
    assert drawn.state.labelled == 40
    new = [place for place, one in enumerate(ids(drawn.path), 1) if one not in set(ids(path))]
    assert drawn.state.counted == new[0] - 1
    for place in new:
        fill(drawn.path, range(place, place + 1))
    (state,) = take(engine, settings, drawn.path).states
    assert state.counted == drawn.state.drawn


def test_a_corrected_text_drops_its_label(engine: Engine, settings: Settings) -> None:
    """Before or after the label was taken: it was given to another text."""
    store(engine, settings, 40)
    path = fill(draw(engine, settings).path, range(1, 41))
    second, third = ids(path)[1:3]
    save(engine, [(second, "טקסט אחר לגמרי")])
    steps.classify(settings, engine)
    taken = take(engine, settings, path)
    assert (taken.taken, taken.corrected) == (39, (3,))
    assert taken.states[0].counted == 1
    save(engine, [(third, "גם זה תוקן")])
    steps.classify(settings, engine)
    again = draw(engine, settings, "again.xlsx")
    assert again.state.labelled == 38
    cells = grid(again.path)
    assert [row[1] for row in cells[2:4]] == ["טקסט אחר לגמרי", "גם זה תוקן"]
    assert [place for place, row in enumerate(cells) if row[-2] is None] == [2, 3]
    (state,) = take(engine, settings, fill(again.path, range(2, 4))).states
    assert state.counted == 40


def test_a_wrong_form_is_refused_as_a_whole(engine: Engine, settings: Settings) -> None:
    """Every mistake by row and column, none of the cells' words, and nothing is stored."""
    store(engine, settings, 40)
    path = fill(draw(engine, settings).path, range(1, 41))
    fill(path, range(3, 4), **{"אמון": "סודי", HEBREW.churn: "אולי"})
    fill(path, range(5, 6), **{HEBREW.repeat: None})
    with pytest.raises(AuditError) as refused:
        take(engine, settings, path)
    said = str(refused.value)
    assert "form.xlsx" in said
    assert "row 4, column אמון: is no label; write V, or nothing" in said
    assert "row 4, column כוונת עזיבה: is no label; write אין / סימן / מפורש" in said
    assert "row 6, column פנייה חוזרת: is empty" in said
    assert "סודי" not in said
    with transaction(engine) as connection:
        assert read_audits(connection).empty


def test_a_form_that_is_not_this_samples_is_refused(engine: Engine, settings: Settings) -> None:
    """Of another week, with a changed key, with a row twice, of nothing drawn, of no form."""
    store(engine, settings, 40)
    with pytest.raises(StoreError, match="run `keshev audit 2026-11-08`"):
        take(engine, settings, settings.home / "none.xlsx")
    path = fill(draw(engine, settings).path, range(1, 41))
    key = str(grid(path)[1][-1])
    for changed, match in (
        (key.replace("2026-11-08", "2026-11-01"), "row 2: of the week 2026-11-01"),
        ("12", r"row 2, column מפתח .* put it back"),
        (str(grid(path)[2][-1]), "row 3: the note of row 2 again"),
        (f"{key}x", "row 2: not of the sample"),
    ):
        fill(path, range(1, 2), **{HEBREW.key: changed})
        with pytest.raises(AuditError, match=match):
            take(engine, settings, path)
    other = settings.home / "other.csv"
    other.write_text("א,ב\n1,2\n", encoding="utf-8")
    with pytest.raises(AuditError, match=r"column מפתח .* is missing"):
        take(engine, settings, other)


def test_a_form_saved_as_csv_is_read(engine: Engine, settings: Settings) -> None:
    """Excel's UTF-8 CSV of the same sheet gives the same labels."""
    store(engine, settings, 40)
    path = fill(draw(engine, settings).path, range(1, 36), כישלון="V")
    csv = settings.home / "form.csv"
    cells = grid(path)
    frame = pd.DataFrame(cells[1:], columns=cells[0])
    frame.to_csv(csv, index=False, encoding="utf-8-sig")
    assert take(engine, settings, csv).taken == 35
    with transaction(engine) as connection:
        audits = read_audits(connection)
    assert audits["failure"].tolist() == [True] * 35
    assert audits["contact_id"].tolist() == ids(path)[:35]


def test_a_week_without_contacts_says_so(engine: Engine, settings: Settings) -> None:
    """And nothing is drawn, nor written; so is one with contacts that wait to be classified."""
    store(engine, settings, 3)
    with pytest.raises(StoreError, match="no classified survey comments in the week of 2026-11-08"):
        draw(engine, settings, kind="survey")
    save(engine, [("phone:900", "עוד אחת")])
    with pytest.raises(StoreError, match="run `keshev classify`"):
        draw(engine, settings)
    assert not (settings.home / "form.xlsx").exists()
    with transaction(engine) as connection:
        assert read_sample(connection, WEEK).empty


def test_a_draw_alone_changes_no_figure(engine: Engine, settings: Settings) -> None:
    store(engine, settings, 30)
    aggregating.aggregate(settings, engine)
    with transaction(engine) as connection:
        before = get_meta(connection, "revision")
    draw(engine, settings)
    assert is_aggregated(settings, engine)
    with transaction(engine) as connection:
        assert get_meta(connection, "revision") == before
