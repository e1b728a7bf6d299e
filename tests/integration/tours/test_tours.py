"""A collective round: its base, the answers of each operator, and what its end writes in the conventions."""

from datetime import date

import pytest
from sqlalchemy import event, select

from portal.audit.models import EntreeJournal
from portal.conventions import service as lignes
from portal.conventions.enums import Partie, Statut
from portal.conventions.redaction import service as redaction
from portal.conventions.redaction.enums import Position
from portal.conventions.tours import a_faire, queries, reponses, reunions, service, socle
from portal.conventions.tours import table as tables
from portal.conventions.tours.enums import Reponse, StatutTour
from portal.conventions.tours.lu import Marque
from portal.conventions.tours.models import TourReponse
from portal.conventions.tours.reponses import Vu
from portal.notifications.models import MessageSortant
from portal.organisations.models import Organisation
from portal.security.policy import Actor
from portal.shared.errors import DomainError, DomainErrors, Forbidden, NotVisible, StaleVersion
from tests.integration.tours.conftest import Table

O, S, E = Partie.OPERATEUR, Partie.SIAO, Partie.ETAT
ACC, PROP, RES, REF, EX = (
    Position.ACCEPTEE,
    Position.PROPOSEE,
    Position.RESERVE,
    Position.REFUSEE,
    Position.A_EXAMINER,
)


def code_de(info: pytest.ExceptionInfo[BaseException]) -> str:
    value = info.value
    if isinstance(value, DomainErrors):
        return value.errors[0].code
    assert isinstance(value, DomainError)
    return value.code


def sujets(table: Table) -> list[str]:
    return list(table.session.scalars(select(MessageSortant.sujet).order_by(MessageSortant.id)))


def test_a_round_holds_what_the_nature_negotiates_in_common(table: Table) -> None:
    lu = table.lire()
    # 5.1 waits for the name of each operator's own référent: it is not a matter for the round.
    assert [clause.code for clause in lu.clauses] == ["5.2", "5.3", "6.3", "7.3"]
    assert [participant.nom for participant in lu.participants] == [
        "Association d’Armor",
        "Le Phare Solidaire",
    ]
    assert {clause.positions[S].position for clause in lu.clauses} == {PROP}
    assert {clause.positions[E].position for clause in lu.clauses} == {EX}


def test_operators_with_an_open_line_of_the_nature_are_proposed_first(table: Table) -> None:
    rows = tables.invitables(table.session, table.tour.siao_id, "CHU")
    assert [(row.nom, bool(row.propose)) for row in rows] == [
        ("Association d’Armor", True),
        ("Le Phare Solidaire", True),
        ("La Voisine", False),
    ]


def test_the_same_form_sent_twice_opens_one_round_and_a_second_round_is_refused(table: Table) -> None:
    encore = {"nature_code": "CHU", "operateurs": [table.armor.organisation_ref]}
    deja = service.ouvrir(table.session, table.clock, table.siao, cle="une-cle", **encore)  # type: ignore[arg-type]
    assert deja.id == table.tour.id
    with pytest.raises(DomainError) as refus:
        service.ouvrir(table.session, table.clock, table.siao, cle="autre", **encore)  # type: ignore[arg-type]
    assert code_de(refus) == "tours.deja_ouvert"


def test_an_operator_reads_the_base_and_its_own_column_only(table: Table) -> None:
    table.s_ecarter(table.armor, "5.2", motif="Secret d’Armor", freq_eval_mois="3")
    lu = table.lire(table.phare)
    assert [participant.nom for participant in lu.participants] == ["Le Phare Solidaire"]
    assert lu.operateurs == 2
    assert not lu.cellules
    for actor in (table.armor, table.gestionnaire):
        assert [c.motif for c in table.lire(actor).cellules.values()] == ["Secret d’Armor"]
    with pytest.raises(NotVisible):
        table.lire(table.dehors)


def test_an_operator_that_leaves_the_table_reads_the_round_no_more(table: Table) -> None:
    table.adopter(table.phare, "6.3")
    table.session.refresh(table.tour)
    service.composer_la_table(
        table.session,
        table.clock,
        table.siao,
        table.ref,
        table.tour.version,
        operateurs=[table.armor.organisation_ref],
    )
    with pytest.raises(NotVisible):
        table.lire(table.phare)
    assert len(table.lire().participants) == 1
    table.session.refresh(table.tour)
    service.composer_la_table(
        table.session,
        table.clock,
        table.siao,
        table.ref,
        table.tour.version,
        operateurs=[table.armor.organisation_ref, table.phare.organisation_ref],
    )
    assert table.cellule(table.phare, "6.3").reponse is Reponse.ADOPTEE


