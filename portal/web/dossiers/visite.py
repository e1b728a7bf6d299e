"""What an occasional guest sees, without an account: a code, an undertaking, the dossiers named to them.

What does not, or no longer, work is one page for all, whatever the reason; another dossier's address is not
found. Nothing is kept by the browser but a cookie that the invitation's own pages read.
"""

from typing import Any

from flask import Response, request
from flask_babel import gettext as _

from portal.commissions import textes
from portal.commissions.dossiers import invites, lecture
from portal.commissions.dossiers.lecture import Acces
from portal.conventions.jours import fuseau_de
from portal.shared.errors import DomainError, NotVisible
from portal.web.context import clock, database, db, fresh_transaction, is_poll, settings
from portal.web.dossiers import commun
from portal.web.dossiers.blueprint import invitations as bp
from portal.web.dossiers.forms import FormCode
from portal.web.forms import Formulaire, domain_message
from portal.web.guards import public
from portal.web.render import render_view, see_other

COOKIE = "invite"


def prive(response: Any) -> Response:
    """Keep the page of a secret address out of caches, of search engines and of other sites' logs."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    made: Response = response
    return made


def mort() -> Response:
    """The page of what does not, or no longer, work."""
    return prive(render_view("dossiers/invitation_morte.html", status=404))


def adresse(jeton: str, suite: str = "") -> str:
    """Return the address of an invitation, or of a page below it."""
    return f"/dossiers/invitation/{jeton}{suite}"


def _ouverte(jeton: str) -> Any:
    """Return the invitation that this reader opened by their code, None when it is to be asked for."""
    return invites.ouverte(db(), clock(), jeton, request.cookies.get(COOKIE, ""))


@bp.get("")
@public
def accueil(jeton: str) -> Response:
    """Ask for a code, then for the undertaking, then show what may be read."""
    try:
        invite = _ouverte(jeton)
        if invite is None:
            return _demander(jeton, FormCode())
    except NotVisible:
        return mort()
    seance = invite.seance
    return prive(
        render_view(
            "dossiers/invitation.html",
            jeton=jeton,
            ici=adresse(jeton),
            invite=invite,
            seance=seance,
            commission=seance.commission,
            fuseau=fuseau_de(seance.departement_code),
            fin=invites.fin_de(db(), seance),
            textes=textes.pour_un_invite(db(), seance.commission_id)
            if invite.texte_accepte_le is None
            else [],
            dossiers=invites.dossiers_de(db(), clock(), invite) if invite.texte_accepte_le else [],
            form=Formulaire(),
        )
    )


def _demander(jeton: str, form: FormCode, status: int = 200, *, envoye: bool = False) -> Response:
    """Show the form of the code. Raises NotVisible."""
    invite = invites.par_jeton(db(), clock(), jeton)
    return prive(
        render_view(
            "dossiers/invitation_code.html",
            status=status,
            ici=adresse(jeton),
            commission=invite.seance.commission,
            email=_masque(invite.email),
            minutes=int(invites.CODE_VALABLE.total_seconds() // 60),
            envoye=envoye or (invite.code_expire_le is not None and invite.code_expire_le > clock().now()),
            form=form,
        )
    )


def _masque(email: str) -> str:
    """Return an address that its owner recognises and nobody else learns."""
    nom, _arobase, domaine = email.partition("@")
    return f"{nom[:1]}…@{domaine[:1]}…"


@bp.post("/code")
@public
def code(jeton: str) -> Response:
    """Send a code to the guest's e-mail."""
    form = FormCode(formdata=None)
    try:
        try:
            invites.envoyer_code(db(), clock(), jeton)
        except DomainError as error:
            db().rollback()
            form.form_errors = [domain_message(error)]
            return _demander(jeton, form, 429)
        return prive(see_other(adresse(jeton)))
    except NotVisible:
        return mort()


@bp.post("/ouvrir")
@public
def ouvrir(jeton: str) -> Response:
    """Try a code: counted whatever the answer, in a transaction of its own."""
    form = FormCode()
    dits: list[tuple[str, DomainError | None]] = []
    try:
        typed = form.code.data or ""
        fresh_transaction(lambda session: dits.append(invites.verifier(session, clock(), jeton, typed)))
        lecture_ouverte, refus = dits[0]
        if refus is not None:
            form.refuse(refus)
            return _demander(jeton, form, 429 if refus.code == "dossiers.code_attendre" else 422)
    except NotVisible:
        return mort()
    response = prive(see_other(adresse(jeton)))
    response.set_cookie(
        COOKIE,
        lecture_ouverte,
        max_age=int(invites.LECTURE.total_seconds()),
        path=adresse(jeton),
        secure=settings().https,
        httponly=True,
        samesite="Strict",
    )
    return response


@bp.post("/accepter")
@public
def accepter(jeton: str) -> Response:
    """Accept the texts of the commission, before the first dossier."""
    try:
        invite = _ouverte(jeton)
        if invite is not None and Formulaire().validate_on_submit():
            invites.accepter(db(), clock(), invite)
    except NotVisible:
        return mort()
    return prive(see_other(adresse(jeton)))


@bp.get("/dossiers/<dossier_ref>")
@public
def dossier(jeton: str, dossier_ref: str) -> Response:
    """One of the dossiers named to the guest; the reading is written down. Left open, its page asks whether
    it may still be read."""
    if is_poll():
        return _veille(jeton, dossier_ref)
    try:
        if _ouverte(jeton) is None:
            return prive(see_other(adresse(jeton)))
        with database().session(write=True) as session:
            invite = invites.ouverte(session, clock(), jeton, request.cookies.get(COOKIE, ""))
            if invite is None:
                return prive(see_other(adresse(jeton)))
            found = invites.designe(session, clock(), invite, dossier_ref)
            lu = lecture.lu_par(session, clock(), invite, found)
            session.commit()
    except NotVisible:
        return mort()
    return prive(
        render_view(
            "dossiers/invitation_dossier.html",
            ici=adresse(jeton),
            titre=_("Dossier %(code)s", code=lu.dossier.code),
            ouvert=lu.acces is Acces.OUVERT,
            **commun.rendu(lu),
        )
    )


def _veille(jeton: str, dossier_ref: str) -> Response:
    """Answer an open page: nothing new, or what takes the place of a dossier that closed."""
    try:
        invite = _ouverte(jeton)
        lisible = invite is not None and any(
            one.ref == dossier_ref and one.autorise for one in invites.dossiers_de(db(), clock(), invite)
        )
    except NotVisible:
        lisible = False
    if lisible:
        return prive(Response(status=204))
    return prive(render_view("dossiers/_invitation_fermee.html"))
