"""Acts on what a line says: signatures, dates, target, person in charge, natures, SI SIAO."""

from typing import Any

from flask import abort
from flask_babel import get_locale
from flask_babel import gettext as _

from portal.conventions import fiche as fiches
from portal.conventions import service
from portal.conventions.en_charge import libelle_de, precisions
from portal.conventions.enums import LIBELLES_PARTIE, OUVERTS, Partie, Statut
from portal.conventions.natures import natures_a_terme
from portal.conventions.policies import peut_enregistrer_signature_de
from portal.documents.types import TypeFichier
from portal.security.permissions import Permission
from portal.web.context import clock, db
from portal.web.conventions.actes import Acte, Contexte, inscrire
from portal.web.conventions.forms import (
    FONCTION,
    FormActe,
    FormCible,
    FormConfier,
    FormDates,
    FormModifier,
    FormMotif,
    FormReprise,
    FormSignature,
    FormSiSiao,
)
from portal.web.conventions.vie import appel, de_la_ligne, deposer
from portal.web.filters import show_date

PDF = frozenset({TypeFichier.PDF})


def _partie(contexte: Contexte) -> Partie:
    """Return the party that the address names; anything else does not exist."""
    trouvee = next((partie for partie in Partie if partie.value == contexte.vers), None)
    return trouvee or abort(404)


def _nom(contexte: Contexte) -> str:
    return str(_(LIBELLES_PARTIE[_partie(contexte)]))


def signees(contexte: Contexte) -> dict[Partie, Any]:
    """Return the date of each recorded signature."""
    return {signature.partie: signature.signee_le for signature in contexte.ligne.signatures}


def _derniere(contexte: Contexte) -> bool:
    """Tell whether the party named is the only one that has not signed."""
    return set(Partie) - set(signees(contexte)) == {_partie(contexte)}


def _ouvrir_signature(contexte: Contexte, **options: Any) -> Any:
    ligne, derniere = contexte.ligne, _derniere(contexte)
    effet, fin = ligne.date_effet, ligne.date_fin
    if derniere and not (effet and fin):
        effet, fin = service.dates_proposees(db(), ligne, contexte.jour)
    form = de_la_ligne(
        FormSignature, contexte, options, signee_le=contexte.jour, date_effet=effet, date_fin=fin
    )
    if derniere:
        form.date_effet.flags.required = form.date_fin.flags.required = True
    else:
        del form.effet_anterieur, form.date_effet, form.date_fin
    return form


def _signer(contexte: Contexte, form: Any) -> None:
    derniere = "date_effet" in form
    service.enregistrer_signature(
        *appel(contexte, form),
        partie=_partie(contexte),
        signee_le=form.signee_le.data,
        signataire=form.signataire.data or "",
        date_effet=form.date_effet.data if derniere else None,
        date_fin=form.date_fin.data if derniere else None,
        effet_anterieur=form.effet_anterieur.data if derniere else False,
    )


def _coupe(contexte: Contexte) -> str:
    """Say that the CTP replaced may end earlier: a mistyped effect would shorten it, unseen on this page."""
    avant = contexte.fiche.precedente
    if avant is None or avant.fin_effective is None:
        return ""
    fin = show_date(avant.fin_effective)
    return " " + _(
        "La convention qu’elle remplace, valable jusqu’au %(fin)s, s’arrêtera la veille de la date d’effet "
        "si celle-ci vient avant.",
        fin=fin,
    )


def _texte_signature(contexte: Contexte) -> str:
    if _derniere(contexte):
        dite = _(
            "C’est la dernière signature : la convention sera signée, et prendra effet à la date indiquée."
        )
        return f"{dite}{_coupe(contexte)}"
    return _("La convention est signée quand les trois parties ont signé.")


