"""What the booklet of a département says, in the language of whoever asks for it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.annuaire.echanges import fiches
from portal.annuaire.enums import LIBELLES_PREFERENCE, Fraicheur, Preference
from portal.annuaire.models import Referent, Titulaire
from portal.annuaire.nomenclatures import Fonction, publics
from portal.annuaire.queries import visible_to
from portal.annuaire.regles import fraicheur, qui_pourvoit
from portal.annuaire.service import fonctions_de
from portal.annuaire.titulaires import tenue
from portal.documents.rendu.livret import Entree, Groupe, Index, Livret, Section
from portal.organisations.enums import TypeOrganisation
from portal.organisations.models import Arrondissement, Commune, Departement, Epci, Organisation
from portal.organisations.models import OrganisationDepartement as Ou
from portal.organisations.referentiel import Maille
from portal.security.permissions import LIBELLES_PROFIL
from portal.security.policy import Actor
from portal.shared.messages import N_
from portal.shared.text import sort_key

TOUT = N_("Tout le département")
HORS = N_("Communes sans intercommunalité")
LOCALES = {"en": "en_GB"}
INSECABLE = "\u00a0"


@dataclass(frozen=True)
class Territoires:
    """Where the communes of a département are: names of EPCIs and arrondissements, EPCI of each commune.

    `tout`, `hors`: the titles of what covers all of it, and of the communes outside any EPCI.
    """

    tout: str
    hors: str
    epcis: Mapping[str, str]
    arrondissements: Mapping[str, str]
    epci_de: Mapping[str, str | None]


def ids_du_departement(session: Session, actor: Actor, departement_code: str) -> list[int]:
    """Return the keys of the open entries of a département that the actor sees, by organisation."""
    return list(
        session.scalars(
            select(Referent.id)
            .where(
                visible_to(actor),
                Referent.departement_code == departement_code,
                Referent.ferme_le.is_(None),
            )
            .order_by(Referent.tri, Referent.id)
        )
    )


def composer(
    session: Session, departement_code: str, ids: Sequence[int], jour: date, langue: str = "fr"
) -> Livret:
    """Return the booklet of a département on a day, from the keys of its entries in the order of a list."""
    referents = fiches.charger(session, ids)
    noms = fiches.noms_de(session, referents, langue)
    dire = noms.dire
    departement = session.get_one(Departement, departement_code)
    fonctions = fonctions_de(session, departement_code)
    lieux = _territoires(session, departement_code, noms)
    ranges: dict[str, dict[str, list[Referent]]] = defaultdict(lambda: defaultdict(list))
    for referent in referents:
        for section in _sections_de(referent, lieux):
            ranges[section][referent.fonction_code].append(referent)
    index = _Indexes()
    sections = tuple(
        Section(titre, tuple(_groupes(ranges[titre], fonctions, noms, jour, index)))
        for titre in _ordre(ranges, lieux)
    )
    dite = format_date(jour, "long", locale=LOCALES.get(langue, langue))
    return Livret(
        titre=dire(N_("Annuaire des référents")),
        sous_titre=f"{departement.nom} ({departement_code})",
        couverture=(
            dire(N_("État au %(jour)s"), jour=dite),
            f"Version {jour:%Y.%m.%d}",
            dire(N_("Fiches : %(nombre)s"), nombre=len(referents)),
            *_siao(session, departement_code),
        ),
        avis=(
            dire(
                N_(
                    "Coordonnées professionnelles, à l’usage des partenaires du département. "
                    "Ne les publiez pas."
                )
            ),
            dire(
                N_(
                    "Une fiche marquée « non vérifiée » n’a pas été confirmée depuis longtemps : vérifiez "
                    "avant de vous y fier. Le portail donne l’état du jour."
                )
            ),
        ),
        pied=f"{dire('Annuaire des référents')} – {departement.nom} – {jour:%d/%m/%Y}",
        page=dire(N_("page %(page)s sur %(total)s"), page="{page}", total="{total}"),
        entetes=(dire("Organisation"), dire("Qui répond"), dire("Joindre")),
        sommaire=dire(N_("Sommaire")),
        sections=sections,
        index=(
            Index(dire(N_("Index des personnes")), index.lire(index.personnes)),
            Index(dire(N_("Index des organisations")), index.lire(index.organisations)),
        ),
        langue=langue,
    )


class _Indexes:
    """The names of the booklet, with the keys of the lines that hold them."""

    def __init__(self) -> None:
        self.personnes: dict[str, list[str]] = defaultdict(list)
        self.organisations: dict[str, list[str]] = defaultdict(list)
        self.nombre = 0

    def cle(self) -> str:
        """Return the key of the next line."""
        self.nombre += 1
        return f"l{self.nombre}"

    @staticmethod
    def lire(noms: Mapping[str, list[str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return the names in alphabetical order."""
        return tuple((nom, tuple(noms[nom])) for nom in sorted(noms, key=lambda nom: (sort_key(nom), nom)))


