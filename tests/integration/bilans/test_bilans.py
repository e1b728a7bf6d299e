"""A bilan from the day it is asked for to the comité stratégique, for each party."""

import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import docx
import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.conventions.a_faire import taches
from portal.conventions.avenants.enums import Origine, StatutAvenant
from portal.conventions.avenants.models import Avenant, AvenantClause
from portal.conventions.bilans import service
from portal.conventions.bilans.demandes import demander
from portal.conventions.bilans.enums import StatutBilan
from portal.conventions.bilans.models import Bilan
from portal.conventions.modeles.contenu import Gabarit
from portal.conventions.models import Convention
from portal.conventions.redaction.models import ConventionTexte
from portal.notifications.models import MessageSortant
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import FixedClock
from portal.shared.db import Database
from portal.shared.errors import DomainError, Forbidden, StaleVersion
from tests.factories import INSTANT
from tests.integration.web_conventions.conftest import Scene, comptees, scene
from tests.textes import modele, publier

__all__ = ["scene"]
Clients = Callable[[Actor | None], FlaskClient]
EFFET, FIN = date(2022, 12, 12), date(2026, 12, 12)
ECRIT = {"engagements": "La revue mensuelle a été tenue.", "difficultes": "Le 115 a manqué de relais."}


@pytest.fixture
def ligne(scene: Scene) -> Convention:
    return scene.signee(EFFET, FIN, natures={"RS": 40})


def bilans(session: Session) -> list[Bilan]:
    return list(session.scalars(select(Bilan).order_by(Bilan.id).execution_options(populate_existing=True)))


def sujets(session: Session) -> list[str]:
    messages = session.scalars(select(MessageSortant).order_by(MessageSortant.id))
    return [m.sujet.partition(" : ")[0] for m in messages]


def le(clock: FixedClock, jour: date) -> None:
    clock.instant = clock.instant.replace(year=jour.year, month=jour.month, day=jour.day)


@pytest.fixture
def demande(scene: Scene, ligne: Convention, clock: FixedClock) -> Bilan:
    """The bilan of the third year, asked for on 2 March 2026."""
    demander(scene.session, clock, "22", date(2026, 3, 2))
    scene.session.commit()
    [bilan] = bilans(scene.session)
    return bilan


def test_each_period_is_asked_for_once_and_the_last_one_only_after_a_stop(
    scene: Scene, ligne: Convention, clock: FixedClock
) -> None:
    session = scene.session
    for jour in (date(2023, 12, 11), date(2023, 12, 12), date(2023, 12, 13), date(2025, 12, 20)):
        demander(session, clock, "22", jour)
    assert [(b.rang, b.au) for b in bilans(session)] == [(1, date(2023, 12, 11)), (3, date(2025, 12, 11))]
    avant = len(sujets(session))
    assert demander(session, clock, "22", date(2026, 9, 12)) == 1
    assert demander(session, clock, "22", date(2026, 9, 13)) == 0
    final = bilans(session)[-1]
    assert (final.rang, final.du, final.au, final.echeance) == (0, EFFET, FIN, FIN)
    assert len(sujets(session)) > avant
    corps = session.scalars(select(MessageSortant.corps).order_by(MessageSortant.id.desc())).first()
    assert corps is not None
    assert f"/conventions/{ligne.ref}/bilans" in corps


def test_what_was_due_before_the_first_run_is_asked_for_without_a_message(
    scene: Scene, demande: Bilan
) -> None:
    assert (demande.rang, demande.statut) == (3, StatutBilan.DEMANDE)
    assert sujets(scene.session) == []


def test_a_period_over_before_the_line_entered_the_portal_is_not_asked_for(
    scene: Scene, clock: FixedClock
) -> None:
    scene.signee(EFFET, FIN, reprise=True)
    assert demander(scene.session, clock, "22", date(2026, 3, 2)) == 0
    assert demander(scene.session, clock, "22", date(2026, 9, 12)) == 1


def test_the_final_one_follows_an_end_that_moves(scene: Scene, ligne: Convention, clock: FixedClock) -> None:
    session = scene.session
    demander(session, clock, "22", date(2026, 9, 12))
    ligne.date_fin = ligne.fin_effective = date(2026, 12, 1)
    session.flush()
    demander(session, clock, "22", date(2026, 9, 13))
    assert [b.echeance for b in bilans(session)] == [date(2026, 12, 1)]
    ligne.date_fin = ligne.fin_effective = date(2027, 12, 1)
    session.flush()
    demander(session, clock, "22", date(2026, 9, 14))
    assert [b.rang for b in bilans(session)] == [3]  # the final one is not due any more


