"""Reading the circuit: where it stands, the link to a text, receipts, signed papers."""

from typing import Any

from flask import Response, url_for
from flask_babel import gettext as _

from portal.conventions.enums import LIBELLES_PARTIE, Partie, Statut
from portal.conventions.policies import partie_de, peut_enregistrer_signature_de
from portal.conventions.redaction import annuaire
from portal.conventions.signature import circuit as lectures
from portal.conventions.signature.canonique import PARTIES, lisible
from portal.conventions.signature.circuit import Circuit
from portal.conventions.signature.delegations import Habilitation, habilitation
from portal.conventions.signature.enums import LIBELLES_GENRE_ACTE, LIBELLES_SORTE
from portal.conventions.signature.figer import modele_adopte
from portal.conventions.signature.recu import Recu, ecrire
from portal.documents.rendu.pdf import en_pdf
from portal.documents.storage import Storage
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.errors import NotVisible
from portal.web.context import clock, current_actor, db, settings
from portal.web.filters import show_date
from portal.web.guards import requires
from portal.web.redaction.commun import forme
from portal.web.render import attachment, render_view, see_other
from portal.web.signature import commun
from portal.web.signature.blueprint import bp
from portal.web.signature.forms import FormActe


@bp.get("/conventions/<convention_ref>/circuit")
@requires(Permission.CONVENTIONS_LIRE)
def circuit(convention_ref: str) -> Response:
    """Where the signature of a text stands: what is missing before, who signed, whose turn it is."""
    actor, lu = commun.lire(convention_ref)
    droit = habilitation(db(), actor, lu.ligne, lu.jour) if lu.en_signature else None
    return render_view(
        "signature/circuit.html",
        fil=commun.fil(lu),
        lu=lu,
        situation=situation(actor, lu, droit),
        conditions=conditions(lu) if lu.texte is not None and lu.fige is None else [],
        parties=parties(actor, lu),
        actions=actions(actor, lu, droit),
        forme=forme(actor, lu.texte) if lu.texte is not None else None,
        empreinte=lisible(lu.fige.empreinte) if lu.fige is not None else "",
        sortes=[(sorte.value, _(texte)) for sorte, texte in LIBELLES_SORTE.items()],
        form=FormActe(),
        relancer=lu.en_signature and can(actor, Permission.CONVENTIONS_MODIFIER, lu.ligne),
        deleguer=can(actor, Permission.SIGNATURE_DELEGUER),
    )


def situation(actor: Actor, lu: Circuit, droit: Habilitation | None) -> tuple[str, str, str]:
    """Return where the signature stands: tone, state, and in a sentence who must act.

    `droit`: what allows the actor to sign for its party.
    """
    if lu.texte is None and lu.fige is None:
        return (
            "neutre",
            _("Pas de texte"),
            _("Il n’est pas rédigé dans le portail."),
        )
    if lu.fige is None and lu.ligne.statut is Statut.ACCORD_DE_PRINCIPE:
        return (
            "attente",
            _("Accordé"),
            _("Les trois parties sont d’accord : l’État ou le SIAO fige le texte, puis chacune signe."),
        )
    if lu.fige is None:
        return "attente", _("Pas encore figé"), _("Le texte se négocie encore : il n’y a rien à signer.")
    if lu.ligne.statut is Statut.SIGNEE and len(lu.actes) < len(Partie):
        return (
            "neutre",
            _("Signée hors du portail"),
            _("Ce texte n’a pas reçu les trois signatures : la convention a été signée ailleurs."),
        )
    if lu.ligne.statut is Statut.SIGNEE and lu.ligne.date_effet and lu.ligne.date_fin:
        return (
            "succes",
            _("Signé"),
            _(
                "Les trois parties ont signé ce texte, valable du %(effet)s au %(fin)s. Il ne changera plus.",
                effet=show_date(lu.ligne.date_effet),
                fin=show_date(lu.ligne.date_fin),
            ),
        )
    if not lu.en_signature:
        return "alerte", _("Interrompue"), _("La ligne n’est plus en signature : rien ne peut être signé.")
    if partie_de(actor) in lu.attendues:
        if droit is None:
            return (
                "attente",
                _("En signature"),
                _("C’est à votre direction de signer, ou à qui elle a délégué sa signature."),
            )
        return "attente", _("En signature"), _("C’est à votre partie de signer.")
    noms = ", ".join(str(_(LIBELLES_PARTIE[partie])) for partie in lu.attendues)
    return "attente", _("En signature"), _("En attente de la signature : %(parties)s.", parties=noms)


def conditions(lu: Circuit) -> list[tuple[bool, str]]:
    """Return what must be true before the text is frozen, and whether it is."""
    assert lu.texte is not None
    total, accordees = len(lu.texte.negociees), lu.texte.accordees
    return [
        (
            not lu.texte.ouvertes,
            _("Accord sur toutes les clauses : %(n)s sur %(total)s", n=accordees, total=total),
        ),
        (
            lu.ligne.statut is Statut.ACCORD_DE_PRINCIPE,
            _("Accord de principe constaté par l’État ou le SIAO"),
        ),
        (modele_adopte(db(), lu.texte), _("Modèle de convention adopté dans le département")),
    ]