def test_adopting_is_done_in_ones_own_name_and_star_clauses_one_by_one(table: Table) -> None:
    assert table.adopter(table.armor, "5.3", "6.3") == 2
    assert table.adopter(table.armor, "5.3", "6.3") == 0
    with pytest.raises(DomainError) as refus:
        table.adopter(table.armor, "5.2", "7.3")
    assert code_de(refus) == "tours.etoile"
    assert table.cellule(table.armor, "7.3").reponse is Reponse.A_EXAMINER
    assert table.adopter(table.armor, "5.2", seule=True) == 1
    assert table.cellule(table.phare, "5.3").reponse is Reponse.A_EXAMINER


@pytest.mark.parametrize(
    ("code", "valeurs", "motif", "attendu"),
    [
        ("5.2", {"freq_eval_mois": "18"}, "Trop court", "modeles.valeur_hors_bornes"),
        ("5.2", {"freq_eval_mois": "3"}, " ", "tours.motif_obligatoire"),
        ("5.2", {"freq_eval_mois": "6"}, "Rien", "tours.inchangee"),
        ("5.2", {"inconnu": "6"}, "Rien", "redaction.champ_inconnu"),
        ("6.3", {"texte": "Voir [[99.9]]"}, "Renvoi", "redaction.renvoi_inconnu"),
        ("6.3", {"texte": " "}, "Vide", "redaction.texte_vide"),
    ],
)
def test_a_departure_stays_in_bounds_and_says_why(
    table: Table, code: str, valeurs: dict[str, str], motif: str, attendu: str
) -> None:
    with pytest.raises((DomainError, DomainErrors)) as refus:
        table.s_ecarter(table.armor, code, motif, **valeurs)
    assert code_de(refus) == attendu
    assert table.cellule(table.armor, code).reponse is Reponse.A_EXAMINER


def test_out_of_bounds_names_its_reference(table: Table) -> None:
    with pytest.raises(DomainErrors) as refus:
        table.socle(table.siao, "5.2", freq_eval_mois="18")
    assert refus.value.errors[0].params["origine"] == "modèle présenté par la Dihal"


def test_changing_the_base_has_those_who_had_adopted_it_read_it_again(table: Table) -> None:
    table.adopter(table.armor, "5.2", seule=True)
    table.s_ecarter(table.phare, "5.2", freq_eval_mois="12")
    socle.adopter(
        table.session, table.clock, table.etat, table.ref, {"5.2": table.lire().clause("5.2").version}
    )
    table.socle(table.etat, "5.2", "Moyens du département", freq_eval_mois="4")
    clause = table.lire().clause("5.2")
    assert clause.valeurs["freq_eval_mois"] == "4"
    assert (clause.positions[E].position, clause.positions[S].position) == (PROP, EX)
    assert table.cellule(table.armor, "5.2").reponse is Reponse.A_REVOIR
    depart = table.cellule(table.phare, "5.2")
    assert (depart.reponse, depart.valeurs["freq_eval_mois"]) == (Reponse.ECART, "12")
    assert sum("socle" in sujet for sujet in sujets(table)) == 3  # SIAO and both operators, not the author
    table.socle(table.etat, "6.3", texte="La revue a lieu chaque mois.")
    assert sum("socle" in sujet for sujet in sujets(table)) == 3  # changes made in a row are told once


def test_what_changed_since_it_was_read_is_never_adopted(table: Table) -> None:
    vu = table.vu(table.armor, "5.2")
    table.socle(table.siao, "5.2", freq_eval_mois="4")
    with pytest.raises(StaleVersion) as perime:
        reponses.adopter(table.session, table.clock, table.armor, table.ref, {"5.2": vu}, une_par_une=True)
    assert perime.value.current == ["5.2"]
    perimees = {"5.2": 1, "5.3": table.lire().clause("5.3").version}
    with pytest.raises(StaleVersion):
        socle.adopter(table.session, table.clock, table.etat, table.ref, perimees)
    assert table.lire().clause("5.3").positions[E].position is EX


