"""Reading avenants: those of a line, one of them, the links of messages."""

from typing import Any

from flask import Response, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.audit.service import history
from portal.conventions.avenants import propositions, queries
from portal.conventions.avenants.ecriture import verifier_ouvrable
from portal.conventions.avenants.enums import LIBELLES_ORIGINE, LIBELLES_STATUT_AVENANT, StatutAvenant
from portal.conventions.avenants.queries import Lu
from portal.conventions.avenants.workflow import MOTIVEES, WORKFLOW
from portal.conventions.enums import LIBELLES_PARTIE, Partie
from portal.conventions.policies import partie_de, peut_enregistrer_signature_de
from portal.conventions.redaction.queries import a_un_texte
from portal.conventions.signature.canonique import lisible
from portal.conventions.signature.delegations import habilitation
from portal.conventions.signature.enums import LIBELLES_GENRE_ACTE, LIBELLES_SORTE
from portal.security.permissions import Permission
from portal.security.policy import Actor, can
from portal.shared.errors import DomainError, NotVisible
from portal.web.avenants import commun
from portal.web.avenants.blueprint import bp
from portal.web.context import clock, current_actor, db
from portal.web.filters import show_datetime
from portal.web.forms import domain_message
from portal.web.guards import requires
from portal.web.render import render_view, see_other
from portal.web.signature.pages import peut_refuser

ETAPES = ("negocier", "figer", "rouvrir", "refuser", "abandonner")
EVENEMENTS = {
    "conventions:avenant:creer": lambda: _("Avenant ouvert"),
    "conventions:avenant:modifier": lambda: _("Objet ou clauses modifiés"),
    "conventions:avenant:ecrire": lambda: _("Clause proposée"),
    "conventions:avenant:position": lambda: _("Position prise"),
    "conventions:avenant:commenter": lambda: _("Commentaire"),
    "conventions:avenant:resoudre": lambda: _("Commentaire résolu"),
    "conventions:avenant:relancer": lambda: _("Relance pour la signature"),
    "conventions:avenant:fusion": lambda: _("Fusion de l’une des parties"),
    "conventions:avenant:figer": lambda: _("Texte figé"),
    "conventions:avenant:annuler": lambda: _("Texte figé annulé"),
    "conventions:avenant:signer": lambda: _("Signature"),
    "conventions:avenant:etape_negocier": lambda: _("Négociation ouverte"),
    "conventions:avenant:etape_figer": lambda: _("Mis en signature"),
    "conventions:avenant:etape_rouvrir": lambda: _("Négociation rouverte"),
    "conventions:avenant:etape_refuser": lambda: _("Avenant refusé"),
    "conventions:avenant:etape_abandonner": lambda: _("Avenant abandonné"),
}

DITS = ("motif", "raison", "commentaire")


@bp.get("")
@requires(Permission.CONVENTIONS_LIRE)
def liste(convention_ref: str) -> Response:
    """The avenants of a line, what calls for one, and the consolidated text."""
    actor = current_actor()
    ligne, fuseau = queries.ligne_visible(db(), actor, convention_ref)
    pilote = can(actor, Permission.CONVENTIONS_MODIFIER, ligne)
    return render_view(
        "avenants/liste.html",
        fil=commun.fil_ligne(ligne),
        ligne=ligne,
        fuseau=fuseau,
        jour=clock().today(fuseau),
        avenants=queries.de_la_ligne(db(), ligne.id),
        tons=commun.TONS,
        etats=LIBELLES_STATUT_AVENANT,
        origines=LIBELLES_ORIGINE,
        empechement=_empechement(ligne) if pilote else "",
        pilote=pilote,
        propositions=propositions.en_attente(db(), ligne.id) if pilote else [],
        ecrite=a_un_texte(db(), ligne.id),
    )


def _empechement(ligne: Any) -> str:
    """Return why no avenant can be opened now, nothing when one can."""
    try:
        verifier_ouvrable(db(), clock(), ligne)
    except DomainError as error:
        return domain_message(error)
    return ""


