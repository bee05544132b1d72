"use strict";
// Makes pages quicker; each of them works without. Forms are sent and their answer shown in place, a search answers while
// it is typed, letters lead where the bar leads, and what another window of the same patient did is shown here as well.
(() => {
  let stream = null;
  const at = (id) => document.getElementById(id);

  function show(text, where, focus) {
    const fresh = new DOMParser().parseFromString(text, "text/html");
    if (!fresh.getElementById("main")) return false;
    const open = [...document.querySelectorAll("details[open] > summary")].map((summary) => summary.textContent.replace(/ \(.*/, ""));
    document.title = fresh.title;
    for (const id of ["main", "bar"]) {
      const old = at(id), next = fresh.getElementById(id);
      if (old && next) old.replaceWith(next); else if (next) at("main").after(next); else if (old) old.remove();
    }
    for (const summary of document.querySelectorAll("details > summary"))
      if (open.includes(summary.textContent.replace(/ \(.*/, ""))) summary.parentElement.open = true;
    Object.assign(document.body.dataset, { count: "", events: "" }, fresh.body.dataset);
    if (where && where !== location.href) history.pushState(null, "", where);
    if (focus) {
      at("main").focus({ preventScroll: true });
      scrollTo(0, 0);
      const now = document.querySelector("#main [role=alert]") || at("now");
      at("told").textContent = now ? now.textContent.slice(0, 600) : document.title;
    }
    listen();
    return true;
  }

  async function ask(where, how, focus) {
    try {
      const answer = await fetch(where, how);
      const text = await answer.text();
      at("lost").hidden = true;
      if (!answer.url.endsWith("/debrief") && show(text, answer.url, focus)) return;
      location.assign(answer.url);
    } catch {
      at("lost").hidden = false;
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "yes";
    if (event.submitter) event.submitter.setAttribute("aria-busy", "true");
    const said = new URLSearchParams(new FormData(form, event.submitter));
    const sent = form.method === "get" ? ask(`${form.action}?${said}`, {}, true) : ask(form.action, { method: "POST", body: said }, true);
    sent.finally(() => {
      delete form.dataset.busy;
      if (event.submitter) event.submitter.removeAttribute("aria-busy");
    });
  });

  let typing = 0;
  document.addEventListener("input", (event) => {
    const field = event.target;
    if (!field.dataset || field.dataset.live === undefined) return;
    clearTimeout(typing);
    typing = setTimeout(async () => {
      try {
        const answer = await fetch(`${field.form.action}?q=${encodeURIComponent(field.value)}`);
        const found = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("found");
        if (found && at("found") && answer.ok) at("found").replaceWith(found);
        at("lost").hidden = true;
      } catch {
        at("lost").hidden = false;
      }
    }, 120);
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    if (event.key === "/") {
      const field = document.querySelector("[data-live]");
      if (field) { event.preventDefault(); field.focus(); }
      return;
    }
    const found = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (found) { event.preventDefault(); found.click(); }
  });

  function listen() {
    const where = document.body.dataset.events;
    if (stream && (!where || document.hidden || !stream.url.endsWith(where))) { stream.close(); stream = null; }
    if (stream || !where || document.hidden) return;
    stream = new EventSource(where);
    stream.onmessage = (event) => {
      at("lost").hidden = true;
      const writing = document.activeElement && document.activeElement.closest("input, textarea, select");
      if (event.data !== document.body.dataset.count && !document.querySelector("[data-busy]") && !writing) ask(location.href, {}, false);
    };
    stream.onerror = () => { at("lost").hidden = stream.readyState === EventSource.OPEN; };
  }
  document.addEventListener("visibilitychange", listen);
  addEventListener("pageshow", listen);
  addEventListener("popstate", () => ask(location.href, {}, false));
  listen();
})();
