"""Importing a Word model: the file, the rereading, the corrections, and a version agreed to by all."""

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.audit.models import EntreeJournal
from portal.conventions.modeles import queries
from portal.conventions.modeles.chargement import load_models
from portal.conventions.modeles.contenu import Condition, Gabarit, Modele
from portal.conventions.modeles.enums import Source
from portal.conventions.modeles.lecture import modeles_de_reference
from portal.conventions.modeles.models import ModeleImport, ModeleVersion
from portal.documents.models import Fichier
from portal.documents.texte import Bloc, Couleur, Document, Genre, Passage
from portal.notifications.models import MessageSortant
from portal.organisations.enums import TypeOrganisation
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from tests import textes
from tests.modeles_word import docx, ecrire

Client = Callable[..., FlaskClient]
PAGE = "/modele/import"


@dataclass
class Scene:
    """State and SIAO of département 22, their clients, and what they send."""

    session: Session
    pilote: Actor
    siao: Actor
    client: Client

    def deposer(self, contenu: bytes, cle: str = "cle", nom: str = "modele.docx") -> TestResponse:
        champs = {"libelle": "Modèle de 2026", "gabarit": "general", "cle_idempotence": cle}
        return self.client(self.siao).post(PAGE, data={**champs, "fichier": (io.BytesIO(contenu), nom)})

    def importer(self, modele: Modele | None = None) -> str:
        reponse = self.deposer(docx(modele or textes.modele()))
        assert reponse.status_code == 303, reponse.text
        return reponse.headers["Location"]

    @property
    def row(self) -> ModeleImport | None:
        self.session.expire_all()
        return self.session.scalar(select(ModeleImport))

    @property
    def codes(self) -> list[str]:
        row = self.row
        assert row is not None
        return [clause.code for clause in Modele.from_json(row.contenu).clauses()]

    def marque(self, page: str) -> str:
        trouvee = re.search(r'name="version"[^>]*value="(\d+)"', page)
        assert trouvee is not None
        return trouvee[1]

    def corriger(self, adresse: str, acte: str, actor: Actor | None = None, **champs: Any) -> TestResponse:
        client = self.client(actor or self.siao)
        version = champs.pop("version", None) or self.marque(client.get(adresse).text)
        return client.post(adresse, data={"acte": acte, "version": version, **champs})

    def agir(self, adresse: str, acte: str, actor: Actor | None = None, **champs: Any) -> TestResponse:
        row = self.row
        assert row is not None
        donnees = {"version": str(row.version), **champs}
        return self.client(actor or self.siao).post(f"{adresse}/{acte}", data=donnees)


@pytest.fixture
def scene(
    session: Session,
    clock: FixedClock,
    factories: SimpleNamespace,
    actor_for: Callable[..., Actor],
    client_for: Client,
) -> Scene:
    load_models(session, clock)
    siao = factories.Organisation(nom="SIAO Fictif 22", type=TypeOrganisation.SIAO)
    etat = factories.Organisation(nom="DDETS Fictive 22", type=TypeOrganisation.ETAT)
    faite = Scene(
        session, actor_for(Profil.ETAT_PILOTE, etat), actor_for(Profil.SIAO_DIRECTION, siao), client_for
    )
    session.commit()
    return faite


def par(*morceaux: tuple[str, Couleur]) -> Bloc:
    return Bloc(Genre.PARAGRAPHE, tuple(Passage(*morceau) for morceau in morceaux))


# -- The file -------------------------------------------------------------------------------------------


def test_the_document_is_read_and_nothing_is_published(scene: Scene) -> None:
    adresse = scene.importer()
    page = scene.client(scene.pilote).get(adresse).text
    assert "Texte fidèle" in page
    assert "aucun perdu ni ajouté" in page
    assert "Accueil et évaluation" in page
    assert scene.session.scalar(select(ModeleVersion).where(ModeleVersion.source == Source.OFFICIEL)) is None
    actions = scene.session.scalars(select(EntreeJournal.action)).all()
    assert "modeles:import:deposer" in actions


def _archive(**parties: bytes) -> bytes:
    sortie = io.BytesIO()
    with zipfile.ZipFile(sortie, "w", zipfile.ZIP_DEFLATED) as archive:
        for nom, valeur in parties.items():
            archive.writestr(nom.replace("__", "/"), valeur)
    return sortie.getvalue()