@bp.get("/<avenant_ref>")
@requires(Permission.CONVENTIONS_LIRE)
def detail(convention_ref: str, avenant_ref: str) -> Response:
    """One avenant: where it stands, what it changes, who agrees, who signed, what may be done."""
    actor, lu = commun.lire(convention_ref, avenant_ref)
    return render_view(
        "avenants/detail.html",
        fil=commun.fil(lu),
        lu=lu,
        vit=commun.vit(lu),
        peut_choisir=can(actor, Permission.CONVENTIONS_MODIFIER, lu.ligne) and commun.peut_agir(actor, lu),
        **de_l_avenant(actor, lu),
    )


def de_l_avenant(actor: Actor, lu: Lu) -> dict[str, Any]:
    """Return the parts of the page of an avenant that live."""
    return {
        "situation": situation(actor, lu),
        "cartes": commun.cartes(actor, lu),
        "actions": actions(actor, lu),
        "clore": [
            url_for("avenants.etape", convention_ref=lu.ligne.ref, avenant_ref=lu.avenant.ref, transition=nom)
            for nom in MOTIVEES
        ]
        + [url_for("avenants.refuser", convention_ref=lu.ligne.ref, avenant_ref=lu.avenant.ref)],
        "parties": parties(actor, lu),
        "empreinte": lisible(lu.fige.empreinte) if lu.fige is not None else "",
        "sortes": [(sorte.value, _(texte)) for sorte, texte in LIBELLES_SORTE.items()],
        "evenements": evenements(lu),
        "relancer": lu.en_signature and can(actor, Permission.CONVENTIONS_MODIFIER, lu.ligne),
        "origine": _(LIBELLES_ORIGINE[lu.avenant.origine]),
    }


def situation(actor: Actor, lu: Lu) -> dict[str, str]:
    """Return where an avenant stands: tone, state, what it means, who must act."""
    statut = lu.avenant.statut
    phrase, acteur = _PHRASES[statut](actor, lu)
    return {
        "ton": commun.TONS[statut],
        "libelle": str(_(LIBELLES_STATUT_AVENANT[statut])),
        "phrase": phrase,
        "acteur": acteur,
    }


def _projet(_actor: Actor, lu: Lu) -> tuple[str, str]:
    phrase = _("Le projet d’avenant se prépare à l’État et au SIAO, avant l’ouverture de la négociation.")
    return phrase, lu.ligne.siao.nom


def _negociation(actor: Actor, lu: Lu) -> tuple[str, str]:
    if not lu.ouvertes:
        return _("Les trois parties sont d’accord : l’avenant peut être figé."), lu.ligne.siao.nom
    miennes = sum(partie_de(actor) in clause.attendues for clause in lu.clauses)
    attendues = {partie for clause in lu.clauses for partie in clause.attendues}
    noms = ", ".join(lu.nom(partie) for partie in Partie if partie in attendues)
    if miennes:
        phrase = ngettext(
            "Une clause attend votre position.", "%(num)s clauses attendent votre position.", miennes
        )
        return phrase, noms
    return _("Les trois parties négocient les clauses de l’avenant."), noms


def _signature(actor: Actor, lu: Lu) -> tuple[str, str]:
    noms = ", ".join(str(_(LIBELLES_PARTIE[partie])) for partie in lu.attendues)
    acteurs = ", ".join(lu.nom(partie) for partie in lu.attendues)
    if partie_de(actor) in lu.attendues:
        return _("C’est à votre partie de signer."), acteurs
    return _("En attente de la signature : %(parties)s.", parties=noms), acteurs


def _signe(_actor: Actor, lu: Lu) -> tuple[str, str]:
    effet = lu.avenant.date_effet
    if effet is not None and effet > lu.jour:
        return _("Signé. Il modifiera la convention à partir du %(le)s.", le=f"{effet:%d/%m/%Y}"), ""
    return _("Signé. Il modifie la convention depuis le %(le)s.", le=f"{effet:%d/%m/%Y}"), ""


def _clos(_actor: Actor, lu: Lu) -> tuple[str, str]:
    return _("Il ne sera pas signé. Motif : %(motif)s", motif=lu.avenant.motif), ""


_PHRASES = {
    StatutAvenant.PROJET: _projet,
    StatutAvenant.EN_NEGOCIATION: _negociation,
    StatutAvenant.EN_SIGNATURE: _signature,
    StatutAvenant.SIGNE: _signe,
    StatutAvenant.REFUSE: _clos,
    StatutAvenant.ABANDONNE: _clos,
}


