"""What is left of a household's names once it enters the protected circuit: nothing (domaine.md § 7.6).

Its own rows lose them in `menages.service`; here goes what was written elsewhere: the frozen versions and the
draft, what was sent and answered, the remarks, the reasons, the requests about its data, signatures and
signed papers. Names, births and demand numbers are taken out of the texts; everything else of them stays.
"""

import json
import re
import unicodedata
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from sqlalchemy import Table, Text, select, update
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.documents.models import Fichier
from portal.grilles.autorisations.models import AccordAdulte, Autorisation
from portal.grilles.enums import Reponse
from portal.grilles.fin_de_vie import perimetre
from portal.grilles.fin_de_vie.models import DemandeMenage
from portal.grilles.menages.crochets import on_protection
from portal.grilles.menages.identites import Identite, reference_si_siao
from portal.grilles.menages.models import Menage
from portal.grilles.remplissage import queries as grilles
from portal.grilles.remplissage.enums import StatutGrille
from portal.grilles.remplissage.models import GrilleAcces
from portal.grilles.remplissage.service import empreinte
from portal.grilles.sortie import Sortie
from portal.grilles.transmissions.models import Transmission
from portal.security.coffre import Illisible, coffre
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.db import Base
from portal.shared.entretien import entretien
from portal.shared.text import normalise

OTE = "[…]"
"""What stands for a name that was taken away."""

PARTICULES = frozenset({"le", "la", "les", "de", "du", "des", "da", "el", "al", "van", "von", "ben", "et"})
MOIS = ("janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre", "octobre",
        "novembre", "decembre")  # fmt: skip

_MOT = re.compile(r"[^\W\d_]+")
_NUMERO = re.compile(r"\b[0-9]{2}[0-9AB](?:[\s.\-/]?[0-9A-Z]){15}\b", re.IGNORECASE)
_CODE = re.compile(r"[a-z0-9_.\-]*")
_TRAITES = frozenset(
    {"menage", "menage_adulte", "grille_acces", "grille_section", "transmission", "autorisation_adulte"}
)


class Noms:
    """The names of a household's adults, taken out of texts however they are typed."""

    def __init__(self, identites: Collection[Identite]) -> None:
        self._mots: set[str] = set()
        self._courts: set[str] = set()  # two or three letters: only with a capital
        jours = []
        for one in identites:
            for texte in (one.nom, one.prenom, one.representant):
                mots = normalise(texte).split()
                for mot in [mot for mot in mots if mot not in PARTICULES] or mots:
                    (self._mots if len(mot) > 3 else self._courts).add(mot)
            ne = one.naissance
            mois = rf"(?:0?{ne.month}|{MOIS[ne.month - 1]})"
            jours.append(rf"0?{ne.day}[\s./\-]+{mois}[\s./\-]+(?:{ne.year}|{ne.year % 100:02d})")
            jours.append(ne.isoformat())
        self._jours = re.compile(rf"\b(?:{'|'.join(jours)})\b", re.IGNORECASE) if jours else None

    def oter(self, texte: str) -> str:
        """Return a text without them, nor any demand number."""
        texte = _NUMERO.sub(OTE, unicodedata.normalize("NFC", texte))
        if self._jours is not None:
            sans_accents = texte.replace("é", "e").replace("û", "u").replace("É", "E").replace("Û", "U")
            for found in reversed(list(self._jours.finditer(sans_accents))):
                texte = texte[: found.start()] + OTE + texte[found.end() :]
        return _MOT.sub(self._remplacer, texte)

    def _remplacer(self, found: re.Match[str]) -> str:
        mot = normalise(found[0])
        court = mot in self._courts and found[0][0].isupper()
        return OTE if mot in self._mots or court else found[0]

    def oter_de(self, valeur: Any, *, racine: bool = True) -> Any:
        """Return a stored value without them: its texts, not the codes that stand in its structure."""
        if isinstance(valeur, str):
            return valeur if not racine and _CODE.fullmatch(valeur) else self.oter(valeur)
        if isinstance(valeur, list):
            return [self.oter_de(one, racine=False) for one in valeur]
        if isinstance(valeur, dict):
            return {cle: self.oter_de(one, racine=False) for cle, one in valeur.items()}
        return valeur


@on_protection
def oter_les_noms(
    session: Session, clock: Clock, actor: Actor, menage: Menage, identites: Collection[Identite]
) -> None:
    """Take the names out of whatever is kept of a household that enters the protected circuit."""
    noms = Noms(identites)
    with entretien(session):
        for grille in session.scalars(
            select(GrilleAcces)
            .where(GrilleAcces.menage_id == menage.id)
            .order_by(GrilleAcces.id)
            .options(selectinload(GrilleAcces.sections), joinedload(GrilleAcces.modele))
            .execution_options(populate_existing=True)
            .with_for_update(of=GrilleAcces)  # after whatever is being saved
        ).all():
            _grille(session, noms, grille)
        for transmission in session.scalars(
            select(Transmission).where(Transmission.menage_id == menage.id).order_by(Transmission.id)
        ).all():
            _transmission(session, noms, menage, transmission)
        held = perimetre.du_menage(session, menage.id)
        for nom, cles in sorted(held.lignes.items()):
            if nom not in _TRAITES:
                _table(session, noms, Base.metadata.tables[nom], cles)
    _preuves(session, menage)
    _demandes(session, noms, menage)


