"""Handing over in one go what someone holds when they leave."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.annuaire import service as annuaire
from portal.annuaire import titulaires
from portal.annuaire.enums import Role
from portal.annuaire.models import Referent
from portal.annuaire.saisie import SaisieReferent, SaisieTitulaire
from portal.annuaire.titulaires import tenue
from portal.comptes import passation
from portal.comptes.models import Adhesion, InvitationCompte, Personne
from portal.comptes.passation import GARDER, VIDER, Choix
from portal.conventions.models import Convention
from portal.notifications.models import MessageSortant
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation, OrganisationDepartement
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.shared.errors import DomainError, Forbidden, NotVisible, StaleVersion
from tests.integration.web_organisations import statements


@dataclass
class Depart:
    """Someone of a SIAO who holds two functions, two lines and an invitation, and their colleagues."""

    session: Session
    clock: FixedClock
    siao: Organisation
    admin: Actor
    partante: Actor
    collegue: Actor
    titulaire: Referent
    supplee: Referent
    lignes: list[Convention]
    invitation: InvitationCompte

    def adhesion_ref(self, actor: Actor) -> str:
        return actor.adhesion_ref

    def cle(self, actor: Actor) -> str:
        return f"p{self.session.get_one(Personne, actor.personne_id).ref}"

    def choix(self, jour: date, retirer: bool = False, **decisions: str) -> Choix:
        """Return a choice by whole kinds of what is held now."""
        parts = passation.parts(self.session, self.clock, self.qui(self.admin))
        return Choix(
            jour,
            {
                p.genre.code: dict.fromkeys((t.ref for t in p.tenus), decisions.get(p.genre.code, GARDER))
                for p in parts
            },
            {p.genre.code: {t.ref: t.version for t in p.tenus} for p in parts},
            retirer,
        )

    def qui(self, actor: Actor) -> passation.Partant:
        return passation.partant(self.session, actor, self.partante.adhesion_ref)

    def passer(self, choix: Choix, actor: Actor | None = None) -> passation.Bilan:
        par = actor or self.admin
        return passation.passer(self.session, self.clock, par, self.qui(par), choix)

    def messages(self) -> list[tuple[str, str]]:
        rows = self.session.scalars(select(MessageSortant).order_by(MessageSortant.id))
        return [(row.destinataire, row.sujet) for row in rows]


@pytest.fixture
def depart(
    session: Session, clock: FixedClock, factories: SimpleNamespace, actor_for: Callable[..., Actor]
) -> Depart:
    siao = factories.Organisation(nom="SIAO Fictif 22", type=TypeOrganisation.SIAO)
    admin = actor_for(Profil.ADMIN_ORGANISATION, siao)
    partante, collegue = actor_for(Profil.SIAO_REGULATEUR, siao), actor_for(Profil.SIAO_REGULATEUR, siao)
    direction = actor_for(Profil.SIAO_DIRECTION, siao)
    personne = session.get_one(Personne, partante.personne_id)
    fiches = []
    for fonction, role in (
        ("referent_commission", Role.TITULAIRE),
        ("correspondant_si_siao", Role.SUPPLEANT),
    ):
        fiche = annuaire.ouvrir(
            session,
            clock,
            direction,
            siao,
            SaisieReferent(fonction_code=fonction, departement_code="22", telephone="02 61 91 00 01"),
        )
        typed = SaisieTitulaire(
            prenom=personne.prenom, nom=personne.nom, email=personne.email, du=date(2025, 1, 1), role=role
        )
        titulaires.confier(session, clock, direction, fiche, typed, version=fiche.version)
        fiches.append(fiche)
    lignes = [factories.Convention(siao=siao, responsable_id=partante.personne_id) for _ in range(2)]
    invitation = InvitationCompte(
        email="nouvelle@siao.example",
        prenom="Noé",
        nom="Fictif",
        organisation_id=siao.id,
        departement_code="22",
        profil=Profil.SIAO_REGULATEUR,
        jeton_hash="0" * 64,
        expire_le=clock.now() + timedelta(days=5),
        invite_par_id=partante.personne_id,
        created_at=clock.now(),
        updated_at=clock.now(),
    )
    session.add(invitation)
    session.flush()
    return Depart(session, clock, siao, admin, partante, collegue, fiches[0], fiches[1], lignes, invitation)


def test_everything_passes_at_once_and_everyone_is_told(depart: Depart) -> None:
    jour = depart.clock.today()
    fait = depart.passer(
        depart.choix(
            jour,
            retirer=True,
            fonctions=depart.cle(depart.collegue),
            conventions=depart.cle(depart.collegue),
            invitations=depart.cle(depart.admin),
        )
    )
    assert fait.nombre == 5
    depart.session.expire_all()
    collegue = depart.session.get_one(Personne, depart.collegue.personne_id)
    partante = depart.session.get_one(Personne, depart.partante.personne_id)
    demain = jour + timedelta(days=1)
    assert [t.nom_complet for t in (tenue(depart.titulaire, d).titulaire for d in (jour, demain)) if t] == [
        partante.nom_complet,
        collegue.nom_complet,
    ]
    suppleant = tenue(depart.supplee, demain).suppleant
    assert suppleant is not None
    assert (suppleant.personne_id, suppleant.email) == (collegue.id, collegue.email)
    assert {ligne.responsable_id for ligne in depart.lignes} == {collegue.id}
    assert depart.invitation.invite_par_id == depart.admin.personne_id
    assert depart.session.get_one(Adhesion, depart.partante.adhesion_id).revoquee_le is not None
    assert {
        (collegue.email, f"{partante.nom_complet} vous passe la main"),
        (partante.email, "Ce que vous teniez est passé à d’autres"),
        (partante.email, "Votre accès a été retiré"),
    } <= set(depart.messages())


def test_line_by_line_some_stay_and_some_are_left_empty(depart: Depart) -> None:
    jour = depart.clock.today()
    choix = depart.choix(jour)
    [titulaire, supplee] = choix.decisions["fonctions"]
    [premiere, seconde] = choix.decisions["conventions"]
    [invitation] = choix.decisions["invitations"]
    noms = {
        t.ref: t.libelle
        for p in passation.parts(depart.session, depart.clock, depart.qui(depart.admin))
        for t in p.tenus
    }
    vide, garde = (titulaire, supplee) if noms[titulaire] == "Référent commission" else (supplee, titulaire)
    decisions = {
        "fonctions": {vide: VIDER, garde: GARDER},
        "conventions": {premiere: f"f{depart.supplee.ref}", seconde: GARDER},
        "invitations": {invitation: VIDER},
    }
    assert depart.passer(Choix(jour, decisions, choix.versions)).nombre == 3
    depart.session.expire_all()
    assert tenue(depart.titulaire, jour + timedelta(days=1)).titulaire is None
    assert tenue(depart.supplee, jour + timedelta(days=1)).suppleant is not None
    passee = next(ligne for ligne in depart.lignes if ligne.ref == premiere)
    assert (passee.responsable_id, passee.responsable_fonction_id) == (None, depart.supplee.id)
    assert depart.invitation.revoquee_le is not None


def _ouvrir(depart: Depart, departement_code: str, titulaire: Actor) -> Referent:
    personne = depart.session.get_one(Personne, titulaire.personne_id)
    return annuaire.ouvrir(
        depart.session,
        depart.clock,
        replace(titulaire, profil=Profil.SIAO_DIRECTION, departements=("22", "35")),
        depart.siao,
        SaisieReferent(
            fonction_code="signataire",
            departement_code=departement_code,
            telephone="02 61 91 00 01",
        ),
        SaisieTitulaire(prenom=personne.prenom, nom=personne.nom, email=personne.email, du=date(2025, 1, 1)),
    )


def test_whoever_answers_for_the_function_that_receives_is_told(depart: Depart) -> None:
    fonction = _ouvrir(depart, "22", depart.collegue)
    depart.passer(depart.choix(depart.clock.today(), conventions=f"f{fonction.ref}"))
    recus = [a for a, sujet in depart.messages() if sujet.endswith("vous passe la main")]
    assert recus == [depart.collegue.email]
    assert {ligne.responsable_fonction_id for ligne in depart.lignes} == {fonction.id}


def test_a_function_of_another_departement_does_not_receive(
    depart: Depart, client_for: Callable[..., FlaskClient]
) -> None:
    depart.siao.departements.append(OrganisationDepartement(departement_code="35"))
    depart.session.flush()
    ailleurs = _ouvrir(depart, "35", depart.collegue)
    choix = depart.choix(depart.clock.today(), conventions=f"f{ailleurs.ref}")
    with pytest.raises(DomainError) as refus:
        depart.passer(choix)
    assert refus.value.code == "comptes.successeur"
    depart.lignes[0].departement_code = "35"
    depart.session.commit()
    client, url = client_for(depart.admin), f"/equipe/{depart.partante.adhesion_ref}/passer"
    page = client.get(url).get_data(as_text=True)
    assert f'<option value="f{ailleurs.ref}">Signataire (35)</option>' in page
    typed = {"dernier_jour": depart.clock.today().isoformat(), "etape": "confirmer"}
    reponse = client.post(url, data=_champs(page) | typed | {"lot-conventions": f"f{ailleurs.ref}"})
    assert reponse.status_code == 422
    assert f"Ce n’est pas le cas pour : {depart.lignes[1].operateur.nom}" in reponse.get_data(as_text=True)
    depart.session.expire_all()
    assert {ligne.responsable_fonction_id for ligne in depart.lignes} == {None}


def test_someone_passes_what_they_hold_themselves_in_advance(depart: Depart) -> None:
    jour = depart.clock.today() + timedelta(days=20)
    depart.passer(depart.choix(jour, fonctions=depart.cle(depart.collegue)), depart.partante)
    depart.session.expire_all()
    reste = tenue(depart.titulaire, jour).titulaire
    assert reste is not None
    assert reste.personne_id == depart.partante.personne_id
    suite = tenue(depart.titulaire, jour + timedelta(days=1)).titulaire
    assert suite is not None
    assert suite.personne_id == depart.collegue.personne_id
    assert "Ce que vous teniez est passé à d’autres" not in {sujet for _a, sujet in depart.messages()}


def test_what_begins_after_the_last_day_passes_whole_and_no_past_is_lost_to_a_wrong_day(
    depart: Depart,
) -> None:
    jour, cle = depart.clock.today(), depart.cle(depart.collegue)
    [row] = [one for one in depart.titulaire.titulaires if one.personne_id == depart.partante.personne_id]
    row.du = jour + timedelta(days=8)
    depart.session.commit()
    with pytest.raises(DomainError) as refus:
        depart.passer(depart.choix(date(2024, 12, 31), fonctions=cle))
    assert refus.value.code == "annuaire.dernier_jour_avant"
    depart.session.rollback()
    depart.passer(depart.choix(jour, fonctions=cle))
    depart.session.expire_all()
    assert [(one.personne_id, one.du) for one in depart.titulaire.titulaires] == [
        (depart.collegue.personne_id, jour + timedelta(days=8))
    ]


def test_what_changed_meanwhile_or_is_refused_changes_nothing(depart: Depart) -> None:
    jour, cle = depart.clock.today(), depart.cle(depart.collegue)
    choix = depart.choix(jour, fonctions=cle)
    annuaire.verifier(
        depart.session, depart.clock, depart.partante, depart.titulaire, version=depart.titulaire.version
    )
    with pytest.raises(StaleVersion):
        depart.passer(choix)
    with pytest.raises(DomainError) as refus:
        depart.passer(depart.choix(jour, fonctions="pinconnue"))
    assert refus.value.code == "comptes.successeur"
    with pytest.raises(DomainError) as refus:
        depart.passer(depart.choix(jour))
    assert refus.value.code == "comptes.passation_vide"
    with pytest.raises(DomainError) as refus:
        depart.passer(depart.choix(jour + timedelta(days=1), retirer=True, fonctions=cle))
    assert refus.value.code == "comptes.retrait_futur"


def test_only_oneself_and_the_administrator_of_the_organisation_may(
    depart: Depart, actor_for: Callable[..., Actor], factories: SimpleNamespace
) -> None:
    ailleurs = actor_for(Profil.ADMIN_ORGANISATION, factories.Organisation())
    for autre in (depart.collegue, ailleurs):
        with pytest.raises((NotVisible, Forbidden)):
            depart.qui(autre)
    assert depart.qui(depart.partante).personne.id == depart.partante.personne_id


def test_whoever_sees_an_access_but_may_not_withdraw_it_there_hands_nothing_over(
    depart: Depart, actor_for: Callable[..., Actor], client_for: Callable[..., FlaskClient]
) -> None:
    """The direction sees its team; the département's administrator sees that of another organisation."""
    depart.session.commit()
    etat = actor_for(Profil.ADMIN_DEPARTEMENT)
    for actor in (actor_for(Profil.SIAO_DIRECTION, depart.siao), etat):
        depart.session.commit()
        answer = client_for(actor).get(f"/equipe/{depart.admin.adhesion_ref}/passer")
        assert answer.status_code == 403, actor.profil
        with pytest.raises(Forbidden):
            passation.passer(
                depart.session, depart.clock, actor, depart.qui(depart.admin), depart.choix(date.max)
            )


