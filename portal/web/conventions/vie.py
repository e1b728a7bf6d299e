"""Acts that move a line along its life: stages, suspension, closing, termination, renewal."""

from datetime import date
from typing import Any

from flask import abort
from flask_babel import gettext as _

from portal.conventions import service
from portal.conventions.enums import OUVERTS, Partie, Statut
from portal.conventions.policies import partie_de
from portal.conventions.workflow import EN_COURS, SIMPLES, WORKFLOW
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.web.context import clock, db
from portal.web.conventions.actes import Acte, Contexte, inscrire
from portal.web.conventions.forms import FormActe, FormMotif, FormResilier
from portal.web.filters import show_date
from portal.web.forms import Formulaire


def de_la_ligne(modele: type[Formulaire], contexte: Contexte, options: dict[str, Any], **valeurs: Any) -> Any:
    """Return a form that carries the version of the line, filled with some values."""
    return modele(data={"version": str(contexte.ligne.version)} | valeurs, **options)


def appel(contexte: Contexte, form: Formulaire) -> tuple[Any, Clock, Actor, str, int]:
    """Return the first arguments of a service acting on one line."""
    return db(), clock(), contexte.actor, contexte.ligne.ref, form.version_number


def _etape(contexte: Contexte) -> Any:
    """Return the transition that the address names; anything else does not exist."""
    if contexte.vers not in SIMPLES:
        abort(404)
    return WORKFLOW[contexte.vers]


SUITES = {
    "engager": lambda: _("Le projet de convention est ouvert : les parties préparent le texte."),
    "negocier": lambda: _("Les trois parties discutent du texte, clause par clause."),
    "accorder": lambda: _("Les trois parties acceptent le texte. Il ne reste qu’à l’arrêter et à le signer."),
    "mettre_en_signature": lambda: _(
        "Le texte est figé. Les signatures s’enregistrent une à une ; retirer l’une d’elles rouvre la "
        "négociation."
    ),
    "rouvrir": lambda: _(
        "La ligne revient en négociation. Les signatures déjà enregistrées sont effacées : elles portaient "
        "sur le texte qui change. Le journal les garde."
    ),
}


def _ouvrir_etape(contexte: Contexte, **options: Any) -> Any:
    modele = FormMotif if _etape(contexte).name == "rouvrir" else FormActe
    return de_la_ligne(modele, contexte, options)


def _avancer(contexte: Contexte, form: Any) -> None:
    motif = form.motif.data or "" if "motif" in form else ""
    service.avancer(*appel(contexte, form), contexte.vers, motif=motif)


ETAPE = Acte(
    nom="etape",
    chemin="etape/<transition>",
    parametre="transition",
    permission=Permission.CONVENTIONS_MODIFIER,
    titre=lambda c: _(_etape(c).label),
    texte=lambda c: SUITES[_etape(c).name](),
    bouton=lambda c: _(_etape(c).label),
    succes=lambda c: _("L’étape est enregistrée."),
    possible=lambda c: c.ligne.statut in _etape(c).sources,
    ouvrir=_ouvrir_etape,
    agir=_avancer,
)

SUSPENDRE = Acte(
    nom="suspendre",
    chemin="suspendre",
    permission=Permission.CONVENTIONS_SUSPENDRE,
    titre=lambda c: _("Suspendre la négociation"),
    texte=lambda c: _(
        "À utiliser devant un point dur ou un désaccord. Les trois parties sont prévenues, et le portail "
        "compte les jours de blocage."
    ),
    bouton=lambda c: _("Suspendre"),
    succes=lambda c: _("La négociation est suspendue."),
    possible=lambda c: c.ligne.statut in EN_COURS,
    ouvrir=lambda c, **options: de_la_ligne(FormMotif, c, options),
    agir=lambda c, form: service.suspendre(*appel(c, form), motif=form.motif.data),
)

REPRENDRE = Acte(
    nom="reprendre",
    chemin="reprendre",
    permission=Permission.CONVENTIONS_SUSPENDRE,
    titre=lambda c: _("Reprendre la négociation"),
    texte=lambda c: _("La ligne revient à l’étape où elle se trouvait avant la suspension."),
    bouton=lambda c: _("Reprendre"),
    succes=lambda c: _("La négociation reprend."),
    possible=lambda c: c.ligne.statut is Statut.SUSPENDUE,
    ouvrir=lambda c, **options: de_la_ligne(FormActe, c, options),
    agir=lambda c, form: service.reprendre(*appel(c, form)),
)

