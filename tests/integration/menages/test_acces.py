"""A colleague's access to a household, stand-ins, hand-over (domaine.md § 10.2; § 15, case 18)."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from threading import Thread

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.comptes import passation
from portal.comptes.models import Adhesion
from portal.comptes.passation import GARDER, VIDER, Choix
from portal.config import Settings
from portal.grilles.menages import acces, crochets, queries, recherche, relais, service, suivi
from portal.grilles.menages.enums import EtatAcces, Lien, StatutAcces
from portal.grilles.menages.models import AccesMenage, Menage, Relais
from portal.grilles.menages.recherche import Criteres
from portal.notifications.models import MessageSortant
from portal.organisations.fusion import merge_organisations
from portal.security.coffre import coffre
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.shared.errors import DomainError, Forbidden, NotVisible
from tests.menages import NUMERO, Scene, ouvrir, vue

Clients = Callable[..., FlaskClient]


@pytest.fixture
def demande(session: Session, clock: FixedClock, scene: Scene) -> AccesMenage:
    """A colleague's request, waiting."""
    made = acces.demander(session, clock, scene.collegue, scene.menage, "Permanence de jeudi avec Maëlle", 7)
    session.commit()
    return made


def voit(session: Session, clock: FixedClock, actor: Actor, scene: Scene) -> Lien | None:
    try:
        return vue(session, clock, actor, scene.menage).lien
    except NotVisible:
        return None


def etat(session: Session, clock: FixedClock, scene: Scene) -> EtatAcces:
    return acces.siennes(session, clock, scene.collegue)[0].etat


def mails(session: Session) -> dict[str, str]:
    return {
        m.destinataire: f"{m.sujet}\n{m.corps}"
        for m in session.scalars(select(MessageSortant).order_by(MessageSortant.id))
    }


def test_silence_means_no(
    session: Session, clock: FixedClock, database: Database, scene: Scene, demande: AccesMenage
) -> None:
    clock.instant += timedelta(days=7) - timedelta(seconds=1)
    assert etat(session, clock, scene) is EtatAcces.DEMANDE
    clock.instant += timedelta(seconds=1)
    assert etat(session, clock, scene) is EtatAcces.SANS_REPONSE
    assert voit(session, clock, scene.collegue, scene) is None
    assert acces.a_repondre(session, clock, scene.travailleur) == []
    with pytest.raises(DomainError):
        acces.repondre(session, clock, scene.travailleur, demande.ref, accepte=True, version=demande.version)
    session.rollback()
    assert suivi.refuser_les_silences(database, clock, Settings()) == 1
    assert suivi.refuser_les_silences(database, clock, Settings()) == 0
    session.rollback()
    session.expire_all()
    assert etat(session, clock, scene) is EtatAcces.SANS_REPONSE
    assert "ne vous est pas ouvert" in mails(session)[scene.collegue.email]
    assert "Personne n’a répondu" in mails(session)[scene.collegue.email]
    again = acces.demander(session, clock, scene.collegue, scene.menage, "De nouveau", 2)
    assert again.statut is StatutAcces.DEMANDE


def test_a_request_that_silence_refused_leaves_its_place_before_the_worker_passes(
    session: Session, clock: FixedClock, scene: Scene, demande: AccesMenage
) -> None:
    with pytest.raises(DomainError):
        acces.demander(session, clock, scene.collegue, scene.menage, "Encore", 2)
    clock.instant += timedelta(days=8)
    again = acces.demander(session, clock, scene.collegue, scene.menage, "Encore", 2)
    assert again.id != demande.id
    assert demande.statut is StatutAcces.REFUSE


