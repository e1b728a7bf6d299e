/* What the pages gain when scripts run; without this file every link and form still works.

   Contract with the server
   - Answers to signed-in requests carry X-Session-Restant: seconds before idle expiry (polls leave the clock alone).
   - POST /session/prolonger answers {"secondes": N}, or 401. GET /session answers 204, or 401.
   - 401 means the session is over. GET /connexion?fragment=1 answers the login form alone; posting it answers
     X-CSRF-Token (the new token: signed in) with X-Session-Restant and X-Session-Absolue, or the form again with its errors, or the second factor's form.
   - data-veille="/url" data-etat="7": GET /url?etat=7 every five seconds; 204 nothing new, 200 the new element,
     403 or 404 what is shown may not be read any more: the page is asked for anew, and says so.
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
    avis.dataset.panne = texte === textes.coupure ? "coupure" : "";
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
      headers: {
        "X-CSRFToken": jeton(), "X-Langue": document.documentElement.lang, "HX-Request": "true", ...options.headers,
      },
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

  // Forms whose session was just found open: their next submit leaves.
  const verifies = new WeakSet();

  /* A form that leaves with its page would only meet the refusal on the next one, its files lost. htmx forms
     stay and learn it from their answer, except that a large file would be sent, and cut off, for nothing. */
  const aVerifier = (formulaire) =>
    enSession && !verifies.delete(formulaire) && !formulaire.hasAttribute("data-hors-session")
    && (sessionFinie() || !formulaire.hasAttribute("data-hx-post") || un('input[type="file"]', formulaire));

  async function verifier(formulaire, bouton) {
    formulaire.dataset.envoi = "1";
    try {
      const reponse = await demander("/session");
      liberer(formulaire);
      if (reponse.status === 401) return seReconnecter(() => formulaire.requestSubmit(bouton));
      if (!reponse.ok) return avertir(texteDeLErreur(reponse.status));
      remonterHorloge(reponse.headers.get("X-Session-Restant"));
      verifies.add(formulaire);
      return formulaire.requestSubmit(bouton);
    } catch {
      liberer(formulaire);
      return avertir(textes.coupure);
    }
  }

  /* A browser sends what it cannot read as a date (31/02, half typed) as if nothing were there: the server
     would ask for what was typed, or silently do without it. Said next to the field, which keeps its text. */
  const direIllisible = (champ) => {
    const id = `${champ.id}-erreur`;
    const erreur = document.getElementById(id) ?? Object.assign(document.createElement("p"), { className: "champ-erreur", id });
    const texte = champ.type === "date" ? textes.date : textes.illisible;
    erreur.replaceChildren(Object.assign(document.createElement("span"), { textContent: texte }));
    champ.before(erreur);
    champ.closest(".champ")?.classList.add("champ-invalide");
    champ.setAttribute("aria-invalid", "true");
    const decrit = (champ.getAttribute("aria-describedby") ?? "").split(" ").filter((un) => un && un !== id);
    champ.setAttribute("aria-describedby", [...decrit, id].join(" "));
    champ.focus();
    annoncer(texte);
  };

  /* The browser's own picker in the place of a date to write; not where no date stands, which it would not show. */
  const poserCalendrier = (champ) => {
    const ecrit = champ.value.trim();
    const [, jour, mois, annee] = ecrit.match(/^(\d\d?)[-/.](\d\d?)[-/.](\d{4})$/) ?? [];
    champ.value = annee ? `${annee}-${mois.padStart(2, "0")}-${jour.padStart(2, "0")}` : ecrit;
    champ.type = "date";
    if (champ.value || !ecrit) return;
    champ.type = "text";
    champ.value = ecrit;
  };

  document.addEventListener("submit", (e) => {
    const formulaire = e.target;
    const bouton = e.submitter;
    if ("popover" in HTMLElement.prototype) un("[popover]:popover-open", formulaire)?.hidePopover();
    const illisible = [...formulaire.elements].find((champ) => champ.validity?.badInput);
    if (illisible) {
      e.preventDefault();
      e.stopImmediatePropagation();
      direIllisible(illisible);
      return;
    }
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
    if (!enPlace && aVerifier(formulaire)) {
      e.preventDefault();
      e.stopImmediatePropagation();
      verifier(formulaire, bouton);
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
    const depart = requestConfig.triggeringEvent;
    seReconnecter(() => {
      // The pressed button's own name must be sent again too.
      if (depart?.type === "submit" && source.isConnected) source.requestSubmit(depart.submitter);
      else window.htmx.ajax(requestConfig.verb, requestConfig.path, { source, target });
    });
  });

  document.addEventListener("htmx:afterRequest", (e) => {
    const { xhr, elt } = e.detail;
    remonterHorloge(xhr?.getResponseHeader("X-Session-Restant"));
    if (xhr?.status) un('[data-panne="coupure"]')?.remove(); // the portal answers again
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
      preparer(dialogue);
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

  const direNombre = (element, nombre) => {
    const { zero, un: une, plusieurs } = element.dataset;
    element.textContent = nombre === 0 ? zero : nombre === 1 ? une : plusieurs.replace("{n}", nombre);
  };

  const compterChoix = (formulaire) => {
    const lot = un("[data-lot]", formulaire);
    if (!lot) return;
    const cases = tous(`input[name="${lot.dataset.lot}"]`, formulaire);
    const choisies = cases.filter((c) => c.checked).length;
    direNombre(un("[data-lot-compte]", lot), choisies);
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

  /* Copying: the button shows where the browser can copy */

  const montrerCopies = () => {
    if (navigator.clipboard) tous("[data-copier][hidden]").forEach((b) => { b.hidden = false; });
  };
  montrerCopies();
  document.addEventListener("htmx:load", montrerCopies);
  document.addEventListener("click", async (e) => {
    const bouton = e.target.closest("[data-copier]");
    if (!bouton) return;
    try {
      await navigator.clipboard.writeText(bouton.dataset.copier);
      annoncer(bouton.dataset.copie);
    } catch { bouton.hidden = true; }
  });

  /* From a search box to its results with the arrows, and back. What was typed has been searched already: leaving
     the box asks for nothing more, which would replace the results under the focus. */

  document.addEventListener("change", (e) => { if (e.target.matches("[data-fleches]")) e.stopPropagation(); }, true);
  document.addEventListener("keydown", (e) => {
    const boite = un("[data-fleches]");
    if (!boite || (e.key !== "ArrowDown" && e.key !== "ArrowUp") || e.altKey || e.ctrlKey || e.metaKey) return;
    const liens = tous(`${boite.dataset.fleches} tbody th a`);
    const rang = liens.indexOf(e.target);
    if (rang < 0 && (e.target !== boite || e.key === "ArrowUp")) return;
    const suite = e.key === "ArrowDown" ? liens[rang + 1] : liens[rang - 1] || boite;
    if (!suite) return;
    e.preventDefault();
    suite.focus();
  });

  /* Long lists of choices: a box above them to find one. It is no data of the form, which hears nothing of it. */

  const LONGUE = 15;
  const simple = (texte) => texte.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

  const boite = (libelle, filtrer, entrer) => {
    const champ = document.createElement("input");
    champ.type = "search";
    champ.className = "filtre-choix";
    champ.autocomplete = "off";
    champ.placeholder = textes.chercher;
    champ.setAttribute("aria-label", textes.filtrer.replace("{champ}", libelle));
    ["input", "change", "search"].forEach((nom) => champ.addEventListener(nom, (e) => e.stopPropagation()));
    champ.addEventListener("input", () => {
      const mots = simple(champ.value).split(/\s+/).filter(Boolean);
      annoncer(textes.filtrees.replace("{n}", filtrer(mots.length > 0, (texte) => mots.every((m) => simple(texte).includes(m)))));
    });
    champ.addEventListener("keydown", (e) => {
      if (e.key !== "Enter" && e.key !== "ArrowDown") return;
      e.preventDefault();
      entrer();
    });
    return champ;
  };

  /* The options are taken out and put back: hiding them is not enough in Safari. While one types the list is
     unfolded, in its place: over what follows it would hide half a button. The chosen option stays in it, so that
     looking around changes nothing. */
  const allegerListe = (liste) => {
    if (liste.multiple || liste.size > 1 || liste.options.length <= LONGUE || liste.dataset.filtree || liste.closest("table")) return;
    liste.dataset.filtree = "1";
    const parents = [...liste.children].map((e) => [e, [...e.children]]);
    let trouvees = [];
    const refermer = () => liste.removeAttribute("size");
    // What a click aims at must not move between its two halves.
    const quitter = ({ relatedTarget }) => {
      if (relatedTarget === liste || relatedTarget === champ) return;
      if (un(":active")) addEventListener("click", refermer, { once: true });
      else refermer();
    };
    const filtrer = (actif, convient) => {
      const valeur = liste.value;
      const reste = (o) => !actif || o.value === valeur || convient(o.text);
      liste.replaceChildren(...parents.map(([e, enfants]) => {
        if (e.matches("option")) return reste(e) && e;
        e.replaceChildren(...enfants.filter(reste));
        return e.children.length > 0 && e;
      }).filter(Boolean));
      liste.value = valeur;
      trouvees = [...liste.options].filter((o) => o.value && convient(o.text));
      if (actif) liste.size = Math.max(2, Math.min(6, liste.options.length));
      else refermer();
      return trouvees.length;
    };
    const entrer = () => {
      if (trouvees.length === 1 && liste.value !== trouvees[0].value) {
        liste.value = trouvees[0].value;
        liste.dispatchEvent(new Event("change", { bubbles: true }));
      }
      liste.focus();
    };
    const champ = boite(liste.labels[0]?.textContent.replace("*", "").trim() ?? "", filtrer, entrer);
    liste.before(champ);
    liste.addEventListener("change", refermer);
    [liste, champ].forEach((element) => element.addEventListener("blur", quitter));
  };

  const allegerMenu = (menu) => {
    const choix = tous(".choix", menu);
    if (choix.length <= LONGUE || un(".filtre-choix", menu)) return;
    const filtrer = (_actif, convient) => {
      choix.forEach((e) => { e.hidden = !convient(e.textContent); });
      tous("[role=group]", menu).forEach((g) => { g.hidden = !un(".choix:not([hidden])", g); });
      return choix.filter((e) => !e.hidden).length;
    };
    const entrer = () => un(".choix:not([hidden]) input", menu)?.focus();
    un("legend", menu).after(boite(un(".menu-choix-titre", menu).textContent, filtrer, entrer));
  };

  document.addEventListener("change", (e) => {
    const menu = e.target.closest(".menu-choix");
    if (menu) direNombre(un(".menu-choix-valeur", menu), tous("input:checked", menu).length);
  });

  /* Live elements */

  // What was typed could be sent nowhere: no question keeps on the screen what may not be read any more. By its
  // address, since a page that answered a form would send the form again.
  const rouvrir = () => {
    tous("form[data-modifie]").forEach((formulaire) => { delete formulaire.dataset.modifie; });
    location.replace(location.pathname + location.search);
  };

  const veiller = (element) => {
    if (element.dataset.veilleActive) return;
    element.dataset.veilleActive = "1";
    let attente = 5000;
    const tour = async () => {
      if (!element.isConnected) return;
      if (!document.hidden) {
        try {
          const url = new URL(element.dataset.veille, location.href);
          url.searchParams.set("etat", element.dataset.etat ?? "");
          const reponse = await demander(url, { headers: { "X-Veille": "1" } });
          if (reponse.status === 403 || reponse.status === 404) return rouvrir();
          attente = reponse.ok ? 5000 : Math.min(attente * 2, 60000);
          const occupe = element.contains(document.activeElement)
            && document.activeElement.matches("input, select, textarea");
          if (reponse.status === 200 && !occupe) return remplacer(element, await reponse.text());
        } catch {
          attente = Math.min(attente * 2, 60000);
        }
      }
      return setTimeout(tour, attente);
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
    tous("input[data-date]", racine).forEach(poserCalendrier);
    tous("select", racine).forEach(allegerListe);
    tous(".menu-choix", racine).forEach(allegerMenu);
    new Set(tous("[data-lot]", racine).map((lot) => lot.closest("form"))).forEach((f) => f && compterChoix(f));
  }

  preparer(document);
  porterAttention(document);
})();