def _avec(nom: str, valeur: bytes) -> bytes:
    sortie = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(docx(textes.modele()))) as source,
        zipfile.ZipFile(sortie, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for entree in source.namelist():
            archive.writestr(entree, source.read(entree))
        archive.writestr(nom, valeur)
    return sortie.getvalue()


@pytest.mark.parametrize(
    ("fichier", "message"),
    [
        (lambda: b"%PDF-1.7\n%%EOF", "Ce fichier est un PDF renommé"),
        (
            lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "protégé par un mot de passe",
        ),
        (lambda: _avec("word/vbaProject.bin", b"x"), "contient des macros"),
        (lambda: _avec("word/media/image1.bin", b"\0" * 100_000_000), "grossit anormalement"),
        (lambda: _archive(a=b"b"), "document"),
        (lambda: b"", "vide"),
        (lambda: ecrire(Document("", (), colore=True)), "ne contient aucun texte"),
    ],
    ids=["pdf", "mot-de-passe", "macros", "bombe", "autre-archive", "vide", "sans-texte"],
)
def test_a_bad_file_is_refused_next_to_its_field(
    scene: Scene, fichier: Callable[[], bytes], message: str
) -> None:
    reponse = scene.deposer(fichier())
    assert reponse.status_code == 422
    assert re.search(f'id="fichier-erreur".*{message}', reponse.text, re.DOTALL)
    assert 'value="Modèle de 2026"' in reponse.text
    assert scene.row is None
    assert scene.session.scalar(select(Fichier)) is None


def test_a_document_without_highlights_is_imported_as_fixed_and_it_is_said(scene: Scene) -> None:
    blocs = (
        Bloc(Genre.TITRE, (Passage("Article 1 – Objet"),), 1),
        par(("La convention organise le partenariat.", Couleur.FIXE)),
    )
    reponse = scene.deposer(ecrire(Document("CTP", blocs)))
    page = scene.client(scene.siao).get(reponse.headers["Location"]).text
    assert "Aucun passage n’est surligné" in page
    assert "Texte fidèle" in page
    assert "Proposer ce modèle" in page


def test_five_thousand_highlights_stay_readable(scene: Scene, database: Database) -> None:
    morceaux = [[(f"mot {rang} ", Couleur.FIXE), (f"valeur {rang}", Couleur.JAUNE)] for rang in range(5000)]
    blocs = [Bloc(Genre.TITRE, (Passage("Article 1 – Objet"),), 1)]
    blocs += [par(*(p for suite in morceaux[i : i + 100] for p in suite)) for i in range(0, 5000, 100)]
    adresse = scene.deposer(ecrire(Document("CTP", tuple(blocs), colore=True))).headers["Location"]
    client = scene.client(scene.siao)
    assert "5000 parties jaunes" in client.get(adresse).text
    page = client.get(f"{adresse}/clauses/1?champs=100")
    assert page.status_code == 200
    assert page.text.count('class="bouton" href="' + adresse + "/clauses/1/champs/") <= 30
    assert "5000 champs" in page.text


def test_sent_twice_the_file_makes_one_import(scene: Scene) -> None:
    contenu = docx(textes.modele())
    premiere, seconde = scene.deposer(contenu), scene.deposer(contenu)
    assert premiere.headers["Location"] == seconde.headers["Location"]
    autre = scene.deposer(contenu, cle="autre")
    assert autre.status_code == 422
    assert "déjà en cours" in autre.text
    assert len(scene.session.scalars(select(ModeleImport)).all()) == 1


# -- Corrections -------------------------------------------------------------------------------------------


def test_the_document_stands_beside_what_was_understood(scene: Scene) -> None:
    adresse = scene.importer()
    page = scene.client(scene.siao).get(f"{adresse}/clauses/4.1").text
    gauche, droite = page.split("Ce qui a été compris", 1)
    assert "4.1 – Délais communs" in gauche
    assert "vert :" in gauche  # the colour is said, not only shown
    assert "192 heures" in droite
    assert "Nombre entier" in droite


def test_corrections_are_made_undone_and_proved(scene: Scene) -> None:
    adresse = scene.importer()
    avant = scene.codes
    assert scene.corriger(f"{adresse}/clauses/2.2", "fusionner").status_code == 303
    assert "2.2" not in scene.codes
    reponse = scene.corriger(
        f"{adresse}/clauses/3.1",
        "reglages",
        titre="Revue partagée",
        code="6.3",
        couleur="jaune",
        consigne="Ce n’est pas un contrôle.",
        natures=["CHU", "RS"],
    )
    assert reponse.status_code == 303
    page = scene.client(scene.siao).get(adresse).text
    assert "Texte fidèle" in page
    assert "Revue partagée" in page
    assert "1 mot ou titre changé exprès" in page
    assert "2 corrections." in page

    for _fois in range(2):
        assert scene.agir(adresse, "annuler").status_code == 303
    assert scene.codes == avant
    assert scene.agir(adresse, "annuler").status_code == 422


def test_a_clause_may_be_kept_for_both_families_together(scene: Scene) -> None:
    adresse = scene.importer()
    lue = f"{adresse}/clauses/3.1"
    saisie = {"titre": "Revue", "code": "3.1", "couleur": "jaune", "consigne": ""}
    familles = ["veille_sociale", "hebergement"]
    assert scene.corriger(lue, "reglages", familles=familles, cumul="y", **saisie).status_code == 303
    page = scene.client(scene.siao).get(lue).text
    assert re.search(r'name="cumul"[^>]*checked|checked[^>]*name="cumul"', page)
    assert "toutes ces familles à la fois si le département le demande" in page
    row = scene.row
    assert row is not None
    clause = next(c for c in Modele.from_json(row.contenu).clauses() if c.code == "3.1")
    assert clause.condition == Condition(familles=("veille_sociale", "hebergement"), cumul=True)


def test_going_back_to_what_was_read_can_be_undone_too(scene: Scene) -> None:
    adresse = scene.importer()
    lus = scene.codes
    scene.corriger(f"{adresse}/clauses/2.2", "fusionner")
    corriges = scene.codes
    assert scene.agir(adresse, "relire", cle_idempotence="r").status_code == 303
    assert scene.codes == lus
    scene.agir(adresse, "annuler")
    assert scene.codes == corriges


def test_a_field_is_defined_then_made_text_again(scene: Scene) -> None:
    adresse = scene.importer()
    page = scene.client(scene.siao).get(f"{adresse}/clauses/4.1").text
    champ = re.search(rf'href="({adresse}/clauses/4.1/champs/[^"]+)"', page)
    assert champ is not None
    saisie = {
        "libelle": "Délai d’orientation",
        "code": "delai_orientation_h",
        "couleur": "verte",
        "type": "nombre",
        "defaut": "168",
        "unite": "heures",
        "minimum": "1",
        "maximum": "192",
        "origine": "accord-cadre national",
        "obligatoire": "y",
    }
    refusee = scene.corriger(champ[1], "definir", **saisie | {"defaut": "240"})
    assert refusee.status_code == 422
    assert "valeur par défaut refusée" in refusee.text
    assert ">240</textarea>" in refusee.text.replace("\r\n", "").replace("\n", "")
    assert scene.corriger(champ[1], "definir", **saisie).status_code == 303
    page = scene.client(scene.siao).get(f"{adresse}/clauses/4.1").text
    assert "de 1 heure à 192 heures" in page
    assert 'Dans le document : <span lang="fr">« 192 heures »' in page.replace("\n", "")
    assert "Texte fidèle" in scene.client(scene.siao).get(adresse).text

    nouveau = f"{adresse}/clauses/4.1/champs/delai_orientation_h"
    assert scene.corriger(nouveau, "demarquer").status_code == 303
    row = scene.row
    assert row is not None
    clause = next(c for c in Modele.from_json(row.contenu).clauses() if c.code == "4.1")
    assert clause.parametres == ()
    assert "192 heures" in clause.texte


def test_the_second_of_two_editors_of_a_clause_sees_both_versions(scene: Scene) -> None:
    adresse = scene.importer()
    lue = f"{adresse}/clauses/2.2"
    version = scene.marque(scene.client(scene.pilote).get(lue).text)
    saisie = {"code": "2.2", "couleur": "jaune", "consigne": ""}
    assert scene.corriger(lue, "reglages", titre="Un titre", **saisie).status_code == 303
    # Another clause does not make the page stale.
    autre = scene.corriger(f"{adresse}/clauses/2.1", "reglages", titre="Autre", code="2.1", couleur="jaune")
    assert autre.status_code == 303
    perimee = scene.corriger(lue, "reglages", scene.pilote, titre="Mon titre", version=version, **saisie)
    assert perimee.status_code == 409
    assert "Les deux versions" in perimee.text
    assert "Un titre" in perimee.text
    assert 'value="Mon titre"' in perimee.text
    reprise = scene.corriger(
        lue, "reglages", scene.pilote, titre="Mon titre", version=scene.marque(perimee.text), **saisie
    )
    assert reprise.status_code == 303


def test_a_correction_sent_twice_is_made_once(scene: Scene) -> None:
    adresse = scene.importer()
    lue = f"{adresse}/clauses/2.2"
    version = scene.marque(scene.client(scene.siao).get(lue).text)
    for _fois in range(2):
        reponse = scene.corriger(
            lue, "reglages", titre="Titre", code="2.2", couleur="jaune", version=version, cle_idempotence="k"
        )
        assert reponse.status_code == 303
    row = scene.row
    assert row is not None
    assert len(row.etapes) == 1


def test_what_is_known_of_the_clauses_is_taken_from_the_model_in_use(scene: Scene) -> None:
    """Our own text imported again gives the very clauses that it was written from."""
    reference = modeles_de_reference()[0].modele
    adresse = scene.importer(reference)
    assert scene.agir(adresse, "reprendre", cle_idempotence="r").status_code == 303
    row = scene.row
    assert row is not None
    assert list(Modele.from_json(row.contenu).clauses()) == list(reference.clauses())
    assert "Rien ne diffère" in scene.client(scene.siao).get(f"{adresse}/differences").text


# -- Agreement ------------------------------------------------------------------------------------------


def test_one_side_alone_unblocks_nothing_and_both_make_the_version(scene: Scene, clock: FixedClock) -> None:
    adresse = scene.importer()
    avant = queries.courants(scene.session, "22")[Gabarit.GENERAL].id
    scene.session.commit()
    assert scene.agir(adresse, "accord").status_code == 303
    assert queries.courants(scene.session, "22")[Gabarit.GENERAL].id == avant
    scene.session.commit()
    assert "Modèle proposé" in scene.client(scene.pilote).get("/a-faire").text
    assert "Modèle proposé" not in scene.client(scene.siao).get("/a-faire").text
    messages = scene.session.scalars(select(MessageSortant)).all()
    assert [m.destinataire for m in messages if "à adopter" in m.sujet] == [scene.pilote.email]
    scene.session.commit()
    assert scene.agir(adresse, "accord").status_code == 422  # once for one's party
    assert scene.corriger(f"{adresse}/clauses/2.1", "fusionner", version="1").status_code == 422

    assert scene.agir(adresse, "accord", scene.pilote).status_code == 303
    assert scene.row is None
    courant = queries.courants(scene.session, "22")[Gabarit.GENERAL]
    assert (courant.source, courant.libelle, courant.departement_code) == (
        Source.OFFICIEL,
        "Modèle de 2026",
        "22",
    )
    assert queries.adopte(scene.session, "22", [courant.id])
    assert not queries.adopte(scene.session, "37", [courant.id])
    scene.session.commit()
    # The second click, and an old link, lead to the model.
    fin = scene.client(scene.pilote).post(f"{adresse}/accord", data={"version": "3"})
    assert fin.status_code == 303
    assert fin.headers["Location"].startswith("/modele?")
    assert scene.client(scene.siao).get(adresse).headers["Location"].startswith("/modele?")


def test_a_text_that_is_not_the_documents_is_never_proposed(scene: Scene) -> None:
    adresse = scene.importer()
    row = scene.row
    assert row is not None
    modele = Modele.from_json(row.contenu)
    article = modele.articles[0]
    fausse = replace(article, clauses=(replace(article.clauses[0], texte="Autre chose."),))
    row.contenu = replace(modele, articles=(fausse, *modele.articles[1:])).to_json()
    scene.session.commit()
    page = scene.client(scene.siao).get(adresse).text
    assert "Le texte diffère" in page
    assert "Proposer ce modèle" not in page
    refus = scene.agir(adresse, "accord")
    assert refus.status_code == 422
    assert "n’est pas celui du document" in refus.text


def test_a_page_of_the_past_agrees_to_nothing(scene: Scene) -> None:
    adresse = scene.importer()
    assert scene.client(scene.siao).post(f"{adresse}/accord", data={"version": "0"}).status_code == 409
    row = scene.row
    assert row is not None
    assert not row.accords


def test_reopening_says_why_and_voids_the_agreements(scene: Scene) -> None:
    adresse = scene.importer()
    scene.agir(adresse, "accord")
    vide = scene.agir(adresse, "rouvrir", scene.pilote, motif="")
    assert vide.status_code == 422
    assert scene.agir(adresse, "rouvrir", scene.pilote, motif="La clause 5.2 est coupée").status_code == 303
    row = scene.row
    assert row is not None
    assert not row.accords
    messages = scene.session.scalars(select(MessageSortant)).all()
    assert any("La clause 5.2 est coupée" in m.corps for m in messages if m.destinataire == scene.siao.email)


def test_giving_up_deletes_the_file_and_keeps_the_journal(scene: Scene) -> None:
    adresse = scene.importer()
    assert "Abandonner cet import ?" in scene.client(scene.siao).get(f"{adresse}/abandonner").text
    assert scene.agir(adresse, "abandonner").status_code == 303
    assert scene.row is None
    assert scene.session.scalar(select(Fichier)) is None
    actions = scene.session.scalars(select(EntreeJournal.action)).all()
    assert "modeles:import:abandonner" in actions
    assert scene.client(scene.siao).get(adresse).status_code == 404


def test_who_may_see_and_agree(
    scene: Scene, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> None:
    adresse = scene.importer()
    ailleurs = factories.Organisation(type=TypeOrganisation.SIAO, departement_code="37")
    etranger = scene.client(actor_for(Profil.SIAO_DIRECTION, ailleurs))
    for suite in ("", "/clauses/2.2", "/differences", "/document", "/accord", "/abandonner"):
        assert etranger.get(adresse + suite).status_code == 404
    assert etranger.post(f"{adresse}/accord", data={"version": "1"}).status_code == 404
    assert etranger.get(f"{PAGE}?departement=22").status_code == 404
    operateur = scene.client(actor_for(Profil.OPERATEUR_DIRECTION, factories.Organisation()))
    assert operateur.get(adresse).status_code == 403
    agent = actor_for(Profil.ETAT_AGENT, factories.Organisation(type=TypeOrganisation.ETAT))
    assert scene.client(agent).get(adresse).status_code == 200
    assert scene.agir(adresse, "accord", agent).status_code == 403
    assert scene.agir(adresse, "abandonner", agent).status_code == 403


def test_the_pages_run_as_many_statements_whatever_their_size(scene: Scene, database: Database) -> None:
    def statements(adresse: str) -> int:
        vues: list[str] = []

        def note(_c: object, _k: object, statement: str, *_rest: object) -> None:
            if statement.lstrip().upper().startswith("SELECT"):
                vues.append(statement)

        client = scene.client(scene.siao)
        client.get(adresse)
        event.listen(database.engine, "before_cursor_execute", note)
        client.get(adresse)
        event.remove(database.engine, "before_cursor_execute", note)
        return len(vues)

    adresse = scene.importer()
    page, clause = statements(adresse), statements(f"{adresse}/clauses/2.2")
    scene.agir(adresse, "abandonner")
    grande = scene.importer(textes.grand_modele(60))
    for rang in range(3):
        scene.corriger(f"{grande}/clauses/5.{rang + 2}", "marquer", extrait="Texte", couleur_champ="verte")
    assert statements(grande) == page <= 16
    assert statements(f"{grande}/clauses/2.2") == clause <= 16


def test_the_document_comes_back_as_it_was_given(scene: Scene) -> None:
    adresse = scene.importer()
    rendu = scene.client(scene.pilote).get(f"{adresse}/document")
    assert rendu.data == docx(textes.modele())
    assert "attachment" in rendu.headers["Content-Disposition"]