def test_the_page_takes_eight_statements_at_most(
    depart: Depart, database: Database, client_for: Callable[..., FlaskClient]
) -> None:
    _ouvrir(depart, "22", depart.collegue)
    depart.session.commit()
    for actor in (depart.admin, depart.partante):
        client, url = client_for(actor), f"/equipe/{depart.partante.adhesion_ref}/passer"
        client.get(url)
        with statements(database) as seen:
            assert "Invitations en attente (1)" in client.get(url).text
        assert len(seen) <= 8, actor.profil


def _champs(page: str) -> dict[str, Any]:
    return {
        "lu": re.findall(r'name="lu" value="([^"]+)"', page),
        "adhesion": re.findall(r'name="adhesion" value="([^"]+)"', page)[:1],
    }


def test_the_screen_previews_confirms_and_goes_back(
    depart: Depart, client_for: Callable[..., FlaskClient]
) -> None:
    depart.session.commit()
    client, url = client_for(depart.admin), f"/equipe/{depart.partante.adhesion_ref}/passer"
    page = client.get(url).get_data(as_text=True)
    assert "Référent commission" in page
    assert "nouvelle@siao.example" in page
    typed = _champs(page) | {
        "dernier_jour": depart.clock.today().isoformat(),
        "lot-fonctions": depart.cle(depart.collegue),
        "lot-conventions": "garder",
        "lot-invitations": "garder",
    }
    client.post("/langue", data={"langue": "en", "suite": "/"})
    anglaise = client.get(url).get_data(as_text=True)
    client.post("/langue", data={"langue": "fr", "suite": "/"})
    assert f'<option value="f{depart.supplee.ref}">SI SIAO correspondent</option>' in anglaise
    vide = client.post(url, data=typed | {"lot-fonctions": "garder"})
    assert vide.status_code == 422
    assert "Rien n’est choisi" in vide.get_data(as_text=True)
    apercu = client.post(url, data=typed)
    assert apercu.status_code == 200
    assert "Ce qui va changer" in apercu.get_data(as_text=True)
    assert depart.messages() == []
    trop_tot = client.post(url, data=typed | {"dernier_jour": "2024-12-31"})  # before they began
    assert trop_tot.status_code == 422
    assert "Le dernier jour précède celui où" in trop_tot.get_data(as_text=True)
    assert depart.titulaire.titulaires[0].au is None
    retour = client.post(url, data=typed | {"etape": "corriger"}).get_data(as_text=True)
    assert f'<option selected value="{depart.cle(depart.collegue)}">' in retour
    assert client.post(url, data=typed | {"etape": "confirmer"}).status_code == 303
    depart.session.expire_all()
    suite = tenue(depart.titulaire, depart.clock.today() + timedelta(days=1)).titulaire
    assert suite is not None
    assert suite.personne_id == depart.collegue.personne_id
    assert client.post(url, data=typed | {"etape": "confirmer"}).status_code == 303  # a second click
    vieux = typed | {"lu": [f"{lu}9" for lu in typed["lu"]], "lot-conventions": "vider"}
    assert client.post(url, data=vieux).status_code == 409
    assert {ligne.responsable_id for ligne in depart.lignes} == {depart.partante.personne_id}
    assert client_for(depart.collegue).get(url).status_code == 404


