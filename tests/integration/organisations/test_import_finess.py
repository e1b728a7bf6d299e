"""The FINESS import: preview, application, again, with a report by lines."""

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select

from portal.audit.models import EntreeJournal
from portal.audit.service import history
from portal.cli import register
from portal.organisations import import_finess as module
from portal.organisations import structures
from portal.organisations.enums import TypeOrganisation as T
from portal.organisations.import_finess import Rapport, analyse_finess, import_finess
from portal.organisations.models import Organisation, Structure
from portal.organisations.saisie import SaisieStructure
from portal.security.permissions import Profil
from portal.shared.errors import DomainError, Forbidden
from tests.finess import extraction, line

SAMPLE = Path(__file__).parents[2] / "data" / "finess-extrait.csv"
SIREN = "732829320"


@pytest.fixture
def bring(database, clock, tmp_path):
    """Import a file made of the given lines and return the report."""

    def run(*lines: str, preview: bool = False, **options):
        path = tmp_path / "finess.csv"
        path.write_text(extraction(*lines), "utf-8")
        if preview:
            return analyse_finess(database, path, **options)
        return import_finess(database, path, clock=clock, **options)

    return run


def numbers(report: Rapport) -> tuple[int, int, int, int]:
    return report.crees, report.modifies, report.inchanges, report.refuses


def one(session, finess="220000012") -> Structure:
    session.rollback()
    session.expire_all()
    return session.scalars(select(Structure).where(Structure.finess == finess)).one()


def test_the_published_sample_has_nothing_of_our_field(database, clock):
    report = import_finess(database, SAMPLE, clock=clock)
    assert (report.lues, report.hors_champ, numbers(report)) == (7, 7, (0, 0, 0, 0))
    assert report.extraite_le.isoformat() == "2026-05-12"


def test_an_establishment_becomes_a_structure_of_a_provisional_organisation(session, bring):
    report = bring(line())
    assert numbers(report) == (1, 0, 0, 0)
    assert report.organisations == 1
    foyer = one(session)
    assert (foyer.nom, foyer.commune_code, foyer.departement_code) == ("CHRS LES AJONCS", "22278", "22")
    assert (foyer.siret, foyer.categorie_finess) == ("73282932000074", "214")
    assert [(p.nature_code, p.type_place, p.nombre) for p in foyer.places] == [("CHRS_INS", "", None)]
    assert not foyer.nature_a_qualifier
    operator = foyer.organisation
    assert (operator.siren, operator.finess_ej, operator.type) == (SIREN, "220000020", T.GESTIONNAIRE)
    assert operator.nom_provisoire
    assert "à compléter" in operator.nom
    assert [d.departement_code for d in operator.departements] == ["22"]
    assert history(session, "structure", foyer.id)[0].action == "organisations:structure:importer"
    assert history(session, "organisation", operator.id)[0].changements["siren"] == [None, SIREN]


def test_a_preview_says_the_same_and_writes_nothing(session, bring):
    lines = [
        line(),
        line(f1="220000038", f22=""),
        line(f1="220000046", f22="", f2=""),
        line(f13="9Z", f15=""),
    ]
    seen = bring(*lines, preview=True)
    assert session.scalar(select(func.count()).select_from(Structure)) == 0
    assert session.scalar(select(func.count()).select_from(EntreeJournal)) == 0
    done = bring(*lines)
    assert seen == done
    assert numbers(done) == (2, 0, 0, 2)
    assert done.organisations == 1


def test_a_preview_counts_one_new_organisation_once_over_several_chunks(bring, monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 1)
    lines = [line(), line(f1="220000038"), line(f1="220000046", f22="")]
    assert bring(*lines, preview=True).organisations == 1
    assert bring(*lines).organisations == 1


def test_importing_again_changes_nothing(session, bring):
    bring(line())
    before = one(session).version
    report = bring(line())
    assert numbers(report) == (0, 0, 1, 0)
    assert report.organisations == 0
    assert one(session).version == before


def test_a_newer_extraction_updates_and_the_journal_says_what(session, bring):
    bring(line())
    before = one(session).version
    report = bring(line(f4="CHRS LES GENETS", f30="2025-01-01"))
    assert numbers(report) == (0, 1, 0, 0)
    assert report.lignes_modifiees[0].details == ["finess_maj_le", "nom"]
    foyer = one(session)
    assert (foyer.nom, foyer.version, foyer.tri) == ("CHRS LES GENETS", before + 1, "chrs les genets")
    assert "genets" in foyer.texte_recherche
    assert history(session, "structure", foyer.id)[0].changements == {
        "nom": ["CHRS LES AJONCS", "CHRS LES GENETS"],
        "finess_maj_le": ["2024-03-05", "2025-01-01"],
    }


