"""The pages of a round: to each reader its own, stale forms, double clicks, live news, their cost."""

import gzip
import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from portal.audit.models import EntreeJournal
from portal.conventions.enums import Partie
from portal.conventions.redaction.enums import Position
from portal.conventions.tours import service
from portal.conventions.tours.enums import Reponse, StatutTour
from portal.conventions.tours.models import Tour, TourReunion
from portal.notifications.models import MessageSortant
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Organisation
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.db import Database
from tests.integration.tours.conftest import Table, grand_tour
from tests.integration.web_conventions.conftest import comptees

Clients = Callable[[Actor | None], FlaskClient]
SECRET = "CANARI d’Armor"
S, E, O = Partie.SIAO, Partie.ETAT, Partie.OPERATEUR


@pytest.fixture
def pages(table: Table) -> Table:
    """The round, as the pages of another session see it."""
    table.session.commit()
    return table


def adresse(table: Table, suite: str = "") -> str:
    return f"/tours/{table.ref}{suite}"


def lire(client: FlaskClient, url: str) -> str:
    reponse = client.get(url)
    assert reponse.status_code == 200, reponse.status_code
    return reponse.get_data(as_text=True)


def champ(html: str, nom: str) -> str:
    trouve = re.search(rf'name="{nom}"[^>]*value="([^"]*)"', html)
    assert trouve, nom
    return trouve[1]


def cases(html: str, nom: str) -> list[str]:
    return re.findall(rf'type="checkbox" name="{nom}" value="([^"]*)"', html)


def texte(reponse: TestResponse) -> str:
    return reponse.get_data(as_text=True)


def relue(table: Table, actor: Actor, code: str) -> Reponse:
    table.session.rollback()
    table.session.expire_all()
    return table.cellule(actor, code, vue_par=actor).reponse


def participant(table: Table, actor: Actor) -> str:
    return next(p.ref for p in table.lire().participants if p.operateur_id == actor.organisation_id)


def nombre(table: Table, action: str) -> int:
    """Return how many times an act is in the journal."""
    table.session.rollback()
    return table.session.scalars(
        select(func.count()).select_from(EntreeJournal).where(EntreeJournal.action == action)
    ).one()


# To each its own


def test_an_operator_never_meets_what_another_one_says(
    pages: Table, client_for: Clients, database: Database
) -> None:
    pages.s_ecarter(pages.armor, "5.2", motif=f"{SECRET} motif", freq_eval_mois="3")
    pages.s_ecarter(pages.armor, "6.3", motif=f"{SECRET} autre", texte=f"{SECRET} texte.")
    pages.statuer(pages.siao, pages.armor, "5.2", Position.RESERVE, f"{SECRET} réserve")
    ref = participant(pages, pages.armor)
    pages.session.commit()
    phare = client_for(pages.phare)
    suites = ["", "?vue=moi", "/clauses/5.2", "/clauses/6.3", "/clauses/6.3/ecart"]
    suites += ["/etat?n=0", "/etat?n=0&clause=5.2", f"/etat?n=0&operateur={ref}"]
    for suite in suites:
        for entetes in ({}, {"HX-Request": "true"}):
            html = texte(phare.get(adresse(pages, suite), headers=entetes))
            assert "CANARI" not in html, suite
            assert "Armor" not in html.replace("CHU des Côtes-d’Armor", "").replace("d’Armor</title>", ""), (
                suite
            )
    assert phare.get(adresse(pages, f"/operateurs/{ref}")).status_code == 403
    for actor in (pages.armor, pages.gestionnaire, pages.siao, pages.etat):
        assert "CANARI" in lire(client_for(actor), adresse(pages, "/clauses/5.2"))
    pages.terminer("clore")
    pages.session.commit()
    assert "Association d’Armor" not in lire(phare, adresse(pages))
    ecrits = pages.session.scalars(
        select(MessageSortant.corps).where(MessageSortant.destinataire == pages.phare.email)
    )
    assert all("CANARI" not in corps for corps in ecrits)


