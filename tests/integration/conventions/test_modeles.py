"""The models in use: loading, adoption, the département's green version from its draft to its publication."""

import json
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.audit.service import history
from portal.conventions.modeles import queries, service
from portal.conventions.modeles.chargement import load_models
from portal.conventions.modeles.comparaison import Changement, differences, textes
from portal.conventions.modeles.contenu import Gabarit, Modele
from portal.conventions.modeles.enums import Source, StatutVersion
from portal.conventions.modeles.lecture import empreinte
from portal.conventions.modeles.models import ModeleVersion, VersionDepartementale
from portal.conventions.modeles.verts import champs_verts
from portal.notifications.models import MessageSortant
from portal.organisations.enums import TypeOrganisation
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.differences import Sort
from portal.shared.errors import DomainError, Forbidden, NotVisible, StaleVersion
from tests.integration.conventions.conftest import Parties

DELAI = {"clause": "7.2", "parametre": "delai_orientation_h"}
MOTIF = "Accord du comité stratégique"


@pytest.fixture(autouse=True)
def modeles(session: Session, clock: FixedClock) -> None:
    load_models(session, clock)


@pytest.fixture
def brouillon(session: Session, clock: FixedClock, parties: Parties) -> VersionDepartementale:
    return service.ouvrir_brouillon(session, clock, parties.agent, "22")


@pytest.fixture
def ecrire(session: Session, clock: FixedClock, parties: Parties) -> Callable[..., VersionDepartementale]:
    def make(dans: VersionDepartementale, valeur: str, **autres: Any) -> VersionDepartementale:
        acteur = autres.pop("acteur", parties.agent)
        lu = {"motif": MOTIF, "version": 0} | DELAI | autres
        return service.modifier_champ(session, clock, acteur, dans.ref, valeur=valeur, **lu)

    return make


@pytest.fixture
def completer(
    session: Session, clock: FixedClock, ecrire: Callable[..., VersionDepartementale]
) -> Callable[[VersionDepartementale], None]:
    """Return a function that fills what has no default."""

    def make(version: VersionDepartementale) -> None:
        modele = queries.modele(session, version.general_id)
        for champ in list(champs_verts(modele, queries.ecrits(version))):
            if champ.a_completer:
                valeur = "ocde" if champ.code == "echelle_uc" else "À l’hôtel du département."
                ecrire(version, valeur, clause=champ.clause.code, parametre=champ.code)

    return make


@pytest.fixture
def publier(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    completer: Callable[[VersionDepartementale], None],
) -> Callable[[VersionDepartementale], VersionDepartementale]:
    def make(version: VersionDepartementale) -> VersionDepartementale:
        completer(version)
        for acteur in (parties.agent, parties.pilote):
            service.valider(session, clock, acteur, version.ref, version.version)
        return service.publier(session, clock, parties.pilote, version.ref, version.version)

    return make


