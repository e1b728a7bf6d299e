"""A commission is configured: opened from a preset, composed of functions, put into service, closed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import time, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.annuaire.saisie import SaisieTitulaire
from portal.annuaire.titulaires import confier, noter_absence
from portal.audit.models import EntreeJournal
from portal.commissions import composition, service, textes
from portal.commissions.enums import (
    GenreTexte,
    PresenceMenage,
    PresencePrescripteur,
    Qualite,
    RegleDecision,
    Releve,
    StatutCommission,
    Voix,
    VoixPar,
)
from portal.commissions.models import Acceptation, Commission, Siege
from portal.commissions.nomenclatures import prereglages
from portal.commissions.saisie import SaisieCommission, du_prereglage
from portal.commissions.suites import secretariats_tenus
from portal.comptes.donnees import donnees_de
from portal.comptes.models import Personne
from portal.organisations.enums import TypeOrganisation
from portal.organisations.fusion import _EFFECTS, Fusion
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database, new_ref
from portal.shared.errors import DomainError, DomainErrors, Forbidden, StaleVersion
from tests.integration.commissions.conftest import Fonction, Scene
from tests.integration.web_organisations import reread, statements, text_of


def saisie(**values: object) -> dict[str, object]:
    """What the form of a new commission sends, its preset unchanged."""
    valeurs = dict(prereglages()["LABELLISATION"].valeurs)
    sent: dict[str, object] = {
        name: value for name, value in valeurs.items() if not isinstance(value, bool) and value != []
    }
    return sent | {"recours": "y", "departement_code": "37", "cle_idempotence": new_ref()} | values


def test_open_from_a_preset_once_whatever_the_clicks(
    client_for: Callable[..., FlaskClient], session: Session, scene: Scene
) -> None:
    client = client_for(scene.secretaire)
    assert "Commission de labellisation" in text_of(client.get("/commissions/nouvelle"))
    form = client.get("/commissions/nouvelle/LABELLISATION")
    assert 'value="LABELLISE"' in form.get_data(as_text=True)
    sent = saisie(secretariat=scene.siao.ref, heure="14:30", avis_apres_le_sien="y")
    answers = [client.post("/commissions/nouvelle/LABELLISATION", data=sent) for _ in range(2)]
    assert {answer.status_code for answer in answers} == {303}
    assert answers[0].location == answers[1].location
    reread(session)
    made = session.scalars(select(Commission).where(Commission.prereglage_code == "LABELLISATION")).one()
    assert made.statut is StatutCommission.EN_PREPARATION
    assert made.recours
    assert made.recours_jours == 30
    assert made.avis_apres_le_sien
    assert "Lus après avoir donné le sien" in text_of(client.get(f"/commissions/{made.ref}"))
    assert made.heure == time(14, 30)
    assert [college.nom for college in made.colleges][:2] == ["État", "Département, communes et CAF"]
    assert client.get("/commissions/nouvelle/INCONNUE").status_code == 404


def test_errors_stand_beside_their_fields_and_nothing_is_lost(
    client_for: Callable[..., FlaskClient], scene: Scene
) -> None:
    client = client_for(scene.secretaire)
    sent = saisie(
        secretariat=scene.siao.ref,
        visio="http://visio.example",
        autorisation="aucune",
        finalite="Bien choisir",
    )
    answer = client.post("/commissions/nouvelle/LABELLISATION", data=sent)
    page = text_of(answer)
    assert answer.status_code == 422
    assert "commence par https://" in page
    assert "autorisation de présentation du ménage" in page
    assert "Bien choisir" in page
    taken = client.post(
        "/commissions/nouvelle/CUO",
        data=sent | {"nom": scene.commission.nom, "visio": "", "autorisation": "presentation"},
    )
    assert "porte déjà ce nom" in text_of(taken)


def test_two_people_change_the_same_commission(client_for: Callable[..., FlaskClient], scene: Scene) -> None:
    client = client_for(scene.secretaire)
    ici = f"/commissions/{scene.commission.ref}/modifier"
    sent = saisie(secretariat=scene.siao.ref, nom="Commission unique", version=str(scene.commission.version))
    assert client.post(ici, data=sent).status_code == 303
    late = client.post(ici, data=sent | {"nom": "CUO de Touraine"})
    assert late.status_code == 409
    page = text_of(late)
    assert "Commission unique" in page
    assert "CUO de Touraine" in page


def test_a_seat_is_a_function_and_the_commission_follows_who_holds_it(
    client_for: Callable[..., FlaskClient], session: Session, clock: FixedClock, scene: Scene
) -> None:
    client = client_for(scene.secretaire)
    ici = f"/commissions/{scene.commission.ref}"
    assert "Basile Exemple" in text_of(client.get(ici))
    referent = scene.fonctions["bailleur"]
    arrive = SaisieTitulaire(
        prenom="Bérénice", nom="Exemple", du=clock.today(), email="berenice@partenaire.example"
    )
    confier(session, clock, scene.secretaire, referent, arrive, version=referent.version)
    session.commit()
    page = text_of(client.get(ici))
    assert "Bérénice Exemple" in page
    assert "Basile" not in page


def test_the_deputy_is_shown_while_the_holder_is_away(
    client_for: Callable[..., FlaskClient], session: Session, clock: FixedClock, scene: Scene
) -> None:
    referent, jour = scene.fonctions["bailleur"], clock.today()
    second = SaisieTitulaire(prenom="Sacha", nom="Second", du=jour, email="sacha@partenaire.example")
    second = replace(second, role=type(second.role).SUPPLEANT)
    confier(session, clock, scene.secretaire, referent, second, version=referent.version)
    noter_absence(
        session, clock, scene.secretaire, referent, jour, jour + timedelta(days=9), version=referent.version
    )
    session.commit()
    page = text_of(client_for(scene.secretaire).get(f"/commissions/{scene.commission.ref}"))
    assert "Sacha Second, pour Basile Exemple en absence" in page


def test_compose_with_the_directory(
    client_for: Callable[..., FlaskClient], session: Session, scene: Scene, fonction: Fonction
) -> None:
    autre = fonction(scene.bailleur, "Agathe", code="referent_logement")
    session.commit()
    client = client_for(scene.secretaire)
    ici = f"/commissions/{scene.commission.ref}"
    college = scene.commission.colleges[1]
    page = text_of(client.get(f"{ici}/sieges/nouveau?place={college.ref}&q=agathe"))
    assert "Agathe Exemple" in page
    sent = {"fonction": autre.ref, "version": str(scene.commission.version)}
    assert client.post(f"{ici}/sieges/nouveau?place={college.ref}", data=sent).status_code == 303
    again = client.post(f"{ici}/sieges/nouveau?place={college.ref}", data=sent)
    assert again.status_code == 422
    assert "a changé pendant que vous la lisiez" in text_of(again)
    reread(session)
    commission = session.get_one(Commission, scene.commission.id)
    siege = next(one for one in commission.sieges if one.referent_id == autre.id)
    assert "ne siégera plus" in text_of(client.get(f"{ici}/sieges/{siege.ref}/retirer"))
    gone = client.post(f"{ici}/sieges/{siege.ref}/retirer", data={"version": str(commission.version)})
    assert gone.status_code == 303
    reread(session)
    assert session.scalar(select(Siege).where(Siege.referent_id == autre.id)) is None, (
        "given today: never was"
    )
    acts = session.scalars(
        select(EntreeJournal.action)
        .where(EntreeJournal.objet_ref == commission.ref)
        .order_by(EntreeJournal.id)
    ).all()
    assert acts[-2:] == ["commissions:commission:donner_siege", "commissions:commission:retirer_siege"]


def test_what_a_composition_refuses(
    session: Session, clock: FixedClock, scene: Scene, fonction: Fonction
) -> None:
    commission, secretaire = scene.commission, scene.secretaire
    third = fonction(scene.gestionnaire, "Tanguy", code="signataire")
    heberge = commission.colleges[0]

    def donner(ref: str, qualite: Qualite, college: object) -> str:
        with pytest.raises(DomainError) as refused:
            composition.donner_siege(
                session,
                clock,
                secretaire,
                commission,
                ref,
                qualite,
                college,
                version=commission.version,  # type: ignore[arg-type]
            )
        return refused.value.code

    assert donner(third.ref, Qualite.PRESIDENCE, None) == "commissions.deux_presidents"
    assert donner(third.ref, Qualite.MEMBRE, None) == "commissions.college_absent"
    assert donner(scene.fonctions["etat"].ref, Qualite.MEMBRE, heberge) == "commissions.siege_existe"
    assert donner("inconnue", Qualite.MEMBRE, heberge) == "commissions.fonction"
    un_siege = composition.SaisieCollege(nom=heberge.nom, sieges=1)
    composition.modifier_college(
        session, clock, secretaire, commission, heberge, un_siege, version=commission.version
    )
    assert donner(third.ref, Qualite.MEMBRE, heberge) == "commissions.siege_complet"
    with pytest.raises(DomainError, match="college_occupe"):
        composition.retirer_college(
            session, clock, secretaire, commission, heberge, version=commission.version
        )
    vide = composition.ajouter_college(
        session,
        clock,
        secretaire,
        commission,
        composition.SaisieCollege(nom="Santé"),
        version=commission.version,
    )
    with pytest.raises(DomainError, match="college_vide"):
        service.mettre_en_service(session, clock, scene.pilote, commission, version=commission.version)
    composition.retirer_college(session, clock, secretaire, commission, vide, version=commission.version)
    service.mettre_en_service(session, clock, scene.pilote, commission, version=commission.version)
    assert commission.statut is StatutCommission.OUVERTE


def test_the_state_puts_into_service_and_the_siao_does_not(
    client_for: Callable[..., FlaskClient], session: Session, clock: FixedClock, scene: Scene
) -> None:
    with pytest.raises(Forbidden):
        service.mettre_en_service(
            session, clock, scene.secretaire, scene.commission, version=scene.commission.version
        )
    ici = f"/commissions/{scene.commission.ref}/mettre-en-service"
    sent = {"version": str(scene.commission.version)}
    assert client_for(scene.secretaire).post(ici, data=sent).status_code == 403
    client = client_for(scene.pilote)
    assert client.post(ici, data=sent).status_code == 303
    page = text_of(client.get(f"/commissions/{scene.commission.ref}"))
    assert "la commission est en service" in page.lower()
    reread(session)
    with pytest.raises(StaleVersion):
        service.fermer(session, clock, scene.secretaire, scene.commission, version=1)


@pytest.mark.parametrize(
    ("champ", "autre"),
    [
        ("menage", PresenceMenage.MEMBRE),
        ("prescripteur", PresencePrescripteur.OUI),
        ("releve", Releve.ANONYME),
        ("decisions", ("ORIENTATION_VALIDEE", "RADIE")),
    ],
)
def test_in_service_the_state_alone_changes_what_engages_households_and_members(
    session: Session, clock: FixedClock, scene: Scene, champ: str, autre: Any
) -> None:
    commission = scene.commission
    service.mettre_en_service(session, clock, scene.pilote, commission, version=commission.version)
    typed = du_prereglage(prereglages()["CUO"])
    change = replace(typed, nom=commission.nom, **{champ: autre})

    def modifier(actor: Actor, voulu: SaisieCommission) -> None:
        service.modifier(
            session, clock, actor, commission, commission.secretariat, voulu, version=commission.version
        )

    modifier(scene.pilote, replace(typed, nom=commission.nom))
    with pytest.raises(DomainErrors) as refus:
        modifier(scene.secretaire, change)
    assert [(one.code, one.field) for one in refus.value.errors] == [("commissions.valide", champ)]
    session.refresh(commission)
    modifier(scene.secretaire, replace(typed, nom=commission.nom, lieu="Salle Bréhat", prescriptions=()))
    clock.instant += timedelta(days=1)
    modifier(scene.pilote, replace(change, lieu="Salle Bréhat"))
    assert commission.validee_le == clock.now()


def test_in_service_the_state_alone_changes_who_votes_and_for_how_much(
    client_for: Callable[..., FlaskClient], session: Session, clock: FixedClock, scene: Scene
) -> None:
    commission, secretaire = scene.commission, scene.secretaire
    service.mettre_en_service(session, clock, scene.pilote, commission, version=commission.version)
    college = commission.colleges[0]
    typed = composition.SaisieCollege(nom=college.nom, voix=college.voix, poids=college.poids)

    def modifier(actor: Actor, **champs: Any) -> None:
        voulu = replace(typed, **champs)
        composition.modifier_college(
            session, clock, actor, commission, college, voulu, version=commission.version
        )

    for champs in ({"voix": Voix.CONSULTATIVE}, {"poids": 7}):
        with pytest.raises(DomainErrors, match="valide"):
            modifier(secretaire, **champs)
    with pytest.raises(DomainErrors, match="valide"):
        composition.ajouter_college(
            session,
            clock,
            secretaire,
            commission,
            composition.SaisieCollege(nom="Santé"),
            version=commission.version,
        )
    modifier(secretaire, nom="Hébergement", sieges=30)
    modifier(scene.pilote, nom="Hébergement", sieges=30, poids=7)
    assert college.poids == 7
    session.commit()
    said = text_of(client_for(secretaire).get(f"/commissions/{commission.ref}/modifier"))
    assert "L’État seul change désormais" in said
    said = text_of(client_for(scene.pilote).get(f"/commissions/{commission.ref}/modifier"))
    assert "L’État seul change désormais" not in said


def test_close(client_for: Callable[..., FlaskClient], session: Session, scene: Scene) -> None:
    client = client_for(scene.secretaire)
    ici = f"/commissions/{scene.commission.ref}"
    assert client.post(f"{ici}/fermer", data={"version": str(scene.commission.version)}).status_code == 303
    assert "Fermée le 02/03/2026" in text_of(client.get(ici))
    assert scene.commission.nom not in text_of(client.get("/commissions"))
    assert scene.commission.nom in text_of(client.get("/commissions?fermees=1"))


def test_texts_are_versions_and_each_person_accepts_them(
    client_for: Callable[..., FlaskClient],
    session: Session,
    clock: FixedClock,
    scene: Scene,
    actor_for: Callable[..., Actor],
) -> None:
    client = client_for(scene.secretaire)
    ici = f"/commissions/{scene.commission.ref}/textes"
    assert "Je garde pour moi" in text_of(client.get(f"{ici}/confidentialite"))
    sent = {"texte": "Je me tais.", "version": str(scene.commission.version)}
    assert client.post(f"{ici}/confidentialite", data=sent).status_code == 303
    reread(session)
    membre = actor_for(Profil.BAILLEUR_REFERENT, scene.bailleur)
    reader = client_for(membre)
    lu = textes.en_vigueur(session, membre, scene.commission.id)[0]
    assert (lu.numero, lu.acceptee) == (1, False)
    for _ in range(2):
        assert reader.post(f"{ici}/{lu.ref}/accepter").status_code == 303
    reread(session)
    assert session.scalars(select(Acceptation.nom)).all() == [f"{membre.nom} (Bailleur 37)"]
    assert "Vous l’avez accepté" in text_of(reader.get(ici))
    commission = session.get_one(Commission, scene.commission.id)
    with pytest.raises(DomainError, match="texte_inchange"):
        textes.publier(
            session,
            clock,
            scene.secretaire,
            commission,
            GenreTexte.CONFIDENTIALITE,
            "Je me tais.",
            version=commission.version,
        )
    textes.publier(
        session,
        clock,
        scene.secretaire,
        commission,
        GenreTexte.CONFIDENTIALITE,
        "Je me tais, même ensuite.",
        version=commission.version,
    )
    session.commit()
    stale = reader.post(f"{ici}/{lu.ref}/accepter", follow_redirects=True)
    assert "vient de changer" in text_of(stale)
    reread(session)
    neuf = textes.en_vigueur(session, membre, scene.commission.id)[0]
    assert (neuf.numero, neuf.acceptee, neuf.acceptations) == (2, False, 0)
    assert reader.post(f"{ici}/inconnu/accepter").status_code == 404


@pytest.mark.parametrize(
    "profil", [Profil.TRAVAILLEUR_SOCIAL, Profil.INVITE_PONCTUEL, Profil.ADMIN_ORGANISATION]
)
def test_the_others_have_nothing_to_do_there(
    client_for: Callable[..., FlaskClient], scene: Scene, actor_for: Callable[..., Actor], profil: Profil
) -> None:
    client = client_for(actor_for(profil, scene.gestionnaire))
    assert client.get("/commissions").status_code == 403
    assert client.get(f"/commissions/{scene.commission.ref}").status_code == 403


def test_a_member_alone_reads_where_it_sits(
    client_for: Callable[..., FlaskClient],
    scene: Scene,
    actor_for: Callable[..., Actor],
    session: Session,
    clock: FixedClock,
) -> None:
    ici = f"/commissions/{scene.commission.ref}"
    assert client_for(actor_for(Profil.MEMBRE_COMMISSION, scene.bailleur)).get(ici).status_code == 200
    assert client_for(actor_for(Profil.MEMBRE_COMMISSION, scene.siao)).get(ici).status_code == 404
    elsewhere = actor_for(Profil.SIAO_DIRECTION)
    assert client_for(elsewhere).get(ici).status_code == 404
    assert client_for(elsewhere).post(f"{ici}/modifier", data={}).status_code == 404
    other = service.ouvrir(
        session,
        clock,
        scene.pilote,
        "COPIL",
        "37",
        scene.etat,
        du_prereglage(prereglages()["COPIL"]),
    )
    session.commit()
    assert client_for(scene.secretaire).post(f"/commissions/{other.ref}/modifier", data={}).status_code == 403


def test_the_pages_ask_as_little_whatever_the_number(
    client_for: Callable[..., FlaskClient],
    session: Session,
    clock: FixedClock,
    database: Database,
    scene: Scene,
    fonction: Fonction,
) -> None:
    client = client_for(scene.secretaire)
    pages = [
        "/commissions",
        f"/commissions/{scene.commission.ref}",
        f"/commissions/{scene.commission.ref}/textes",
    ]
    pages.append(f"/commissions/{scene.commission.ref}/composition")

    def comptes() -> list[int]:
        found = []
        for page in pages:
            client.get(page)
            with statements(database) as seen:
                assert client.get(page).status_code == 200
            found.append(len(seen))
        return found

    before = comptes()
    for rang in range(8):
        made = fonction(scene.gestionnaire, f"Prénom{rang}", code="referent_proximite")
        composition.donner_siege(
            session,
            clock,
            scene.secretaire,
            scene.commission,
            made.ref,
            Qualite.MEMBRE,
            scene.commission.colleges[0],
            version=scene.commission.version,
        )
        service.ouvrir(
            session,
            clock,
            scene.secretaire,
            "COSI",
            "37",
            scene.siao,
            du_prereglage(prereglages()["COSI"], nom=f"COSI {rang}"),
        )
    session.commit()
    assert comptes() == before
    assert max(before) <= 8, before


def test_the_card_of_the_directory_says_where_both_sit(
    client_for: Callable[..., FlaskClient], scene: Scene, actor_for: Callable[..., Actor]
) -> None:
    card = f"/annuaire/{scene.fonctions['bailleur'].ref}"
    assert scene.commission.nom in text_of(client_for(scene.secretaire).get(card))
    both = actor_for(Profil.OPERATEUR_DIRECTION, scene.gestionnaire)
    assert scene.commission.nom in text_of(client_for(both).get(card))


def test_the_secretariat_follows_a_merger_and_forbids_closing(
    session: Session,
    clock: FixedClock,
    scene: Scene,
    factories: SimpleNamespace,
    actor_for: Callable[..., Actor],
) -> None:
    absorber = factories.Organisation(type=TypeOrganisation.SIAO, departement_code="37", nom="SIAO uni")
    fusion = Fusion(session, clock, scene.pilote, scene.siao, absorber, clock.today())
    assert secretariats_tenus(session, scene.siao, clock.today())[0].params == {"nombre": 1}
    effet = next(one for one in _EFFECTS.values() if one.name == "commissions")
    assert effet.count(session, clock, scene.siao, absorber) == 1
    assert effet.apply(fusion) == 1
    assert scene.commission.secretariat is absorber
    assert secretariats_tenus(session, scene.siao, clock.today()) == []


def test_my_data_say_what_i_accepted_and_to_what_i_was_invited(
    session: Session, clock: FixedClock, scene: Scene
) -> None:
    textes.publier(
        session,
        clock,
        scene.secretaire,
        scene.commission,
        GenreTexte.REGLEMENT,
        "Un règlement.",
        version=scene.commission.version,
    )
    lu = textes.en_vigueur(session, scene.secretaire, scene.commission.id)[0]
    textes.accepter(session, clock, scene.secretaire, scene.commission, lu.ref)
    personne = session.get_one(Personne, scene.secretaire.personne_id)
    found = [one for one in donnees_de(session, personne) if one.titre == scene.commission.nom]
    assert [one.nature for one in found] == ["Règlement intérieur"]


def test_a_member_chairs_from_its_college_and_chairs_no_more(
    client_for: Callable[..., FlaskClient], session: Session, scene: Scene
) -> None:
    client = client_for(scene.secretaire)
    ici = f"/commissions/{scene.commission.ref}"
    sieges = {one.referent.organisation.nom: one for one in scene.commission.sieges}

    def presider(nom: str, **champs: str) -> str:
        session.expire_all()
        sent = {"version": str(scene.commission.version)} | champs
        answer = client.post(f"{ici}/sieges/{sieges[nom].ref}/presider", data=sent, follow_redirects=True)
        session.expire_all()
        return text_of(answer)

    page = text_of(client.get(f"{ici}/composition"))
    assert "Donner la présidence" not in page, "two preside already"
    assert "a deux présidents au plus" in presider("Bailleur 37")
    donnee = {"version": str(scene.commission.version)}
    assert client.post(f"{ici}/sieges/{sieges['DDETS 37'].ref}/retirer", data=donnee).status_code == 303
    assert 'Donner la présidence<span class="sr"> : Bailleur 37' in text_of(client.get(f"{ici}/composition"))
    assert "Cette fonction préside." in presider("Bailleur 37")
    siege = sieges["Bailleur 37"]
    assert (siege.qualite, siege.college is not None) == (Qualite.PRESIDENCE, True)
    assert "présidence donnée ou retirée" in text_of(client.get(ici))
    assert "Cette fonction ne préside plus." in presider("Bailleur 37", non="1")
    assert siege.qualite is Qualite.MEMBRE
    stale = {"version": "1"}
    late = client.post(f"{ici}/sieges/{siege.ref}/presider", data=stale, follow_redirects=True)
    assert "a changé pendant que vous la lisiez" in text_of(late)
    hors = client.post(f"{ici}/sieges/{sieges['Département 37'].ref}/presider", data=stale | {"non": "1"})
    assert hors.status_code == 303
    session.expire_all()
    courante = {"version": str(scene.commission.version)}
    assert (
        client.post(f"{ici}/sieges/{sieges['Département 37'].ref}/presider", data=courante).status_code == 404
    )
    assert client_for(scene.pilote).post(f"{ici}/sieges/inconnu/presider", data=courante).status_code == 404


def test_the_page_says_what_was_chosen_of_the_vote_and_of_the_delays(
    client_for: Callable[..., FlaskClient], session: Session, scene: Scene
) -> None:
    client, ici = client_for(scene.secretaire), f"/commissions/{scene.commission.ref}"
    scene.commission.rappel_jours, scene.commission.complement_jours = 0, 21
    session.commit()
    page = text_of(client.get(ici))
    assert "Qui a une voix" not in page, "it decides by consensus"
    assert "21 jours" in page
    scene.commission.regle, scene.commission.voix_par = RegleDecision.PONDERE, VoixPar.COLLEGE
    scene.commission.voix_preponderante = True
    session.commit()
    page = text_of(client.get(ici))
    assert "Une voix par collège" in page
    assert "La voix de la présidence l’emporte" in page
    assert "poids 1" in page