def test_two_first_requests_at_once_are_one_and_the_other_is_told(
    session: Session, clock: FixedClock, database: Database, scene: Scene
) -> None:
    """The same person, from two windows: no error of the database comes back."""
    refus: list[str] = []

    def demande_aussi() -> None:
        with database.session(write=True) as other:
            menage = other.get_one(Menage, scene.menage.id)
            try:
                acces.demander(other, clock, scene.collegue, menage, "Encore", 2)
            except DomainError as error:
                refus.append(error.code)

    session.rollback()
    with database.session(write=True) as first:
        menage = first.get_one(Menage, scene.menage.id)
        acces.demander(first, clock, scene.collegue, menage, "Permanence", 2)
        fil = Thread(target=demande_aussi)
        fil.start()
        fil.join(timeout=0.5)  # it waits for this transaction
        assert fil.is_alive()
        first.commit()
    fil.join()
    assert refus == ["menages.deja_demande"]


@pytest.mark.parametrize("qui", ["travailleur", "siao_direction"])
def test_an_accepted_access_opens_in_reading_and_closes_by_itself(
    session: Session, clock: FixedClock, client_for: Clients, scene: Scene, demande: AccesMenage, qui: str
) -> None:
    acces.repondre(session, clock, scene.tous[qui], demande.ref, accepte=True, version=demande.version)
    assert voit(session, clock, scene.collegue, scene) is Lien.ACCES
    client, ici = client_for(scene.collegue), f"/menages/{scene.menage.ref}"
    assert "Maëlle KERFICTIF" in client.get(ici).text
    assert client.get(f"{ici}/modifier").status_code == 403
    clock.instant += timedelta(days=7)
    session.expire_all()
    assert voit(session, clock, scene.collegue, scene) is None
    assert etat(session, clock, scene) is EtatAcces.FINI


@pytest.mark.parametrize("qui", ["collegue", "exterieur", "ailleurs", "agent", "administrateur"])
def test_nobody_else_answers(
    session: Session, clock: FixedClock, scene: Scene, demande: AccesMenage, qui: str
) -> None:
    with pytest.raises(NotVisible):
        acces.repondre(session, clock, scene.tous[qui], demande.ref, accepte=True, version=demande.version)


def test_whoever_was_given_access_opens_it_to_nobody(
    session: Session, clock: FixedClock, scene: Scene, demande: AccesMenage
) -> None:
    acces.repondre(session, clock, scene.travailleur, demande.ref, accepte=True, version=demande.version)
    autre = acces.demander(session, clock, scene.exterieur, scene.menage, "Orientation commune", 3)
    assert acces.a_repondre(session, clock, scene.collegue) == []
    with pytest.raises(NotVisible):
        acces.repondre(session, clock, scene.collegue, autre.ref, accepte=True, version=autre.version)


def test_an_open_access_closes_at_once(
    session: Session, clock: FixedClock, client_for: Clients, scene: Scene, demande: AccesMenage
) -> None:
    acces.repondre(session, clock, scene.travailleur, demande.ref, accepte=True, version=demande.version)
    session.commit()
    client_for(scene.travailleur).post(
        f"/menages/acces/{demande.ref}/fermer", data={"version": str(demande.version)}
    )
    session.expire_all()
    assert voit(session, clock, scene.collegue, scene) is None
    assert "vient d’être fermé" in mails(session)[scene.collegue.email]


def test_the_whole_way_through_the_screens(
    session: Session, clock: FixedClock, client_for: Clients, scene: Scene
) -> None:
    colleague = client_for(scene.collegue)
    found = colleague.post("/menages/chercher", data={"repere": NUMERO}).text
    (link,) = re.findall(r'href="(/menages/demander/[^"]+)"', found)
    assert "Le Toit Fictif 22" in colleague.get(link).text
    assert colleague.post(link, data={"motif": "  ", "jours": "7"}).status_code == 422
    assert colleague.post(link, data={"motif": "x", "jours": "31"}).status_code == 422
    assert colleague.post(link, data={"motif": "Relais du jeudi", "jours": "5"}).status_code == 303
    assert client_for(scene.exterieur).get(link).status_code == 404  # the key is whose search gave it
    worker = client_for(scene.travailleur)
    assert "Demandes d’accès à un ménage" in worker.get("/a-faire").text
    page = worker.get("/menages/acces").text
    assert "Relais du jeudi" in page
    assert scene.collegue.nom in page
    asked = session.scalars(select(AccesMenage)).one()
    worker.post(
        f"/menages/acces/{asked.ref}/repondre",
        data={"version": str(asked.version), "reponse": "accepter"},
    )
    assert "Maëlle KERFICTIF" in client_for(scene.collegue).get("/menages").text
    page = client_for(scene.collegue).get(f"/menages/{scene.menage.ref}").text
    assert "ouvert à votre demande, jusqu’au 07/03/2026" in page
    written = str(mails(session))
    assert scene.menage.code in written
    for secret in ("Maëlle", "KERFICTIF", "Relais du jeudi", NUMERO):
        assert secret not in written


