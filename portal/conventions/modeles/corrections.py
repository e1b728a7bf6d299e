"""Correcting how a Word model was understood: merging, splitting, naming, colouring, conditions. Pure.

Each correction returns a new model, with the words of the file. What would not hold together is refused.
"""

from collections.abc import Callable
from dataclasses import replace

from portal.conventions.modeles.composition import ANNEXES
from portal.conventions.modeles.contenu import Article, Clause, Condition, Modele, Parametre, TypeParametre
from portal.conventions.modeles.import_word import AJOUTES, code_de_champ, code_libre
from portal.conventions.modeles.lecture import fautes
from portal.conventions.modeles.texte import CHAMP, afficher, champs
from portal.conventions.modeles.valeurs import LONGUEUR_LIGNE
from portal.documents.texte import Couleur
from portal.shared.errors import DomainError
from portal.shared.messages import N_, register

register(
    {
        "modeles.correction_clause": N_("Cette clause n’existe plus : relisez la page."),
        "modeles.correction_champ": N_("Ce champ n’existe plus : relisez la page."),
        "modeles.correction_premiere": N_(
            "Cette clause est la première de son article : elle n’a pas de clause précédente à rejoindre."
        ),
        "modeles.correction_paragraphe": N_("Choisissez un paragraphe après le premier."),
        "modeles.correction_extrait": N_("Ce passage n’est pas dans le texte fixe de la clause."),
        "modeles.correction_titre": N_("Donnez un titre."),
        "modeles.correction_titre_champ": N_(
            "Ce paragraphe contient un champ : écrivez vous-même le titre de la nouvelle clause."
        ),
        "modeles.correction_code_reserve": N_("Le code « %(nom)s » est réservé à une partie du modèle."),
        "modeles.correction_code_article": N_("Un article porte déjà le code « %(nom)s »."),
        "modeles.correction_article_premier": N_("Cet article est le premier : rien ne le précède."),
        "modeles.correction_debut_article": N_("Cette clause commence déjà son article."),
        "modeles.correction_mention": N_(
            "La clause n’a qu’un paragraphe, ou le dernier porte un champ : rien n’est à fixer à sa fin."
        ),
        "modeles.correction_consigne": N_("Dites en une phrase à quoi faire attention."),
        "modeles.correction_refusee": N_("Cette correction ne tient pas : %(liste)s."),
    }
)

RESERVES = frozenset({*AJOUTES, ANNEXES})
"""Codes that say what is around the text of the file: no clause takes them."""


def fusionner(modele: Modele, code: str) -> Modele:
    """Join a clause to the one before it in its article; its heading becomes a paragraph."""
    article, clause = _trouver(modele, code)
    rang = article.clauses.index(clause)
    if rang == 0:
        raise DomainError("modeles.correction_premiere")
    precedente = _sans_mention(article.clauses[rang - 1])
    avant, apres = _fixe(precedente), _distincte(_fixe(clause), precedente)
    ensemble = replace(
        avant,
        texte="\n\n".join(part for part in (avant.texte, apres.titre, apres.texte) if part),
        parametres=(*avant.parametres, *apres.parametres),
        mention=apres.mention,
    )
    clauses = (*article.clauses[: rang - 1], ensemble, *article.clauses[rang + 1 :])
    return _avec(modele, article, clauses)


