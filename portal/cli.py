"""Commands: `flask --app wsgi …`."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any

import click
from alembic import command
from alembic.script import ScriptDirectory
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError, ProgrammingError

from portal import demarrage
from portal.audit import purge
from portal.comptes import sessions
from portal.comptes.invitations import create_admin as create_admin_link
from portal.config import Settings
from portal.conventions.modeles.chargement import load_models
from portal.conventions.modeles.lecture import ModeleInvalide
from portal.documents import sauvegarde as archive
from portal.documents.rotation import tourner
from portal.documents.storage import Storage
from portal.grilles.chargement import load_grid
from portal.grilles.fin_de_vie import conservation
from portal.grilles.lecture import GrilleInvalide
from portal.jobs import worker as worker_loop
from portal.organisations import reference
from portal.organisations.import_finess import Rapport, import_finess
from portal.organisations.service import state_service
from portal.security.permissions import Profil
from portal.serve import HOST
from portal.serve import serve as run_servers
from portal.shared.clock import Clock
from portal.shared.dates import parse_date
from portal.shared.db import Database
from portal.shared.errors import DomainError, DomainErrors
from portal.shared.migrate import alembic_config, obstacle
from portal.shared.translations import translate_error
from portal.tables import colonnes_chiffrees
from portal.web.catalogues import missing_translations
from seeds.demo.chargeur import DemonstrationRefusee
from seeds.demo.organisations import ReferenceAbsente

db_group = AppGroup("db", help="Migrations de la base.")
seed_group = AppGroup("seed", help="Données de référence et de démonstration.")
import_group = AppGroup("import", help="Imports de fichiers publics.")
comptes_group = AppGroup("comptes", help="Comptes.")
chiffrement_group = AppGroup("chiffrement", help="Clés de chiffrement.")
menages_group = AppGroup("menages", help="Données des ménages.")
journal_group = AppGroup("journal", help="Journal.")
catalogues_group = AppGroup("catalogues", help="Catalogues de traduction.")

COMPTES_FINESS = {
    "lues": "Lignes lues",
    "hors_champ": "Laissées de côté, catégorie hors du champ du portail",
    "hors_departement": "Laissées de côté, autre département",
    "geolocalisations": "Laissées de côté, lignes de géolocalisation",
    "crees": "Structures créées",
    "modifies": "Structures modifiées",
    "inchanges": "Structures inchangées",
    "refuses": "Lignes refusées",
    "organisations": "Organisations créées",
    "a_qualifier": "Structures dont la nature est à préciser",
}


def register(app: Flask) -> None:
    """Add the portal's commands to the application."""
    settings: Settings = app.extensions["portail_settings"]
    database: Database = app.extensions["portail_database"]
    clock: Clock = app.extensions["portail_clock"]

    _register_database(app, database, settings)
    _register_data(app, database, clock, settings)
    _register_journal(app, database, clock, settings)
    _register_keys(app, database, clock, settings)
    _register_households(app, database, clock, settings)
    _register_service(app, database, clock, settings)
    _explain_database(app.cli, database)


def _register_database(app: Flask, database: Database, settings: Settings) -> None:
    @db_group.command("upgrade")
    @click.argument("revision", default="head")
    def upgrade(revision: str) -> None:
        """Mettre la base au niveau du code."""
        settings.var_dir.mkdir(parents=True, exist_ok=True)  # where SQLite makes its file
        command.upgrade(alembic_config(database), revision)

    @db_group.command("downgrade")
    @click.argument("revision")
    def downgrade(revision: str) -> None:
        """Revenir à une révision antérieure."""
        command.downgrade(alembic_config(database), revision)

    @db_group.command("revision")
    @click.argument("message")
    def revision(message: str) -> None:
        """Écrire une migration d'après l'écart entre les modèles et la base."""
        heads = ScriptDirectory.from_config(alembic_config(database)).get_heads()
        number = f"{int(heads[0].split('_')[0]) + 1:03d}" if heads else "001"
        command.revision(alembic_config(database), message, autogenerate=True, rev_id=number)

    @db_group.command("check")
    def check() -> None:
        """Vérifier qu'il n'y a qu'une tête et que les migrations font les tables du code."""
        demarrage.check_migrations()
        click.echo("migrations: une seule tête, modèles et migrations concordent")

    app.cli.add_command(db_group)