def test_state_and_siao_answer_departures_each_in_its_name(table: Table) -> None:
    table.s_ecarter(table.armor, "5.2", freq_eval_mois="12")
    assert table.statuer(table.siao, table.armor, "5.2", ACC) == 1
    with pytest.raises(DomainError) as refus:
        table.statuer(table.etat, table.armor, "5.2", REF)
    assert code_de(refus) == "tours.motif_obligatoire"
    table.statuer(table.etat, table.armor, "5.2", RES, "À revoir en fin d’année")
    cellule = table.cellule(table.armor, "5.2", vue_par=table.armor)
    assert (cellule.position(S).position, cellule.position(E).position) == (ACC, RES)
    table.s_ecarter(table.armor, "5.2", freq_eval_mois="9")  # another departure: positions start anew
    cellule = table.cellule(table.armor, "5.2")
    assert {cellule.position(partie).position for partie in (S, E)} == {EX}


def test_several_cells_at_once_are_all_or_nothing(table: Table) -> None:
    table.s_ecarter(table.armor, "5.2", freq_eval_mois="12")
    table.s_ecarter(table.phare, "5.2", freq_eval_mois="9")
    lu = table.lire()
    clause = lu.clause("5.2")
    vues = {(p.ref, "5.2"): lu.cellule(clause, p).version for p in lu.participants}
    table.s_ecarter(table.phare, "5.2", freq_eval_mois="10")
    with pytest.raises(StaleVersion) as perime:
        reponses.statuer(table.session, table.clock, table.siao, table.ref, vues, position=ACC)
    assert [cle[1] for cle in perime.value.current] == ["5.2"]
    assert table.cellule(table.armor, "5.2").position(S).position is EX
    lu = table.lire()
    vues = {(p.ref, "5.2"): lu.cellule(clause, p).version for p in lu.participants}
    fait = reponses.statuer(table.session, table.clock, table.siao, table.ref, vues, position=ACC)
    assert fait == 2


ACTES: dict[str, tuple[str, ...]] = {  # act → who may (the others that read it are refused)
    "socle": ("siao", "etat"),
    "adopter_socle": ("siao", "etat"),
    "convoquer": ("siao", "etat"),
    "table": ("siao", "etat"),
    "clore": ("siao", "etat"),
    "abandonner": ("siao", "etat"),
    "adopter": ("armor", "phare"),
    "s_ecarter": ("armor", "phare"),
}


def agir(table: Table, acte: str, actor: Actor) -> None:
    session, clock, ref = table.session, table.clock, table.ref
    table.session.refresh(table.tour)
    version = table.tour.version
    if acte == "socle":
        socle.modifier(session, clock, actor, ref, "5.2", 1, valeurs={"freq_eval_mois": "4"})
    elif acte == "adopter_socle":
        socle.adopter(session, clock, actor, ref, {"5.2": 1})
    elif acte == "convoquer":
        reunions.convoquer(session, clock, actor, ref, le=clock.today())
    elif acte == "table":
        refs = [table.armor.organisation_ref]
        service.composer_la_table(session, clock, actor, ref, version, operateurs=refs)
    elif acte == "adopter":
        reponses.adopter(session, clock, actor, ref, {"6.3": Vu(1, 0)})
    elif acte == "s_ecarter":
        donnees = {"freq_eval_mois": "4"}
        reponses.s_ecarter(session, clock, actor, ref, "5.2", Vu(1, 0), valeurs=donnees, motif="Motif")
    else:
        service.terminer(session, clock, actor, ref, version, acte, motif="Motif")


@pytest.mark.parametrize("qui", ["siao", "etat", "armor", "phare", "gestionnaire", "dehors"])
@pytest.mark.parametrize("acte", list(ACTES))
def test_each_act_belongs_to_its_party(table: Table, acte: str, qui: str) -> None:
    actor = getattr(table, qui)
    if qui in ACTES[acte]:
        agir(table, acte, actor)
    else:
        with pytest.raises(NotVisible if qui == "dehors" else Forbidden):
            agir(table, acte, actor)


@pytest.mark.parametrize("acte", [acte for acte in ACTES if acte not in ("clore", "abandonner")])
def test_a_closed_round_is_only_read(table: Table, acte: str) -> None:
    table.terminer("abandonner", "Faute de temps")
    actor = getattr(table, ACTES[acte][0])
    with pytest.raises(DomainError) as refus:
        agir(table, acte, actor)
    assert code_de(refus) == "tours.ferme"


