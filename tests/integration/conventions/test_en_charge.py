"""A line in charge of a function: a departure breaks nothing, the deputy answers (domaine.md § 11)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.annuaire import service as annuaire
from portal.annuaire import titulaires
from portal.annuaire.enums import Role
from portal.annuaire.models import Referent
from portal.annuaire.saisie import SaisieReferent, SaisieTitulaire
from portal.comptes.models import Personne
from portal.conventions import avis, service
from portal.conventions.a_faire import taches
from portal.conventions.creation import renouveler
from portal.conventions.filtres import MOI, PERSONNE, Filtres
from portal.conventions.models import Convention
from portal.conventions.queries import lister
from portal.notifications.models import MessageSortant
from portal.organisations.enums import TypeOrganisation
from portal.organisations.fusion import merge_organisations
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.errors import DomainError


@dataclass
class Suivi:
    """A line in charge of a function of its SIAO, and the people who may hold it."""

    session: Session
    clock: FixedClock
    ligne: Convention
    referent: Referent
    direction: Actor
    camille: Actor
    sacha: Actor

    def confier(self, actor: Actor, du: date, role: Role = Role.TITULAIRE) -> None:
        personne = self.session.get_one(Personne, actor.personne_id)
        typed = SaisieTitulaire(
            prenom=personne.prenom, nom=personne.nom, email=personne.email, du=du, role=role
        )
        titulaires.confier(
            self.session, self.clock, self.direction, self.referent, typed, version=self.referent.version
        )

    def signer(self) -> None:
        """Make the line a signed one that ends in a month."""
        fin = self.clock.today() + timedelta(days=30)
        self.session.execute(
            update(Convention)
            .where(Convention.id == self.ligne.id)
            .values(
                statut="signee",
                date_signature=date(2025, 1, 1),
                date_effet=date(2025, 1, 1),
                date_fin=fin,
                fin_effective=fin,
            )
        )
        self.session.expire_all()

    def les_siennes(self, actor: Actor) -> list[str]:
        lue = lister(self.session, self.clock, actor, Filtres(responsable=MOI))
        return [ligne.ref for ligne in lue.lignes]

    def rappeles(self) -> set[str]:
        """Return the addresses of those whom a recall is written to."""
        deja = list(self.session.scalars(select(MessageSortant.id)))
        personnes = avis.en_charge(self.session, self.clock, [self.ligne])[self.ligne.id]
        avis.renouvellement(self.session, self.clock, self.ligne, 30, None, personnes)
        self.session.flush()
        return set(
            self.session.scalars(select(MessageSortant.destinataire).where(MessageSortant.id.not_in(deja)))
        )

    def adresse(self, actor: Actor) -> str:
        return self.session.get_one(Personne, actor.personne_id).email


def avancer(suivi: Suivi, jours: int) -> None:
    suivi.clock.instant += timedelta(days=jours)


@pytest.fixture
def suivi(
    session: Session, clock: FixedClock, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> Suivi:
    siao = factories.Organisation(nom="SIAO Fictif 22", type=TypeOrganisation.SIAO)
    ligne = factories.Convention(siao=siao, date_cible=clock.today() - timedelta(days=10))
    direction = actor_for(Profil.SIAO_DIRECTION, siao)
    referent = annuaire.ouvrir(
        session,
        clock,
        direction,
        siao,
        SaisieReferent(
            fonction_code="referent_commission", departement_code="22", telephone="02 61 91 00 01"
        ),
    )
    fait = Suivi(
        session,
        clock,
        ligne,
        referent,
        direction,
        actor_for(Profil.SIAO_REGULATEUR, siao),
        actor_for(Profil.SIAO_REGULATEUR, siao),
    )
    fait.confier(fait.camille, date(2025, 1, 1))
    service.confier(session, clock, direction, [ligne.ref], personne_ref=None, fonction_ref=referent.ref)
    return fait


def test_who_holds_the_function_is_told_and_finds_the_line_among_theirs(suivi: Suivi) -> None:
    messages = suivi.session.scalars(
        select(MessageSortant.destinataire).where(MessageSortant.sujet.contains("confiée"))
    ).all()
    assert messages == [suivi.adresse(suivi.camille)]
    assert suivi.les_siennes(suivi.camille) == [suivi.ligne.ref]
    assert suivi.les_siennes(suivi.sacha) == []
    assert "en_charge_en_retard" in {r.code for r in taches(suivi.session, suivi.clock, suivi.camille)}
    assert lister(suivi.session, suivi.clock, suivi.camille, Filtres(responsable=PERSONNE)).lignes == []
    [ligne] = lister(suivi.session, suivi.clock, suivi.camille, Filtres()).lignes
    assert ligne.fonction is not None
    assert (ligne.responsable, ligne.fonction.fr) == ("", "Référent commission")


def test_the_successor_receives_what_waits_from_the_day_they_hold_it(suivi: Suivi) -> None:
    suivi.confier(suivi.sacha, suivi.clock.today() + timedelta(days=1))
    assert suivi.adresse(suivi.camille) in suivi.rappeles()
    avancer(suivi, 1)
    rappeles = suivi.rappeles()
    assert suivi.adresse(suivi.sacha) in rappeles
    assert suivi.adresse(suivi.camille) not in rappeles
    assert suivi.les_siennes(suivi.sacha) == [suivi.ligne.ref]
    assert suivi.les_siennes(suivi.camille) == []


def test_the_deputy_answers_during_an_absence_and_nobody_else(suivi: Suivi) -> None:
    jour = suivi.clock.today()
    suivi.confier(suivi.sacha, date(2025, 1, 1), Role.SUPPLEANT)
    assert suivi.les_siennes(suivi.camille) == [suivi.ligne.ref]
    titulaires.noter_absence(
        suivi.session,
        suivi.clock,
        suivi.direction,
        suivi.referent,
        jour,
        jour + timedelta(days=6),
        version=suivi.referent.version,
    )
    assert suivi.les_siennes(suivi.sacha) == [suivi.ligne.ref]
    assert suivi.les_siennes(suivi.camille) == []
    assert suivi.adresse(suivi.sacha) in suivi.rappeles()
    avancer(suivi, 7)
    assert suivi.les_siennes(suivi.camille) == [suivi.ligne.ref]


def test_without_anyone_in_the_function_the_direction_is_recalled(suivi: Suivi) -> None:
    jour = suivi.clock.today()
    annuaire.fermer(
        suivi.session, suivi.clock, suivi.direction, suivi.referent, jour, version=suivi.referent.version
    )
    avancer(suivi, 1)
    assert suivi.rappeles() >= {suivi.adresse(suivi.direction)}
    assert suivi.les_siennes(suivi.camille) == []


def test_the_function_of_another_organisation_is_refused(suivi: Suivi, factories: SimpleNamespace) -> None:
    ailleurs = factories.Convention(siao=suivi.ligne.siao, responsable_fonction_id=suivi.referent.id)
    autre = annuaire.ouvrir(
        suivi.session,
        suivi.clock,
        suivi.direction,
        factories.Organisation(nom="Association Tierce"),
        SaisieReferent(fonction_code="referent_siao", departement_code="22", telephone="02 61 91 00 01"),
    )
    for fonction_ref, code in ((autre.ref, "conventions.fonction"), ("inconnue", "introuvable")):
        with pytest.raises(DomainError) as refus:
            service.confier(
                suivi.session,
                suivi.clock,
                suivi.direction,
                [ailleurs.ref],
                personne_ref=None,
                fonction_ref=fonction_ref,
            )
        assert refus.value.code == code


def test_naming_someone_ends_the_function_and_a_renewal_keeps_it(suivi: Suivi, session: Session) -> None:
    suivi.signer()
    fille = renouveler(session, suivi.clock, suivi.direction, suivi.ligne.ref)
    assert fille.responsable_fonction_id == suivi.referent.id
    personne = session.get_one(Personne, suivi.sacha.personne_id)
    service.confier(session, suivi.clock, suivi.direction, [fille.ref], personne_ref=personne.ref)
    assert (fille.responsable_id, fille.responsable_fonction_id) == (personne.id, None)


def test_a_function_that_has_left_the_directory_counts_as_nobody_and_is_not_renewed(suivi: Suivi) -> None:
    suivi.signer()

    def sans_personne() -> list[str]:
        lues = lister(suivi.session, suivi.clock, suivi.direction, Filtres(responsable=PERSONNE))
        return [ligne.ref for ligne in lues.lignes]

    assert sans_personne() == []
    annuaire.fermer(
        suivi.session,
        suivi.clock,
        suivi.direction,
        suivi.referent,
        suivi.clock.today(),
        version=suivi.referent.version,
    )
    assert sans_personne() == [suivi.ligne.ref]
    fille = renouveler(suivi.session, suivi.clock, suivi.direction, suivi.ligne.ref)
    assert (fille.responsable_id, fille.responsable_fonction_id) == (None, None)


def test_the_page_names_the_function_and_who_answers_today(
    suivi: Suivi, client_for: Callable[..., FlaskClient]
) -> None:
    suivi.session.commit()
    client = client_for(suivi.direction)
    page = client.get(f"/conventions/{suivi.ligne.ref}").get_data(as_text=True)
    assert f'<a href="/annuaire/{suivi.referent.ref}">Référent commission – SIAO Fictif 22</a>' in page
    nom = suivi.session.get_one(Personne, suivi.camille.personne_id).nom_complet
    assert f"Aujourd’hui : {nom}." in page
    formulaire = client.get(f"/conventions/{suivi.ligne.ref}/responsable").get_data(as_text=True)
    assert f'<option selected value="fonction:{suivi.referent.ref}">' in formulaire


def test_two_functions_of_one_name_are_told_apart_in_the_form(
    suivi: Suivi, client_for: Callable[..., FlaskClient]
) -> None:
    seconde = annuaire.ouvrir(
        suivi.session,
        suivi.clock,
        suivi.direction,
        suivi.ligne.siao,
        SaisieReferent(fonction_code="referent_commission", departement_code="22", mention="Cuisine"),
        SaisieTitulaire(prenom="Ange", nom="Exemple", telephone="02 61 91 00 01", du=date(2025, 1, 1)),
    )
    suivi.session.commit()
    page = client_for(suivi.direction).get(f"/conventions/{suivi.ligne.ref}/responsable")
    options = re.findall(r'<option[^>]* value="fonction:([\w-]+)">([^<]+)<', page.get_data(as_text=True))
    nom = suivi.session.get_one(Personne, suivi.camille.personne_id).nom_complet
    assert dict(options) == {
        suivi.referent.ref: f"Référent commission ({nom}) – SIAO Fictif 22",
        seconde.ref: "Référent commission (Cuisine, Ange Exemple) – SIAO Fictif 22",
    }


def test_a_merger_that_closes_the_function_puts_its_lines_in_charge_of_the_one_that_stays(
    suivi: Suivi, session: Session, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> None:
    absorbant = factories.Organisation(nom="SIAO Absorbant", type=TypeOrganisation.SIAO)
    saisie = SaisieReferent(
        fonction_code="correspondant_si_siao", departement_code="22", telephone="02 61 91 00 01"
    )
    qui = SaisieTitulaire(prenom="Ange", nom="Exemple", du=date(2025, 1, 1))
    unique = annuaire.ouvrir(session, suivi.clock, suivi.direction, suivi.ligne.siao, saisie, qui)
    reste = annuaire.ouvrir(session, suivi.clock, suivi.direction, absorbant, saisie, qui)
    service.confier(
        session,
        suivi.clock,
        suivi.direction,
        [suivi.ligne.ref],
        personne_ref=None,
        fonction_ref=unique.ref,
    )
    administrateur = actor_for(Profil.ADMIN_DEPARTEMENT, suivi.ligne.etat)
    absorbe = suivi.ligne.siao
    merge_organisations(
        session,
        suivi.clock,
        administrateur,
        absorbe,
        absorbant,
        suivi.clock.today(),
        versions=(absorbe.version, absorbant.version),
    )
    session.expire_all()
    assert unique.ferme_le is not None
    assert suivi.ligne.responsable_fonction_id == reste.id
