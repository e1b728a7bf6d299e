"""A household and the commissions, at the end of its data: its copy tells its dossiers, and once erased or in
the protected circuit no text of a session names it."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commissions.effacement import copier
from portal.commissions.enums_dossiers import StatutReleve
from portal.commissions.models_decisions import (
    CommentaireReleve,
    ConduiteSeance,
    PassageSeance,
    ReleveSeance,
)
from portal.commissions.suites_seance import releves, travaux
from portal.config import Settings
from portal.documents.models import Fichier
from portal.documents.storage import Storage
from portal.grilles.fin_de_vie.effacement import effacer
from portal.grilles.menages import crochets
from portal.grilles.menages.identites import Identite
from portal.jobs.models import Travail
from portal.jobs.runner import run_due
from portal.organisations.models import Parametre
from portal.security.coffre import coffre
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from tests import dossiers
from tests.integration.suites_seance.conftest import Suite
from tests.integration.web_organisations import reread, statements
from tests.menages import ADULTES
from tests.suites import MOTIF, SECRETE

POINTS = f"Le calendrier est adopté. Madame {ADULTES[0].nom.upper()} remercie la commission."


@pytest.mark.parametrize("statut", [StatutReleve.BROUILLON, StatutReleve.RELECTURE])
def test_no_general_point_nor_remark_tells_of_a_household_erased(
    session: Session, clock: FixedClock, suite: Suite, tmp_path: Path, statut: StatutReleve
) -> None:
    vault = coffre(session)
    contenu: dict[str, object] = {"points": POINTS} | (
        {"dossiers": []} if statut is not StatutReleve.BROUILLON else {}
    )
    conduite = session.scalar(select(ConduiteSeance).where(ConduiteSeance.seance_id == suite.seance.id))
    if conduite is None:
        conduite = ConduiteSeance(seance_id=suite.seance.id)
        session.add(conduite)
    conduite.points, conduite.papiers = vault.fermer(POINTS), [suite.dossier.ref, "autre"]
    releve = ReleveSeance(
        seance_id=suite.seance.id,
        statut=statut,
        contenu=vault.fermer(contenu),
        created_at=clock.now(),
        updated_at=clock.now(),
    )
    remarque = CommentaireReleve(
        organisation_id=suite.table.conseil.organisation_id,
        par="Membre Fictif",
        le=clock.now(),
        texte=vault.fermer("Leur fille est malade."),
    )
    releve.commentaires.append(remarque)
    session.add(releve)
    session.commit()
    held, course, said = releve.id, conduite.id, remarque.id
    effacer(session, clock, Storage(Settings(environnement="test", var_dir=tmp_path)), suite.dossier.menage,
            "demande")  # fmt: skip
    session.commit()
    kept = vault.ouvrir(session.get_one(ReleveSeance, held).contenu)["points"]
    assert kept == vault.ouvrir(session.get_one(ConduiteSeance, course).points)
    assert kept.startswith("Le calendrier est adopté.")
    assert ADULTES[0].nom.lower() not in kept.lower()
    assert session.get_one(ConduiteSeance, course).papiers == ["autre"]
    assert session.get(CommentaireReleve, said) is None


def test_the_copy_tells_what_was_asked_and_decided_and_no_vote(
    session: Session, clock: FixedClock, suite: Suite
) -> None:
    suite.decision.votes = coffre(session).fermer({"voix": {"1": "contre"}})
    session.flush()
    said = str(copier(session, clock, suite.dossier.menage))
    for words in (suite.dossier.code, MOTIF, SECRETE, suite.commission.nom, "Dix séances."):
        assert words in said
    assert "contre" not in said


NOM = ADULTES[0].nom


def proteger(session: Session, clock: FixedClock, suite: Suite) -> None:
    """Have the household enter the protected circuit, as its service does of who it was."""
    menage = suite.dossier.menage
    identites = [Identite(one.nom, one.prenom, one.naissance) for one in ADULTES]
    menage.protege, menage.numero_unique, menage.numero_unique_cle = True, "", None
    crochets.protection(session, clock, suite.secretaire, menage, identites)
    session.commit()


@pytest.mark.parametrize("a_relire", [False, True])
def test_a_household_that_enters_the_protected_circuit_is_named_by_no_draft(
    session: Session, clock: FixedClock, suite: Suite, tmp_path: Path, a_relire: bool
) -> None:
    vault, act = coffre(session), (session, clock, suite.secretaire, suite.seance)
    conduite = session.scalar(select(ConduiteSeance).where(ConduiteSeance.seance_id == suite.seance.id))
    if conduite is None:
        conduite = ConduiteSeance(seance_id=suite.seance.id)
        session.add(conduite)
    conduite.points = vault.fermer(POINTS)
    session.flush()
    releve = releves.rediger(*act)
    if a_relire:
        releves.faire_relire(*act, clock.today() + timedelta(days=7), version=releve.version)
        remark = f"Monsieur {NOM} est arrivé en retard."
        releves.commenter(session, clock, suite.table.conseil, suite.seance, remark)
    proteger(session, clock, suite)
    said = releves.lu(session, suite.seance, releve)
    assert said["points"].startswith("Le calendrier est adopté.")
    texts = [str(said), vault.ouvrir(conduite.points), *(vault.ouvrir(r.texte) for r in releve.commentaires)]
    for text in texts:
        assert NOM.lower() not in text.lower()
    assert len(releve.commentaires) == a_relire, "what the member says otherwise is kept"


def test_the_letters_that_named_a_household_go_away_when_it_is_protected(
    database: Database, session: Session, clock: FixedClock, suite: Suite, tmp_path: Path
) -> None:
    reglages = Settings(environnement="test", var_dir=tmp_path)
    travail = travaux.demander_courrier(session, clock, suite.travailleur, suite.decision)
    session.commit()
    run_due(database, clock, reglages)
    reread(session)
    key, fichier = travail.id, session.get_one(Travail, travail.id).fichier_id
    assert session.get(Fichier, fichier or 0) is not None
    proteger(session, clock, suite)
    assert session.get(Travail, key) is None
    assert session.get(Fichier, fichier or 0) is None


def test_the_files_of_minutes_are_made_again_without_the_household(
    database: Database, session: Session, clock: FixedClock, suite: Suite, tmp_path: Path
) -> None:
    reglages = Settings(environnement="test", var_dir=tmp_path)
    act = (session, clock, suite.secretaire, suite.seance)
    releve = releves.rediger(*act)
    releves.ecrire_points(*act, POINTS, version=releve.version)
    releves.faire_relire(*act, clock.today() + timedelta(days=7), version=releve.version)
    releves.approuver(session, clock, suite.table.president, suite.seance, version=releve.version)
    releves.envoyer(*act, version=releve.version)
    session.commit()
    run_due(database, clock, reglages)
    reread(session)
    proteger(session, clock, suite)
    held = session.get_one(ReleveSeance, releve.id, populate_existing=True)
    assert held.complet_id is None
    assert travaux.refaire(database, clock, reglages) == 0, "the worker's own turn first"
    clock.instant += timedelta(hours=2)
    assert travaux.refaire(database, clock, reglages) == 1
    assert travaux.refaire(database, clock, reglages) == 0
    reread(session)
    held = session.get_one(ReleveSeance, releve.id)
    for file in (held.complet, held.anonyme):
        assert file is not None
        reader = PdfReader(io.BytesIO(Storage(reglages).read(file)))
        text = " ".join(page.extract_text() for page in reader.pages)
        assert "Le calendrier est adopté." in text
        assert NOM.lower() not in text.lower()


def test_minutes_whose_file_was_never_made_are_reduced_at_their_term_too(
    database: Database, session: Session, clock: FixedClock, suite: Suite, tmp_path: Path
) -> None:
    act = (session, clock, suite.secretaire, suite.seance)
    releve = releves.rediger(*act)
    releves.faire_relire(*act, clock.today() + timedelta(days=7), version=releve.version)
    releves.approuver(session, clock, suite.table.president, suite.seance, version=releve.version)
    session.add(Parametre(cle="commissions.releve_jours", departement_code="22", valeur="30"))
    session.flush()
    releves.envoyer(*act, version=releve.version)
    session.commit()
    reglages = Settings(environnement="test", var_dir=tmp_path)
    clock.instant += timedelta(days=29)
    assert travaux.reduire(database, clock, reglages) == 0
    clock.instant += timedelta(days=1)
    assert travaux.reduire(database, clock, reglages) == 1
    assert travaux.reduire(database, clock, reglages) == 0
    reread(session)
    held = session.get_one(ReleveSeance, releve.id)
    assert MOTIF not in str(coffre(session).ouvrir(held.contenu))


def test_the_remarks_of_many_minutes_are_read_at_once(
    database: Database, session: Session, clock: FixedClock, suite: Suite
) -> None:
    vault = coffre(session)
    for rang in range(3):
        seance = dossiers.seance(session, clock, suite.commission, jours=rang + 1)
        session.add(PassageSeance(dossier_id=suite.dossier.id, seance_id=seance.id, rang=1,
                                  inscrit_le=clock.now(), details={}))  # fmt: skip
        releve = ReleveSeance(
            seance_id=seance.id,
            statut=StatutReleve.BROUILLON,
            contenu=vault.fermer({"points": POINTS}),
            created_at=clock.now(),
            updated_at=clock.now(),
        )
        releve.commentaires.append(
            CommentaireReleve(
                organisation_id=suite.table.conseil.organisation_id,
                par="Membre Fictif",
                le=clock.now(),
                texte=vault.fermer(f"Madame {NOM} était là."),
            )
        )
        session.add(releve)
    session.commit()
    session.expire_all()
    with statements(database) as seen:
        proteger(session, clock, suite)
    read = [one for one in seen if one.startswith("SELECT") and "FROM seance_releve_commentaire" in one]
    assert len(read) == 1
    for one in session.scalars(select(CommentaireReleve)):
        assert NOM not in vault.ouvrir(one.texte)
