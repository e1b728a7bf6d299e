"""On a card: what its organisation signs with the reader's own, and nothing else."""

from collections.abc import Callable
from types import SimpleNamespace

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.annuaire.models import Referent
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation
from portal.security.permissions import Profil
from portal.security.policy import Actor

Ouvrir = Callable[..., Referent]
TITRE = "Ce que signe cette organisation avec vous"


def test_each_reader_sees_its_own_conventions_with_the_organisation_of_the_card(
    session: Session,
    client_for: Callable[..., FlaskClient],
    actor_for: Callable[..., Actor],
    factories: SimpleNamespace,
    siao: Organisation,
    regulatrice: Actor,
    gestionnaire: Organisation,
    direction: Actor,
    ouvrir: Ouvrir,
) -> None:
    etat = factories.Organisation(type=TypeOrganisation.ETAT, nom="DDETS Fictive 22")
    voisin = factories.Organisation(type=TypeOrganisation.ETAT, nom="Préfecture Fictive 22")
    autre_siao = factories.Organisation(type=TypeOrganisation.SIAO, nom="SIAO Tiers")
    sienne = factories.Convention(operateur=gestionnaire, siao=siao, etat=etat)
    ailleurs = factories.Convention(operateur=gestionnaire, siao=autre_siao, etat=etat)
    fiche, de_l_etat = ouvrir(gestionnaire), ouvrir(etat, "signataire")
    session.commit()

    def vues(actor: Actor, referent: Referent) -> set[str]:
        page = client_for(actor).get(f"/annuaire/{referent.ref}").get_data(as_text=True)
        return {une.ref for une in (sienne, ailleurs) if f"/conventions/{une.ref}" in page}

    concurrent = actor_for(Profil.OPERATEUR_DIRECTION, factories.Organisation(nom="Association Tierce"))
    bailleur = actor_for(Profil.BAILLEUR_REFERENT, factories.Organisation(type=TypeOrganisation.BAILLEUR))
    assert vues(regulatrice, fiche) == {sienne.ref}
    assert vues(actor_for(Profil.ETAT_PILOTE, etat), fiche) == {sienne.ref, ailleurs.ref}
    assert vues(actor_for(Profil.ETAT_PILOTE, voisin), fiche) == set()  # it reads them, and signs none
    assert vues(direction, de_l_etat) == {sienne.ref, ailleurs.ref}
    assert vues(regulatrice, de_l_etat) == {sienne.ref}
    assert vues(direction, fiche) == set()  # its own card
    for actor in (concurrent, bailleur):
        assert vues(actor, fiche) == set()
    assert TITRE in client_for(regulatrice).get(f"/annuaire/{fiche.ref}").get_data(as_text=True)
    assert TITRE not in client_for(concurrent).get(f"/annuaire/{fiche.ref}").get_data(as_text=True)
