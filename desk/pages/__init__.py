"""The pages of the desk, one router a file: request -> query -> presenter -> template."""

from desk.pages import audit_log, cases, home, oidc, people, preferences, queue, signin

ROUTERS = (
    home.router,
    signin.router,
    oidc.router,
    preferences.router,
    people.router,
    audit_log.router,
    queue.router,
    cases.router,
)