def test_the_reason_is_encrypted(session: Session, demande: AccesMenage) -> None:
    assert "Maëlle" not in demande.motif
    assert "Maëlle" in coffre(session).ouvrir(demande.motif)


def test_a_key_serves_a_day_to_the_person_who_searched(
    session: Session, clock: FixedClock, scene: Scene
) -> None:
    (found,) = recherche.chercher(session, clock, scene.exterieur, Criteres(repere=NUMERO)).ailleurs
    assert recherche.designe(session, clock, scene.exterieur, found.jeton) is scene.menage
    for wrong in ("inconnu", found.jeton[:-4] + "AAAA"):
        with pytest.raises(NotVisible):
            recherche.designe(session, clock, scene.exterieur, wrong)
    with pytest.raises(NotVisible):
        recherche.designe(session, clock, scene.collegue, found.jeton)
    clock.instant += timedelta(days=1)
    with pytest.raises(NotVisible):
        recherche.designe(session, clock, scene.exterieur, found.jeton)


def test_the_administrator_says_who_stands_in_and_reads_codes_alone(
    session: Session, clock: FixedClock, client_for: Clients, scene: Scene
) -> None:
    client = client_for(scene.administrateur)
    page = client.get("/menages/relais").text
    assert scene.menage.code in page
    assert "KERFICTIF" not in page
    typed = {
        "absent": scene.travailleur.personne_ref,
        "relais": scene.collegue.personne_ref,
        "du": "2026-03-02",
        "au": "2026-03-09",
    }
    for change, dit in (
        ({"relais": scene.travailleur.personne_ref}, "Choisissez une autre personne"),
        ({"au": "2026-03-01"}, "Le dernier jour vient après"),
        ({"au": "2027-03-01"}, "183 jours au plus"),
        ({"relais": scene.exterieur.personne_ref}, "n’est pas proposé"),
        ({"du": "demain"}, "Cette date n’existe pas"),
    ):
        answer = client.post("/menages/relais", data=typed | change)
        assert answer.status_code == 422
        assert dit in answer.text
    assert client.post("/menages/relais", data=typed).status_code == 303
    assert "déjà ce relais" in client.post("/menages/relais", data=typed).text
    assert voit(session, clock, scene.collegue, scene) is Lien.RELAIS
    assert client_for(scene.collegue).get(f"/menages/{scene.menage.ref}/modifier").status_code == 200
    written = mails(session)[scene.collegue.email]
    assert scene.travailleur.nom in written
    lisent = f"{scene.collegue.nom} assure le relais jusqu’au 09/03/2026"
    assert lisent in client_for(scene.travailleur).get(f"/menages/{scene.menage.ref}").text
    kept = session.scalars(select(Relais)).one()
    client_for(scene.administrateur).post(f"/menages/relais/{kept.ref}/terminer")
    session.expire_all()
    assert voit(session, clock, scene.collegue, scene) is None
    assert "est terminé" in mails(session)[scene.collegue.email]
    session.commit()
    assert lisent not in client_for(scene.travailleur).get(f"/menages/{scene.menage.ref}").text


