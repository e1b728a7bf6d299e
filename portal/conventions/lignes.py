"""Lines as lists show them: columns read from the database, states computed for the day."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, String, case, cast, exists, func, select
from sqlalchemy.orm import aliased

from portal.annuaire.models import FonctionLocale, Referent
from portal.comptes.models import Personne
from portal.conventions import regles
from portal.conventions.avenants.enums import StatutAvenant
from portal.conventions.avenants.models import Avenant
from portal.conventions.en_charge import libelle_de
from portal.conventions.enums import OUVERTS, Etat, Mode, Partie, Statut
from portal.conventions.jours import fuseau_de
from portal.conventions.modeles.models import VersionDepartementale
from portal.conventions.models import Convention, ConventionNature, ConventionSignature
from portal.conventions.redaction.expressions import clauses_ouvertes
from portal.conventions.redaction.models import ConventionTexte
from portal.conventions.reperes import Reperes
from portal.organisations.models import Organisation
from portal.organisations.natures import Libelle

OPERATEUR, SIAO = aliased(Organisation), aliased(Organisation)
SUIVANTE = aliased(Convention)


@dataclass(slots=True)
class Ligne:
    """A line of a list, on today of its département (`jour`, in its zone `fuseau`).

    Dates are civil dates; `natures`: those it covers that day, places by code, None if unknown.
    `clauses_ouvertes`, `etoiles_ouvertes`: those on which the parties do not agree yet, None unless its text
    is negotiated. `version_verte` (the number of the green version of its text) and `avenants` (those
    signed) are read by exports only.
    """

    ref: str
    version: int
    departement_code: str
    operateur: str
    operateur_ref: str
    siao: str
    siao_ref: str
    responsable: str  # in charge by name
    fonction: Libelle | None  # in charge whoever holds it
    statut: Statut
    mode: Mode | None
    etat: Etat
    statut_depuis: datetime
    updated_at: datetime
    date_cible: date
    date_signature: date | None
    date_effet: date | None
    date_fin: date | None
    fin_effective: date | None
    natures: dict[str, int | None]
    signatures: dict[Partie, date]
    retard: regles.Retard
    a_renouveler: bool
    renouvellement: bool  # it replaces another line
    suivante: Statut | None  # state of the line that replaces it
    trou: int  # days between its end and its signed successor: an anomaly unless 0
    reprise: bool
    si_siao_copiee_le: datetime | None
    si_siao_copiee_par: str
    jour: date
    fuseau: str
    clauses_ouvertes: int | None = None
    etoiles_ouvertes: int | None = None
    version_verte: int | None = None
    avenants: int = 0

    @property
    def signee(self) -> bool:
        """Whether it is signed, whatever its dates."""
        return self.statut is Statut.SIGNEE

    @property
    def ouverte(self) -> bool:
        """Whether its signature is still expected."""
        return self.statut in OUVERTS

    @property
    def echeance(self) -> date | None:
        """Its next deadline: its end once signed, its target date before; None when without object."""
        if self.signee:
            return self.fin_effective
        return self.date_cible if self.ouverte else None

    @property
    def places(self) -> int | None:
        """Places covered, None when none is known."""
        connues = [nombre for nombre in self.natures.values() if nombre is not None]
        return sum(connues) if connues else None


def _liste(table: Any, cle: Any, *valeurs: Any) -> Any:
    """Return the children of a line as one text, « key:value,key:value »: cheaper than a second statement."""
    paire: Any = cast(cle, String)
    for valeur in valeurs:
        paire = paire + ":" + func.coalesce(cast(valeur, String), "")
    return (
        select(func.aggregate_strings(paire, ","))
        .where(table.convention_id == Convention.id)
        .correlate(Convention)
        .scalar_subquery()
    )


NEGOCIES = (Statut.PROJET, Statut.EN_NEGOCIATION, Statut.SUSPENDUE)
"""States in which the clauses of a text may still be open."""


def _si_negociee(nombre: Any) -> Any:
    """Count only for a line whose text is being negotiated: the others cost nothing."""
    texte = exists().where(ConventionTexte.convention_id == Convention.id).correlate(Convention)
    return case((Convention.statut.in_(NEGOCIES) & texte, nombre))


COLONNES: tuple[Any, ...] = (
    Convention.ref,
    Convention.version,
    Convention.departement_code,
    Convention.statut,
    Convention.mode,
    Convention.statut_depuis,
    Convention.updated_at,
    Convention.date_cible,
    Convention.date_signature,
    Convention.date_effet,
    Convention.date_fin,
    Convention.fin_effective,
    Convention.resiliation_effet,
    Convention.remplace_id,
    Convention.reprise,
    Convention.si_siao_copiee_le,
    Convention.si_siao_copiee_par,
    OPERATEUR.nom.label("operateur"),
    OPERATEUR.ref.label("operateur_ref"),
    SIAO.nom.label("siao"),
    SIAO.ref.label("siao_ref"),
    Personne.prenom,
    Personne.nom,
    Referent.fonction_code,
    FonctionLocale.libelle.label("fonction_locale"),
    SUIVANTE.statut.label("suivante_statut"),
    SUIVANTE.date_effet.label("suivante_effet"),
    _liste(
        ConventionNature,
        ConventionNature.nature_code,
        ConventionNature.places,
        ConventionNature.depuis,
        ConventionNature.jusqu_au,
    ).label("liste_natures"),
    _liste(ConventionSignature, ConventionSignature.partie, ConventionSignature.signee_le).label(
        "liste_signatures"
    ),
    _si_negociee(clauses_ouvertes()).label("clauses_ouvertes"),
    _si_negociee(clauses_ouvertes(etoiles=True)).label("etoiles_ouvertes"),
)

EXPORTEES: tuple[Any, ...] = (
    select(VersionDepartementale.numero)
    .join(ConventionTexte, ConventionTexte.version_departementale_id == VersionDepartementale.id)
    .where(ConventionTexte.convention_id == Convention.id)
    .correlate(Convention)
    .scalar_subquery()
    .label("version_verte"),
    select(func.count())
    .where(Avenant.convention_id == Convention.id, Avenant.statut == StatutAvenant.SIGNE)
    .correlate(Convention)
    .scalar_subquery()
    .label("avenants"),
)
"""What exports show besides."""


def joindre(statement: Select[Any]) -> Select[Any]:
    """Add to a statement on `Convention` the joins that COLONNES read."""
    return (
        statement.join(OPERATEUR, OPERATEUR.id == Convention.operateur_id)
        .join(SIAO, SIAO.id == Convention.siao_id)
        .outerjoin(Personne, Personne.id == Convention.responsable_id)
        .outerjoin(Referent, Referent.id == Convention.responsable_fonction_id)
        .outerjoin(FonctionLocale, FonctionLocale.code == Referent.fonction_code)
        .outerjoin(SUIVANTE, SUIVANTE.remplace_id == Convention.id)
    )


def ligne_de(row: Row[Any], reperes: Reperes) -> Ligne:
    """Return a line from a row of COLONNES, computed under the day and the rules of its département."""
    jour, delai = reperes.du(row.departement_code)
    suite: Statut | None = row.suivante_statut
    signee_ensuite = suite is Statut.SIGNEE and row.fin_effective is not None
    return Ligne(
        ref=row.ref,
        version=row.version,
        departement_code=row.departement_code,
        operateur=row.operateur,
        operateur_ref=row.operateur_ref,
        siao=row.siao,
        siao_ref=row.siao_ref,
        responsable=f"{row.prenom} {row.nom}" if row.nom else "",
        fonction=libelle_de(row.fonction_code, row.fonction_locale),
        statut=row.statut,
        mode=row.mode,
        etat=regles.etat(row, jour),
        statut_depuis=row.statut_depuis,
        updated_at=row.updated_at,
        date_cible=row.date_cible,
        date_signature=row.date_signature,
        date_effet=row.date_effet,
        date_fin=row.date_fin,
        fin_effective=row.fin_effective,
        natures=_natures(row.liste_natures, jour),
        signatures=_signatures(row.liste_signatures),
        retard=regles.retard(row, jour),
        a_renouveler=regles.a_renouveler(row, jour, delai),
        renouvellement=row.remplace_id is not None,
        suivante=suite,
        trou=regles.trou(row.fin_effective, row.suivante_effet) if signee_ensuite else 0,
        reprise=row.reprise,
        si_siao_copiee_le=row.si_siao_copiee_le,
        si_siao_copiee_par=row.si_siao_copiee_par,
        jour=jour,
        fuseau=fuseau_de(row.departement_code),
        clauses_ouvertes=row.clauses_ouvertes,
        etoiles_ouvertes=row.etoiles_ouvertes,
    )


def _natures(liste: str | None, jour: date) -> dict[str, int | None]:
    """Return the natures that count on a day; ISO days sort as text."""
    portees = sorted(nature.split(":") for nature in liste.split(",")) if liste else []
    return {
        code: int(places) if places else None
        for code, places, depuis, jusqu_au in portees
        if depuis <= jour.isoformat() and (not jusqu_au or jusqu_au >= jour.isoformat())
    }


def _signatures(liste: str | None) -> dict[Partie, date]:
    paires = [paire.split(":") for paire in liste.split(",")] if liste else []
    return {Partie(code): date.fromisoformat(jour) for code, jour in paires}
