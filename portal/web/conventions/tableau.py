"""Lines of the list as short tuples of texts: the template loops over them without calling anything.

Labels are translated once per page, and the marks of signatures come from a table of eight.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import product
from typing import NamedTuple
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from markupsafe import Markup

from portal.conventions.enums import LIBELLES_ETAT, LIBELLES_MODE, LIBELLES_PARTIE, Etat, Mode, Partie
from portal.conventions.lignes import Ligne
from portal.conventions.regles import ECHEANCE_NATIONALE
from portal.web.organisations import nomenclatures

TONS: dict[Etat, str] = {
    Etat.A_ENGAGER: "neutre",
    Etat.PROJET: "info",
    Etat.EN_NEGOCIATION: "info",
    Etat.ACCORD_DE_PRINCIPE: "attente",
    Etat.EN_SIGNATURE: "attente",
    Etat.SUSPENDUE: "alerte",
    Etat.A_VENIR: "succes",
    Etat.EN_VIGUEUR: "succes",
    Etat.REMPLACEE: "neutre",
    Etat.RESILIEE: "neutre",
    Etat.ECHUE: "danger",
    Etat.SANS_OBJET: "neutre",
}
NATURES_MONTREES = 2
SIGNE, NON_SIGNE = Markup("<b>{}</b>"), Markup("<i>{}</i>")


class Cellules(NamedTuple):
    """What a row of the list shows; everything is text, ready to be escaped."""

    ref: str
    href: str
    premier: str
    second: str
    natures: str
    natures_titre: str
    mode: str
    ton: str
    etat: str
    retard: str
    note: str
    clauses: str
    cible: str
    signatures: str
    signatures_titre: str
    effet: str
    fin: str
    responsable: str
    recopie: str
    recopie_titre: str


@dataclass(frozen=True)
class Mots:
    """The labels of one language."""

    etats: dict[Etat, str]
    modes: dict[Mode | None, str]
    parties: dict[Partie, str]
    natures: dict[str, str]
    natures_courtes: dict[str, str]
    a_recopier: str
    aucune_signature: str
    non_signee: str


@lru_cache(maxsize=4)
def _mots(_langue: str) -> Mots:
    return Mots(
        etats={etat: _(texte) for etat, texte in LIBELLES_ETAT.items()},
        modes={None: "", **{mode: _(texte) for mode, texte in LIBELLES_MODE.items()}},
        parties={partie: _(texte) for partie, texte in LIBELLES_PARTIE.items()},
        natures=nomenclatures.natures(),
        natures_courtes=nomenclatures.natures_courtes(),
        a_recopier=_("À recopier"),
        aucune_signature=_("Aucune signature"),
        non_signee=_("non signée"),
    )


def mots() -> Mots:
    """Return the labels in the reader's language."""
    return _mots(str(get_locale()))


@lru_cache(maxsize=1)
def _marques() -> dict[tuple[bool, ...], Markup]:
    """Return the three marks O, S, É for each combination of signatures."""
    return {
        signees: Markup("").join(
            (SIGNE if signee else NON_SIGNE).format(lettre)
            for lettre, signee in zip("OSÉ", signees, strict=True)
        )
        for signees in product((False, True), repeat=len(Partie))
    }


def cellules(
    lignes: Sequence[Ligne], *, operateur_seul: bool = False, siao_seul: bool = False
) -> list[Cellules]:
    """Return the rows of the list, each on the day and in the zone of its département.

    `operateur_seul`: all are lines of the reader's own organisation, so that the SIAO names them.
    `siao_seul`: all are of one SIAO, which need not be said.
    """
    labels, racine = mots(), url_for("conventions.liste") + "/"
    return [_cellules(ligne, labels, racine, operateur_seul, siao_seul) for ligne in lignes]