CLASSER = Acte(
    nom="classer",
    chemin="classer",
    permission=Permission.CONVENTIONS_CLASSER_SANS_OBJET,
    titre=lambda c: _("Classer sans objet"),
    texte=lambda c: _(
        "Pour une convention qui ne sera jamais signée : fermeture, fusion, retrait. La ligne sort des "
        "conventions prévues ; elle reste lisible. On ne revient pas en arrière, mais une nouvelle ligne "
        "peut être ouverte pour le même couple."
    ),
    bouton=lambda c: _("Classer sans objet"),
    succes=lambda c: _("La ligne est classée sans objet."),
    possible=lambda c: c.ligne.statut in OUVERTS,
    ouvrir=lambda c, **options: de_la_ligne(FormMotif, c, options),
    agir=lambda c, form: service.classer(*appel(c, form), motif=form.motif.data),
    ton="danger",
)


def _ouvrir_resiliation(contexte: Contexte, **options: Any) -> Any:
    sienne = partie_de(contexte.actor)
    form = de_la_ligne(
        FormResilier,
        contexte,
        options,
        par=(sienne or Partie.ETAT).value,
        notifiee_le=contexte.jour,
    )
    if sienne is Partie.OPERATEUR:
        del form.par
    return form


def _resilier(contexte: Contexte, form: Any) -> None:
    service.resilier(
        *appel(contexte, form),
        motif=form.motif.data,
        notifiee_le=form.notifiee_le.data,
        effet=form.effet.data,
        par=Partie(form.par.data) if "par" in form else None,
        preavis_ecourte=form.preavis_ecourte.data,
    )


def _resiliable(contexte: Contexte) -> bool:
    ligne = contexte.ligne
    return (
        ligne.statut is Statut.SIGNEE
        and ligne.resiliation_effet is None
        and ligne.fin_effective >= contexte.jour
    )


RESILIER = Acte(
    nom="resilier",
    chemin="resilier",
    permission=Permission.CONVENTIONS_RESILIER,
    titre=lambda c: _("Enregistrer une résiliation"),
    texte=lambda c: _(
        "La convention cesse de valoir à la date d’effet de la résiliation, au terme du préavis de deux mois "
        "sauf réglage du département. La résiliation peut être annulée tant qu’elle n’a pas pris effet."
    ),
    bouton=lambda c: _("Enregistrer la résiliation"),
    succes=lambda c: _("La résiliation est enregistrée."),
    possible=_resiliable,
    ouvrir=_ouvrir_resiliation,
    agir=_resilier,
    ton="danger",
)


def _resiliation_a_venir(contexte: Contexte) -> bool:
    effet: date | None = contexte.ligne.resiliation_effet
    return effet is not None and effet > contexte.jour


ANNULER_RESILIATION = Acte(
    nom="annuler_resiliation",
    chemin="resiliation/annuler",
    permission=Permission.CONVENTIONS_MODIFIER,
    titre=lambda c: _("Annuler la résiliation"),
    texte=lambda c: _("La convention vaudra de nouveau jusqu’au %(fin)s.", fin=show_date(c.ligne.date_fin)),
    bouton=lambda c: _("Annuler la résiliation"),
    succes=lambda c: _("La résiliation est annulée."),
    possible=_resiliation_a_venir,
    ouvrir=lambda c, **options: de_la_ligne(FormMotif, c, options),
    agir=lambda c, form: service.annuler_resiliation(*appel(c, form), motif=form.motif.data),
)

RENOUVELER = Acte(
    nom="renouveler",
    chemin="renouveler",
    permission=Permission.CONVENTIONS_CREER,
    titre=lambda c: _("Renouveler la convention"),
    texte=lambda c: _(
        "Une nouvelle ligne s’ouvre pour le même couple, à l’état de projet, remplie d’après celle-ci. Pour "
        "qu’il n’y ait pas de jour sans convention, elle est à signer avant le %(fin)s.",
        fin=show_date(c.ligne.fin_effective),
    ),
    bouton=lambda c: _("Ouvrir le renouvellement"),
    succes=lambda c: _("Le renouvellement est ouvert."),
    possible=lambda c: c.ligne.statut is Statut.SIGNEE and c.fiche.suivante is None,
    ouvrir=lambda c, **options: de_la_ligne(FormActe, c, options),
    agir=lambda c, form: service.renouveler(
        db(), clock(), c.actor, c.ligne.ref, cle=form.cle_idempotence.data
    ),
)

inscrire((ETAPE, SUSPENDRE, REPRENDRE, CLASSER, RESILIER, ANNULER_RESILIATION, RENOUVELER))
