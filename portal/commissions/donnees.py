"""What the commissions hold about someone, for « Mes données »: texts accepted, invitations received, and
opinions given on dossiers in their organisation's name, by the code of the dossier."""

from zoneinfo import ZoneInfo

from sqlalchemy import String, cast, literal, or_, select, union_all
from sqlalchemy.orm import Session

from portal.commissions.enums import LIBELLES_TEXTE
from portal.commissions.models import Acceptation, Commission, TexteCommission
from portal.commissions.models_dossiers import Dossier, DossierAvis
from portal.commissions.models_seances import InvitationSeance, Seance, Suppleance
from portal.comptes.donnees import Donnee, on_donnees
from portal.comptes.models import Personne
from portal.conventions.jours import fuseau_de
from portal.shared.db import AnySelect
from portal.shared.messages import N_

_INVITATION, _SUPPLEANCE, _AVIS = "invitation", "suppleance", "avis"
NATURES = {genre.value: libelle for genre, libelle in LIBELLES_TEXTE.items()} | {
    _INVITATION: N_("Invitation à une séance"),
    _SUPPLEANCE: N_("Invitation à une séance, comme suppléant"),
    _AVIS: N_("Avis écrit sur un dossier"),
}


@on_donnees
def donnees(session: Session, personne: Personne) -> list[Donnee]:
    """Return what someone accepted, was invited to and wrote, of each the latest first. One statement."""
    parts = [part(personne) for part in (_textes, _invitations, _suppleances, _avis)]
    rows = session.execute(union_all(*parts)).all()
    found = []
    for row in sorted(rows, key=lambda row: (row.rang, -row.le.timestamp(), -row.id)):
        jour = row.le.astimezone(ZoneInfo(fuseau_de(row.departement_code))).date()
        dit = row.separe.join(filter(None, (row.dit, row.suite)))
        found.append(Donnee(row.nom, NATURES[row.nature], dit, jour, jour))
    return found


def _textes(personne: Personne) -> AnySelect:
    return (
        select(
            literal(0).label("rang"),
            Acceptation.id.label("id"),
            Commission.nom.label("nom"),
            Commission.departement_code.label("departement_code"),
            cast(TexteCommission.genre, String).label("nature"),
            Acceptation.nom.label("dit"),
            literal("").label("suite"),
            literal("").label("separe"),
            Acceptation.le.label("le"),
        )
        .join(TexteCommission, TexteCommission.id == Acceptation.texte_id)
        .join(Commission, Commission.id == TexteCommission.commission_id)
        .where(Acceptation.personne_id == personne.id)
    )


def _invitations(personne: Personne) -> AnySelect:
    """By account, or by address."""
    return (
        select(
            literal(1),
            InvitationSeance.id,
            Commission.nom,
            Seance.departement_code,
            literal(_INVITATION),
            InvitationSeance.nom,
            InvitationSeance.email,
            literal(", "),
            Seance.debut,
        )
        .join(Seance, Seance.id == InvitationSeance.seance_id)
        .join(Commission, Commission.id == Seance.commission_id)
        .where(or_(InvitationSeance.personne_id == personne.id, InvitationSeance.email == personne.email))
    )


def _suppleances(personne: Personne) -> AnySelect:
    return (
        select(
            literal(1),
            InvitationSeance.id,
            Commission.nom,
            Seance.departement_code,
            literal(_SUPPLEANCE),
            Suppleance.nom,
            Suppleance.email,
            literal(", "),
            Seance.debut,
        )
        .join(InvitationSeance, InvitationSeance.id == Suppleance.invitation_id)
        .join(Seance, Seance.id == InvitationSeance.seance_id)
        .join(Commission, Commission.id == Seance.commission_id)
        .where(or_(Suppleance.personne_id == personne.id, Suppleance.email == personne.email))
    )


def _avis(personne: Personne) -> AnySelect:
    return (
        select(
            literal(2),
            DossierAvis.id,
            Commission.nom,
            Dossier.departement_code,
            literal(_AVIS),
            Dossier.code,
            DossierAvis.par,
            literal(" – "),
            DossierAvis.le,
        )
        .join(Dossier, Dossier.id == DossierAvis.dossier_id)
        .join(Commission, Commission.id == Dossier.commission_id)
        .where(DossierAvis.personne_id == personne.id)
    )