def couper(modele: Modele, code: str, paragraphe: int, titre: str) -> Modele:
    """Make a clause of its own of what follows a paragraph; `paragraphe` is the rank of the first moved."""
    article, clause = _trouver(modele, code)
    parties = clause.texte.split("\n\n")
    if not 0 < paragraphe < len(parties):
        raise DomainError("modeles.correction_paragraphe", "paragraphe")
    debut, fin = "\n\n".join(parties[:paragraphe]), "\n\n".join(parties[paragraphe:])
    nouveau = code_libre(f"{article.code}.1", {un.code for un in modele.clauses()})
    garde, suite = set(champs(debut)), set(champs(fin))
    rang = article.clauses.index(clause)
    clauses = (
        *article.clauses[:rang],
        replace(
            clause,
            texte=debut,
            parametres=tuple(p for p in clause.parametres if p.code in garde),
            mention="",
        ),
        Clause(
            nouveau,
            _titre(titre),
            clause.couleur,
            fin,
            tuple(p for p in clause.parametres if p.code in suite),
            clause.condition,
            mention=clause.mention,
        ),
        *article.clauses[rang + 1 :],
    )
    return _avec(modele, article, clauses)


def titrer(modele: Modele, code: str, paragraphe: int) -> Modele:
    """Split like `couper`, the first paragraph moved being the title of the new clause."""
    _article, clause = _trouver(modele, code)
    parties = clause.texte.split("\n\n")
    if not 0 < paragraphe < len(parties):
        raise DomainError("modeles.correction_paragraphe", "paragraphe")
    if champs(parties[paragraphe]):
        raise DomainError("modeles.correction_titre_champ", "titre")
    titre = parties[paragraphe].removeprefix("- ")
    coupe = couper(modele, code, paragraphe, titre)
    nouvelle = clause_suivante(coupe, code)
    texte = nouvelle.texte.partition("\n\n")[2]
    return _changer(coupe, nouvelle.code, lambda une: replace(une, texte=texte))


def clause_suivante(modele: Modele, code: str) -> Clause:
    """Return the clause that follows another in its article."""
    article, clause = _trouver(modele, code)
    return article.clauses[article.clauses.index(clause) + 1]


def renommer(modele: Modele, code: str, nouveau: str, titre: str) -> Modele:
    """Give a clause another code and another title; its article too when the two share one heading."""
    titre = _titre(titre)
    nouveau = nouveau.strip().upper()
    article, _clause = _trouver(modele, code)
    if nouveau != code:
        if nouveau in RESERVES:
            raise DomainError("modeles.correction_code_reserve", "code", nom=nouveau)
        if any(un.code == nouveau for un in modele.articles):
            raise DomainError("modeles.correction_code_article", "code", nom=nouveau)
    clauses = tuple(replace(c, code=nouveau, titre=titre) if c.code == code else c for c in article.clauses)
    if article.code == code:
        return _remplacer(modele, article, (replace(article, code=nouveau, titre=titre, clauses=clauses),))
    return _avec(modele, article, clauses)


def renommer_article(modele: Modele, code: str, titre: str) -> Modele:
    """Give an article another title, and to the clause that shares its heading."""
    article = _article_de(modele, code)
    titre = _titre(titre)
    clauses = tuple(replace(c, titre=titre) if c.code == code else c for c in article.clauses)
    return _remplacer(modele, article, (replace(article, titre=titre, clauses=clauses),))


def rattacher(modele: Modele, code: str) -> Modele:
    """Put the clauses of an article at the end of the one before it; its heading becomes that of a clause."""
    article = _article_de(modele, code)
    rang = modele.articles.index(article)
    if rang == 0:
        raise DomainError("modeles.correction_article_premier")
    clauses = article.clauses
    if article.code != ANNEXES and article.code not in {clause.code for clause in clauses}:
        clauses = (Clause(article.code, article.titre, Couleur.FIXE, ""), *clauses)
    avant = modele.articles[rang - 1]
    ensemble = replace(avant, clauses=(*avant.clauses, *clauses))
    articles = (*modele.articles[: rang - 1], ensemble, *modele.articles[rang + 1 :])
    return _sans_faute(modele, replace(modele, articles=articles))


