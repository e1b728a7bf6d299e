"""Configuration: environment variables prefixed `PORTAL_`, documented in docs/exploitation.md."""

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_SECRET = "cle-de-demonstration-a-remplacer"  # noqa: S105  (refused in production)
SECRET_LENGTH = 32  # characters, in production


class Editeur(BaseModel):
    """Who runs this installation, as the public pages tell it."""

    nom: str = "à renseigner par l’exploitant"
    adresse: str = "à renseigner par l’exploitant"
    contact: str = "contact@siao.example"
    directeur: str = "à renseigner par l’exploitant"
    hebergeur: str = "à renseigner par l’exploitant"
    dpd: str = "dpd@siao.example"
    base_legale: str = "à fixer par le délégué à la protection des données"


class Settings(BaseSettings):
    """All settings, with the defaults of a demonstration on one's own machine."""

    model_config = SettingsConfigDict(env_prefix="PORTAL_", env_nested_delimiter="__", extra="ignore")

    environnement: Literal["demonstration", "production", "test"] = "demonstration"
    var_dir: Path = ROOT / "var"
    database_url: str = ""
    secret_key: SecretStr = SecretStr(DEFAULT_SECRET)
    encryption_keys: str = ""  # Fernet keys, newest first, separated by commas; kept in var/cles if empty
    hash_key: str = ""  # secret of the hashes that find a household again; kept in var/cles if empty
    files_dir: Path | None = None
    max_upload_bytes: int = 20 * 1024 * 1024
    maintenance: bool = False

    public_url: str = "http://127.0.0.1:8000"  # `flask serve` puts its own port (serve_at)
    trusted_hosts: str = ""  # separated by commas; empty in a demonstration: any
    trusted_proxies: int = 0  # how many proxies in front set X-Forwarded-*

    web_workers: int = Field(2, ge=1)  # web processes of one thread started by `flask serve`
    web_max_requests: int = Field(5000, ge=0)  # requests after which one is renewed; 0: never

    smtp_url: str = ""  # smtp://user:pass@host:25, smtps://…, smtp+starttls://… ; empty: files in var/mails
    mail_from: str = "Portail des partenaires du SIAO <portail@siao.example>"
    smtp_timeout: float = 10  # seconds a mail server may keep silent
    digest_hour: int = Field(7, ge=0, le=23)  # daily digest, Paris time

    scanner_command: str = ""  # e.g. « clamdscan --no-summary »; exit 0: clean, 1: refused

    session_idle_minutes: int = Field(30, ge=2)
    session_seance_minutes: int = Field(240, ge=2)
    session_max_hours: int = Field(12, ge=1)
    invitation_days: int = 7
    reset_minutes: int = 60
    totp_required_profiles: str = ""  # profile codes separated by commas
    login_attempts: int = 10  # failures allowed per account and per window
    login_attempts_per_address: int = 100
    login_window_minutes: int = 15
    annuaire_exports: int = Field(10, ge=1)  # exports of the directory per person and per window
    journal_kept_days: int = Field(730, ge=180)  # what `journal purge` never takes away

    editeur: Editeur = Editeur()

    demo_password: str = "demonstration"  # noqa: S105  (demonstration only, refused in production)

    @model_validator(mode="after")
    def check_production(self) -> Self:
        """Refuse to start in production with a demonstration secret or without the public address."""
        if not self.database_url:
            self.database_url = f"sqlite:///{self.var_dir / 'portail.sqlite3'}"
        if self.environnement == "production":
            secret = self.secret_key.get_secret_value()
            if secret == DEFAULT_SECRET or len(secret) < SECRET_LENGTH:
                raise ValueError("PORTAL_SECRET_KEY: choose a secret of your own, 32 characters or more")
            if not self.https:
                raise ValueError("PORTAL_PUBLIC_URL: give the public address, https://…, in production")
            if not self.trusted_hosts:
                raise ValueError("PORTAL_TRUSTED_HOSTS: name the hosts served in production")
            if not self.encryption_keys:
                raise ValueError("PORTAL_ENCRYPTION_KEYS: give the encryption keys in production")
            if len(self.hash_key) < SECRET_LENGTH:
                raise ValueError("PORTAL_HASH_KEY: choose a secret of your own, 32 characters or more")
        return self

    @property
    def files_path(self) -> Path:
        """Folder of the private files."""
        return self.files_dir or self.var_dir / "fichiers"

    def serve_at(self, address: str) -> None:
        """Take the address served as the public one, unless PORTAL_PUBLIC_URL gave it: links lead there."""
        if "public_url" not in self.model_fields_set:
            self.public_url = address

    @property
    def https(self) -> bool:
        """Whether people reach the portal under TLS (then: HSTS and `__Host-` cookies)."""
        return self.public_url.startswith("https://")

    @property
    def totp_profiles(self) -> frozenset[str]:
        """Profile codes for which the second factor is required."""
        return frozenset(code.strip() for code in self.totp_required_profiles.split(",") if code.strip())