def test_a_stand_in_that_began_keeps_its_past_days(session: Session, clock: FixedClock, scene: Scene) -> None:
    made = relais.confier(
        session,
        clock,
        scene.administrateur,
        absent_ref=scene.travailleur.personne_ref,
        relais_ref=scene.collegue.personne_ref,
        du=date(2026, 2, 27),
        au=date(2026, 3, 20),
    )
    relais.terminer(session, clock, scene.administrateur, made.ref)
    assert made.au == date(2026, 3, 1)
    with pytest.raises(NotVisible):
        relais.terminer(session, clock, scene.administrateur, made.ref)
    with pytest.raises(Forbidden):
        relais.terminer(session, clock, scene.travailleur, made.ref)


def test_the_administrator_of_another_organisation_reads_nothing_of_it(
    client_for: Clients, scene: Scene, actor_for: Callable[..., Actor]
) -> None:
    other = actor_for(scene.administrateur.profil, scene.autre_operateur)
    page = client_for(other).get("/menages/relais").text
    assert scene.menage.code not in page
    assert scene.travailleur.nom not in page


def test_households_are_handed_over_by_their_codes(session: Session, clock: FixedClock, scene: Scene) -> None:
    held_by = session.get_one(Adhesion, scene.travailleur.adhesion_id)
    qui = passation.partant(session, scene.administrateur, held_by.ref)
    (part,) = passation.parts(session, clock, qui)
    assert [(tenu.libelle, part.genre.code) for tenu in part.tenus] == [(scene.menage.code, "menages")]
    assert {un.personne_id for un in part.successeurs.values()} == {scene.collegue.personne_id}
    versions = {"menages": {tenu.ref: tenu.version for tenu in part.tenus}}

    def choix(decision: str) -> Choix:
        return Choix(clock.today(), {"menages": {scene.menage.ref: decision}}, versions)

    for decision in (VIDER, GARDER):  # a household is always someone's
        with pytest.raises(DomainError):
            passation.passer(session, clock, scene.administrateur, qui, choix(decision))
    passation.passer(session, clock, scene.administrateur, qui, choix(f"p{scene.collegue.personne_ref}"))
    assert voit(session, clock, scene.collegue, scene) is Lien.REFERENT
    assert voit(session, clock, scene.travailleur, scene) is None
    assert scene.menage.code in mails(session)[scene.collegue.email]
    assert "KERFICTIF" not in str(mails(session))


def test_a_household_no_longer_accompanied_is_handed_over_too_and_taken_up_again(
    session: Session, clock: FixedClock, scene: Scene
) -> None:
    vise = queries.vue(session, clock, scene.travailleur, scene.menage.ref)
    service.clore(session, clock, scene.travailleur, vise, version=vise.menage.version)
    held_by = session.get_one(Adhesion, scene.travailleur.adhesion_id)
    qui = passation.partant(session, scene.administrateur, held_by.ref)
    (part,) = passation.parts(session, clock, qui)
    (tenu,) = part.tenus
    assert tenu.nature == "Accompagnement terminé"
    decision = {"menages": {tenu.ref: f"p{scene.collegue.personne_ref}"}}
    choix = Choix(clock.today(), decision, {"menages": {tenu.ref: tenu.version}})
    passation.passer(session, clock, scene.administrateur, qui, choix)
    vise = queries.vue(session, clock, scene.collegue, scene.menage.ref)
    service.rouvrir(session, clock, scene.collegue, vise, version=vise.menage.version)
    assert vise.menage.clos_le is None


def test_the_siao_reads_its_departement_alone(
    session: Session, clock: FixedClock, client_for: Clients, scene: Scene
) -> None:
    assert "KERFICTIF" in client_for(scene.siao_direction).get("/menages").text
    page, lignes = queries.lister(session, clock, scene.siao_direction)
    assert page.total == 1
    assert lignes[0].designation == "Maëlle KERFICTIF, Yann LE FICTIF-COZ"
    assert queries.lister(session, clock, scene.ailleurs)[1] == []