def _grille(session: Session, noms: Noms, grille: GrilleAcces) -> None:
    """Take the demand number and the names out of a version; its fingerprint is that of what is left."""
    vault = coffre(session)
    modele = grilles.modele(session, grille)
    genres = {(item.code, champ.code): champ.reponse for item in modele.items() for champ in item.champs}
    reste = {}
    for row in grille.sections:
        held = vault.ouvrir(row.reponses)
        items: dict[str, dict[str, Any]] = {}
        for code, champs in held["items"].items():
            gardes = {
                champ: noms.oter(lue) if isinstance(lue, str) and _texte(genres.get((code, champ))) else lue
                for champ, lue in champs.items()
                if genres.get((code, champ)) is not Reponse.NUMERO_UNIQUE
            }
            if gardes:
                items[code] = gardes
        reste[row.section] = items
        if items != held["items"]:
            row.reponses = vault.fermer(held | {"items": items})
    if grille.statut is StatutGrille.FIGEE:
        grille.empreinte = empreinte(grille.modele.empreinte, reste)


def _texte(reponse: Reponse | None) -> bool:
    return reponse in (Reponse.TEXTE_COURT, Reponse.PAROLE, None)


def _transmission(session: Session, noms: Noms, menage: Menage, transmission: Transmission) -> None:
    """Leave of what was sent what the protected circuit would have let out; the journal keeps the
    fingerprint of what left."""
    vault = coffre(session)
    partie = Sortie.from_json(vault.ouvrir(transmission.contenu))
    reste = Sortie(
        replace(
            partie.entete,
            adultes=(),
            numero_unique="",
            code=menage.code,
            si_siao=reference_si_siao(session, menage),
        ),
        tuple(
            replace(
                section,
                items=tuple(
                    replace(
                        item,
                        champs=tuple(
                            replace(un, valeur=noms.oter(un.valeur))
                            if isinstance(un.valeur, str) and _texte(un.reponse)
                            else un
                            for un in item.champs
                            if un.reponse is not Reponse.NUMERO_UNIQUE
                        ),
                    )
                    for item in section.items
                ),
            )
            for section in partie.sections
        ),
    )
    transmission.contenu, transmission.empreinte = vault.fermer(reste.to_json()), reste.empreinte()


def _table(session: Session, noms: Noms, table: Table, cles: Collection[int]) -> None:
    """Take the names out of every encrypted column of some rows, whatever the room."""
    vault = coffre(session)
    for column in table.c:
        if not isinstance(column.type, Text):
            continue
        held = select(table.c.id, column).where(table.c.id.in_(cles), column != "").order_by(table.c.id)
        for cle, ferme in session.execute(held).all():
            try:
                lu = vault.ouvrir(ferme)
            except (Illisible, ValueError):
                continue  # not encrypted
            reste = noms.oter_de(lu)
            if json.dumps(reste) != json.dumps(lu):
                session.execute(update(table).where(table.c.id == cle).values({column: vault.fermer(reste)}))


def _preuves(session: Session, menage: Menage) -> None:
    """Take away signatures, signed papers and the fingerprints of what was signed."""
    accords = session.scalars(
        select(AccordAdulte)
        .join(Autorisation, Autorisation.id == AccordAdulte.autorisation_id)
        .where(Autorisation.menage_id == menage.id)
        .order_by(AccordAdulte.id)
        .execution_options(populate_existing=True)
    ).all()
    for accord in accords:
        papier = accord.fichier_id
        accord.signature, accord.empreinte, accord.fichier_id = "", "", None
        session.flush()
        _retirer(session, papier)


def _demandes(session: Session, noms: Noms, menage: Menage) -> None:
    """Take the names out of the requests about its data, and away the copies made for it."""
    vault = coffre(session)
    demandes = session.scalars(
        select(DemandeMenage).where(DemandeMenage.menage_id == menage.id).order_by(DemandeMenage.id)
    ).all()
    for demande in demandes:
        demande.detail = vault.fermer(noms.oter_de(vault.ouvrir(demande.detail))) if demande.detail else ""
        demande.reponse = vault.fermer(noms.oter_de(vault.ouvrir(demande.reponse))) if demande.reponse else ""
        copie, demande.fichier_id = demande.fichier_id, None
        session.flush()
        _retirer(session, copie)


def _retirer(session: Session, fichier_id: int | None) -> None:
    """Delete a file's row: what it held, encrypted, is swept with whatever no row names."""
    fichier = session.get(Fichier, fichier_id) if fichier_id is not None else None
    if fichier is not None:
        session.delete(fichier)
        session.flush()
