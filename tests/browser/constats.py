"""What Chromium says of each page: axe, console, requests, overflow."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from tests.browser.serveur import Site
from tests.browser.visites import Role, Vue, client_of, cookie_of

AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN_AXE = """async (tags) => {
  const runOnly = { type: "tag", values: tags };
  const { violations } = await axe.run(document, { runOnly, resultTypes: ["violations"] });
  const texte = (v, n) => `${v.id} ${n.target.join(" ")} ${n.failureSummary}`;
  return violations.flatMap((v) => v.nodes.map((n) => texte(v, n)));
}"""
# Widths: that of an office screen, of a telephone, and the narrowest that WCAG 1.4.10 asks for.
ECRAN, TELEPHONE, ETROIT = 1280, 390, 320
OVERFLOW = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
REPLACE = """(html) => {
  const next = new DOMParser().parseFromString(html, "text/html");
  document.documentElement.lang = next.documentElement.lang;
  document.title = next.title;
  document.body.replaceWith(document.adoptNode(next.body));
}"""


@dataclass
class Constat:
    """What was seen on one page."""

    vue: Vue
    axe: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    ailleurs: list[str] = field(default_factory=list)
    debordement: int = 0


@dataclass
class Visite:
    """The whole visit: every page as everyone, and what Chromium said of those it opened."""

    vues: list[Vue]
    constats: list[Constat]


def axe(page: Page) -> list[str]:
    """Return what axe finds wrong on the page as it is shown."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    found: list[str] = page.evaluate(RUN_AXE, TAGS)
    return [" ".join(one.split()) for one in found]


def constater(browser: Browser, site: Site, choisies: list[Vue]) -> Iterator[Constat]:
    """Look at pages in Chromium: in French on a screen, in English on a telephone.

    Each route is opened once. The other pages of the same route, the refusals and the English take the place
    of the document in an open page: the styles are the same, axe is already there.
    """
    opened: set[str] = set()
    for role, siennes in groupby(choisies, key=lambda vue: vue.role):
        context = contexte_de(browser, site, role)
        page = context.new_page()
        constats: list[Constat] = []
        _ecouter(page, site, constats)
        for vue in siennes:
            constats.append(Constat(vue))
            if vue.endpoint in opened or vue.refus:
                if page.url == "about:blank":
                    page.goto("/cookies")
                page.evaluate(REPLACE, vue.html)
            else:
                opened.add(vue.endpoint)
                page.goto(vue.url)
            page.set_viewport_size({"width": ECRAN if vue.langue == "fr" else TELEPHONE, "height": 900})
            constats[-1].axe = axe(page)
            page.set_viewport_size({"width": ETROIT, "height": 900})
            constats[-1].debordement = page.evaluate(OVERFLOW)
        yield from constats
        context.close()


def contexte_de(browser: Browser, site: Site, role: Role) -> BrowserContext:
    """Return a browser context signed in as a role."""
    context = browser.new_context(base_url=site.url, locale="fr-FR", reduced_motion="reduce")
    context.set_default_timeout(10_000)
    context.add_cookies(cookie_of(site, client_of(site, role)))
    return context


def _ecouter(page: Page, site: Site, constats: list[Constat]) -> None:
    def on_console(message: ConsoleMessage) -> None:
        # Chromium writes every answer of an error status in the console: those pages are meant.
        if (
            message.type in ("error", "warning")
            and "the server responded with a status of" not in message.text
        ):
            constats[-1].console.append(message.text)

    def on_request(request: Request) -> None:
        if not request.url.startswith((site.url + "/", "data:image/")):
            constats[-1].ailleurs.append(request.url)

    page.on("console", on_console)
    page.on("pageerror", lambda error: constats[-1].console.append(str(error)))
    page.on("request", on_request)
