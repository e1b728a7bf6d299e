"""The model in the demonstration: who adopted it, and green versions in several states."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from portal.conventions.modeles import queries, service
from portal.conventions.modeles.models import VersionDepartementale
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import Clock
from seeds.demo.calendrier import Calendrier, horloge
from seeds.demo.scene import Scene

FICHIER = Path(__file__).with_name("modeles.toml")


@dataclass(frozen=True)
class _Changement:
    clause: str
    parametre: str
    valeur: str
    motif: str


def prevoir_versions(scene: Scene, calendrier: Calendrier) -> None:
    """Note what each département did with the model."""
    contenu = tomllib.loads(FICHIER.read_text(encoding="utf-8"))
    motif = str(contenu["commun"]["motif"])
    for row in contenu["departement"]:
        _prevoir_adoptions(scene, calendrier, row)
        for rang, version in enumerate(row["versions"]):
            premiers = contenu["commun"]["changements"] if rang == 0 else []
            changements = [_Changement(c[0], c[1], c[2], motif) for c in premiers]
            changements += [_Changement(*c) for c in version.get("changements", ())]
            _prevoir_version(scene, calendrier, row, version, changements)


def _prevoir_adoptions(scene: Scene, calendrier: Calendrier, row: dict[str, Any]) -> None:
    for rang, cle in enumerate(row["adoptants"]):
        acteur = _engage(scene, cle)

        def adopter(clock: Clock, acteur: Actor = acteur) -> None:
            courants = queries.courants(scene.session, row["code"])
            refs = {gabarit: modele.ref for gabarit, modele in courants.items()}
            service.adopter(scene.session, clock, acteur, row["code"], refs)

        scene.prevoir(horloge(calendrier.jour(row["adoption"]), 60 + 20 * rang), adopter)


def _prevoir_version(
    scene: Scene,
    calendrier: Calendrier,
    row: dict[str, Any],
    version: dict[str, Any],
    changements: list[_Changement],
) -> None:
    redacteur = _engage(scene, row["siaos"][0])
    ouverture = calendrier.jour(version["ouverte"])
    scene.prevoir(
        horloge(ouverture, 90),
        lambda clock: service.ouvrir_brouillon(scene.session, clock, redacteur, row["code"]),
    )
    for rang, changement in enumerate(changements):

        def ecrire(clock: Clock, changement: _Changement = changement) -> None:
            _ecrire(scene, clock, redacteur, row["code"], changement)

        scene.prevoir(horloge(ouverture, 100 + 5 * rang), ecrire)
    accord = calendrier.jour(version["publiee"]) if "publiee" in version else ouverture + timedelta(days=2)
    for rang, acteur in enumerate(_valideurs(scene, row, version)):

        def valider(clock: Clock, acteur: Actor = acteur) -> None:
            draft = service.ouvrir_brouillon(scene.session, clock, acteur, row["code"])
            service.valider(scene.session, clock, acteur, draft.ref, draft.version)

        scene.prevoir(horloge(accord, 10 * rang), valider)
    if "publiee" in version:
        scene.prevoir(horloge(accord, 60), lambda clock: _publier(scene, clock, row))


def _valideurs(scene: Scene, row: dict[str, Any], version: dict[str, Any]) -> Iterator[Actor]:
    """Give those who validate: everyone for a version that is published, else those whom the file names."""
    cles = [row["etat"], *row["siaos"]] if "publiee" in version else version.get("valideurs", [])
    for cle in cles:
        yield _engage(scene, cle)


def _ecrire(scene: Scene, clock: Clock, acteur: Actor, code: str, changement: _Changement) -> None:
    draft = service.ouvrir_brouillon(scene.session, clock, acteur, code)
    cle = (changement.clause, changement.parametre)
    known = {(c.clause_code, c.parametre_code): c.version for c in draft.champs}
    service.modifier_champ(
        scene.session,
        clock,
        acteur,
        draft.ref,
        clause=changement.clause,
        parametre=changement.parametre,
        valeur=changement.valeur,
        motif=changement.motif,
        version=known.get(cle, 0),
    )


def _publier(scene: Scene, clock: Clock, row: dict[str, Any]) -> VersionDepartementale:
    pilote = _engage(scene, row["etat"])
    draft = service.ouvrir_brouillon(scene.session, clock, pilote, row["code"])
    return service.publier(scene.session, clock, pilote, draft.ref, draft.version)


def _engage(scene: Scene, cle: str) -> Actor:
    return scene.un(cle, Profil.ETAT_PILOTE, Profil.SIAO_DIRECTION)