def test_the_leaders_read_the_table_and_the_manager_reads_only(pages: Table, client_for: Clients) -> None:
    pages.s_ecarter(pages.armor, "5.2", freq_eval_mois="3")
    pages.session.commit()
    html = lire(client_for(pages.etat), adresse(pages))
    assert "Vous attendent : 1 écart à examiner, socle à adopter sur 4 clauses." in html
    assert "3 mois" in html
    assert len(cases(html, "clause")) == 4
    assert len(cases(html, "cellule")) == 1
    gestion = lire(client_for(pages.gestionnaire), adresse(pages))
    assert "Adopter le socle coché" not in gestion
    assert cases(gestion, "clause") == []
    assert "Proposer un écart" not in lire(client_for(pages.gestionnaire), adresse(pages, "/clauses/6.3"))
    assert client_for(pages.gestionnaire).get(adresse(pages, "/clauses/6.3/ecart")).status_code == 403


@pytest.mark.parametrize(
    ("profil", "type_", "statut"),
    [
        (Profil.ETAT_PILOTE, TypeOrganisation.ETAT, 404),
        (Profil.SIAO_DIRECTION, TypeOrganisation.SIAO, 404),
        (Profil.OPERATEUR_DIRECTION, TypeOrganisation.GESTIONNAIRE, 404),
        (Profil.TETE_DE_RESEAU, TypeOrganisation.TETE_DE_RESEAU, 403),
        (Profil.OBSERVATEUR_AGREGE, TypeOrganisation.ETAT, 403),
    ],
)
def test_a_round_from_elsewhere_does_not_exist(
    pages: Table,
    client_for: Clients,
    actor_for: Callable[..., Actor],
    factories: SimpleNamespace,
    profil: Profil,
    type_: TypeOrganisation,
    statut: int,
) -> None:
    ailleurs = actor_for(profil, factories.Organisation(type=type_, departement_code="37"))
    client = client_for(ailleurs)
    for suite in ("", "/clauses/5.2", "/etat?n=0"):
        assert client.get(adresse(pages, suite)).status_code == statut, suite
    for acte in ("/adopter", "/statuer", "/socle/adopter"):
        assert client.post(adresse(pages, acte), data={}).status_code in (statut, 403), acte


def test_unknown_clauses_operators_steps_and_meetings_are_not_found(
    pages: Table, client_for: Clients
) -> None:
    siao = client_for(pages.siao)
    for suite in (
        "/clauses/9.9", "/clauses/5.1", "/operateurs/inconnu", "/etapes/inconnue", "/reunions/inconnue",
        "/clauses/9.9/socle", "/etat?n=0&clause=9.9",
    ):  # fmt: skip
        assert siao.get(adresse(pages, suite)).status_code == 404, suite


# The operator answers


def test_an_operator_adopts_what_it_ticks_and_star_clauses_one_by_one(
    pages: Table, client_for: Clients
) -> None:
    client = client_for(pages.armor)
    html = lire(client, adresse(pages))
    proposees = cases(html, "clause")
    assert [valeur.partition(":")[0] for valeur in proposees] == ["5.3", "6.3", "7.3"]  # 5.2 is ★
    refus = client.post(adresse(pages, "/adopter"), data={"clause": [*proposees, "5.2:1.0"]})
    assert refus.status_code == 422
    assert "est marquée ★ : elle s’adopte une par une" in texte(refus)
    assert len(re.findall(r'name="clause"[^>]* checked', texte(refus))) == 3
    assert relue(pages, pages.armor, "6.3") is Reponse.A_EXAMINER
    for _clic in range(2):  # a double click adopts once, and says so twice
        assert client.post(adresse(pages, "/adopter"), data={"clause": proposees}).status_code == 303
    assert relue(pages, pages.armor, "6.3") is Reponse.ADOPTEE
    assert nombre(pages, "tours:reponse:adopter") == 1
    seule = client.post(adresse(pages, "/adopter?clause=5.2"), data={"clause": "5.2:1.0"})
    assert seule.status_code == 303
    assert seule.headers["Location"].endswith(adresse(pages))  # nothing is left to answer
    assert client.post(adresse(pages, "/adopter"), data={}).status_code == 422


