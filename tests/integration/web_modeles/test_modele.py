"""The pages of the model: who reads, who writes, what they say, and that nothing typed is lost."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from markupsafe import escape
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from portal.conventions.enums import Statut
from portal.conventions.modeles import queries, service
from portal.conventions.modeles.chargement import load_models
from portal.conventions.modeles.contenu import Gabarit, Modele
from portal.conventions.modeles.enums import Source, StatutVersion
from portal.conventions.modeles.lecture import empreinte
from portal.conventions.modeles.models import ModeleVersion, VersionDepartementale
from portal.conventions.modeles.places import places
from portal.conventions.modeles.verts import champs_verts
from portal.conventions.models import Convention
from portal.conventions.parametres import CUMUL, LECTURE_VEILLE
from portal.conventions.redaction.models import ConventionTexte
from portal.notifications.models import MessageSortant
from portal.organisations import parametres
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation
from portal.security.permissions import Permission, Profil
from portal.security.policy import Actor, can
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from tests.integration.web_conventions.conftest import comptees

DELAI = "champs/7.2/delai_orientation_h"


@dataclass
class Scene:
    """State, SIAO and operator of département 22, and their draft."""

    session: Session
    clock: FixedClock
    pilote: Actor
    siao: Actor
    operateur: Actor
    version: VersionDepartementale

    @property
    def adresse(self) -> str:
        return f"/modele/versions/{self.version.ref}"

    def completer(self) -> None:
        modele = queries.modele(self.session, self.version.general_id)
        for champ in list(champs_verts(modele, queries.ecrits(self.version))):
            if champ.a_completer:
                service.modifier_champ(
                    self.session,
                    self.clock,
                    self.siao,
                    self.version.ref,
                    clause=champ.clause.code,
                    parametre=champ.code,
                    valeur="ocde" if champ.code == "echelle_uc" else "Au siège du SIAO",
                    motif="Première rédaction",
                    version=0,
                )
        self.session.commit()


@pytest.fixture
def scene(
    session: Session, clock: FixedClock, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> Scene:
    load_models(session, clock)
    siao = factories.Organisation(nom="SIAO Fictif 22", type=TypeOrganisation.SIAO)
    etat = factories.Organisation(nom="DDETS Fictive 22", type=TypeOrganisation.ETAT)
    acteur = actor_for(Profil.SIAO_DIRECTION, siao)
    draft = service.ouvrir_brouillon(session, clock, acteur, "22")
    session.commit()
    return Scene(
        session,
        clock,
        actor_for(Profil.ETAT_PILOTE, etat),
        acteur,
        actor_for(Profil.OPERATEUR_DIRECTION, factories.Organisation()),
        draft,
    )


Client = Callable[..., FlaskClient]


def test_the_page_says_what_is_left_to_do(scene: Scene, client_for: Client) -> None:
    page = client_for(scene.siao).get("/modele").text
    assert "Version départementale 1" in page
    assert "4 parties vertes restent à compléter" in page
    assert "Vert : département" in page
    assert "Modèle de travail" in page
    assert "Article 7" in page
    assert "[à compléter : Échelle d’unités de consommation]" in page

    left = client_for(scene.siao).get("/modele?vue=a_completer").text
    assert 'id="clause-7.3-RS"' in left
    assert 'id="clause-8.2"' not in left


def test_a_departement_without_a_version_reads_the_national_model(
    scene: Scene, client_for: Client, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> None:
    siao = factories.Organisation(nom="SIAO 37", type=TypeOrganisation.SIAO, departement_code="37")
    page = client_for(actor_for(Profil.SIAO_DIRECTION, siao)).get("/modele").text
    assert "Aucune version départementale" in page
    assert "Préparer la première version" in page
    assert "Revue des files actives" in page


def test_every_nature_says_its_place_in_the_model_or_why_it_has_none(
    scene: Scene, client_for: Client
) -> None:
    page = client_for(scene.operateur).get("/modele/natures").text
    assert page.count('<th scope="row"') == len(places())
    assert "7.3-CHRS – " in page
    sans = [place for place in places().values() if not place.sous_clause]
    assert sans
    for place in sans:
        assert escape(place.note) in page


def test_the_place_of_5_3_follows_how_the_departement_reads_it(scene: Scene, client_for: Client) -> None:
    client = client_for(scene.operateur)
    assert "avec l’autre famille" not in client.get("/modele/natures").text
    parametres.set_value(scene.session, scene.pilote, scene.clock, LECTURE_VEILLE.key, "22", CUMUL)
    scene.session.commit()
    page = client.get("/modele/natures").text
    assert page.count("avec l’autre famille") > 5


def test_a_green_field_is_changed_with_its_reason(scene: Scene, client_for: Client) -> None:
    client = client_for(scene.siao)
    form = client.get(f"{scene.adresse}/{DELAI}").text
    assert "De 1 heure à 192 heures." in form
    assert "accord-cadre national" in form

    refused = client.post(
        f"{scene.adresse}/{DELAI}", data={"valeur": "240", "motif": "Plus souple", "version": "0"}
    )
    assert refused.status_code == 422
    assert "va de 1 heure à 192 heures" in refused.text
    assert "accord-cadre national" in refused.text
    assert 'value="240"' in refused.text
    assert 'value="Plus souple"' in refused.text

    done = client.post(
        f"{scene.adresse}/{DELAI}", data={"valeur": "168", "motif": "Bilan de l’année", "version": "0"}
    )
    assert done.status_code == 303
    page = client.get(scene.adresse).text
    assert "168 heures" in page
    assert "Écrit par le département" in page
    history = client.get(f"{scene.adresse}/{DELAI}").text
    assert "« 192 heures » devient « 168 heures »" in history
    assert "Motif : Bilan de l’année" in history


def test_a_fragment_edits_in_place(scene: Scene, client_for: Client) -> None:
    client = client_for(scene.siao)
    part = client.get(f"{scene.adresse}/{DELAI}", headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert 'data-hx-target="#champ-vert"' in part.text
    done = client.post(
        f"{scene.adresse}/{DELAI}",
        data={"valeur": "168", "motif": "Bilan", "version": "0"},
        headers={"HX-Request": "true"},
    )
    assert done.headers["HX-Redirect"].startswith(f"{scene.adresse}?")


def test_the_second_of_two_editors_sees_both_versions(scene: Scene, client_for: Client) -> None:
    first, second = client_for(scene.siao), client_for(scene.pilote)
    first.post(f"{scene.adresse}/{DELAI}", data={"valeur": "168", "motif": "Un", "version": "0"})
    stale = second.post(f"{scene.adresse}/{DELAI}", data={"valeur": "120", "motif": "Deux", "version": "0"})
    assert stale.status_code == 409
    assert "Les deux versions" in stale.text
    assert 'value="120"' in stale.text
    version = re.search(r'name="version"[^>]*value="(\d+)"', stale.text)
    assert version is not None
    saved = second.post(
        f"{scene.adresse}/{DELAI}", data={"valeur": "120", "motif": "Deux", "version": version[1]}
    )
    assert saved.status_code == 303


def test_an_operator_reads_and_cannot_write(scene: Scene, client_for: Client) -> None:
    """Case 3 of § 15."""
    client = client_for(scene.operateur)
    assert client.get(scene.adresse).status_code == 404  # a draft is the business of State and SIAO
    assert client.get(f"{scene.adresse}/{DELAI}").status_code == 403
    data = {"valeur": "168", "motif": "Motif", "version": "0"}
    assert client.post(f"{scene.adresse}/{DELAI}", data=data).status_code == 403
    for act in ("valider", "publier", "rebaser"):
        assert client.post(f"{scene.adresse}/{act}", data={"version": "1"}).status_code == 403
    assert client.post("/modele/brouillon").status_code == 403
    page = client.get("/modele").text
    assert "Aucune version départementale" in page
    assert "Préparer" not in page
    assert queries.ecrits(scene.version) == {}


def test_whoever_binds_the_parties_of_another_departement_binds_nothing_here(
    scene: Scene, client_for: Client, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> None:
    """They do not even see the draft: that they may not bind it is said of the right itself."""
    for profil, type_ in (
        (Profil.ETAT_PILOTE, TypeOrganisation.ETAT),
        (Profil.SIAO_DIRECTION, TypeOrganisation.SIAO),
    ):
        ailleurs = actor_for(profil, factories.Organisation(type=type_, departement_code="35"))
        scene.session.commit()
        for act in ("valider", "publier"):
            answer = client_for(ailleurs).post(f"{scene.adresse}/{act}", data={"version": "1"})
            assert answer.status_code == 404, (profil, act)
        assert not can(ailleurs, Permission.MODELES_ENGAGER, scene.version)
    assert can(scene.pilote, Permission.MODELES_ENGAGER, scene.version)


def _valider(client: FlaskClient, scene: Scene, act: str = "valider") -> int:
    page = client.get(scene.adresse).text
    version = re.search(r'name="version"[^>]*value="(\d+)"', page)
    return client.post(f"{scene.adresse}/{act}", data={"version": version[1] if version else "0"}).status_code


def test_from_the_draft_to_the_published_version(scene: Scene, client_for: Client) -> None:
    scene.completer()
    siao, etat = client_for(scene.siao), client_for(scene.pilote)
    assert "Attendue" in siao.get(scene.adresse).text
    assert _valider(siao, scene) == 303
    page = siao.get(scene.adresse).text
    assert "Valider pour ma partie" not in page
    assert "Publier la version" not in page
    assert _valider(etat, scene) == 303
    assert "Publier la version" in etat.get(scene.adresse).text
    assert _valider(etat, scene, "publier") == 303
    scene.session.expire_all()

    read = client_for(scene.operateur).get("/modele").text
    assert "Publiée" in read
    assert "/champs/" not in read
    assert "Préparer la version suivante" in etat.get("/modele").text
    late = etat.post(f"{scene.adresse}/{DELAI}", data={"valeur": "168", "motif": "Motif", "version": "0"})
    assert late.status_code == 422
    assert "Cette version est publiée" in late.text


def test_a_validation_of_what_has_changed_is_refused(scene: Scene, client_for: Client) -> None:
    scene.completer()
    answer = client_for(scene.siao).post(f"{scene.adresse}/valider", data={"version": "1"})
    assert answer.status_code == 409
    assert "a changé depuis que vous l’avez lue" in answer.text
    assert not scene.version.validations


def test_a_change_warns_that_it_voids_the_validations(scene: Scene, client_for: Client) -> None:
    scene.completer()
    client = client_for(scene.siao)
    _valider(client, scene)
    assert "Tout changement annule les validations" in client.get(f"{scene.adresse}/{DELAI}").text
    client.post(f"{scene.adresse}/{DELAI}", data={"valeur": "168", "motif": "Bilan", "version": "0"})
    assert "Valider pour ma partie" in client.get(scene.adresse).text


def test_the_comparison_tells_word_by_word(scene: Scene, client_for: Client) -> None:
    client = client_for(scene.siao)
    client.post(f"{scene.adresse}/{DELAI}", data={"valeur": "168", "motif": "Bilan", "version": "0"})
    page = client.get(f"{scene.adresse}/comparaison?avec=national").text
    assert "1 clause diffère." in page
    assert re.search(r"<del>.*192.*</del>\s*<ins>.*168.*</ins>", page)
    same = client.get(f"{scene.adresse}/comparaison?avec=modele-courant").text
    assert "Rien ne diffère" in same
    assert client.get(f"{scene.adresse}/comparaison?avec=inconnue").status_code == 404


@pytest.mark.parametrize("gabarit", Gabarit)
def test_a_new_national_model_is_told_on_the_draft_and_on_the_published_version(
    scene: Scene, client_for: Client, gabarit: Gabarit
) -> None:
    scene.completer()
    siao, etat = client_for(scene.siao), client_for(scene.pilote)
    avant = scene.session.get_one(ModeleVersion, queries.courants(scene.session, "22")[gabarit].id)
    contenu = json.loads(json.dumps(avant.contenu).replace("clarifier", "clarifier encore"))
    suivant = ModeleVersion(
        gabarit=gabarit,
        numero=avant.numero + 1,
        libelle="Suivant",
        source=Source.TRAVAIL,
        statut=StatutVersion.PUBLIEE,
        contenu=contenu,
        empreinte=empreinte(Modele.from_json(contenu)),
        publiee_le=scene.clock.now(),
        created_at=scene.clock.now(),
        updated_at=scene.clock.now(),
    )
    scene.session.add(suivant)
    scene.session.commit()
    page = siao.get("/modele").text
    assert "Ce brouillon suit encore le précédent" in page
    lien = re.search(r'href="([^"]*comparaison\?avec=modele-courant[^"]*)"', page)
    assert lien
    assert "encore" in siao.get(lien[1]).text
    for client in (siao, etat):
        assert _valider(client, scene) == 303
    assert _valider(etat, scene, "publier") == 303
    page = siao.get("/modele").text
    assert "La version publiée suit le précédent" in page
    assert "Suivre le nouveau modèle" not in page
    siao.post("/modele/brouillon", data={"departement": "22"})
    assert "Un nouveau modèle national a paru" not in siao.get("/modele").text
    assert "Un nouveau modèle national a paru" not in siao.get(scene.adresse).text


def test_following_a_new_model_tells_those_whose_validation_is_void(scene: Scene, client_for: Client) -> None:
    scene.completer()
    siao, etat = client_for(scene.siao), client_for(scene.pilote)
    assert _valider(etat, scene) == 303
    avant = scene.session.get_one(ModeleVersion, queries.courants(scene.session, "22")[Gabarit.GENERAL].id)
    champs = {colonne: getattr(avant, colonne) for colonne in ("gabarit", "source", "statut", "publiee_le")}
    autre = json.loads(json.dumps(avant.contenu).replace("clarifier", "clarifier encore"))
    suivant = ModeleVersion(
        **champs,
        numero=avant.numero + 1,
        libelle="Suivant",
        contenu=autre,
        empreinte=empreinte(Modele.from_json(autre)),
        created_at=scene.clock.now(),
        updated_at=scene.clock.now(),
    )
    scene.session.add(suivant)
    scene.session.commit()
    assert _valider(siao, scene, "rebaser") == 303
    scene.session.rollback()
    [message] = scene.session.scalars(select(MessageSortant))
    assert message.personne_id == scene.pilote.personne_id
    assert "sur le nouveau modèle national" in message.corps


def test_adopting_says_what_it_means(scene: Scene, client_for: Client) -> None:
    refs = {g.value: row.ref for g, row in queries.courants(scene.session, "22").items()}
    scene.session.commit()
    client, operateur = client_for(scene.pilote), client_for(scene.operateur)
    page = client.get("/modele/adoption").text
    assert "votre partie accepte que les conventions du département soient négociées" in page
    assert client.post("/modele/adoption", data={"departement": "22"}).status_code == 422
    assert client.post("/modele/adoption", data=refs | {"departement": "22"}).status_code == 303
    after = client.get("/modele/adoption").text
    assert "Adopter ce modèle pour ma partie" not in after
    assert "Attendue" in after  # the SIAO's
    assert client.post("/modele/adoption", data=refs | {"departement": "37"}).status_code == 404
    assert operateur.post("/modele/adoption", data=refs).status_code == 403


def test_the_conventions_on_an_older_version_are_told(
    scene: Scene, client_for: Client, factories: SimpleNamespace, database: Database
) -> None:
    """Case 4 of § 15: a second version published, three CTPs on the first."""
    siao, etat = client_for(scene.siao), client_for(scene.pilote)
    premiere = scene.version
    for numero in (1, 2):
        scene.completer()
        for client in (siao, etat):
            assert _valider(client, scene) == 303
        assert _valider(etat, scene, "publier") == 303
        if numero == 1:
            siao.post("/modele/brouillon", data={"departement": "22"})
            scene.session.expire_all()
            (row, _first) = queries.versions(scene.session, scene.siao, "22")
            scene.version = queries.version(scene.session, scene.siao, row.ref)
            scene.session.commit()
    organisations = {
        nom: scene.session.get_one(Organisation, acteur.organisation_id)
        for nom, acteur in (("siao", scene.siao), ("etat", scene.pilote))
    }
    for statut, fin in (
        (Statut.EN_NEGOCIATION, None),
        (Statut.EN_SIGNATURE, None),
        (Statut.SIGNEE, date(2027, 12, 31)),
        (Statut.SIGNEE, date(2026, 1, 31)),  # ended: it uses nothing any more
        (Statut.SANS_OBJET, None),
    ):
        debut = date(2024, 1, 1) if fin else None
        ligne = factories.Convention(
            statut=statut, date_signature=debut, date_effet=debut, date_fin=fin, **organisations
        )
        scene.session.add(
            ConventionTexte(
                convention_id=ligne.id,
                version_departementale_id=premiere.id,
                gabarit=Gabarit.GENERAL,
                faits=[],
                natures_differees=[],
                ouvert_par="Quelqu’un",
                created_at=scene.clock.now(),
                updated_at=scene.clock.now(),
            )
        )
    scene.session.commit()

    with comptees(database) as dites:
        page = siao.get("/modele").text

    assert len([dite for dite in dites if not dite.startswith("BEGIN")]) <= 8, dites
    assert "3 conventions sur une version plus ancienne" in page
    assert "Ouvrir des avenants groupés" in page
    assert "plus ancienne" not in client_for(scene.operateur).get("/modele").text
    scene.session.execute(
        update(Convention)
        .where(Convention.statut == Statut.SIGNEE)
        .values(date_fin=date(2026, 1, 31), fin_effective=date(2026, 1, 31))
    )
    scene.session.commit()
    page = siao.get("/modele").text
    assert "2 conventions sur une version plus ancienne" in page
    assert "Ouvrir des avenants groupés" not in page  # nothing is signed: there is nothing to amend


def test_a_draft_waits_among_the_things_to_do(scene: Scene, client_for: Client) -> None:
    assert "Version départementale 1 à valider" in client_for(scene.pilote).get("/a-faire").text
    assert "à valider" not in client_for(scene.operateur).get("/a-faire").text
    scene.completer()
    client = client_for(scene.siao)
    _valider(client, scene)
    assert "à valider" not in client.get("/a-faire").text


def test_both_models_are_read(scene: Scene, client_for: Client) -> None:
    page = client_for(scene.siao).get("/modele?vue=tout&modele=simplifie").text
    assert "gestionnaire de résidences sociales" in page
    assert 'id="clause-5.3"' not in page
    assert set(queries.courants(scene.session, "22")) == set(Gabarit)


def test_the_page_runs_as_many_statements_whatever_is_written(
    scene: Scene, client_for: Client, database: Database
) -> None:
    client = client_for(scene.siao)

    def statements() -> int:
        seen: list[str] = []

        def note(_c: object, _k: object, statement: str, *_rest: object) -> None:
            if statement.lstrip().upper().startswith("SELECT"):
                seen.append(statement)

        client.get("/modele?vue=tout")
        event.listen(database.engine, "before_cursor_execute", note)
        client.get("/modele?vue=tout")
        event.remove(database.engine, "before_cursor_execute", note)
        return len(seen)

    before = statements()
    scene.completer()
    assert statements() == before <= 8
