"use strict";
const form = document.getElementById("filter");
const shown = document.getElementById("shown");
const claims = [...document.querySelectorAll(".claim")].map((element) => ({
  element,
  data: element.dataset,
  text: (element.textContent + " " + element.dataset.claim).toLowerCase(),
}));
const total = new Set(claims.map((claim) => claim.data.claim)).size;

function filter() {
  const chosen = new FormData(form);
  const verdicts = new Set(chosen.getAll("verdict"));
  const words = chosen.get("text").toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = (claim) =>
    verdicts.has(claim.data.verdict) &&
    (!chosen.get("report") || chosen.get("report") === claim.data.report) &&
    (!chosen.get("severity") || chosen.get("severity") === claim.data.severity) &&
    words.every((word) => claim.text.includes(word));
  const found = new Set();
  for (const claim of claims) {
    const on = wanted(claim);
    // A cell keeps its place in its table; all else that is not wanted goes.
    claim.element.classList.toggle("off", !on);
    if (!claim.element.closest("td")) {
      claim.element.closest("li").hidden = !on;
    }
    if (on) {
      found.add(claim.data.claim);
    }
  }
  for (const sentence of document.querySelectorAll(".sentences > li")) {
    sentence.hidden = !sentence.querySelector(".claim:not(.off)");
  }
  for (const table of document.querySelectorAll(".table")) {
    table.hidden = !table.querySelector(".claim:not(.off)");
  }
  for (const report of document.querySelectorAll(".report")) {
    report.hidden = !report.querySelector(".claim:not(.off)");
  }
  shown.textContent = `${found.size} of ${total} claims`;
}

form.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", () => setTimeout(filter));
document.getElementById("negatives").addEventListener("click", () => {
  for (const box of form.querySelectorAll("[name=verdict]")) {
    box.checked = box.value === "REFUTED" || box.value === "INCONSISTENT";
  }
  filter();
});

// A tip that would leave the window at its right is moved back into it.
function place(event) {
  const tip = event.target.closest?.(".fig")?.querySelector(".tip");
  if (tip) {
    tip.style.left = "0";
    const beyond = tip.getBoundingClientRect().right - document.documentElement.clientWidth + 8;
    tip.style.left = beyond > 0 ? `${-beyond}px` : "0";
  }
}
document.addEventListener("mouseover", place);
document.addEventListener("focusin", place);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    document.querySelectorAll(".fig:hover, .fig:focus").forEach((fig) => fig.classList.add("quiet"));
  }
});
for (const leaving of ["mouseout", "focusout"]) {
  document.addEventListener(leaving, (event) => event.target.closest?.(".fig")?.classList.remove("quiet"));
}
filter();