def test_a_departure_out_of_bounds_is_refused_with_its_reference_and_keeps_what_was_typed(
    pages: Table, client_for: Clients
) -> None:
    client = client_for(pages.armor)
    page = adresse(pages, "/clauses/5.2/ecart")
    html = lire(client, page)
    assert "Socle : 6 mois. De 3 mois à 12 mois." in html
    envoi = {"vu": champ(html, "vu"), "texte": "Tous les {{freq_eval_mois}}.", "motif": "Effectifs"}
    refus = client.post(page, data=envoi | {"valeur_freq_eval_mois": "36"})
    assert refus.status_code == 422
    assert "va de 3 mois à 12 mois. Référence : modèle présenté par la Dihal." in texte(refus)
    assert 'value="36"' in texte(refus)
    assert "Tous les {{freq_eval_mois}}." in texte(refus)
    sans_motif = client.post(page, data=envoi | {"valeur_freq_eval_mois": "9", "motif": ""})
    assert sans_motif.status_code == 422
    for _clic in range(2):
        assert client.post(page, data=envoi | {"valeur_freq_eval_mois": "9"}).status_code == 303
    assert nombre(pages, "tours:reponse:ecart") == 1
    clause = lire(client, adresse(pages, "/clauses/5.2"))
    assert "Modifier mon écart" in clause
    assert "9 mois" in clause
    assert re.search(r"<ins>", clause)  # its words beside the base's


@pytest.mark.parametrize("absurde", ["x" * 20_000, "\x00\x07\x1b", "{{inconnu}}", "[[99.9]]", "  "])
def test_absurd_words_are_told_apart_and_never_break(pages: Table, client_for: Clients, absurde: str) -> None:
    client = client_for(pages.armor)
    page = adresse(pages, "/clauses/6.3/ecart")
    vu = champ(lire(client, page), "vu")
    refus = client.post(page, data={"vu": vu, "texte": absurde, "motif": absurde})
    assert refus.status_code == (400 if "\x00" in absurde else 422)
    assert relue(pages, pages.armor, "6.3") is Reponse.A_EXAMINER
    assert client.post(page, data={"vu": "9" * 30, "texte": "Autre.", "motif": "Oui"}).status_code == 409
    for acte in ("/adopter", "/statuer", "/socle/adopter"):
        tordue = {"clause": absurde, "cellule": f"{absurde}:{absurde}:{absurde}", "position": absurde}
        assert client.post(adresse(pages, acte), data=tordue).status_code in (400, 403, 404, 422)


def test_a_stale_departure_shows_both_versions_and_loses_nothing(pages: Table, client_for: Clients) -> None:
    client = client_for(pages.armor)
    page = adresse(pages, "/clauses/6.3/ecart")
    envoi = {"vu": champ(lire(client, page), "vu"), "texte": "Ce que nous écrivons.", "motif": "Notre motif"}
    pages.socle(pages.siao, "6.3", texte="Ce que le SIAO vient d’écrire.")
    pages.session.commit()
    perimee = client.post(page, data=envoi)
    assert perimee.status_code == 409
    html = texte(perimee)
    for mot in (
        "Ce que nous écrivons.",
        "Notre motif",
        "Ce que le SIAO vient d’écrire.",
        "Les deux versions",
    ):
        assert mot in html
    assert relue(pages, pages.armor, "6.3") is Reponse.A_EXAMINER
    pages.s_ecarter(pages.armor, "6.3", motif="Une collègue", texte="Ce que la collègue écrit.")
    pages.session.commit()
    encore = client.post(page, data=envoi | {"vu": champ(html, "vu")})
    assert encore.status_code == 409
    assert "Ce que la collègue écrit." in texte(encore)
    assert "Ce que nous écrivons." in texte(encore)
    assert client.post(page, data=envoi | {"vu": champ(texte(encore), "vu")}).status_code == 303
    assert pages.lire(pages.armor).cellules != {}


def test_what_changed_while_it_was_read_is_not_adopted(pages: Table, client_for: Clients) -> None:
    client = client_for(pages.armor)
    proposees = cases(lire(client, adresse(pages)), "clause")
    pages.socle(pages.siao, "6.3", texte="Une revue par mois.")
    pages.session.commit()
    perimee = client.post(adresse(pages, "/adopter"), data={"clause": proposees})
    assert perimee.status_code == 409
    html = texte(perimee)
    assert "Le tour a changé pendant que vous le lisiez" in html
    assert len(re.findall(r'name="clause"[^>]* checked', html)) == 2  # the two others stay ticked
    assert relue(pages, pages.armor, "5.3") is Reponse.A_EXAMINER