def test_closing_prefills_each_convention_in_nobodys_name(table: Table) -> None:
    version = table.lire().clause("6.3").version
    socle.adopter(table.session, table.clock, table.etat, table.ref, {"6.3": version})
    table.adopter(table.armor, "6.3")
    table.s_ecarter(table.armor, "5.2", freq_eval_mois="12")
    table.statuer(table.etat, table.armor, "5.2", ACC)
    table.socle(table.siao, "7.3", texte="Chaque nature suit les règles du tour.")
    table.terminer("clore")
    armor, phare = table.texte("armor"), table.texte("phare")
    assert armor.clause("6.3").positions == {O: ACC, S: PROP, E: ACC}
    assert armor.clause("5.2").positions == {O: PROP, S: EX, E: ACC}
    assert armor.valeurs["5.2", "freq_eval_mois"] == "12"
    assert not armor.clause("5.2").accordee  # marked ★: proposing is not agreeing
    assert phare.clause("6.3").positions == {O: EX, S: PROP, E: ACC}
    assert phare.textes["7.3"] == "Chaque nature suit les règles du tour."
    assert armor.clause("5.1").positions == dict.fromkeys(Partie, EX)
    assert table.lignes["phare"].statut is Statut.PROJET
    fait = armor.clause("6.3").ecrit.positions[O]
    assert table.armor.nom in fait.par
    assert [p.bilan["gardees"] for p in table.lire().participants if p.bilan] == [[], []]


def test_what_was_negotiated_on_the_text_itself_is_left_as_it_is(table: Table) -> None:
    table.terminer("clore")
    ref = table.lignes["armor"].ref
    version = table.texte("armor").clause("5.2").ecrit.version
    redaction.modifier(
        table.session, table.clock, table.siao, ref, "5.2", version, valeurs={"freq_eval_mois": "3"}
    )
    table.terminer("rouvrir", "Un point restait à voir")
    table.socle(table.siao, "5.2", freq_eval_mois="8")
    table.socle(table.siao, "6.3", texte="La revue a lieu chaque mois.")
    table.terminer("clore")
    armor, phare = table.texte("armor"), table.texte("phare")
    assert armor.valeurs["5.2", "freq_eval_mois"] == "3"
    assert armor.textes["6.3"] == "La revue a lieu chaque mois."  # nobody had touched it since
    assert phare.valeurs["5.2", "freq_eval_mois"] == "8"
    bilans = {p.nom: p.bilan for p in table.lire().participants}
    assert (bilans["Association d’Armor"] or {})["gardees"] == ["5.2"]


def test_an_operator_without_open_convention_is_told_apart(table: Table) -> None:
    table.lignes["phare"].statut = Statut.SANS_OBJET
    table.session.flush()
    table.terminer("clore")
    bilans = {p.nom: p.bilan for p in table.lire().participants}
    assert bilans["Le Phare Solidaire"] == {"raison": "sans_ligne"}


def test_the_agreement_waits_for_the_rounds_of_the_text(table: Table) -> None:
    table.terminer("clore")
    table.terminer("rouvrir", "Un point restait à voir")
    ligne = table.lignes["armor"]
    lignes.avancer(table.session, table.clock, table.siao, ligne.ref, ligne.version, "negocier")
    with pytest.raises(DomainError) as refus:
        lignes.avancer(table.session, table.clock, table.siao, ligne.ref, ligne.version, "accorder")
    assert code_de(refus) in ("tours.en_cours", "redaction.clauses_ouvertes")


def test_ending_says_why_and_who_is_told(table: Table) -> None:
    with pytest.raises(DomainError) as refus:
        table.terminer("abandonner")
    assert code_de(refus) == "tours.motif_obligatoire"
    table.terminer("abandonner", "La nature est traitée en gré à gré.")
    assert table.tour.statut is StatutTour.ABANDONNE
    assert sum("abandonné" in sujet for sujet in sujets(table)) == 3
    table.terminer("rouvrir", "Reprise")
    assert table.lire().ouvert
    with pytest.raises(DomainError):
        table.terminer("rouvrir", "Encore")


def test_meetings_are_convened_and_moved(table: Table) -> None:
    jour = table.clock.today()
    faite = reunions.convoquer(
        table.session, table.clock, table.etat, table.ref, le=jour, lieu="Préfecture", cle="une"
    )
    encore = reunions.convoquer(
        table.session, table.clock, table.etat, table.ref, le=jour, lieu="Préfecture", cle="une"
    )
    assert encore.id == faite.id
    assert sum("Réunion" in sujet for sujet in sujets(table)) == 3  # SIAO and two operators
    siao = table.session.get_one(Organisation, table.tour.siao_id)
    for message in table.session.scalars(select(MessageSortant).order_by(MessageSortant.id)):
        assert message.sujet.endswith(siao.nom)  # an operator may be at the table of several
        assert f"/tours/{table.ref}" in message.corps
    reunions.modifier(
        table.session,
        table.clock,
        table.siao,
        table.ref,
        faite.ref,
        faite.version,
        le=jour,
        lieu="Préfecture",
        notes="Le socle de la 5.2 est discuté.",
    )
    assert sum("Réunion" in sujet for sujet in sujets(table)) == 3  # notes convene nobody
    assert [r.notes for r in table.lire(table.armor).reunions] == ["Le socle de la 5.2 est discuté."]
    with pytest.raises(StaleVersion):
        reunions.modifier(
            table.session, table.clock, table.siao, table.ref, faite.ref, 1, le=jour, lieu="Mairie"
        )