def _register_data(app: Flask, database: Database, clock: Clock, settings: Settings) -> None:
    @seed_group.command("reference")
    def seed_reference() -> None:
        """Charger ou rafraîchir les données de référence."""
        with database.session(write=True) as session:
            reference.load_reference(session)
            with _told():
                published = load_models(session, clock)
                load_grid(session, clock)
            session.commit()
        if published:
            click.echo(f"modèles de convention publiés : {published}")

    @seed_group.command("demo")
    @click.option("--scale", default=1, show_default=True, help="Multiplie les lignes, pour mesurer.")
    def seed_demo(scale: int) -> None:
        """Charger les données de démonstration (base sans convention seulement)."""
        with _told():
            demarrage.load_demo(database, clock, settings, scale=scale)

    @import_group.command("finess")
    @click.argument("fichier", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--departement", required=True, help="Code INSEE du département, par exemple 22 ou 974.")
    def finess(fichier: Path, departement: str) -> None:
        """Importer l'extraction publique FINESS pour un département."""
        with _told():
            report = import_finess(
                database,
                fichier,
                clock=clock,
                departement=departement,
                progress=lambda done: click.echo(f"\r{done} %", err=True, nl=False),
            )
        click.echo(err=True)
        _say_report(report)

    @comptes_group.command("create-admin")
    @click.argument("email")
    @click.option("--prenom", prompt="Prénom")
    @click.option("--nom", prompt="Nom")
    @click.option("--departement", required=True, help="Code INSEE du département, par exemple 22 ou 974.")
    @click.option("--technique", is_flag=True, help="Administration technique, sinon du département.")
    def create_admin(email: str, prenom: str, nom: str, departement: str, technique: bool) -> None:
        """Créer un premier compte d'administration et écrire son lien d'ouverture."""
        profil = Profil.ADMIN_TECHNIQUE if technique else Profil.ADMIN_DEPARTEMENT
        with database.session(write=True) as session:
            try:
                service_etat = state_service(session, clock, departement)
                link = create_admin_link(
                    session,
                    clock,
                    settings,
                    email=email,
                    prenom=prenom,
                    nom=nom,
                    profil=profil,
                    organisation_id=service_etat.id,
                    departement_code=departement,
                )
            except (DomainError, DomainErrors) as error:
                raise _refusal(error) from error
            session.commit()
        click.echo(link)

    @catalogues_group.command("check")
    def check_catalogues() -> None:
        """Vérifier que chaque texte a sa traduction, sans texte flou ni obsolète."""
        missing = missing_translations()
        for line in missing:
            click.echo(line, err=True)
        raise SystemExit(1 if missing else 0)

    for group in (seed_group, import_group, comptes_group, catalogues_group):
        app.cli.add_command(group)


def _refusal(error: DomainError | DomainErrors) -> click.ClickException:
    errors = error.errors if isinstance(error, DomainErrors) else [error]
    return click.ClickException(" ".join(translate_error(one) for one in errors))


def _day(typed: str) -> date:
    day = parse_date(typed)
    if day is None:
        raise DomainError("date_invalide")
    return day


def _register_journal(app: Flask, database: Database, clock: Clock, settings: Settings) -> None:
    @journal_group.command("purge")
    @click.option("--avant", required=True, help="Premier jour gardé, par exemple 2024-01-31 ou 31/01/2024.")
    @click.option("--oui", is_flag=True, help="Ne pas demander de confirmation.")
    def journal_purge(avant: str, oui: bool) -> None:
        """Supprimer du journal ce qui précède une date ; la purge est elle-même notée au journal."""
        kept = settings.journal_kept_days
        try:
            before = _day(avant)
            purge.check_purge(clock, before, kept_days=kept)
        except DomainError as error:
            raise _refusal(error) from error
        if not oui:
            with database.session() as session:
                number = purge.count_before(session, before)
            question = f"Supprimer définitivement {number} lignes du journal, avant le {before:%d/%m/%Y} ?"
            click.confirm(question, abort=True)
        with database.session(write=True) as session:
            try:
                number = purge.purge_journal(session, clock, before, kept_days=kept)
            except ProgrammingError as error:
                raise click.ClickException(
                    "La base refuse : lancez cette commande avec le compte propriétaire des tables."
                ) from error
            session.commit()
        click.echo(f"{number} lignes supprimées du journal")

    app.cli.add_command(journal_group)


def _register_keys(app: Flask, database: Database, clock: Clock, settings: Settings) -> None:
    @chiffrement_group.command("tourner")
    def turn() -> None:
        """Chiffrer avec la clé la plus récente ce que les précédentes avaient chiffré ; peut être relancé."""

        def say(table: str, done: int, total: int) -> None:
            click.echo(f"{table} : {done} sur {total}", err=True)

        bilan = tourner(database, clock, settings, colonnes_chiffrees(), say)
        click.echo(f"{bilan.lues} éléments chiffrés, {bilan.tournees} chiffrés avec la nouvelle clé")
        if bilan.illisibles:
            raise click.ClickException(
                f"{bilan.illisibles} éléments ne s’ouvrent avec aucune des clés : remettez l’ancienne."
            )

    app.cli.add_command(chiffrement_group)


def _register_households(app: Flask, database: Database, clock: Clock, settings: Settings) -> None:
    @menages_group.command("effacer")
    @click.option("--pour-de-vrai", is_flag=True, help="Prévenir et effacer ; sinon, seulement compter.")
    @click.option(
        "--code",
        "codes",
        multiple=True,
        help="Effacer de nouveau ce ménage, déjà effacé, revenu avec une sauvegarde plus ancienne.",
    )
    def erase(pour_de_vrai: bool, codes: tuple[str, ...]) -> None:
        """Effacer les données des ménages au terme de leur conservation, comme le travailleur chaque jour.

        Sans --pour-de-vrai rien n'est écrit, et les nombres sont ceux qu'aurait l'effacement.
        """
        storage = Storage(settings)
        if codes:
            number = conservation.effacer_de_nouveau(
                database, clock, storage, codes, pour_de_vrai=pour_de_vrai
            )
            click.echo(f"ménages effacés de nouveau : {number}" if pour_de_vrai else f"à effacer : {number}")
            return
        bilan = conservation.passer(database, clock, storage, pour_de_vrai=pour_de_vrai)
        fait = "" if pour_de_vrai else " (rien n’est écrit : ajoutez --pour-de-vrai)"
        click.echo(
            f"préavis : {bilan.prevenus} ; ménages effacés : {bilan.menages} ; "
            f"grilles inachevées effacées : {bilan.brouillons}{fait}"
        )

    app.cli.add_command(menages_group)


def _explain_database(group: click.Group, database: Database) -> None:
    """Have each command that stumbles on a database without its tables, or absent, say what to do. A
    migration that fails tells its own reason, unless the database is absent."""
    for command_ in group.commands.values():
        if isinstance(command_, click.Group):
            _explain_database(command_, database)
        elif command_.callback is not None:
            command_.callback = _explained(command_.callback, database, migre=group is db_group)


def _explained(run: Callable[..., Any], database: Database, *, migre: bool) -> Callable[..., Any]:
    @wraps(run)
    def explained(*args: Any, **options: Any) -> Any:
        try:
            return run(*args, **options)
        except (OperationalError, ProgrammingError) as error:
            if reason := obstacle(database, migre=migre):
                raise click.ClickException(reason) from error
            raise

    return explained


def _say_report(report: Rapport) -> None:
    """Write the counts of an import, then the refused lines with their reason."""
    for name, count in report.counts().items():
        click.echo(f"{COMPTES_FINESS[name]} : {count}")
    for line in report.lignes_refusees:
        click.echo(f"ligne {line.numero} refusée : {line.texte}")


def _register_service(app: Flask, database: Database, clock: Clock, settings: Settings) -> None:
    @app.cli.command("serve")
    @click.option("--port", default=8000, show_default=True)
    def serve(port: int) -> None:
        """Préparer la base au premier démarrage, puis lancer le portail et son travailleur."""
        settings.serve_at(f"http://{HOST}:{port}")
        with _told():
            demarrage.prepare(database, clock, settings, say=click.echo)
        database.dispose()
        raise SystemExit(run_servers(settings, port, app, work))

    @app.cli.command("worker")
    def worker() -> None:
        """Envoyer les messages et faire les travaux longs, jusqu'à l'arrêt."""
        work()

    def work() -> None:
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        worker_loop.work(database, clock, settings, stop=stop)

    @app.cli.command("tick")
    def tick() -> None:
        """Faire un passage du travailleur, pour une tâche planifiée."""
        if reason := obstacle(database):  # its chores would each write it in the log, and end well
            raise click.ClickException(reason)
        worker_loop.tick(database, clock, settings)

    @app.cli.command("sauvegarde")
    @click.argument("destination")
    @click.option("--sans-cles", is_flag=True, help="Ne pas mettre les clés dans l'archive.")
    def backup(destination: str, sans_cles: bool) -> None:
        """Écrire une archive de la base, des fichiers et des clés.

        DESTINATION est un fichier à écrire, ou un dossier où l'archive prend un nom daté. Un dossier écrit
        avec une barre à la fin est créé s'il n'existe pas.
        """
        chemin = Path(destination)
        with _told():
            if destination.endswith("/"):
                archive.make_folder(chemin)
            click.echo(str(archive.backup(settings, chemin, clock=clock, with_keys=not sans_cles)))

    @app.cli.command("restauration")
    @click.argument("fichier", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--remplacer", is_flag=True, help="Remplacer ce qui existe.")
    def restore(fichier: Path, remplacer: bool) -> None:
        """Remettre la base, les fichiers et les clés d'une archive."""
        with _told():
            archive.restore(settings, fichier, force=remplacer)
        with database.session(write=True) as session:
            sessions.close_everyone(session)  # a session revoked since the backup must not come back
            session.commit()
        click.echo("restauration terminée ; chacun devra se reconnecter")


@contextmanager
def _told() -> Iterator[None]:
    """Say why an archive, a model, a file or the demonstration was refused, without a traceback."""
    try:
        yield
    except (DomainError, DomainErrors) as error:
        raise _refusal(error) from error
    except (
        archive.SauvegardeError,
        ModeleInvalide,
        GrilleInvalide,
        DemonstrationRefusee,
        ReferenceAbsente,
    ) as error:
        raise click.ClickException(str(error)) from error
