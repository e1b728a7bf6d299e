"""The demonstration's lines: each act on its own day, by someone who may do it, through the service."""

from datetime import date, timedelta
from functools import partial
from typing import Any

from sqlalchemy import delete

from portal.conventions import regles, service
from portal.conventions.enums import Mode, Partie
from portal.conventions.models import Convention
from portal.conventions.redaction.models import ConventionClause, ConventionTexte
from portal.security.permissions import Profil
from portal.security.policy import Actor
from portal.shared.clock import Clock, FixedClock
from seeds.demo import donnees
from seeds.demo.calendrier import OUVERTURE, Calendrier, horloge, ouvre
from seeds.demo.scene import Acte, Scene

SAISIE = OUVERTURE + timedelta(days=4)
"""From when lines are entered, once the accounts are open."""

PAS = {
    "a_engager": (),
    "projet": ("engager",),
    "en_negociation": ("engager", "negocier"),
    "accord_de_principe": ("engager", "negocier", "accorder"),
    "en_signature": ("engager", "negocier", "accorder", "mettre_en_signature"),
}
"""Transitions that lead to each open state."""

NEGOCIATION_JOURS = {Mode.GRE_A_GRE: 120, Mode.COLLECTIF: 200, None: 120}
"""How long a negotiation lasts at most, by mode."""

EN_SIGNATURE_JOURS = 20
SIGNATURE_JOURS = {Partie.OPERATEUR: 12, Partie.SIAO: 5, Partie.ETAT: 0}
"""Days before the last signature: when the text is frozen, when each party signs."""

DESACCORD_JOURS = 10
"""Days between the last step of a negotiation and its suspension."""

COPIE_JOURS = 9
"""Days before what was signed is copied into the SI SIAO."""


def prevoir_lignes(scene: Scene, calendrier: Calendrier) -> None:
    """Note the acts of every line of the files."""
    dernieres: dict[tuple[str, str], Fil] = {}
    rang = 0
    for operateur in scene.donnees.organisations:
        for ligne in operateur.lignes:
            couple = (operateur.cle, ligne.siao)
            fil = Fil(scene, calendrier, operateur, ligne, rang, dernieres.get(couple))
            fil.prevoir()
            dernieres[couple] = fil
            rang += 1


