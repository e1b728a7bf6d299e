"""The steps of an answer as pages show them: latest first, a corrected one still readable."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import format_currency, get_locale
from flask_babel import gettext as _
from markupsafe import Markup

from portal.grilles.transmissions.enums import StatutTransmission
from portal.web.autorisations.rendu import francais
from portal.web.filters import show_date, show_datetime, show_percent
from portal.web.transmissions.mots import Mots, dire


@dataclass(frozen=True)
class Etape:
    """A step. `details`: what was said of it; `corrigee`: another one stands for it."""

    titre: str
    quand: str
    auteur: str
    details: tuple[str, ...]
    corrigee: bool
    ton: str


TONS = {
    StatutTransmission.BAIL_SIGNE: "succes",
    StatutTransmission.NON_RETENUE: "alerte",
    StatutTransmission.REFUS_MENAGE: "neutre",
}


def etapes(lue: Any, mots: Mots, fuseau: str) -> list[Etape]:
    """Return the steps of a transmission read (`queries.Lue`), its sending last."""
    suites = [_etape(one, mots, fuseau) for one in reversed(lue.suites)]
    envoi = Etape(
        titre=dire(mots.faits, StatutTransmission.ENVOYEE),
        quand=show_datetime(lue.transmission.envoyee_le, fuseau),
        auteur=lue.transmission.envoyee_par,
        details=(),
        corrigee=False,
        ton="neutre",
    )
    return [*suites, envoi]


def _etape(suite: Any, mots: Mots, fuseau: str) -> Etape:
    titre = dire(mots.faits, suite.statut)
    if suite.annule:
        titre = _("Étape précédente retirée")
    elif suite.correction:
        titre = _("Correction : %(etape)s", etape=titre)
    return Etape(
        titre=titre,
        quand=show_datetime(suite.le, fuseau),
        auteur=suite.par,
        details=tuple(_details(suite, mots)),
        corrigee=not suite.compte and not suite.annule,
        ton=TONS.get(suite.statut, "info") if suite.compte else "neutre",
    )


def _details(suite: Any, mots: Mots) -> Iterator[str]:
    if suite.issue is not None:
        issue = _(mots.issues[suite.issue])
        yield _("%(issue)s, rang %(rang)s", issue=issue, rang=suite.rang) if suite.rang else issue
    if suite.jour is not None:
        yield _("Le %(jour)s", jour=show_date(suite.jour, "long"))
    if suite.motif is not None:
        motif = suite.motif.libelle.en_langue(str(get_locale()))
        dit = _("Motif : %(motif)s", motif=motif)
        yield Markup("{} – {}").format(dit, francais(suite.motif.fondement))
    if suite.precision:
        yield francais(suite.precision)
    if suite.calcul:
        yield _calcul(suite.calcul)


def _calcul(calcul: dict[str, int]) -> str:
    euros = {
        name: str(format_currency(calcul[name] / 100, "EUR")) for name in ("loyer", "aides", "ressources")
    }
    return _(
        "Loyer et charges %(loyer)s, aides %(aides)s, ressources %(ressources)s : taux d’effort %(taux)s",
        taux=show_percent(calcul["taux"] / 1000),
        **euros,
    )


def noms(lignes: Iterable[Any]) -> list[str]:
    """Return the references of what a list showed, for the journal."""
    return [one.ref for one in lignes]
