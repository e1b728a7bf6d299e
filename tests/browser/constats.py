"""What Chromium says of each page: axe, console, requests, overflow."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from tests.browser.serveur import Site
from tests.browser.visites import Objets, Role, Vue, cookies_of

AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN_AXE = """async (tags) => {
  const runOnly = { type: "tag", values: tags };
  const { violations } = await axe.run(document, { runOnly, resultTypes: ["violations"] });
  const texte = (v, n) => `${v.id} ${n.target.join(" ")} ${n.failureSummary}`;
  return violations.flatMap((v) => v.nodes.map((n) => texte(v, n)));
}"""
# Widths: that of an office screen, and the narrowest that WCAG 1.4.10 asks for.
ECRAN, ETROIT = 1280, 320
OVERFLOW = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
# Each room has a stylesheet of its own: the open page takes those of the next one before its body.
REPLACE = """async (html) => {
  const next = new DOMParser().parseFromString(html, "text/html");
  const sheets = (one) => [...one.head.querySelectorAll("link[rel=stylesheet]")];
  const wanted = sheets(next), kept = sheets(document).map((sheet) => sheet.href);
  const useless = sheets(document).filter((one) => !wanted.some((other) => other.href === one.href));
  useless.forEach((one) => one.remove());
  await Promise.all(wanted.filter((one) => !kept.includes(one.href)).map((one) => new Promise((done) => {
    const added = document.createElement("link");
    added.rel = "stylesheet";
    added.href = one.href;
    added.onload = added.onerror = done;
    document.head.append(added);
  })));
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


def depliees(page: Page, vues: set[str]) -> list[str]:
    """Return what axe finds wrong once each long list of the page is unfolded by typing in its box.

    `vues`: the lists unfolded so far, by their names: a list is the same on another page.
    """
    found = []
    boxes = page.locator("main .filtre-choix")
    for rank in range(boxes.count()):
        box = boxes.nth(rank)
        name = box.get_attribute("aria-label") or ""
        if name in vues:
            continue
        vues.add(name)
        box.evaluate("(one) => { const menu = one.closest('details'); if (menu) menu.open = true; }")
        box.fill("e")
        found += axe(page)
        box.fill("")
        box.evaluate("(one) => { const menu = one.closest('details'); if (menu) menu.open = false; }")
    return found


def constater(browser: Browser, site: Site, objets: Objets, choisies: list[Vue]) -> Iterator[Constat]:
    """Look at pages in Chromium: in French on a screen, in English on a narrow one.

    Each route is opened once. The other pages of the same route, the refusals and the English take the place
    of the document in an open page: the styles of the portal and axe are already there.
    """
    opened, listes = set[str](), set[str]()
    for role, siennes in groupby(choisies, key=lambda vue: vue.role):
        context = contexte_de(browser, site, role, objets)
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
            if vue.langue == "fr":
                page.set_viewport_size({"width": ECRAN, "height": 900})
                constats[-1].axe = axe(page) + depliees(page, listes)
                page.set_viewport_size({"width": ETROIT, "height": 900})
            if vue.langue == "en":
                constats[-1].axe = axe(page)
            constats[-1].debordement = page.evaluate(OVERFLOW)
        yield from constats
        context.close()


def contexte_de(browser: Browser, site: Site, role: Role, objets: Objets) -> BrowserContext:
    """Return a browser context signed in as a role, on a narrow screen."""
    context = browser.new_context(
        base_url=site.url,
        viewport={"width": ETROIT, "height": 900},
        locale="fr-FR",
        reduced_motion="reduce",
    )
    context.add_cookies(cookies_of(site, role, objets))
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