class Fil:
    """The story of one line. `rang`: its place among all; `mere`: the pair's previous line."""

    def __init__(
        self,
        scene: Scene,
        calendrier: Calendrier,
        operateur: donnees.Organisation,
        ligne: donnees.Ligne,
        rang: int,
        mere: "Fil | None",
    ) -> None:
        self.scene, self.calendrier = scene, calendrier
        self.operateur, self.ligne, self.rang, self.mere = operateur, ligne, rang, mere
        self.departement = scene.organisations[ligne.siao].departement_code
        self.siao = scene.un(ligne.siao, Profil.SIAO_REGULATEUR, Profil.SIAO_DIRECTION)
        self.pilote = scene.un(scene.etat(self.departement), Profil.ETAT_PILOTE)
        self.le = calendrier.jour(ligne.le)
        self.entree = ouvre(SAISIE + timedelta(days=rang % 10))
        self.pas = 0
        self._convention: Convention | None = None

    @property
    def convention(self) -> Convention:
        """The line, once the act that opens it has run."""
        if self._convention is None:
            raise ValueError(
                f"{self.operateur.cle}, {self.ligne.siao}: an act comes before the line's opening"
            )
        return self._convention

    def prevoir(self) -> None:
        """Note every act of the line."""
        if self.ligne.etat == "reprise":
            self._prevoir_reprise()
        else:
            self._prevoir_parcours()
        self._prevoir_suites()

    def _noter(self, jour: date, acte: Acte) -> None:
        self.scene.prevoir(self._quand(jour), acte)

    def _quand(self, jour: date) -> FixedClock:
        """Return an instant of that day, after those given so far for the same day."""
        self.pas += 1
        return horloge(jour, self.rang * 2 % 280 + self.pas)

    def _faire(self, jour: date, acte: Any, actor: Actor, *args: Any, **kwargs: Any) -> None:
        """Note an act of the service on the line, as it then is."""

        def maintenant(clock: Clock) -> None:
            ligne = self.convention
            acte(self.scene.session, clock, actor, ligne.ref, ligne.version, *args, **kwargs)

        self._noter(jour, maintenant)

    def _lot(self, jour: date, acte: Any, actor: Actor, **kwargs: Any) -> None:
        """Note an act of the service that takes many lines."""
        self._noter(
            jour, lambda clock: acte(self.scene.session, clock, actor, [self.convention.ref], **kwargs)
        )

    # --- how it comes to its state ---------------------------------------------------------------

    def _prevoir_reprise(self) -> None:
        effet = self.calendrier.jour(self.ligne.effet or self.le)
        fin = self.calendrier.jour(self.ligne.fin) if self.ligne.fin else regles.fin_par_defaut(effet)
        self._ouvrir(self.entree)
        self._faire(
            self.entree,
            service.saisir_reprise,
            self.siao,
            date_signature=self.le,
            date_effet=effet,
            date_fin=fin,
        )

    def _prevoir_parcours(self) -> None:
        ligne = self.ligne
        vise = {"suspendue": "en_negociation", "signee": "en_signature", "sans_objet": "a_engager"}.get(
            ligne.etat, ligne.etat
        )
        pas = PAS[vise][1:] if ligne.renouvelle else PAS[vise]
        recul = {"suspendue": DESACCORD_JOURS, "signee": EN_SIGNATURE_JOURS}.get(ligne.etat, 0)
        arrivee = self.le - timedelta(days=recul)
        debut = max(self.entree, arrivee - timedelta(days=NEGOCIATION_JOURS[ligne.mode]))
        if ligne.etat == "a_engager":
            self.entree = self.le
        elif ligne.renouvelle:
            self.entree = ouvre(debut if pas else arrivee)
        self._ouvrir(self.entree)
        for rang, transition in enumerate(pas, 1):
            part = (rang - 1) / (len(pas) - 1) if len(pas) > 1 else 1
            jour = ouvre(debut + (arrivee - debut) * part)
            self._faire(jour, service.avancer, self.siao, transition)
        if ligne.etat == "suspendue":
            self._faire(self.le, service.suspendre, self.pilote, motif=ligne.motif)
        elif ligne.etat == "sans_objet":
            self._faire(self.le, service.proposer_classement, self.pilote, motif=ligne.motif)
            self._faire(self.le, service.confirmer_classement, self.siao)
        else:
            self._prevoir_signatures()

    def _ouvrir(self, jour: date) -> None:
        self._noter(jour, self._renouveler if self.ligne.renouvelle else self._creer)
        responsable = self._responsable()
        if responsable is not None:
            self._lot(jour, service.confier, self.siao, personne_ref=responsable)

    def _creer(self, clock: Clock) -> None:
        ligne, organisations = self.ligne, self.scene.organisations
        self._convention = service.creer(
            self.scene.session,
            clock,
            self.siao,
            operateur_ref=organisations[self.operateur.cle].ref,
            siao_ref=organisations[ligne.siao].ref,
            natures=self._natures(),
            date_cible=self.calendrier.jour(ligne.cible) if ligne.cible else None,
            mode=ligne.mode,
            notes=ligne.notes,
        )

    def _renouveler(self, clock: Clock) -> None:
        assert self.mere is not None
        session = self.scene.session
        self._convention = service.renouveler(session, clock, self.siao, self.mere.convention.ref)
        if self.ligne.etat in ("accord_de_principe", "en_signature", "signee"):
            # These were agreed on paper: the portal only follows them, and holds no text of theirs.
            for table in (ConventionTexte, ConventionClause):
                session.execute(delete(table).where(table.convention_id == self._convention.id))
            session.expire(self._convention)

    def _prevoir_signatures(self) -> None:
        if self.ligne.etat != "signee":
            reste = self.calendrier.aujourdhui - self.le
            for rang, partie in enumerate(self.ligne.signatures, 1):
                self._signer(ouvre(self.le + reste * rang / (len(self.ligne.signatures) + 1)), partie)
            return
        effet = self.calendrier.jour(self.ligne.effet or self.le)
        fin = self.calendrier.jour(self.ligne.fin) if self.ligne.fin else regles.fin_par_defaut(effet)
        for partie, recul in SIGNATURE_JOURS.items():
            dates = {"date_effet": effet, "date_fin": fin} if partie is Partie.ETAT else {}
            jour = ouvre(self.le - timedelta(days=recul)) if recul else self.le
            self._signer(jour, partie, **dates)

    def _signer(self, jour: date, partie: Partie, **dates: date) -> None:
        enregistre = partial(self._faire, jour, service.enregistrer_signature)
        actor, nom = self._signataire(partie)
        enregistre(actor, partie=partie, signee_le=jour, signataire=nom, **dates)

    def _signataire(self, partie: Partie) -> tuple[Actor, str]:
        """Return who records a party's signature and who signed; the SIAO records for an operator away."""
        if partie is Partie.ETAT:
            return self.pilote, self.pilote.nom
        if partie is Partie.SIAO:
            direction = self.scene.un(self.ligne.siao, Profil.SIAO_DIRECTION)
            return direction, direction.nom
        operateur = self.scene.acteur(self.operateur.cle, [Profil.OPERATEUR_DIRECTION])
        if operateur is not None:
            return operateur, operateur.nom
        rang = self.scene.donnees.organisations.index(self.operateur)
        return self.siao, self.scene.donnees.noms.personne(rang)

    # --- what happens besides ----------------------------------------------------------------------

    def _prevoir_suites(self) -> None:
        ligne, jour = self.ligne, self.calendrier.jour
        if ligne.dialogue is not None:
            le = jour(ligne.dialogue)
            self._noter(le, partial(self._dialoguer, le))
        if ligne.report is not None:
            self._lot(
                jour(ligne.report.le),
                service.deplacer_cible,
                self.siao,
                nouvelle=ligne.report.a,
                motif=ligne.report.motif,
            )
        if ligne.classement is not None:
            le, motif = jour(ligne.classement.le), ligne.classement.motif
            self._faire(le, service.proposer_classement, self.siao, motif=motif)
        if ligne.si_siao:
            copie = ouvre(max(self.le, self.entree) + timedelta(days=COPIE_JOURS))
            self._lot(copie, service.copier_si_siao, self.siao)
        if ligne.resiliation is not None:
            notifiee = jour(ligne.resiliation.notifiee)
            self._faire(
                notifiee,
                service.resilier,
                self.siao,
                motif=ligne.resiliation.motif,
                notifiee_le=notifiee,
                par=ligne.resiliation.par,
            )

    def _dialoguer(self, le: date, clock: Clock) -> None:
        """Note the day of the « dialogue de gestion » where the line is negotiated (S0)."""
        ligne = self.convention
        service.modifier(
            self.scene.session,
            clock,
            self.siao,
            ligne.ref,
            ligne.version,
            natures={nature.nature_code: nature.places for nature in ligne.natures},
            mode=ligne.mode,
            notes=ligne.notes,
            dialogue_gestion_le=le,
        )

    def _natures(self) -> dict[str, int | None]:
        """Return the natures of the line, else those of the operator's structures in the département."""
        if self.ligne.natures is not None:
            return dict(self.ligne.natures)
        totaux: dict[str, int | None] = {}
        for structure in self.operateur.structures:
            if not structure.commune.startswith(self.departement):
                continue
            for code, places in structure.natures.items():
                totaux[code] = None if places is True else places + (totaux.get(code) or 0)
        return totaux

    def _responsable(self) -> str | None:
        """Return the person in charge: those of the département in turn, when they belong to a party."""
        tour = self.scene.donnees.responsables[self.departement]
        personne = self.scene.personnes.get(tour[self.rang % len(tour)])
        if personne is None:
            return None
        parties = {self.scene.organisations[self.ligne.siao].id, self.pilote.organisation_id}
        if not parties & {adhesion.organisation_id for adhesion in personne.adhesions}:
            return None
        return personne.ref
