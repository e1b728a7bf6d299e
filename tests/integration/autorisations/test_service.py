"""What opens an authorisation, what closes it, and that nothing else does."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import EntreeJournal
from portal.commissions.enums import PresenceMenage
from portal.config import Settings
from portal.grilles.autorisations import crochets, fermeture, queries, service
from portal.grilles.autorisations.enums import (
    DecisionAdulte,
    Finalite,
    Lecture,
    Mode,
    ObjetAutorisation,
    Signataire,
    StatutAutorisation,
)
from portal.grilles.autorisations.models import AccordAdulte, Autorisation
from portal.grilles.autorisations.saisie import SaisieDemande
from portal.grilles.menages import service as menages
from portal.grilles.menages.identites import Identite
from portal.grilles.menages.saisie import SaisieAdulte
from portal.grilles.remplissage import queries as remplissage
from portal.grilles.remplissage.models import GrilleAcces
from portal.grilles.sortie import champs_ouvrables
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Departement
from portal.security.coffre import coffre
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.shared.errors import DomainError, DomainErrors, Forbidden, NotVisible, StaleVersion
from tests.autorisations import TRACE, accorder, commission, demander, jour, repondre
from tests.grilles_remplies import figer, grille_figee, remplir
from tests.menages import Scene, ouvrir, vue

REFUSE = DecisionAdulte.REFUSE
Statut = StatutAutorisation


def vigueur(session: Session, clock: FixedClock, scene: Scene) -> Autorisation | None:
    return queries.en_vigueur(session, clock, menage_id=scene.menage.id, organisation_id=scene.bailleur.id)


def code_of(caught: pytest.ExceptionInfo[Any]) -> set[str]:
    error = caught.value
    return {one.code for one in error.errors} if isinstance(error, DomainErrors) else {error.code}


def test_it_opens_when_every_adult_agreed_and_not_before(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces
) -> None:
    une = demander(session, clock, scene)
    assert une.au == date(2026, 9, 2)
    etats = []
    for rang in (1, 2):
        assert vigueur(session, clock, scene) is None
        repondre(session, clock, scene, une, rang)
        etats.append(une.statut)
    assert etats == [Statut.INFORME, Statut.ACCORDE]
    assert vigueur(session, clock, scene) is une
    assert queries.couvre(une, grille)


def test_it_opens_to_its_recipient_alone(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces
) -> None:
    accorder(session, clock, scene)
    autre = scene.autre_operateur.id
    assert queries.en_vigueur(session, clock, menage_id=scene.menage.id, organisation_id=autre) is None
    with pytest.raises(ValueError, match="one recipient"):
        queries.en_vigueur(session, clock, menage_id=scene.menage.id)


@pytest.mark.parametrize(
    ("instant", "ouverte"),
    [
        (datetime(2026, 3, 9, 22, 59, tzinfo=UTC), False),  # 9 March, 23:59 in Paris
        (datetime(2026, 3, 9, 23, 0, tzinfo=UTC), True),  # midnight: the first day
        (datetime(2026, 3, 20, 22, 59, tzinfo=UTC), True),  # the last minute of the last day
        (datetime(2026, 3, 20, 23, 0, tzinfo=UTC), False),
    ],
)
def test_its_days_are_both_included_in_the_zone_of_the_departement(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces, instant: datetime, ouverte: bool
) -> None:
    une = accorder(session, clock, scene, du=jour("2026-03-10"), au=jour("2026-03-20"))
    clock.instant = instant
    assert (vigueur(session, clock, scene) is une) is ouverte
    assert queries.est_ouverte(session, clock, une) is ouverte


def test_midnight_is_that_of_the_household_s_departement(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces
) -> None:
    une = accorder(session, clock, scene, du=jour("2026-03-02"), au=jour("2026-03-20"))
    ailleurs = session.get(Departement, "974")
    assert ailleurs is not None
    scene.menage.departement_code = "974"  # Réunion, three hours ahead of Paris
    session.flush()
    clock.instant = datetime(2026, 3, 20, 19, 59, tzinfo=UTC)
    assert queries.est_ouverte(session, clock, une)
    clock.instant = datetime(2026, 3, 20, 20, 0, tzinfo=UTC)
    assert not queries.est_ouverte(session, clock, une)


def test_one_refusal_closes_it_whatever_the_others_said(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces
) -> None:
    une = demander(session, clock, scene)
    repondre(session, clock, scene, une, 1)
    repondre(session, clock, scene, une, 2, decision=REFUSE, trace="")
    assert une.statut is Statut.REFUSE
    assert vigueur(session, clock, scene) is None


def test_refusing_needs_neither_signature_nor_notice(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces
) -> None:
    une = demander(session, clock, scene, informer=False)
    repondre(session, clock, scene, une, 1, decision=REFUSE, trace="", empreinte="")
    assert une.statut is Statut.REFUSE


def test_agreeing_needs_the_notice(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces
) -> None:
    une = demander(session, clock, scene, informer=False)
    with pytest.raises(DomainError) as refused:
        repondre(session, clock, scene, une, 1)
    assert refused.value.code == "autorisations.pas_informe"


def test_a_second_press_is_no_other_act_and_another_answer_is_refused(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces
) -> None:
    une = demander(session, clock, scene)
    premier = repondre(session, clock, scene, une, 1)
    quand = premier.repondu_le
    clock.instant += timedelta(minutes=1)
    assert repondre(session, clock, scene, une, 1).repondu_le == quand
    with pytest.raises(DomainError) as refused:
        repondre(session, clock, scene, une, 1, decision=REFUSE)
    assert refused.value.code == "autorisations.deja_repondu"


def test_what_was_not_shown_is_not_signed(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces
) -> None:
    une = demander(session, clock, scene)
    with pytest.raises(StaleVersion):
        repondre(session, clock, scene, une, 1, empreinte="0" * 64)


@pytest.mark.parametrize(
    ("champs", "code"),
    [
        ({"trace": ""}, "autorisations.signature"),
        ({"trace": "", "confirme": True}, "autorisations.nom_signataire"),
        ({"trace": "", "nom": "Maëlle K."}, "autorisations.case_signataire"),
        ({"trace": "M1 1"}, "autorisations.signature_illisible"),
        ({"trace": "M1 1L700 1L2 2L3 3"}, "autorisations.signature_illisible"),
        ({"trace": 'M1 1L2 2L3 3L4 4"/><script>'}, "autorisations.signature_illisible"),
    ],
)
def test_a_signature_is_a_drawing_or_a_name_and_a_box(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces, champs: dict[str, Any], code: str
) -> None:
    une = demander(session, clock, scene)
    with pytest.raises(DomainError) as refused:
        repondre(session, clock, scene, une, 1, **champs)
    assert refused.value.code == code


def test_the_signature_is_kept_encrypted_with_the_hash_of_what_was_shown(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces
) -> None:
    une = demander(session, clock, scene)
    dessin = repondre(session, clock, scene, une, 1)
    frappe = repondre(session, clock, scene, une, 2, trace="", nom="Yann  Le Fictif-Coz", confirme=True)
    assert TRACE not in dessin.signature
    assert coffre(session).ouvrir(dessin.signature) == {"trace": TRACE, "nom": ""}
    assert coffre(session).ouvrir(frappe.signature) == {"trace": "", "nom": "Yann Le Fictif-Coz"}
    assert "Fictif" not in frappe.signature
    assert dessin.empreinte == frappe.empreinte != ""


def test_a_withdrawal_closes_at_once_and_tells_the_other_rooms(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces, monkeypatch: pytest.MonkeyPatch
) -> None:
    dits: list[tuple[str, Statut]] = []
    monkeypatch.setattr(
        crochets, "_fermetures", [lambda s, c, actor, une, cause: dits.append((une.ref, cause))]
    )
    une = accorder(session, clock, scene)
    vise = vue(session, clock, scene.travailleur, scene.menage)
    fermeture.retirer(session, clock, scene.travailleur, vise, une.ref)
    fermeture.retirer(session, clock, scene.travailleur, vise, une.ref)
    assert dits == [(une.ref, Statut.RETIRE)]
    assert vigueur(session, clock, scene) is None
    assert all(one.retire_le for one in une.accords)


def test_a_request_that_was_never_open_closes_without_a_word(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces, monkeypatch: pytest.MonkeyPatch
) -> None:
    dits: list[Any] = []
    monkeypatch.setattr(crochets, "_fermetures", [lambda *args: dits.append(args)])
    une = demander(session, clock, scene)
    fermeture.retirer(
        session, clock, scene.travailleur, vue(session, clock, scene.travailleur, scene.menage), une.ref
    )
    assert une.statut is Statut.RETIRE
    assert dits == []


def test_a_new_adult_ends_what_the_others_had_agreed(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces, monkeypatch: pytest.MonkeyPatch
) -> None:
    dits: list[Statut] = []
    monkeypatch.setattr(crochets, "_fermetures", [lambda s, c, a, une, cause: dits.append(cause)])
    une = accorder(session, clock, scene)
    attend = demander(session, clock, scene, a=scene.autre_operateur)
    vise = vue(session, clock, scene.travailleur, scene.menage)
    menages.ajouter_adulte(
        session,
        clock,
        scene.travailleur,
        vise,
        SaisieAdulte(nom="Fictive", prenom="Rozenn", naissance=date(2001, 1, 1)),
        version=scene.menage.version,
    )
    assert (une.statut, attend.statut) == (Statut.EXPIRE, Statut.EXPIRE)
    assert dits == [Statut.EXPIRE]
    assert vigueur(session, clock, scene) is None


def test_even_a_row_left_open_does_not_open_without_a_new_adult_s_agreement(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces, monkeypatch: pytest.MonkeyPatch
) -> None:
    une = accorder(session, clock, scene)
    monkeypatch.setattr("portal.grilles.menages.crochets._compositions", [])
    vise = vue(session, clock, scene.travailleur, scene.menage)
    menages.ajouter_adulte(
        session,
        clock,
        scene.travailleur,
        vise,
        SaisieAdulte(nom="Fictive", prenom="Rozenn", naissance=date(2001, 1, 1)),
        version=scene.menage.version,
    )
    assert une.statut is Statut.ACCORDE
    assert not queries.est_ouverte(session, clock, une)


def test_a_newer_grid_does_not_close_what_was_signed(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces
) -> None:
    une = accorder(session, clock, scene)
    suivies = accorder(session, clock, scene, a=scene.autre_operateur, mise_a_jour=True)
    vise = vue(session, clock, scene.travailleur, scene.menage)
    service_grille = remplir(session, clock, scene.travailleur, vise)
    assert not queries.couvre(suivies, service_grille)  # still being written
    nouvelle = figer(session, clock, scene.travailleur, vise)
    assert queries.est_ouverte(session, clock, une)
    assert queries.couvre(une, grille)
    assert not queries.couvre(une, nouvelle)
    assert queries.couvre(suivies, nouvelle)


def test_a_newer_agreement_takes_the_place_of_the_former(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces
) -> None:
    ancienne = accorder(session, clock, scene)
    nouvelle = demander(session, clock, scene)
    assert vigueur(session, clock, scene) is ancienne
    accorder(session, clock, scene, nouvelle)
    assert (ancienne.statut, ancienne.remplacee_par_id) == (Statut.REMPLACE, nouvelle.id)
    assert vigueur(session, clock, scene) is nouvelle


def test_one_that_begins_later_leaves_no_gap_and_ends_with_the_one_before(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces
) -> None:
    actuelle = accorder(session, clock, scene, au=jour("2026-03-20"))
    suivante = accorder(session, clock, scene, du=jour("2026-03-21"), au=jour("2026-09-20"))
    assert (actuelle.statut, suivante.statut) == (Statut.ACCORDE, Statut.ACCORDE)
    assert vigueur(session, clock, scene) is actuelle
    clock.instant += timedelta(days=19)
    assert vigueur(session, clock, scene) is suivante
    clock.instant -= timedelta(days=19)
    vise = vue(session, clock, scene.travailleur, scene.menage)
    fermeture.retirer(session, clock, scene.travailleur, vise, suivante.ref)
    assert vigueur(session, clock, scene) is actuelle
    encore = accorder(session, clock, scene, du=jour("2026-03-21"), au=jour("2026-09-20"))
    fermeture.retirer(session, clock, scene.travailleur, vise, actuelle.ref)
    assert (actuelle.statut, encore.statut) == (Statut.RETIRE, Statut.RETIRE)
    clock.instant += timedelta(days=19)
    assert vigueur(session, clock, scene) is None


def test_one_that_begins_later_stands_for_the_former_from_its_first_day(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces, database: Database
) -> None:
    """Even before it is written down, and even once withdrawn: what it stood for does not come back."""
    large = accorder(session, clock, scene, au=jour("2026-09-01"))
    etroite = accorder(session, clock, scene, du=jour("2026-03-10"), au=jour("2026-06-30"), sections=("A",))
    clock.instant += timedelta(days=7)
    assert queries.est_ouverte(session, clock, large)
    clock.instant += timedelta(days=1)
    assert not queries.est_ouverte(session, clock, large)
    assert vigueur(session, clock, scene) is etroite
    session.commit()
    assert fermeture.relayer_a_leur_tour(database, clock, Settings(environnement="test")) == 1
    assert fermeture.relayer_a_leur_tour(database, clock, Settings(environnement="test")) == 0
    session.refresh(large)
    assert (large.statut, large.remplacee_par_id) == (Statut.REMPLACE, etroite.id)


def test_withdrawn_it_does_not_bring_back_what_it_stood_for(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces
) -> None:
    large = accorder(session, clock, scene, au=jour("2026-09-01"))
    etroite = accorder(session, clock, scene, du=jour("2026-03-10"), sections=("A",))
    clock.instant += timedelta(days=8)
    vise = vue(session, clock, scene.travailleur, scene.menage)
    fermeture.retirer(session, clock, scene.travailleur, vise, etroite.ref)
    assert (large.statut, etroite.statut) == (Statut.REMPLACE, Statut.RETIRE)
    assert vigueur(session, clock, scene) is None


def test_one_for_the_days_before_leaves_the_one_that_follows(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces
) -> None:
    suivante = accorder(session, clock, scene, du=jour("2026-03-21"), au=jour("2026-09-20"))
    courte = accorder(session, clock, scene, au=jour("2026-03-20"))
    assert vigueur(session, clock, scene) is courte
    clock.instant += timedelta(days=19)
    assert vigueur(session, clock, scene) is suivante


def test_a_request_taken_back_leaves_what_was_agreed_to_for_later(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces
) -> None:
    suivante = accorder(session, clock, scene, du=jour("2026-03-21"), au=jour("2026-09-20"))
    attendue = demander(session, clock, scene, au=jour("2026-03-20"))
    vise = vue(session, clock, scene.travailleur, scene.menage)
    fermeture.retirer(session, clock, scene.travailleur, vise, attendue.ref)
    assert (attendue.statut, suivante.statut) == (Statut.RETIRE, Statut.ACCORDE)


def test_refusing_a_newer_request_leaves_the_former_agreement_as_it_is(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces
) -> None:
    ancienne = accorder(session, clock, scene)
    nouvelle = demander(session, clock, scene)
    repondre(session, clock, scene, nouvelle, 1, decision=REFUSE)
    assert vigueur(session, clock, scene) is ancienne


def test_asking_again_replaces_the_request_that_waited(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces
) -> None:
    premiere = demander(session, clock, scene)
    seconde = demander(session, clock, scene)
    assert premiere.statut is Statut.REMPLACE
    assert seconde.statut is Statut.INFORME


def test_an_oral_agreement_never_opens_a_transmission(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces
) -> None:
    une = demander(session, clock, scene)
    with pytest.raises(DomainError) as refused:
        repondre(session, clock, scene, une, 1, mode=Mode.ORAL, jour_seance=jour("2026-03-10"))
    assert refused.value.code == "autorisations.oral_presentation"
    accorder(session, clock, scene, une)
    accord = une.accords[0]
    accord.mode, accord.jour_seance = Mode.ORAL, jour("2026-03-02")  # even written behind the service
    session.flush()
    assert not queries.est_ouverte(session, clock, une)


def test_an_oral_agreement_opens_its_session_s_day_alone(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces
) -> None:
    cuo = commission(session, clock, scene)
    une = demander(session, clock, scene, a=cuo)
    repondre(session, clock, scene, une, 1)
    repondre(session, clock, scene, une, 2, mode=Mode.ORAL, jour_seance=jour("2026-03-10"), trace="")
    assert une.statut is Statut.ACCORDE

    def ouvre(le: str | None = None) -> bool:
        found = queries.en_vigueur(
            session,
            clock,
            menage_id=scene.menage.id,
            commission_id=cuo.id,
            jour=jour(le) if le else None,
        )
        return found is not None

    assert not ouvre()
    assert ouvre("2026-03-10")
    assert not ouvre("2026-03-11")
    clock.instant = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
    assert ouvre()


def test_an_oral_agreement_takes_a_commission_that_receives_the_household(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces
) -> None:
    une = demander(session, clock, scene, a=commission(session, clock, scene, menage=PresenceMenage.NON))
    with pytest.raises(DomainError) as refused:
        repondre(session, clock, scene, une, 1, mode=Mode.ORAL, jour_seance=jour("2026-03-10"))
    assert refused.value.code == "autorisations.oral_menage_absent"


@pytest.mark.parametrize("le", ["2026-03-01", "2026-12-01", None])
def test_the_day_of_an_oral_agreement_is_within_its_window(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces, le: str | None
) -> None:
    une = demander(session, clock, scene, a=commission(session, clock, scene))
    with pytest.raises(DomainError) as refused:
        repondre(session, clock, scene, une, 1, mode=Mode.ORAL, jour_seance=jour(le) if le else None)
    assert refused.value.code == "autorisations.oral_jour"


@pytest.mark.parametrize(
    ("champs", "code"),
    [
        ({"sections": ()}, "autorisations.sections"),
        ({"sections": ("A", "Z")}, "autorisations.section_inconnue"),
        ({"champs": ("F5.reponse",)}, "autorisations.section_inconnue"),
        ({"champs": ("A7.reponse",)}, "autorisations.mandataire"),
        ({"finalite": None}, "autorisations.finalite"),
        ({"du": date(2026, 3, 10), "au": date(2026, 3, 9)}, "autorisations.jours"),
        ({"du": date(2026, 1, 1), "au": date(2026, 3, 1)}, "autorisations.passe"),
        ({"au": date(2027, 3, 3)}, "autorisations.trop_long"),
        ({"destinataire": "inconnu"}, "autorisations.destinataire"),
    ],
)
def test_a_request_that_says_too_much_or_too_little_is_refused(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces, champs: dict[str, Any], code: str
) -> None:
    with pytest.raises((DomainError, DomainErrors)) as refused:
        demander(session, clock, scene, **champs)
    assert code in code_of(refused)


def test_there_is_nothing_to_authorise_without_a_frozen_grid(
    session: Session, clock: FixedClock, scene: Scene
) -> None:
    with pytest.raises(DomainError) as refused:
        demander(session, clock, scene)
    assert refused.value.code == "autorisations.pas_de_grille"


def test_a_guardian_signs_for_the_adult_and_opens_what_asks_for_it(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces
) -> None:
    vise = vue(session, clock, scene.travailleur, scene.menage)
    menages.corriger_adulte(
        session,
        clock,
        scene.travailleur,
        vise,
        scene.menage.adultes[0],
        SaisieAdulte(
            nom="Kerfictif", prenom="Maëlle", naissance=date(1990, 5, 12), representant="UDAF fictive"
        ),
        version=scene.menage.version,
    )
    champs = tuple(c for c in ("A7.reponse", "A7.existence", "A7.mesure") if c in _ouvrables(session, grille))
    une = accorder(session, clock, scene, champs=champs)
    par = {one.adulte_id: one.signataire for one in une.accords}
    assert sorted(one.value for one in par.values() if one) == ["mandataire", "soi"]


def _ouvrables(session: Session, grille: GrilleAcces) -> set[str]:
    return set(champs_ouvrables(remplissage.modele(session, grille)))


def test_a_minor_never_signs(session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces) -> None:
    vise = vue(session, clock, scene.travailleur, scene.menage)
    minor = scene.menage.adultes[1]
    minor.identite = Identite("Le Fictif-Coz", "Yann", date(2009, 3, 3)).fermer(coffre(session))
    session.flush()
    assert service.signataires(session, clock, vise.menage)[minor.id] is Signataire.REPRESENTANT
    une = demander(session, clock, scene)
    with pytest.raises(DomainError) as refused:
        repondre(session, clock, scene, une, 2)
    assert refused.value.code == "autorisations.nom_signataire"
    assert (
        repondre(session, clock, scene, une, 2, nom="Anna Le Fictif-Coz").signataire
        is Signataire.REPRESENTANT
    )


def test_nothing_leaves_to_a_landlord_from_the_protected_circuit(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces
) -> None:
    une = accorder(session, clock, scene)
    vise = vue(session, clock, scene.travailleur, scene.menage)
    menages.proteger(session, clock, scene.travailleur, vise, "SI-22-4471", version=scene.menage.version)
    assert une.statut is Statut.EXPIRE
    with pytest.raises(DomainError) as refused:
        demander(session, clock, scene)
    assert refused.value.code == "autorisations.destinataire"
    assert {kind for _ref, _nom, kind in queries.destinataires(session, scene.menage)} <= {
        TypeOrganisation.GESTIONNAIRE
    }
    vers = accorder(session, clock, scene, a=scene.autre_operateur)
    assert vers.statut is Statut.ACCORDE


def test_what_was_authorised_under_a_code_ends_with_the_protected_circuit(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces
) -> None:
    """Names written anew would leave by an agreement that showed a code; without names nothing is asked."""
    vise = vue(session, clock, scene.travailleur, scene.menage)
    menages.proteger(session, clock, scene.travailleur, vise, "SI-22-4471", version=scene.menage.version)
    une = accorder(session, clock, scene, a=scene.autre_operateur)
    vise = vue(session, clock, scene.travailleur, scene.menage)
    menages.ne_plus_proteger(session, clock, scene.travailleur, vise, version=scene.menage.version)
    assert une.statut is Statut.EXPIRE
    with pytest.raises(DomainError) as refused:
        demander(session, clock, scene)
    assert refused.value.code == "autorisations.sans_identite"


@pytest.mark.parametrize("acte", ["demander", "informer", "accorder", "refuser", "retirer"])
def test_only_whoever_accompanies_the_household_acts(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces, acte: str
) -> None:
    une = demander(session, clock, scene, informer=acte != "informer")
    for nom, actor in scene.tous.items():
        if nom == "travailleur":
            continue
        with pytest.raises((Forbidden, NotVisible)):
            _agir(session, clock, scene, une, acte, actor)
    _agir(session, clock, scene, une, acte, scene.travailleur)


def _agir(
    session: Session, clock: FixedClock, scene: Scene, une: Autorisation, acte: str, actor: Any
) -> None:
    if acte == "demander":
        demander(session, clock, scene, acteur=actor, informer=False)
        return
    vise = vue(session, clock, actor, scene.menage)
    if acte == "informer":
        service.informer(
            session, clock, actor, vise, une.ref, langue="en", lecture=Lecture.INTERPRETE, version=une.version
        )
    elif acte == "retirer":
        fermeture.retirer(session, clock, actor, vise, une.ref)
    else:
        decision = DecisionAdulte.ACCORDE if acte == "accorder" else REFUSE
        repondre(session, clock, scene, une, 1, decision=decision, acteur=actor)


def test_the_housing_mission_collects_for_those_it_accompanies(
    session: Session, clock: FixedClock, scene: Scene
) -> None:
    sien = ouvrir(session, clock, scene.mission_logement, si_siao="SI-22-9")
    grille_figee(session, clock, scene.mission_logement, vue(session, clock, scene.mission_logement, sien))
    une = demander(session, clock, scene, menage=sien, acteur=scene.mission_logement)
    repondre(session, clock, scene, une, 1, acteur=scene.mission_logement)
    repondre(session, clock, scene, une, 2, acteur=scene.mission_logement)
    assert une.statut is Statut.ACCORDE


def test_the_journal_says_what_was_done_and_nothing_of_the_household(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces
) -> None:
    une = accorder(session, clock, scene)
    fermeture.retirer(
        session, clock, scene.travailleur, vue(session, clock, scene.travailleur, scene.menage), une.ref
    )
    entries = session.scalars(
        select(EntreeJournal)
        .where(EntreeJournal.action.startswith("autorisations:"))
        .order_by(EntreeJournal.id)
    ).all()
    assert [one.action.split(":")[2] for one in entries] == [
        "demander",
        "informer",
        "signer",
        "signer",
        "ouvrir",
        "retirer",
    ]
    assert {one.departement_code for one in entries} == {"22"}
    said = " ".join(f"{one.changements} {one.auteur}" for one in entries)
    for secret in ("Kerfictif", "KERFICTIF", "Maëlle", "Fictif-Coz", TRACE):
        assert secret not in said


@pytest.mark.parametrize(
    ("avant", "acte"),
    [(statut, acte) for statut in Statut for acte in ("informer", "accorder", "refuser", "retirer")],
)
def test_every_transition_from_every_state(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces, avant: Statut, acte: str
) -> None:
    une = demander(session, clock, scene)
    une.statut = avant
    session.flush()
    possibles = {
        "informer": {Statut.A_INFORMER, Statut.INFORME},
        "accorder": {Statut.INFORME},
        "refuser": {Statut.A_INFORMER, Statut.INFORME},
        "retirer": {Statut.A_INFORMER, Statut.INFORME, Statut.ACCORDE, Statut.RETIRE},
    }
    if avant in possibles[acte]:
        _agir(session, clock, scene, une, acte, scene.travailleur)
        return
    with pytest.raises(DomainError):
        _agir(session, clock, scene, une, acte, scene.travailleur)
    assert une.statut is avant


def test_a_form_opened_before_the_notice_was_given_anew_is_stale(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces
) -> None:
    une = demander(session, clock, scene, informer=False)
    vise = vue(session, clock, scene.travailleur, scene.menage)
    vieille = une.version
    for attendue in (None, StaleVersion):
        if attendue is None:
            service.informer(
                session,
                clock,
                scene.travailleur,
                vise,
                une.ref,
                langue="fr",
                lecture=Lecture.LUE,
                version=vieille,
            )
            continue
        with pytest.raises(attendue):
            service.informer(
                session,
                clock,
                scene.travailleur,
                vise,
                une.ref,
                langue="fr",
                lecture=Lecture.LUE,
                version=vieille,
            )


def test_ten_clicks_are_one_request(
    session: Session, clock: FixedClock, scene: Scene, grille: GrilleAcces
) -> None:
    vise = vue(session, clock, scene.travailleur, scene.menage)
    typed = SaisieDemande(
        objet=ObjetAutorisation.TRANSMISSION,
        destinataire=scene.bailleur.ref,
        finalite=Finalite.LOGEMENT,
        sections=("A",),
        du=jour("2026-03-02"),
        au=jour("2026-09-02"),
    )
    refs = {
        service.demander(session, clock, scene.travailleur, vise, typed, "abcdefghijkl").ref
        for _n in range(3)
    }
    assert len(refs) == 1
    assert len(session.scalars(select(AccordAdulte.id).order_by(AccordAdulte.id)).all()) == 2