SIGNATURE = Acte(
    nom="signature",
    chemin="signature/<partie>",
    parametre="partie",
    permission=Permission.CONVENTIONS_ENREGISTRER_SIGNATURE,
    titre=lambda c: _("Enregistrer la signature : %(partie)s", partie=_nom(c)),
    texte=_texte_signature,
    bouton=lambda c: _("Enregistrer la signature"),
    succes=lambda c: _("La signature est enregistrée : %(partie)s.", partie=_nom(c)),
    possible=lambda c: (
        c.ligne.statut is Statut.EN_SIGNATURE
        and _partie(c) in c.fiche.attendues
        and peut_enregistrer_signature_de(c.actor, _partie(c))
    ),
    ouvrir=_ouvrir_signature,
    agir=_signer,
)

RETIRER_SIGNATURE = Acte(
    nom="retirer_signature",
    chemin="signature/<partie>/retirer",
    parametre="partie",
    permission=Permission.CONVENTIONS_ENREGISTRER_SIGNATURE,
    titre=lambda c: _("Retirer la signature : %(partie)s", partie=_nom(c)),
    texte=lambda c: _(
        "La négociation est rouverte, et les autres signatures déjà enregistrées sont effacées : elles "
        "portaient sur le texte qui change. Le journal les garde."
    ),
    bouton=lambda c: _("Retirer la signature"),
    succes=lambda c: _("La signature est retirée et la négociation rouverte."),
    possible=lambda c: (
        c.ligne.statut is Statut.EN_SIGNATURE
        and _partie(c) in signees(c)
        and peut_enregistrer_signature_de(c.actor, _partie(c))
    ),
    ouvrir=lambda c, **options: de_la_ligne(FormMotif, c, options),
    agir=lambda c, form: service.retirer_signature(*appel(c, form), partie=_partie(c), motif=form.motif.data),
    ton="danger",
)


def _ouvrir_reprise(contexte: Contexte, **options: Any) -> Any:
    ligne = contexte.ligne
    return de_la_ligne(FormReprise, contexte, options, date_effet=ligne.date_effet, date_fin=ligne.date_fin)


def _reprendre(contexte: Contexte, form: Any) -> None:
    service.saisir_reprise(
        *appel(contexte, form),
        date_signature=form.date_signature.data,
        date_effet=form.date_effet.data,
        date_fin=form.date_fin.data,
        effet_anterieur=form.effet_anterieur.data,
        fichier_id=deposer(contexte, form.fichier, PDF),
    )


REPRISE = Acte(
    nom="reprise",
    chemin="reprise",
    permission=Permission.CONVENTIONS_MODIFIER,
    titre=lambda c: _("Reprendre une convention signée ailleurs"),
    texte=lambda c: (
        _(
            "Pour une convention déjà signée sur papier ou dans un autre outil, dont une seule date de "
            "signature est connue. La ligne passe directement à « signée »."
        )
        + _coupe(c)
    ),
    bouton=lambda c: _("Enregistrer la reprise"),
    succes=lambda c: _("La convention signée ailleurs est enregistrée."),
    possible=lambda c: c.ligne.statut in OUVERTS,
    ouvrir=_ouvrir_reprise,
    agir=_reprendre,
)


def _ouvrir_dates(contexte: Contexte, **options: Any) -> Any:
    ligne, dates = contexte.ligne, signees(contexte)
    valeurs = {f"signature_{partie.value}": jour for partie, jour in dates.items()}
    form = de_la_ligne(
        FormDates,
        contexte,
        options,
        date_signature=ligne.date_signature,
        date_effet=ligne.date_effet,
        date_fin=ligne.date_fin,
        effet_anterieur=bool(
            ligne.date_effet and ligne.date_signature and ligne.date_effet < ligne.date_signature
        ),
        **valeurs,
    )
    for partie in set(Partie) - set(dates):
        del form[f"signature_{partie.value}"]
    if len(dates) == len(Partie):
        del form.date_signature
    return form


def _corriger(contexte: Contexte, form: Any) -> None:
    service.corriger(
        *appel(contexte, form),
        date_effet=form.date_effet.data,
        date_fin=form.date_fin.data,
        motif=form.motif.data,
        date_signature=form.date_signature.data if "date_signature" in form else None,
        signatures=form.par_partie(),
        effet_anterieur=form.effet_anterieur.data,
    )