def test_an_older_extraction_or_an_emptied_field_changes_nothing(session, bring):
    bring(line())
    assert numbers(bring(line(f4="ANCIEN NOM", f30="2020-01-01"))) == (0, 0, 1, 0)
    assert numbers(bring(line(f16="", f22="", f28="1900-01-01", f30="2025-01-01"))) == (0, 1, 0, 0)
    foyer = one(session)
    assert (foyer.telephone, foyer.siret) == ("02 96 00 00 00", "73282932000074")


def test_what_a_person_corrected_is_kept(session, clock, actor_for, bring):
    bring(line())
    foyer = one(session)
    manager = actor_for(Profil.GESTIONNAIRE_STRUCTURE, foyer.organisation)
    typed = SaisieStructure(
        nom="CHRS Les Ajoncs",
        departement_code="22",
        finess=foyer.finess,
        siret=foyer.siret,
        commune_code=foyer.commune_code,
        adresse=foyer.adresse,
        telephone=foyer.telephone,
        ouverte_le=foyer.ouverte_le,
    )
    structures.edit_structure(session, clock, manager, foyer, typed, version=foyer.version)
    session.commit()
    report = bring(line(f4="CHRS LES AJONCS BIS", f9="DE LA GARE", f30="2025-01-01"))
    assert report.lignes_modifiees[0].details == ["adresse", "finess_maj_le"]
    foyer = one(session)
    assert (foyer.nom, foyer.adresse) == ("CHRS Les Ajoncs", "3 rue DE LA GARE, 22000 ST BRIEUC")


@pytest.mark.parametrize("known", [{"siren": SIREN}, {"finess_ej": "220000020"}])
def test_the_legal_entity_is_found_and_completed(session, factories, bring, known):
    operator = factories.Organisation(nom="Les Ajoncs", departement_code="37", **known)
    session.commit()
    assert bring(line()).organisations == 0
    foyer = one(session)
    assert foyer.organisation_id == operator.id
    session.refresh(operator)
    assert (operator.siren, operator.finess_ej, operator.nom) == (SIREN, "220000020", "Les Ajoncs")
    assert sorted(d.departement_code for d in operator.departements) == ["22", "37"]
    assert "732829320" in operator.texte_recherche
    assert history(session, "organisation", operator.id)[0].action == "organisations:organisation:completer"


def test_the_siao_and_the_state_are_not_the_operator(session, factories, bring):
    factories.Organisation(type=T.SIAO, siren=SIREN)
    factories.Organisation(type=T.ETAT, siren=SIREN)
    town = factories.Organisation(type=T.COLLECTIVITE, siren=SIREN)
    operator = factories.Organisation(siren=SIREN)
    session.commit()
    bring(line())
    assert one(session).organisation_id == operator.id
    session.delete(one(session))
    operator = session.get(Organisation, operator.id)
    operator.siren = None
    session.commit()
    bring(line())
    assert one(session).organisation_id == town.id


def test_an_absorbed_operator_leads_to_the_one_that_absorbed_it(session, clock, factories, bring):
    heir = factories.Organisation(nom="Héritière")
    factories.Organisation(
        siren=SIREN, finess_ej="220000020", fusionnee_dans_id=heir.id, fermee_le=clock.today()
    )
    session.commit()
    assert bring(line()).organisations == 0
    assert one(session).organisation_id == heir.id
    session.refresh(heir)
    assert heir.siren is None


def test_a_known_structure_stays_with_its_organisation(session, factories, bring):
    holder = factories.Organisation(nom="Repreneur")
    factories.Structure(organisation=holder, finess="220000012")
    factories.Organisation(nom="Les Ajoncs", siren=SIREN)
    session.commit()
    report = bring(line())
    assert numbers(report) == (0, 1, 0, 0)
    assert report.anomalies[0].details == ["gestionnaire"]
    assert one(session).organisation_id == holder.id


def test_categories_to_qualify(session, bring):
    report = bring(line(f18="257"), line(f1="220000038", f18="258"))
    assert report.a_qualifier == 1
    assert one(session).nature_a_qualifier
    assert one(session).places == []
    assert [p.nature_code for p in one(session, "220000038").places] == ["PF"]


def test_refused_lines_are_told_with_number_and_reason(bring):
    report = bring(
        line(),
        line()[:-4],
        line(),
        line(f1="22000003"),
        line(f1="220000038", f2="", f22=""),
        line(f1="220000046", f13="36"),
        line(f1="220000053", f18="500"),
    )
    assert numbers(report) == (1, 0, 0, 5)
    assert report.hors_champ == 1
    assert [(r.numero, r.motif.removeprefix("organisations.finess_")) for r in report.lignes_refusees] == [
        (3, "champs"),
        (4, "doublon"),
        (5, "numero"),
        (6, "sans_entite"),
        (7, "departement"),  # 36 is not in the small reference of the tests
    ]
    assert report.lignes_refusees[1].texte == "Numéro FINESS déjà lu à la ligne 2."
    assert sum(report.motifs.values()) == 5
    assert Rapport.from_dict(json.loads(json.dumps(report.as_dict()))) == report


