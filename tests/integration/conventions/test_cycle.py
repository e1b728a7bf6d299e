"""A line from its opening to its end, through the services, on both engines."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit.models import EntreeJournal
from portal.conventions import a_faire, service
from portal.conventions.enums import Partie, Statut
from portal.conventions.models import Convention
from portal.notifications.models import MessageSortant
from portal.organisations.enums import TypeOrganisation
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.errors import DomainError, Forbidden, NotVisible, StaleVersion
from tests.integration.conventions.conftest import Parties

Ouvrir = Callable[..., Convention]


def refus(code: str) -> object:
    return pytest.raises(DomainError, match=f"^{code}$")


def classer(session: Session, clock: FixedClock, parties: Parties, ligne: Convention) -> None:
    service.proposer_classement(session, clock, parties.agent, ligne.ref, ligne.version, motif="Fermeture")
    service.confirmer_classement(session, clock, parties.pilote, ligne.ref, ligne.version)


def actions(session: Session, ligne: Convention) -> list[str]:
    return list(
        session.scalars(
            select(EntreeJournal.action)
            .where(EntreeJournal.objet_type == "convention", EntreeJournal.objet_id == ligne.id)
            .order_by(EntreeJournal.id)
        )
    )


def test_a_line_is_opened_with_its_parties_and_the_national_target(
    session: Session, parties: Parties, ouvrir: Ouvrir
) -> None:
    ligne = ouvrir(natures={"RS": 40, "CHU": None})
    assert (ligne.statut, ligne.date_cible, ligne.departement_code) == (
        Statut.A_ENGAGER,
        date(2026, 12, 31),
        "22",
    )
    assert ligne.etat_id == parties.etat.id
    assert {n.nature_code: n.places for n in ligne.natures} == {"RS": 40, "CHU": None}
    assert actions(session, ligne) == ["conventions:convention:creer"]


def test_ten_submissions_of_one_form_make_one_line(session: Session, ouvrir: Ouvrir) -> None:
    lignes = {ouvrir(cle="formulaire-1").id for _ in range(10)}
    assert len(lignes) == 1
    with refus("conventions.ligne_ouverte"):
        ouvrir(cle="formulaire-2")


@pytest.mark.parametrize(
    ("natures", "code"),
    [({"INCONNUE": 1}, "conventions.nature_inconnue"), ({"RS": -1}, "conventions.places")],
)
def test_natures_are_checked(ouvrir: Ouvrir, natures: dict[str, int], code: str) -> None:
    with refus(code):
        ouvrir(natures=natures)


def test_who_may_open_a_line(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    factories: SimpleNamespace,
    actor_for: Callable[..., Actor],
) -> None:
    autre = factories.Organisation(type=TypeOrganisation.SIAO, nom="SIAO Fictif 37", departement_code="37")
    factories.Organisation(type=TypeOrganisation.ETAT, nom="DDETS Fictive 37", departement_code="37")
    refs = {"operateur_ref": parties.operateur.ref, "siao_ref": autre.ref}
    for actor in (parties.agent, parties.pilote, parties.direction):
        with pytest.raises(Forbidden):
            service.creer(session, clock, actor, **refs)
    ligne = service.creer(session, clock, actor_for(Profil.SIAO_REGULATEUR, autre), **refs)
    assert ligne.departement_code == "37"
    assert {d.departement_code for d in parties.operateur.departements} == {"22", "37"}


@pytest.mark.parametrize(
    "genre",
    [TypeOrganisation.SIAO, TypeOrganisation.ETAT, TypeOrganisation.AUTRE, TypeOrganisation.RESERVATAIRE],
)
def test_an_operator_runs_dispositifs(
    factories: SimpleNamespace, ouvrir: Ouvrir, genre: TypeOrganisation
) -> None:
    with refus("conventions.operateur_type"):
        ouvrir(operateur_ref=factories.Organisation(type=genre).ref)


def test_three_signatures_in_order_make_it_signed(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    ouvrir: Ouvrir,
    en_signature: Callable[[Convention], Convention],
) -> None:
    ligne = en_signature(ouvrir())
    args = (session, clock, parties.agent, ligne.ref)
    with refus("conventions.signature_ordre"):
        service.enregistrer_signature(*args, ligne.version, partie=Partie.SIAO, signee_le=date(2026, 2, 1))
    service.enregistrer_signature(
        *args, ligne.version, partie=Partie.OPERATEUR, signee_le=date(2026, 2, 10), signataire="Mme Exemple"
    )
    with refus("conventions.signature_deja"):
        service.enregistrer_signature(
            *args, ligne.version, partie=Partie.OPERATEUR, signee_le=date(2026, 2, 10)
        )
    with refus("conventions.signature_ordre_dates"):
        service.enregistrer_signature(*args, ligne.version, partie=Partie.SIAO, signee_le=date(2026, 2, 1))
    with refus("conventions.signature_future"):
        service.enregistrer_signature(*args, ligne.version, partie=Partie.SIAO, signee_le=date(2026, 3, 3))
    service.enregistrer_signature(*args, ligne.version, partie=Partie.SIAO, signee_le=date(2026, 2, 20))
    with refus("obligatoire"):
        service.enregistrer_signature(*args, ligne.version, partie=Partie.ETAT, signee_le=date(2026, 3, 2))
    with refus("conventions.effet_avant_signature"):
        service.enregistrer_signature(
            *args,
            ligne.version,
            partie=Partie.ETAT,
            signee_le=date(2026, 3, 2),
            date_effet=date(2026, 1, 1),
            date_fin=date(2029, 12, 31),
        )
    with refus("conventions.fin_avant_effet"):
        service.enregistrer_signature(
            *args,
            ligne.version,
            partie=Partie.ETAT,
            signee_le=date(2026, 3, 2),
            date_effet=date(2026, 4, 1),
            date_fin=date(2026, 3, 31),
        )
    assert len(ligne.signatures) == 2
    service.enregistrer_signature(
        *args,
        ligne.version,
        partie=Partie.ETAT,
        signee_le=date(2026, 3, 2),
        date_effet=date(2026, 1, 1),
        date_fin=date(2029, 12, 31),
        effet_anterieur=True,
    )
    assert (ligne.statut, ligne.date_signature) == (Statut.SIGNEE, date(2026, 3, 2))
    assert (ligne.fin_effective, ligne.fin_tri) == (date(2029, 12, 31), date(2029, 12, 31))
    sujets = session.scalars(select(MessageSortant.sujet)).all()
    assert len(sujets) == 2  # the two other parties; not the author
    assert all(sujet.startswith("Convention signée") for sujet in sujets)


def test_an_operator_records_its_own_signature_only(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    ouvrir: Ouvrir,
    en_signature: Callable[[Convention], Convention],
) -> None:
    ligne = en_signature(ouvrir())
    args = (session, clock, parties.direction, ligne.ref)
    with refus("conventions.signature_autre_partie"):
        service.enregistrer_signature(*args, ligne.version, partie=Partie.SIAO, signee_le=date(2026, 3, 1))
    service.enregistrer_signature(*args, ligne.version, partie=Partie.OPERATEUR, signee_le=date(2026, 3, 1))
    service.retirer_signature(*args, ligne.version, partie=Partie.OPERATEUR, motif="Texte à revoir")
    assert (ligne.statut, ligne.signatures) == (Statut.EN_NEGOCIATION, [])
    with pytest.raises(Forbidden):
        service.avancer(*args, ligne.version, "accorder")


def test_withdrawing_reopens_the_negotiation(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    ouvrir: Ouvrir,
    en_signature: Callable[[Convention], Convention],
) -> None:
    ligne = en_signature(ouvrir())
    with refus("conventions.motif_obligatoire"):
        service.avancer(session, clock, parties.agent, ligne.ref, ligne.version, "rouvrir")
    assert ligne.statut is Statut.EN_SIGNATURE
    service.avancer(session, clock, parties.agent, ligne.ref, ligne.version, "rouvrir", motif="Clause 5.2")
    assert ligne.statut is Statut.EN_NEGOCIATION
    with refus("etat.transition_impossible"):
        service.avancer(session, clock, parties.agent, ligne.ref, ligne.version, "mettre_en_signature")


def test_the_state_suspends_and_resumes_where_it_stood(
    session: Session, clock: FixedClock, parties: Parties, ouvrir: Ouvrir
) -> None:
    ligne = ouvrir()
    service.avancer(session, clock, parties.agent, ligne.ref, ligne.version, "engager")
    with refus("etat.transition_impossible"):
        service.suspendre(session, clock, parties.pilote, ligne.ref, ligne.version, motif="Trop tôt")
    service.avancer(session, clock, parties.agent, ligne.ref, ligne.version, "negocier")
    with pytest.raises(Forbidden):
        service.suspendre(session, clock, parties.agent, ligne.ref, ligne.version, motif="Désaccord")
    service.suspendre(session, clock, parties.pilote, ligne.ref, ligne.version, motif="Désaccord")
    assert (ligne.statut, ligne.motif) == (Statut.SUSPENDUE, "Désaccord")
    service.reprendre(session, clock, parties.pilote, ligne.ref, ligne.version)
    assert (ligne.statut, ligne.motif, ligne.statut_avant_suspension) == (Statut.EN_NEGOCIATION, "", None)


def test_s0_one_operator_two_siao(
    session: Session,
    clock: FixedClock,
    factories: SimpleNamespace,
    actor_for: Callable[..., Actor],
) -> None:
    """domaine.md § 15, case 6: SIAO 92 and 75 each have a CTP; a second one with SIAO 92 is refused."""
    operateur = factories.Organisation(departement_code="92", nom="Association Fictive de Nanterre")
    dates = {
        "date_signature": date(2022, 12, 12),
        "date_effet": date(2022, 12, 12),
        "date_fin": date(2026, 12, 12),
    }
    for code in ("92", "75"):
        siao = factories.Organisation(type=TypeOrganisation.SIAO, departement_code=code, nom=f"SIAO {code}")
        factories.Organisation(type=TypeOrganisation.ETAT, departement_code=code, nom=f"DRIHL {code}")
        agent = actor_for(Profil.SIAO_DIRECTION, siao)
        ligne = service.creer(session, clock, agent, operateur_ref=operateur.ref, siao_ref=siao.ref)
        service.saisir_reprise(session, clock, agent, ligne.ref, ligne.version, **dates)
        assert (ligne.statut, ligne.reprise, ligne.signatures) == (Statut.SIGNEE, True, [])
        with refus("conventions.couple_en_vigueur"):
            service.creer(session, clock, agent, operateur_ref=operateur.ref, siao_ref=siao.ref)
        fille = service.renouveler(session, clock, agent, ligne.ref)
        with refus("conventions.chevauchement"):
            service.saisir_reprise(session, clock, agent, fille.ref, fille.version, **dates)
        assert fille.statut is Statut.PROJET
    assert session.scalar(select(func.count()).select_from(Convention)) == 4


def test_a_signed_successor_cuts_its_predecessor(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    ouvrir: Ouvrir,
    signer: Callable[..., Convention],
) -> None:
    mere = ouvrir(natures={"RS": 40})
    service.saisir_reprise(
        session,
        clock,
        parties.agent,
        mere.ref,
        mere.version,
        date_signature=date(2022, 12, 12),
        date_effet=date(2022, 12, 12),
        date_fin=date(2026, 12, 12),
    )
    fille = service.renouveler(session, clock, parties.agent, mere.ref, cle="renouveler-1")
    assert service.renouveler(session, clock, parties.agent, mere.ref, cle="renouveler-1") is fille
    assert (fille.remplace_id, fille.statut, fille.date_cible) == (mere.id, Statut.PROJET, date(2026, 12, 12))
    assert {n.nature_code: n.places for n in fille.natures} == {"RS": 40}
    with refus("conventions.deja_renouvelee"):
        service.renouveler(session, clock, parties.agent, mere.ref)
    signer(fille, effet=date(2026, 4, 1), fin=date(2030, 3, 31))
    assert (mere.fin_effective, mere.date_fin) == (date(2026, 3, 31), date(2026, 12, 12))
    # Moved later, it gives its days back; moved earlier, it takes more.
    for effet, fin_mere in ((date(2026, 6, 1), date(2026, 5, 31)), (date(2026, 3, 5), date(2026, 3, 4))):
        service.corriger(
            session,
            clock,
            parties.agent,
            fille.ref,
            fille.version,
            date_effet=effet,
            date_fin=date(2030, 3, 31),
            motif="Erreur de saisie",
        )
        assert mere.fin_effective == fin_mere
    session.commit()


def test_a_line_without_object_leaves_its_place(
    session: Session, clock: FixedClock, parties: Parties, ouvrir: Ouvrir, signer: Callable[..., Convention]
) -> None:
    mere = signer(ouvrir())
    fille = service.renouveler(session, clock, parties.agent, mere.ref)
    classer(session, clock, parties, fille)
    assert (fille.statut, fille.remplace_id) == (Statut.SANS_OBJET, None)
    assert service.renouveler(session, clock, parties.agent, mere.ref).remplace_id == mere.id


def test_state_and_siao_close_a_line_together(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    factories: SimpleNamespace,
    actor_for: Callable[..., Actor],
    ouvrir: Ouvrir,
) -> None:
    adjoint = actor_for(Profil.SIAO_REGULATEUR, parties.siao)
    ligne = ouvrir()
    propose = partial(service.proposer_classement, session, clock)
    confirme = partial(service.confirmer_classement, session, clock)
    ecarte = partial(service.ecarter_classement, session, clock)
    with refus("conventions.classement_absent"):
        confirme(parties.pilote, ligne.ref, ligne.version)
    with refus("conventions.motif_obligatoire"):
        propose(parties.agent, ligne.ref, ligne.version, motif=" ")
    with pytest.raises(Forbidden):
        propose(parties.direction, ligne.ref, ligne.version, motif="Fermeture")
    propose(parties.agent, ligne.ref, ligne.version, motif="Fermeture")
    assert ligne.statut is Statut.A_ENGAGER
    with refus("conventions.classement_en_attente"):
        propose(parties.pilote, ligne.ref, ligne.version, motif="Retrait")
    for du_meme_cote in (parties.agent, adjoint):
        with refus("conventions.classement_autre_partie"):
            confirme(du_meme_cote, ligne.ref, ligne.version)
    assert [r.code for r in a_faire.taches(session, clock, parties.pilote)][:1] == ["a_classer"]
    assert "a_classer" not in [r.code for r in a_faire.taches(session, clock, parties.agent)]
    ecarte(parties.pilote, ligne.ref, ligne.version, motif="L’association continue")
    assert "a_classer" not in [r.code for r in a_faire.taches(session, clock, parties.pilote)]
    propose(parties.pilote, ligne.ref, ligne.version, motif="Fermeture confirmée")
    confirme(parties.agent, ligne.ref, ligne.version)
    assert (ligne.statut, ligne.motif) == (Statut.SANS_OBJET, "Fermeture confirmée")
    assert actions(session, ligne)[1:] == [
        "conventions:convention:proposer_classement",
        "conventions:convention:ecarter_classement",
        "conventions:convention:proposer_classement",
        "conventions:convention:classer",
    ]
    envois = session.execute(select(MessageSortant.sujet, MessageSortant.destinataire))
    assert sorted((sujet.partition(" : ")[0], adresse) for sujet, adresse in envois) == sorted(
        [
            ("À confirmer, classement sans objet", parties.pilote.email),
            ("Classement sans objet écarté", parties.agent.email),
            ("À confirmer, classement sans objet", parties.agent.email),
            ("Classée sans objet", parties.pilote.email),
            ("Classée sans objet", parties.direction.email),
        ]
    )


def test_a_signed_line_holds_no_proposal_to_close_it(
    session: Session, clock: FixedClock, parties: Parties, ouvrir: Ouvrir, signer: Callable[..., Convention]
) -> None:
    ligne = ouvrir()
    service.proposer_classement(session, clock, parties.agent, ligne.ref, ligne.version, motif="Retrait")
    signer(ligne)
    assert ligne.classement is None
    with refus("conventions.classement_absent"):
        service.confirmer_classement(session, clock, parties.pilote, ligne.ref, ligne.version)


def test_older_ctps_take_their_place_in_the_chain(
    session: Session, clock: FixedClock, parties: Parties, ouvrir: Ouvrir, signer: Callable[..., Convention]
) -> None:
    recente = signer(ouvrir())
    ancienne = service.renouveler(session, clock, parties.agent, recente.ref)
    service.saisir_reprise(
        session,
        clock,
        parties.agent,
        ancienne.ref,
        ancienne.version,
        date_signature=date(2018, 1, 1),
        date_effet=date(2018, 1, 1),
        date_fin=date(2021, 12, 31),
    )
    assert (ancienne.remplace_id, recente.remplace_id) == (None, ancienne.id)


def test_termination_after_its_notice(
    session: Session, clock: FixedClock, parties: Parties, ouvrir: Ouvrir, signer: Callable[..., Convention]
) -> None:
    ligne = signer(ouvrir())
    args = (session, clock, parties.direction, ligne.ref)
    with refus("conventions.resiliation_preavis"):
        service.resilier(
            *args, ligne.version, motif="Fin d’activité", notifiee_le=date(2026, 3, 2), effet=date(2026, 4, 1)
        )
    with refus("conventions.notification_future"):
        service.resilier(*args, ligne.version, motif="x", notifiee_le=date(2026, 3, 3))
    service.resilier(*args, ligne.version, motif="Fin d’activité", notifiee_le=date(2026, 3, 2))
    assert (ligne.resiliation_effet, ligne.fin_effective) == (date(2026, 5, 2), date(2026, 5, 1))
    assert (ligne.resiliee_par, ligne.statut) == (Partie.OPERATEUR, Statut.SIGNEE)
    with refus("conventions.resiliation_deja"):
        service.resilier(*args, ligne.version, motif="x", notifiee_le=date(2026, 3, 1))
    service.annuler_resiliation(
        session, clock, parties.agent, ligne.ref, ligne.version, motif="Accord trouvé"
    )
    assert (ligne.fin_effective, ligne.resiliation_effet) == (date(2030, 3, 2), None)


def test_editing_an_old_version_shows_the_new_one(
    session: Session, clock: FixedClock, parties: Parties, ouvrir: Ouvrir
) -> None:
    ligne = ouvrir(natures={"RS": 40})
    lue = ligne.version
    service.modifier(session, clock, parties.agent, ligne.ref, lue, natures={"CHU": 3}, mode=None, notes="A")
    with pytest.raises(StaleVersion) as raised:
        service.modifier(
            session, clock, parties.pilote, ligne.ref, lue, natures={"RS": 50}, mode=None, notes="B"
        )
    assert raised.value.current["notes"] == "A"
    assert raised.value.current["natures"] == {"CHU": 3}
    assert raised.value.current["version"] == ligne.version


def test_moving_target_dates_keeps_their_history(
    session: Session, clock: FixedClock, parties: Parties, factories: SimpleNamespace, ouvrir: Ouvrir
) -> None:
    lignes = [ouvrir(), ouvrir(operateur_ref=factories.Organisation().ref)]
    refs = [ligne.ref for ligne in lignes]
    args = (session, clock, parties.pilote, refs)
    with refus("conventions.motif_obligatoire"):
        service.deplacer_cible(*args, nouvelle=date(2026, 9, 30), motif="")
    with refus("date_absurde"):
        service.deplacer_cible(*args, nouvelle=date(1900, 1, 1), motif="x")
    assert service.deplacer_cible(*args, nouvelle=date(2026, 9, 30), motif="Comité du 2 mars") == 2
    assert service.deplacer_cible(*args, nouvelle=date(2026, 9, 30), motif="Comité du 2 mars") == 0
    (trace,) = lignes[0].cibles
    assert (trace.ancienne, trace.nouvelle, trace.motif) == (
        date(2026, 12, 31),
        date(2026, 9, 30),
        "Comité du 2 mars",
    )


def test_a_bulk_act_changes_all_or_nothing(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    factories: SimpleNamespace,
    ouvrir: Ouvrir,
    signer: Callable[..., Convention],
) -> None:
    ouverte = ouvrir(operateur_ref=factories.Organisation().ref)
    signee = signer(ouvrir())
    session.commit()
    with refus("conventions.cible_signee"):
        service.deplacer_cible(
            session, clock, parties.agent, [ouverte.ref, signee.ref], nouvelle=date(2026, 6, 1), motif="x"
        )
    session.rollback()
    assert ouverte.date_cible == date(2026, 12, 31)
    with refus("conventions.aucune_ligne"):
        service.deplacer_cible(session, clock, parties.agent, [], nouvelle=date(2026, 6, 1), motif="x")


def test_a_bulk_refusal_names_the_first_lines(
    session: Session, clock: FixedClock, parties: Parties, factories: SimpleNamespace, ouvrir: Ouvrir
) -> None:
    refs = [ouvrir(operateur_ref=factories.Organisation(nom=f"Asso {rang}").ref).ref for rang in range(7)]
    with pytest.raises(DomainError) as refused:
        service.copier_si_siao(session, clock, parties.agent, refs)
    assert len(refused.value.params["lignes"]) == 6
    assert refused.value.params["lignes"][-1] == "+ 2"


def test_putting_someone_in_charge(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    actor_for: Callable[..., Actor],
    ouvrir: Ouvrir,
) -> None:
    ligne = ouvrir()
    etranger = actor_for(Profil.OPERATEUR_DIRECTION)
    args = (session, clock, parties.agent, [ligne.ref])
    with refus("conventions.responsable"):
        service.confier(*args, personne_ref=etranger.personne_ref)
    assert service.confier(*args, personne_ref=parties.pilote.personne_ref) == 1
    assert service.confier(*args, personne_ref=parties.pilote.personne_ref) == 0
    assert ligne.responsable_id == parties.pilote.personne_id
    (message,) = session.scalars(select(MessageSortant))
    assert (message.destinataire, message.sujet) == (parties.pilote.email, "1 convention vous est confiée")
    assert service.confier(*args, personne_ref=None) == 1
    assert ligne.responsable_id is None


def test_copied_into_the_si_siao_until_a_signature_date_changes(
    session: Session, clock: FixedClock, parties: Parties, ouvrir: Ouvrir, signer: Callable[..., Convention]
) -> None:
    ligne = ouvrir()
    with refus("conventions.copie_non_signee"):
        service.copier_si_siao(session, clock, parties.agent, [ligne.ref])
    signer(ligne)
    assert service.copier_si_siao(session, clock, parties.agent, [ligne.ref]) == 1
    assert ligne.si_siao_copiee_le == clock.now()
    assert parties.agent.nom in ligne.si_siao_copiee_par
    dates = {"date_effet": date(2026, 3, 2), "date_fin": date(2030, 3, 2), "motif": "Erreur"}
    args = (session, clock, parties.agent, ligne.ref)
    service.corriger(*args, ligne.version, **dates)
    assert ligne.si_siao_copiee_le is not None
    service.corriger(*args, ligne.version, **dates, signatures={Partie.ETAT: date(2026, 3, 2)})
    assert (ligne.si_siao_copiee_le, ligne.date_signature) == (None, date(2026, 3, 2))


def test_a_line_of_others_does_not_exist(
    session: Session, clock: FixedClock, actor_for: Callable[..., Actor], ouvrir: Ouvrir
) -> None:
    ligne = ouvrir()
    for profil in (Profil.SIAO_DIRECTION, Profil.OPERATEUR_DIRECTION, Profil.ADMIN_TECHNIQUE):
        with pytest.raises(NotVisible):
            service.avancer(session, clock, actor_for(profil), ligne.ref, ligne.version, "engager")


def test_today_is_that_of_the_departement(
    session: Session, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> None:
    """22:30 UTC on 2 March is already the 3rd in Saint-Denis de La Réunion."""
    clock = FixedClock(datetime(2026, 3, 2, 22, 30, tzinfo=UTC))
    siao = factories.Organisation(type=TypeOrganisation.SIAO, departement_code="974", nom="SIAO 974")
    factories.Organisation(type=TypeOrganisation.ETAT, departement_code="974", nom="DEETS 974")
    agent = actor_for(Profil.SIAO_DIRECTION, siao)
    operateur = factories.Organisation(departement_code="974")
    ligne = service.creer(session, clock, agent, operateur_ref=operateur.ref, siao_ref=siao.ref)
    jour = date(2026, 3, 3)
    with refus("conventions.signature_future"):
        service.saisir_reprise(
            session,
            clock,
            agent,
            ligne.ref,
            ligne.version,
            date_signature=jour + timedelta(days=1),
            date_effet=jour + timedelta(days=1),
            date_fin=date(2030, 1, 1),
        )
    service.saisir_reprise(
        session,
        clock,
        agent,
        ligne.ref,
        ligne.version,
        date_signature=jour,
        date_effet=jour,
        date_fin=date(2030, 1, 1),
    )


def test_a_departement_with_several_state_services(
    session: Session, parties: Parties, factories: SimpleNamespace, ouvrir: Callable[..., Convention]
) -> None:
    kind = TypeOrganisation.ETAT
    guest = factories.Organisation(nom="DRIHL Fictive", type=kind, departement_code="75", dans=["22"])
    elsewhere = factories.Organisation(nom="DDETS Fictive 37", type=kind, departement_code="37")
    assert ouvrir().etat_id == parties.etat.id  # the only one at home there
    other = {"operateur_ref": factories.Organisation(nom="Autre opérateur").ref}
    assert ouvrir(**other, etat_ref=guest.ref).etat_id == guest.id
    third = {"operateur_ref": factories.Organisation(nom="Troisième opérateur").ref}
    with pytest.raises(DomainError, match=r"conventions\.etat_type"):
        ouvrir(**third, etat_ref=elsewhere.ref)
    factories.Organisation(nom="Direction Fictive 22", type=kind)
    with pytest.raises(DomainError, match=r"conventions\.etat_multiple"):
        ouvrir(**third)
    assert ouvrir(**third, etat_ref=parties.etat.ref).etat_id == parties.etat.id


def test_a_form_sent_again_answers_only_who_may_still_create(
    session: Session, clock: FixedClock, parties: Parties, ouvrir: Ouvrir, actor_for: Callable[..., Actor]
) -> None:
    """Whoever reads the line without the right to open one learns nothing from another's form."""
    ouvrir(cle="formulaire-1")
    lecteur = actor_for(Profil.OPERATEUR_DIRECTION, parties.operateur)
    with pytest.raises(Forbidden):
        service.creer(
            session,
            clock,
            lecteur,
            operateur_ref=parties.operateur.ref,
            siao_ref=parties.siao.ref,
            cle="formulaire-1",
        )
