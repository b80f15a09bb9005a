"""The pages of the desk, one router a file: request -> query -> presenter -> template."""

from desk.pages import audit_log, home, notes, oidc, people, preferences, signin, week

ROUTERS = (
    home.router,
    signin.router,
    oidc.router,
    preferences.router,
    people.router,
    audit_log.router,
    week.router,
    notes.router,
)
