"""Opening, filling, freezing a grid; what follows it; what refuses."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.audit.models import EntreeJournal
from portal.grilles.menages import service as menages
from portal.grilles.menages.policies import Vise
from portal.grilles.models import GrilleItem, GrilleModele
from portal.grilles.remplissage import parametres, queries, service
from portal.grilles.remplissage.enums import StatutGrille
from portal.grilles.remplissage.models import GrilleAcces, GrilleSection
from portal.organisations.parametres import set_value
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.entretien import entretien
from portal.shared.errors import DomainErrors, Forbidden, StaleVersion
from tests.grilles_remplies import REPONSES, SECTIONS, Reponses, figer, grille_figee, modele_national, remplir
from tests.menages import Scene, vue


@pytest.fixture
def vise(session: Session, clock: FixedClock, scene: Scene) -> Vise:
    """The household as its worker sees it, the national model loaded."""
    modele_national(session, clock)
    return vue(session, clock, scene.travailleur, scene.menage)


def codes(refused: pytest.ExceptionInfo[DomainErrors]) -> set[str]:
    return {error.code for error in refused.value.errors}


def test_a_first_grid_starts_with_what_the_household_page_says(
    session: Session, clock: FixedClock, scene: Scene, vise: Vise
) -> None:
    draft = service.ouvrir(session, clock, scene.travailleur, vise)
    assert queries.reponses(session, draft)["A"] == {
        "A1": {"adultes": 2, "enfants": 2, "visite": "oui"},
        "A4": {"reponse": "022032600123410200"},
    }
    assert service.ouvrir(session, clock, scene.travailleur, vise).id == draft.id


def test_answers_are_stored_encrypted_and_read_back(
    session: Session, clock: FixedClock, scene: Scene, vise: Vise
) -> None:
    draft = remplir(session, clock, scene.travailleur, vise)
    session.commit()
    reponses = queries.reponses(session, draft)
    assert reponses["B"]["B1"] == {"total": 165050, "activite": 120000}
    assert reponses["B"]["B6"]["reponse"]["hypotheses"] == {"loyer": 48000, "charges": 6000, "aides": 21000}
    assert reponses["C"]["C1"] == {"situation": "insertion", "depuis": "2025-09-01"}
    assert "B3" not in reponses["B"]  # « non renseigné » leaves no trace
    stored = session.scalars(select(GrilleSection.reponses).order_by(GrilleSection.id)).all()
    assert not any("165050" in one or "école" in one for one in stored)


def test_the_journal_says_which_questions_never_what_was_answered(
    session: Session, clock: FixedClock, scene: Scene, vise: Vise
) -> None:
    remplir(session, clock, scene.travailleur, vise)
    entries = session.scalars(
        select(EntreeJournal)
        .where(EntreeJournal.action == "grilles:section:enregistrer")
        .order_by(EntreeJournal.id)
    ).all()
    assert [e.changements["section"] for e in entries] == list(SECTIONS)
    assert entries[4].changements["questions"] == ["E1", "E3"]
    assert not any("école" in str(e.changements) or "1650" in str(e.changements) for e in entries)
    assert entries[0].departement_code == "22"


def test_saving_the_same_answers_again_changes_nothing(
    session: Session, clock: FixedClock, scene: Scene, vise: Vise
) -> None:
    draft = remplir(session, clock, scene.travailleur, vise)
    row = next(row for row in draft.sections if row.section == "B")
    before = row.version
    service.enregistrer(session, clock, scene.travailleur, vise, "B", REPONSES["B"], version=before)
    assert row.version == before


def test_a_section_changed_meanwhile_is_refused(
    session: Session, clock: FixedClock, scene: Scene, vise: Vise
) -> None:
    draft = remplir(session, clock, scene.travailleur, vise)
    row = next(row for row in draft.sections if row.section == "D")
    with pytest.raises(StaleVersion) as stale:
        service.enregistrer(
            session,
            clock,
            scene.travailleur,
            vise,
            "D",
            {"D2__reponse": ["regulier"]},
            version=row.version - 1,
        )
    assert stale.value.current.section == "D"
    assert queries.reponses(session, draft)["D"]["D2"] == {"reponse": "ponctuel"}


@pytest.mark.parametrize("qui", ["siao_direction", "mission_logement"])
def test_only_who_accompanies_the_household_writes(
    session: Session, clock: FixedClock, scene: Scene, vise: Vise, qui: str
) -> None:
    remplir(session, clock, scene.travailleur, vise)
    actor: Actor = getattr(scene, qui)
    seen = vue(session, clock, actor, scene.menage)
    for act in (
        lambda: service.ouvrir(session, clock, actor, seen),
        lambda: service.enregistrer(session, clock, actor, seen, "A", {}, version=1),
        lambda: service.figer(session, clock, actor, seen, lues=SECTIONS, sans_avis=True, lu=""),
    ):
        with pytest.raises(Forbidden):
            act()


def test_freezing_asks_for_all_sections_and_for_the_opinion_of_the_household(
    session: Session, clock: FixedClock, scene: Scene, vise: Vise
) -> None:
    sans_f4: Reponses = {**REPONSES, "F": {"F1__avis": ["reexaminer"]}}
    draft = remplir(session, clock, scene.travailleur, vise, sans_f4)
    lu = service.etat(draft)
    with pytest.raises(DomainErrors) as refused:
        service.figer(session, clock, scene.travailleur, vise, lues="ABC", sans_avis=False, lu=lu)
    assert codes(refused) == {"remplissage.non_lues", "remplissage.sans_avis"}
    assert refused.value.errors[0].params["liste"] == "D, E, F"
    frozen = service.figer(session, clock, scene.travailleur, vise, lues=SECTIONS, sans_avis=True, lu=lu)
    assert frozen.statut is StatutGrille.FIGEE
    entry = session.scalar(select(EntreeJournal).where(EntreeJournal.action == "grilles:grille:figer"))
    assert entry is not None
    assert entry.changements["avis_du_menage"] == "non_dit"


def test_what_was_read_is_what_is_frozen(
    session: Session, clock: FixedClock, scene: Scene, vise: Vise
) -> None:
    draft = remplir(session, clock, scene.travailleur, vise)
    lu = service.etat(draft)
    row = next(row for row in draft.sections if row.section == "D")
    typed = {"D2__reponse": ["autonome"]}
    service.enregistrer(session, clock, scene.travailleur, vise, "D", typed, version=row.version)
    with pytest.raises(StaleVersion):
        service.figer(session, clock, scene.travailleur, vise, lues=SECTIONS, sans_avis=False, lu=lu)


def test_words_to_read_again_are_confirmed_or_taken_out_before_freezing(
    session: Session, clock: FixedClock, scene: Scene, vise: Vise
) -> None:
    mots: Reponses = {**REPONSES, "E": {"E3__reponse": ["Suivi à l’hôpital, logement au rez-de-chaussée."]}}
    draft = remplir(session, clock, scene.travailleur, vise, mots)
    lu = service.etat(draft)
    with pytest.raises(DomainErrors) as refused:
        service.figer(session, clock, scene.travailleur, vise, lues=SECTIONS, sans_avis=False, lu=lu)
    assert codes(refused) == {"remplissage.a_relire"}
    assert refused.value.errors[0].params["liste"] == "E3"
    row = next(row for row in draft.sections if row.section == "E")

    def save(texte: str, *confirmes: str) -> None:
        service.enregistrer(
            session,
            clock,
            scene.travailleur,
            vise,
            "E",
            {"E3__reponse": [texte]},
            confirmes=confirmes,
            version=row.version,
        )

    save(mots["E"]["E3__reponse"][0], "E3.reponse")
    assert queries.relus(session, row) == {"E3.reponse": ["hopital"]}
    save("Suivi à l’hôpital, prison.")  # a new word asks again, the former stays confirmed
    assert service.restant(session, draft, lues=SECTIONS, sans_avis=False).a_relire == ("E3.reponse",)
    assert queries.relus(session, row) == {"E3.reponse": ["hopital"]}
    save("Suivi à l’hôpital.")
    frozen = figer(session, clock, scene.travailleur, vise)
    assert "relus" not in queries.ouvrir(session, next(r for r in frozen.sections if r.section == "E"))


def test_a_frozen_grid_keeps_its_computed_values_with_what_explains_them(
    session: Session, clock: FixedClock, scene: Scene, vise: Vise, actor_for: Callable[..., Actor]
) -> None:
    pilote = actor_for(Profil.ETAT_PILOTE, scene.etat)
    set_value(session, pilote, clock, parametres.ECHELLE.key, "22", "ocde")
    set_value(session, pilote, clock, parametres.SEUIL_EFFORT.key, "22", "25")
    frozen = grille_figee(session, clock, scene.travailleur, vise)
    budget = queries.reponses(session, frozen)["B"]
    # (1650,50 − 420 − 130) ÷ 2,1
    assert budget["B5"]["reponse"]["valeur"] == 52405
    assert budget["B5"]["reponse"]["le"] == "2026-03-02"
    assert budget["B5"]["reponse"]["parametres"]["Unités de consommation"] == "2,1"
    assert budget["B6"]["reponse"]["valeur"] == 200  # (480 + 60 − 210) ÷ 1650,50
    set_value(session, pilote, clock, parametres.ECHELLE.key, "22", "oxford")
    assert queries.reponses(session, frozen)["B"]["B5"]["reponse"]["valeur"] == 52405


def test_without_a_chosen_scale_nothing_is_computed_and_nothing_is_refused(
    session: Session, clock: FixedClock, scene: Scene, vise: Vise
) -> None:
    frozen = grille_figee(session, clock, scene.travailleur, vise)
    held = queries.reponses(session, frozen)["B"]["B5"]["reponse"]
    assert held["valeur"] is None
    assert held["manque"] == ["echelle"]


def _refused(session: Session, statement: object) -> None:
    session.commit()
    with pytest.raises(DBAPIError, match="frozen"):
        session.execute(statement)  # type: ignore[call-overload]  # any statement
    session.rollback()


def test_the_database_refuses_any_change_of_a_frozen_grid(
    session: Session, clock: FixedClock, scene: Scene, vise: Vise
) -> None:
    frozen = grille_figee(session, clock, scene.travailleur, vise)
    section = frozen.sections[0].id
    grille = frozen.id
    for statement in (
        update(GrilleAcces).where(GrilleAcces.id == grille).values(empreinte="0" * 64),
        update(GrilleAcces).where(GrilleAcces.id == grille).values(statut=StatutGrille.BROUILLON),
        update(GrilleSection).where(GrilleSection.id == section).values(reponses="autre"),
        text(f"DELETE FROM grille_section WHERE id = {section}"),
        text(f"DELETE FROM grille_acces WHERE id = {grille}"),
        text(f"DELETE FROM menage WHERE id = {scene.menage.id}"),
    ):
        _refused(session, statement)
    with entretien(session):
        session.execute(text(f"DELETE FROM menage WHERE id = {scene.menage.id}"))
    session.commit()
    assert session.scalar(select(func.count()).select_from(GrilleSection)) == 0


def test_the_next_version_starts_from_the_last_frozen_one(
    session: Session, clock: FixedClock, scene: Scene, vise: Vise
) -> None:
    frozen = grille_figee(session, clock, scene.travailleur, vise)
    suivante = service.ouvrir(session, clock, scene.travailleur, vise)
    assert (suivante.numero, suivante.base_id) == (2, frozen.id)
    reponses = queries.reponses(session, suivante)
    avant = queries.reponses(session, frozen)
    assert reponses["A"] == avant["A"]
    assert reponses["E"] == avant["E"]
    assert reponses["B"]["B6"] == {"reponse": {"hypotheses": avant["B"]["B6"]["reponse"]["hypotheses"]}}
    assert "F4" not in reponses["F"]  # what the household says of a summary is asked of each
    assert queries.derniere_figee(session, scene.menage.id) == frozen


def test_an_older_grid_stays_readable_in_its_own_model(
    session: Session, clock: FixedClock, scene: Scene, vise: Vise
) -> None:
    frozen = grille_figee(session, clock, scene.travailleur, vise)
    national = frozen.modele
    now = clock.now()
    nouveau = GrilleModele(
        departement_code="22",
        numero=1,
        libelle="Grille du 22",
        sections=national.sections,
        statut=national.statut.__class__.BROUILLON,
        base_id=national.id,
        created_at=now,
        updated_at=now,
        items=[
            GrilleItem(
                section=row.section,
                rang=row.rang,
                code=row.code,
                libelle=f"Autre {row.libelle}"[:160],
                aide=row.aide,
                champs=row.champs,
                posee=row.code != "A2",
            )
            for row in national.items
        ],
    )
    session.add(nouveau)
    session.flush()
    nouveau.statut, nouveau.empreinte = national.statut, "1" * 64
    session.flush()
    suivante = service.ouvrir(session, clock, scene.travailleur, vise)
    assert suivante.modele_id == nouveau.id
    assert "A2" not in queries.reponses(session, suivante)["A"]
    lue = queries.derniere_figee(session, scene.menage.id)
    assert lue is not None
    assert next(queries.modele(session, lue).items()).libelle == "Composition du ménage"
    assert queries.reponses(session, lue)["A"]["A2"] == {"reponse": "oui"}


def test_the_day_to_renew_is_that_of_the_frequency_of_the_departement(
    session: Session, clock: FixedClock, scene: Scene, vise: Vise, actor_for: Callable[..., Actor]
) -> None:
    clock.instant = datetime(2026, 8, 31, 9, tzinfo=UTC)
    frozen = grille_figee(session, clock, scene.travailleur, vise)
    assert frozen.a_renouveler_le == date(2027, 2, 28)
    pilote = actor_for(Profil.ETAT_PILOTE, scene.etat)
    set_value(session, pilote, clock, parametres.FREQUENCE.key, "22", "3")
    service.ouvrir(session, clock, scene.travailleur, vise)
    draft = queries.en_cours(session, scene.menage.id)
    assert draft is not None
    frozen = service.figer(
        session, clock, scene.travailleur, vise, lues=SECTIONS, sans_avis=True, lu=service.etat(draft)
    )
    assert frozen.a_renouveler_le == date(2026, 11, 30)


def test_a_draft_given_up_leaves_nothing(
    session: Session, clock: FixedClock, scene: Scene, vise: Vise
) -> None:
    draft = remplir(session, clock, scene.travailleur, vise)
    service.abandonner(session, clock, scene.travailleur, vise, service.etat(draft))
    assert queries.en_cours(session, scene.menage.id) is None
    assert session.scalar(select(func.count()).select_from(GrilleSection)) == 0


def test_a_closed_household_is_written_no_more(
    session: Session, clock: FixedClock, scene: Scene, vise: Vise
) -> None:
    remplir(session, clock, scene.travailleur, vise)
    menages.clore(session, clock, scene.travailleur, vise, version=vise.menage.version)
    with pytest.raises(Forbidden):
        service.enregistrer(session, clock, scene.travailleur, replace(vise), "A", {}, version=1)