def _territoires(session: Session, departement_code: str, noms: fiches.Noms) -> Territoires:
    rows = session.execute(
        select(Commune.code, Commune.epci_code, Epci.nom)
        .outerjoin(Epci, Epci.code == Commune.epci_code)
        .where(Commune.departement_code == departement_code)
        .order_by(Commune.code)
    ).all()
    arrondissements = session.execute(
        select(Arrondissement.code, Arrondissement.nom)
        .where(Arrondissement.departement_code == departement_code)
        .order_by(Arrondissement.code)
    )
    return Territoires(
        noms.dire(TOUT),
        noms.dire(HORS),
        {row.epci_code: row.nom for row in rows if row.epci_code},
        {row.code: noms.dire("Arrondissement : %(nom)s", nom=row.nom) for row in arrondissements},
        {row.code: row.epci_code for row in rows},
    )


def _sections_de(referent: Referent, lieux: Territoires) -> list[str]:
    """Return where an entry is printed: under each territory that it covers; without any, where its structure
    stands; else under the whole département."""
    trouvees: dict[str, None] = {}
    for row in referent.territoires:
        if row.maille is Maille.ARRONDISSEMENT:
            trouvees[lieux.arrondissements.get(row.code, lieux.tout)] = None
        else:
            epci = row.code if row.maille is Maille.EPCI else lieux.epci_de.get(row.code)
            trouvees[lieux.epcis.get(epci or "", lieux.hors)] = None
    if not trouvees and referent.structure is not None and referent.structure.commune_code:
        epci = lieux.epci_de.get(referent.structure.commune_code)
        trouvees[lieux.epcis.get(epci or "", lieux.hors)] = None
    return list(trouvees) or [lieux.tout]


def _ordre(ranges: Mapping[str, object], lieux: Territoires) -> list[str]:
    """Return the sections in order: the whole département, arrondissements, EPCIs, what is left."""
    noms = [lieux.tout, *sorted(lieux.arrondissements.values(), key=sort_key)]
    noms += [*sorted(set(lieux.epcis.values()), key=sort_key), lieux.hors]
    return [nom for nom in noms if nom in ranges]


def _groupes(
    par_fonction: Mapping[str, Sequence[Referent]],
    fonctions: Mapping[str, Fonction],
    noms: fiches.Noms,
    jour: date,
    index: _Indexes,
) -> Iterator[Groupe]:
    ordre = [
        *(code for code in fonctions if code in par_fonction),
        *sorted(set(par_fonction) - set(fonctions)),
    ]
    for code in ordre:
        titre = noms.fonctions.get(code, code)
        sujet = fonctions[code].sujet.en_langue(noms.langue) if code in fonctions else titre
        dit = titre if sujet == titre else f"{titre} – {sujet}"
        yield Groupe(dit, tuple(_entree(one, noms, jour, index) for one in par_fonction[code]))


