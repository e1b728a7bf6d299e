"""Who follows jobs and who supervises the service (its figures only)."""

from portal.security.permissions import Permission, Profil
from portal.security.policy import allow_profiles

allow_profiles(Permission.TRAVAUX_LIRE, *Profil)  # one's own jobs: see `service.visible_to`
allow_profiles(Permission.TECHNIQUE_SUPERVISER, Profil.ADMIN_TECHNIQUE)
