"""Functions and who holds them: opening, handing over, absences, closing, and what the database refuses."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from portal.annuaire import queries, service, titulaires
from portal.annuaire.enums import Role
from portal.annuaire.menage import run_reindex
from portal.annuaire.models import Absence, Referent, Titulaire
from portal.annuaire.recherche import FiltreAnnuaire, chercher
from portal.annuaire.saisie import SaisieReferent, SaisieTitulaire
from portal.audit.models import EtatTechnique
from portal.audit.service import history
from portal.config import Settings
from portal.organisations import service as organisations
from portal.organisations import structures
from portal.organisations.enums import TypeOrganisation
from portal.organisations.fusion import consequences, merge_organisations
from portal.organisations.models import Organisation
from portal.organisations.reference import FINGERPRINT
from portal.organisations.referentiel import Lieu, Maille
from portal.organisations.saisie import SaisieOrganisation, SaisieStructure
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.shared.errors import DomainError, DomainErrors, Forbidden, NotVisible, StaleVersion
from tests.integration.annuaire.conftest import CAMILLE, DEBUT

Ouvrir = Callable[..., Referent]
JOUR = date(2026, 3, 2)
DOMINIQUE = SaisieTitulaire(prenom="Dominique", nom="Relève", du=JOUR, email="d.releve@ajoncs.example")
SECOND = replace(DOMINIQUE, prenom="Lou", nom="Second", du=DEBUT, role=Role.SUPPLEANT)


def codes(caught: pytest.ExceptionInfo[Exception]) -> set[tuple[str, str | None]]:
    errors = caught.value.errors if isinstance(caught.value, DomainErrors) else [caught.value]
    return {(error.code.removeprefix("annuaire."), error.field) for error in errors}  # type: ignore[attr-defined]


def qui(referent: Referent, jour: date = JOUR) -> str | None:
    repond = titulaires.tenue(referent, jour).repond
    return repond.nom if repond else None


def test_a_function_is_opened_verified_and_journalled(
    session: Session, gestionnaire: Organisation, direction: Actor, ouvrir: Ouvrir
) -> None:
    referent = ouvrir(
        gestionnaire, actor=direction, natures=("CHU",), publics=("familles",), horaires=" 9 h  – 12 h "
    )
    assert (referent.verifie_le, referent.horaires) == (JOUR, "9 h – 12 h")
    assert direction.nom in referent.verifie_par
    assert qui(referent) == "Exemple"
    (entry,) = history(session, "referent", referent.id)
    assert entry.action == "annuaire:referent:ouvrir"
    assert entry.changements["titulaire"] == [None, "Camille Exemple"]


def test_every_wrong_field_is_told_at_once(gestionnaire: Organisation, ouvrir: Ouvrir) -> None:
    with pytest.raises(DomainErrors) as caught:
        ouvrir(
            gestionnaire,
            telephone="zéro deux",
            email="camille",
            mention="x" * 121,
            publics=("inconnu",),
            natures=("INCONNUE",),
            territoires=(Lieu(Maille.COMMUNE, "37261"),),
        )
    assert {code for code, _field in codes(caught)} == {
        "organisations.telephone", "email", "trop_long", "public", "nature", "territoire",
    }  # fmt: skip
    with pytest.raises(DomainErrors) as caught:
        ouvrir(gestionnaire, titulaire=SaisieTitulaire(prenom="", nom=" ", du=JOUR, au=DEBUT))
    assert codes(caught) == {
        ("nom", "titulaire_nom"), ("joindre", "titulaire_telephone"), ("periode", "titulaire_au"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ({"fonction_code": "referent_lunaire"}, ("fonction_inconnue", "fonction_code")),
        ({"fonction_code": "referent_contingent"}, ("fonction_type", "fonction_code")),
        ({"departement_code": "35"}, ("departement", "departement_code")),
        ({"structure_id": 999_999}, ("structure", "structure")),
    ],
)
def test_a_function_is_of_its_organisation(
    gestionnaire: Organisation, ouvrir: Ouvrir, typed: dict[str, object], error: tuple[str, str]
) -> None:
    with pytest.raises(DomainError) as caught:
        ouvrir(gestionnaire, **typed)
    assert codes(caught) == {error}


def test_a_unique_function_is_held_once(
    session: Session, gestionnaire: Organisation, factories: SimpleNamespace, ouvrir: Ouvrir
) -> None:
    first = ouvrir(gestionnaire)
    with pytest.raises(DomainError) as caught:
        ouvrir(gestionnaire)
    assert codes(caught) == {("fonction_existe", "fonction_code")}
    structure = factories.Structure(organisation=gestionnaire)
    ouvrir(gestionnaire, structure_id=structure.id)
    ouvrir(gestionnaire, "signataire")
    ouvrir(gestionnaire, "signataire")
    session.commit()
    row = {column.name: getattr(first, column.name) for column in Referent.__table__.columns}
    with pytest.raises(IntegrityError):
        session.execute(insert(Referent).values(row | {"id": None, "ref": "autre"}))


def test_the_database_refuses_two_holders_at_once(
    session: Session, clock: FixedClock, gestionnaire: Organisation, ouvrir: Ouvrir
) -> None:
    referent = ouvrir(gestionnaire)
    held = {"referent_id": referent.id, "prenom": "", "nom": "Autre", "created_at": clock.now(), "du": JOUR}
    session.execute(insert(Titulaire).values(held | {"role": Role.SUPPLEANT}))
    session.commit()
    with pytest.raises(DBAPIError, match="ex_titulaire_periode"):
        session.execute(insert(Titulaire).values(held | {"role": Role.TITULAIRE, "au": JOUR}))
    session.rollback()
    away = {"titulaire_id": referent.titulaires[0].id, "du": JOUR}
    session.execute(insert(Absence).values(away))
    with pytest.raises(DBAPIError, match="ex_titulaire_absence_periode"):
        session.execute(insert(Absence).values(away | {"au": JOUR}))


def test_handing_over_ends_who_held_it_and_the_history_stays(
    session: Session, clock: FixedClock, direction: Actor, gestionnaire: Organisation, ouvrir: Ouvrir
) -> None:
    referent = ouvrir(gestionnaire)
    titulaires.confier(session, clock, direction, referent, DOMINIQUE, version=referent.version)
    assert qui(referent) == "Relève"
    assert qui(referent, JOUR - timedelta(days=1)) == "Exemple"
    assert [(one.nom, one.au) for one in referent.titulaires] == [
        ("Exemple", JOUR - timedelta(days=1)),
        ("Relève", None),
    ]
    found = chercher(session, direction, FiltreAnnuaire(texte="exemple"), JOUR)
    assert [ligne.ref for ligne in found.lignes] == [referent.ref]  # the old name leads to who replaced it
    (ligne,) = chercher(session, direction, FiltreAnnuaire(texte="relève"), JOUR).lignes
    assert (ligne.repond.nom, ligne.email) == ("Dominique Relève", "d.releve@ajoncs.example")  # type: ignore[union-attr]
    with pytest.raises(DomainError) as caught:
        titulaires.confier(
            session, clock, direction, referent, replace(DOMINIQUE, du=DEBUT), version=referent.version
        )
    assert codes(caught) == {("periode_prise", "du")}


def test_the_search_follows_the_days(
    session: Session,
    database: Database,
    clock: FixedClock,
    direction: Actor,
    gestionnaire: Organisation,
    ouvrir: Ouvrir,
) -> None:
    referent = ouvrir(gestionnaire)
    demain = JOUR + timedelta(days=1)
    titulaires.confier(
        session, clock, direction, referent, replace(DOMINIQUE, du=demain), version=referent.version
    )
    gestionnaire.updated_at = clock.now() - timedelta(days=90)
    session.commit()

    def passent(jours: int) -> int:
        clock.instant += timedelta(days=jours)
        done = run_reindex(database, clock, Settings(environnement="test"))
        session.expire_all()
        return done

    def tient(nom: str) -> bool:
        return nom in referent.poids_recherche.partition("|")[0]

    assert tient("exemple")
    assert passent(0) == 1  # the first time writes everything
    session.commit()
    assert passent(2) == 1
    assert tient("releve")
    assert not tient("exemple")
    assert "exemple" in referent.texte_recherche  # the old name leads to who replaced it
    session.commit()
    assert passent(100) == 0
    assert passent(265) == 1
    assert "exemple" not in referent.texte_recherche


def test_what_an_import_or_the_reference_writes_is_found_the_next_day(
    session: Session,
    database: Database,
    clock: FixedClock,
    gestionnaire: Organisation,
    factories: SimpleNamespace,
    ouvrir: Ouvrir,
) -> None:
    structure = factories.Structure(organisation=gestionnaire, nom="Foyer des Ajoncs", commune_code="22278")
    referent = ouvrir(gestionnaire, structure_id=structure.id)
    structure.updated_at = gestionnaire.updated_at = clock.now() - timedelta(days=90)
    session.commit()

    def reindex() -> int:
        session.commit()
        done = run_reindex(database, clock, Settings(environnement="test"))
        session.expire_all()
        return done

    clock.instant += timedelta(days=60)
    assert (reindex(), reindex()) == (1, 0)
    structure.nom, structure.updated_at = "Maison Neuve", clock.now()
    assert reindex() == 1
    assert "maison neuve" in referent.texte_recherche
    clock.instant += timedelta(days=60)
    referent.texte_recherche = "ce que disait la version d’avant"
    assert reindex() == 0
    session.merge(EtatTechnique(cle=FINGERPRINT, valeur="d’autres fichiers"))
    assert reindex() == 1
    assert "maison neuve" in referent.texte_recherche


def test_the_day_of_an_entry_is_its_departement_s(
    session: Session,
    clock: FixedClock,
    factories: SimpleNamespace,
    actor_for: Callable[..., Actor],
    ouvrir: Ouvrir,
) -> None:
    reunion = factories.Organisation(departement_code="974", nom="Association des Filaos")
    head = actor_for(Profil.OPERATEUR_DIRECTION, reunion)
    clock.instant = clock.instant.replace(hour=21)  # already tomorrow over there
    demain = replace(DOMINIQUE, du=JOUR + timedelta(days=1))
    referent = ouvrir(reunion, titulaire=demain, actor=head)
    assert "releve" in referent.poids_recherche.partition("|")[0]


def test_the_deputy_answers_during_an_absence(
    session: Session, clock: FixedClock, direction: Actor, gestionnaire: Organisation, ouvrir: Ouvrir
) -> None:
    referent = ouvrir(gestionnaire)
    fin = JOUR + timedelta(days=7)
    absence = titulaires.noter_absence(
        session, clock, direction, referent, JOUR, fin, version=referent.version
    )
    assert (qui(referent), titulaires.tenue(referent, JOUR).retour) == ("Exemple", fin)
    titulaires.confier(session, clock, direction, referent, SECOND, version=referent.version)
    assert (qui(referent), qui(referent, fin + timedelta(days=1))) == ("Second", "Exemple")
    (ligne,) = queries.lignes(session, [referent.id], JOUR)
    assert ligne.repond is not None
    assert (ligne.repond.nom, ligne.reponse.absent, ligne.email) == (
        "Lou Second",
        True,
        "d.releve@ajoncs.example",
    )
    with pytest.raises(DomainError) as caught:
        titulaires.noter_absence(session, clock, direction, referent, fin, None, version=referent.version)
    assert codes(caught) == {("absence_prise", "du")}
    with pytest.raises(NotVisible):
        titulaires.retirer_absence(session, clock, direction, referent, "autre", version=referent.version)
    titulaires.retirer_absence(session, clock, direction, referent, absence.ref, version=referent.version)
    assert qui(referent) == "Exemple"


def test_a_function_whose_holder_left_is_empty(
    session: Session, clock: FixedClock, direction: Actor, gestionnaire: Organisation, ouvrir: Ouvrir
) -> None:
    referent = ouvrir(gestionnaire)
    camille = referent.titulaires[0]
    titulaires.noter_absence(session, clock, direction, referent, JOUR, None, version=referent.version)
    typed = replace(CAMILLE, au=JOUR)
    titulaires.corriger(session, clock, direction, camille, typed, version=referent.version)
    assert camille.absences[0].au == JOUR
    assert history(session, "referent", referent.id)[0].changements["absences"] == [
        ["2026-03-02 –"], ["2026-03-02 – 2026-03-02"],
    ]  # fmt: skip
    clock.instant += timedelta(days=1)
    assert qui(referent, clock.today()) is None
    (ligne,) = queries.lignes(session, [referent.id], clock.today())
    assert ligne.vide
    assert ligne.repond is None
    with pytest.raises(DomainError) as caught:
        titulaires.noter_absence(
            session, clock, direction, referent, clock.today(), None, version=referent.version
        )
    assert codes(caught) == {("personne_absente", None)}


def test_a_holder_is_corrected_in_place(
    session: Session, clock: FixedClock, direction: Actor, gestionnaire: Organisation, ouvrir: Ouvrir
) -> None:
    referent = ouvrir(gestionnaire)
    typed = replace(CAMILLE, nom="Exemplaire", email=direction.email)
    titulaires.corriger(session, clock, direction, referent.titulaires[0], typed, version=referent.version)
    assert referent.titulaires[0].personne_id == direction.personne_id
    entry = history(session, "referent", referent.id)[0]
    assert entry.changements["nom"] == ["Exemple", "Exemplaire"]


def test_an_entry_is_changed_verified_and_never_over_another_s_change(
    session: Session, clock: FixedClock, direction: Actor, gestionnaire: Organisation, ouvrir: Ouvrir
) -> None:
    referent = ouvrir(gestionnaire)
    version = referent.version
    clock.instant += timedelta(days=200)
    typed = SaisieReferent(fonction_code="referent_siao", departement_code="22", horaires="Le matin")
    service.modifier(session, clock, direction, referent, typed, version=version)
    assert referent.verifie_le == clock.today()
    assert history(session, "referent", referent.id)[0].changements == {"horaires": ["", "Le matin"]}
    with pytest.raises(StaleVersion):
        service.verifier(session, clock, direction, referent, version=version)
    clock.instant += timedelta(days=200)
    service.verifier(session, clock, direction, referent, version=referent.version)
    assert history(session, "referent", referent.id)[0].action == "annuaire:referent:verifier"
    avant = referent.verifie_le
    clock.instant += timedelta(days=1)
    service.modifier(session, clock, direction, referent, typed, version=referent.version)
    assert avant is not None
    (saved_as_it_was, *_others) = history(session, "referent", referent.id)
    assert saved_as_it_was.changements == {
        "verifie_le": [avant.isoformat(), clock.today().isoformat()]
    }  # verified all the same, and told


def test_nobody_holds_a_closed_function(
    session: Session, clock: FixedClock, direction: Actor, gestionnaire: Organisation, ouvrir: Ouvrir
) -> None:
    referent = ouvrir(gestionnaire)
    titulaires.noter_absence(session, clock, direction, referent, JOUR, None, version=referent.version)
    titulaires.confier(session, clock, direction, referent, SECOND, version=referent.version)
    later = replace(DOMINIQUE, du=JOUR + timedelta(days=30))
    titulaires.confier(session, clock, direction, referent, later, version=referent.version)
    service.fermer(session, clock, direction, referent, JOUR, version=referent.version)
    session.commit()
    session.expire_all()
    assert {(one.nom, one.au) for one in referent.titulaires} == {("Exemple", JOUR), ("Second", JOUR)}
    assert "Exemple" not in f"{referent.texte_recherche}{referent.poids_recherche}"
    changes = history(session, "referent", referent.id)[0].changements
    assert changes["ferme_le"] == [None, JOUR.isoformat()]
    assert changes["tenue"][1] == [
        "suppleant : Lou Second, 2025-09-01 – 2026-03-02",
        "titulaire : Camille Exemple, 2025-09-01 – 2026-03-02",
    ]


def test_each_writes_for_their_own_and_the_siao_for_its_departement(
    session: Session,
    clock: FixedClock,
    direction: Actor,
    siao: Organisation,
    gestionnaire: Organisation,
    actor_for: Callable[..., Actor],
    factories: SimpleNamespace,
    ouvrir: Ouvrir,
) -> None:
    with pytest.raises(Forbidden):
        ouvrir(siao, "signataire", actor=direction)
    etat = actor_for(Profil.ETAT_PILOTE)
    with pytest.raises(Forbidden):
        ouvrir(gestionnaire, actor=etat)
    loin = factories.Organisation(departement_code="37")
    with pytest.raises(Forbidden):
        ouvrir(loin)
    referent = ouvrir(gestionnaire)
    with pytest.raises(Forbidden):
        service.verifier(session, clock, etat, referent, version=referent.version)
    with pytest.raises(NotVisible):
        queries.referent(session, actor_for(Profil.OPERATEUR_DIRECTION, loin), referent.ref)
    assert queries.referent(session, etat, referent.ref) is referent


def test_a_departement_adds_its_own_functions(
    session: Session, clock: FixedClock, actor_for: Callable[..., Actor], siao: Organisation, ouvrir: Ouvrir
) -> None:
    head = actor_for(Profil.SIAO_DIRECTION, siao)
    added = service.ajouter_fonction(session, clock, head, "22", " Référent  violences ", unicite=True)
    assert list(service.fonctions_de(session, "22"))[-1] == added.code
    assert added.code not in service.fonctions_de(session, "35")
    ouvrir(siao, added.code)
    found = chercher(session, head, FiltreAnnuaire(texte="violences"), JOUR)
    assert [ligne.fonction_code for ligne in found.lignes] == [added.code]
    for libelle in (
        "référent VIOLENCES",
        "Référent SIAO",
    ):
        with pytest.raises(DomainError) as caught:
            service.ajouter_fonction(session, clock, head, "22", libelle)
        assert codes(caught) == {("fonction_libelle_existe", "libelle")}
    alike = [
        service.ajouter_fonction(
            session, clock, head, "22", f"Correspondant des maraudes et de la rue, {nom}"
        )
        for nom in ("semaine", "fin de semaine")
    ]
    assert {one.code for one in alike} < set(service.fonctions_de(session, "22", "35"))
    with pytest.raises(Forbidden):
        service.ajouter_fonction(session, clock, head, "37", "Ailleurs")


def test_names_closings_and_mergers_are_followed(
    session: Session,
    clock: FixedClock,
    gestionnaire: Organisation,
    regulatrice: Actor,
    actor_for: Callable[..., Actor],
    factories: SimpleNamespace,
    ouvrir: Ouvrir,
) -> None:
    structure = factories.Structure(organisation=gestionnaire, nom="Foyer des Ajoncs")
    here, there = ouvrir(gestionnaire, structure_id=structure.id), ouvrir(gestionnaire)
    admin = actor_for(Profil.ADMIN_DEPARTEMENT, factories.Organisation(type=TypeOrganisation.ETAT))

    def found(texte: str) -> set[str]:
        return {
            ligne.ref for ligne in chercher(session, regulatrice, FiltreAnnuaire(texte=texte), JOUR).lignes
        }

    typed = SaisieOrganisation(nom="Les Bruyères", type=TypeOrganisation.GESTIONNAIRE, departement_code="22")
    organisations.edit_organisation(session, clock, admin, gestionnaire, typed, version=gestionnaire.version)
    assert found("bruyeres") == {here.ref, there.ref}
    renamed = SaisieStructure(nom="Maison Neuve", departement_code="22", commune_code="22113")
    structures.edit_structure(session, clock, admin, structure, renamed, version=structure.version)
    assert found("maison lannion") == {here.ref}
    structures.close_structure(session, clock, admin, structure, JOUR, version=structure.version)
    assert (here.ferme_le, found("maison")) == (JOUR, set())
    with pytest.raises(DomainError) as caught:
        organisations.close_organisation(
            session, clock, admin, gestionnaire, JOUR, version=gestionnaire.version
        )
    assert codes(caught) == {("fonctions_ouvertes", None)}
    absorbante = factories.Organisation(nom="Grande Association")
    kept = ouvrir(gestionnaire, "signataire")
    ouvrir(absorbante)
    merge_organisations(
        session,
        clock,
        admin,
        gestionnaire,
        absorbante,
        JOUR,
        versions=(gestionnaire.version, absorbante.version),
    )
    assert (there.ferme_le, kept.ferme_le, kept.organisation_id) == (JOUR, None, absorbante.id)
    assert [one.titulaires[0].au for one in (here, there, kept)] == [JOUR, JOUR, None]
    assert kept.ref in found("signataire grande")


def test_an_organisation_does_not_leave_a_departement_where_it_would_still_be_called(
    session: Session,
    clock: FixedClock,
    regulatrice: Actor,
    actor_for: Callable[..., Actor],
    factories: SimpleNamespace,
    ouvrir: Ouvrir,
) -> None:
    both = factories.Organisation(nom="Association des Deux Rives", dans=("35",))
    referent = ouvrir(both, departement_code="35")
    admin = actor_for(Profil.ADMIN_DEPARTEMENT, factories.Organisation(type=TypeOrganisation.ETAT))
    session.commit()
    typed = SaisieOrganisation(
        nom="Association d’Armor", type=TypeOrganisation.GESTIONNAIRE, departement_code="22"
    )
    with pytest.raises(DomainError) as caught:
        organisations.edit_organisation(session, clock, admin, both, typed, version=both.version)
    assert codes(caught) == {("fonctions_departement", "departements")}
    session.rollback()
    service.fermer(session, clock, regulatrice, referent, JOUR, version=referent.version)
    organisations.edit_organisation(session, clock, admin, both, typed, version=both.version)
    assert [row.departement_code for row in both.departements] == ["22"]


def test_a_merger_keeps_who_holds_a_function_and_tells_who_does_no_more(
    session: Session,
    clock: FixedClock,
    gestionnaire: Organisation,
    actor_for: Callable[..., Actor],
    factories: SimpleNamespace,
    ouvrir: Ouvrir,
) -> None:
    absorbante = factories.Organisation(nom="Grande Association")
    held, empty = ouvrir(gestionnaire), ouvrir(absorbante, titulaire=None)
    lost, kept = (
        ouvrir(gestionnaire, "correspondant_si_siao", replace(CAMILLE, nom="Quitte")),
        ouvrir(absorbante, "correspondant_si_siao", replace(CAMILLE, nom="Reste")),
    )
    admin = actor_for(Profil.ADMIN_DEPARTEMENT, factories.Organisation(type=TypeOrganisation.ETAT))
    told = {
        (sort.devient % sort.args).removeprefix("elle se ferme : ")
        for effect in consequences(session, clock, admin, gestionnaire, absorbante)
        for sort in effect.sorts
    }
    assert told == {
        "personne ne la tient, « Camille Exemple » la garde.",
        "Camille Quitte ne la tient plus, « Camille Reste » la garde.",
    }
    versions = (gestionnaire.version, absorbante.version)
    merge_organisations(session, clock, admin, gestionnaire, absorbante, JOUR, versions=versions)
    session.commit()
    assert [one.ferme_le for one in (held, empty, lost, kept)] == [None, JOUR, JOUR, None]
    assert {held.organisation_id, kept.organisation_id} == {absorbante.id}
    assert qui(held) == "Exemple"