def test_the_signed_text_says_how_often(scene: Scene, ligne: Convention, clock: FixedClock) -> None:
    session = scene.session
    publiee = publier(session, valeurs={("10.2", "freq_bilan_mois"): "6"}, general=avec_frequence())
    session.add(
        ConventionTexte(
            convention_id=ligne.id,
            version_departementale_id=publiee.version.id,
            gabarit=Gabarit.GENERAL,
            faits=[],
            natures_differees=[],
            ouvert_par="Personne",
            created_at=INSTANT,
            updated_at=INSTANT,
        )
    )
    session.flush()
    demander(session, clock, "22", date(2023, 6, 12))
    [bilan] = bilans(session)
    assert (bilan.rang, bilan.au) == (1, date(2023, 6, 11))


def test_an_avenant_changes_how_often_from_its_effect_on(
    scene: Scene, ligne: Convention, clock: FixedClock
) -> None:
    """Six months, then twelve, then six: no period without its bilan, none twice."""
    session = scene.session
    six = publier(session, valeurs={("10.2", "freq_bilan_mois"): "6"}, general=avec_frequence())
    douze = publier(session, numero=2, valeurs={}, general=avec_frequence())
    session.add(
        ConventionTexte(
            convention_id=ligne.id,
            version_departementale_id=six.version.id,
            gabarit=Gabarit.GENERAL,
            faits=[],
            natures_differees=[],
            ouvert_par="Personne",
            created_at=INSTANT,
            updated_at=INSTANT,
        )
    )
    session.flush()
    avenir(session, ligne, 1, date(2024, 9, 1), douze.version.id)
    par_les_parties = avenir(session, ligne, 2, date(2025, 10, 1), None)
    par_les_parties.clauses = [
        AvenantClause(code="10.2", valeurs={"freq_bilan_mois": "6"}, updated_at=INSTANT, positions=[])
    ]
    refuse = avenir(session, ligne, 3, date(2023, 1, 1), six.version.id)
    refuse.statut = StatutAvenant.REFUSE
    session.flush()
    for annee in range(2023, 2027):
        for mois in range(1, 13):
            demander(session, clock, "22", date(annee, mois, 12))
    assert [(b.rang, b.du, b.au) for b in bilans(session)] == [
        (1, date(2022, 12, 12), date(2023, 6, 11)),
        (2, date(2023, 6, 12), date(2023, 12, 11)),
        (3, date(2023, 12, 12), date(2024, 6, 11)),
        (4, date(2024, 6, 12), date(2025, 6, 11)),
        (5, date(2025, 6, 12), date(2025, 12, 11)),
        (6, date(2025, 12, 12), date(2026, 6, 11)),
        (0, EFFET, FIN),
    ]


def avenir(session: Session, ligne: Convention, numero: int, effet: date, version: int | None) -> Avenant:
    avenant = Avenant(
        convention_id=ligne.id,
        numero=numero,
        objet="Bilans",
        origine=Origine.PARTIES,
        statut=StatutAvenant.SIGNE,
        statut_depuis=INSTANT,
        version_departementale_id=version,
        natures_ajoutees=[],
        natures_retirees=[],
        date_effet=effet,
        date_signature=effet,
        ouvert_par="Personne",
        created_at=INSTANT,
        updated_at=INSTANT,
    )
    session.add(avenant)
    return avenant


def avec_frequence() -> Any:
    from portal.conventions.modeles.contenu import Article, Clause, Parametre, TypeParametre
    from portal.documents.texte import Couleur

    parametre = Parametre("freq_bilan_mois", "Bilan", Couleur.VERTE, TypeParametre.NOMBRE, defaut="12")
    clause = Clause("10.2", "Suivi", Couleur.VERTE, "Un bilan tous les {{freq_bilan_mois}}.", (parametre,))
    return modele(plus=(Article("10", "Suivi", (clause,)),))


