"""What a recipient types of a step, checked; and a step as it is read back."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from portal.grilles.transmissions.circuit import effectives
from portal.grilles.transmissions.enums import DEFAVORABLES, Issue
from portal.grilles.transmissions.enums import StatutTransmission as Statut
from portal.grilles.transmissions.models import SuiteTransmission
from portal.grilles.transmissions.nomenclatures import Motif, interdit_dans, interdits, motifs, motifs_de
from portal.organisations.enums import TypeOrganisation
from portal.organisations.saisie import Refusals
from portal.security.coffre import Coffre

PRECISION = 300
RANGS = (1, 50)
LOIN = timedelta(days=366)
MONTANTS = ("loyer", "aides", "ressources")
_MONTANT = re.compile(r"\d{1,6}(?:[.,]\d{1,2})?")


@dataclass(frozen=True, kw_only=True)
class SaisieSuite:
    """A step as typed. `motif`: code of a reason; `loyer` (with charges), `aides`, `ressources`: in euros."""

    statut: Statut
    jour: date | None = None
    issue: Issue | None = None
    rang: int | None = None
    motif: str = ""
    precision: str = ""
    loyer: str = ""
    aides: str = ""
    ressources: str = ""


def lire(typed: SaisieSuite, kind: TypeOrganisation, *, envoyee: date, jour: date) -> dict[str, Any]:
    """Return the detail of a step, as it is kept. `kind`: of the recipient; `jour`: today.

    Raises DomainErrors.
    A ground that nobody may give is refused with its explanation, its code in the error (`interdit`).
    """
    refusals = Refusals()
    detail = _LECTEURS[typed.statut](refusals, typed, kind, envoyee, jour)
    refusals.raise_any()
    return {name: value for name, value in detail.items() if value not in (None, "")}


def defavorable(statut: Statut, detail: dict[str, Any]) -> bool:
    """Tell whether a step is a refusal by the recipient; that of the household is none."""
    if statut is Statut.NON_RETENUE:
        return True
    return statut is Statut.DECIDEE and Issue(detail["issue"]) in DEFAVORABLES


Detail = dict[str, Any]


def _rien(_r: Refusals, _typed: SaisieSuite, _kind: TypeOrganisation, _envoyee: date, _jour: date) -> Detail:
    return {}


def _position(
    refusals: Refusals, typed: SaisieSuite, _kind: TypeOrganisation, envoyee: date, jour: date
) -> Detail:
    if typed.jour is None:
        refusals.add("transmissions.jour", "jour")
    elif typed.jour < envoyee:
        refusals.add("transmissions.jour_ancien", "jour")
    elif typed.jour > jour + LOIN:
        refusals.add("transmissions.jour_lointain", "jour")
    return {"jour": _iso(typed.jour)}


def _fait(
    refusals: Refusals, typed: SaisieSuite, _kind: TypeOrganisation, envoyee: date, jour: date
) -> Detail:
    """A step of a day that has come."""
    if typed.jour is None:
        refusals.add("transmissions.jour", "jour")
    elif typed.jour < envoyee:
        refusals.add("transmissions.jour_ancien", "jour")
    elif typed.jour > jour:
        refusals.add("transmissions.jour_futur", "jour")
    return {"jour": _iso(typed.jour)}


def _decision(
    refusals: Refusals, typed: SaisieSuite, kind: TypeOrganisation, envoyee: date, jour: date
) -> Detail:
    detail = _fait(refusals, typed, kind, envoyee, jour)
    if typed.issue is None:
        refusals.add("transmissions.issue", "issue")
        return detail
    detail["issue"] = typed.issue.value
    if typed.issue is Issue.ATTRIBUTION_RANG:
        if typed.rang is None or not RANGS[0] <= typed.rang <= RANGS[1]:
            refusals.add("transmissions.rang", "rang", minimum=RANGS[0], maximum=RANGS[1])
        detail["rang"] = typed.rang
    if typed.issue in DEFAVORABLES:
        return detail | _motif(refusals, typed, kind)
    return detail | {"precision": _precision(refusals, typed)}


def _non_retenue(
    refusals: Refusals, typed: SaisieSuite, kind: TypeOrganisation, _envoyee: date, _jour: date
) -> Detail:
    return _motif(refusals, typed, kind)


_LECTEURS: dict[Statut, Callable[[Refusals, SaisieSuite, TypeOrganisation, date, date], Detail]] = {
    Statut.RECUE: _rien,
    Statut.POSITIONNEE: _position,
    Statut.DECIDEE: _decision,
    Statut.BAIL_SIGNE: _fait,
    Statut.REFUS_MENAGE: _fait,
    Statut.NON_RETENUE: _non_retenue,
}


def _motif(refusals: Refusals, typed: SaisieSuite, kind: TypeOrganisation) -> Detail:
    interdit = interdits().get(typed.motif)
    if interdit is not None:
        _refuser(refusals, interdit.code, "motif")
        return {}
    motif = next((one for one in motifs_de(kind, typed.issue) if one.code == typed.motif), None)
    precision = _precision(refusals, typed)
    if motif is None:
        refusals.add("transmissions.motif", "motif")
        return {}
    if motif.precision and not precision and not typed.precision.strip():
        refusals.add("transmissions.precision", "precision")
    detail: Detail = {"motif": motif.code, "precision": precision}
    return detail | (_calcul(refusals, typed) if motif.calcul else {})


def _precision(refusals: Refusals, typed: SaisieSuite) -> str:
    """Return the facts written; refuse those that give a ground that nobody may."""
    cleaned = " ".join(typed.precision.split())
    if len(cleaned) > PRECISION:
        refusals.add("transmissions.trop_long", "precision", maximum=PRECISION)
    interdit = interdit_dans(cleaned)
    if interdit is not None:
        _refuser(refusals, interdit.code, "precision")
        return ""
    return cleaned


def _refuser(refusals: Refusals, code: str, field: str) -> None:
    one = interdits()[code]
    refusals.add(
        "transmissions.motif_interdit",
        field,
        motif=one.libelle,
        explication=one.explication,
        fondement=one.fondement,
        interdit=code,
    )


def _calcul(refusals: Refusals, typed: SaisieSuite) -> Detail:
    """Return the measured calculation: amounts in cents, the share of the resources per thousand."""
    lus: dict[str, int] = {}
    for name in MONTANTS:
        text = re.sub(r"[\s\u00a0\u202f€]", "", getattr(typed, name))
        if not text:
            refusals.add("transmissions.calcul", name)
        elif not _MONTANT.fullmatch(text):
            refusals.add("transmissions.montant", name)
        else:
            euros, _, cents = text.replace(",", ".").partition(".")
            lus[name] = int(euros) * 100 + int(cents.ljust(2, "0") or 0)
    if len(lus) < len(MONTANTS) or not lus["ressources"]:
        if len(lus) == len(MONTANTS):
            refusals.add("transmissions.calcul", "ressources")
        return {}
    taux = round((lus["loyer"] - lus["aides"]) * 1000 / lus["ressources"])
    return {"calcul": lus | {"taux": taux}}


def _iso(jour: date | None) -> str | None:
    return jour.isoformat() if jour else None


@dataclass(frozen=True)
class SuiteLue:
    """A step, decrypted. `compte`: no other corrects it; `calcul`: amounts in cents, `taux` per thousand."""

    ref: str
    statut: Statut
    le: datetime
    par: str
    compte: bool
    correction: bool
    annule: bool
    jour: date | None
    issue: Issue | None
    rang: int | None
    motif: Motif | None
    precision: str
    calcul: dict[str, int] | None


def relire(vault: Coffre, suites: Iterable[SuiteTransmission]) -> list[SuiteLue]:
    """Return the steps of a transmission, oldest first."""
    suites = list(suites)
    comptent = {one.id for one in effectives(suites)}
    return [_relire(vault, one, one.id in comptent) for one in suites]


def _relire(vault: Coffre, suite: SuiteTransmission, compte: bool) -> SuiteLue:
    detail: Detail = vault.ouvrir(suite.detail) if suite.detail else {}
    return SuiteLue(
        ref=suite.ref,
        statut=suite.statut,
        le=suite.le,
        par=suite.par,
        compte=compte,
        correction=suite.corrige_id is not None,
        annule=suite.annule,
        jour=date.fromisoformat(detail["jour"]) if "jour" in detail else None,
        issue=Issue(detail["issue"]) if "issue" in detail else None,
        rang=detail.get("rang"),
        motif=motifs().get(detail.get("motif", "")),
        precision=detail.get("precision", ""),
        calcul=detail.get("calcul"),
    )
