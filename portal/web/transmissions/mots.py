"""Words of the steps: a landlord's go through its commission d'attribution, a gestionnaire's do not."""

from dataclasses import dataclass

from flask_babel import gettext as _

from portal.grilles.transmissions.enums import Issue, StatutTransmission
from portal.organisations.enums import TypeOrganisation
from portal.shared.messages import N_

Statut = StatutTransmission


@dataclass(frozen=True)
class Mots:
    """What one kind of recipient reads. `gestes`: on the buttons; `faits`: once done; `dates`: asked for."""

    gestes: dict[Statut, str]
    faits: dict[Statut, str]
    dates: dict[Statut, str]
    issues: dict[Issue, str]


_COMMUNS = {
    Statut.RECUE: N_("Accuser réception"),
    Statut.REFUS_MENAGE: N_("Le ménage n’a pas accepté"),
    Statut.NON_RETENUE: N_("Ne pas retenir"),
}
_COMMUNS_FAITS = {
    Statut.ENVOYEE: N_("Grille transmise"),
    Statut.RECUE: N_("Réception accusée"),
    Statut.REFUS_MENAGE: N_("Le ménage n’a pas accepté la proposition"),
    Statut.NON_RETENUE: N_("Non retenue"),
}
BAILLEUR = Mots(
    gestes=_COMMUNS
    | {
        Statut.POSITIONNEE: N_("Positionner en CALEOL"),
        Statut.DECIDEE: N_("Noter la décision de la CALEOL"),
        Statut.BAIL_SIGNE: N_("Bail signé"),
    },
    faits=_COMMUNS_FAITS
    | {
        Statut.POSITIONNEE: N_("Positionnée en CALEOL"),
        Statut.DECIDEE: N_("Décision de la CALEOL"),
        Statut.BAIL_SIGNE: N_("Bail signé"),
    },
    dates={
        Statut.POSITIONNEE: N_("Date de la CALEOL"),
        Statut.DECIDEE: N_("Date de la décision"),
        Statut.BAIL_SIGNE: N_("Date de signature du bail"),
        Statut.REFUS_MENAGE: N_("Date de la réponse du ménage"),
    },
    issues={
        Issue.ATTRIBUTION: N_("Attribution"),
        Issue.ATTRIBUTION_RANG: N_("Attribution avec un rang de priorité"),
        Issue.ATTRIBUTION_SOUS_CONDITION: N_("Attribution sous condition suspensive"),
        Issue.NON_ATTRIBUTION: N_("Non-attribution"),
        Issue.REJET_IRRECEVABLE: N_("Rejet pour irrecevabilité"),
    },
)
GESTIONNAIRE = Mots(
    gestes=_COMMUNS
    | {
        Statut.POSITIONNEE: N_("Prévoir l’examen de l’admission"),
        Statut.DECIDEE: N_("Noter la décision d’admission"),
        Statut.BAIL_SIGNE: N_("Contrat signé"),
    },
    faits=_COMMUNS_FAITS
    | {
        Statut.POSITIONNEE: N_("Examen de l’admission prévu"),
        Statut.DECIDEE: N_("Décision d’admission"),
        Statut.BAIL_SIGNE: N_("Contrat signé"),
    },
    dates={
        Statut.POSITIONNEE: N_("Date de l’examen"),
        Statut.DECIDEE: N_("Date de la décision"),
        Statut.BAIL_SIGNE: N_("Date de signature du contrat"),
        Statut.REFUS_MENAGE: N_("Date de la réponse du ménage"),
    },
    issues={
        Issue.ATTRIBUTION: N_("Admission"),
        Issue.ATTRIBUTION_RANG: N_("Admission, en liste d’attente avec un rang"),
        Issue.NON_ATTRIBUTION: N_("Admission refusée"),
    },
)


ATTENDU = N_("Accusé de réception attendu")
"""How a recipient reads what it has not acknowledged yet."""


def etats(words: Mots) -> dict[Statut, str]:
    """Return where a transmission stands, as its recipient reads it, in the reader's language."""
    return {one: _(texte) for one, texte in words.faits.items()} | {Statut.ENVOYEE: _(ATTENDU)}


def mots(kind: TypeOrganisation) -> Mots:
    """Return the words of a kind of recipient."""
    return GESTIONNAIRE if kind is TypeOrganisation.GESTIONNAIRE else BAILLEUR


def geste(words: Mots, statut: Statut, etat: Statut) -> str:
    """Return what a button says, from where the transmission stands: positioned already, it is put off."""
    again = statut is Statut.POSITIONNEE and etat in (Statut.POSITIONNEE, Statut.DECIDEE)
    return _("Noter une nouvelle date") if again else _(words.gestes[statut])


def dire(textes: dict[Statut, str], statut: Statut) -> str:
    """Return a step in the reader's language."""
    return _(textes[statut])
