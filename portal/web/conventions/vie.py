"""Acts that move a line along its life: stages, suspension, closing, termination, renewal."""

from datetime import date
from typing import Any

from flask import abort
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.conventions import regles, service
from portal.conventions.enums import OUVERTS, Partie, Statut
from portal.conventions.policies import partie_de
from portal.conventions.workflow import SIMPLES, WORKFLOW
from portal.documents.storage import Storage
from portal.documents.types import DOCUMENTS, TypeFichier
from portal.security.permissions import Permission
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError
from portal.web.context import clock, db, settings
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


def deposer(contexte: Contexte, champ: Any, types: frozenset[TypeFichier]) -> int | None:
    """Store the file of a field and return its key, None when none was chosen; a refusal names the field."""
    depose = champ.data
    if not depose:
        return None
    storage = Storage(settings())
    try:
        return storage.store(db(), clock(), depose.stream, depose.filename, types, actor=contexte.actor).id
    except DomainError as error:
        raise DomainError(error.code, champ.name, **error.params) from None


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
    possible=lambda c: c.ligne.statut is Statut.EN_NEGOCIATION,
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
    titre=lambda c: _("Proposer de classer sans objet"),
    texte=lambda c: _(
        "Pour une convention qui ne sera jamais signée : fermeture, fusion, retrait. L’État et le SIAO en "
        "décident ensemble : l’autre partie reçoit votre proposition, et la ligne n’est classée que si elle "
        "la confirme. Si personne n’y a de compte, vous pourrez confirmer seul."
    ),
    bouton=lambda c: _("Envoyer la proposition"),
    succes=lambda c: _("La proposition est envoyée."),
    possible=lambda c: c.ligne.statut in OUVERTS and c.ligne.classement is None,
    ouvrir=lambda c, **options: de_la_ligne(FormMotif, c, options),
    agir=lambda c, form: service.proposer_classement(*appel(c, form), motif=form.motif.data),
)


def _motif_propose(contexte: Contexte) -> str:
    return contexte.ligne.classement.motif if contexte.ligne.classement else ""


def _propose_par_l_autre(contexte: Contexte) -> bool:
    classement = contexte.ligne.classement
    return classement is not None and classement.partie is not partie_de(contexte.actor)


CONFIRMER_CLASSEMENT = Acte(
    nom="confirmer_classement",
    chemin="classer/confirmer",
    permission=Permission.CONVENTIONS_CLASSER_SANS_OBJET,
    titre=lambda c: _("Classer sans objet"),
    texte=lambda c: _(
        "Motif : %(motif)s. La ligne sort des conventions prévues ; elle reste lisible. On ne revient pas en "
        "arrière, mais une nouvelle ligne peut être ouverte pour le même couple.",
        motif=_motif_propose(c).rstrip(". "),
    ),
    bouton=lambda c: _("Classer sans objet"),
    succes=lambda c: _("La ligne est classée sans objet."),
    possible=lambda c: c.fiche.doit_classer is not None and c.fiche.doit_classer is partie_de(c.actor),
    ouvrir=lambda c, **options: de_la_ligne(FormActe, c, options),
    agir=lambda c, form: service.confirmer_classement(*appel(c, form)),
    ton="danger",
)

ECARTER_CLASSEMENT = Acte(
    nom="ecarter_classement",
    chemin="classer/ecarter",
    permission=Permission.CONVENTIONS_CLASSER_SANS_OBJET,
    titre=lambda c: (
        _("Refuser de classer sans objet")
        if _propose_par_l_autre(c)
        else _("Retirer la proposition de classement")
    ),
    texte=lambda c: _("La ligne reste où elle en est. L’autre partie est prévenue, avec votre motif."),
    bouton=lambda c: _("Écarter la proposition"),
    succes=lambda c: _("La proposition est écartée."),
    possible=lambda c: c.ligne.classement is not None,
    ouvrir=lambda c, **options: de_la_ligne(FormMotif, c, options),
    agir=lambda c, form: service.ecarter_classement(*appel(c, form), motif=form.motif.data),
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
        mise_en_demeure_le=form.mise_en_demeure_le.data,
        mise_en_demeure_id=deposer(contexte, form.mise_en_demeure, DOCUMENTS),
    )


def _preavis(contexte: Contexte) -> str:
    """Return what a termination does, with the effect that its notice gives when notified today."""
    mois = service.preavis_de(db(), contexte.ligne)
    return ngettext(
        "La convention cesse de valoir à la date d’effet, au terme d’un préavis de %(num)s mois : notifiée "
        "aujourd’hui, le %(le)s. Les trois parties sont prévenues. La résiliation peut être annulée tant "
        "qu’elle n’a pas pris effet.",
        "La convention cesse de valoir à la date d’effet, au terme d’un préavis de %(num)s mois : notifiée "
        "aujourd’hui, le %(le)s. Les trois parties sont prévenues. La résiliation peut être annulée tant "
        "qu’elle n’a pas pris effet.",
        mois,
        le=show_date(regles.effet_resiliation(contexte.jour, mois)),
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
    texte=_preavis,
    bouton=lambda c: _("Enregistrer la résiliation"),
    succes=lambda c: _("La résiliation est enregistrée."),
    possible=_resiliable,
    ouvrir=_ouvrir_resiliation,
    agir=_resilier,
    ton="danger",
)


def _resiliation_a_venir(contexte: Contexte) -> bool:
    effet: date | None = contexte.ligne.resiliation_effet
    return effet is not None and effet > contexte.jour and not contexte.fiche.partie_fermee


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
    possible=lambda c: c.fiche.renouvelable,
    ouvrir=lambda c, **options: de_la_ligne(FormActe, c, options),
    agir=lambda c, form: service.renouveler(
        db(), clock(), c.actor, c.ligne.ref, cle=form.cle_idempotence.data
    ),
)

inscrire(
    (
        ETAPE,
        SUSPENDRE,
        REPRENDRE,
        CLASSER,
        CONFIRMER_CLASSEMENT,
        ECARTER_CLASSEMENT,
        RESILIER,
        ANNULER_RESILIATION,
        RENOUVELER,
    )
)
