"""Tables of persons, memberships, sessions and single-use links."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.comptes.enums import PreferenceEnvoi
from portal.security.permissions import Profil
from portal.shared.db import Base, PublicRef, RowId, Timestamps, Versioned, enum_type
from portal.shared.text import searchable, sort_key


def _sort_key(context: Any) -> str:
    values = context.get_current_parameters()
    return sort_key(f"{values['nom']} {values['prenom']}")


def _search_text(context: Any) -> str:
    values = context.get_current_parameters()
    return searchable(values["prenom"], values["nom"], values["email"])


class Personne(RowId, PublicRef, Timestamps, Versioned, Base):
    """A person who has, or had, an account. Professional data only."""

    __tablename__ = "personne"
    __table_args__ = (Index("ix_personne_tri", "tri", "id"),)

    email: Mapped[str] = mapped_column(String(254), unique=True)  # lower-case
    prenom: Mapped[str] = mapped_column(String(80))
    nom: Mapped[str] = mapped_column(String(80))
    telephone: Mapped[str] = mapped_column(String(20), default="")
    tri: Mapped[str] = mapped_column(String(120), default=_sort_key)
    texte_recherche: Mapped[str] = mapped_column(String(500), default=_search_text)
    langue: Mapped[str] = mapped_column(String(2), default="fr")
    preference_envoi: Mapped[PreferenceEnvoi] = mapped_column(
        enum_type(PreferenceEnvoi), default=PreferenceEnvoi.IMMEDIAT
    )
    mot_de_passe: Mapped[str | None] = mapped_column(String(255))  # argon2id hash
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)  # encrypted
    totp_active_le: Mapped[datetime | None]
    totp_dernier_pas: Mapped[int | None]  # last accepted time step: a code serves once
    desactivee_le: Mapped[datetime | None]

    adhesions: Mapped[list["Adhesion"]] = relationship(back_populates="personne", order_by="Adhesion.id")

    @property
    def nom_complet(self) -> str:
        return f"{self.prenom} {self.nom}".strip()


class Adhesion(RowId, PublicRef, Timestamps, Versioned, Base):
    """A person's membership of an organisation with one profile (domaine.md § 10.4: never two at a time)."""

    __tablename__ = "adhesion"
    __table_args__ = (
        Index(
            "uq_adhesion_active",
            "personne_id",
            "organisation_id",
            "profil",
            unique=True,
            sqlite_where=text("revoquee_le IS NULL"),
            postgresql_where=text("revoquee_le IS NULL"),
        ),
        Index("ix_adhesion_organisation_id", "organisation_id"),
    )

    personne_id: Mapped[int] = mapped_column(ForeignKey("personne.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    departement_code: Mapped[str] = mapped_column(String(3), ForeignKey("departement.code"))
    profil: Mapped[Profil] = mapped_column(enum_type(Profil))
    verifiee_le: Mapped[date]  # six-monthly review by the organisation's administrator
    revoquee_le: Mapped[datetime | None]

    personne: Mapped[Personne] = relationship(back_populates="adhesions")


class SessionConnexion(RowId, PublicRef, Base):
    """A server-side session: what the cookie names; deleting the row ends it at the next request."""

    __tablename__ = "session_connexion"

    jeton_hash: Mapped[str] = mapped_column(String(64), unique=True)  # sha256 of the cookie's token
    personne_id: Mapped[int] = mapped_column(ForeignKey("personne.id", ondelete="CASCADE"), index=True)
    adhesion_id: Mapped[int | None] = mapped_column(ForeignKey("adhesion.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    vue_le: Mapped[datetime]  # last activity, to the minute
    appareil: Mapped[str] = mapped_column(String(200), default="")
    second_facteur_le: Mapped[datetime | None]


class InvitationCompte(RowId, PublicRef, Timestamps, Base):
    """An invitation to open an account, by a single-use link whose secret is stored hashed."""

    __tablename__ = "invitation_compte"
    __table_args__ = (
        Index(
            "uq_invitation_compte_ouverte",
            "email",
            "organisation_id",
            "profil",
            unique=True,
            sqlite_where=text("acceptee_le IS NULL AND revoquee_le IS NULL"),
            postgresql_where=text("acceptee_le IS NULL AND revoquee_le IS NULL"),
        ),
    )

    email: Mapped[str] = mapped_column(String(254), index=True)
    prenom: Mapped[str] = mapped_column(String(80))
    nom: Mapped[str] = mapped_column(String(80))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    departement_code: Mapped[str] = mapped_column(String(3), ForeignKey("departement.code"))
    profil: Mapped[Profil] = mapped_column(enum_type(Profil))
    jeton_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expire_le: Mapped[datetime]
    acceptee_le: Mapped[datetime | None]
    revoquee_le: Mapped[datetime | None]
    invite_par_id: Mapped[int | None] = mapped_column(ForeignKey("personne.id"))
    langue: Mapped[str] = mapped_column(String(2), default="fr")


class JetonReinitialisation(RowId, Base):
    """A single-use link to choose a new password, or to confirm a new e-mail address (`nouvel_email`)."""

    __tablename__ = "jeton_reinitialisation"

    personne_id: Mapped[int] = mapped_column(ForeignKey("personne.id", ondelete="CASCADE"), index=True)
    jeton_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expire_le: Mapped[datetime]
    utilise_le: Mapped[datetime | None]
    nouvel_email: Mapped[str | None] = mapped_column(String(254))


class CodeSecours(RowId, Base):
    """A recovery code of the second factor; serves once."""

    __tablename__ = "code_secours"
    __table_args__ = (UniqueConstraint("personne_id", "code_hash"),)

    personne_id: Mapped[int] = mapped_column(ForeignKey("personne.id", ondelete="CASCADE"))
    code_hash: Mapped[str] = mapped_column(String(64))
    utilise_le: Mapped[datetime | None]


class TentativeConnexion(RowId, Base):
    """A failed sign-in, counted to slow down guessing. Keys are hashed e-mails or addresses."""

    __tablename__ = "tentative_connexion"
    __table_args__ = (Index("ix_tentative_connexion_cle_le", "cle", "le"),)

    cle: Mapped[str] = mapped_column(String(64))
    le: Mapped[datetime]


class AdresseAgenda(Base):
    """The private address of a person's calendar; deleting the row revokes it. At most one a person."""

    __tablename__ = "adresse_agenda"

    personne_id: Mapped[int] = mapped_column(ForeignKey("personne.id", ondelete="CASCADE"), primary_key=True)
    jeton_hash: Mapped[str] = mapped_column(String(64), unique=True)
    creee_le: Mapped[datetime]
