"""Appeals: by the prescriber, within the delay, before another formation, and what they come to."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.commissions import textes
from portal.commissions.conduite.seance import ouvrir
from portal.commissions.enums import GenreTexte, Qualite, Reponse
from portal.commissions.enums_dossiers import IssueRecours, StatutDossier, StatutReleve
from portal.commissions.models_decisions import Decision, Recours, ReleveSeance
from portal.commissions.models_seances import InvitationSeance, Seance
from portal.commissions.suites_seance import (
    contenu,
    courrier,
    document,
    queries,
    queries_recours,
    recours,
    travaux,
)
from portal.commissions.suites_seance.recours import SaisieIssue
from portal.grilles.menages import crochets
from portal.organisations.models import Organisation
from portal.security.coffre import coffre
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.shared.errors import DomainError, DomainErrors, Forbidden, NotVisible, StaleVersion
from tests import dossiers
from tests.integration.suites_seance.conftest import REGLAGES, Suite, ecrits
from tests.integration.web_organisations import reread, statements

SEANCE = ("/dossiers/seances/{}", "/commissions/seances/{}", "/seances/{}/conduite")
MOTIF, NOUVEAU = "Une erreur sur la composition du ménage.", "Un emploi commence le mois prochain."


@pytest.fixture
def refusee(database: Database, session: Session, clock: FixedClock, suite: Suite) -> Suite:
    """The decision is unfavourable, and told."""
    suite.decision.code = "HORS_CHAMP"
    session.commit()
    travaux.notifier(database, clock, REGLAGES)
    reread(session)
    return suite


@pytest.fixture
def forme(session: Session, clock: FixedClock, refusee: Suite) -> Recours:
    """An appeal was formed against it."""
    made = recours.former(session, clock, refusee.travailleur, refusee.decision, MOTIF, NOUVEAU)
    session.commit()
    return made


@pytest.fixture
def examine(
    session: Session, clock: FixedClock, forme: Recours, refusee: Suite, factories: SimpleNamespace
) -> Recours:
    """The session of another commission examines it, and has begun."""
    autre = dossiers.monter(session, clock, refusee.table.place.scene, code="LABELLISATION")
    recours.designer(session, clock, refusee.secretaire, forme, autre.seance.ref, version=forme.version)
    session.commit()
    clock.instant = autre.seance.debut + timedelta(minutes=30)
    return forme


def test_only_the_prescriber_appeals(session: Session, clock: FixedClock, refusee: Suite) -> None:
    held = refusee.table.place.scene
    for actor in (held.collegue, refusee.secretaire, refusee.table.conseil, held.mission_logement):
        with pytest.raises(Forbidden):
            recours.former(session, clock, actor, refusee.decision, MOTIF, "")
    made = recours.former(session, clock, refusee.travailleur, refusee.decision, MOTIF, NOUVEAU)
    assert MOTIF not in made.motif, "encrypted"
    assert refusee.dossier.statut is StatutDossier.RECOURS
    [told] = ecrits(session, "un recours est formé")
    assert MOTIF not in told.corps
    with pytest.raises(DomainError, match="recours_existe"):
        recours.former(session, clock, refusee.travailleur, refusee.decision, MOTIF, "")


def test_the_last_day_is_included_and_the_next_is_too_late_where_the_dossier_is(
    session: Session, clock: FixedClock, refusee: Suite
) -> None:
    last = recours.jusqu_au(refusee.decision)
    assert last is not None
    told = refusee.decision.notifiee_le
    assert told is not None
    assert last == (told + timedelta(days=refusee.commission.recours_jours)).date()
    clock.instant = clock.instant.replace(year=last.year, month=last.month, day=last.day, hour=21, minute=59)
    assert recours.ouvert(clock, refusee.travailleur, refusee.decision, None), "23:59 in Paris, in summer"
    clock.instant += timedelta(minutes=1)
    with pytest.raises(DomainError, match="recours_delai"):
        recours.former(session, clock, refusee.travailleur, refusee.decision, MOTIF, "")


def test_when_no_appeal_is_open(session: Session, clock: FixedClock, suite: Suite) -> None:
    with pytest.raises(DomainError, match="recours_favorable"):
        recours.former(session, clock, suite.travailleur, suite.decision, MOTIF, "")
    suite.decision.code = "HORS_CHAMP"
    with pytest.raises(DomainError, match="recours_non_notifie"):
        recours.former(session, clock, suite.travailleur, suite.decision, MOTIF, "")
    suite.decision.notifiee_le = clock.now()
    with pytest.raises(DomainErrors) as refused:
        recours.former(session, clock, suite.travailleur, suite.decision, " ", "x" * 4001)
    assert {one.field for one in refused.value.errors} == {"motif", "elements"}
    suite.commission.recours = False
    with pytest.raises(DomainError, match="recours_ferme"):
        recours.former(session, clock, suite.travailleur, suite.decision, MOTIF, "")


def test_the_formation_is_another_or_an_enlarged_one(
    session: Session, clock: FixedClock, forme: Recours, refusee: Suite, factories: SimpleNamespace
) -> None:
    place = refusee.table.place
    suivante = dossiers.seance(session, clock, place.commission)
    session.commit()
    act = (session, clock, refusee.secretaire, forme)
    with pytest.raises(DomainError, match=r"suites\.formation"):
        recours.designer(*act, suivante.ref, version=forme.version)
    with pytest.raises(DomainError, match=r"suites\.seance"):
        recours.designer(*act, refusee.seance.ref, version=forme.version)
    place.seance = suivante
    nouvelle = factories.Organisation(departement_code="22")
    qui = place.scene.exterieur
    dossiers.asseoir(session, clock, factories, place, nouvelle, qui, ajoutee=True)
    with pytest.raises(Forbidden):
        recours.designer(session, clock, refusee.table.conseil, forme, suivante.ref, version=forme.version)
    with pytest.raises(StaleVersion):
        recours.designer(*act, suivante.ref, version=99)
    recours.designer(*act, suivante.ref, version=forme.version)
    assert forme.seance_id == suivante.id
    with pytest.raises(DomainError, match="pas_examinee"):
        recours.trancher(*act, SaisieIssue(IssueRecours.MAINTIEN, "Rien de nouveau."), version=forme.version)


def test_nothing_is_decided_without_a_session_a_reason_and_an_admissible_one(
    session: Session, clock: FixedClock, forme: Recours, refusee: Suite
) -> None:
    act = (session, clock, refusee.secretaire, forme)
    with pytest.raises(DomainError, match="sans_seance"):
        recours.trancher(*act, SaisieIssue(IssueRecours.MAINTIEN, "Motif"), version=forme.version)


def test_the_outcome_is_noted_once_the_session_is_opened_even_before_its_hour(
    session: Session,
    clock: FixedClock,
    client_for: Callable[..., FlaskClient],
    examine: Recours,
    refusee: Suite,
) -> None:
    held = session.get_one(Seance, examine.seance_id)
    clock.instant = held.debut - timedelta(minutes=10)
    client, forme = client_for(refusee.secretaire), f'action="/recours/{examine.ref}/trancher"'
    assert forme not in client.get(f"/recours/{examine.ref}").text
    ouvrir(session, clock, refusee.secretaire, held)
    session.commit()
    assert forme in client.get(f"/recours/{examine.ref}").text
    said = SaisieIssue(IssueRecours.MAINTIEN, "Le projet ne relève pas de la commission.")
    recours.trancher(session, clock, refusee.secretaire, examine, said, version=examine.version)
    assert examine.issue is IssueRecours.MAINTIEN


def test_a_maintained_decision_closes_the_dossier(
    session: Session, clock: FixedClock, examine: Recours, refusee: Suite
) -> None:
    act = (session, clock, refusee.secretaire, examine)
    with pytest.raises(DomainErrors, match=r"suites\.reponse"):
        recours.trancher(*act, SaisieIssue(IssueRecours.MAINTIEN, " "), version=examine.version)
    forbidden = SaisieIssue(IssueRecours.MAINTIEN, "Le ménage est bénéficiaire du RSA.")
    with pytest.raises(DomainErrors, match=r"suites\.interdit"):
        recours.trancher(*act, forbidden, version=examine.version)
    said = SaisieIssue(IssueRecours.MAINTIEN, "Le projet ne relève pas de la commission.")
    recours.trancher(*act, said, version=examine.version)
    assert (refusee.dossier.statut, refusee.dossier.clos_le) == (StatutDossier.CLOS, clock.now())
    [told] = ecrits(session, "votre recours a été examiné")
    assert told.personne_id == refusee.travailleur.personne_id
    with pytest.raises(DomainError, match="recours_clos"):
        recours.trancher(*act, said, version=examine.version)


def test_the_minutes_of_the_session_that_examined_an_appeal_say_what_it_came_to(
    session: Session, clock: FixedClock, examine: Recours, refusee: Suite
) -> None:
    seance = session.get_one(Seance, examine.seance_id or 0)
    assert contenu.composer(session, seance, "")["dossiers"] == [], "no outcome yet"
    raison = "Le projet ne relève pas de la commission."
    said = SaisieIssue(IssueRecours.MAINTIEN, raison)
    recours.trancher(session, clock, refusee.secretaire, examine, said, version=examine.version)
    dits = contenu.composer(session, seance, f"Le dossier {refusee.dossier.code} revient souvent.")
    for one, complete in ((dits, True), (contenu.anonyme(dits), False)):
        lignes = str(document.document(one, seance, seance.commission, projet=False))
        assert "Recours contre" in lignes
        assert "Décision maintenue" in lignes
        for secret in (refusee.dossier.code, raison, refusee.dossier.organisation.nom):
            assert (secret in lignes) is complete, secret
    refusee.dossier.menage.protege = True
    refusee.dossier.menage.numero_unique, refusee.dossier.menage.numero_unique_cle = "", None
    session.flush()
    dits = contenu.composer(session, seance, "")
    protege = str(document.document(dits, seance, seance.commission, projet=False))
    assert refusee.dossier.code in protege
    assert raison not in protege
    assert refusee.dossier.organisation.nom not in protege


def test_a_household_protected_leaves_the_minutes_of_the_session_that_examined_its_appeal(
    session: Session, clock: FixedClock, examine: Recours, refusee: Suite
) -> None:
    raison = "Le projet ne relève pas de la commission."
    said = SaisieIssue(IssueRecours.MAINTIEN, raison)
    recours.trancher(session, clock, refusee.secretaire, examine, said, version=examine.version)
    vault, seance = coffre(session), session.get_one(Seance, examine.seance_id or 0)
    dits = contenu.composer(session, seance, "")
    releve = ReleveSeance(
        seance_id=seance.id,
        statut=StatutReleve.RELECTURE,
        contenu=vault.fermer(dits),
        created_at=clock.now(),
        updated_at=clock.now(),
    )
    session.add(releve)
    menage = refusee.dossier.menage
    menage.protege, menage.numero_unique, menage.numero_unique_cle = True, "", None
    session.flush()
    crochets.protection(session, clock, refusee.secretaire, menage, [])
    kept = str(vault.ouvrir(releve.contenu))
    assert refusee.dossier.code in kept
    assert raison not in kept


def test_a_revised_decision_is_a_new_one_told_like_any_other(
    database: Database,
    session: Session,
    clock: FixedClock,
    examine: Recours,
    refusee: Suite,
    client_for: Callable[..., FlaskClient],
) -> None:
    act = (session, clock, refusee.secretaire, examine)
    for code, error in (("", "nouvelle_decision"), ("HORS_CHAMP", "meme_decision")):
        typed = SaisieIssue(IssueRecours.REVISION, "Une erreur est reconnue.", code)
        with pytest.raises(DomainErrors, match=error):
            recours.trancher(*act, typed, version=examine.version)
    typed = SaisieIssue(IssueRecours.REVISION, "Une erreur est reconnue.", "ORIENTATION_VALIDEE")
    recours.trancher(*act, typed, version=examine.version)
    session.commit()
    clock.instant = session.get_one(Seance, examine.seance_id or 0).fin
    assert travaux.notifier(database, clock, REGLAGES) == 1
    reread(session)
    revised = session.query(Decision).filter_by(dossier_id=refusee.dossier.id).order_by(Decision.id).all()
    assert [one.code for one in revised] == ["HORS_CHAMP", "ORIENTATION_VALIDEE"]
    assert refusee.dossier.statut is StatutDossier.NOTIFIE
    dite = str(courrier.composer(session, clock, revised[1]))
    assert "Elle remplace la décision du" in dite
    assert "Elle remplace" not in str(courrier.composer(session, clock, revised[0]))
    client = client_for(refusee.travailleur)
    contestee = f"/decisions/{refusee.decision.ref}"
    for page in (f"/recours/{examine.ref}", contestee):
        assert f'href="/decisions/{revised[1].ref}"' in client.get(page).text, "it leads to what now holds"
    assert "Préparer le courrier" not in client.get(contestee).text
    assert client.post(f"{contestee}/courrier").location == contestee, "a page read before it was revised"
    assert "Préparer le courrier" in client.get(f"/decisions/{revised[1].ref}").text


def test_sent_back_the_dossier_is_to_be_registered_again(
    session: Session,
    clock: FixedClock,
    examine: Recours,
    refusee: Suite,
    client_for: Callable[..., FlaskClient],
) -> None:
    typed = SaisieIssue(IssueRecours.RENVOI, "À examiner par une formation complète.")
    recours.trancher(session, clock, refusee.secretaire, examine, typed, version=examine.version)
    assert refusee.dossier.statut is StatutDossier.RECEVABLE
    assert (refusee.dossier.seance_id, refusee.dossier.rang) == (None, None)
    session.commit()
    client = client_for(refusee.travailleur)
    page = client.get(f"/dossiers/{refusee.dossier.ref}").text
    assert "Renvoyé après un recours : une nouvelle formation l’examine." in page
    assert f'href="/decisions/{refusee.decision.ref}"' in page, "what was decided first is still read"
    assert "de nouveau à inscrire à une séance" in client.get(f"/recours/{examine.ref}").text


def test_who_reads_an_appeal(session: Session, clock: FixedClock, forme: Recours, refusee: Suite) -> None:
    held = refusee.table.place.scene
    for actor in (refusee.travailleur, refusee.secretaire):
        assert queries_recours.recours(session, clock, actor, forme.ref).id == forme.id
        assert len(queries_recours.lister_recours(session, clock, actor)[1]) == 1
    for actor in (held.collegue, held.exterieur, refusee.table.conseil, refusee.table.president):
        assert actor.profil is not Profil.SIAO_DIRECTION
        with pytest.raises(NotVisible):
            queries_recours.recours(session, clock, actor, forme.ref)


def test_who_is_to_examine_an_appeal_is_led_to_the_texts_that_they_have_yet_to_accept(
    session: Session,
    clock: FixedClock,
    forme: Recours,
    refusee: Suite,
    factories: SimpleNamespace,
    client_for: Callable[..., FlaskClient],
) -> None:
    scene = refusee.table.place.scene
    autre = dossiers.monter(session, clock, scene, code="LABELLISATION")
    juge = refusee.table.dehors
    dossiers.asseoir(
        session, clock, factories, autre, session.get_one(Organisation, juge.organisation_id), juge
    )
    recours.designer(session, clock, refusee.secretaire, forme, autre.seance.ref, version=forme.version)
    textes.publier(
        session, clock, scene.siao_direction, autre.commission, GenreTexte.REGLEMENT, "Article 1.",
        version=autre.commission.version,
    )  # fmt: skip
    session.commit()
    page, client = f"/recours/{forme.ref}", client_for(juge)
    led = client.get(page).text
    assert f"/commissions/{autre.commission.ref}/textes?suite={page}" in led
    assert MOTIF not in led
    assert client_for(scene.exterieur).get(page).status_code == 404
    [lu] = textes.en_vigueur(session, juge, autre.commission.id)
    textes.accepter(session, clock, juge, autre.commission, lu.ref)
    session.commit()
    assert MOTIF in client.get(page).text


def test_who_said_that_they_do_not_come_is_not_told_of_an_appeal_to_examine_there(
    session: Session, clock: FixedClock, forme: Recours, refusee: Suite, factories: SimpleNamespace
) -> None:
    scene, table = refusee.table.place.scene, refusee.table
    autre = dossiers.monter(session, clock, scene, code="LABELLISATION")
    for actor in (table.president, table.conseil, table.bailleur):
        chez = session.get_one(Organisation, actor.organisation_id)
        assise = dossiers.asseoir(session, clock, factories, autre, chez, actor)
        if actor is not table.president:
            assise.statut = Reponse.DECLINEE if actor is table.conseil else Reponse.ENVOYEE
    recours.designer(session, clock, refusee.secretaire, forme, autre.seance.ref, version=forme.version)
    told = [one.destinataire for one in ecrits(session, "un recours à examiner")]
    assert told == [table.president.email, table.bailleur.email]


def test_who_is_to_examine_an_appeal_reads_it_and_the_decision_and_nobody_else_of_the_table(
    session: Session,
    clock: FixedClock,
    database: Database,
    forme: Recours,
    refusee: Suite,
    factories: SimpleNamespace,
    client_for: Callable[..., FlaskClient],
) -> None:
    scene = refusee.table.place.scene
    autre = dossiers.monter(session, clock, scene, code="LABELLISATION")
    juge = refusee.table.dehors
    chez = session.get_one(Organisation, juge.organisation_id)
    dossiers.asseoir(session, clock, factories, autre, chez, juge)
    session.commit()
    acts = (queries_recours.recours, forme.ref), (queries.decision, refusee.decision.ref)
    for read, ref in acts:
        with pytest.raises(NotVisible):
            read(session, clock, juge, ref)
    recours.designer(session, clock, refusee.secretaire, forme, autre.seance.ref, version=forme.version)
    session.commit()
    assert juge.email in {one.destinataire for one in ecrits(session, "un recours à examiner")}
    assert [one.ref for one in queries_recours.recours_a_examiner(session, clock, juge, autre.seance.id)] == [
        forme.ref
    ]
    assert not queries_recours.recours_a_examiner(session, clock, scene.exterieur, autre.seance.id)
    assert not queries_recours.recours_a_examiner(session, clock, juge, refusee.seance.id)
    for address in SEANCE:
        client = client_for(juge)
        with statements(database) as counted:
            page = client.get(address.format(autre.seance.ref)).text
        assert f'href="/recours/{forme.ref}"' in page, address
        assert "Kerfictif" not in page
        assert len(counted) <= 8, (address, counted)
        assert "/recours/" not in client_for(scene.exterieur).get(address.format(autre.seance.ref)).text
    for read, ref in acts:
        assert read(session, clock, juge, ref).ref == ref
        with pytest.raises(NotVisible):
            read(session, clock, scene.exterieur, ref)
    assert len(queries_recours.lister_recours(session, clock, juge)[1]) == 1
    menage = refusee.dossier.menage
    menage.protege, menage.numero_unique, menage.numero_unique_cle = True, "", None
    session.flush()
    with pytest.raises(NotVisible):
        queries_recours.recours(session, clock, juge, forme.ref)


def test_a_guest_of_the_session_that_examines_an_appeal_reads_nothing_of_it(
    session: Session,
    clock: FixedClock,
    forme: Recours,
    refusee: Suite,
    factories: SimpleNamespace,
    client_for: Callable[..., FlaskClient],
) -> None:
    """domaine.md §§ 7.3, 10.2: a guest reads the dossiers named to them, no more than who sits there."""
    autre = dossiers.monter(session, clock, refusee.table.place.scene, code="LABELLISATION")
    invite, permanent = refusee.table.ajoute, refusee.table.permanent
    for actor, ajoutee in ((invite, True), (permanent, False)):
        chez = session.get_one(Organisation, actor.organisation_id)
        dossiers.asseoir(
            session, clock, factories, autre, chez, actor, qualite=Qualite.INVITE, ajoutee=ajoutee
        )
    recours.designer(session, clock, refusee.secretaire, forme, autre.seance.ref, version=forme.version)
    session.commit()
    told = {one.destinataire for one in ecrits(session, "un recours à examiner")}
    assert permanent.email in told
    assert invite.email not in told
    for read, ref in ((queries_recours.recours, forme.ref), (queries.decision, refusee.decision.ref)):
        assert read(session, clock, permanent, ref).ref == ref
        with pytest.raises(NotVisible):
            read(session, clock, invite, ref)
    assert not queries_recours.lister_recours(session, clock, invite)[1]
    assert not queries_recours.recours_a_examiner(session, clock, invite, autre.seance.id)
    guest = client_for(invite)
    for address in (f"/recours/{forme.ref}", f"/decisions/{refusee.decision.ref}"):
        assert guest.get(address).status_code == 404, address


def test_only_the_sessions_that_may_examine_an_appeal_are_offered(
    session: Session,
    clock: FixedClock,
    forme: Recours,
    refusee: Suite,
    database: Database,
    client_for: Callable[..., FlaskClient],
) -> None:
    place = refusee.table.place
    client, here = client_for(refusee.secretaire), f"/recours/{forme.ref}"
    assert "Aucune séance n’est prévue" in client.get(here).text
    meme = dossiers.seance(session, clock, place.commission)
    session.commit()
    page = client.get(here).text
    assert "Désigner cette séance" not in page
    assert f'href="/commissions/{place.commission.ref}/composition"' in page
    autre = dossiers.monter(session, clock, place.scene, code="LABELLISATION")
    session.commit()
    page = client.get(here).text
    assert f'value="{autre.seance.ref}"' in page
    assert f'value="{meme.ref}"' not in page
    refused = client.post(f"{here}/designer", data={"seance": meme.ref, "version": forme.version})
    assert refused.status_code == 422
    possibles, memes = recours.seances_possibles(session, clock, refusee.decision)
    assert ([one.ref for one in possibles], [one.ref for one in memes]) == ([autre.seance.ref], [meme.ref])
    with statements(database) as few:
        client.get(here)
    for rang in range(5):
        dossiers.seance(session, clock, place.commission, jours=30 + rang)
    session.commit()
    with statements(database) as many:
        client.get(here)
    assert len(few) == len(many)


def test_a_seat_is_offered_to_who_may_give_one_in_the_commission_of_the_session(
    session: Session,
    clock: FixedClock,
    forme: Recours,
    refusee: Suite,
    client_for: Callable[..., FlaskClient],
    actor_for: Callable[..., Actor],
) -> None:
    place, here = refusee.table.place, f"/recours/{forme.ref}"
    autre = dossiers.monter(session, clock, place.scene, code="LABELLISATION")
    for one in refusee.seance.invitations:  # the same people sit in both
        session.add(
            InvitationSeance(
                seance=autre.seance,
                referent=one.referent,
                qualite=one.qualite,
                nom=one.nom,
                email=one.email,
                statut=one.statut,
                created_at=clock.now(),
                updated_at=clock.now(),
            )
        )
    session.commit()
    page = client_for(refusee.secretaire).get(here).text
    assert f'href="/commissions/{autre.commission.ref}/composition"' in page
    assert f'href="/commissions/{place.commission.ref}/composition"' not in page
    place.commission.secretariat = autre.commission.secretariat = place.scene.operateur
    place.commission.organisation = autre.commission.organisation = place.scene.operateur
    session.commit()
    page = client_for(actor_for(Profil.OPERATEUR_DIRECTION, place.scene.operateur)).get(here).text
    assert "Ces séances ne peuvent pas" in page or "Cette séance ne peut pas" in page
    assert "/composition" not in page, "it would be refused there"
    assert "Un siège est donné par l’État" in page


def test_a_guest_of_the_session_makes_no_formation_larger(
    session: Session, clock: FixedClock, forme: Recours, refusee: Suite, factories: SimpleNamespace
) -> None:
    place = refusee.table.place
    place.seance = suivante = dossiers.seance(session, clock, place.commission)
    chez, qui = factories.Organisation(departement_code="22"), place.scene.exterieur
    guest = dossiers.asseoir(
        session, clock, factories, place, chez, qui, qualite=Qualite.INVITE, ajoutee=True
    )
    dossiers.asseoir(session, clock, factories, place, place.scene.bailleur, refusee.table.bailleur)
    session.commit()
    act = (session, clock, refusee.secretaire, forme)
    with pytest.raises(DomainError, match=r"suites\.formation"):
        recours.designer(*act, suivante.ref, version=forme.version)
    guest.qualite = Qualite.MEMBRE  # given a seat since
    session.commit()
    recours.designer(*act, suivante.ref, version=forme.version)


def test_a_formation_that_lost_who_made_it_another_decides_nothing(
    session: Session, clock: FixedClock, forme: Recours, refusee: Suite, factories: SimpleNamespace
) -> None:
    place = refusee.table.place
    suivante = dossiers.seance(session, clock, place.commission)
    place.seance = suivante
    for organisation, actor in (
        (factories.Organisation(departement_code="22"), place.scene.exterieur),
        (place.scene.bailleur, refusee.table.bailleur),
    ):
        dossiers.asseoir(session, clock, factories, place, organisation, actor, ajoutee=True)
    act = (session, clock, refusee.secretaire, forme)
    recours.designer(*act, suivante.ref, version=forme.version)
    session.commit()
    nouvelle = next(
        one for one in suivante.invitations if one.referent.organisation_id != place.scene.bailleur.id
    )
    nouvelle.retiree_le = clock.now()
    session.commit()
    clock.instant = suivante.debut + timedelta(minutes=5)
    said = SaisieIssue(IssueRecours.MAINTIEN, "Rien de nouveau.")
    with pytest.raises(DomainError, match=r"suites\.formation"):
        recours.trancher(*act, said, version=forme.version)


@pytest.mark.parametrize(
    ("departement", "dernier_instant"),
    [("974", "2026-04-15T19:59"), ("22", "2026-04-15T21:59")],
)
def test_the_last_minute_of_an_appeal_is_that_of_the_place(
    session: Session, clock: FixedClock, refusee: Suite, departement: str, dernier_instant: str
) -> None:
    refusee.dossier.departement_code = departement
    refusee.decision.notifiee_le = datetime(2026, 3, 16, 13, tzinfo=UTC)
    clock.instant = datetime.fromisoformat(dernier_instant).replace(tzinfo=UTC)
    assert recours.refus(clock, refusee.decision, None) is None
    clock.instant += timedelta(minutes=1)
    late = recours.refus(clock, refusee.decision, None)
    assert late is not None
    assert late.code == "suites.recours_delai"
