"""Factories of test data: plainly fictitious people and organisations."""

from datetime import UTC, date, datetime
from typing import Any

import factory
from factory.alchemy import SQLAlchemyModelFactory

from portal.annuaire.models import Referent
from portal.comptes.models import Adhesion, Personne
from portal.conventions.enums import Statut
from portal.conventions.models import Convention, ConventionNature
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation, OrganisationDepartement, Structure
from portal.security.permissions import Profil
from portal.shared.text import searchable, sort_key

INSTANT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Base(SQLAlchemyModelFactory):
    """Bound to the test's session by the `factories` fixture."""

    class Meta:
        abstract = True
        sqlalchemy_session_persistence = "flush"


class OrganisationFactory(Base):
    class Meta:
        model = Organisation

    nom = factory.Sequence(lambda n: f"Association Fictive {n}")
    type = TypeOrganisation.GESTIONNAIRE
    departement_code = "22"
    created_at = INSTANT
    updated_at = INSTANT
    tri = factory.LazyAttribute(lambda o: sort_key(o.nom))
    texte_recherche = factory.LazyAttribute(lambda o: searchable(o.nom))

    @factory.post_generation
    def dans(obj: Organisation, create: bool, extracted: Any, **kwargs: Any) -> None:  # noqa: N805
        """Départements where it works besides its own."""
        obj.departements = [
            OrganisationDepartement(departement_code=code)
            for code in {obj.departement_code, *(extracted or ())}
        ]


class StructureFactory(Base):
    class Meta:
        model = Structure

    organisation = factory.SubFactory(OrganisationFactory)
    nom = factory.Sequence(lambda n: f"Résidence Fictive {n}")
    departement_code = "22"
    created_at = INSTANT
    updated_at = INSTANT
    tri = factory.LazyAttribute(lambda o: sort_key(o.nom))
    texte_recherche = factory.LazyAttribute(lambda o: searchable(o.nom))


class PersonneFactory(Base):
    class Meta:
        model = Personne

    prenom = "Camille"
    nom = factory.Sequence(lambda n: f"Exemple{n}")
    email = factory.Sequence(lambda n: f"camille.exemple{n}@partenaire.example")
    created_at = INSTANT
    updated_at = INSTANT


class AdhesionFactory(Base):
    class Meta:
        model = Adhesion
        exclude = ("organisation",)

    personne = factory.SubFactory(PersonneFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    organisation_id = factory.LazyAttribute(lambda o: o.organisation.id)
    departement_code = factory.LazyAttribute(lambda o: o.organisation.departement_code)
    profil = Profil.OPERATEUR_DIRECTION
    verifiee_le = INSTANT.date()
    created_at = INSTANT
    updated_at = INSTANT


class ConventionFactory(Base):
    """A line to be started, of one pair, with the State of département 22."""

    class Meta:
        model = Convention

    operateur = factory.SubFactory(OrganisationFactory)
    siao = factory.SubFactory(OrganisationFactory, type=TypeOrganisation.SIAO, nom="SIAO Fictif 22")
    etat = factory.SubFactory(OrganisationFactory, type=TypeOrganisation.ETAT, nom="DDETS Fictive 22")
    departement_code = factory.LazyAttribute(lambda o: o.siao.departement_code)
    statut = Statut.A_ENGAGER
    statut_depuis = INSTANT
    date_cible = date(2026, 12, 31)
    date_fin = None
    fin_effective = factory.LazyAttribute(lambda o: o.date_fin)
    fin_tri = factory.LazyAttribute(lambda o: o.fin_effective or date(9999, 12, 31))
    created_at = INSTANT
    updated_at = INSTANT
    operateur_tri = factory.LazyAttribute(lambda o: o.operateur.tri)
    texte_recherche = factory.LazyAttribute(lambda o: searchable(o.operateur.nom, o.siao.nom))

    @factory.post_generation
    def natures(obj: Convention, create: bool, extracted: Any, **kwargs: Any) -> None:  # noqa: N805
        """Natures covered: {code: places}."""
        obj.natures = [ConventionNature(nature_code=c, places=n) for c, n in (extracted or {}).items()]


class ReferentFactory(Base):
    """A function of the directory that sits in commissions, held by nobody."""

    class Meta:
        model = Referent

    organisation = factory.SubFactory(OrganisationFactory)
    departement_code = "22"
    fonction_code = "referent_commission"
    created_at = INSTANT
    updated_at = INSTANT
    tri = factory.LazyAttribute(lambda o: o.organisation.tri[:120])
    texte_recherche = ""
    poids_recherche = ""


ALL = (
    OrganisationFactory,
    StructureFactory,
    PersonneFactory,
    AdhesionFactory,
    ConventionFactory,
    ReferentFactory,
)
