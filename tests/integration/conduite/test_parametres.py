"""What each choice of a commission changes in session (domaine.md §§ 7.1, 7.2)."""

import pytest
from sqlalchemy.orm import Session

from portal.commissions.conduite import decisions
from portal.commissions.conduite.presents import votants_de
from portal.commissions.conduite.votes import Vote
from portal.commissions.enums import Presence, PresenceMenage, Quorum, RegleDecision, Voix, VoixPar
from portal.commissions.enums_dossiers import StatutDecision
from portal.commissions.models_decisions import Decision
from portal.commissions.models_seances import InvitationSeance
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.errors import DomainErrors
from tests.integration.conduite.conftest import Tenue, typed


def prendre(session: Session, clock: FixedClock, tenue: Tenue, **champs: object) -> Decision:
    return decisions.prendre(
        session, clock, tenue.secretaire, tenue.seance, tenue.dossier, typed(**champs), version=0
    )


def invitation(tenue: Tenue, actor: Actor) -> InvitationSeance:
    return next(one for one in tenue.seance.invitations if one.personne_id == actor.personne_id)


@pytest.mark.parametrize(
    ("quorum", "absent"),
    [(Quorum.PRESIDENCE, "president"), (Quorum.CHAQUE_COLLEGE, "bailleur")],
)
def test_without_who_must_be_there_a_dossier_is_only_postponed(
    session: Session, clock: FixedClock, tenue: Tenue, quorum: Quorum, absent: str
) -> None:
    def regler(presence: Presence) -> None:
        session.rollback()
        commission = tenue.place.commission
        commission.quorum = quorum
        invitation(tenue, tenue.table.bailleur).college = commission.colleges[2]
        invitation(tenue, getattr(tenue.table, absent)).presence = presence

    regler(Presence.PRESENTE)
    assert prendre(session, clock, tenue).statut is StatutDecision.PRISE
    regler(Presence.ABSENTE)
    with pytest.raises(DomainErrors, match=r"conduite\.quorum"):
        prendre(session, clock, tenue)
    regler(Presence.ABSENTE)
    assert prendre(session, clock, tenue, code="AJOURNE").statut is StatutDecision.PRISE


def test_as_many_on_each_side_is_decided_by_the_presidents_where_it_was_chosen(
    session: Session, clock: FixedClock, tenue: Tenue
) -> None:
    commission, table = tenue.place.commission, tenue.table
    commission.regle = RegleDecision.VOTE
    voix = {
        f"o{table.president.organisation_id}": Vote.POUR,
        f"o{table.conseil.organisation_id}": Vote.CONTRE,
    }
    with pytest.raises(DomainErrors, match=r"conduite\.rejete"):
        prendre(session, clock, tenue, voix=voix)
    session.rollback()
    commission.regle, commission.voix_preponderante = RegleDecision.VOTE, True
    assert prendre(session, clock, tenue, voix=voix).statut is StatutDecision.PRISE


def test_who_has_a_voice(session: Session, tenue: Tenue) -> None:
    commission, table = tenue.place.commission, tenue.table
    commission.regle = RegleDecision.VOTE

    def cles() -> set[str]:
        return {one.cle for one in votants_de(tenue.seance, tenue.dossier) if not one.deport}

    membres = {f"o{one.organisation_id}" for one in (table.president, table.conseil, table.bailleur)}
    assert cles() == membres
    commission.menage, tenue.dossier.menage_present = PresenceMenage.MEMBRE, True
    assert cles() == membres | {"m"}, "the household that is a member has one"
    commission.menage = PresenceMenage.INVITE
    assert cles() == membres
    commission.colleges[0].voix = Voix.CONSULTATIVE
    assert cles() == {f"o{table.president.organisation_id}"}, "a consultative college advises"
    commission.colleges[0].voix, commission.voix_par = Voix.DELIBERATIVE, VoixPar.COLLEGE
    assert cles() == {f"c{commission.colleges[0].id}"}
