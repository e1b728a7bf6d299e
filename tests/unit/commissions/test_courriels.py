"""What the subjects of the e-mails about dossiers say."""

from datetime import UTC, datetime

import pytest

from portal.notifications.messages import render

LE = datetime(2026, 4, 14, 8, tzinfo=UTC)


def deplaces(cause: str, *debuts: datetime | None) -> tuple[str, str]:
    """Return the e-mail that tells where some dossiers went, by when each will be examined."""
    lignes = [
        {"code": f"D-{rang}", "reference": f"ref{rang}", "debut": debut, "couvert": True, "lieu": ""}
        for rang, debut in enumerate(debuts)
    ]
    return render(
        "dossiers/deplaces",
        "fr",
        {
            "commission": "CUO",
            "debut": LE,
            "fuseau": "Europe/Paris",
            "cause": cause,
            "motif": "",
            "dossiers": lignes,
        },
    )


@pytest.mark.parametrize(
    ("debuts", "sujet"),
    [
        ((LE,), "Dossier D-0 : séance du 14 avril 2026, 10:00"),
        ((None,), "Dossier D-0 : en attente d’une séance"),
        ((LE, LE), "2 dossiers : nouvelle séance"),
        ((None, None), "2 dossiers : en attente d’une séance"),
        ((LE, None, LE), "3 dossiers : 2 à une nouvelle séance, 1 en attente"),
        ((None, LE, None), "3 dossiers : 1 à une nouvelle séance, 2 en attente"),
    ],
)
def test_the_subject_says_which_dossiers_have_a_session(
    debuts: tuple[datetime | None, ...], sujet: str
) -> None:
    assert " ".join(deplaces("close", *debuts)[0].split()) == sujet


def test_another_place_is_no_new_session() -> None:
    assert deplaces("lieu", LE, LE)[0] == "2 dossiers : autre lieu pour la séance du 14 avril 2026, 10:00"
