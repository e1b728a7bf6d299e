"""The rules that a line must keep before it is written: whom to call, periods that do not overlap."""

from datetime import date

from portal.annuaire.echanges.champs import Champ
from portal.annuaire.echanges.ligne import LigneLue
from portal.annuaire.echanges.rapprochement import Prevue
from portal.annuaire.enums import Role
from portal.annuaire.models import Referent, Titulaire
from portal.annuaire.regles import se_chevauchent
from portal.annuaire.saisie import Jours
from portal.annuaire.titulaires import tenue


def verifier_la_creation(lue: LigneLue, jour: date) -> None:
    """Refuse an entry that nobody could call, or whose holder leaves before coming: on `jour` unless told."""
    dit = lue.dit
    joignable = Champ.FONCTION_TELEPHONE in dit or Champ.FONCTION_EMAIL in dit
    for nom, telephone, email in (
        (Champ.NOM, Champ.TELEPHONE, Champ.EMAIL),
        (Champ.SUPPLEANT_NOM, Champ.SUPPLEANT_TELEPHONE, Champ.SUPPLEANT_EMAIL),
    ):
        if nom in dit and not joignable and telephone not in dit and email not in dit:
            lue.refuser(telephone, "annuaire.joindre")
        elif nom not in dit and (telephone in dit or email in dit):
            lue.refuser(nom, "annuaire.import_sans_nom")
    if Champ.NOM in dit or Champ.DU in dit:
        _verifier_la_periode(lue, dit.get(Champ.DU, jour), dit.get(Champ.AU))


def verifier_la_tenue(prevue: Prevue, jour: date) -> None:
    """Refuse what the periods of who holds the function do not allow: the rules of `titulaires.confier`."""
    lue, cible = prevue.lue, prevue.cible
    assert cible is not None
    dit, changes = lue.dit, {one.champ for one in prevue.changements}
    held = tenue(cible, jour)
    joignable = bool(cible.telephone or cible.email) or not dit.keys().isdisjoint(
        {Champ.FONCTION_TELEPHONE, Champ.FONCTION_EMAIL}
    )
    if (
        held.titulaire is None
        and Champ.NOM not in dit
        and not dit.keys().isdisjoint({Champ.TELEPHONE, Champ.EMAIL})
    ):
        lue.refuser(Champ.NOM, "annuaire.import_sans_nom")
    if prevue.nouveau:
        if not joignable and Champ.TELEPHONE not in dit and Champ.EMAIL not in dit:
            lue.refuser(Champ.TELEPHONE, "annuaire.joindre")
        du = dit.get(Champ.DU, jour)
        _verifier_l_arrivee(lue, cible, Role.TITULAIRE, du, Champ.DU if Champ.DU in dit else Champ.NOM)
        _verifier_la_periode(lue, du, dit.get(Champ.AU))
    elif held.titulaire is not None and changes & {Champ.DU, Champ.AU}:
        du, au = dit.get(Champ.DU, held.titulaire.du), dit.get(Champ.AU, held.titulaire.au)
        if _verifier_la_periode(lue, du, au):
            _verifier_les_voisins(lue, cible, held.titulaire, Jours(du, au))
    if prevue.nouveau_suppleant:
        if not joignable and Champ.SUPPLEANT_TELEPHONE not in dit and Champ.SUPPLEANT_EMAIL not in dit:
            lue.refuser(Champ.SUPPLEANT_TELEPHONE, "annuaire.joindre")
        _verifier_l_arrivee(lue, cible, Role.SUPPLEANT, jour, Champ.SUPPLEANT_NOM)


def _verifier_l_arrivee(lue: LigneLue, cible: Referent, role: Role, du: date, champ: Champ) -> None:
    """Refuse someone new while another comes later, or has a known end that is not over."""
    for row in cible.titulaires:
        if row.role is role and se_chevauchent(row, Jours(du)) and (row.au is not None or row.du >= du):
            lue.refuser(champ, "annuaire.periode_prise", nom=row.nom_complet)
            return


def _verifier_la_periode(lue: LigneLue, du: date, au: date | None) -> bool:
    if au is not None and au < du:
        lue.refuser(Champ.AU, "annuaire.periode")
        return False
    return True


def _verifier_les_voisins(lue: LigneLue, cible: Referent, held: Titulaire, periode: Jours) -> None:
    for row in cible.titulaires:
        if row.role is held.role and row.id != held.id and se_chevauchent(row, periode):
            lue.refuser(Champ.DU, "annuaire.periode_prise", nom=row.nom_complet)
            return
    if any(one.du < periode.du for one in held.absences):
        lue.refuser(Champ.DU, "annuaire.absence_hors", nom=held.nom_complet)
