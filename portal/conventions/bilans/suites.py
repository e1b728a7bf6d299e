"""What acts on a line do to its bilans."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.conventions import avis
from portal.conventions.bilans import parametres, regles
from portal.conventions.bilans.demandes import ouvrir
from portal.conventions.bilans.enums import StatutBilan
from portal.conventions.bilans.models import Bilan
from portal.conventions.crochets import FUSIONNEE, apres_acte
from portal.conventions.ecriture import jour_de
from portal.conventions.enums import Statut
from portal.conventions.models import Convention
from portal.organisations.parametres import value
from portal.security.policy import Actor
from portal.shared.clock import Clock


@apres_acte
def suivre(session: Session, clock: Clock, _actor: Actor, ligne: Convention, acte: str) -> None:
    """Ask for the final bilan of a convention that a merger ends: no one could see it three months ahead.

    It is due after the time that a periodic one has. Who stays writes it: the SIAO when the operator is
    absorbed, the operator when the SIAO is.
    """
    if acte != FUSIONNEE or ligne.statut is not Statut.SIGNEE:
        return
    assert ligne.date_effet is not None
    assert ligne.fin_effective is not None
    delai = value(session, parametres.DELAI, ligne.departement_code)
    jour = jour_de(session, clock, ligne)
    echeance = jour + timedelta(days=delai)
    connu = session.scalar(select(Bilan).where(Bilan.convention_id == ligne.id, Bilan.rang == regles.FINAL))
    if connu is None:
        voulue = regles.final(ligne.date_effet, ligne.fin_effective)
        session.add(ouvrir(clock, ligne, replace(voulue, demande_le=jour, echeance=echeance)))
    elif connu.statut is StatutBilan.RENDU:
        return
    else:
        connu.au, connu.echeance = ligne.fin_effective, echeance
    session.flush()
    personnes = avis.en_charge(session, clock, [ligne])[ligne.id]
    avis.bilan(session, clock, ligne, personnes, final=True, echeance=echeance)