def test_it_waits_for_operator_and_siao_until_it_is_given(
    scene: Scene, ligne: Convention, demande: Bilan, clock: FixedClock
) -> None:
    session = scene.session

    def attendus(actor: Actor) -> list[tuple[str, date]]:
        trouvees = [r for r in taches(session, clock, actor) if r.code == "bilans"]
        return [(t.ref, t.echeance) for rubrique in trouvees for t in rubrique.taches]

    for actor in (scene.direction, scene.regulateur):
        assert attendus(actor) == [(ligne.ref, date(2026, 2, 10))]
    assert attendus(scene.pilote) == []
    rendu = service.rediger(
        session, clock, scene.direction, ligne.ref, demande.ref, demande.version, rendre=True, **ECRIT
    )
    assert (rendu.statut, rendu.partie.value if rendu.partie else "") == (StatutBilan.RENDU, "operateur")
    assert (rendu.indicateurs or {})["places_couvertes"] == 40
    assert attendus(scene.direction) == attendus(scene.regulateur) == []


def test_who_may_write_and_what_is_refused(
    scene: Scene, ligne: Convention, demande: Bilan, clock: FixedClock, actor_for: Callable[..., Actor]
) -> None:
    session = scene.session
    gestionnaire = actor_for(Profil.GESTIONNAIRE_STRUCTURE, scene.operateur)
    for actor in (scene.pilote, gestionnaire):
        with pytest.raises(Forbidden):
            service.rediger(session, clock, actor, ligne.ref, demande.ref, demande.version, **ECRIT)
    vu = demande.version
    service.rediger(session, clock, scene.regulateur, ligne.ref, demande.ref, vu, **ECRIT)
    with pytest.raises(StaleVersion):
        service.rediger(session, clock, scene.direction, ligne.ref, demande.ref, vu, **ECRIT)
    rendu = service.rediger(
        session, clock, scene.direction, ligne.ref, demande.ref, demande.version, rendre=True, **ECRIT
    )
    with pytest.raises(DomainError, match=r"^bilans\.deja_rendu$"):
        service.rediger(session, clock, scene.direction, ligne.ref, demande.ref, rendu.version, **ECRIT)
    repris = service.rouvrir(
        session, clock, scene.direction, ligne.ref, demande.ref, rendu.version, motif="Un chiffre faux"
    )
    assert (repris.statut, repris.indicateurs, repris.engagements) == (
        StatutBilan.BROUILLON,
        None,
        ECRIT["engagements"],
    )
    assert sujets(session)[-1] == "Bilan repris"


def version(html: str) -> str:
    trouvee = re.search(r'name="version"[^>]*value="(\d+)"', html)
    assert trouvee
    return trouvee[1]


def test_the_operator_gives_it_and_the_state_reads_it(
    scene: Scene, ligne: Convention, demande: Bilan, client_for: Clients
) -> None:
    page = f"/conventions/{ligne.ref}/bilans"
    operateur, etat = client_for(scene.direction), client_for(scene.pilote)
    assert "Rédiger le bilan" in operateur.get(page).get_data(as_text=True)
    assert "Rédiger le bilan" not in etat.get(page).get_data(as_text=True)
    assert etat.get(f"{page}/{demande.ref}/rediger").status_code == 403
    html = operateur.get(f"{page}/{demande.ref}/rediger").get_data(as_text=True)
    vide = operateur.post(f"{page}/{demande.ref}/rediger", data={"geste": "rendre", "version": version(html)})
    assert vide.status_code == 422
    assert "Dites ce que sont devenus les engagements" in vide.get_data(as_text=True)
    brouillon = {**ECRIT, "geste": "garder", "version": version(html)}
    assert operateur.post(f"{page}/{demande.ref}/rediger", data=brouillon).status_code == 303
    assert ECRIT["engagements"] not in etat.get(f"{page}/{demande.ref}").get_data(as_text=True)
    perime = operateur.post(
        f"{page}/{demande.ref}/rediger", data={**brouillon, "engagements": "Autre texte", "geste": "rendre"}
    )
    assert perime.status_code == 409
    assert "Autre texte" in perime.get_data(as_text=True)
    assert ECRIT["engagements"] in perime.get_data(as_text=True)
    html = operateur.get(f"{page}/{demande.ref}/rediger").get_data(as_text=True)
    rendre = {**ECRIT, "geste": "rendre", "version": version(html)}
    assert operateur.post(f"{page}/{demande.ref}/rediger", data=rendre).status_code == 303
    lu = etat.get(f"{page}/{demande.ref}").get_data(as_text=True)
    assert ECRIT["engagements"] in lu
    assert "Places couvertes par la convention" in lu
    assert f'href="{page}/{demande.ref}"' in etat.get(page).get_data(as_text=True)