def test_what_waits_for_each_party(table: Table) -> None:
    def attente(actor: Actor) -> tuple[int, int, int]:
        lues = a_faire.attentes(table.session, table.clock, actor)
        return (lues[0].reponses, lues[0].ecarts, lues[0].socle) if lues else (0, 0, 0)

    assert attente(table.armor) == (4, 0, 0)
    assert attente(table.etat) == (0, 0, 4)
    assert attente(table.siao) == (0, 0, 0)
    assert attente(table.gestionnaire) == (0, 0, 0)
    table.s_ecarter(table.armor, "5.2", freq_eval_mois="12")
    table.adopter(table.armor, "6.3")
    assert attente(table.armor) == (2, 0, 0)
    assert attente(table.siao) == (0, 1, 0)


def test_each_change_is_in_the_journal_with_before_and_after(table: Table) -> None:
    table.socle(table.siao, "5.2", "Usage", freq_eval_mois="4")
    table.s_ecarter(table.armor, "5.2", freq_eval_mois="12")
    table.statuer(table.etat, table.armor, "5.2", ACC)
    table.terminer("clore")
    entrees = {
        entree.action: entree.changements
        for entree in table.session.scalars(
            select(EntreeJournal).where(EntreeJournal.action.like("tours:%")).order_by(EntreeJournal.id)
        )
    }
    assert entrees["tours:socle:modifier"]["freq_eval_mois"] == ["6", "4"]
    assert entrees["tours:reponse:ecart"]["freq_eval_mois"] == ["4", "12"]
    assert entrees["tours:ecart:statuer"]["cellules"][0][2:] == ["a_examiner", "acceptee"]
    assert entrees["tours:tour:clore"]["statut"] == ["ouvert", "clos"]


def test_each_reader_learns_of_what_it_may_see_and_of_nothing_else(table: Table) -> None:
    def marques() -> list[str]:
        return [
            str(queries.marque(table.session, actor, table.ref))
            for actor in (table.siao, table.armor, table.phare)
        ]

    avant = marques()
    table.adopter(table.phare, "6.3")
    assert [m != a for m, a in zip(marques(), avant, strict=True)] == [True, False, True]
    avant = marques()
    table.socle(table.siao, "5.2", freq_eval_mois="4")
    assert all(m != a for m, a in zip(marques(), avant, strict=True))
    avant = marques()
    reunions.convoquer(table.session, table.clock, table.etat, table.ref, le=date(2026, 4, 2))
    assert all(m != a for m, a in zip(marques(), avant, strict=True))
    for actor, marque in zip((table.siao, table.armor, table.phare), marques(), strict=True):
        assert str(table.lire(actor).marque) == marque
        assert str(Marque.lire(marque)) == marque
    with pytest.raises(NotVisible):
        queries.marque(table.session, table.dehors, table.ref)


@pytest.mark.parametrize(
    "tordue", ["", "1", "1.2.3", "1.2.3.x", "a.b.c.d", "1.2.3.4.5", "9" * 40, "1.2.3.-4"]
)
def test_a_mark_that_was_tampered_with_is_none(tordue: str) -> None:
    assert Marque.lire(tordue) is None


def test_reading_takes_few_statements_whatever_the_number_of_cells(table: Table) -> None:
    def enonces() -> int:
        comptes = []
        engine = table.session.get_bind()

        def compter(*args: object) -> None:
            comptes.append(args[2])

        event.listen(engine, "before_cursor_execute", compter)
        try:
            table.lire()
        finally:
            event.remove(engine, "before_cursor_execute", compter)
        return len(comptes)

    table.lire()  # the département's version is known to the process from here on
    seul = enonces()
    lu = table.lire()
    for clause in lu.clauses:
        for participant in lu.participants:
            table.session.add(
                TourReponse(
                    clause_id=clause.id,
                    participant_id=participant.id,
                    reponse=Reponse.ADOPTEE,
                    valeurs={},
                    le=table.clock.now(),
                    par="Personne",
                )
            )
    table.session.flush()
    assert enonces() == seul <= 8