def test_the_housing_mission_accompanies_its_own_households_and_reads_the_others(
    session: Session, clock: FixedClock, client_for: Clients, scene: Scene
) -> None:
    own = ouvrir(session, clock, scene.mission_logement)
    session.commit()
    mission, direction = client_for(scene.mission_logement), client_for(scene.siao_direction)
    assert mission.get(f"/menages/{own.ref}/modifier").status_code == 200
    assert direction.get(f"/menages/{own.ref}").status_code == 200
    assert direction.get(f"/menages/{own.ref}/modifier").status_code == 403
    assert mission.get(f"/menages/{scene.menage.ref}/modifier").status_code == 403
    assert client_for(scene.travailleur).get(f"/menages/{own.ref}").status_code == 404


def test_an_answer_says_yes_or_no(
    session: Session, client_for: Clients, scene: Scene, demande: AccesMenage
) -> None:
    here = f"/menages/acces/{demande.ref}/repondre"
    client = client_for(scene.travailleur)
    assert client.post(here, data={"version": str(demande.version)}).status_code == 404
    client.post(here, data={"version": str(demande.version), "reponse": "refuser"})
    session.refresh(demande)
    assert demande.statut is StatutAcces.REFUSE
    late = client.post(
        here, data={"version": str(demande.version), "reponse": "accepter"}, follow_redirects=True
    )
    assert "n’attend plus de réponse" in late.text


def test_nobody_goes_through_a_list_of_names(session: Session, clock: FixedClock, scene: Scene) -> None:
    for _n in range(recherche.PAR_HEURE):
        recherche.chercher(session, clock, scene.exterieur, Criteres(repere=NUMERO))
    with pytest.raises(DomainError) as refused:
        recherche.chercher(session, clock, scene.exterieur, Criteres(repere=NUMERO))
    assert refused.value.code == "menages.recherches_nombreuses"
    assert recherche.chercher(session, clock, scene.travailleur, Criteres(repere=NUMERO)).lignes
    clock.instant += timedelta(hours=1)
    assert recherche.chercher(session, clock, scene.exterieur, Criteres(repere=NUMERO)).ailleurs


@pytest.mark.parametrize("geste", ["proteger", "clore"])
def test_the_protected_circuit_and_the_end_of_the_support_close_every_access(
    session: Session, clock: FixedClock, scene: Scene, demande: AccesMenage, geste: str
) -> None:
    acces.repondre(session, clock, scene.travailleur, demande.ref, accepte=True, version=demande.version)
    waiting = acces.demander(session, clock, scene.exterieur, scene.menage, "Orientation commune", 3)
    seen, version = vue(session, clock, scene.travailleur, scene.menage), scene.menage.version
    if geste == "proteger":
        service.proteger(session, clock, scene.travailleur, seen, "SI-22-4471", version=version)
    else:
        service.clore(session, clock, scene.travailleur, seen, version=version)
    assert voit(session, clock, scene.collegue, scene) is None
    assert (demande.statut, waiting.statut) == (StatutAcces.FERME, StatutAcces.REFUSE)
    for actor in (scene.collegue, scene.exterieur):
        assert not recherche.chercher(
            session, clock, actor, Criteres(nom="Kerfictif", prenom="Maëlle", naissance=date(1990, 5, 12))
        ).ailleurs


def test_other_rooms_are_told_when_the_support_ends(
    session: Session, clock: FixedClock, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(crochets, "_clotures", [lambda s, c, a, m: told.append(m.code)])
    seen = vue(session, clock, scene.travailleur, scene.menage)
    service.clore(session, clock, scene.travailleur, seen, version=scene.menage.version)
    assert told == [scene.menage.code]


def test_households_follow_their_organisation_when_it_merges(
    session: Session, clock: FixedClock, scene: Scene, demande: AccesMenage, actor_for: Callable[..., Actor]
) -> None:
    administrator = actor_for(Profil.ADMIN_DEPARTEMENT, scene.etat)
    session.commit()
    absorbed, absorber = scene.operateur, scene.autre_operateur
    merge_organisations(
        session,
        clock,
        administrator,
        absorbed,
        absorber,
        clock.today(),
        versions=(absorbed.version, absorber.version),
    )
    session.expire_all()
    assert scene.menage.organisation_id == scene.autre_operateur.id
    assert demande.organisation_id == scene.autre_operateur.id