def parties(actor: Actor, lu: Circuit) -> list[dict[str, Any]]:
    """Return each party in the order of signature: who signed, how, when, and what can be done.

    Of a party that has not signed: who the directory says does.
    """
    proposes = annuaire.signataires_de(db(), clock(), lu.ligne) if lu.en_signature else {}
    return [
        {
            "code": partie.value,
            "partie": _(LIBELLES_PARTIE[partie]),
            "organisation": lu.nom(partie),
            "acte": (acte := lu.actes.get(partie)),
            "comment": _(LIBELLES_GENRE_ACTE[acte.genre]) if acte else "",
            "attendue": partie in lu.attendues,
            "propose": proposes.get(partie),
            "deposer": (
                url_for("signature.deposer", convention_ref=lu.ligne.ref, partie=partie.value)
                if partie in lu.attendues
                and can(actor, Permission.CONVENTIONS_ENREGISTRER_SIGNATURE, lu.ligne)
                and peut_enregistrer_signature_de(actor, partie)
                else ""
            ),
        }
        for partie in lu.ordre or Partie
    ]


def actions(actor: Actor, lu: Circuit, droit: Habilitation | None) -> dict[str, str]:
    """Return the addresses of what the actor may do now."""
    ref, possibles = lu.ligne.ref, {}
    if droit is not None and partie_de(actor) in lu.attendues:
        possibles["signer"] = url_for("signature.signer", convention_ref=ref)
    if peut_refuser(actor, lu, droit):
        possibles["refuser"] = url_for("signature.refuser", convention_ref=ref)
    pilote = can(actor, Permission.CONVENTIONS_MODIFIER, lu.ligne)
    if pilote and lu.texte is not None and lu.ligne.statut is Statut.ACCORD_DE_PRINCIPE:
        possibles["figer"] = url_for("signature.figer", convention_ref=ref)
    if pilote and lu.en_signature:
        possibles["rouvrir"] = url_for("conventions.etape", convention_ref=ref, transition="rouvrir")
    return possibles


def peut_refuser(actor: Actor, lu: Circuit, droit: Habilitation | None) -> bool:
    """Tell whether the actor may refuse for its party: a text is in signature, and it could sign it."""
    return droit is not None and lu.en_signature and can(actor, Permission.SIGNATURE_SIGNER, lu.ligne)


@bp.get("/conventions/<convention_ref>/circuit/textes/<fige_ref>")
@requires(Permission.CONVENTIONS_LIRE)
def texte(convention_ref: str, fige_ref: str) -> Response:
    """What the links of messages open: the circuit, or a page that says that this text is outdated."""
    actor = current_actor()
    _ligne, fige = lectures.texte_fige(db(), actor, convention_ref, fige_ref)
    _actor, lu = commun.lire(convention_ref)
    if fige.annule_le is None:
        return see_other(commun.adresse(lu))
    return depasse(lu, fige)


def depasse(lu: Circuit, ancien: Any = None) -> Response:
    """Return the page that says that a text is outdated, and leads to the present one."""
    return render_view(
        "signature/depasse.html",
        status=200 if ancien is not None else 409,
        fil=commun.fil(lu, _("Texte dépassé")),
        lu=lu,
        ancien=ancien,
        suite=commun.adresse(lu),
    )


@bp.get("/conventions/<convention_ref>/circuit/actes/<acte_ref>/recu")
@requires(Permission.CONVENTIONS_LIRE)
def recu(convention_ref: str, acte_ref: str) -> Response:
    """The receipt of a signature, of the convention or of an avenant, as a PDF."""
    _ligne, acte, fige = lectures.acte(db(), current_actor(), convention_ref, acte_ref)
    _actor, lu = commun.lire(convention_ref)
    papier = ecrire(
        Recu(
            reference=acte.ref,
            titre=fige.contenu["titre"],
            parties=tuple(fige.contenu["parties"][partie]["nom"] for partie in PARTIES),
            partie=LIBELLES_PARTIE[acte.partie],
            organisation=acte.organisation,
            nom=acte.nom,
            qualite=acte.qualite,
            delegation=acte.delegation,
            comment=LIBELLES_GENRE_ACTE[acte.genre],
            signee_le=acte.signee_le,
            horodatage=acte.horodatage,
            fuseau=lu.fuseau,
            texte=fige.numero,
            fige_le=fige.fige_le,
            empreinte=fige.empreinte,
            annule_le=fige.annule_le,
            annule_motif=fige.annule_motif,
        )
    )
    return attachment(en_pdf(papier, acte.horodatage), f"recu-{acte.ref}.pdf", "application/pdf")


@bp.get("/conventions/<convention_ref>/circuit/actes/<acte_ref>/<any(document, delegation):quoi>")
@requires(Permission.CONVENTIONS_LIRE)
def piece(convention_ref: str, acte_ref: str, quoi: str) -> Response:
    """The signed paper, or the act of delegation, of a signature."""
    if quoi not in ("document", "delegation"):
        raise NotVisible(quoi)
    fichier = lectures.piece(db(), current_actor(), convention_ref, acte_ref, delegation=quoi == "delegation")
    return attachment(Storage(settings()).open_for_download(fichier), fichier.nom, fichier.type_mime)
