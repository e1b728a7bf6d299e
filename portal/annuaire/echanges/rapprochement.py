"""Finding the entry that a line speaks of, and what it would change: same function, same person."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any

from portal.annuaire.echanges.champs import Champ
from portal.annuaire.echanges.fiches import PERSONNE, SUPPLEANT
from portal.annuaire.echanges.ligne import LigneLue
from portal.annuaire.echanges.mots import cle_de_personne
from portal.annuaire.models import Referent, Titulaire
from portal.annuaire.titulaires import tenue
from portal.organisations.referentiel import Lieu, Maille
from portal.shared.text import normalise

CREER, IGNORER, MAJ = "creer", "ignorer", "maj"
SIMPLES = {
    Champ.MENTION: "mention",
    Champ.HORAIRES: "horaires",
    Champ.FONCTION_TELEPHONE: "telephone",
    Champ.FONCTION_EMAIL: "email",
    Champ.PREFERENCE: "preference",
}


class Sort(Enum):
    """What becomes of a line of the table."""

    CREER = "creer"
    MODIFIER = "modifier"
    INCHANGEE = "inchangee"
    IGNOREE = "ignoree"  # says nothing of an entry, or was set aside by the person
    REFUSEE = "refusee"


@dataclass(frozen=True)
class Changement:
    """What a column changes of an entry: `avant` and `apres` as the entry holds them."""

    champ: Champ
    avant: Any
    apres: Any


@dataclass
class Prevue:
    """A line and what becomes of it. `candidats`: the entries it may speak of; `cible`: the one it changes.

    `proposition`, `choix`: « creer », « ignorer » or « maj:<reference>:<version> ». `nouveau`: someone else
    takes the function, which `remplace` leaves; `nouveau_suppleant`: or becomes the deputy.
    """

    lue: LigneLue
    candidats: list[Referent] = field(default_factory=list)
    proposition: str = ""
    choix: str = ""
    sort: Sort = Sort.REFUSEE
    cible: Referent | None = None
    changements: list[Changement] = field(default_factory=list)
    remplace: str = ""
    nouveau: bool = False
    nouveau_suppleant: bool = False

    @property
    def a_decider(self) -> bool:
        """Whether the person may choose another fate than the one proposed."""
        return bool(self.candidats) and not self.lue.erreurs and self.sort is not Sort.INCHANGEE

    def proches(self) -> list[Referent]:
        """Return the entries that it may speak of: the one proposed, those of its precision, the rest."""
        mention = normalise(self.lue.dit.get(Champ.MENTION, ""))
        return sorted(
            self.candidats,
            key=lambda one: (maj(one) != self.proposition, normalise(one.mention) != mention, one.id),
        )


@dataclass(frozen=True)
class Ecart:
    """What a line changes of an entry; `remplace`, `nouveau`, `nouveau_suppleant`: as in `Prevue`."""

    changements: list[Changement]
    remplace: str = ""
    nouveau: bool = False
    nouveau_suppleant: bool = False


def maj(referent: Referent) -> str:
    """Return the choice that changes an entry, as it was when it was read."""
    return f"{MAJ}:{referent.ref}:{referent.version}"


def proposer(lue: LigneLue, candidats: Sequence[Referent], jour: date) -> str:
    """Return the sensible fate of a line among the entries of the same function of the same organisation.

    Held by the same person: that one. The only one that may be: that one. Empty, or of the same precision:
    that one. Else a new entry, when several are allowed.
    """
    if not candidats:
        return CREER
    memes = [one for one in candidats if meme_personne(tenue(one, jour).titulaire, lue)]
    if memes:
        return maj(_par_mention(memes, lue) or memes[0])
    if candidats[0].unicite:
        return maj(candidats[0])
    pareille = _par_mention(candidats, lue)
    if pareille is not None and (Champ.MENTION in lue.dit or Champ.NOM not in lue.dit):
        return maj(pareille)
    vides = [one for one in candidats if tenue(one, jour).vide and not one.mention]
    if vides and Champ.NOM in lue.dit:
        return maj(vides[0])
    return CREER


def _par_mention(candidats: Sequence[Referent], lue: LigneLue) -> Referent | None:
    mention = normalise(lue.dit.get(Champ.MENTION, ""))
    memes = [one for one in candidats if normalise(one.mention) == mention]
    return memes[0] if len(memes) == 1 else None


def meme_personne(titulaire: Titulaire | None, lue: LigneLue) -> bool:
    """Tell whether a line names who holds the function: the same names in any order, or the same address."""
    if titulaire is None or Champ.NOM not in lue.dit:
        return False
    return _memes_noms(titulaire, lue, PERSONNE) or _meme_adresse(titulaire, lue.dit.get(Champ.EMAIL, ""))


def _memes_noms(titulaire: Titulaire, lue: LigneLue, champs: dict[Champ, str]) -> bool:
    prenom, nom = list(champs)[:2]
    dits = cle_de_personne(lue.dit.get(prenom, ""), lue.dit.get(nom, ""))
    return dits == cle_de_personne(titulaire.prenom, titulaire.nom)


def _meme_adresse(titulaire: Titulaire, email: str) -> bool:
    return bool(email) and titulaire.email == email


def changements(referent: Referent, lue: LigneLue, jour: date) -> Ecart:
    """Return what a line changes of an entry, on a day."""
    trouves = [
        Changement(champ, getattr(referent, nom), lue.dit[champ])
        for champ, nom in SIMPLES.items()
        if champ in lue.dit and lue.dit[champ] != getattr(referent, nom)
    ]
    trouves += _couverture(referent, lue)
    held = tenue(referent, jour)
    nouveau = _change(held.titulaire, lue, PERSONNE)
    trouves += _personne(held.titulaire, lue, PERSONNE, nouvelle=nouveau)
    trouves += _periode(held.titulaire, lue, nouvelle=nouveau)
    second = _change(held.suppleant, lue, SUPPLEANT)
    trouves += _personne(held.suppleant, lue, SUPPLEANT, nouvelle=second)
    remplace = held.titulaire.nom_complet if held.titulaire and nouveau else ""
    ordre = list(Champ)
    return Ecart(sorted(trouves, key=lambda one: ordre.index(one.champ)), remplace, nouveau, second)


def _change(titulaire: Titulaire | None, lue: LigneLue, champs: dict[Champ, str]) -> bool:
    """Tell whether a line names someone else than who holds the function."""
    prenom, nom, _telephone, email = champs
    if titulaire is None:
        return nom in lue.dit
    dits = cle_de_personne(lue.dit.get(prenom, titulaire.prenom), lue.dit.get(nom, titulaire.nom))
    if dits == cle_de_personne(titulaire.prenom, titulaire.nom):
        return False
    return not _meme_adresse(titulaire, lue.dit.get(email, "")) and nom in lue.dit


def _personne(
    titulaire: Titulaire | None, lue: LigneLue, champs: dict[Champ, str], *, nouvelle: bool
) -> list[Changement]:
    """Return what changes of a person; a name written otherwise (capitals, accents) changes nothing."""
    trouves = []
    memes = titulaire is not None and not nouvelle and _memes_noms(titulaire, lue, champs)
    for champ, attribut in champs.items():
        avant = getattr(titulaire, attribut) if titulaire else ""
        apres = lue.dit.get(champ, "" if nouvelle else avant)
        if memes and attribut in ("prenom", "nom"):
            continue
        if titulaire is None and not nouvelle:
            continue
        if apres != avant:
            trouves.append(Changement(champ, avant, apres))
    return trouves


def _periode(titulaire: Titulaire | None, lue: LigneLue, *, nouvelle: bool) -> list[Changement]:
    trouves = []
    for champ, attribut in ((Champ.DU, "du"), (Champ.AU, "au")):
        avant = getattr(titulaire, attribut) if titulaire and not nouvelle else None
        if champ in lue.dit and (titulaire is not None or nouvelle) and lue.dit[champ] != avant:
            trouves.append(Changement(champ, avant, lue.dit[champ]))
    return trouves


def _couverture(referent: Referent, lue: LigneLue) -> list[Changement]:
    trouves = []
    codes = tuple(sorted(row.nature_code for row in referent.natures))
    if Champ.NATURES in lue.dit and lue.dit[Champ.NATURES] != codes:
        trouves.append(Changement(Champ.NATURES, codes, lue.dit[Champ.NATURES]))
    publics = tuple(sorted(referent.publics))
    if Champ.PUBLICS in lue.dit and lue.dit[Champ.PUBLICS] != publics:
        trouves.append(Changement(Champ.PUBLICS, publics, lue.dit[Champ.PUBLICS]))
    avant = lieux_de(referent)
    apres = lieux_dits(lue, avant)
    if set(apres) != set(avant):
        champ = Champ.COMMUNES if Champ.COMMUNES in lue.dit else Champ.TERRITOIRES
        trouves.append(Changement(champ, avant, apres))
    return trouves


def lieux_de(referent: Referent) -> tuple[Lieu, ...]:
    """Return the territories of an entry, in a stable order."""
    return tuple(sorted((Lieu(row.maille, row.code) for row in referent.territoires), key=str))


def lieux_dits(lue: LigneLue, avant: Sequence[Lieu] = ()) -> tuple[Lieu, ...]:
    """Return the territories that a line says; what one of its two columns leaves out stays as it was.

    « Tout le département » in the column of the territories clears both, unless the other names communes.
    """
    dits = {champ: lue.dit[champ] for champ in (Champ.COMMUNES, Champ.TERRITOIRES) if champ in lue.dit}
    if not dits:
        return tuple(avant)
    if dits.get(Champ.TERRITOIRES) == () and Champ.COMMUNES not in dits:
        return ()
    communes = [one for one in avant if one.maille is Maille.COMMUNE]
    autres = [one for one in avant if one.maille is not Maille.COMMUNE]
    tous = (*dits.get(Champ.COMMUNES, communes), *dits.get(Champ.TERRITOIRES, autres))
    return tuple(sorted(dict.fromkeys(tous), key=str))
