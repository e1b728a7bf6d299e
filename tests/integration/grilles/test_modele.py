"""The grid of a département: who reads and writes it, what validates it, and that it then never changes."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.audit.models import EntreeJournal
from portal.grilles import chargement, queries, service
from portal.grilles.chargement import load_grid
from portal.grilles.contenu import Grille
from portal.grilles.enums import Portee, Reponse
from portal.grilles.lecture import grille_nationale
from portal.grilles.models import GrilleModele
from portal.grilles.policies import LECTEURS
from portal.notifications.models import MessageSortant
from portal.organisations.enums import TypeOrganisation
from portal.security.permissions import ETAT, SIAO, Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.shared.errors import Forbidden

Client = Callable[..., FlaskClient]


@dataclass
class Scene:
    """State and SIAO of département 22, and the draft of its grid."""

    session: Session
    clock: FixedClock
    pilote: Actor
    siao: Actor
    draft: GrilleModele
    client: Client
    ref: str

    @property
    def adresse(self) -> str:
        return f"/grille/versions/{self.ref}"

    def question(self, code: str) -> str:
        return f"{self.adresse}/questions/{code}"

    def relire(self) -> None:
        """Forget what was read: the pages write beside this session."""
        self.session.rollback()
        self.session.expire_all()

    def champs(self, code: str, **changes: str) -> dict[str, str]:
        """What the form of a question sends, some of it changed."""
        self.relire()
        row = next(row for row in self.draft.items if row.code == code)
        version = str(row.version)
        sent = {"libelle": row.libelle, "aide": row.aide, "posee": "y", "motif": "Le groupe l’a demandé"}
        for champ in row.champs:
            sent[f"portee_{champ['code']}"] = champ["portee"]
            if champ["choix"]:
                sent[f"choix_{champ['code']}"] = "\n".join(c["libelle"] for c in champ["choix"])
        self.relire()
        return {**sent, "version": version, **changes}

    def agir(self, acte: str, actor: Actor) -> int:
        page = self.client(actor).get(self.adresse).text
        version = re.search(r'name="version"[^>]*value="(\d+)"', page)
        data = {"version": version[1] if version else "1"}
        return self.client(actor).post(f"{self.adresse}/{acte}", data=data).status_code

    def publier(self) -> None:
        assert [self.agir("valider", self.siao), self.agir("valider", self.pilote)] == [303, 303]
        assert self.agir("publier", self.pilote) == 303
        self.relire()


@pytest.fixture
def scene(
    session: Session,
    clock: FixedClock,
    factories: SimpleNamespace,
    actor_for: Callable[..., Actor],
    client_for: Client,
) -> Scene:
    assert load_grid(session, clock)
    siao = factories.Organisation(nom="SIAO Fictif 22", type=TypeOrganisation.SIAO)
    etat = factories.Organisation(nom="DDETS Fictive 22", type=TypeOrganisation.ETAT)
    acteur, pilote = actor_for(Profil.SIAO_DIRECTION, siao), actor_for(Profil.ETAT_PILOTE, etat)
    draft = service.ouvrir_brouillon(session, clock, acteur, "22")
    session.commit()
    return Scene(session, clock, pilote, acteur, draft, client_for, draft.ref)


def test_the_national_grid_is_loaded_once(scene: Scene) -> None:
    assert not load_grid(scene.session, scene.clock)
    assert scene.session.scalars(
        select(GrilleModele.numero).where(GrilleModele.departement_code.is_(None))
    ).all() == [1]


def test_the_national_grid_is_written_by_no_departement(scene: Scene) -> None:
    """Its readers may write and validate a grid: that of their département only."""
    nationale = queries.nationale(scene.session)
    question = {"libelle": "Garant", "aide": "", "choix": "", "motif": "Demandé"}
    for actor in (scene.pilote, scene.siao):
        for acte in ("valider", "publier"):
            address = f"/grille/versions/{nationale.ref}/{acte}"
            assert scene.client(actor).post(address, data={"version": "1"}).status_code == 403
        with pytest.raises(Forbidden):
            service.ajouter_item(
                scene.session, scene.clock, actor, nationale.ref, section="A", reponse=Reponse.NOMBRE,
                portee=Portee.P1, version=nationale.version, **question,
            )  # fmt: skip


def test_a_departement_without_a_grid_reads_the_national_one(
    scene: Scene, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> None:
    siao = factories.Organisation(nom="SIAO 37", type=TypeOrganisation.SIAO, departement_code="37")
    page = scene.client(actor_for(Profil.SIAO_DIRECTION, siao)).get("/grille").text
    assert "Grille nationale de travail" in page
    assert "Adapter la grille au département" in page
    assert 'id="question-F5"' in page
    assert "/questions/" not in page


@pytest.mark.parametrize("profil", list(Profil))
def test_who_reads_and_who_writes_a_draft(
    scene: Scene, profil: Profil, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> None:
    acteur = actor_for(profil, factories.Organisation(nom="Quelqu’un"))
    client = scene.client(acteur)
    lit, ecrit = profil in LECTEURS, profil in ETAT | SIAO
    assert client.get(scene.adresse).status_code == (200 if lit else 403)
    assert client.get(scene.question("A1")).status_code == (200 if ecrit else 403)
    assert client.post("/grille/brouillon", data={"departement": "22"}).status_code == (303 if ecrit else 403)
    engage = profil in (Profil.ETAT_PILOTE, Profil.SIAO_DIRECTION)
    assert scene.agir("valider", acteur) == (303 if engage else 403)


def test_another_departement_does_not_exist(
    scene: Scene, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> None:
    siao = factories.Organisation(nom="SIAO 37", type=TypeOrganisation.SIAO, departement_code="37")
    client = scene.client(actor_for(Profil.SIAO_DIRECTION, siao))
    for adresse in (
        scene.adresse,
        scene.question("A1"),
        f"{scene.adresse}/comparaison",
        f"{scene.adresse}/questions",
    ):
        assert client.get(adresse).status_code == 404
    assert client.get("/grille?departement=22").status_code == 404
    assert client.post(f"{scene.adresse}/publier", data={"version": "1"}).status_code == 404


def test_a_question_changes_with_its_reason_and_what_was_validated_falls(scene: Scene) -> None:
    assert scene.agir("valider", scene.pilote) == 303
    client = scene.client(scene.siao)
    sent = scene.champs("C5", libelle="Suivre ses consommations", portee_reponse="P2")
    refused = client.post(scene.question("C5"), data={**sent, "motif": " "})
    assert refused.status_code == 422
    assert re.search(r'id="motif-erreur".*Dites pourquoi', refused.text, re.DOTALL)
    assert 'value="Suivre ses consommations"' in refused.text

    assert client.post(scene.question("C5"), data=sent).status_code == 303
    page = client.get(scene.adresse).text
    assert "Suivre ses consommations" in page
    assert "Validée" not in page
    scene.relire()
    message = scene.session.scalars(select(MessageSortant)).one()
    assert message.destinataire == scene.pilote.email
    assert "à valider de nouveau" in message.sujet
    history = client.get(scene.question("C5")).text
    assert "Grille 1 : la question, qui peut la lire" in history
    assert "Motif : Le groupe l’a demandé" in history


def test_two_people_change_the_same_question(scene: Scene) -> None:
    mine, theirs = scene.champs("E3", libelle="Ma question"), scene.champs("E3", libelle="La leur")
    assert scene.client(scene.pilote).post(scene.question("E3"), data=theirs).status_code == 303
    stale = scene.client(scene.siao).post(scene.question("E3"), data=mine)
    assert stale.status_code == 409
    assert "La leur" in stale.text
    assert 'value="Ma question"' in stale.text
    version = re.search(r'name="version"[^>]*value="(\d+)"', stale.text)
    assert version is not None
    again = scene.client(scene.siao).post(scene.question("E3"), data={**mine, "version": version[1]})
    assert again.status_code == 303


@pytest.mark.parametrize(
    ("code", "changes", "champ", "message"),
    [
        ("F5", {"portee_reponse": "P1"}, "portee_reponse", "ne peut pas aller plus loin"),
        ("D1", {"libelle": "Suivi médical"}, "libelle", "touche à la santé"),
        ("A6", {"choix_reponse": "Un seul"}, "choix_reponse", "au moins deux choix"),
        ("E1", {"posee": ""}, "posee", "ont toujours leur place"),
        ("D1", {"portee_reponse": "P9"}, "portee_reponse", "Ce choix n’est pas proposé"),
    ],
)
def test_what_a_departement_may_not_do(
    scene: Scene, code: str, changes: dict[str, str], champ: str, message: str
) -> None:
    sent = {key: value for key, value in scene.champs(code, **changes).items() if value}
    answer = scene.client(scene.siao).post(scene.question(code), data=sent)
    assert answer.status_code == 422
    assert re.search(f'id="{champ}-erreur".*{message}', answer.text, re.DOTALL)


def test_a_section_keeps_at_least_one_question(scene: Scene) -> None:
    client = scene.client(scene.siao)
    for code in ("D1", "D2", "D3"):
        sent = scene.champs(code)
        del sent["posee"]
        assert client.post(scene.question(code), data=sent).status_code == 303
    sent = scene.champs("D4")
    del sent["posee"]
    answer = client.post(scene.question("D4"), data=sent)
    assert answer.status_code == 422
    assert "il n’en reste pas en D" in answer.text
    assert "3 laissées de côté" in client.get(scene.adresse).text


AJOUT = {
    "section": "D",
    "libelle": "Déplacements possibles",
    "aide": "",
    "reponse": Reponse.CHOIX_MULTIPLE.value,
    "choix_reponse": "Vélo\nVoiture",
    "portee": Portee.P1.value,
    "motif": "Peu de transports",
}


def test_a_question_of_the_departement_is_added_once(scene: Scene) -> None:
    client = scene.client(scene.siao)
    sent = {**AJOUT, "version": str(scene.draft.version)}
    assert client.post(f"{scene.adresse}/questions", data={**sent, "choix_reponse": ""}).status_code == 422
    assert client.post(f"{scene.adresse}/questions", data=sent).status_code == 303
    again = client.post(f"{scene.adresse}/questions", data=sent)
    assert again.status_code == 409
    assert "vérifiez que cette question n’y est pas" in again.text
    page = client.get(scene.adresse).text
    assert page.count("Déplacements possibles") == 2  # its title, and the button that changes it
    assert 'id="question-DL1"' in page
    assert "Propre au département" in page


def test_published_it_never_changes_and_the_next_one_starts_from_it(scene: Scene) -> None:
    sent = scene.champs("A5", libelle="Pièces prêtes")
    assert scene.client(scene.siao).post(scene.question("A5"), data=sent).status_code == 303
    assert scene.agir("publier", scene.pilote) == 422
    scene.publier()
    client = scene.client(scene.siao)
    sent = scene.champs("A5", libelle="Autre")
    answer = client.post(scene.question("A5"), data=sent)
    assert answer.status_code == 422
    assert "elle ne change plus" in answer.text
    reply = client.post("/grille/brouillon", data={"departement": "22"})
    suivante = reply.headers["Location"]
    assert "Pièces prêtes" in client.get(suivante).text
    assert "Rien ne diffère" in client.get(f"{suivante}/comparaison").text
    nationale = client.get(f"{suivante}/comparaison?avec=nationale").text
    assert "1 question diffère" in nationale
    assert "<ins>" in nationale


def plus_etroite() -> Grille:
    """The national grid where A1 goes no further than the commission, with one more question."""
    grille = grille_nationale()
    premiere, *autres = grille.sections
    a1, *suite = premiere.items
    etroit = replace(a1, champs=tuple(replace(champ, portee=Portee.P2) for champ in a1.champs))
    neuve = replace(suite[0], code="A9", libelle="Question neuve")
    return replace(grille, sections=(replace(premiere, items=(etroit, *suite, neuve)), *autres))


def test_a_national_grid_that_narrows_is_followed(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chargement, "grille_nationale", plus_etroite)
    assert load_grid(scene.session, scene.clock)
    scene.session.commit()
    client = scene.client(scene.siao)
    assert [scene.agir("valider", scene.siao), scene.agir("valider", scene.pilote)] == [303, 303]
    assert scene.agir("publier", scene.pilote) == 422
    changes = {f"portee_{code}": "P2" for code in ("adultes", "enfants", "visite")}
    assert client.post(scene.question("A1"), data=scene.champs("A1", **changes)).status_code == 303
    scene.publier()
    suivante = client.post("/grille/brouillon", data={"departement": "22"}).headers["Location"]
    assert "Question neuve" in client.get(suivante).text


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE grille_item SET libelle = 'autre' WHERE modele_id = :id",
        "DELETE FROM grille_item WHERE modele_id = :id",
        "UPDATE grille_modele SET libelle = 'autre' WHERE id = :id",
        "UPDATE grille_modele SET statut = 'brouillon' WHERE id = :id",
        "DELETE FROM grille_modele WHERE id = :id",
    ],
)
def test_the_database_itself_refuses_to_change_a_published_grid(scene: Scene, statement: str) -> None:
    scene.publier()
    with pytest.raises(DBAPIError, match="published"):
        scene.session.execute(text(statement), {"id": scene.draft.id})


def test_the_journal_says_what_was_done(scene: Scene) -> None:
    scene.client(scene.siao).post(scene.question("B9"), data=scene.champs("B9", aide="Visale comprise"))
    scene.relire()
    scene.publier()
    entries = scene.session.execute(
        select(EntreeJournal.action, EntreeJournal.changements)
        .where(EntreeJournal.action.like("grilles:%"))
        .order_by(EntreeJournal.id)
    ).all()
    assert [action for action, _changes in entries][1:] == [
        "grilles:version:ouvrir",
        "grilles:item:modifier",
        "grilles:version:valider",
        "grilles:version:valider",
        "grilles:version:publier",
    ]
    assert entries[2][1]["aide"][1] == "Visale comprise"


def test_the_page_costs_the_same_whatever_the_grid(scene: Scene, database: Database) -> None:
    client = scene.client(scene.siao)
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    counts = []
    for code in ("", "D"):
        if code:
            client.post(f"{scene.adresse}/questions", data={**AJOUT, "version": str(scene.draft.version)})
        client.get(scene.adresse)
        event.listen(database.engine, "before_cursor_execute", note)
        try:
            seen.clear()
            assert client.get(scene.adresse).status_code == 200
            counts.append(len(seen))
        finally:
            event.remove(database.engine, "before_cursor_execute", note)
    assert counts[0] == counts[1] <= 8


def test_older_grids_are_read_in_their_own_version(scene: Scene) -> None:
    scene.publier()
    lue = queries.version(scene.session, scene.siao, scene.ref)
    assert lue.empreinte
    assert queries.contenu(lue).sections[0].items[1].libelle.startswith("Droit au séjour")
