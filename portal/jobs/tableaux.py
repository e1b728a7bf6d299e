"""The jobs of an import: a table is given, its columns are matched, a preview is read, it is imported.

The file is read at once for its titles; the preview and the import are jobs. The file belongs to the first
job, and goes away with it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import IO, Any, Generic, TypeVar

from sqlalchemy.orm import Session

from portal.documents import messages as messages
from portal.documents.cellules import montrer
from portal.documents.colonnes import Reconnaissance
from portal.documents.models import Fichier
from portal.documents.spreadsheets import Table, read_table
from portal.documents.storage import Storage
from portal.documents.types import TABLEAUX
from portal.jobs.context import JobContext
from portal.jobs.models import StatutTravail, Travail
from portal.jobs.service import enqueue_job, get_job, recent_jobs
from portal.security.policy import Actor
from portal.shared.clock import Clock
from portal.shared.errors import DomainError, NotVisible

C = TypeVar("C", bound=Enum)

LIGNES_MAXIMUM = 5000
EXEMPLES = 3
RELUS, MONTRES = 60, 6  # jobs looked at, then shown, to find one's imports again


@dataclass(frozen=True)
class Depot(Generic[C]):
    """A file just given: its titles, the columns recognised, its first lines as texts."""

    travail: Travail
    entetes: list[str]
    colonnes: dict[C, int]
    retenues: bool  # the matching is the one used last time for the same titles
    exemples: list[list[str]]
    lignes: int


@dataclass(frozen=True)
class Etapes(Generic[C]):
    """The kinds of the jobs of an import, and how the columns of its tables are recognised."""

    deposer: str
    analyser: str
    importer: str
    colonnes: Reconnaissance[C]

    def garder(
        self,
        session: Session,
        clock: Clock,
        actor: Actor,
        storage: Storage,
        stream: IO[bytes],
        nom: str,
        *,
        departement_code: str | None = None,
    ) -> Travail:
        """Keep a table and recognise its columns; nothing of its lines is written.

        Raises DomainError when it is not a table that can be read.
        """
        fichier = storage.store(session, clock, stream, nom, TABLEAUX, actor=actor)
        table = self._table(storage.read(fichier), fichier.nom)
        retenues = self.colonnes.rappeler(session, actor, table.headers)
        trouvees = self.colonnes.deviner(table.headers) if retenues is None else retenues
        parametres = {"nom": fichier.nom, "fichier": fichier.id}
        travail = enqueue_job(
            session, clock, actor, self.deposer, parametres, departement_code=departement_code
        )
        travail.statut, travail.avancement, travail.termine_le = StatutTravail.TERMINE, 100, clock.now()
        travail.fichier_id = fichier.id
        travail.resultat = {
            "entetes": list(table.headers),
            "colonnes": self.colonnes.en_json(trouvees),
            "retenues": retenues is not None,
            "exemples": [[montrer(cell)[:80] for cell in row.cells] for row in table.rows[:EXEMPLES]],
            "lignes": len(table.rows),
        }
        session.flush()
        return travail

    def depot(self, session: Session, actor: Actor, ref: str) -> Depot[C]:
        """Return a file given by the actor; raises NotVisible."""
        travail = self.travail(session, actor, ref, self.deposer)
        lu = travail.resultat or {}
        return Depot(
            travail,
            lu["entetes"],
            self.colonnes.de_json(lu["colonnes"]),
            lu["retenues"],
            lu["exemples"],
            lu["lignes"],
        )

    def demander_apercu(
        self,
        session: Session,
        clock: Clock,
        actor: Actor,
        depot_ref: str,
        colonnes: dict[C, int],
        *,
        departement_code: str | None = None,
    ) -> Travail:
        """Remember the matching of the columns and ask for the preview. Raises NotVisible, DomainError."""
        donne = self.depot(session, actor, depot_ref)
        self.colonnes.verifier(colonnes, donne.entetes)
        self.colonnes.retenir(session, actor, donne.entetes, colonnes)
        choisies = {"depot": depot_ref, "colonnes": self.colonnes.en_json(colonnes)}
        parametres = donne.travail.parametres | choisies
        return enqueue_job(
            session, clock, actor, self.analyser, parametres, departement_code=departement_code
        )

    def travail(self, session: Session, actor: Actor, ref: str, genre: str) -> Travail:
        """Return one of the actor's jobs of a kind; raises NotVisible."""
        travail = get_job(session, actor, ref)
        if travail.genre != genre:
            raise NotVisible(ref)
        return travail

    def import_de(self, session: Session, actor: Actor, apercu_ref: str) -> Travail | None:
        """Return the latest import asked for after a preview."""
        siens = recent_jobs(session, actor, kind=self.importer, limit=50)
        return next((travail for travail in siens if travail.parametres.get("apercu") == apercu_ref), None)

    def a_confirmer(self, session: Session, actor: Actor, apercu_ref: str) -> tuple[Travail, Travail | None]:
        """Return a preview that has ended, with its import while one is under way or done.

        Raises NotVisible.
        """
        analyse = self.travail(session, actor, apercu_ref, self.analyser)
        if analyse.statut is not StatutTravail.TERMINE:
            raise NotVisible(apercu_ref)
        deja = self.import_de(session, actor, apercu_ref)
        return analyse, None if deja is None or deja.statut is StatutTravail.ECHOUE else deja

    def recents(self, session: Session, actor: Actor) -> list[Travail]:
        """Return the actor's latest imports and the previews left without one, newest first."""
        genres = (self.analyser, self.importer)
        siens = [one for one in recent_jobs(session, actor, limit=RELUS) if one.genre in genres]
        suivis = {one.parametres.get(lien) for one in siens for lien in ("apercu", "refait")}
        return [travail for travail in siens if travail.ref not in suivis][:MONTRES]

    def relire(self, context: JobContext) -> Table:
        """Return the table of a job; raises DomainError when its file is gone."""
        with context.database.session() as session:
            fichier = session.get(Fichier, context.parameters["fichier"])
            if fichier is None:
                raise DomainError("tableau.perdu")
            contenu = Storage(context.settings).read(fichier)
        return self._table(contenu, fichier.nom)

    def _table(self, contenu: bytes, nom: str) -> Table:
        """Return the table of a file, whose titles are those that the matching knows best."""
        return read_table(
            contenu,
            nom,
            max_rows=LIGNES_MAXIMUM,
            known=lambda titres: len(self.colonnes.deviner(titres)),
        )


def avancer(context: JobContext, debut: int, fin: int) -> Callable[[Any], None]:
    """Return what tells the progress of a stage that goes from a per cent to another."""
    return lambda percent: context.progress(debut + percent * (fin - debut) / 100)