# State and SIAO


def test_several_cells_are_answered_at_once_or_none_when_one_is_stale(
    pages: Table, client_for: Clients
) -> None:
    pages.s_ecarter(pages.armor, "5.2", freq_eval_mois="3")
    pages.s_ecarter(pages.phare, "6.3", texte="Deux revues par an.")
    pages.session.commit()
    client = client_for(pages.siao)
    vues = cases(lire(client, adresse(pages)), "cellule")
    assert len(vues) == 2
    pages.s_ecarter(pages.phare, "6.3", motif="Corrigé", texte="Trois revues par an.")
    pages.session.commit()
    envoi = {"cellule": vues, "position": "refusee", "motif": "Le même pour tous"}
    perimee = client.post(adresse(pages, "/statuer"), data=envoi)
    assert perimee.status_code == 409
    html = texte(perimee)
    assert "Le Phare Solidaire, " in html
    assert "Le même pour tous" in html  # the reason that was typed
    assert len(re.findall(r'name="cellule"[^>]* checked', html)) == 1
    pages.session.rollback()
    assert pages.cellule(pages.armor, "5.2").position(S).position is Position.A_EXAMINER
    envoi["cellule"] = cases(html, "cellule")
    for _clic in range(2):
        assert client.post(adresse(pages, "/statuer"), data=envoi).status_code == 303
    assert nombre(pages, "tours:ecart:statuer") == 1
    pages.session.rollback()
    for actor, code in ((pages.armor, "5.2"), (pages.phare, "6.3")):
        cellule = pages.cellule(actor, code)
        assert cellule.position(S).position is Position.REFUSEE
        assert cellule.position(E).position is Position.A_EXAMINER
    sans_motif = client.post(
        adresse(pages, "/statuer"),
        data={"cellule": cases(lire(client, adresse(pages)), "cellule"), "position": "reserve"},
    )
    assert sans_motif.status_code == 422
    assert "Dites pourquoi" in texte(sans_motif)
    assert client.post(adresse(pages, "/statuer"), data={"position": "acceptee"}).status_code == 422


def test_the_base_is_proposed_adopted_and_never_overwritten(pages: Table, client_for: Clients) -> None:
    siao, etat = client_for(pages.siao), client_for(pages.etat)
    page = adresse(pages, "/clauses/5.2/socle")
    html = lire(etat, page)
    envoi = {"version": champ(html, "version"), "texte": "Tous les {{freq_eval_mois}}.", "motif": "Essai"}
    for _clic in range(2):
        assert siao.post(page, data=envoi | {"valeur_freq_eval_mois": "4"}).status_code == 303
    assert nombre(pages, "tours:socle:modifier") == 1
    perimee = etat.post(page, data=envoi | {"valeur_freq_eval_mois": "9"})
    assert perimee.status_code == 409
    lignes = texte(perimee)
    assert "Les deux versions" in lignes
    assert ">4</td>" in lignes
    assert "<ins>9</ins>" in lignes
    hors_bornes = siao.post(
        page, data=envoi | {"version": champ(lignes, "version"), "valeur_freq_eval_mois": "99"}
    )
    assert hors_bornes.status_code == 422
    html = lire(etat, adresse(pages))
    for _clic in range(2):
        assert (
            etat.post(adresse(pages, "/socle/adopter"), data={"clause": cases(html, "clause")}).status_code
            == 303
        )
    pages.session.rollback()
    assert {c.positions[E].position for c in pages.lire().clauses} == {Position.ACCEPTEE}
    assert "Rien ne vous attend" in lire(etat, adresse(pages, "?vue=moi"))


