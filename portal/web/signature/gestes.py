"""Signing on line, bringing a signed paper, refusing: the same for a convention and for its avenants."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, abort, flash, request
from flask_babel import gettext as _

from portal.comptes import connexion
from portal.comptes import queries as personnes
from portal.comptes.connexion import Issue
from portal.conventions.enums import LIBELLES_PARTIE, Partie
from portal.conventions.policies import partie_de, peut_enregistrer_signature_de
from portal.conventions.redaction import annuaire
from portal.conventions.signature.canonique import lisible
from portal.conventions.signature.delegations import Habilitation
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.errors import DomainError, Forbidden
from portal.web.comptes import entree
from portal.web.comptes.compte import confirm_present
from portal.web.context import cipher, clock, db, settings
from portal.web.forms import Formulaire
from portal.web.render import render_view, see_other
from portal.web.signature.commun import deposer_pdf
from portal.web.signature.forms import FormPapier, FormRefus, FormSigner
from portal.web.signature.pages import peut_refuser

DEPASSE = "signature.depasse"


@dataclass(frozen=True)
class Cible:
    """What is signed, and what its pages need.

    `lu`: the circuit of a convention, or an avenant under the same names. `nom`: told after titles. `fil`:
    breadcrumb of a page, by its title. `adresse`: where one comes from and goes back. `situation`: where the
    signature stands, in a sentence. `droit`: what allows the reader to sign for its party. `signer`,
    `deposer`, `refuser`: the acts, on a fingerprint. `relire`: the same, as others have left it, once what
    was tried is undone. `depasse`: the page of an outdated text. `clauses`: those that a refusal may name,
    code and title.
    """

    lu: Any
    fil: Callable[[str], list[tuple[str, str]]]
    adresse: str
    situation: str
    droit: Habilitation | None
    signer: Callable[..., Any]
    deposer: Callable[..., Any]
    refuser: Callable[..., Any]
    relire: Callable[[], "Cible"]
    depasse: Callable[["Cible"], Response]
    clauses: Callable[[], list[tuple[str, str]]]
    nom: str = ""

    @property
    def empreinte(self) -> str:
        """The fingerprint of the text in signature, empty without one."""
        return self.lu.fige.empreinte if self.lu.fige is not None else ""

    def impossible(self, titre: str, phrase: str) -> Response:
        """Return the page that says why an act may not be done now."""
        return render_view(
            "signature/impossible.html",
            status=409,
            fil=self.fil(titre),
            titre=titre,
            phrase=phrase,
            suite=self.adresse,
        )

    def page(self, gabarit: str, titre: str, form: Formulaire, status: int = 200, **plus: Any) -> Response:
        """Return the page of an act."""
        return render_view(
            f"signature/{gabarit}.html",
            status=422 if status == 200 and (form.errors or form.form_errors) else status,
            fil=self.fil(titre),
            titre=f"{titre} – {self.nom}" if self.nom else titre,
            lu=self.lu,
            form=form,
            empreinte=lisible(self.empreinte) if self.empreinte else "",
            annuler=self.adresse,
            action=request.path,
            **({"lecture": self.adresse} if self.nom else {}),  # an avenant is read on its own page
            **plus,
        )

    def refus(self, form: Formulaire, error: DomainError) -> Response | None:
        """Put a refusal in the form, what was tried undone; an outdated text has a page of its own."""
        relue = self.relire()
        if error.code == DEPASSE:
            return self.depasse(relue)
        form.refuse(error)
        return None


def signer(cible: Cible, actor: Actor) -> Response:
    """Accept the frozen text on line: fingerprint shown, password asked again, receipt sent."""
    form, titre, partie = FormSigner(), _("Signer en ligne"), partie_de(actor)
    double = personnes.moi(db(), actor).totp_active_le is not None
    if not double:
        del form.code
    droit = cible.droit
    if droit is not None and droit.acte:
        del form.qualite, form.delegation, form.piece
    if request.method == "GET":
        if droit is None:
            return cible.impossible(titre, delegation_requise())
        if partie not in cible.lu.attendues:
            return cible.impossible(titre, cible.situation)
        form.empreinte.data = cible.empreinte
        proposer(form, cible, partie, actor)
    status = 200
    if form.validate_on_submit():
        refus = reauthentifier(form, actor, double=double)
        if refus is None:
            fait = _accepter(form, cible, actor, double=double)
            if fait is not None:
                return fait
        status, cible = refus or 200, cible.relire()
    return _page_signer(cible, actor, titre, form, status, droit)


def _page_signer(
    cible: Cible, actor: Actor, titre: str, form: FormSigner, status: int, droit: Habilitation | None
) -> Response:
    partie = _(LIBELLES_PARTIE[partie_de(actor) or Partie.ETAT])
    return cible.page("signer", titre, form, status, partie=partie, acteur=actor, droit=droit)


def _accepter(form: FormSigner, cible: Cible, actor: Actor, *, double: bool) -> Response | None:
    try:
        cible.signer(
            form.empreinte.data or "",
            qualite=form.qualite.data or "" if "qualite" in form else "",
            delegation=form.delegation.data or "" if "delegation" in form else "",
            delegation_fichier_id=deposer_pdf(actor, form.piece) if "piece" in form else None,
            second_facteur=double,
            lu=bool(form.lu.data),
        )
    except DomainError as error:
        return cible.refus(form, error)
    flash(_("Votre signature est enregistrée. Le reçu vous est envoyé par courriel."), "succes")
    return see_other(cible.adresse)


def deposer(cible: Cible, actor: Actor, partie: str) -> Response:
    """Bring the text that a party signed on paper."""
    qui = next((une for une in Partie if une.value == partie), None) or abort(404)
    if not peut_enregistrer_signature_de(actor, qui):
        raise Forbidden(Permission.CONVENTIONS_ENREGISTRER_SIGNATURE.value)
    form = FormPapier()
    titre = _("Déposer le texte signé : %(partie)s", partie=_(LIBELLES_PARTIE[qui]))
    if request.method == "GET":
        if qui not in cible.lu.attendues:
            return cible.impossible(titre, cible.situation)
        form.empreinte.data = cible.empreinte
        proposer(form, cible, qui)
    if form.validate_on_submit():
        fait = _enregistrer_papier(form, cible, actor, qui)
        if fait is not None:
            return fait
        cible = cible.relire()
    return cible.page(
        "papier",
        titre,
        form,
        organisation=cible.lu.nom(qui),
        limite=settings().max_upload_bytes // (1024 * 1024),
    )


def _enregistrer_papier(form: FormPapier, cible: Cible, actor: Actor, partie: Partie) -> Response | None:
    signee_le = form.signee_le.data
    assert signee_le is not None
    try:
        fichier_id = deposer_pdf(actor, form.fichier, obligatoire=True)
        recu = cible.deposer(
            form.empreinte.data or "",
            partie=partie,
            signee_le=signee_le,
            nom=form.nom.data or "",
            qualite=form.qualite.data or "",
            fichier_id=fichier_id or 0,
            delegation=form.delegation.data or "",
        )
    except DomainError as error:
        return cible.refus(form, error)
    if recu.fichier_id != fichier_id:
        db().rollback()  # the same form, sent twice: the first file is kept
    flash(_("Le texte signé est déposé, et la signature enregistrée."), "succes")
    return see_other(cible.adresse)


def refuser(cible: Cible, actor: Actor) -> Response:
    """Refuse to sign, and say why: the negotiation reopens."""
    form, titre = FormRefus(), _("Refuser de signer")
    form.clauses.choices = cible.clauses()
    if request.method == "GET":
        if not peut_refuser(actor, cible.lu, cible.droit):
            phrase = delegation_requise() if cible.lu.en_signature else cible.situation
            return cible.impossible(titre, phrase)
        form.empreinte.data = cible.empreinte
    if form.validate_on_submit():
        try:
            cible.refuser(
                form.empreinte.data or "", motif=form.motif.data or "", clauses=form.clauses.data or ()
            )
        except DomainError as error:
            fait = cible.refus(form, error)
            if fait is not None:
                return fait
            cible = cible.relire()
        else:
            flash(
                _(
                    "Votre refus est enregistré : la négociation est rouverte. L’accord ne sera constaté "
                    "qu’une fois que vous aurez accepté de nouveau."
                ),
                "succes",
            )
            return see_other(cible.adresse)
    return cible.page("refuser", titre, form)


def proposer(form: Any, cible: Cible, partie: Partie | None, actor: Actor | None = None) -> None:
    """Fill in who signs for a party as the directory says. `actor`: who signs itself; its own words alone."""
    qui = annuaire.signataires_de(db(), clock(), cible.lu.ligne).get(partie) if partie else None
    if qui is None or (actor is not None and qui.personne_id != actor.personne_id):
        return
    for nom in ("nom", "qualite", "delegation"):
        if nom in form:
            form[nom].data = getattr(qui, nom)


def delegation_requise() -> str:
    """Return what is told to someone who may not sign."""
    return _(
        "Votre fonction ne suffit pas pour signer cette convention : la direction de l’organisation qui "
        "y est partie doit d’abord enregistrer votre délégation de signature."
    )


def reauthentifier(form: FormSigner, actor: Actor, *, double: bool) -> int | None:
    """Ask again for the password, and the second factor when there is one; None when both are right."""
    refus = confirm_present(form, form.actuel.data or "")
    if refus is not None or not double:
        return refus
    outcome = connexion.check_second_factor(
        db(), clock(), settings(), cipher(), actor.personne_id, form.code.data or "", entree.address()
    )
    return None if outcome.issue is Issue.OK else entree.refused(form, outcome)
