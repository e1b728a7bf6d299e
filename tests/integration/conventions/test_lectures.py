"""What lists, figures and « À faire » show, to whom, and at what cost."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from statistics import median
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.conventions import a_faire, queries, service
from portal.conventions.enums import Etat, Mode, Partie, Statut
from portal.conventions.fiche import fiche
from portal.conventions.filtres import SANS_NATURE, Echeance, Ensemble, Filtres, Tri
from portal.conventions.models import Convention, ConventionSignature
from portal.conventions.policies import LECTEURS
from portal.conventions.progression import Progression, progression
from portal.conventions.territoires import Maille, territoire, territoires
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import StructurePlaces
from portal.organisations.parametres import set_value
from portal.security.permissions import Permission, Profil
from portal.security.policy import Actor, can
from portal.shared.clock import FixedClock
from portal.shared.dates import plus_mois
from portal.shared.db import Database
from portal.shared.errors import Forbidden, NotVisible
from portal.shared.pagination import LAST_PAGE
from tests.factories import INSTANT
from tests.integration.conventions.conftest import Parties

JOUR = date(2026, 3, 2)


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def on_execute(*args: Any) -> None:
        seen.append(args[2])

    event.listen(database.engine, "before_cursor_execute", on_execute)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", on_execute)


@pytest.fixture
def signee(factories: SimpleNamespace, parties: Parties) -> Callable[..., Convention]:
    """Return a function that makes a signed line of an operator of its own."""

    def make(effet: date, fin: date, **kwargs: Any) -> Convention:
        line: Convention = factories.Convention(
            statut=Statut.SIGNEE,
            date_effet=effet,
            date_fin=fin,
            date_signature=kwargs.pop("date_signature", effet),
            siao=kwargs.pop("siao", parties.siao),
            etat=parties.etat,
            **kwargs,
        )
        return line

    return make


@pytest.fixture
def lignes(
    factories: SimpleNamespace, parties: Parties, signee: Callable[..., Convention], session: Session
) -> dict[str, Convention]:
    """One line of each kind, with SIAO 22."""
    siens = {"siao": parties.siao, "etat": parties.etat}
    mere = signee(date(2020, 1, 1), date(2025, 12, 31))
    trouvees = {
        "en_vigueur": signee(date(2023, 1, 1), date(2028, 12, 31), natures={"RS": 30}, mode=Mode.COLLECTIF),
        "a_renouveler": signee(date(2022, 12, 12), date(2026, 12, 12), natures={"CHU": None, "RS": 5}),
        "echue": signee(date(2020, 1, 1), date(2024, 12, 31)),
        "remplacee": mere,
        "suivante": signee(
            date(2026, 1, 1), date(2029, 12, 31), operateur=mere.operateur, remplace_id=mere.id
        ),
        "a_venir": signee(date(2026, 6, 1), date(2030, 5, 31), date_signature=date(2026, 2, 1)),
        "resiliee": signee(
            date(2022, 1, 1),
            date(2026, 1, 1),
            fin_effective=date(2024, 5, 31),
            resiliation_effet=date(2024, 6, 1),
        ),
        "suspendue": factories.Convention(
            statut=Statut.SUSPENDUE, statut_depuis=INSTANT - timedelta(days=40), motif="Désaccord", **siens
        ),
        "en_retard": factories.Convention(
            statut=Statut.EN_NEGOCIATION, date_cible=date(2026, 1, 31), natures={"CHU": 12}, **siens
        ),
        "a_engager": factories.Convention(date_cible=date(2026, 5, 1), **siens),
        "sans_objet": factories.Convention(statut=Statut.SANS_OBJET, **siens),
    }
    session.flush()
    return trouvees


def noms(lignes: dict[str, Convention], liste: queries.Liste) -> set[str]:
    par_ref = {ligne.ref: nom for nom, ligne in lignes.items()}
    return {par_ref[ligne.ref] for ligne in liste.lignes}


@pytest.mark.parametrize(
    ("filtres", "attendues"),
    [
        (Filtres(etats=frozenset({Etat.EN_VIGUEUR})), {"en_vigueur", "a_renouveler", "suivante"}),
        (Filtres(etats=frozenset({Etat.REMPLACEE, Etat.RESILIEE})), {"remplacee", "resiliee"}),
        (Filtres(etats=frozenset({Etat.ECHUE, Etat.SUSPENDUE})), {"echue", "suspendue"}),
        (Filtres(natures=frozenset({"RS"})), {"en_vigueur", "a_renouveler"}),
        (Filtres(natures=frozenset({"CHU"}), en_retard=True), {"en_retard"}),
        (Filtres(mode=Mode.COLLECTIF), {"en_vigueur"}),
        (Filtres(a_renouveler=True), {"a_renouveler"}),
        (Filtres(echeance=Echeance.TRIMESTRE), {"en_retard"}),
        (Filtres(du=date(2026, 5, 1), au=date(2026, 12, 12)), {"a_renouveler", "a_engager"}),
        (Filtres(ensemble=Ensemble.ECHUES), {"echue", "resiliee"}),
        (
            Filtres(ensemble=Ensemble.SIGNEES),
            {"en_vigueur", "a_renouveler", "echue", "suivante", "a_venir", "resiliee"},
        ),
        (Filtres(ensemble=Ensemble.NON_SIGNEES), {"suspendue", "en_retard", "a_engager"}),
        (Filtres(signee_au=date(2022, 12, 31)), {"a_renouveler", "echue", "remplacee", "resiliee"}),
        (Filtres(natures=frozenset({SANS_NATURE, "CHU"}), en_retard=True), {"en_retard"}),
        (Filtres(natures=frozenset({SANS_NATURE}), etats=frozenset({Etat.SUSPENDUE})), {"suspendue"}),
        (Filtres(responsable="moi"), set()),
        (Filtres(siao="inconnu"), set()),
    ],
)
def test_filters(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    lignes: dict[str, Convention],
    filtres: Filtres,
    attendues: set[str],
) -> None:
    for actor in (parties.pilote, parties.agent):
        liste = queries.lister(session, clock, actor, filtres)
        assert noms(lignes, liste) == attendues
        assert (liste.page.total, liste.page.total_exact) == (len(attendues), True)
        assert [x.ref for x in queries.exporter(session, clock, actor, filtres)] == [
            x.ref for x in liste.lignes
        ]


def test_a_row_says_everything(
    session: Session, clock: FixedClock, parties: Parties, lignes: dict[str, Convention]
) -> None:
    lignes["a_renouveler"].signatures = [
        ConventionSignature(
            partie=partie, signee_le=date(2022, 12, 12), enregistree_le=INSTANT, enregistree_par="x"
        )
        for partie in Partie
    ]
    (ligne,) = queries.lister(session, clock, parties.agent, Filtres(a_renouveler=True)).lignes
    assert (ligne.etat, ligne.a_renouveler, ligne.signee) == (Etat.EN_VIGUEUR, True, True)
    assert (ligne.natures, ligne.places) == ({"CHU": None, "RS": 5}, 5)
    assert ligne.signatures == dict.fromkeys(Partie, date(2022, 12, 12))
    assert ligne.echeance == date(2026, 12, 12)
    (ligne,) = queries.lister(session, clock, parties.agent, Filtres(en_retard=True)).lignes
    assert (ligne.retard.propre, ligne.retard.national) == (30, 0)


def test_a_gap_before_the_successor_is_told(
    session: Session, clock: FixedClock, parties: Parties, lignes: dict[str, Convention]
) -> None:
    """domaine.md § 5.4."""
    lignes["suivante"].date_effet = date(2026, 1, 11)
    (ligne,) = queries.lister(
        session, clock, parties.agent, Filtres(etats=frozenset({Etat.REMPLACEE}))
    ).lignes
    assert (ligne.trou, ligne.suivante) == (10, Statut.SIGNEE)


@pytest.mark.parametrize("tri", list(Tri))
@pytest.mark.parametrize("descendant", [False, True])
def test_every_page_once_in_order_both_ways(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    lignes: dict[str, Convention],
    tri: Tri,
    descendant: bool,
) -> None:
    filtres = Filtres(tri=tri, descendant=descendant)
    toutes = [ligne.ref for ligne in queries.exporter(session, clock, parties.pilote, filtres)]
    assert len(toutes) == len(lignes)
    vues: list[str] = []
    curseur = None
    while True:
        liste = queries.lister(session, clock, parties.pilote, filtres, curseur=curseur, taille=4)
        vues += [ligne.ref for ligne in liste.lignes]
        curseur = liste.page.next
        if curseur is None:
            break
    assert vues == toutes
    derniere = queries.lister(session, clock, parties.pilote, filtres, curseur=LAST_PAGE.encode(), taille=4)
    assert [ligne.ref for ligne in derniere.lignes] == toutes[-4:]
    assert derniere.page.previous is not None
    avant = queries.lister(session, clock, parties.pilote, filtres, curseur=derniere.page.previous, taille=4)
    assert [ligne.ref for ligne in avant.lignes] == toutes[-8:-4]


def test_past_the_limit_of_counting_the_page_is_the_same(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    lignes: dict[str, Convention],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    choix = [
        Filtres(etats=frozenset({Etat.EN_VIGUEUR, Etat.ECHUE})),
        Filtres(texte="Fict asso"),
        Filtres(texte="-", descendant=True),
    ]
    attendues = [queries.lister(session, clock, parties.pilote, filtres).lignes for filtres in choix]
    assert all(attendues)
    monkeypatch.setattr(queries, "COUNT_LIMIT", 1)
    for filtres, lignes_attendues in zip(choix, attendues, strict=True):
        assert queries.lister(session, clock, parties.pilote, filtres).lignes == lignes_attendues


def test_who_sees_which_lines(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    factories: SimpleNamespace,
    actor_for: Callable[..., Actor],
    signee: Callable[..., Convention],
) -> None:
    """domaine.md § 10.3: `visible_to` and the policy of one line agree, for every profile."""
    autre_siao = factories.Organisation(type=TypeOrganisation.SIAO, nom="SIAO Sud 22")
    ailleurs = factories.Organisation(type=TypeOrganisation.SIAO, departement_code="75")
    toutes = [
        signee(date(2024, 1, 1), date(2027, 1, 1), operateur=parties.operateur),
        signee(date(2024, 1, 1), date(2027, 1, 1), operateur=parties.operateur, siao=autre_siao),
        signee(date(2024, 1, 1), date(2027, 1, 1), operateur=parties.operateur, siao=ailleurs),
        signee(date(2024, 1, 1), date(2027, 1, 1)),
    ]
    organisations = {Profil.ETAT_PILOTE: parties.etat, Profil.ETAT_AGENT: parties.etat}
    organisations |= dict.fromkeys((p for p in Profil if p.value.startswith("siao")), parties.siao)
    organisations |= dict.fromkeys(
        (Profil.OPERATEUR_DIRECTION, Profil.GESTIONNAIRE_STRUCTURE), parties.operateur
    )
    organisations[Profil.ADMIN_DEPARTEMENT] = parties.etat
    attendues = {"etat": [0, 1, 3], "siao": [0, 3], "gestionnaire": [0, 1, 2]}
    for profil in Profil:
        actor = actor_for(profil, organisations.get(profil))
        vues = {x.ref for x in queries.lister(session, clock, actor, Filtres()).lignes}
        assert vues == {x.ref for x in toutes if can(actor, Permission.CONVENTIONS_LIRE, x)}
        prevues = attendues[actor.organisation_type] if profil in LECTEURS else []
        assert vues == {toutes[i].ref for i in prevues}, profil


def test_operator_carrying_the_siao_is_two_watertight_teams(
    session: Session,
    clock: FixedClock,
    factories: SimpleNamespace,
    actor_for: Callable[..., Actor],
    signee: Callable[..., Convention],
) -> None:
    """domaine.md § 10.4: same SIREN, two organisations; neither team sees as the other."""
    siao = factories.Organisation(type=TypeOrganisation.SIAO, siren="552100554", nom="SIAO porté")
    porteur = factories.Organisation(siren="552100554", nom="Association porteuse")
    du_siao = signee(date(2024, 1, 1), date(2027, 1, 1), siao=siao)
    du_porteur = signee(date(2024, 1, 1), date(2027, 1, 1), operateur=porteur)
    for profil, organisation, vue in (
        (Profil.SIAO_DIRECTION, siao, du_siao),
        (Profil.OPERATEUR_DIRECTION, porteur, du_porteur),
    ):
        liste = queries.lister(session, clock, actor_for(profil, organisation), Filtres())
        assert [ligne.ref for ligne in liste.lignes] == [vue.ref]


def test_the_list_costs_the_same_with_few_and_many_lines(
    session: Session,
    database: Database,
    clock: FixedClock,
    parties: Parties,
    factories: SimpleNamespace,
    signee: Callable[..., Convention],
) -> None:
    def couts() -> list[int]:
        lus = []
        for appel in (
            lambda: queries.lister(session, clock, parties.pilote, Filtres(texte="fictive", en_retard=False)),
            lambda: a_faire.taches(session, clock, parties.agent),
            lambda: progression(session, clock, parties.pilote, territoires(session, parties.pilote)[0]),
        ):
            session.expire_all()
            with statements(database) as vues:
                appel()
            lus.append(len(vues))
        return lus

    signee(date(2024, 1, 1), date(2027, 1, 1), natures={"RS": 1})
    session.flush()
    peu = couts()
    for _ in range(30):
        signee(date(2024, 1, 1), date(2027, 1, 1), natures={"RS": 1, "CHU": 2})
        factories.Convention(siao=parties.siao, etat=parties.etat, statut=Statut.SUSPENDUE)
    session.flush()
    assert couts() == peu == [3, 2, 6]


# --- Progression -------------------------------------------------------------


def de(session: Session, clock: FixedClock, actor: Actor, maille: str = "", code: str = "") -> Progression:
    return progression(session, clock, actor, territoire(session, actor, maille, code))


def test_figures_count_a_pair_once_and_open_the_lines_behind(
    session: Session, clock: FixedClock, parties: Parties, lignes: dict[str, Convention]
) -> None:
    vers_2026 = de(session, clock, parties.pilote)
    assert vers_2026.total.nombres == {
        "prevues": 9,  # six pairs signed (a renewal counts once), three never
        "signees": 6,
        "en_vigueur": 3,
        "echues": 2,
        "en_retard": 1,
        "en_retard_national": 0,
        "suspendues": 1,
        "fin_12_mois": 1,
        "hors_vigueur": 3,
        "non_signees": 3,
        "delai_mesure": 0,
    }
    assert vers_2026.total.taux.valeur == pytest.approx(6 / 9)
    assert vers_2026.trajectoire.signees == 6
    ouverts, fermes = chiffres(session, clock, parties.pilote, vers_2026)
    assert (ouverts, fermes) == (6 * 11, 0)  # the total, a SIAO, a département, three natures
    assert [(b.operateur, b.jours, b.motif) for b in vers_2026.bloquees] == [
        (lignes["suspendue"].operateur.nom, 40, "Désaccord")
    ]
    assert vers_2026.bloquee_depuis == INSTANT - timedelta(days=40)


def chiffres(session: Session, clock: FixedClock, actor: Actor, vers_2026: Progression) -> tuple[int, int]:
    """Return how many figures open lines, always as many as they say, and how many stay closed."""
    ouverts = fermes = 0
    for compte in (vers_2026.total, *vers_2026.par_siao, *vers_2026.par_nature, *vers_2026.par_departement):
        for mesure in compte.nombres:
            chiffre = compte[mesure]
            if chiffre.args is None:
                fermes += 1
                continue
            ouverts += 1
            assert nombre_de(session, clock, actor, chiffre.args) == chiffre.valeur, (compte.code, mesure)
    return ouverts, fermes


def nombre_de(session: Session, clock: FixedClock, actor: Actor, args: dict[str, str]) -> int:
    filtres = Filtres.lire({nom: [valeur] for nom, valeur in args.items()})
    assert filtres.actifs
    return queries.lister(session, clock, actor, filtres).page.total


def test_a_figure_opens_its_lines_wherever_all_of_them_may_be_seen(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    factories: SimpleNamespace,
    actor_for: Callable[..., Actor],
    signee: Callable[..., Convention],
    lignes: dict[str, Convention],
) -> None:
    siao = actor_for(Profil.SIAO_REGULATEUR, parties.siao)
    ici, ailleurs = ("departement", "22"), (("region", "53"), ("france", ""))
    for acteur in (parties.pilote, siao):
        for ou in (ici, *ailleurs):
            assert chiffres(session, clock, acteur, de(session, clock, acteur, *ou)) == (66, 0)
    autre = factories.Organisation(type=TypeOrganisation.SIAO, nom="Autre SIAO 22")
    signee(date(2024, 1, 1), date(2027, 1, 1), siao=autre, natures={"RS": 2})
    breton = factories.Organisation(type=TypeOrganisation.SIAO, departement_code="35")
    signee(date(2024, 1, 1), date(2027, 1, 1), siao=breton)
    session.flush()
    # The State sees both SIAO of its département; of the région, its own part only.
    assert chiffres(session, clock, parties.pilote, de(session, clock, parties.pilote, *ici)) == (7 * 11, 0)
    # A SIAO sees its own part of either.
    assert chiffres(session, clock, siao, de(session, clock, siao, *ici)) == (11, 6 * 11)
    for ou in ailleurs:
        etat, sien = de(session, clock, parties.pilote, *ou), de(session, clock, siao, *ou)
        assert chiffres(session, clock, parties.pilote, etat) == (3 * 11, 6 * 11)
        assert chiffres(session, clock, siao, sien) == (11, 8 * 11)
        assert etat.bloquees == sien.bloquees == []
    assert chiffres(session, clock, siao, de(session, clock, siao))[1] == 0
    operateur = actor_for(Profil.OPERATEUR_DIRECTION, lignes["en_vigueur"].operateur)
    assert chiffres(session, clock, operateur, de(session, clock, operateur)) == (4 * 11, 0)
    observateur = actor_for(Profil.OBSERVATEUR_AGREGE)
    assert chiffres(session, clock, observateur, de(session, clock, observateur))[0] == 0


def test_a_successor_signed_in_advance_leaves_its_pair_in_force(
    session: Session, clock: FixedClock, parties: Parties, signee: Callable[..., Convention]
) -> None:
    mere = signee(date(2023, 1, 1), date(2026, 12, 31))
    signee(
        date(2027, 1, 1),
        date(2030, 12, 31),
        operateur=mere.operateur,
        remplace_id=mere.id,
        date_signature=date(2026, 2, 1),
    )
    session.flush()
    total = de(session, clock, parties.pilote).total
    assert [total.nombres[part] for part in ("prevues", "signees", "en_vigueur", "hors_vigueur")] == [
        1,
        1,
        1,
        0,
    ]


def test_each_point_of_the_curve_opens_its_lines(
    session: Session, clock: FixedClock, parties: Parties, lignes: dict[str, Convention]
) -> None:
    vers_2026 = de(session, clock, parties.pilote)
    connus = {
        point.mois: point.realise for point in vers_2026.trajectoire.points if point.realise is not None
    }
    assert len(set(connus.values())) > 3
    for mois, realise in connus.items():
        fin = plus_mois(mois, 1) - timedelta(days=1)
        assert nombre_de(session, clock, parties.pilote, {"signee_au": fin.isoformat()}) == realise, mois


def test_by_nature_and_by_siao(
    session: Session, clock: FixedClock, parties: Parties, lignes: dict[str, Convention]
) -> None:
    vers_2026 = de(session, clock, parties.pilote)
    natures = {c.code: (c.nombres["signees"], c.nombres["prevues"]) for c in vers_2026.par_nature}
    assert natures == {"CHU": (1, 2), "RS": (2, 2), SANS_NATURE: (4, 6)}
    (siao,) = vers_2026.par_siao
    assert (siao.libelle, siao.nombres["prevues"]) == ("SIAO Fictif 22", 9)


def test_coverage_and_median_delay(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    factories: SimpleNamespace,
    lignes: dict[str, Convention],
) -> None:
    """C3 and C4 of domaine.md § 9.2."""
    vide = de(session, clock, parties.pilote)
    assert (vide.places.valeur, vide.delai_median) == (None, None)
    for nom, nombre in (("en_vigueur", 30), ("echue", 20), ("a_engager", 50)):
        structure = factories.Structure(organisation=lignes[nom].operateur)
        structure.places = [StructurePlaces(nature_code="RS", nombre=nombre)]
    factories.Structure(organisation=lignes["en_vigueur"].operateur, fermee_le=date(2025, 1, 1)).places = [
        StructurePlaces(nature_code="RS", nombre=1000)
    ]
    for nom, jours in (("en_vigueur", 100), ("a_renouveler", 200), ("echue", 20), ("a_venir", 300)):
        lignes[nom].ouverte_le = lignes[nom].date_signature - timedelta(days=jours)
    lignes["resiliee"].ouverte_le, lignes["resiliee"].reprise = date(2000, 1, 1), True
    session.flush()
    vers_2026 = de(session, clock, parties.pilote)
    assert (vers_2026.places.numerateur, vers_2026.places.denominateur) == (30, 100)
    assert vers_2026.delai_median == 150
    for ensemble, derriere in (
        (Ensemble.AVEC_PLACES, {"en_vigueur"}),
        (Ensemble.DELAI_MESURE, {"en_vigueur", "a_renouveler", "echue", "a_venir"}),
    ):
        liste = queries.lister(session, clock, parties.pilote, Filtres(ensemble=ensemble))
        assert noms(lignes, liste) == derriere
    lignes["a_venir"].ouverte_le = None
    session.flush()
    assert de(session, clock, parties.pilote).delai_median == 100


@pytest.mark.parametrize(
    "delais",
    [
        (5,),
        (5, 8),
        (5, 5, 8),
        (5, 8, 8),
        (5, 5, 8, 8),
        (5, 5, 5, 8),
        (0, 5, 8, 9),
        (7, 7, 7, 7),
        (5, 8, 8, 9),
    ],
)
def test_the_median_delay_of_lines_that_share_theirs(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    lignes: dict[str, Convention],
    delais: tuple[int, ...],
) -> None:
    signees = ("en_vigueur", "a_renouveler", "echue", "a_venir")
    for nom in (*signees, "resiliee"):
        lignes[nom].ouverte_le = None
    for nom, jours in zip(signees, delais, strict=False):
        lignes[nom].ouverte_le = lignes[nom].date_signature - timedelta(days=jours)
    session.flush()
    assert de(session, clock, parties.pilote).delai_median == median(delais)


def test_a_siao_that_shares_its_departement_counts_the_places_of_its_own_operators(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    actor_for: Callable[..., Actor],
    factories: SimpleNamespace,
    lignes: dict[str, Convention],
) -> None:
    voisin = factories.Organisation(type=TypeOrganisation.SIAO)
    la_bas = factories.Convention(siao=voisin, etat=parties.etat).operateur
    sans_ligne = factories.Organisation(type=TypeOrganisation.GESTIONNAIRE)
    for operateur, nombre in ((lignes["en_vigueur"].operateur, 30), (la_bas, 500), (sans_ligne, 7)):
        structure = factories.Structure(organisation=operateur)
        structure.places = [StructurePlaces(nature_code="RS", nombre=nombre)]
    session.flush()
    directrice = actor_for(Profil.SIAO_DIRECTION, parties.siao)
    miennes = de(session, clock, directrice).places
    tout = de(session, clock, directrice, "departement", "22").places
    assert (miennes.numerateur, miennes.denominateur) == (30, 37)
    assert (tout.numerateur, tout.denominateur) == (30, 537)


def test_past_the_national_deadline_both_latenesses_show(
    session: Session, parties: Parties, lignes: dict[str, Convention]
) -> None:
    lignes["a_engager"].date_cible = date(2027, 6, 30)
    session.flush()
    clock = FixedClock(INSTANT + timedelta(days=320))
    vers_2026 = de(session, clock, parties.pilote)
    assert vers_2026.echeance_passee
    assert (vers_2026.total.nombres["en_retard"], vers_2026.total.nombres["en_retard_national"]) == (2, 3)


def test_who_sees_the_figures_of_which_territory(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    actor_for: Callable[..., Actor],
    lignes: dict[str, Convention],
) -> None:
    choix = {
        profil: [(t.maille, t.code) for t in territoires(session, actor_for(profil))]
        for profil in (
            Profil.ETAT_PILOTE,
            Profil.SIAO_REGULATEUR,
            Profil.COLLECTIVITE,
            Profil.GESTIONNAIRE_STRUCTURE,
        )
    }
    d, r, f = (Maille.DEPARTEMENT, "22"), (Maille.REGION, "53"), (Maille.FRANCE, "")
    assert choix[Profil.ETAT_PILOTE] == choix[Profil.COLLECTIVITE] == [d, r, f]
    assert choix[Profil.SIAO_REGULATEUR] == [(Maille.MIENNES, ""), d, r, f]
    assert choix[Profil.GESTIONNAIRE_STRUCTURE] == [(Maille.MIENNES, "")]
    with pytest.raises(NotVisible):
        de(session, clock, parties.pilote, "departement", "75")
    reseau = actor_for(Profil.TETE_DE_RESEAU)
    assert territoires(session, reseau)[0].maille is Maille.FRANCE
    france = de(session, clock, reseau, "departement", "22")
    assert france.total.nombres["signees"] == 6
    assert france.total["signees"].args is None
    assert france.bloquees == []
    travailleur = actor_for(Profil.TRAVAILLEUR_SOCIAL)
    with pytest.raises(Forbidden):
        progression(session, clock, travailleur, territoires(session, parties.pilote)[0])


def test_an_operator_sees_the_progress_of_its_own_lines(
    session: Session, clock: FixedClock, actor_for: Callable[..., Actor], lignes: dict[str, Convention]
) -> None:
    actor = actor_for(Profil.OPERATEUR_DIRECTION, lignes["suivante"].operateur)
    mienne = de(session, clock, actor)
    assert (mienne.total.nombres["signees"], mienne.total.nombres["prevues"]) == (1, 1)
    assert mienne.total["signees"].args == {"ensemble": "signees"}


def test_today_of_france_is_that_of_paris_and_of_a_departement_its_own(
    session: Session, actor_for: Callable[..., Actor], factories: SimpleNamespace
) -> None:
    clock = FixedClock(INSTANT.replace(hour=22))
    observateur = actor_for(Profil.OBSERVATEUR_AGREGE)
    jours = {
        (maille, code): de(session, clock, observateur, maille, code).jour
        for maille, code in (("france", ""), ("departement", "974"), ("region", "04"))
    }
    assert jours == {
        ("france", ""): date(2026, 3, 2),
        ("departement", "974"): date(2026, 3, 3),
        ("region", "04"): date(2026, 3, 3),
    }


# --- À faire -----------------------------------------------------------------


def rubriques(session: Session, clock: FixedClock, actor: Actor) -> dict[str, list[str]]:
    return {r.code: [t.ref for t in r.taches] for r in a_faire.taches(session, clock, actor)}


def test_what_waits_for_each_party(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    lignes: dict[str, Convention],
    ouvrir: Callable[..., Convention],
    en_signature: Callable[[Convention], Convention],
) -> None:
    texte = en_signature(ouvrir())
    assert rubriques(session, clock, parties.direction) == {"ma_signature": [texte.ref]}
    siao = rubriques(session, clock, parties.agent)
    assert siao["signatures_attendues"] == [texte.ref]
    assert siao["a_renouveler"] == [lignes["a_renouveler"].ref]
    assert siao["a_demarrer"] == [lignes["a_engager"].ref]
    assert "ma_signature" not in siao
    service.enregistrer_signature(
        session, clock, parties.direction, texte.ref, texte.version, partie=Partie.OPERATEUR, signee_le=JOUR
    )
    assert rubriques(session, clock, parties.direction) == {}
    assert rubriques(session, clock, parties.agent)["ma_signature"] == [texte.ref]
    etat = rubriques(session, clock, parties.pilote)
    assert etat["a_arbitrer"] == [lignes["suspendue"].ref]
    assert "ma_signature" not in etat


def test_someone_in_charge_is_told_what_is_late(
    session: Session, clock: FixedClock, parties: Parties, lignes: dict[str, Convention]
) -> None:
    service.confier(
        session, clock, parties.agent, [lignes["en_retard"].ref], personne_ref=parties.agent.personne_ref
    )
    (retard,) = [r for r in a_faire.taches(session, clock, parties.agent) if r.code == "en_charge_en_retard"]
    assert [(t.ref, t.retard) for t in retard.taches] == [(lignes["en_retard"].ref, 30)]
    filtres = Filtres.lire({nom: [valeur] for nom, valeur in retard.args.items()})
    assert queries.lister(session, clock, parties.agent, filtres).page.total == 1


def test_a_line_stands_once_when_two_headings_ask_the_same_of_it(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    factories: SimpleNamespace,
    ouvrir: Callable[..., Convention],
) -> None:
    """Late and mine, or only to be started: the first heading says it. Asked two things, it stands twice."""
    args = (session, clock, parties.agent)
    mienne = ouvrir(date_cible=date(2026, 2, 1))
    libre = ouvrir(operateur_ref=factories.Organisation().ref, date_cible=date(2026, 2, 1))
    service.confier(*args, [mienne.ref], personne_ref=parties.agent.personne_ref)
    lues = rubriques(session, clock, parties.agent)
    assert lues == {"en_charge_en_retard": [mienne.ref], "a_demarrer": [libre.ref]}
    assert set(rubriques(session, clock, parties.pilote)["a_demarrer"]) == {mienne.ref, libre.ref}
    service.avancer(*args, mienne.ref, mienne.version, "engager")
    service.avancer(*args, libre.ref, libre.version, "engager")
    lues = rubriques(session, clock, parties.agent)
    assert lues == {"en_charge_en_retard": [mienne.ref], "a_negocier": [libre.ref]}
    service.proposer_classement(session, clock, parties.pilote, mienne.ref, mienne.version, motif="Fermeture")
    lues = rubriques(session, clock, parties.agent)
    assert (lues["a_classer"], lues["en_charge_en_retard"]) == ([mienne.ref], [mienne.ref])


def test_headings_are_bounded_and_lead_to_the_list(
    session: Session, clock: FixedClock, parties: Parties, factories: SimpleNamespace
) -> None:
    for jour in range(1, 10):
        factories.Convention(siao=parties.siao, etat=parties.etat, date_cible=date(2026, 5, jour))
    (rubrique,) = a_faire.taches(session, clock, parties.agent)
    assert [t.echeance.day for t in rubrique.taches] == [1, 2, 3, 4, 5, 6]
    assert rubrique.reste
    filtres = Filtres.lire({nom: [valeur] for nom, valeur in rubrique.args.items()})
    assert queries.lister(session, clock, parties.agent, filtres).page.total == 9


@pytest.mark.parametrize("profil", [p for p in Profil if p not in LECTEURS])
def test_nothing_waits_for_those_who_read_no_line(
    session: Session, clock: FixedClock, actor_for: Callable[..., Actor], profil: Profil
) -> None:
    assert a_faire.taches(session, clock, actor_for(profil)) == []


# --- The day of each département ---------------------------------------------


def test_each_line_is_on_the_day_of_its_departement(
    session: Session, factories: SimpleNamespace, parties: Parties, actor_for: Callable[..., Actor]
) -> None:
    clock = FixedClock(INSTANT.replace(hour=22))  # 2 March in Paris, 3 March in Réunion
    operateur = factories.Organisation(nom="Des deux côtés", dans=["974"])
    loin = factories.Organisation(type=TypeOrganisation.SIAO, departement_code="974", nom="SIAO Fictif 974")
    dates = {"operateur": operateur, "etat": parties.etat, "date_cible": JOUR}
    ici = factories.Convention(siao=parties.siao, **dates)
    la_bas = factories.Convention(siao=loin, **dates)
    direction = actor_for(Profil.OPERATEUR_DIRECTION, operateur)
    vues = {ligne.ref: ligne for ligne in queries.lister(session, clock, direction, Filtres()).lignes}
    assert {ref: (ligne.jour, ligne.retard.propre) for ref, ligne in vues.items()} == {
        ici.ref: (JOUR, 0),
        la_bas.ref: (date(2026, 3, 3), 1),
    }
    en_retard = queries.lister(session, clock, direction, Filtres(en_retard=True))
    assert [ligne.ref for ligne in en_retard.lignes] == [la_bas.ref]
    figures = de(session, clock, direction)
    assert (figures.jour, figures.total.nombres["en_retard"]) == (JOUR, 1)
    assert chiffres(session, clock, direction, figures)[1] == 0
    exportees = queries.exporter(session, clock, direction, Filtres(en_retard=True))
    assert [ligne.ref for ligne in exportees] == [la_bas.ref]
    service.confier(
        session,
        clock,
        parties.agent,
        [ici.ref],
        personne_ref=direction.personne_ref,
    )
    la_bas.responsable_id = direction.personne_id
    session.flush()
    (rubrique,) = a_faire.taches(session, clock, direction)
    assert [(t.ref, t.retard) for t in rubrique.taches] == [(la_bas.ref, 1)]


def test_each_line_is_to_be_renewed_after_the_delay_of_its_departement(
    session: Session,
    clock: FixedClock,
    factories: SimpleNamespace,
    parties: Parties,
    actor_for: Callable[..., Actor],
) -> None:
    operateur = factories.Organisation(nom="Des deux côtés", dans=["974"])
    loin = factories.Organisation(type=TypeOrganisation.SIAO, departement_code="974", nom="SIAO Fictif 974")
    finissant = {
        "operateur": operateur,
        "etat": parties.etat,
        "statut": Statut.SIGNEE,
        "date_signature": date(2022, 9, 1),
        "date_effet": date(2022, 9, 1),
        "date_fin": date(2026, 9, 1),
    }
    ici = factories.Convention(siao=parties.siao, **finissant)
    la_bas = factories.Convention(siao=loin, **finissant)
    etat = factories.Organisation(type=TypeOrganisation.ETAT, departement_code="974")
    pilote = actor_for(Profil.ETAT_PILOTE, etat)
    set_value(session, pilote, clock, "conventions.delai_renouvellement", "974", "90")
    direction = actor_for(Profil.OPERATEUR_DIRECTION, operateur)
    vues = {ligne.ref: ligne for ligne in queries.lister(session, clock, direction, Filtres()).lignes}
    assert {ref: ligne.a_renouveler for ref, ligne in vues.items()} == {ici.ref: True, la_bas.ref: False}
    choisies = Filtres(a_renouveler=True)
    assert [ligne.ref for ligne in queries.lister(session, clock, direction, choisies).lignes] == [ici.ref]
    assert [ligne.ref for ligne in queries.exporter(session, clock, direction, choisies)] == [ici.ref]
    vue = fiche(session, clock, direction, la_bas.ref)
    assert (vue.ligne.a_renouveler, [soeur.a_renouveler for soeur in vue.soeurs]) == (False, [True])


def test_the_same_day_everywhere_costs_no_more(
    session: Session,
    clock: FixedClock,
    factories: SimpleNamespace,
    actor_for: Callable[..., Actor],
    database: Database,
) -> None:
    session.commit()
    direction = actor_for(
        Profil.OPERATEUR_DIRECTION, factories.Organisation(nom="Des deux côtés", dans=["974"])
    )
    with statements(database) as seen:
        queries.lister(session, clock, direction, Filtres(en_retard=True))
    assert not any("convention.departement_code IN" in sql or " = '974'" in sql for sql in seen)


def test_each_signature_is_awaited_in_the_order_of_its_departement(
    session: Session,
    clock: FixedClock,
    parties: Parties,
    factories: SimpleNamespace,
    actor_for: Callable[..., Actor],
) -> None:
    operateur = factories.Organisation(nom="Des deux côtés", dans=["37"])
    voisin = factories.Organisation(type=TypeOrganisation.SIAO, departement_code="37", nom="SIAO Fictif 37")
    etat = factories.Organisation(type=TypeOrganisation.ETAT, departement_code="37", nom="DDETS Fictive 37")
    pilote_37 = actor_for(Profil.ETAT_PILOTE, etat)
    set_value(session, pilote_37, clock, "conventions.ordre_signatures", "37", "siao,operateur,etat")
    dates = {"operateur": operateur, "statut": Statut.EN_SIGNATURE}
    ici = factories.Convention(siao=parties.siao, etat=parties.etat, **dates)
    la_bas = factories.Convention(siao=voisin, etat=etat, **dates)
    session.flush()
    direction = actor_for(Profil.OPERATEUR_DIRECTION, operateur)
    assert rubriques(session, clock, direction) == {"ma_signature": [ici.ref]}
    assert "ma_signature" in rubriques(session, clock, actor_for(Profil.SIAO_DIRECTION, voisin))
    set_value(session, pilote_37, clock, "conventions.ordre_signatures", "37", "libre")
    assert set(rubriques(session, clock, direction)["ma_signature"]) == {ici.ref, la_bas.ref}