def _entree(referent: Referent, noms: fiches.Noms, jour: date, index: _Indexes) -> Entree:
    held, cle = tenue(referent, jour), index.cle()
    index.organisations[referent.organisation.nom].append(cle)
    for personne in (held.titulaire, held.suppleant):
        if personne is not None:
            nom = " ".join(filter(None, (personne.nom, personne.prenom)))
            index.personnes[nom].append(cle)
    return Entree(
        cle,
        tuple(_organisation(referent, noms)),
        tuple(_personnes(referent, noms, held.titulaire, held.suppleant)),
        tuple(_joindre(referent, noms, held.titulaire)),
        _alerte(referent, noms, jour),
    )


def _organisation(referent: Referent, noms: fiches.Noms) -> Iterator[str]:
    yield referent.organisation.nom
    structure = referent.structure
    if structure is not None:
        commune = noms.communes.get(structure.commune_code or "", ("", ""))[0]
        yield ", ".join(filter(None, (structure.nom, commune)))
    if referent.mention:
        yield referent.mention
    communes = [row.code for row in referent.territoires if row.maille is Maille.COMMUNE]
    if communes:
        yield ", ".join(sorted(noms.communes.get(code, (code, ""))[0] for code in communes))
    couvre = [noms.natures.get(row.nature_code, row.nature_code) for row in referent.natures]
    couvre += [publics()[code].en_langue(noms.langue) for code in referent.publics if code in publics()]
    if couvre:
        yield ", ".join(couvre)


def _personnes(
    referent: Referent, noms: fiches.Noms, titulaire: Titulaire | None, suppleant: Titulaire | None
) -> Iterator[str]:
    if titulaire is not None:
        yield titulaire.nom_complet
    else:
        profil = noms.dire(LIBELLES_PROFIL[qui_pourvoit(referent.organisation.type)[0]])
        yield noms.dire(N_("Personne aujourd’hui"))
        yield noms.dire(N_("À nommer : %(profil)s"), profil=profil.lower())
    if suppleant is not None:
        joindre = (suppleant.nom_complet, _insecable(suppleant.telephone), suppleant.email)
        yield noms.dire(N_("Suppléant : %(personne)s"), personne=", ".join(filter(None, joindre)))


def _joindre(referent: Referent, noms: fiches.Noms, titulaire: Titulaire | None) -> Iterator[str]:
    telephone = (titulaire.telephone if titulaire else "") or referent.telephone
    email = (titulaire.email if titulaire else "") or referent.email
    yield from filter(None, (_insecable(telephone), email, referent.horaires))
    if referent.preference is not Preference.INDIFFERENT:
        yield noms.dire(LIBELLES_PREFERENCE[referent.preference])


def _insecable(telephone: str) -> str:
    return telephone.replace(" ", INSECABLE)


def _alerte(referent: Referent, noms: fiches.Noms, jour: date) -> str:
    """Return what is printed of an entry that nobody has verified for long."""
    mois = noms.mois[referent.departement_code]
    if fraicheur(referent.verifie_le, jour, mois) is not Fraicheur.GRISEE:
        return ""
    if referent.verifie_le is None:
        return noms.dire(N_("Fiche jamais vérifiée"))
    return noms.dire(
        N_("Fiche non vérifiée depuis %(mois)s mois (dernière fois le %(jour)s)"),
        mois=mois.grisee,
        jour=f"{referent.verifie_le:%d/%m/%Y}",
    )


def _siao(session: Session, departement_code: str) -> list[str]:
    """Return the SIAO of a département and how to reach it, for the cover."""
    rows = session.execute(
        select(Organisation.nom, Organisation.telephone, Organisation.email)
        .join(Ou, Ou.organisation_id == Organisation.id)
        .where(
            Ou.departement_code == departement_code,
            Organisation.type == TypeOrganisation.SIAO,
            Organisation.fermee_le.is_(None),
        )
        .order_by(Organisation.tri, Organisation.id)
    )
    return [" – ".join(filter(None, (row.nom, _insecable(row.telephone), row.email))) for row in rows]