def actions(actor: Actor, lu: Lu) -> list[tuple[str, str]]:
    """Return what the actor may do now with the avenant: label, address; the first is the main one."""
    ref: dict[str, Any] = {"convention_ref": lu.ligne.ref, "avenant_ref": lu.avenant.ref}
    possibles = []
    miennes = [clause.code for clause in lu.clauses if partie_de(actor) in clause.attendues]
    if miennes and commun.peut_agir(actor, lu):
        texte = ngettext(
            "Examiner la clause qui m’attend", "Examiner les %(num)s clauses qui m’attendent", len(miennes)
        )
        possibles.append((texte, commun.adresse_clause(lu, miennes[0])))
    droit = habilitation(db(), actor, lu.ligne, lu.jour) if lu.en_signature else None
    if droit is not None and partie_de(actor) in lu.attendues:
        possibles.append((_("Signer en ligne"), url_for("avenants.signer", **ref)))
    if peut_refuser(actor, commun.circuit_de(lu), droit):
        possibles.append((_("Refuser de signer"), url_for("avenants.refuser", **ref)))
    disponibles = {
        t.name: t
        for t in WORKFLOW.available(
            lu.avenant, lambda p: isinstance(p, Permission) and can(actor, p, lu.ligne)
        )
    }
    if lu.ouvertes:
        disponibles.pop("figer", None)  # not before the three parties agree
    etapes = [disponibles[etape] for etape in ETAPES if etape in disponibles]
    etapes.sort(key=lambda etape: etape.name in MOTIVEES)
    possibles += [
        (_(etape.label), url_for("avenants.etape", transition=etape.name, **ref)) for etape in etapes
    ]
    return possibles


def parties(actor: Actor, lu: Lu) -> list[dict[str, Any]]:
    """Return each party in the order of signature: who signed, how, when, and what can be done."""
    return [
        {
            "partie": _(LIBELLES_PARTIE[partie]),
            "organisation": lu.nom(partie),
            "acte": (acte := lu.actes.get(partie)),
            "comment": _(LIBELLES_GENRE_ACTE[acte.genre]) if acte else "",
            "attendue": partie in lu.attendues,
            "deposer": (
                url_for(
                    "avenants.deposer",
                    convention_ref=lu.ligne.ref,
                    avenant_ref=lu.avenant.ref,
                    partie=partie.value,
                )
                if partie in lu.attendues
                and can(actor, Permission.CONVENTIONS_ENREGISTRER_SIGNATURE, lu.ligne)
                and peut_enregistrer_signature_de(actor, partie)
                else ""
            ),
        }
        for partie in lu.ordre or Partie
    ]


def evenements(lu: Lu) -> list[dict[str, Any]]:
    """Return the history of an avenant, the latest first."""
    titres = {clause.code: clause.titre for clause in lu.clauses}
    return [
        {
            "quand": show_datetime(entree.le, lu.fuseau),
            "titre": EVENEMENTS[entree.action](),
            "auteur": entree.auteur,
            "detail": " – ".join(
                str(dit)
                for dit in (
                    titres.get(entree.changements.get("clause", ""), ""),
                    next(filter(None, (entree.changements.get(dit) for dit in DITS)), ""),
                )
                if dit
            ),
            "ton": "neutre",
        }
        for entree in history(db(), "avenant", lu.avenant.id)
        if entree.action in EVENEMENTS
    ]


@bp.get("/<avenant_ref>/textes/<fige_ref>")
@requires(Permission.CONVENTIONS_LIRE)
def texte(convention_ref: str, avenant_ref: str, fige_ref: str) -> Response:
    """What the links of messages open: the avenant, or a page that says that this text is outdated."""
    _actor, lu = commun.lire(convention_ref, avenant_ref)
    if lu.fige is not None and lu.fige.ref == fige_ref:
        return see_other(commun.adresse(lu))
    ancien = next((une for une in lu.anciens if une.ref == fige_ref), None)
    if ancien is None:
        raise NotVisible(fige_ref)
    return depasse(lu, ancien)


def depasse(lu: Lu, ancien: Any = None) -> Response:
    """Return the page that says that a text is outdated, and leads to the present one."""
    return render_view(
        "signature/depasse.html",
        status=200 if ancien is not None else 409,
        fil=commun.fil(lu, (_("Texte dépassé"), "")),
        lu=lu,
        ancien=ancien,
        suite=commun.adresse(lu),
    )
