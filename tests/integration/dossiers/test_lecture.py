"""Who reads what of a dossier: profile × session × state of the dossier × own, guest, foreign."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.commissions import textes
from portal.commissions.dossiers import avis, invites, lecture, ordre, queries, queries_listes
from portal.commissions.dossiers.invites import SaisieInvite
from portal.commissions.dossiers.lecture import Acces, Papier, papier
from portal.commissions.dossiers.queries_agenda import agenda
from portal.commissions.enums import GenreTexte, Portee, StatutSeance
from portal.commissions.enums_dossiers import Marque, SensAvis, StatutDossier
from portal.commissions.models import TexteCommission
from portal.commissions.models_dossiers import Dossier, InviteSeance
from portal.grilles.autorisations.fermeture import retirer
from portal.grilles.autorisations.models import Autorisation
from portal.grilles.enums import Portee as PorteeGrille
from portal.grilles.menages.models import LectureMenage
from portal.notifications.models import MessageSortant
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.errors import DomainError, DomainErrors, Forbidden, NotVisible, StaleVersion
from tests import dossiers
from tests.integration.dossiers.conftest import Table
from tests.menages import vue

QUI = (
    "president", "conseil", "bailleur", "operateur", "permanent", "ajoute", "dehors",
    "travailleur", "collegue", "exterieur", "ailleurs", "siao_direction", "mission_logement",
)  # fmt: skip
DE_DROIT = {"travailleur", "siao_direction", "mission_logement"}
MEMBRES = {"president", "conseil", "bailleur", "operateur", "permanent"}


def qui(table: Table, nom: str) -> Actor:
    found: Actor = getattr(table, nom, None) or getattr(table.place.scene, nom)
    return found


def lu(session: Session, clock: FixedClock, table: Table, nom: str, dossier: Dossier) -> Papier | None:
    """Return what someone reads; what an open page asks again and again says the same."""
    actor = qui(table, nom)
    try:
        read = papier(session, clock, actor, dossier)
    except NotVisible:
        with pytest.raises(NotVisible):
            queries.lisible(session, clock, actor, dossier.ref)
        return None
    assert queries.lisible(session, clock, actor, dossier.ref) is (read.acces is Acces.OUVERT)
    return read


def lisent(session: Session, clock: FixedClock, table: Table, dossier: Dossier) -> set[str]:
    """Return who reads the household."""
    found = {nom: lu(session, clock, table, nom, dossier) for nom in QUI}
    return {nom for nom, one in found.items() if one is not None and one.acces is Acces.OUVERT}


def voient(session: Session, clock: FixedClock, table: Table, dossier: Dossier) -> set[str]:
    """Return for whom the dossier exists."""
    return {nom for nom in QUI if lu(session, clock, table, nom, dossier) is not None}


def test_a_draft_is_its_prescribers_alone(session: Session, clock: FixedClock, table: Table) -> None:
    dossier = dossiers.brouillon(session, clock, table.place)
    assert voient(session, clock, table, dossier) == {"travailleur"}


def test_deposited_the_siao_sees_it_and_no_member(session: Session, clock: FixedClock, table: Table) -> None:
    dossier = dossiers.depose(session, clock, table.place)
    assert lisent(session, clock, table, dossier) == DE_DROIT
    assert voient(session, clock, table, dossier) == DE_DROIT


def test_on_the_agenda_members_wait_for_the_papers(
    session: Session, clock: FixedClock, table: Table, inscrit: Dossier
) -> None:
    assert voient(session, clock, table, inscrit) == DE_DROIT
    dossiers.figer(session, clock, table.place)
    assert lisent(session, clock, table, inscrit) == DE_DROIT | MEMBRES


@pytest.mark.parametrize("statut", [StatutDossier.EN_SEANCE, StatutDossier.DECIDE, StatutDossier.NOTIFIE])
def test_once_examined_those_who_sat_still_read_for_a_month(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier, statut: StatutDossier
) -> None:
    ouvert.statut = statut
    session.flush()
    assert lisent(session, clock, table, ouvert) == DE_DROIT | MEMBRES
    clock.instant = table.place.seance.fin + timedelta(days=29)
    assert lisent(session, clock, table, ouvert) == DE_DROIT | MEMBRES
    clock.instant = table.place.seance.fin + timedelta(days=31)
    assert lisent(session, clock, table, ouvert) == DE_DROIT


def test_a_cancelled_session_closes_its_papers(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    table.place.seance.statut = StatutSeance.ANNULEE
    session.flush()
    assert voient(session, clock, table, ouvert) == DE_DROIT


def test_struck_out_it_is_no_members_business(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    ouvert.statut, ouvert.seance_id, ouvert.rang = StatutDossier.RADIE, None, None
    session.flush()
    assert voient(session, clock, table, ouvert) == DE_DROIT


def test_another_sessions_members_read_nothing(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    autre = dossiers.seance(session, clock, table.place.commission, 40)
    ordre.placer(session, clock, ouvert, autre)
    assert voient(session, clock, table, ouvert) == DE_DROIT


def test_each_reads_the_lesser_of_the_commission_and_of_their_profile(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    def reserves(nom: str) -> set[str]:
        one = lu(session, clock, table, nom, ouvert)
        assert one is not None
        assert one.sortie is not None
        return {item.code for section in one.sortie.sections for item in section.items} & {
            "A7",
            "C7",
            "D4",
            "F5",
        }

    assert reserves("conseil") == reserves("president") == reserves("siao_direction") == {"A7", "C7", "D4"}
    for nom in ("bailleur", "operateur"):
        assert reserves(nom) == set(), nom
    table.place.commission.portee = Portee.P1
    session.flush()
    assert reserves("conseil") == reserves("siao_direction") == set()


def test_the_projector_shows_p1_whoever_opened_it(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    one = papier(session, clock, table.conseil, ouvert, au_plus=PorteeGrille.P1)
    assert one.portee is PorteeGrille.P1


def test_a_reason_that_says_nothing_of_housing_is_not_told_to_a_landlord(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    ouvert.motif_demande = "SEPARATION"
    session.flush()
    motifs = {
        nom: one.motif for nom in ("bailleur", "conseil") if (one := lu(session, clock, table, nom, ouvert))
    }
    assert motifs == {"bailleur": "", "conseil": "SEPARATION"}


def test_a_withdrawal_closes_every_paper_at_once_and_leaves_a_code(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    travailleur = table.place.scene.travailleur
    ref = session.get_one(Autorisation, ouvert.autorisation_id).ref
    retirer(session, clock, travailleur, vue(session, clock, travailleur, ouvert.menage), ref)
    assert lisent(session, clock, table, ouvert) == DE_DROIT
    for nom in MEMBRES:
        one = lu(session, clock, table, nom, ouvert)
        assert one is not None
        assert (one.acces, one.designation, one.situation, one.sortie) == (Acces.FERME, ouvert.code, "", None)
    siao = lu(session, clock, table, "siao_direction", ouvert)
    assert siao is not None
    assert siao.sortie is None
    ligne = agenda(session, clock, table.conseil, table.place.seance).lignes[0]
    assert (ligne.designation, ligne.autorisee) == (ouvert.code, False)


def test_the_protected_circuit_is_read_by_who_chairs_by_code(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    menage = ouvert.menage
    menage.protege, menage.numero_unique, menage.numero_unique_cle = True, "", None
    session.flush()
    assert lisent(session, clock, table, ouvert) == DE_DROIT | {"president"}
    one = lu(session, clock, table, "president", ouvert)
    assert one is not None
    assert one.designation == ouvert.code
    assert one.sortie is None or one.sortie.entete.adultes == ()


def test_a_secretariat_that_is_refused_a_protected_dossier_reads_no_reason_of_an_opinion_on_it(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    ouvert.menage.protege, ouvert.menage.numero_unique, ouvert.menage.numero_unique_cle = True, "", None
    donner(session, clock, table.president, ouvert, SensAvis.RESERVE)
    table.place.commission.secretariat_id = table.conseil.organisation_id
    session.commit()
    for lecteur, dit in ((table.conseil, ""), (table.president, "Parce que.")):
        lus = avis.lus(session, dossiers.vise(session, clock, lecteur, ouvert))
        assert lus is not None
        motifs = [lus.sien_motif] if lus.sien else [one.motif for one in lus.autres]
        assert (lus.recus, motifs) == (1, [dit])


def test_texts_are_accepted_before_the_first_dossier(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    _texte(session, clock, table)
    with pytest.raises(DomainError, match="textes"):
        papier(session, clock, table.conseil, ouvert)
    lignes = agenda(session, clock, table.conseil, table.place.seance).lignes
    assert [one.designation for one in lignes] == [ouvert.code]
    ref = session.scalars(select(TexteCommission.ref)).one()
    textes.accepter(session, clock, table.conseil, table.place.commission, ref)
    assert papier(session, clock, table.conseil, ouvert).acces is Acces.OUVERT


def _texte(session: Session, clock: FixedClock, table: Table) -> None:
    session.add(
        TexteCommission(
            commission_id=table.place.commission.id,
            genre=GenreTexte.CONFIDENTIALITE,
            numero=1,
            texte="Je garde pour moi.",
            sha256="0" * 64,
            publie_le=clock.now(),
            publie_par="Personne",
        )
    )
    session.flush()


def test_a_reading_is_written_down_for_the_household_and_nothing_of_a_closed_one(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    lecture.lu_par(session, clock, table.bailleur, ouvert)
    rows = session.scalars(select(LectureMenage).where(LectureMenage.quoi == lecture.DOSSIER)).all()
    assert [(row.objet_ref, row.organisation_id) for row in rows] == [
        (ouvert.ref, table.bailleur.organisation_id)
    ]


# --- guests ---------------------------------------------------------------------------------------------


def inviter(session: Session, clock: FixedClock, table: Table, *refs: str) -> tuple[InviteSeance, str]:
    secretaire = table.place.scene.siao_direction
    typed = SaisieInvite(nom="Dominique Fictif", email="d.fictif@ailleurs.example", dossiers=refs)
    made = invites.inviter(session, clock, secretaire, table.place.seance, typed)
    corps = session.scalars(select(MessageSortant.corps).order_by(MessageSortant.id.desc())).first() or ""
    return made, corps.split("/dossiers/invitation/")[1].split()[0]


def ouvrir_par_code(session: Session, clock: FixedClock, jeton: str) -> str:
    invites.envoyer_code(session, clock, jeton)
    corps = session.scalars(select(MessageSortant.corps).order_by(MessageSortant.id.desc())).first() or ""
    code = corps.split("Votre code : ")[1][:6]
    cle, refus = invites.verifier(session, clock, jeton, code)
    assert refus is None
    return cle


def autre_dossier(session: Session, clock: FixedClock, table: Table) -> Dossier:
    """Another dossier of the same session, by hand."""
    premier = session.scalars(select(Dossier)).first()
    assert premier is not None
    autre = Dossier(
        departement_code="22",
        commission_id=premier.commission_id,
        menage_id=premier.menage_id,
        organisation_id=premier.organisation_id,
        prescripteur_id=premier.prescripteur_id,
        code="D-AUTRE2",
        statut=StatutDossier.INSCRIT,
        motif_demande="",
        presentation=premier.presentation,
        pieces={},
        seance_id=premier.seance_id,
        rang=2,
        created_at=clock.now(),
        updated_at=clock.now(),
    )
    session.add(autre)
    session.flush()
    return autre


def test_a_guest_reads_the_dossiers_named_and_no_other(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    autre = autre_dossier(session, clock, table)
    invite, jeton = inviter(session, clock, table, ouvert.ref)
    cle = ouvrir_par_code(session, clock, jeton)
    held = invites.ouverte(session, clock, jeton, cle)
    assert held is invite
    with pytest.raises(NotVisible):  # nothing before the undertaking
        papier(session, clock, held, ouvert)
    invites.accepter(session, clock, held)
    one = papier(session, clock, held, ouvert)
    assert (one.acces, one.portee) == (Acces.OUVERT, PorteeGrille.P1)
    assert [row.ref for row in invites.dossiers_de(session, clock, held)] == [ouvert.ref]
    with pytest.raises(NotVisible):
        papier(session, clock, held, autre)


def test_the_link_dies_72_hours_after_the_session_or_when_revoked(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    invite, jeton = inviter(session, clock, table, ouvert.ref)
    cle = ouvrir_par_code(session, clock, jeton)
    invites.accepter(session, clock, invite)
    clock.instant = table.place.seance.fin + timedelta(hours=71, minutes=59)
    assert invites.par_jeton(session, clock, jeton) is invite
    assert invites.ouverte(session, clock, jeton, cle) is None  # the code is asked for again
    clock.instant = table.place.seance.fin + timedelta(hours=72)
    for essai in (invites.par_jeton, invites.envoyer_code):
        with pytest.raises(NotVisible):
            essai(session, clock, jeton)
    with pytest.raises(NotVisible):
        papier(session, clock, invite, ouvert)
    clock.instant = table.place.seance.debut
    secretaire = table.place.scene.siao_direction
    invites.revoquer(session, clock, secretaire, table.place.seance, invite.ref, version=invite.version)
    with pytest.raises(NotVisible):
        invites.par_jeton(session, clock, jeton)


def test_a_code_is_tried_five_times_and_never_read_from_the_link(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    _invite, jeton = inviter(session, clock, table, ouvert.ref)
    assert invites.ouverte(session, clock, jeton, "") is None
    invites.envoyer_code(session, clock, jeton)
    with pytest.raises(DomainError, match="code_recent"):
        invites.envoyer_code(session, clock, jeton)
    for _essai in range(5):
        assert invites.verifier(session, clock, jeton, "x")[1].code == "dossiers.code_faux"  # type: ignore[union-attr]
    corps = session.scalars(select(MessageSortant.corps).order_by(MessageSortant.id.desc())).first() or ""
    bon = corps.split("Votre code : ")[1][:6]
    assert invites.verifier(session, clock, jeton, bon)[1].code == "dossiers.code_attendre"  # type: ignore[union-attr]
    clock.instant += timedelta(minutes=2)
    with pytest.raises(DomainError, match="code_attendre"):
        invites.envoyer_code(session, clock, jeton)
    clock.instant += timedelta(minutes=15)
    invites.envoyer_code(session, clock, jeton)


def test_a_guest_is_never_invited_for_the_protected_circuit_nor_by_a_member(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    with pytest.raises(Forbidden):
        invites.inviter(session, clock, table.conseil, table.place.seance, SaisieInvite())
    ouvert.menage.protege, ouvert.menage.numero_unique = True, ""
    ouvert.menage.numero_unique_cle = None
    session.flush()
    with pytest.raises(DomainErrors):
        inviter(session, clock, table, ouvert.ref)


def test_no_email_of_the_room_names_a_household(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    inviter(session, clock, table, ouvert.ref)
    avis.relancer(session, clock, table.place.scene.siao_direction, table.place.seance)
    rows = session.scalars(select(MessageSortant).order_by(MessageSortant.id)).all()
    assert len(rows) > 8
    for row in rows:
        for mot in ("Kerfictif", "Fictif-Coz", "Maëlle", "Yann", ouvert.menage.code, dossiers.SITUATION):
            assert mot not in row.sujet + row.corps + str(row.calendrier)


# --- opinions and notes -----------------------------------------------------------------------------------


def donner(
    session: Session, clock: FixedClock, actor: Actor, dossier: Dossier, sens: SensAvis, **champs: int
) -> None:
    lu = dossiers.vise(session, clock, actor, dossier)
    avis.donner(session, clock, actor, lu, sens, "Parce que.", **champs)


def test_one_opinion_per_organisation_counted_and_hidden_until_ones_own(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    table.place.commission.avis_apres_le_sien = True
    session.flush()
    donner(session, clock, table.conseil, ouvert, SensAvis.FAVORABLE)
    with pytest.raises(StaleVersion):
        donner(session, clock, table.conseil, ouvert, SensAvis.RESERVE)
    cache = avis.lus(session, dossiers.vise(session, clock, table.bailleur, ouvert))
    assert cache is not None
    assert (cache.caches, cache.autres, cache.recus, cache.attendus) == (True, [], 1, 3)
    donner(session, clock, table.bailleur, ouvert, SensAvis.DEFAVORABLE)
    vu = avis.lus(session, dossiers.vise(session, clock, table.bailleur, ouvert))
    assert vu is not None
    assert ([one.sens for one in vu.autres], vu.divergent) == ([SensAvis.FAVORABLE], True)
    ligne = agenda(session, clock, table.bailleur, table.place.seance).lignes[0]
    assert (ligne.avis, ligne.sien, ligne.partage) == (2, SensAvis.DEFAVORABLE, True)
    assert not agenda(session, clock, table.president, table.place.seance).lignes[0].partage


def test_who_is_party_withdraws_and_who_is_not_asked_gives_none(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    with pytest.raises(DomainError, match="deport"):
        donner(session, clock, table.operateur, ouvert, SensAvis.FAVORABLE)
    assert agenda(session, clock, table.operateur, table.place.seance).lignes[0].deport
    with pytest.raises(Forbidden):
        donner(session, clock, table.permanent, ouvert, SensAvis.FAVORABLE)
    travailleur = table.place.scene.travailleur
    with pytest.raises(Forbidden):
        donner(session, clock, travailleur, ouvert, SensAvis.FAVORABLE)
    assert avis.lus(session, dossiers.vise(session, clock, travailleur, ouvert)) is None


def test_a_seat_of_the_siao_lets_its_other_people_give_no_opinion(
    session: Session, clock: FixedClock, factories: SimpleNamespace, table: Table, ouvert: Dossier
) -> None:
    """They read every dossier of their SIAO, seated or not."""
    scene = table.place.scene
    dossiers.asseoir(session, clock, factories, table.place, scene.siao, scene.siao_direction)
    session.commit()
    with pytest.raises(Forbidden):
        donner(session, clock, scene.mission_logement, ouvert, SensAvis.FAVORABLE)
    donner(session, clock, scene.siao_direction, ouvert, SensAvis.FAVORABLE)


def test_an_opinion_against_says_why_and_none_comes_once_the_session_has_begun(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    lu = dossiers.vise(session, clock, table.conseil, ouvert)
    with pytest.raises(DomainErrors):
        avis.donner(session, clock, table.conseil, lu, SensAvis.DEFAVORABLE, " ")
    clock.instant = table.place.seance.debut
    with pytest.raises(DomainError, match="avis_tard"):
        avis.donner(session, clock, table.conseil, lu, SensAvis.FAVORABLE, "")


def test_a_note_is_its_writers_alone(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    lu = dossiers.vise(session, clock, table.conseil, ouvert)
    avis.noter(session, clock, table.conseil, lu, Marque.QUESTION, "Quel délai ?", version=0)
    assert avis.note(session, dossiers.vise(session, clock, table.conseil, ouvert)).texte == "Quel délai ?"
    assert avis.note(session, dossiers.vise(session, clock, table.bailleur, ouvert)) == avis.NoteLue()
    avis.noter(session, clock, table.conseil, lu, None, "", version=1)
    assert avis.note(session, dossiers.vise(session, clock, table.conseil, ouvert)) == avis.NoteLue()


# --- order ------------------------------------------------------------------------------------------------


def test_the_order_changes_whole_and_another_secretarys_is_not_lost(
    session: Session, clock: FixedClock, table: Table, inscrit: Dossier
) -> None:
    autre = autre_dossier(session, clock, table)
    secretaire, seance = table.place.scene.siao_direction, table.place.seance
    avant = agenda(session, clock, secretaire, seance).ordre
    assert avant == f"{inscrit.ref},{autre.ref}"
    nouvel = ordre.deplacer([inscrit.ref, autre.ref], autre.ref, -1)
    ordre.ordonner(session, clock, secretaire, seance, nouvel, ordre=avant)
    assert [one.ref for one in agenda(session, clock, secretaire, seance).lignes] == [autre.ref, inscrit.ref]
    with pytest.raises(StaleVersion):
        ordre.ordonner(session, clock, secretaire, seance, [inscrit.ref, autre.ref], ordre=avant)
    with pytest.raises(Forbidden):
        ordre.ordonner(session, clock, table.conseil, seance, nouvel, ordre=",".join(nouvel))
    clock.instant = seance.debut
    with pytest.raises(DomainError, match="ordre_fige"):
        ordre.ordonner(session, clock, secretaire, seance, nouvel, ordre=",".join(nouvel))


def test_the_lists_hold_what_one_sees(
    session: Session, clock: FixedClock, table: Table, ouvert: Dossier
) -> None:
    for nom in QUI:
        _page, lignes = queries_listes.lister(session, clock, qui(table, nom))
        assert bool(lignes) == (nom in DE_DROIT | MEMBRES), nom
    _page, lignes = queries_listes.lister(session, clock, table.conseil)
    assert lignes[0].designation == ouvert.code
    _page, lignes = queries_listes.lister(session, clock, table.place.scene.travailleur, filtre="inscrits")
    assert "KERFICTIF" in lignes[0].designation