DATES = Acte(
    nom="dates",
    chemin="dates",
    permission=Permission.CONVENTIONS_MODIFIER,
    titre=lambda c: _("Corriger les dates"),
    texte=lambda c: _(
        "Changer une date de signature redemande de recopier la convention dans le SI SIAO. Les valeurs "
        "d’avant restent dans l’historique."
    ),
    bouton=lambda c: _("Corriger les dates"),
    succes=lambda c: _("Les dates sont corrigées."),
    possible=lambda c: c.ligne.statut is Statut.SIGNEE,
    ouvrir=_ouvrir_dates,
    agir=_corriger,
)

DATE_CIBLE = Acte(
    nom="date_cible",
    chemin="date-cible",
    permission=Permission.CONVENTIONS_MODIFIER,
    titre=lambda c: _("Déplacer la date cible"),
    texte=lambda c: _(
        "L’échéance nationale du 31/12/2026 ne bouge pas : le retard continue d’être compté contre elle."
    ),
    bouton=lambda c: _("Déplacer la date cible"),
    succes=lambda c: _("La date cible est déplacée."),
    possible=lambda c: c.ligne.statut in OUVERTS,
    ouvrir=lambda c, **options: de_la_ligne(FormCible, c, options, date_cible=c.ligne.date_cible),
    agir=lambda c, form: service.deplacer_cible(
        db(),
        clock(),
        c.actor,
        [c.ligne.ref],
        nouvelle=form.date_cible.data,
        motif=form.motif.data,
        versions={c.ligne.ref: form.version_number},
    ),
)


def _ouvrir_confier(contexte: Contexte, **options: Any) -> Any:
    form = de_la_ligne(
        FormConfier,
        contexte,
        options,
        responsable=_en_charge(contexte.ligne),
    )
    form.responsable.choices = choix_responsables([contexte.ligne.ref], contexte.actor)
    return form


def _en_charge(ligne: Any) -> str:
    if ligne.responsable_fonction:
        return f"{FONCTION}{ligne.responsable_fonction.ref}"
    return ligne.responsable.ref if ligne.responsable else ""


def choix_responsables(refs: list[str], actor: Any) -> dict[str, list[tuple[str, str]]]:
    """Return who may be put in charge of these lines: functions of the directory, or people by name."""
    communes = fiches.parties_communes(db(), actor, refs)
    possibles = fiches.fonctions_possibles(db(), communes)
    dits = precisions(db(), [une.ref for une in possibles], clock().today(actor.fuseau))
    fonctions = [
        (f"{FONCTION}{une.ref}", f"{_nom_de(une, dits[une.ref])} – {une.organisation}") for une in possibles
    ]
    personnes = [
        (p.ref, f"{p.prenom} {p.nom} – {p.organisation}")
        for p in fiches.responsables_possibles(db(), communes)
    ]
    groupes = {
        _("Sans personne en charge"): [("", _("Personne pour l’instant"))],
        _("Une fonction de l’annuaire"): fonctions,
        _("Une personne"): personnes,
    }
    return {titre: choix for titre, choix in groupes.items() if choix}


def _nom_de(fonction: Any, precision: str) -> str:
    libelle = libelle_de(fonction.fonction_code, fonction.locale)
    nom = libelle.en_langue(str(get_locale())) if libelle else ""
    return f"{nom} ({precision})" if precision else nom


CONFIER = Acte(
    nom="confier",
    chemin="responsable",
    permission=Permission.CONVENTIONS_MODIFIER,
    titre=lambda c: _("Confier la ligne"),
    texte=lambda c: _("La personne choisie est prévenue par courriel."),
    bouton=lambda c: _("Confier la ligne"),
    succes=lambda c: _("La personne en charge est enregistrée."),
    possible=lambda c: True,
    ouvrir=_ouvrir_confier,
    agir=lambda c, form: service.confier(
        db(),
        clock(),
        c.actor,
        [c.ligne.ref],
        versions={c.ligne.ref: form.version_number},
        **form.choisi(),
    ),
)