def detacher(modele: Modele, code: str, nouveau: str) -> Modele:
    """Begin an article at a clause, which takes its code `nouveau` and gives it its heading."""
    nouveau = nouveau.strip().upper()
    article, clause = _trouver(modele, code)
    rang = article.clauses.index(clause)
    if rang == 0:
        raise DomainError("modeles.correction_debut_article")
    if nouveau in RESERVES:
        raise DomainError("modeles.correction_code_reserve", "code", nom=nouveau)
    if any(un.code == nouveau for un in modele.articles):
        raise DomainError("modeles.correction_code_article", "code", nom=nouveau)
    tete = replace(clause, code=nouveau)
    return _remplacer(
        modele,
        article,
        (
            replace(article, clauses=article.clauses[:rang]),
            Article(nouveau, clause.titre, (tete, *article.clauses[rang + 1 :])),
        ),
    )


def signaler(modele: Modele, code: str, consigne: str) -> Modele:
    """Mark a clause ★ and say why; an empty sentence takes the mark away."""
    texte = " ".join(consigne.split())
    return _changer(modele, code, lambda clause: replace(clause, attention=bool(texte), consigne=texte))


def fixer_la_fin(modele: Modele, code: str) -> Modele:
    """Make of the last paragraph of a clause the sentence that it carries whatever is written (6.3)."""

    def change(clause: Clause) -> Clause:
        debut, separe, fin = clause.texte.rpartition("\n\n")
        if not separe or clause.mention or CHAMP.search(fin) or fin.startswith(("-", "|", " ")):
            raise DomainError("modeles.correction_mention")
        return replace(clause, texte=debut, mention=fin)

    return _changer(modele, code, change)


def liberer_la_fin(modele: Modele, code: str) -> Modele:
    """Make an ordinary paragraph of the sentence that a clause carries."""
    return _changer(modele, code, _sans_mention)


def colorer(modele: Modele, code: str, couleur: Couleur) -> Modele:
    """Say who may write the text of a whole clause; its fields keep their own colour."""
    return _changer(modele, code, lambda clause: replace(clause, couleur=couleur))


def conditionner(modele: Modele, code: str, condition: Condition) -> Modele:
    """Keep a clause for the operators of these natures, families and facts alone, else for everyone."""
    return _changer(modele, code, lambda clause: replace(clause, condition=condition))


def definir(modele: Modele, code: str, champ: str, parametre: Parametre) -> Modele:
    """Replace a field: its code, name, colour, type, default, bounds."""

    def change(clause: Clause) -> Clause:
        _champ(clause, champ)
        texte = CHAMP.sub(
            lambda trouve: f"{{{{{parametre.code}}}}}" if trouve[1] == champ else trouve[0], clause.texte
        )
        remplaces = tuple(parametre if p.code == champ else p for p in clause.parametres)
        return replace(clause, texte=texte, parametres=remplaces)

    return _changer(modele, code, change)


def marquer(modele: Modele, code: str, extrait: str, couleur: Couleur) -> Modele:
    """Make a field of a passage of the fixed text, at its first place."""
    extrait = extrait.strip()

    def change(clause: Clause) -> Clause:
        place = clause.texte.find(extrait) if extrait else -1
        if place < 0 or "\n" in extrait or "{{" in extrait or _dans_un_champ(clause.texte, place):
            raise DomainError("modeles.correction_extrait", "extrait")
        nom = code_de_champ(extrait, {p.code for p in clause.parametres})
        genre = TypeParametre.TEXTE if len(extrait) <= LONGUEUR_LIGNE else TypeParametre.TEXTE_LONG
        return replace(
            clause,
            texte=f"{clause.texte[:place]}{{{{{nom}}}}}{clause.texte[place + len(extrait) :]}",
            parametres=(*clause.parametres, Parametre(nom, extrait[:80], couleur, genre, extrait)),
        )

    return _changer(modele, code, change)


