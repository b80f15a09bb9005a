"""What is drawn of a week, and the form that people are given, on both databases."""

from datetime import date, timedelta
from random import Random

import openpyxl
import pytest
from sqlalchemy import Engine

from desk.auditsheet import FormNote, audit_form
from desk.presenters import present
from flows import aggregating, auditing, steps
from flows.reporting import gather
from keshev.errors import StoreError
from keshev.settings import Settings
from labels.auditform import HEBREW
from labels.codebook import REASONS
from nlp.modelfolder import ModelFolder
from signals.sampling import random_order
from signals.slices import inbound, surveys
from store.audits import read_sample
from store.contacts import read_contacts, save_contacts
from store.figures import calendar_of, is_aggregated
from store.predictions import read_predictions
from store.rows import digest
from store.session import get_meta, transaction
from tests.flows.auditing.audits import (
    NOW,
    TEXTS,
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


def test_a_week_is_drawn_as_from_whole_frames(engine: Engine, settings: Settings) -> None:
    """The twin reads all contacts and predictions: the forms of each week are the same bytes."""
    chance = Random(7)
    begin, end = calendar_of(settings).bounds(WEEK)
    tick = timedelta(microseconds=1)
    edges = [begin - tick, begin, begin + tick, end - tick, end, end + tick]
    moments = edges * 3 + [begin + chance.uniform(-1, 2) * (end - begin) for _ in range(90)]
    rows = [
        contact(
            f"k{chance.randrange(10**6)}-{number}",
            customer_id=f"לק-{chance.randrange(3)}",
            contacted_at=moment,
            channel=chance.choice(("phone", "chat", "survey")),
            direction=chance.choice(("in", "in", "out")),
            text=chance.choice(TEXTS),  # so some are copies of others
        )
        for number, moment in enumerate(moments)
    ]
    with transaction(engine) as connection:
        assert save_contacts(connection, contacts_of(rows), str.strip).duplicates
    steps.classify(settings, engine)
    for week in (WEEK - timedelta(weeks=1), WEEK, WEEK + timedelta(weeks=1)):
        for kind in ("contact", "survey"):
            path = settings.home / f"{week}-{kind}.xlsx"
            drawn = auditing.draw(settings, engine, week, kind, 15, path, NOW)
            assert drawn.state.drawn > 5
            assert path.read_bytes() == form_of_whole_frames(engine, settings, week, kind, 15)


def form_of_whole_frames(
    engine: Engine, settings: Settings, week: date, kind: str, size: int
) -> bytes:
    model_id = ModelFolder(settings.model_dir).fingerprint()
    with transaction(engine) as connection:
        contacts, predictions = read_contacts(connection), read_predictions(connection, model_id)
    own = contacts[calendar_of(settings).week_of(contacts["contacted_at"]) == week]
    own = own[own["contact_id"].isin(predictions["contact_id"])]
    chosen = (inbound if kind == "contact" else surveys)(own)
    text = chosen.set_index("contact_id")["text"]
    order = random_order(week, text.index)[:size]
    return audit_form(week, [FormNote(one, digest(text[one]), text[one], None) for one in order])


def test_what_waits_in_another_week_holds_up_no_draw(engine: Engine, settings: Settings) -> None:
    """Nothing of other weeks is read."""
    store(engine, settings, 30)
    first = draw(engine, settings).path.read_bytes()
    later = contact("later", contacted_at=calendar_of(settings).bounds(WEEK)[1])
    with transaction(engine) as connection:
        save_contacts(connection, contacts_of([later]), str.strip)
    assert draw(engine, settings, "again.xlsx").path.read_bytes() == first
