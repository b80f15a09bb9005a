// Labels by keyboard, whatever its layout: the key shown beside a label sets it.
"use strict";

const KEYS = "keshev-review-keys";
const box = document.getElementById("keys");

function keysAreOn() {
  try { return window.localStorage.getItem(KEYS) !== "off"; } catch { return true; }
}

function show() {
  document.documentElement.classList.toggle("without-keys", !box.checked);
}

if (box) {
  box.closest("label").hidden = false;
  box.checked = keysAreOn();
  show();
  box.addEventListener("change", () => {
    try { window.localStorage.setItem(KEYS, box.checked ? "on" : "off"); } catch { /* kept until the page goes */ }
    show();
  });
}

document.addEventListener("keydown", (event) => {
  if (!box || !box.checked || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const at = event.target;
  if (at.closest("a, button, summary, select, textarea, details.menu")) return;
  if (at.matches("input") && !["checkbox", "radio"].includes(at.type)) return;
  const key = event.code.replace(/^(Key|Digit|Numpad(?=\d|Enter))/, "");
  const found = document.querySelector(`#labels [data-key="${CSS.escape(key)}"]`);
  if (!found) return;
  event.preventDefault();
  if (found.matches("input")) found.focus({ preventScroll: true });
  found.click();
});
