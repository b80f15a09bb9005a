"""Labels from the form to the report; forms that are refused, on both databases."""

from datetime import timedelta

import pandas as pd
import pytest
from sqlalchemy import Engine

from desk.presenters import present
from desk.report import render_html
from flows import auditing, steps
from flows.reporting import gather
from keshev.errors import AuditError, StoreError
from keshev.settings import Settings
from labels.auditform import HEBREW
from nlp.modelfolder import ModelFolder
from store.audits import read_audits
from store.contacts import save_contacts
from store.figures import calendar_of, is_aggregated
from store.predictions import read_predictions
from store.session import transaction
from tests.flows.auditing.audits import (
    NOW,
    WEEK,
    draw,
    fill,
    grid,
    ids,
    save,
    signals_of,
    store,
    take,
)
from tests.frames import contact, contacts_of


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


def test_each_week_has_its_own_labels(engine: Engine, settings: Settings) -> None:
    """The states and the agreement of one say nothing of the other."""
    later = WEEK + timedelta(weeks=1)
    store(engine, settings, 40)
    at = calendar_of(settings).bounds(later)[0]
    rows = [contact(f"later:{i}", customer_id=f"l{i}", contacted_at=at) for i in range(35)]
    with transaction(engine) as connection:
        save_contacts(connection, contacts_of(rows), str.strip)
    steps.classify(settings, engine)
    take(engine, settings, fill(draw(engine, settings).path, range(1, 41)))
    path = settings.home / "later.xlsx"
    auditing.draw(settings, engine, later, "contact", 35, path, NOW)
    taken = auditing.take_back(settings, engine, later, fill(path, range(1, 33)), NOW)
    assert taken.states == (auditing.Counted("contact", 35, 35, 32, 32),)
    assert [agreement.n for agreement in taken.agreement] == [32]
    with transaction(engine) as connection:
        every = read_audits(connection)
        for week in (WEEK, later):
            own = every[every["week"] == week].reset_index(drop=True)
            pd.testing.assert_frame_equal(read_audits(connection, week), own)