def test_the_comite_reads_counts_lists_and_papers(
    scene: Scene, ligne: Convention, demande: Bilan, client_for: Clients, clock: FixedClock
) -> None:
    service.rediger(
        scene.session, clock, scene.direction, ligne.ref, demande.ref, demande.version, rendre=True, **ECRIT
    )
    autre = scene.signee(
        date(2025, 2, 20), date(2029, 2, 20), operateur=scene.factories.Organisation(nom="Zoé")
    )
    demander(scene.session, clock, "22", date(2026, 3, 2))
    scene.session.commit()
    assert client_for(scene.direction).get("/bilans").status_code == 403
    etat = client_for(scene.pilote)
    html = etat.get("/bilans").get_data(as_text=True)
    assert "Département 22" in html
    assert f"/conventions/{autre.ref}/bilans/" in html
    rendus = etat.get("/bilans?situation=rendu").get_data(as_text=True)
    assert f"/conventions/{ligne.ref}/bilans/" in rendus
    assert f"/conventions/{autre.ref}/bilans/" not in rendus
    livre = load_workbook(io.BytesIO(etat.get("/bilans/export.xlsx").get_data()))
    rangs = [[cellule.value for cellule in rang] for rang in livre.active.iter_rows()]
    assert [rang[7] for rang in rangs[1:]] == ["Attendu", "Rendu"]
    assert ECRIT["engagements"] in rangs[2]
    csv = etat.get("/bilans/export.csv?situation=attendu").get_data().decode("utf-8-sig")
    assert len(csv.strip().splitlines()) == 2
    papier = docx.Document(io.BytesIO(etat.get("/bilans/export.docx").get_data()))
    texte = "\n".join(p.text for p in papier.paragraphs)
    assert ECRIT["difficultes"] in texte
    assert [c.text for c in papier.tables[0].rows[2].cells][5] == "Rendu"


def test_the_pages_cost_as_much_with_many_bilans(
    scene: Scene, ligne: Convention, client_for: Clients, clock: FixedClock, database: Database
) -> None:
    client = client_for(scene.pilote)
    demander(scene.session, clock, "22", date(2026, 3, 2))
    scene.session.commit()
    client.get("/bilans")
    with comptees(database) as un:
        client.get("/bilans")
    for rang in range(30):
        operateur = scene.factories.Organisation(nom=f"Opérateur {rang}")
        scene.signee(EFFET + timedelta(days=rang), FIN, operateur=operateur)
    demander(scene.session, clock, "22", date(2026, 3, 2))
    scene.session.commit()
    with comptees(database) as beaucoup:
        html = client.get("/bilans").get_data(as_text=True)
    assert "Opérateur 29" in html
    assert len(beaucoup) == len(un) <= 8


def test_all_the_lines_of_a_heading_are_exactly_its_own(
    scene: Scene, clock: FixedClock, client_for: Clients
) -> None:
    """« Toutes les lignes » opened every line in force, and every open line."""
    from portal.conventions.enums import Partie
    from portal.conventions.models import ConventionClassement

    attendues, proposees = set(), set()
    for rang in range(9):
        nom = f"Opérateur {rang}"
        operateur = scene.factories.Organisation(nom=nom)
        attendues.add(scene.signee(EFFET, FIN, operateur=operateur).ref)
        autre = scene.ligne(operateur=scene.factories.Organisation(nom=f"Ouvert {rang}"))
        if rang < 8:
            autre.classement = ConventionClassement(
                partie=Partie.ETAT, motif="Fermeture", le=clock.now(), par="Personne"
            )
            proposees.add(autre.ref)
    jeune = scene.signee(date(2026, 1, 1), date(2029, 1, 1), operateur=scene.factories.Organisation())
    demander(scene.session, clock, "22", date(2026, 3, 2))
    scene.session.commit()
    client = client_for(scene.regulateur)
    html = client.get("/a-faire").get_data(as_text=True)
    for marque, refs in (("bilan=1", attendues), ("a_classer=1", proposees)):
        adresse = re.search(rf'href="(/conventions\?[^"]*{marque}[^"]*)"', html)
        assert adresse, marque
        liste = client.get(adresse[1].replace("&amp;", "&")).get_data(as_text=True)
        trouvees = set(re.findall(r'href="/conventions/([\w-]{12})"', liste))
        assert trouvees == refs, marque
    assert jeune.ref not in attendues