def demarquer(modele: Modele, code: str, champ: str) -> Modele:
    """Make fixed text of a field: its default takes its place."""

    def change(clause: Clause) -> Clause:
        parametre = _champ(clause, champ)
        ecrit = afficher(parametre, parametre.defaut)
        texte = CHAMP.sub(lambda trouve: ecrit if trouve[1] == champ else trouve[0], clause.texte)
        gardes = tuple(p for p in clause.parametres if p.code != champ)
        return replace(clause, texte=texte, parametres=gardes)

    return _changer(modele, code, change)


def _article_de(modele: Modele, code: str) -> Article:
    for article in modele.articles:
        if article.code == code:
            return article
    raise DomainError("modeles.correction_clause")


def _trouver(modele: Modele, code: str) -> tuple[Article, Clause]:
    for article in modele.articles:
        for clause in article.clauses:
            if clause.code == code:
                return article, clause
    raise DomainError("modeles.correction_clause")


def _champ(clause: Clause, code: str) -> Parametre:
    for parametre in clause.parametres:
        if parametre.code == code:
            return parametre
    raise DomainError("modeles.correction_champ")


def _changer(modele: Modele, code: str, change: Callable[[Clause], Clause]) -> Modele:
    article, clause = _trouver(modele, code)
    return _avec(modele, article, tuple(change(un) if un is clause else un for un in article.clauses))


def _avec(modele: Modele, article: Article, clauses: tuple[Clause, ...]) -> Modele:
    """Return the model with other clauses in an article, unless that brings a new fault."""
    return _remplacer(modele, article, (replace(article, clauses=clauses),))


def _remplacer(modele: Modele, article: Article, par: tuple[Article, ...]) -> Modele:
    rang = modele.articles.index(article)
    articles = (*modele.articles[:rang], *par, *modele.articles[rang + 1 :])
    return _sans_faute(modele, replace(modele, articles=articles))


def _sans_faute(modele: Modele, corrige: Modele) -> Modele:
    connues = set(fautes(modele))
    if nouvelles := [faute for faute in fautes(corrige) if faute not in connues]:
        raise DomainError("modeles.correction_refusee", liste=" ; ".join(nouvelles[:3]))
    return corrige


def _sans_mention(clause: Clause) -> Clause:
    texte = "\n\n".join(part for part in (clause.texte, clause.mention) if part)
    return replace(clause, texte=texte, mention="")


def _fixe(clause: Clause) -> Clause:
    """Return a clause whose colour is that of fields: a wholly green or yellow text is one long field."""
    if clause.couleur is Couleur.FIXE or not clause.texte:
        return replace(clause, couleur=Couleur.FIXE)
    if clause.parametres:
        raise DomainError(
            "modeles.correction_refusee", liste=f"clause {clause.code} : texte et champs de couleurs mêlées"
        )
    nom = code_de_champ(clause.titre, set())
    champ = Parametre(nom, clause.titre[:80], clause.couleur, TypeParametre.TEXTE_LONG, clause.texte)
    return replace(clause, couleur=Couleur.FIXE, texte=f"{{{{{nom}}}}}", parametres=(champ,))


def _distincte(clause: Clause, autre: Clause) -> Clause:
    """Return a clause none of whose fields bears the code of one of another clause."""
    pris = {p.code for p in _fixe(autre).parametres}
    noms: dict[str, str] = {}
    for parametre in clause.parametres:
        noms[parametre.code] = code_de_champ(parametre.code, pris | set(noms.values()))
    texte = CHAMP.sub(lambda trouve: f"{{{{{noms.get(trouve[1], trouve[1])}}}}}", clause.texte)
    return replace(
        clause, texte=texte, parametres=tuple(replace(p, code=noms[p.code]) for p in clause.parametres)
    )


def _dans_un_champ(texte: str, place: int) -> bool:
    return any(trouve.start() <= place < trouve.end() for trouve in CHAMP.finditer(texte))


def _titre(titre: str) -> str:
    propre = " ".join(titre.split())
    if not propre:
        raise DomainError("modeles.correction_titre", "titre")
    return propre