def nouveau_modele(session: Session, clock: FixedClock, change: Callable[[str], str]) -> ModeleVersion:
    """Publish another version of the general model."""
    before = session.get_one(ModeleVersion, queries.courants(session, "22")[Gabarit.GENERAL].id)
    contenu = json.loads(change(json.dumps(before.contenu, ensure_ascii=False)))
    row = ModeleVersion(
        gabarit=Gabarit.GENERAL,
        numero=before.numero + 1,
        libelle="Suivant",
        source=Source.TRAVAIL,
        statut=StatutVersion.PUBLIEE,
        contenu=contenu,
        empreinte=empreinte(Modele.from_json(contenu)),
        publiee_le=clock.now(),
        created_at=clock.now(),
        updated_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row


def test_the_same_files_are_loaded_once(session: Session, clock: FixedClock) -> None:
    assert load_models(session, clock) == 0
    assert {row.numero for row in session.scalars(select(ModeleVersion))} == {1}
    courants = queries.courants(session, "22")
    assert courants[Gabarit.SIMPLIFIE].libelle.startswith("Modèle de travail")


def test_a_published_model_never_changes(session: Session) -> None:
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(update(ModeleVersion).values(contenu={"titre": "Autre"}))
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(update(ModeleVersion).values(statut=StatutVersion.BROUILLON))


def test_a_working_model_is_adopted_by_the_state_and_every_siao(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    factories: SimpleNamespace,
    actor_for: Callable[..., Actor],
) -> None:
    autre = factories.Organisation(nom="SIAO Bis", type=TypeOrganisation.SIAO)
    refs = {g: row.ref for g, row in queries.courants(session, "22").items()}
    ids = [row.id for row in queries.courants(session, "22").values()]

    for acteur in (parties.pilote, parties.agent):
        service.adopter(session, clock, acteur, "22", refs)
        assert not queries.adopte(session, "22", ids)
    assert [p.nom for p in queries.adoption(session, "22").parties if p.le is None] == [autre.nom]
    service.adopter(session, clock, actor_for(Profil.SIAO_DIRECTION, autre), "22", refs)

    assert queries.adopte(session, "22", ids)
    assert queries.adoption(session, "22").acquise
    assert not queries.adopte(session, "37", ids)
    with pytest.raises(DomainError, match=r"modeles\.deja_adopte"):
        service.adopter(session, clock, parties.pilote, "22", refs)


def test_adopting_what_has_been_replaced_is_refused(
    session: Session, clock: FixedClock, parties: Parties
) -> None:
    refs = {g: row.ref for g, row in queries.courants(session, "22").items()}
    nouveau_modele(session, clock, lambda s: s.replace("Objet et objectifs", "Objet"))
    with pytest.raises(DomainError, match=r"modeles\.modele_depasse"):
        service.adopter(session, clock, parties.pilote, "22", refs)


@pytest.mark.parametrize("profil", [Profil.OPERATEUR_DIRECTION, Profil.SIAO_REGULATEUR, Profil.ETAT_AGENT])
def test_only_those_who_bind_their_party_adopt(
    session: Session, clock: FixedClock, actor_for: Callable[..., Actor], profil: Profil
) -> None:
    refs = {g: row.ref for g, row in queries.courants(session, "22").items()}
    with pytest.raises(Forbidden):
        service.adopter(session, clock, actor_for(profil), "22", refs)


def test_an_official_model_is_adopted_like_ours(
    session: Session, clock: FixedClock, parties: Parties
) -> None:
    row = nouveau_modele(session, clock, lambda s: s)
    official = ModeleVersion(
        **{
            c: getattr(row, c) for c in ("gabarit", "contenu", "empreinte", "libelle", "statut", "publiee_le")
        },
        numero=3,
        source=Source.OFFICIEL,
        created_at=clock.now(),
        updated_at=clock.now(),
    )
    session.add(official)
    session.flush()
    courants = queries.courants(session, "22")
    assert courants[Gabarit.GENERAL].id == official.id
    assert not queries.adopte(session, "22", [official.id])

    refs = {g: courant.ref for g, courant in courants.items()}
    service.adopter(session, clock, parties.agent, "22", refs)
    assert not queries.adopte(session, "22", [official.id])
    service.adopter(session, clock, parties.pilote, "22", refs)
    assert queries.adopte(session, "22", [official.id])


def test_one_draft_per_departement(
    session: Session, clock: FixedClock, parties: Parties, brouillon: VersionDepartementale
) -> None:
    assert (brouillon.numero, brouillon.statut) == (1, StatutVersion.BROUILLON)
    assert service.ouvrir_brouillon(session, clock, parties.pilote, "22") is brouillon
    with pytest.raises(NotVisible):
        service.ouvrir_brouillon(session, clock, parties.pilote, "37")


def test_the_delay_of_the_framework_agreement_is_a_ceiling(
    session: Session, brouillon: VersionDepartementale, ecrire: Callable[..., VersionDepartementale]
) -> None:
    """Case 7 of § 15: 240 refused with its reference, 168 accepted, journalled with its reason."""
    with pytest.raises(DomainError) as refused:
        ecrire(brouillon, "240")
    assert "accord-cadre" in refused.value.params["origine"]

    ecrire(brouillon, "168")

    assert queries.ecrits(brouillon) == {("7.2", "delai_orientation_h"): "168"}
    (entry,) = history(session, "version_departementale_champ", brouillon.champs[0].id)
    assert entry.action == "modeles:champ:modifier"
    assert entry.changements["valeur"] == ["192", "168"]
    assert entry.changements["motif"] == MOTIF
    (lu,) = queries.historique(session, "22", "7.2", "delai_orientation_h")
    assert (lu.avant, lu.apres, lu.motif) == ("192", "168", MOTIF)


@pytest.mark.parametrize("profil", [Profil.OPERATEUR_DIRECTION, Profil.GESTIONNAIRE_STRUCTURE])
def test_an_operator_reads_what_is_published_and_writes_nothing(
    session: Session,
    clock: FixedClock,
    actor_for: Callable[..., Actor],
    parties: Parties,
    brouillon: VersionDepartementale,
    ecrire: Callable[..., VersionDepartementale],
    publier: Callable[[VersionDepartementale], VersionDepartementale],
    profil: Profil,
) -> None:
    """Case 3 of § 15."""
    operateur = actor_for(profil, parties.operateur)
    with pytest.raises(NotVisible):
        ecrire(brouillon, "168", acteur=operateur)
    publier(brouillon)
    assert queries.version(session, operateur, brouillon.ref) is brouillon
    with pytest.raises(Forbidden):
        ecrire(brouillon, "168", acteur=operateur)
    with pytest.raises(Forbidden):
        service.ouvrir_brouillon(session, clock, operateur, "22")


def test_another_departement_sees_nothing(
    session: Session,
    brouillon: VersionDepartementale,
    factories: SimpleNamespace,
    actor_for: Callable[..., Actor],
    ecrire: Callable[..., VersionDepartementale],
) -> None:
    siao = factories.Organisation(nom="SIAO 37", type=TypeOrganisation.SIAO, departement_code="37")
    etranger = actor_for(Profil.SIAO_DIRECTION, siao)
    with pytest.raises(NotVisible):
        queries.version(session, etranger, brouillon.ref)
    with pytest.raises(NotVisible):
        ecrire(brouillon, "168", acteur=etranger)
    assert not queries.versions(session, etranger, "22")


def test_a_change_says_why(
    brouillon: VersionDepartementale, ecrire: Callable[..., VersionDepartementale]
) -> None:
    with pytest.raises(DomainError, match=r"modeles\.motif_obligatoire"):
        ecrire(brouillon, "168", motif="  ")
    with pytest.raises(DomainError, match=r"modeles\.champ_inchange"):
        ecrire(brouillon, "192")
    with pytest.raises(DomainError, match=r"modeles\.champ_inconnu"):
        ecrire(brouillon, "4", clause="5.2", parametre="freq_eval_mois")  # yellow: each convention's own
    with pytest.raises(DomainError, match=r"modeles\.champ_inconnu"):
        ecrire(brouillon, "Autre texte", clause="1", parametre="")  # fixed: nobody's


def test_a_stale_edit_overwrites_nothing(
    brouillon: VersionDepartementale, ecrire: Callable[..., VersionDepartementale], parties: Parties
) -> None:
    ecrire(brouillon, "168")
    with pytest.raises(StaleVersion) as stale:
        ecrire(brouillon, "100", acteur=parties.pilote)
    assert (stale.value.current["valeur"], stale.value.current["version"]) == ("168", 1)
    ecrire(brouillon, "100", acteur=parties.pilote, version=1)
    assert queries.ecrits(brouillon) == {("7.2", "delai_orientation_h"): "100"}


def test_the_text_of_a_green_clause_keeps_its_fields(
    brouillon: VersionDepartementale, ecrire: Callable[..., VersionDepartementale]
) -> None:
    with pytest.raises(DomainError, match=r"modeles\.texte_champs_manquants"):
        ecrire(brouillon, "Deux sessions par an.", clause="8.2", parametre="")
    kept = "Le SIAO tient {{nb_formations}}, sous {{delai_formation_mois}} : {{programme_formation}}"
    with pytest.raises(DomainError, match=r"modeles\.texte_renvoi_inconnu"):
        ecrire(brouillon, kept + " [[12.1]]", clause="8.2", parametre="")
    with pytest.raises(DomainError, match=r"modeles\.texte_champ_inconnu"):
        ecrire(brouillon, kept + " {{autre}}", clause="8.2", parametre="")
    ecrire(brouillon, kept + " Voir [[8.1]].", clause="8.2", parametre="")
    assert queries.ecrits(brouillon)["8.2", ""].endswith("Voir [[8.1]].")


def test_both_parties_validate_then_the_version_is_dated(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    brouillon: VersionDepartementale,
    completer: Callable[[VersionDepartementale], None],
) -> None:
    with pytest.raises(DomainError, match=r"modeles\.incomplete"):
        service.valider(session, clock, parties.agent, brouillon.ref, brouillon.version)
    completer(brouillon)
    service.valider(session, clock, parties.agent, brouillon.ref, brouillon.version)
    with pytest.raises(DomainError) as refused:
        service.publier(session, clock, parties.pilote, brouillon.ref, brouillon.version)
    assert refused.value.params["liste"] == "État"
    with pytest.raises(DomainError, match=r"modeles\.deja_validee"):
        service.valider(session, clock, parties.agent, brouillon.ref, brouillon.version)

    service.valider(session, clock, parties.pilote, brouillon.ref, brouillon.version)
    service.publier(session, clock, parties.pilote, brouillon.ref, brouillon.version)

    assert brouillon.statut is StatutVersion.PUBLIEE
    assert brouillon.publiee_le == clock.now()
    mails = session.scalars(select(MessageSortant.sujet)).all()
    assert mails == ["Version départementale 1 publiée"]


def test_a_change_voids_the_validations_and_says_so(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    brouillon: VersionDepartementale,
    completer: Callable[[VersionDepartementale], None],
    ecrire: Callable[..., VersionDepartementale],
) -> None:
    completer(brouillon)
    seen = brouillon.version
    service.valider(session, clock, parties.pilote, brouillon.ref, seen)

    ecrire(brouillon, "168")

    assert not brouillon.validations
    assert session.scalars(select(MessageSortant.sujet)).all() == [
        "Version départementale 1 : à valider de nouveau"
    ]
    with pytest.raises(StaleVersion):  # what was read is no longer what would be validated
        service.valider(session, clock, parties.pilote, brouillon.ref, seen)


def test_a_published_version_stays_and_the_next_one_starts_from_it(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    brouillon: VersionDepartementale,
    ecrire: Callable[..., VersionDepartementale],
    publier: Callable[[VersionDepartementale], VersionDepartementale],
) -> None:
    ecrire(brouillon, "168")
    publier(brouillon)
    with pytest.raises(DomainError, match=r"modeles\.version_publiee"):
        ecrire(brouillon, "100", version=1)

    clock.instant += timedelta(days=30)
    suivante = service.ouvrir_brouillon(session, clock, parties.pilote, "22")
    ecrire(suivante, "120", version=1)

    assert suivante.numero == 2
    assert queries.ecrits(brouillon)["7.2", "delai_orientation_h"] == "168"
    modele = queries.modele(session, suivante.general_id)
    (changed,) = differences(
        textes(modele, queries.ecrits(brouillon)), textes(modele, queries.ecrits(suivante))
    )
    assert (changed.code, changed.changement) == ("7.2", Changement.MODIFIEE)
    assert [s.texte for s in changed.segments if s.sort is not Sort.EGAL] == ["168", "120"]
    assert [c.version for c in queries.historique(session, "22", "7.2", "delai_orientation_h")] == [2, 1]


def test_a_new_national_model_is_told_clause_by_clause_and_taken_up(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    brouillon: VersionDepartementale,
    ecrire: Callable[..., VersionDepartementale],
    completer: Callable[[VersionDepartementale], None],
) -> None:
    ecrire(brouillon, "168")
    ecrire(brouillon, "3", clause="8.2", parametre="nb_formations")
    completer(brouillon)
    service.valider(session, clock, parties.agent, brouillon.ref, brouillon.version)
    with pytest.raises(DomainError, match=r"modeles\.deja_a_jour"):
        service.rebaser(session, clock, parties.agent, brouillon.ref, brouillon.version)
    avant = queries.modele(session, brouillon.general_id)
    row = nouveau_modele(
        session,
        clock,
        lambda s: s.replace(
            '"defaut": "192", "unite": "heures", "minimum": 1, "maximum": 192',
            '"defaut": "144", "unite": "heures", "minimum": 1, "maximum": 144',
        ),
    )
    apres = queries.modele(session, row.id)

    (changed,) = differences(textes(avant, {}, definitions=True), textes(apres, {}, definitions=True))
    assert changed.code == "7.2"
    lost = service.rebaser(session, clock, parties.agent, brouillon.ref, brouillon.version)

    assert lost == [("7.2", "delai_orientation_h")]
    assert ("8.2", "nb_formations") in queries.ecrits(brouillon)
    assert brouillon.general_id == row.id
    assert not brouillon.validations