def test_opening_twice_the_same_form_opens_one_round(pages: Table, client_for: Clients) -> None:
    pages.terminer("abandonner", "Refaire autrement")
    pages.session.commit()
    client = client_for(pages.siao)
    assert "Choisir une nature" in lire(client, "/tours/ouvrir")
    html = lire(client, "/tours/ouvrir?nature=CHU")
    coches = re.findall(r'name="operateurs"[^>]*value="([^"]*)"[^>]*>', html)
    assert len(re.findall(r"<input[^>]*checked[^>]*>", html)) == 2  # those with an open line of the nature
    envoi = {
        "nature": "CHU", "siao": champ(html, "siao"), "operateurs": coches[:1],
        "cle_idempotence": champ(html, "cle_idempotence"),
    }  # fmt: skip
    suites = {client.post("/tours/ouvrir", data=envoi).headers["Location"] for _clic in range(2)}
    assert len(suites) == 1
    deuxieme = client.post("/tours/ouvrir", data=envoi | {"cle_idempotence": "autre"})
    assert deuxieme.status_code == 422
    assert "Un tour est déjà ouvert" in texte(deuxieme)


def test_a_meeting_is_convened_once_told_to_all_and_its_notes_read_by_all(
    pages: Table, client_for: Clients
) -> None:
    client = client_for(pages.siao)
    page = adresse(pages, "/reunions/convoquer")
    html = lire(client, page)
    envoi = {
        "le": "2026-04-02", "heure": "14 h", "lieu": "Préfecture", "ordre_du_jour": "Lire le socle",
        "cle_idempotence": champ(html, "cle_idempotence"),
    }  # fmt: skip
    assert client.post(page, data=envoi | {"le": ""}).status_code == 422
    for _clic in range(2):
        assert client.post(page, data=envoi).status_code == 303
    reunion = pages.session.scalars(select(TourReunion)).one()
    convoques = pages.session.scalars(
        select(MessageSortant.destinataire).where(MessageSortant.sujet.like("Réunion du%"))
    ).all()
    assert sorted(convoques) == sorted(a.email for a in (pages.etat, pages.armor, pages.phare))
    fiche = adresse(pages, f"/reunions/{reunion.ref}")
    pages.session.rollback()
    version = champ(lire(client, fiche), "version")
    notes = envoi | {"version": version, "notes": "Nous avons lu le socle."}
    assert client.post(fiche, data=notes).status_code == 303
    perimee = client.post(fiche, data=notes | {"notes": "Autre compte rendu"})
    assert perimee.status_code == 409
    assert "Nous avons lu le socle." in texte(perimee)
    assert "Autre compte rendu" in texte(perimee)
    assert "Nous avons lu le socle." in lire(client_for(pages.phare), adresse(pages))
    assert client_for(pages.phare).get(fiche).status_code == 403


def test_who_leaves_the_table_reads_no_more(pages: Table, client_for: Clients) -> None:
    client = client_for(pages.siao)
    html = lire(client, adresse(pages, "/table"))
    envoi = {"version": champ(html, "version"), "operateurs": [pages.armor.organisation_ref]}
    for _clic in range(2):
        assert client.post(adresse(pages, "/table"), data=envoi).status_code == 303
    assert client_for(pages.phare).get(adresse(pages)).status_code == 404
    perimee = client.post(
        adresse(pages, "/table"), data=envoi | {"operateurs": [pages.phare.organisation_ref]}
    )
    assert perimee.status_code == 409
    assert client.post(adresse(pages, "/table"), data={"version": "2", "operateurs": ["x"]}).status_code in (
        409,
        422,
    )


# The end


def test_closing_says_what_it_will_write_then_what_it_wrote_and_accepts_in_nobodys_name(
    pages: Table, client_for: Clients, actor_for: Callable[..., Actor]
) -> None:
    pages.adopter(pages.armor, "6.3")
    pages.s_ecarter(pages.armor, "5.2", freq_eval_mois="3")
    pages.session.commit()
    client = client_for(pages.siao)
    html = lire(client, adresse(pages, "/etapes/clore"))
    assert "2 clauses resteront à examiner" in html
    assert "4 clauses resteront à examiner" in html
    for _clic in range(2):
        fait = client.post(adresse(pages, "/etapes/clore"), data={"version": champ(html, "version")})
        assert fait.status_code == 303
    clos = lire(client, adresse(pages))
    assert "Ce que la clôture a écrit" in clos
    assert "4 clauses remplies" in clos
    assert cases(clos, "cellule") == []
    pages.session.rollback()
    pages.session.expire_all()
    armor, phare = pages.texte("armor"), pages.texte("phare")
    assert armor.clause("6.3").positions[O] is Position.ACCEPTEE
    assert armor.clause("5.2").positions[O] is Position.PROPOSEE
    assert armor.valeurs[("5.2", "freq_eval_mois")] == "3"
    assert Position.ACCEPTEE not in {
        position for lue in phare.negociees for position in lue.positions.values()
    }
    assert Position.ACCEPTEE not in {lue.positions[E] for lue in armor.negociees}
    assert client.post(adresse(pages, "/adopter"), data={}).status_code == 403
    tard = client_for(pages.armor).post(adresse(pages, "/adopter"), data={"clause": "7.3:1.0"})
    assert tard.status_code == 422
    assert "Le tour n’est plus ouvert" in texte(tard)


