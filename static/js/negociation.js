/* A text that several people negotiate: the page learns what the others do, part by part.

   Contract with the server
   - data-direct="/url" data-numero="42": GET /url?n=42 every four seconds; 204 when nothing is new, else an
     element that carries the new data-numero and the parts to replace, each by its id; 403 or 404 when what is
     shown may not be read any more: the page is asked for anew, and says so. A failure keeps what is shown.
   - data-menage: it is of a household, and no text begun keeps it on the screen.
   - data-annonce is spoken. A part in which one is writing is left alone, and says that it is out of date
     with the answer's data-garde; so is one with data-saisie, which holds words that were refused.
   - data-cadre: a frame that scrolls, which stays where it was. data-perdue is shown while the portal cannot
     be reached, then data-retablie for a while once the page caught up. */
(() => {
  "use strict";

  const PERIODE = 4000;
  const LENT = 60000;
  const RASSURE = 15000;
  const racine = document.querySelector("[data-direct]");
  if (!racine) return;

  const annoncer = (texte) => {
    const region = document.getElementById("annonces");
    if (!region || !texte) return;
    region.textContent = "";
    setTimeout(() => { region.textContent = texte; }, 80);
  };

  const champ = "input:not([type=hidden]), select, textarea";
  const differe = (c) => (c.matches("select")
    ? [...c.options].some((o) => o.selected !== o.defaultSelected && (o.selected || c.multiple))
    : ["checkbox", "radio"].includes(c.type) ? c.checked !== c.defaultChecked : c.value !== c.defaultValue);
  const ecriture = (partie) => partie.matches("[data-saisie]") || partie.contains(document.activeElement) && document.activeElement.matches(champ)
    || [...partie.querySelectorAll(champ)].some(differe);

  const garder = (partie, reponse) => {
    const avis = reponse.querySelector("[data-garde]");
    if (!avis || partie.querySelector("[data-garde]")) return;
    const copie = document.importNode(avis, true);
    copie.hidden = false;
    partie.prepend(copie);
  };

  const remplacer = (ancienne, nouvelle) => {
    const ouverts = new Set([...ancienne.querySelectorAll("details[open][id]")].map((d) => d.id));
    const focus = ancienne.contains(document.activeElement) ? document.activeElement : null;
    const reprise = focus && { id: focus.id, href: focus.getAttribute("href"), texte: focus.textContent };
    const cadres = (partie) => [partie, ...partie.querySelectorAll("[data-cadre]")];
    const places = cadres(ancienne).map((cadre) => [cadre.scrollLeft, cadre.scrollTop]);
    nouvelle.querySelectorAll("details[id]").forEach((d) => { if (ouverts.has(d.id)) d.open = true; });
    ancienne.replaceWith(nouvelle);
    cadres(nouvelle).forEach((cadre, rang) => { [cadre.scrollLeft, cadre.scrollTop] = places[rang] || [0, 0]; });
    if (!reprise) return;
    const cible = (reprise.id && document.getElementById(reprise.id))
      || [...nouvelle.querySelectorAll("a, button, summary")].find((e) => (reprise.href
        ? e.getAttribute("href") === reprise.href
        : e.textContent === reprise.texte));
    cible?.focus({ preventScroll: true });
  };

  const appliquer = (html) => {
    const modele = document.createElement("template");
    modele.innerHTML = html.trim();
    const reponse = modele.content.firstElementChild;
    if (!reponse) return;
    racine.dataset.numero = reponse.dataset.numero;
    const paroles = [...reponse.querySelectorAll("[data-annonce]")].map((p) => p.textContent.trim());
    [...reponse.querySelectorAll(":scope > [id]")].forEach((nouvelle) => {
      const ancienne = document.getElementById(nouvelle.id);
      if (!ancienne) return;
      if (ecriture(ancienne)) garder(ancienne, reponse);
      else remplacer(ancienne, nouvelle);
    });
    annoncer(paroles.join(" "));
  };

  const courante = document.querySelector(".nego-clause .clauses-ligne[aria-current]");
  const liste = courante?.closest(".nego-liste");
  if (liste) liste.scrollTop = courante.offsetTop - liste.clientHeight / 3;

  const coupure = document.querySelector("[data-perdue]");
  const retour = document.querySelector("[data-retablie]");
  const couper = (perdue) => {
    if (!coupure || coupure.hidden !== perdue) return;
    coupure.hidden = !perdue;
    const dit = perdue ? coupure : retour;
    if (retour) retour.hidden = perdue;
    if (!dit) return;
    annoncer(dit.textContent.trim());
    if (!perdue) setTimeout(() => { retour.hidden = true; }, RASSURE);
  };

  let attente = PERIODE;
  let minuterie = 0;
  const tour = async () => {
    if (!document.hidden) {
      try {
        const url = new URL(racine.dataset.direct, location.href);
        url.searchParams.set("n", racine.dataset.numero);
        const reponse = await fetch(url, {
          credentials: "same-origin",
          headers: { "HX-Request": "true", "X-Veille": "1" },
        });
        if (reponse.status === 403 || reponse.status === 404) {
          if (racine.matches("[data-menage]")) {
            document.querySelectorAll("form[data-modifie]").forEach((f) => { delete f.dataset.modifie; });
          }
          // By its address: a page that answered a form would send the form again.
          location.replace(location.pathname + location.search);
        }
        attente = reponse.ok ? PERIODE : Math.min(attente * 2, LENT);
        if (reponse.ok) document.querySelector('[data-panne="coupure"]')?.remove(); // the portal answers again
        if (reponse.status === 200) appliquer(await reponse.text());
        couper(!reponse.ok && reponse.status !== 401); // signed out, the portal asks to sign in again
      } catch {
        attente = Math.min(attente * 2, LENT);
        couper(true);
      }
    }
    minuterie = setTimeout(tour, attente);
  };
  minuterie = setTimeout(tour, attente);
  addEventListener("online", () => {
    clearTimeout(minuterie);
    tour();
  });
})();
