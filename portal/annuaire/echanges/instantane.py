"""What an entry is at a moment, whole, in a form that can be kept and given back to it."""

from datetime import date
from typing import Any

from portal.annuaire.enums import Preference, Role
from portal.annuaire.models import Absence, Referent, ReferentNature, ReferentTerritoire, Titulaire
from portal.audit.diff import plain
from portal.organisations.referentiel import Maille

_TEXTES = (
    "mention",
    "horaires",
    "telephone",
    "email",
    "verifie_par",
    "tri",
    "texte_recherche",
    "poids_recherche",
)
_PERSONNE = ("prenom", "nom", "telephone", "email", "personne_id")


def photographier(referent: Referent) -> dict[str, Any]:
    """Return everything that an import may change of an entry, JSON-serialisable."""
    return {nom: getattr(referent, nom) for nom in _TEXTES} | {
        "publics": list(referent.publics),
        "preference": referent.preference.value,
        "verifie_le": plain(referent.verifie_le),
        "territoires": sorted([row.maille.value, row.code] for row in referent.territoires),
        "natures": sorted(row.nature_code for row in referent.natures),
        "titulaires": {str(row.id): _photographier_une(row) for row in referent.titulaires},
    }


def _photographier_une(row: Titulaire) -> dict[str, Any]:
    return {nom: getattr(row, nom) for nom in _PERSONNE} | {
        "role": row.role.value,
        "du": row.du.isoformat(),
        "au": plain(row.au),
        "absences": sorted([one.ref, one.du.isoformat(), plain(one.au)] for one in row.absences),
    }


def arrives(referent: Referent, avant: dict[str, Any]) -> list[Titulaire]:
    """Return those who held nothing then: they go first, two do not hold a function together."""
    return [one for one in referent.titulaires if str(one.id) not in avant["titulaires"]]


def rendre(referent: Referent, avant: dict[str, Any]) -> None:
    """Give an entry back what it was, once those who came since are gone."""
    for nom in _TEXTES:
        setattr(referent, nom, avant[nom])
    referent.publics, referent.preference = avant["publics"], Preference(avant["preference"])
    referent.verifie_le = _jour(avant["verifie_le"])
    lieux = {(Maille(maille), code) for maille, code in avant["territoires"]}
    for row in list(referent.territoires):
        if (row.maille, row.code) in lieux:
            lieux.remove((row.maille, row.code))
        else:
            referent.territoires.remove(row)
    referent.territoires += [ReferentTerritoire(maille=m, code=c) for m, c in sorted(lieux, key=str)]
    natures = set(avant["natures"])
    for nature in list(referent.natures):
        if nature.nature_code in natures:
            natures.remove(nature.nature_code)
        else:
            referent.natures.remove(nature)
    referent.natures += [ReferentNature(nature_code=code) for code in sorted(natures)]
    for titulaire in referent.titulaires:
        _rendre_une(titulaire, avant["titulaires"][str(titulaire.id)])


def _rendre_une(titulaire: Titulaire, avant: dict[str, Any]) -> None:
    for nom in _PERSONNE:
        setattr(titulaire, nom, avant[nom])
    titulaire.role = Role(avant["role"])
    titulaire.du, titulaire.au = date.fromisoformat(avant["du"]), _jour(avant["au"])
    par_ref = {one.ref: one for one in titulaire.absences}
    for ref, du, au in avant["absences"]:
        absence = par_ref.get(ref)
        if absence is None:
            absence = Absence(ref=ref)
            titulaire.absences.append(absence)
        absence.du, absence.au = date.fromisoformat(du), _jour(au)


def _jour(valeur: str | None) -> date | None:
    return date.fromisoformat(valeur) if valeur else None
