"""Every table of the portal, imported in one place for migrations and tests."""

import portal.audit.models
import portal.comptes.models
import portal.conventions.models
import portal.documents.models
import portal.jobs.models
import portal.notifications.models
import portal.organisations.models  # noqa: F401  (imported for its tables)
from portal.shared.db import Base

metadata = Base.metadata
