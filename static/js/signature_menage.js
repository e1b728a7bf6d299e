/* Signing with a finger, a pen or a mouse: the drawing becomes path data in a hidden field, in a frame of
   600 by 200. Without this file, or without a hand to draw with, a typed name and a box do the same. */
(() => {
  "use strict";

  const zone = document.querySelector("[data-signature]");
  const champ = document.querySelector("input[name=trace]");
  document.querySelector("[data-erreurs]")?.focus();
  if (!zone || !champ) return;
  const toile = zone.querySelector("canvas");
  const dessin = toile.getContext("2d");
  const [LARGEUR, HAUTEUR, MAX] = [600, 200, 30000];
  let trait = null;

  const tracer = (x1, y1, x2, y2) => {
    dessin.lineWidth = 3;
    dessin.lineCap = dessin.lineJoin = "round";
    dessin.strokeStyle = "#000";
    dessin.beginPath();
    dessin.moveTo(x1, y1);
    dessin.lineTo(x2, y2);
    dessin.stroke();
  };
  const redessiner = () => {
    dessin.clearRect(0, 0, LARGEUR, HAUTEUR);
    for (const ligne of champ.value.split("M").filter(Boolean)) {
      const points = ligne.split("L").map((point) => point.split(" ").map(Number));
      points.slice(1).forEach((point, rang) => tracer(...points[rang], ...point));
    }
  };
  const borner = (valeur, fin) => Math.max(0, Math.min(fin, Math.round(valeur)));
  const point = (geste) => {
    const cadre = toile.getBoundingClientRect();
    return [
      borner(((geste.clientX - cadre.left) * LARGEUR) / cadre.width, LARGEUR),
      borner(((geste.clientY - cadre.top) * HAUTEUR) / cadre.height, HAUTEUR),
    ];
  };

  toile.addEventListener("pointerdown", (geste) => {
    if (geste.button || champ.value.length > MAX - 100) return;
    geste.preventDefault();
    toile.setPointerCapture(geste.pointerId);
    trait = point(geste);
    champ.value += `M${trait[0]} ${trait[1]}`;
  });
  toile.addEventListener("pointermove", (geste) => {
    if (!trait || champ.value.length > MAX - 20) return;
    const ici = point(geste);
    if (ici[0] === trait[0] && ici[1] === trait[1]) return;
    tracer(...trait, ...ici);
    champ.value += `L${ici[0]} ${ici[1]}`;
    trait = ici;
  });
  for (const fin of ["pointerup", "pointercancel"]) {
    toile.addEventListener(fin, () => { trait = null; });
  }
  zone.querySelector("button").addEventListener("click", () => {
    champ.value = "";
    redessiner();
    zone.querySelector("[role=status]").textContent = zone.dataset.efface;
  });

  zone.hidden = false;
  redessiner();
})();
