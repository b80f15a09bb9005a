// What every page needs beside htmx: the session's token in its requests, and a word when one fails.
"use strict";

document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('meta[name="csrf"]');
  if (token && event.detail.verb !== "get") event.detail.headers["X-CSRF-Token"] = token.content;
});

function notice(html) {
  const place = document.getElementById("notices");
  place.innerHTML = html;
  window.setTimeout(() => { if (place.innerHTML === html) place.innerHTML = ""; }, 8000);
}

// Errors answer with a notice of their own (templates/pages/_notice.html.j2).
document.addEventListener("htmx:responseError", (event) => notice(event.detail.xhr.responseText));
document.addEventListener("htmx:sendError", () => {
  const offline = document.documentElement.lang === "he"
    ? "אין חיבור לשרת. בדקו את הרשת ונסו שוב."
    : "The server cannot be reached. Check the network and try again.";
  notice(`<div class="notice bad" role="alert">${offline}</div>`);
});

// A menu closes when one looks elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
