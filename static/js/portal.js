/* What the pages gain when scripts run; without this file every link and form still works.

   Contract with the server
   - Answers to signed-in requests carry X-Session-Restant: seconds before idle expiry (polls leave the clock alone).
   - POST /session/prolonger answers {"secondes": N}, or 401.
   - 401 means the session is over. GET /connexion?fragment=1 answers the login form alone; posting it answers
     X-CSRF-Token (the new token: signed in) with X-Session-Restant and X-Session-Absolue, or the form again with its errors, or the second factor's form.
   - data-veille="/url" data-etat="7": GET /url?etat=7 every five seconds; 204 nothing new, 200 the new element.
   - A fragment may hold data-erreurs (takes the focus) or data-annonce (is spoken). */
(() => {
  "use strict";

  const un = (selecteur, racine = document) => racine.querySelector(selecteur);
  const tous = (selecteur, racine = document) => [...racine.querySelectorAll(selecteur)];
  const textes = un("#textes")?.dataset ?? {};
  const corps = document.body.dataset;

  /* Speaking, and showing what failed */

  const annoncer = (texte) => {
    const region = un("#annonces");
    if (!region || !texte) return;
    region.textContent = "";
    setTimeout(() => { region.textContent = texte.trim(); }, 80);
  };

  const avertir = (texte) => {
    const zone = un(".messages");
    if (!zone || !texte) return;
    un("[data-panne]", zone)?.remove();
    const avis = document.createElement("div");
    avis.className = "avis ton-danger";
    avis.dataset.panne = "";
    avis.setAttribute("role", "alert");
    zone.append(avis);
    avis.append(Object.assign(document.createElement("div"), { textContent: texte }));
    avis.scrollIntoView({ block: "nearest" });
  };

  const texteDeLErreur = (code) =>
    code === 429 ? textes.trop : code === 403 || code === 404 ? textes.refus : code ? textes.panne : textes.coupure;

  const porterAttention = (racine) => {
    const choisir = (selecteur) => (racine.matches?.(selecteur) ? [racine] : tous(selecteur, racine));
    const [erreurs] = choisir("[data-erreurs]");
    if (erreurs) erreurs.focus();
    else annoncer(choisir("[data-annonce]").map((e) => e.textContent).join(" "));
  };

  /* The session: its clock, its warning, signing in again in place */

  const jeton = () => un('meta[name="csrf-token"]')?.content ?? "";
  const dialogueSession = un("#dialogue-session");
  const dialogueConnexion = un("#dialogue-connexion");
  const enSession = "inactivite" in corps;
  const canal = enSession && "BroadcastChannel" in window ? new BroadcastChannel("session") : null;
  const dansSecondes = (secondes) => Date.now() + Number(secondes) * 1000;
  let finInactivite = dansSecondes(corps.inactivite);
  let finAbsolue = dansSecondes(corps.absolue);
  let averti = false;
  let finie = false;
  let reprise = null;

  const remonterHorloge = (secondes, diffuser = true) => {
    if (!enSession || !secondes) return;
    finInactivite = dansSecondes(secondes);
    averti = finie = false;
    if (dialogueSession.open) dialogueSession.close();
    if (diffuser) canal?.postMessage(secondes);
  };
  const sessionFinie = () => enSession && Date.now() >= Math.min(finInactivite, finAbsolue);

  const demander = (url, options = {}) =>
    fetch(url, {
      credentials: "same-origin",
      ...options,
      headers: { "X-CSRFToken": jeton(), "HX-Request": "true", ...options.headers },
    });

  const decompter = () => {
    const reste = Math.round((Math.min(finInactivite, finAbsolue) - Date.now()) / 1000);
    if (reste <= 0) {
      if (dialogueSession.open) dialogueSession.close();
      if (!finie) seReconnecter(null);
      finie = true;
      return;
    }
    if (reste > Number(corps.preavis)) return;
    const absolue = finAbsolue < finInactivite;
    tous("[data-si-inactivite]", dialogueSession).forEach((e) => { e.hidden = absolue; });
    tous("[data-si-absolue]", dialogueSession).forEach((e) => { e.hidden = !absolue; });
    const duree = reste > 60
      ? textes.minutes.replace("{n}", Math.ceil(reste / 60))
      : textes.secondes.replace("{n}", reste);
    tous("[data-decompte]", dialogueSession).forEach((e) => { e.textContent = duree; });
    if (!averti && !dialogueConnexion.open) {
      averti = true;
      dialogueSession.showModal();
    }
  };

  const montrerConnexion = (html) => {
    const zone = un("[data-connexion]", dialogueConnexion);
    zone.innerHTML = html;
    if (!dialogueConnexion.open) dialogueConnexion.showModal();
    (un("[data-erreurs]", zone) ?? un("input:not([type=hidden])", zone))?.focus();
  };

  async function seReconnecter(suite) {
    reprise = suite ?? reprise;
    if (!dialogueConnexion) return location.reload();
    if (dialogueConnexion.open) return undefined;
    try {
      montrerConnexion(await (await demander("/connexion?fragment=1")).text());
    } catch {
      avertir(textes.coupure);
    }
    return undefined;
  }

  async function envoyerConnexion(formulaire, bouton) {
    const donnees = new FormData(formulaire, bouton);
    try {
      const reponse = await demander(formulaire.action, { method: "POST", body: donnees });
      const nouveau = reponse.headers.get("X-CSRF-Token");
      if (!nouveau) return montrerConnexion(await reponse.text());
      un('meta[name="csrf-token"]').content = nouveau;
      tous('input[name="csrf_token"]').forEach((champ) => { champ.value = nouveau; });
      finAbsolue = dansSecondes(reponse.headers.get("X-Session-Absolue") ?? 12 * 3600);
      remonterHorloge(reponse.headers.get("X-Session-Restant") ?? corps.inactivite);
      dialogueConnexion.close();
      un("[data-connexion]", dialogueConnexion).textContent = "";
      annoncer(textes.reconnecte);
      const suite = reprise;
      reprise = null;
      suite?.();
    } catch {
      avertir(textes.coupure);
    } finally {
      liberer(formulaire);
    }
    return undefined;
  }

  async function prolonger() {
    try {
      const reponse = await demander("/session/prolonger", { method: "POST" });
      if (reponse.ok) {
        remonterHorloge((await reponse.json()).secondes);
        annoncer(textes.prolongee);
      } else {
        dialogueSession.close();
        seReconnecter(null);
      }
    } catch {
      avertir(textes.coupure);
    }
  }

  if (enSession) {
    setInterval(decompter, 1000);
    if (canal) canal.onmessage = (e) => remonterHorloge(e.data, false);
    dialogueConnexion.addEventListener("cancel", () => { reprise = null; });
  }

  /* Forms: sent once, warned about when left unsaved */

  const liberer = (formulaire) => {
    delete formulaire.dataset.envoi;
    tous("[type=submit][aria-disabled]", formulaire).forEach((b) => b.removeAttribute("aria-disabled"));
  };

  document.addEventListener("submit", (e) => {
    const formulaire = e.target;
    const bouton = e.submitter;
    if ("popover" in HTMLElement.prototype) un("[popover]:popover-open", formulaire)?.hidePopover();
    if ((bouton?.formMethod || formulaire.method) !== "post") return;
    const enPlace = dialogueConnexion?.contains(formulaire);
    if (formulaire.dataset.envoi) {
      e.preventDefault();
      e.stopImmediatePropagation();
      return;
    }
    if (formulaire.matches("[data-prolonger]")) {
      e.preventDefault();
      prolonger();
      return;
    }
    if (!enPlace && sessionFinie()) {
      e.preventDefault();
      e.stopImmediatePropagation();
      seReconnecter(() => formulaire.requestSubmit(bouton));
      return;
    }
    formulaire.dataset.envoi = "1";
    delete formulaire.dataset.modifie;
    // After the browser has read the form: the pressed button's own name must still be sent.
    setTimeout(() => tous("[type=submit]", formulaire).forEach((b) => b.setAttribute("aria-disabled", "true")));
    if (enPlace) {
      e.preventDefault();
      envoyerConnexion(formulaire, bouton);
    } else if (!formulaire.hasAttribute("data-hx-post")) {
      annoncer(textes.envoi);
      setTimeout(liberer, 10000, formulaire);
    }
  }, true);

  addEventListener("pageshow", () => tous("form[data-envoi]").forEach(liberer));

  document.addEventListener("input", (e) => {
    const formulaire = e.target.closest?.("form[data-protege]");
    if (formulaire) formulaire.dataset.modifie = "1";
  });

  addEventListener("beforeunload", (e) => {
    if (un("form[data-modifie]:not([data-envoi])")) e.preventDefault();
  });

  /* htmx */

  document.addEventListener("htmx:configRequest", (e) => {
    if (e.detail.verb !== "get") e.detail.headers["X-CSRFToken"] = jeton();
  });

  document.addEventListener("htmx:beforeSwap", (e) => {
    const { xhr, requestConfig, target } = e.detail;
    if (xhr.status !== 401) return;
    e.detail.shouldSwap = false;
    e.detail.isError = false;
    const source = requestConfig.elt;
    seReconnecter(() => window.htmx.ajax(requestConfig.verb, requestConfig.path, { source, target }));
  });

  document.addEventListener("htmx:afterRequest", (e) => {
    const { xhr, elt } = e.detail;
    remonterHorloge(xhr?.getResponseHeader("X-Session-Restant"));
    if (elt.matches?.("form")) {
      liberer(elt);
      if (xhr?.status >= 400) elt.dataset.modifie = "1";
    }
  });

  document.addEventListener("htmx:afterSettle", (e) => {
    const { elt, xhr } = e.detail;
    if (xhr?.status >= 400) tous("form[data-protege]", elt).forEach((f) => { f.dataset.modifie = "1"; });
    preparer(elt);
    porterAttention(elt);
  });

  document.addEventListener("htmx:responseError", (e) => avertir(texteDeLErreur(e.detail.xhr.status)));
  document.addEventListener("htmx:sendError", () => avertir(textes.coupure));

  /* Dialogs and menus */

  async function ouvrirPage(lien) {
    const dialogue = un("#dialogue-page");
    try {
      const reponse = await demander(lien.href, { headers: { "HX-Target": dialogue.id } });
      if (reponse.status === 401) return seReconnecter(() => ouvrirPage(lien));
      if (!reponse.ok) return avertir(texteDeLErreur(reponse.status));
      remonterHorloge(reponse.headers.get("X-Session-Restant"));
      dialogue.innerHTML = await reponse.text();
      const titre = un("[data-dialogue-titre]", dialogue);
      if (titre) titre.id = `${dialogue.id}-titre`;
      window.htmx?.process(dialogue);
      return dialogue.showModal();
    } catch {
      return avertir(textes.coupure);
    }
  }

  document.addEventListener("click", (e) => {
    const cible = e.target;
    tous("details.menu[open]").forEach((menu) => { if (!menu.contains(cible)) menu.open = false; });

    const ouvreur = cible.closest("[data-dialogue]");
    if (ouvreur && !e.ctrlKey && !e.metaKey && !e.shiftKey) {
      e.preventDefault();
      if (ouvreur.dataset.dialogue) document.getElementById(ouvreur.dataset.dialogue)?.showModal();
      else ouvrirPage(ouvreur);
    }
    const dialogue = cible.closest("[data-fermer]")?.closest("dialog");
    if (dialogue) {
      e.preventDefault();
      dialogue.close();
    }
    if (cible.closest("[data-imprimer]")) print();
  });

  document.addEventListener("keydown", (e) => {
    if (e.key !== "Escape") return;
    tous("details.menu[open]").forEach((menu) => {
      menu.open = false;
      un("summary", menu).focus();
    });
  });

  /* Choosing lines for a bulk action */

  const compterChoix = (formulaire) => {
    const lot = un("[data-lot]", formulaire);
    if (!lot) return;
    const cases = tous(`input[name="${lot.dataset.lot}"]`, formulaire);
    const choisies = cases.filter((c) => c.checked).length;
    const { zero, un: une, plusieurs } = un("[data-lot-compte]", lot).dataset;
    const texte = choisies === 0 ? zero : choisies === 1 ? une : plusieurs.replace("{n}", choisies);
    un("[data-lot-compte]", lot).textContent = texte;
    lot.hidden = choisies === 0;
    const toutes = un("[data-tout]", formulaire);
    if (toutes) {
      toutes.closest("label").hidden = false;
      toutes.checked = choisies > 0 && choisies === cases.length;
      toutes.indeterminate = choisies > 0 && choisies < cases.length;
    }
  };

  document.addEventListener("change", (e) => {
    const { target } = e;
    const formulaire = target.form;
    const lot = formulaire && un("[data-lot]", formulaire);
    if (!lot) return;
    if (target.dataset.tout) {
      tous(`input[name="${target.dataset.tout}"]`, formulaire).forEach((c) => { c.checked = target.checked; });
    } else if (target.name !== lot.dataset.lot) return;
    compterChoix(formulaire);
    annoncer(un("[data-lot-compte]", lot).textContent);
  });

  /* Live elements */

  const veiller = (element) => {
    if (element.dataset.veilleActive) return;
    element.dataset.veilleActive = "1";
    let attente = 5000;
    const tour = async () => {
      if (!element.isConnected) return;
      const occupe = document.hidden || (element.contains(document.activeElement)
        && document.activeElement.matches("input, select, textarea"));
      if (!occupe) {
        try {
          const url = new URL(element.dataset.veille, location.href);
          url.searchParams.set("etat", element.dataset.etat ?? "");
          const reponse = await demander(url, { headers: { "X-Veille": "1" } });
          if (reponse.status === 401 || reponse.status === 404) return;
          attente = reponse.ok ? 5000 : Math.min(attente * 2, 60000);
          if (reponse.status === 200) {
            remplacer(element, await reponse.text());
            return;
          }
        } catch {
          attente = Math.min(attente * 2, 60000);
        }
      }
      setTimeout(tour, attente);
    };
    setTimeout(tour, attente);
  };

  const remplacer = (element, html) => {
    const modele = document.createElement("template");
    modele.innerHTML = html.trim();
    const nouveau = modele.content.firstElementChild;
    if (!nouveau) return;
    const focus = element.contains(document.activeElement) ? document.activeElement.id : "";
    element.replaceWith(nouveau);
    window.htmx?.process(nouveau);
    if (focus) document.getElementById(focus)?.focus();
    preparer(nouveau.parentElement);
    porterAttention(nouveau);
  };

  function preparer(racine) {
    tous("[data-veille]", racine).forEach(veiller);
    new Set(tous("[data-lot]", racine).map((lot) => lot.closest("form"))).forEach((f) => f && compterChoix(f));
  }

  preparer(document);
  porterAttention(document);
})();
