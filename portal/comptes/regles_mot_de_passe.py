"""What a password must be: long, and neither common nor made of what anyone would try first."""

from portal.comptes.saisie import normalise_email
from portal.security.passwords import MINIMUM_LENGTH
from portal.shared.errors import DomainError
from portal.shared.text import normalise

MAXIMUM_LENGTH = 128  # hashing costs by length

# The most common passwords of twelve characters and more, without their figures, accents nor spaces.
_COMMON = frozenset(
    """
    motdepasse monmotdepasse motdepassemotdepasse nouveaumotdepasse changezmoi changemoi jechangerai
    administrateur administration administrator adminadmin bienvenue bienvenuebienvenue bonjourbonjour
    bonjourtoutlemonde jetaime jetaimejetaime jetaimemonamour monamour monamourpourtoi doudoudoudou
    loulouloulou marseille parissaintgermain olympiquedemarseille allezlesbleus francefrance vivelafrance
    azertyazerty azertyuiop azertyuiopqsdfghjklm qsdfghjklm wxcvbn azerty azertyuiopqsdf qwertyuiop
    qwertyuiopasdfghjkl qwertyqwerty password passwordpassword mypassword thisispassword passphrase
    welcomewelcome letmeinletmein iloveyou iloveyouiloveyou changemechangeme secretsecret
    correcthorsebatterystaple troubador supersecret superadministrateur utilisateur siaosiao
    portailsiao portaildespartenaires hebergement hebergementlogement logementlogement
    abcdefghijkl abcdefghijklmnop abcabcabcabc qweasdzxc aqwzsxedc azeqsdwxc poiuytreza
    """.split()  # noqa: SIM905  (a readable list)
)
_SEQUENCES = (
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789" * 3,
    "azertyuiopqsdfghjklmwxcvbn",
    "qwertyuiopasdfghjklzxcvbnm",
)


def check_new_password(password: str, email: str, field: str = "mot_de_passe") -> None:
    """Raise DomainError on `field` when the password will not do for the account of that e-mail."""
    if len(password) < MINIMUM_LENGTH:
        raise DomainError("comptes.mot_de_passe_court", field, minimum=MINIMUM_LENGTH)
    if len(password) > MAXIMUM_LENGTH:
        raise DomainError("comptes.mot_de_passe_long", field, maximum=MAXIMUM_LENGTH)
    bare = normalise(password).replace(" ", "")
    if _is_the_email(bare, email):
        raise DomainError("comptes.mot_de_passe_personnel", field)
    letters = "".join(char for char in bare if char.isalpha())
    if len(set(password)) < 5 or letters in _COMMON or _repeats(bare) or _follows(bare):
        raise DomainError("comptes.mot_de_passe_courant", field)


def _is_the_email(bare: str, email: str) -> bool:
    whole, local = (
        normalise(part).replace(" ", "") for part in (email, normalise_email(email).split("@")[0])
    )
    return bool(bare) and bare.rstrip("0123456789") in {whole, local}


def _repeats(text: str) -> bool:
    """Tell whether the text repeats one block of at most six characters."""
    return any(len(text) > size and (text[:size] * len(text))[: len(text)] == text for size in range(1, 7))


def _follows(text: str) -> bool:
    """Tell whether the text follows the alphabet, the figures or the keyboard, either way."""
    return len(text) >= 6 and any(text in line or text[::-1] in line for line in _SEQUENCES)
