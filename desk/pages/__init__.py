"""The pages of the desk, one router a file: request -> query -> presenter -> template."""

from desk.pages import (
    agreement,
    audit_log,
    cases,
    home,
    notes,
    oidc,
    ownreasons,
    people,
    preferences,
    quality,
    queue,
    review,
    search,
    signin,
    week,
)

ROUTERS = (
    home.router,
    signin.router,
    oidc.router,
    preferences.router,
    agreement.router,
    audit_log.router,
    cases.router,
    notes.router,
    ownreasons.router,
    people.router,
    quality.router,
    queue.router,
    review.router,
    search.router,
    week.router,
)
