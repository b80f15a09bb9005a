"""The pages of the desk, one router a file: request -> query -> presenter -> template."""

from desk.pages import (
    audit_log,
    cases,
    home,
    oidc,
    people,
    preferences,
    quality,
    queue,
    search,
    signin,
)

ROUTERS = (
    home.router,
    signin.router,
    oidc.router,
    preferences.router,
    audit_log.router,
    cases.router,
    people.router,
    quality.router,
    queue.router,
    search.router,
)