def test_abandoning_and_reopening_say_why(pages: Table, client_for: Clients) -> None:
    client = client_for(pages.etat)
    for transition, statut in (("abandonner", StatutTour.ABANDONNE), ("rouvrir", StatutTour.OUVERT)):
        page = adresse(pages, f"/etapes/{transition}")
        envoi = {"version": champ(lire(client, page), "version")}
        assert client.post(page, data=envoi).status_code == 422
        assert client.post(page, data=envoi | {"motif": "Une raison dite"}).status_code == 303
        pages.session.rollback()
        pages.session.refresh(pages.tour)
        assert pages.tour.statut is statut
    assert client.get(adresse(pages, "/etapes/rouvrir")).status_code == 303  # nothing to confirm any more


def test_an_operator_in_several_rounds_signs_one_convention(
    pages: Table, client_for: Clients, factories: SimpleNamespace
) -> None:
    natures = pages.lignes["armor"].natures
    natures.append(type(natures[0])(nature_code="CHRS_INS", places=8))
    second = service.ouvrir(
        pages.session,
        pages.clock,
        pages.siao,
        nature_code="CHRS_INS",
        operateurs=[pages.armor.organisation_ref],
    )
    pages.session.commit()
    client = client_for(pages.siao)
    for ref in (pages.ref, second.ref):
        html = lire(client, f"/tours/{ref}/etapes/clore")
        assert (
            client.post(f"/tours/{ref}/etapes/clore", data={"version": champ(html, "version")}).status_code
            == 303
        )
    adresses = {
        lien
        for ref in (pages.ref, second.ref)
        for lien in re.findall(
            r'href="(/conventions/[^"]*/texte)"', lire(client_for(pages.armor), f"/tours/{ref}")
        )
    }
    assert adresses == {f"/conventions/{pages.lignes['armor'].ref}/texte"}
    pages.session.rollback()
    pages.session.expire_all()
    codes = [lue.code for lue in pages.texte("armor").clauses]
    assert "7.3-CHRS" in codes
    assert len(codes) == len(set(codes))


# Live news


def test_open_pages_learn_what_their_reader_may_see_and_sleep_otherwise(
    pages: Table, client_for: Clients
) -> None:
    siao, armor, phare = (client_for(actor) for actor in (pages.siao, pages.armor, pages.phare))
    marques = {
        client: re.search(r'data-numero="([^"]*)"', lire(client, adresse(pages)))[1]  # type: ignore[index]
        for client in (siao, armor, phare)
    }

    def nouvelles(client: FlaskClient, plus: str = "") -> TestResponse:
        return client.get(adresse(pages, f"/etat?n={marques[client]}{plus}"), headers={"X-Veille": "1"})

    assert {nouvelles(client).status_code for client in marques} == {204}
    pages.s_ecarter(pages.armor, "5.2", freq_eval_mois="3")
    pages.session.commit()
    assert nouvelles(phare).status_code == 204  # another's answer is not even a noise
    html = texte(nouvelles(siao))
    assert "Réponses ou positions nouvelles : Association d’Armor." in html
    for partie in ("tour-entete", "tour-situation", "tour-table", "tour-operateurs", "tour-reunions"):
        assert f'id="{partie}"' in html
    assert "Vos réponses, ou ce que l’État et le SIAO en disent" in texte(nouvelles(armor))
    pages.socle(pages.siao, "6.3", texte="Une revue par mois.")
    pages.session.commit()
    html = texte(nouvelles(phare, "&clause=6.3"))
    assert "Le socle, ou ce que l’État et le SIAO en disent, vient de changer." in html
    assert "Une revue par mois." in html
    edition = texte(nouvelles(phare, "&clause=6.3&vu=1.0"))
    assert "Votre saisie est gardée" in edition
    assert 'id="clause-sienne"' not in edition
    ailleurs = texte(nouvelles(phare, "&clause=7.3&vu=1.0"))
    assert "data-annonce" not in ailleurs  # another clause than the one being written
    assert phare.get(adresse(pages, "/etat?n=tordue")).status_code == 200