def test_what_another_room_adds_is_on_the_page_and_passes_with_the_rest(
    depart: Depart, client_for: Callable[..., FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A room registers a kind of thing; page, preview and handing over know it without another change."""
    passes: list[tuple[str, str]] = []
    genre = passation.Genre(
        "essais",
        "Essais en cours",
        "Sans personne",
        "dès maintenant",
        lambda _clock, _qui: {},
        lambda _lues: [passation.Tenu("essai1", "Premier essai", "Lannion", "Essai", 3)],
        lambda _lues, equipe: equipe.tous(),
        lambda _s, _c, _a, passage: passes.append((passage.tenu.ref, passage.a.nom if passage.a else "")),
    )
    monkeypatch.setattr(passation, "_GENRES", [*passation._GENRES, genre])
    depart.session.commit()
    client = client_for(depart.admin)
    adresse = f"/equipe/{depart.partante.adhesion_ref}/passer"
    page = client.get(adresse).get_data(as_text=True)
    assert "Essais en cours (1)" in page
    assert "Premier essai" in page
    envoi: dict[str, Any] = {
        "dernier_jour": depart.clock.today().isoformat(),
        "lu": re.findall(r'name="lu" value="([^"]+)"', page),
        "essais-essai1": depart.cle(depart.collegue),
    }
    apercu = client.post(adresse, data=envoi)
    assert apercu.status_code == 200
    assert "Premier essai, Lannion" in apercu.get_data(as_text=True)
    passes.clear()  # the preview tries everything, and undoes it
    assert client.post(adresse, data=envoi | {"etape": "confirmer"}).status_code == 303
    assert passes == [("essai1", depart.collegue.nom)]
