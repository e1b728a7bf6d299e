"""Database base: metadata, column types, mixins, engine and session factory (SQLite and PostgreSQL)."""

import secrets
import select
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from enum import Enum
from time import monotonic
from typing import Any, ClassVar, TypeAlias

from sqlalchemy import DateTime, Engine, MetaData, Row, Select, String, create_engine, event, text
from sqlalchemy import Enum as SqlEnum
from sqlalchemy.engine import URL, Dialect, make_url
from sqlalchemy.exc import DisconnectionError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, declared_attr, mapped_column, sessionmaker
from sqlalchemy.types import JSON, TypeDecorator

AnySelect: TypeAlias = Select[*tuple[Any, ...]]
AnyRow: TypeAlias = Row[*tuple[Any, ...]]

ASK_AFTER = 30  # seconds unused, after which a pooled connection is asked whether it still answers

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, stored in UTC; naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """Read an instant; those of SQLite, which are text, in one step: lists hold hundreds of them."""
        return _read_sqlite if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _read_sqlite(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(f"{text}+00:00")


def enum_type(enum: type[Enum], *, name: str | None = None, length: int = 40) -> SqlEnum:
    """Return a column type storing the enum's values as text, with a CHECK of the allowed ones.

    `name` tells apart the CHECKs of two columns of one table that share an enum.
    """
    return SqlEnum(
        enum,
        native_enum=False,
        length=length,
        create_constraint=True,
        name=name or enum.__name__.lower(),
        values_callable=lambda e: [member.value for member in e],
        validate_strings=True,
    )


class Base(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        dict[str, Any]: JSON(),
        list[str]: JSON(),
    }


class RowId:
    """Integer key, never shown outside."""

    id: Mapped[int] = mapped_column(primary_key=True)


def new_ref() -> str:
    """Return a random public reference: 72 bits, URL-safe, 12 characters."""
    return secrets.token_urlsafe(9)


class PublicRef:
    """Random public reference, the only identifier that URLs carry."""

    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)


class Timestamps:
    """Instants given by the service's clock, never by the database."""

    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Versioned:
    """Optimistic lock: each UPDATE checks and increments `version`; forms carry it back."""

    version: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}


def fetch(
    session: Session, statement: AnySelect, values: Mapping[str, Any] | None = None
) -> Sequence[AnyRow]:
    """Read columns in the session's transaction without going through the ORM, whose share is half the cost.

    For what every page reads. The statement is best built once and kept: SQLAlchemy then recognises it
    without looking into it.
    """
    session.flush()
    return session.connection().execute(statement, values or {}).all()


class _Reading(Session):
    """A session that ends by COMMIT, having nothing to undo.

    After a ROLLBACK psycopg forgets the statements that the server keeps planned for it, and planning is
    half of what a page asks of PostgreSQL.
    """

    def close(self) -> None:
        """Commit, then close."""
        self.expunge_all()
        if self.in_transaction():
            with suppress(SQLAlchemyError):  # the connection is lost: what is below lets go of it
                self.commit()
        super().close()


class Database:
    """Engine and session factory of one database.

    A session opened with `write=True` begins with BEGIN IMMEDIATE on SQLite, so that two writers
    queue instead of failing in the middle (busy timeout: 10 seconds).
    """

    def __init__(self, url: str | URL, *, echo: bool = False) -> None:
        self.url = make_url(url)
        self.info: dict[str, Any] = {}  # what every session carries: `session.info`
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        options: dict[str, Any] = {"echo": echo}
        if not self.is_sqlite:
            options |= {"pool_size": 5, "max_overflow": 5}
        self.engine: Engine = create_engine(self.url, hide_parameters=True, **options)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False, info=self.info)
        self._readings = self._sessions
        if self.is_sqlite:
            _prepare_sqlite(self.engine)
        else:
            _prepare_postgresql(self.engine)
            read_only = self.engine.execution_options(postgresql_readonly=True)
            self._readings = sessionmaker(read_only, class_=_Reading, expire_on_commit=False, info=self.info)

    def session(self, *, write: bool = False) -> Session:
        """Return a new session; the caller commits or closes it."""
        session = self._sessions()
        if write and self.is_sqlite:
            session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})
        return session

    def reading(self) -> Session:
        """Return a new session for a page that only reads; PostgreSQL refuses any writing in it."""
        return self._readings()

    def answers(self) -> bool:
        """Tell whether the database answers."""
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            return False
        return True

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin by itself: see on_begin
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=10000",
            "cache_size=-8000",
            "temp_store=MEMORY",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Any) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")


def _prepare_postgresql(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.execute("SET jit = off")  # compiling a page's counts costs more than it saves
        connection.commit()

    @event.listens_for(engine, "checkin")
    def on_checkin(_connection: Any, record: Any) -> None:
        record.info["since"] = monotonic()

    @event.listens_for(engine, "checkout")
    def on_checkout(connection: Any, record: Any, _proxy: Any) -> None:
        """Make sure that a pooled connection still answers, asking the server only in doubt.

        A server that ends a connection says so on it: while there is nothing to read it was not ended. One
        long unused may have been cut silently on the way.
        """
        unused = monotonic() - record.info.get("since", monotonic())
        if unused < ASK_AFTER and not _has_something_to_read(connection.fileno()):
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error  # the pool opens another one


def _has_something_to_read(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