def test_what_waits_in_a_round_is_in_what_there_is_to_do(pages: Table, client_for: Clients) -> None:
    pages.s_ecarter(pages.armor, "5.2", freq_eval_mois="3")
    pages.session.commit()
    attendu = {
        pages.phare: "4 clauses sans réponse",
        pages.armor: "3 clauses sans réponse",
        pages.siao: "1 écart à examiner",
        pages.etat: "socle à adopter sur 4 clauses",
    }
    for actor, mots in attendu.items():
        html = lire(client_for(actor), "/a-faire")
        assert mots in html
        assert f'href="/tours/{pages.ref}?vue=moi"' in html
    assert pages.ref not in lire(client_for(pages.gestionnaire), "/a-faire")
    assert pages.ref not in lire(client_for(pages.dehors), "/a-faire")


# The cost of the table


@pytest.mark.parametrize("suite", ["", "/clauses/8.1", "/etat?n=0", "?vue=moi"])
def test_forty_five_clauses_and_twenty_operators_cost_no_more_statements(
    pages: Table, client_for: Clients, factories: SimpleNamespace, database: Database, suite: str
) -> None:
    session = pages.session
    siao = session.get_one(Organisation, pages.siao.organisation_id)
    etat = session.get_one(Organisation, pages.etat.organisation_id)
    client = client_for(pages.siao)
    comptes = []
    for clauses, operateurs in ((5, 3), (45, 20)):
        session.execute(Tour.__table__.update().values(statut=StatutTour.CLOS))
        tour: Tour = grand_tour(session, factories, siao, etat, clauses, operateurs)
        session.commit()
        url = f"/tours/{tour.ref}{suite}"
        client.get(url)
        with comptees(database) as vues:
            reponse = client.get(url)
        assert reponse.status_code == 200
        comptes.append(len([vue for vue in vues if not vue.startswith("BEGIN")]))
    assert comptes[0] == comptes[1] <= 8 + suite.startswith("/etat"), comptes  # a poll reads its mark first
    if not suite:
        corps = reponse.get_data()
        assert corps.count(b'name="cellule"') == 300
        assert len(gzip.compress(corps)) < 25_000, len(gzip.compress(corps))
        assert len(corps) < 400_000, len(corps)


def test_the_list_of_rounds_takes_the_same_statements_whatever_their_number(
    pages: Table, client_for: Clients, factories: SimpleNamespace, database: Database
) -> None:
    session, client = pages.session, client_for(pages.siao)
    siao = session.get_one(Organisation, pages.siao.organisation_id)
    etat = session.get_one(Organisation, pages.etat.organisation_id)
    comptes = []
    for rang in range(3):
        lire(client, "/tours")
        with comptees(database) as vues:
            html = lire(client, "/tours")
        assert html.count('<th scope="row">') == rang + 1
        comptes.append(len(vues))
        session.execute(Tour.__table__.update().values(statut=StatutTour.CLOS))
        grand_tour(session, factories, siao, etat, 2 + rang, 2)
        session.commit()
    assert len(set(comptes)) == 1, comptes


def test_the_text_of_a_convention_names_the_rounds_of_its_frame(pages: Table, client_for: Clients) -> None:
    pages.terminer("clore")
    pages.session.commit()
    url = f"/conventions/{pages.lignes['armor'].ref}/texte"
    for actor in (pages.armor, pages.siao):
        html = lire(client_for(actor), url)
        assert f'href="/tours/{pages.ref}"' in html
        assert "CHU des Côtes-d’Armor" in html
