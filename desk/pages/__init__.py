"""The pages of the desk, one router a file: request -> query -> presenter -> template."""

from desk.pages import (
    audit_log,
    home,
    oidc,
    people,
    preferences,
    quality,
    search,
    signin,
)

ROUTERS = (
    home.router,
    signin.router,
    oidc.router,
    preferences.router,
    audit_log.router,
    people.router,
    quality.router,
    search.router,
)