def _ouvrir_modifier(contexte: Contexte, **options: Any) -> Any:
    ligne = contexte.ligne
    return de_la_ligne(
        FormModifier,
        contexte,
        options,
        natures={nature.nature_code: nature.places for nature in natures_a_terme(ligne)},
        mode=ligne.mode.value if ligne.mode else "",
        dialogue_gestion_le=ligne.dialogue_gestion_le,
        tacite_reconduction=ligne.tacite_reconduction,
        notes=ligne.notes,
    )


MODIFIER = Acte(
    nom="modifier",
    chemin="modifier",
    permission=Permission.CONVENTIONS_MODIFIER,
    titre=lambda c: _("Modifier la ligne"),
    texte=lambda c: "",
    bouton=lambda c: _("Enregistrer"),
    succes=lambda c: _("La ligne est enregistrée."),
    possible=lambda c: True,
    ouvrir=_ouvrir_modifier,
    agir=lambda c, form: service.modifier(
        *appel(c, form),
        natures=form.natures.data,
        mode=form.mode_choisi(),
        notes=form.notes.data or "",
        dialogue_gestion_le=form.dialogue_gestion_le.data,
        tacite_reconduction=form.tacite_reconduction.data,
    ),
    gabarit="conventions/modifier.html",
    fragment="conventions/_modifier.html",
)


def copiee(contexte: Contexte) -> bool:
    """Tell whether the line was copied into the SI SIAO."""
    return contexte.ligne.si_siao_copiee_le is not None


SI_SIAO = Acte(
    nom="si_siao",
    chemin="si-siao",
    permission=Permission.CONVENTIONS_COPIER_SI_SIAO,
    titre=lambda c: (
        _("Noter que la convention reste à recopier") if copiee(c) else _("Noter la copie dans le SI SIAO")
    ),
    texte=lambda c: (
        _("La ligne revient dans la liste de ce qui reste à recopier dans le SI SIAO.")
        if copiee(c)
        else _(
            "Signature le %(signature)s, fin le %(fin)s : à saisir à l’identique dans le SI SIAO. "
            "Le portail retient qui l’a fait et quand.",
            signature=show_date(c.ligne.date_signature),
            fin=show_date(c.ligne.date_fin),
        )
    ),
    bouton=lambda c: _("Reste à recopier") if copiee(c) else _("C’est recopié"),
    succes=lambda c: _("La copie dans le SI SIAO est à jour."),
    possible=lambda c: c.ligne.statut is Statut.SIGNEE,
    ouvrir=lambda c, **options: de_la_ligne(FormSiSiao, c, options, copiee="" if copiee(c) else "1"),
    agir=lambda c, form: service.copier_si_siao(
        db(), clock(), c.actor, [c.ligne.ref], copiee=bool(form.copiee.data)
    ),
)


def _document(contexte: Contexte) -> Any:
    """Return the document that the address names; any other does not exist for this line."""
    trouve = next((d for d in contexte.ligne.documents if d.ref == contexte.vers), None)
    return trouve or abort(404)


RETIRER_DOCUMENT = Acte(
    nom="retirer_document",
    chemin="documents/<document_ref>/retirer",
    parametre="document_ref",
    permission=Permission.CONVENTIONS_MODIFIER,
    titre=lambda c: _("Retirer « %(document)s »", document=_document(c).libelle),
    texte=lambda c: _(
        "Le document est effacé du portail, pour les trois parties. Le journal garde son intitulé et son "
        "empreinte."
    ),
    bouton=lambda c: _("Retirer le document"),
    succes=lambda c: _("Le document est retiré."),
    possible=lambda c: True,
    ouvrir=lambda c, **options: de_la_ligne(FormActe, c, options),
    agir=lambda c, form: service.delier_document(*appel(c, form), document_ref=c.vers),
    ton="danger",
)

inscrire(
    (SIGNATURE, RETIRER_SIGNATURE, REPRISE, DATES, DATE_CIBLE, CONFIER, MODIFIER, SI_SIAO, RETIRER_DOCUMENT)
)
