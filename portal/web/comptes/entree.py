"""The mechanics of signing in and out, which every way in shares: password, invitation, second factor."""

from datetime import timedelta

from flask import Response, make_response, render_template, request, session
from flask_babel import gettext as _
from flask_login import login_user, logout_user
from flask_wtf.csrf import generate_csrf

from portal.comptes import connexion, sessions
from portal.comptes.connexion import Issue, Outcome
from portal.comptes.sessions import Awaiting
from portal.web.comptes.reprise import page_context, unpack
from portal.web.context import Connecte, clock, current_actor, db, fresh_transaction, settings
from portal.web.forms import Formulaire
from portal.web.guards import local_target
from portal.web.render import see_other, wants_fragment

AWAITING = "attente"  # in the signed cookie: the token of a session that awaits the second factor
PROOF = "preuve"  # in the signed cookie: when the password was given again
PROOF_LASTS = timedelta(minutes=10)


def address() -> str:
    """Return the network address the request comes from."""
    return request.remote_addr or ""


def enter(personne_id: int, *, second_factor: bool, adhesion_ref: str = "") -> None:
    """Open the session of someone who proved who they are; this browser's former one ends."""
    former = [token for token in (session.get("_user_id"), session.pop(AWAITING, None)) if token]
    session.pop(PROOF, None)
    token = sessions.open_session(
        db(),
        clock(),
        personne_id,
        request.user_agent.string,
        second_factor=second_factor,
        adhesion_ref=adhesion_ref,
        previous=former,
    )
    actor = connexion.record_sign_in(db(), clock(), token)
    assert actor is not None, "a sign-in without membership is refused before"
    login_user(Connecte(token, actor))


def await_second_factor(personne_id: int, *, adhesion_ref: str = "") -> None:
    """Remember, for a few minutes, who gave the right password."""
    former = [session[AWAITING]] if AWAITING in session else []
    session[AWAITING] = sessions.open_session(
        db(),
        clock(),
        personne_id,
        request.user_agent.string,
        second_factor=False,
        adhesion_ref=adhesion_ref,
        previous=former,
    )


def awaiting() -> Awaiting | None:
    """Return who gave the right password in this browser and still has to give a second factor."""
    token = session.get(AWAITING)
    return sessions.awaiting(db(), clock(), token) if token else None


def note_proof() -> None:
    """Remember, for a few minutes, that the password was given again in this browser."""
    session[PROOF] = int(clock().now().timestamp())


def proved() -> bool:
    """Tell whether the password was given again a few minutes ago: a borrowed session does not know it."""
    given = session.get(PROOF)
    return given is not None and clock().now().timestamp() - given < PROOF_LASTS.total_seconds()


def leave() -> None:
    """End the session in use, and forget all that the cookie held."""
    sessions.close(db(), clock(), current_actor())
    logout_user()
    session.clear()


def welcome(suite: str | None, reprise: str | None = None) -> Response:
    """Answer a complete sign-in: lead to the page asked for, or tell the script that it may go on.

    `reprise`: what a form held when its session ended; it is offered to be sent again.
    """
    if not wants_fragment():
        if kept := unpack(reprise):
            return make_response(render_template("comptes/reprise.html", **page_context(kept, suite)))
        return see_other(local_target(suite))
    response = make_response("", 204)
    config = settings()
    response.headers["X-CSRF-Token"] = generate_csrf()
    response.headers["X-Session-Restant"] = str(config.session_idle_minutes * 60)
    response.headers["X-Session-Absolue"] = str(config.session_max_hours * 3600)
    return response


def refused(form: Formulaire, outcome: Outcome) -> int:
    """Put a refusal in the form, count the failure in a transaction of its own; return the status."""
    if outcome.failures:
        fresh_transaction(lambda fresh: connexion.record_failure(fresh, clock(), outcome))
    if outcome.error is not None:
        form.refuse(outcome.error)
    return 429 if outcome.issue is Issue.THROTTLED else 422


def status_of(form: Formulaire) -> int:
    """Return the status of a page holding this form: 422 once something in it was refused."""
    return 422 if form.errors or form.form_errors else 200


def home_crumb() -> tuple[str, str]:
    """Return the first step of the path of one's own pages."""
    return _("Mon compte"), "/compte"
