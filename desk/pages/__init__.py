"""The pages of the desk, one router a file: request -> query -> presenter -> template."""

from desk.pages import (
    agreement,
    audit_log,
    cases,
    home,
    oidc,
    ownreasons,
    people,
    preferences,
    quality,
    queue,
    review,
    search,
    signin,
)

ROUTERS = (
    home.router,
    signin.router,
    oidc.router,
    preferences.router,
    agreement.router,
    audit_log.router,
    cases.router,
    ownreasons.router,
    people.router,
    quality.router,
    queue.router,
    review.router,
    search.router,
)
