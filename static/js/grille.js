/* Filling a section of the grid: what one types is sent as one goes, and never waits for the server.

   Contract with the server
   - form[data-grille] is posted whole; the answer replaces #grille-etat, and by their id the parts that the server
     says (version, errors, words to read again, computed values): never what one types in.
   - 409: somebody saved first, both texts are shown; nothing more is sent until one of the buttons is pressed.
   - A button's data-suite, a link's data-apres-enregistrement: where to go once what was typed is saved.
   - When the connection drops, what was typed stays in the page's own memory, is tried again, and leaving warns
     (portal.js: form[data-modifie]). Nothing is ever written in the browser's storage. */
(() => {
  "use strict";

  const formulaire = document.querySelector("form[data-grille]");
  if (!formulaire || !window.htmx) return;

  const REPOS = 1200; // milliseconds without typing
  const ESSAIS = [3000, 6000, 12000, 30000];
  const textes = formulaire.dataset;
  let saisies = 0; // what was typed so far
  let parties = 0; // what of it left
  let enCours = false;
  let rate = 0; // trials that failed in a row
  let arrete = false; // a conflict, the session over, no right any more: only a button sends again
  let minuterie = 0;
  let suite = null;
  let voulu = null; // {bouton}: asked by a button, sent as soon as the line is free

  const annoncer = (texte) => {
    const region = document.getElementById("annonces");
    if (!region) return;
    region.textContent = "";
    setTimeout(() => { region.textContent = texte; }, 80);
  };

  const montrer = (texte, alerte = false) => {
    const etat = document.getElementById("grille-etat");
    if (etat.querySelector("[data-conflit]")) return;
    const ligne = document.createElement("p");
    ligne.className = "grille-enregistree";
    ligne.textContent = texte;
    if (alerte) ligne.dataset.alerte = "";
    etat.replaceChildren(ligne);
  };

  const plusTard = (delai) => {
    clearTimeout(minuterie);
    minuterie = setTimeout(() => envoyer(null), delai);
  };

  function envoyer(bouton) {
    clearTimeout(minuterie);
    if (enCours) {
      if (bouton) voulu = { bouton };
      return;
    }
    if (arrete && !bouton) return;
    enCours = true;
    arrete = false;
    voulu = null;
    parties = saisies;
    if (!rate) montrer(textes.texteEnvoi);
    window.htmx.ajax("POST", formulaire.getAttribute("action"), {
      source: formulaire, // whose own attributes say what the answer replaces
      target: "#grille-etat",
      swap: "outerHTML",
      headers: bouton ? {} : { "X-Automatique": "1" },
      values: bouton?.name === "version_vue" ? { version_vue: bouton.value } : {},
    });
  }

  const partir = () => {
    if (!suite) return;
    const adresse = suite;
    suite = null;
    location.assign(adresse);
  };

  const marquer = () => {
    formulaire.querySelectorAll("[id^='erreur-']").forEach((zone) => {
      const champ = document.getElementById(zone.id.slice("erreur-".length));
      champ?.closest(".champ")?.classList.toggle("champ-invalide", !zone.hidden);
      if (champ?.matches("input, textarea")) champ.toggleAttribute("aria-invalid", !zone.hidden);
    });
  };

  const reussir = () => {
    if (rate) annoncer(textes.texteRetabli);
    rate = 0;
    arrete = false;
    if (saisies === parties) {
      delete formulaire.dataset.modifie;
      partir();
    } else {
      formulaire.dataset.modifie = "1";
      montrer(textes.texteModifie);
      plusTard(suite ? 0 : REPOS);
    }
  };

  const echouer = (code) => {
    formulaire.dataset.modifie = "1";
    if (code === 401) { // portal.js asks to sign in again, then sends once more
      arrete = true;
      montrer(textes.texteSession, true);
      return;
    }
    suite = null;
    if (code === 409 || code === 422) {
      rate = 0;
      arrete = code === 409;
    } else if (code === 403 || code === 404) {
      arrete = true;
      montrer(textes.texteRefus, true);
      annoncer(textes.texteRefus);
    } else {
      const texte = code ? textes.textePanne : textes.texteCoupure;
      if (!rate) annoncer(texte);
      montrer(texte, true);
      plusTard(ESSAIS[Math.min(rate, ESSAIS.length - 1)]);
      rate += 1;
    }
  };

  const lien = (e) => e.target === formulaire;

  formulaire.addEventListener("htmx:configRequest", (e) => {
    if (lien(e)) e.detail.timeout = 15000;
  });

  // Replaced parts come after the answer: what follows waits for them.
  formulaire.addEventListener("htmx:afterRequest", (e) => {
    if (!lien(e)) return;
    const code = e.detail.xhr?.status ?? 0;
    enCours = false;
    setTimeout(() => {
      marquer();
      if (code >= 200 && code < 300) reussir();
      else echouer(code);
      if (voulu) envoyer(voulu.bouton);
    });
  });

  // The page says it in its own place: no banner at each trial.
  ["htmx:sendError", "htmx:timeout", "htmx:responseError"].forEach((nom) => {
    formulaire.addEventListener(nom, (e) => { if (lien(e)) e.stopPropagation(); });
  });

  const typer = (e, delai) => {
    if (e.target.name === "version" || !e.target.name) return;
    saisies += 1;
    if (rate || arrete) return;
    if (!enCours) montrer(textes.texteModifie);
    plusTard(delai);
  };
  formulaire.addEventListener("input", (e) => typer(e, REPOS));
  formulaire.addEventListener("change", (e) => typer(e, 250));

  formulaire.addEventListener("click", (e) => {
    const bouton = e.target.closest("button[type=submit]");
    if (!bouton) return;
    e.preventDefault();
    suite = bouton.dataset.suite ?? null;
    envoyer(bouton);
  });

  document.addEventListener("click", (e) => {
    const aller = e.target.closest("a[data-apres-enregistrement]");
    if (!aller || !formulaire.dataset.modifie || e.ctrlKey || e.metaKey || e.shiftKey) return;
    e.preventDefault();
    suite = aller.href;
    if (!enCours) envoyer(null);
  });

  addEventListener("online", () => { if (rate) envoyer(null); });
})();