def test_what_is_wrong_but_not_refused_is_told(session, bring):
    report = bring(line(f12="999", f22="73282932000075", f28="2024-02-30"))
    assert numbers(report) == (1, 0, 0, 0)
    assert report.anomalies[0].details == ["siret", "ouverture", "commune"]
    foyer = one(session)
    assert (foyer.commune_code, foyer.siret, foyer.organisation.finess_ej) == (None, None, "220000020")


def test_a_commune_that_no_longer_exists_is_read_as_the_present_one(session, bring, monkeypatch):
    monkeypatch.setattr(module, "former_communes", lambda: {"22321": "22278"})
    bring(line(f12="321"))
    assert one(session).commune_code == "22278"


def test_one_departement(bring, session, actor_for, factories):
    lines = [line(), line(f1="370000010", f12="261", f13="37")]
    report = bring(*lines, departement="37")
    assert (numbers(report), report.hors_departement) == ((1, 0, 0, 0), 1)
    with pytest.raises(DomainError, match="departement_inconnu"):
        bring(*lines, departement="99")
    state = actor_for(Profil.ADMIN_DEPARTEMENT, factories.Organisation(type=T.ETAT))
    session.commit()
    assert numbers(bring(*lines, departement="22", actor=state)) == (1, 0, 0, 0)
    entry = session.scalars(select(EntreeJournal).order_by(EntreeJournal.id.desc())).first()
    assert (entry.action, entry.departement_code) == ("organisations:finess:importer", "22")
    assert entry.changements["crees"] == 1
    for departement in ("37", None):
        for preview in (True, False):
            with pytest.raises(Forbidden):
                bring(*lines, departement=departement, actor=state, preview=preview)


def test_another_file_is_refused(database, clock, tmp_path):
    path = tmp_path / "autre.csv"
    path.write_text("nom;ville\n")
    with pytest.raises(DomainError, match="finess_fichier"):
        import_finess(database, path, clock=clock)


def test_progress_goes_up_to_the_end(bring, monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 10)
    told: list[int] = []
    bring(*(line(f1=f"22{i:07}") for i in range(95)), progress=told.append)
    assert told == sorted(told)
    assert len(told) > 5
    assert told[-1] == 100


def test_the_lists_of_a_report_are_bounded(bring, monkeypatch):
    monkeypatch.setattr(module, "LISTED", 3)
    report = bring(*(line(f1=f"22{i:07}") for i in range(7)), *["structureet"] * 5)
    assert (len(report.lignes_creees), report.crees) == (3, 7)
    assert (len(report.lignes_refusees), report.refuses) == (3, 5)


def test_an_import_stopped_in_the_middle_is_finished_by_the_next(session, bring, monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 2)
    lines = [line(f1=f"22{i:07}") for i in range(10)]

    def stop(percent: int) -> None:
        if percent > 50:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring(*lines, progress=stop)
    done = session.scalar(select(func.count()).select_from(Structure))
    assert 0 < done < 10
    session.rollback()
    assert numbers(bring(*lines)) == (10 - done, 0, done, 0)
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Organisation)) == 1


def test_a_chunk_overtaken_by_another_import_is_planned_again(
    session, database, clock, factories, bring, monkeypatch
):
    factories.Organisation(nom="Les Ajoncs", siren=SIREN)
    session.commit()
    real, calls = module.plan_chunk, []

    def plan(session, known, records):
        lot = real(session, known, records)
        if not calls:  # as if the structure had been created between the plan and the write
            session.rollback()
            with database.session(write=True) as other:
                module.write_chunk(other, clock, None, real(other, known, records), known)
                other.commit()
        calls.append(1)
        return lot

    monkeypatch.setattr(module, "plan_chunk", plan)
    assert numbers(bring(line())) == (0, 0, 1, 0)
    assert len(calls) == 2
    assert one(session).organisation.nom == "Les Ajoncs"


def test_the_command_counts_in_words(app):
    register(app)  # on the test's database
    output = (
        app.test_cli_runner().invoke(args=["import", "finess", str(SAMPLE), "--departement", "22"]).output
    )
    assert "Lignes lues : 7" in output
    assert "Laissées de côté, catégorie hors du champ du portail : 7" in output


def test_the_command_says_what_it_refuses_in_words(app, tmp_path):
    register(app)
    other = tmp_path / "autre.csv"
    other.write_text("Opérateur;SIAO\n")
    for file, code, said in ((other, "22", "FINESS"), (SAMPLE, "ZZ", "département")):
        result = app.test_cli_runner().invoke(args=["import", "finess", str(file), "--departement", code])
        assert result.exit_code == 1
        assert "Error: " in result.output
        assert said in result.output
