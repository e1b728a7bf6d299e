"""The grid of access to housing in the demonstration: one département published its own, one prepares it."""

import tomllib
from pathlib import Path
from typing import Any

from portal.grilles import queries, service
from portal.grilles.enums import Portee, Reponse
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import Clock
from seeds.demo.calendrier import Calendrier, horloge
from seeds.demo.scene import Scene

FICHIER = Path(__file__).with_name("grilles.toml")


def prevoir_grilles(scene: Scene, calendrier: Calendrier) -> None:
    """Note what each département did with the grid."""
    for row in tomllib.loads(FICHIER.read_text(encoding="utf-8"))["departement"]:
        siao = scene.un(row["siao"], Profil.SIAO_DIRECTION)
        etat = scene.un(row["etat"], Profil.ETAT_PILOTE)
        for version in row["versions"]:
            _prevoir(scene, calendrier, row["code"], version, siao, etat)


def _prevoir(
    scene: Scene, calendrier: Calendrier, code: str, version: dict[str, Any], siao: Actor, etat: Actor
) -> None:
    def ecrire(clock: Clock) -> None:
        draft = service.ouvrir_brouillon(scene.session, clock, siao, code)
        for changement in version.get("modifier", ()):
            _modifier(scene, clock, siao, draft.ref, changement)
        for ajout in version.get("ajouter", ()):
            service.ajouter_item(
                scene.session,
                clock,
                siao,
                draft.ref,
                version=draft.version,
                **{
                    **ajout,
                    "reponse": Reponse(ajout["reponse"]),
                    "portee": Portee(ajout["portee"]),
                },
            )

    def valider(clock: Clock, acteur: Actor) -> None:
        draft = service.ouvrir_brouillon(scene.session, clock, acteur, code)
        service.valider(scene.session, clock, acteur, draft.ref, draft.version)

    def publier(clock: Clock) -> None:
        draft = service.ouvrir_brouillon(scene.session, clock, etat, code)
        service.publier(scene.session, clock, etat, draft.ref, draft.version)

    ouverture = calendrier.jour(version["ouverte"])
    scene.prevoir(horloge(ouverture, 90), ecrire)
    if "publiee" in version:
        accord = calendrier.jour(version["publiee"])
        scene.prevoir(horloge(accord, 10), lambda clock: valider(clock, siao))
        scene.prevoir(horloge(accord, 30), lambda clock: valider(clock, etat))
        scene.prevoir(horloge(accord, 60), publier)


def _modifier(scene: Scene, clock: Clock, acteur: Actor, ref: str, changement: dict[str, Any]) -> None:
    draft = queries.version(scene.session, acteur, ref)
    row = next(row for row in draft.items if row.code == changement["code"])
    saisie = service.Saisie(
        libelle=changement.get("libelle", row.libelle),
        aide=changement.get("aide", row.aide),
        posee=changement.get("posee", row.posee),
        portees={champ: Portee(valeur) for champ, valeur in changement.get("portees", {}).items()},
        choix=changement.get("choix", {}),
        motif=changement["motif"],
    )
    service.modifier_item(scene.session, clock, acteur, ref, row.code, saisie, row.version)
