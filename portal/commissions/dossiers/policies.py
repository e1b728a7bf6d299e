"""Who may do what with a dossier (domaine.md § 10.2, 10.3, line « Commission : dossier »).

The object is a `Vise`, what `queries.vue` says of one dossier for one reader; a household's `Vise` to ask
whether a dossier may be opened for it, and a commission's to ask about a session's agenda.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from portal.commissions.models_dossiers import Dossier, DossierNote
from portal.commissions.policies import LECTEURS as SIEGENT
from portal.commissions.policies import SECRETAIRES
from portal.grilles.menages.policies import ACCOMPAGNENT, accompagne
from portal.grilles.menages.policies import Vise as MenageVise
from portal.security.permissions import Permission, Profil
from portal.security.policy import Actor, policy


class Regard(Enum):
    """By what right someone sees a dossier; several may hold at once."""

    PRESCRIPTEUR = "prescripteur"  # accompanies the household
    SIAO = "siao"
    SECRETARIAT = "secretariat"
    MEMBRE = "membre"  # sits in its session, whose papers are open


@dataclass(frozen=True)
class Vise:
    """A dossier as rights read it."""

    dossier: Dossier
    regards: frozenset[Regard]
    organisation_id: int
    """The reader's organisation."""
    textes_dus: bool = False
    """Whether the reader has a text of the commission left to accept."""
    note: DossierNote | None = None
    """The reader's own mark and question."""
    presente: bool = False
    """Whether the prescriber comes to its session to present it."""
    ouverte: bool = False
    """Whether its session was opened."""
    renvoye: bool = False
    """Whether an appeal sent it back to be examined again."""

    @property
    def de_droit(self) -> bool:
        """Whether the reader sees the household itself, whatever it authorised: its worker, the SIAO."""
        return bool(self.regards & {Regard.PRESCRIPTEUR, Regard.SIAO})

    @property
    def hors_circuit(self) -> bool:
        """Whether the protected circuit hides the household from the reader, a secretariat that neither
        chairs nor is the SIAO (§ 7.6): nothing that tells who is close to it is theirs to read."""
        return self.dossier.menage.protege and not self.de_droit and Regard.MEMBRE not in self.regards

    @property
    def deport(self) -> bool:
        """Whether the reader's organisation is party to the dossier: it speaks, and does not vote (§ 7.2)."""
        return self.organisation_id in parties(self.dossier)


def parties(dossier: Dossier) -> frozenset[int]:
    """Return the organisations party to a dossier (« déport », domaine.md § 7.2): the one that presents it,
    those that declared it. `queries.partie` says the same in SQL."""
    return frozenset({dossier.organisation_id, *(one.organisation_id for one in dossier.deports)})


@policy(Permission.DOSSIERS_DEPOSER)
def peut_deposer(actor: Actor, obj: Any) -> bool:
    """Whoever accompanies the household."""
    if obj is None:
        return actor.profil in ACCOMPAGNENT
    if isinstance(obj, MenageVise):
        return accompagne(actor, obj)
    return actor.profil in ACCOMPAGNENT and Regard.PRESCRIPTEUR in obj.regards


@policy(Permission.DOSSIERS_LIRE)
def peut_lire(actor: Actor, obj: Any) -> bool:
    """The prescriber, the SIAO, the secretariat, those who sit: `queries.visibles` says which."""
    return actor.profil in SIEGENT | {Profil.TRAVAILLEUR_SOCIAL}


@policy(Permission.DOSSIERS_INSTRUIRE)
def peut_instruire(actor: Actor, obj: Any) -> bool:
    """The secretariat of the commission."""
    if actor.profil not in SECRETAIRES:
        return False
    if isinstance(obj, Vise):
        return Regard.SECRETARIAT in obj.regards
    ici = obj is None or obj.departement_code in actor.departements
    return ici and (obj is None or obj.secretariat_id == actor.organisation_id)


@policy(Permission.DOSSIERS_AVISER)
def peut_aviser(actor: Actor, obj: Vise | None) -> bool:
    """Those who sit, unless their organisation is party to the dossier."""
    if obj is None:
        return actor.profil in SIEGENT
    return Regard.MEMBRE in obj.regards and not obj.deport
