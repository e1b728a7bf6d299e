"""What a preview keeps and shows of an import, in a form that a job keeps."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.annuaire.echanges import fiches
from portal.annuaire.echanges.champs import Champ, Colonnes
from portal.annuaire.echanges.rapprochement import Changement, Prevue, Sort, changements, maj
from portal.annuaire.echanges.reperes import Reperes
from portal.annuaire.enums import LIBELLES_PREFERENCE, Preference
from portal.annuaire.nomenclatures import publics
from portal.annuaire.titulaires import tenue
from portal.documents.constats import questions_posees
from portal.organisations.referentiel import Lieu

REFUSEES_MONTREES, AUTRES_MONTREES, QUESTIONS = 300, 100, 200
OPTIONS = 5  # entries offered for a line: the one proposed, then the closest


@dataclass
class Apercu:
    """What importing would do."""

    entetes: tuple[str, ...]
    colonnes: Colonnes
    lignes: list[Prevue]
    reperes: Reperes
    noms: fiches.Noms

    def comptes(self) -> dict[str, int]:
        """Return how many lines meet each fate."""
        comptes = Counter(ligne.sort.value for ligne in self.lignes)
        return {sort.value: comptes[sort.value] for sort in Sort}

    def as_dict(self) -> dict[str, Any]:
        """Return what the preview shows: refused lines up to a bound, every line to decide, a few others."""
        decider = [ligne for ligne in self.lignes if ligne.a_decider]
        refusees = [ligne for ligne in self.lignes if ligne.sort is Sort.REFUSEE]
        autres = [x for x in self.lignes if not x.a_decider and x.sort is not Sort.REFUSEE]
        return {
            **self.comptes(),
            "total": len(self.lignes),
            "entetes": {champ.value: self.entetes[index] for champ, index in self.colonnes.items()},
            "lignes": [
                x.lue.as_dict(x.sort.value)
                for x in (*refusees[:REFUSEES_MONTREES], *autres[:AUTRES_MONTREES])
            ],
            "a_decider": [self._decision(x) for x in decider],
            "propositions": {str(x.lue.numero): x.proposition for x in self.lignes if x.proposition},
            "questions": questions_posees(one.lue for one in self.lignes)[:QUESTIONS],
        }

    def _decision(self, prevue: Prevue) -> dict[str, Any]:
        """Return what is shown of a line to decide: each entry it may speak of, with what would change."""
        options = []
        for candidat in prevue.proches()[:OPTIONS]:
            ecart = changements(candidat, prevue.lue, self.reperes.jour)
            held = tenue(candidat, self.reperes.jour).titulaire
            options.append(
                {
                    "choix": maj(candidat),
                    "ref": candidat.ref,
                    "titulaire": held.nom_complet if held else "",
                    "mention": candidat.mention,
                    "structure": candidat.structure.nom if candidat.structure else "",
                    "remplace": ecart.remplace,
                    "changements": [
                        [one.champ.value, self.dire(one, one.avant), self.dire(one, one.apres)]
                        for one in ecart.changements
                    ],
                }
            )
        lue = prevue.lue
        return {
            "numero": lue.numero,
            "proposition": prevue.proposition,
            "creer": not prevue.candidats[0].unicite and not lue.reference,
            "titre": [
                self.noms.fonctions.get(prevue.candidats[0].fonction_code, ""),
                prevue.candidats[0].organisation.nom,
                " ".join(filter(None, (lue.dit.get(Champ.PRENOM), lue.dit.get(Champ.NOM)))),
            ],
            "options": options,
            "avertissements": [one.as_dict() for one in lue.avertissements],
        }

    def dire(self, change: Changement, valeur: Any) -> str:
        """Return a value of an entry as the preview writes it, in the language of whoever reads it."""
        dire = self.noms.dire
        if isinstance(valeur, Preference):
            return dire(LIBELLES_PREFERENCE[valeur])
        if change.champ is Champ.NATURES:
            return fiches.ENTRE.join(self.noms.natures.get(c, c) for c in valeur) or dire(fiches.TOUTES)
        if change.champ is Champ.PUBLICS:
            return fiches.ENTRE.join(
                publics()[c].en_langue(self.noms.langue) for c in valeur if c in publics()
            ) or dire(fiches.TOUS)
        if change.champ in (Champ.COMMUNES, Champ.TERRITOIRES):
            return fiches.ENTRE.join(map(self._lieu, valeur)) or dire(fiches.TOUT_LE_DEPARTEMENT)
        return f"{valeur:%d/%m/%Y}" if isinstance(valeur, date) else str(valeur or "")

    def _lieu(self, lieu: Lieu) -> str:
        for connus in self.reperes.lieux.values():
            nom = next((nom for nom, autre in connus.items() if autre == lieu), "")
            if nom:
                return self.noms.territoires.get((lieu.maille, lieu.code), nom)
        return self.noms.communes.get(lieu.code, (lieu.code, ""))[0]
