"""The pages of the desk, one router a file: request -> query -> presenter -> template."""

from desk.pages import (
    agreement,
    audit_log,
    home,
    oidc,
    ownreasons,
    people,
    preferences,
    review,
    signin,
)

ROUTERS = (
    home.router,
    signin.router,
    oidc.router,
    preferences.router,
    people.router,
    audit_log.router,
    review.router,
    agreement.router,
    ownreasons.router,
)