def _cellules(ligne: Ligne, labels: Mots, racine: str, operateur_seul: bool, siao_seul: bool) -> Cellules:
    codes = list(ligne.natures)
    courtes = [labels.natures_courtes.get(code, code) for code in codes]
    reste = len(codes) - NATURES_MONTREES
    signees = tuple(partie in ligne.signatures for partie in Partie)
    return Cellules(
        ref=ligne.ref,
        href=racine + ligne.ref,
        premier=ligne.siao if operateur_seul else ligne.operateur,
        second="" if operateur_seul or siao_seul else ligne.siao,
        natures=", ".join(courtes[:NATURES_MONTREES]) + (f" +{reste}" if reste > 0 else ""),
        natures_titre=", ".join([labels.natures.get(code, code) for code in codes]),
        mode=labels.modes[ligne.mode],
        ton=TONS[ligne.etat],
        etat=labels.etats[ligne.etat],
        retard=retard(ligne),
        note=note(ligne),
        clauses=clauses(ligne),
        cible=court(ligne.date_cible) if ligne.ouverte or ligne.date_signature is None else "",
        signatures=_marques()[(True, True, True) if ligne.reprise else signees],
        signatures_titre=signatures(ligne, labels),
        effet=court(ligne.date_effet),
        fin=court(ligne.fin_effective or ligne.date_fin),
        responsable=en_charge(ligne),
        recopie=_recopie(ligne, labels),
        recopie_titre=ligne.si_siao_copiee_par,
    )


def court(jour: date | None) -> str:
    """Return a date as lists show it."""
    return jour.strftime("%d/%m/%Y") if jour is not None else ""


def signatures(ligne: Ligne, labels: Mots) -> str:
    """Return who signed and when: « Opérateur 12/12/2022, SIAO 13/12/2022, État non signée »."""
    if ligne.reprise:
        return _("Signée ailleurs le %(le)s", le=court(ligne.date_signature))
    if not ligne.signatures:
        return labels.aucune_signature
    return ", ".join(
        f"{nom} {court(ligne.signatures.get(partie)) or labels.non_signee}"
        for partie, nom in labels.parties.items()
    )


def retard(ligne: Ligne) -> str:
    """Return the lateness in words, against the line's own target and against the national deadline."""
    textes = []
    if ligne.retard.propre:
        textes.append(
            ngettext("%(num)s jour de retard", "%(num)s jours de retard", ligne.retard.propre),
        )
    if ligne.retard.national:
        textes.append(
            ngettext(
                "échéance nationale dépassée de %(num)s jour",
                "échéance nationale dépassée de %(num)s jours",
                ligne.retard.national,
            )
        )
    return ", ".join(textes)


def note(ligne: Ligne) -> str:
    """Return what else one must know of the state: blocked since, to renew, beyond the deadline, a gap."""
    if ligne.etat is Etat.SUSPENDUE:
        depuis = ligne.statut_depuis.astimezone(ZoneInfo(ligne.fuseau)).date()
        jours = max(0, (ligne.jour - depuis).days)
        return ngettext("bloquée depuis %(num)s jour", "bloquée depuis %(num)s jours", jours)
    if ligne.a_renouveler:
        return str(_("à renouveler"))
    if ligne.trou:
        return ngettext(
            "%(num)s jour sans convention avant la suivante",
            "%(num)s jours sans convention avant la suivante",
            ligne.trou,
        )
    if ligne.ouverte and not ligne.renouvellement and ligne.date_cible > ECHEANCE_NATIONALE:
        return str(_("cible après l’échéance nationale"))
    if ligne.ouverte and ligne.renouvellement:
        return str(_("renouvellement"))
    return ""


def clauses(ligne: Ligne) -> str:
    """Return how many clauses are still open, « 12 clauses ouvertes, dont 2 ★ »; nothing without a text."""
    if not ligne.clauses_ouvertes:
        return "" if ligne.clauses_ouvertes is None else str(_("toutes les clauses accordées"))
    texte = ngettext("%(num)s clause ouverte", "%(num)s clauses ouvertes", ligne.clauses_ouvertes)
    if not ligne.etoiles_ouvertes:
        return texte
    return _("%(clauses)s, dont %(etoiles)s ★", clauses=texte, etoiles=ligne.etoiles_ouvertes)


def en_charge(ligne: Ligne) -> str:
    """Return who is in charge: someone by name, or a function."""
    return ligne.fonction.en_langue(str(get_locale())) if ligne.fonction else ligne.responsable


def _recopie(ligne: Ligne, labels: Mots) -> str:
    if not ligne.signee:
        return ""
    if ligne.si_siao_copiee_le is None:
        return labels.a_recopier
    return court(ligne.si_siao_copiee_le.astimezone(ZoneInfo(ligne.fuseau)).date())
