// What stands above the text in the composer: the ways to each place and back, and a fresh look a
// moment after somebody stops typing. Nothing here moves the focus or the caret unless a link is
// pressed. Without this file the links lead to the text, and Preview looks anew.
"use strict";

const REVIEW_PAUSE = 1200;
const AFTER_REFUSAL = 60000;

class Findings {
  constructor(form) {
    this.form = form;
    this.text = form.elements.source;
    this.shown = form.querySelector("[data-findings]");
    this.way = form.querySelector("[data-found] a");
    this.said = form.querySelector("[data-finding]");
    this.reviewed = this.text.value;
    this.summary = this.way.textContent;
    this.last = null;
  }

  later(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), wait);
  }

  async look() {
    const source = this.text.value;
    if ((source === this.reviewed && !this.stale) || document.hidden) return;
    this.asking?.abort();
    this.asking = new AbortController();
    try {
      const body = new URLSearchParams(new FormData(this.form));
      const answer = await fetch("/review", { method: "POST", body, signal: this.asking.signal });
      if (answer.ok) this.found(source, await answer.json());
      else if (answer.status === 429) this.later(AFTER_REFUSAL);
    } catch {
      // Nothing is lost: what stands there is older, and Preview looks anew.
    }
  }

  found(source, answer) {
    // Whoever is among the findings keeps what is there until they leave.
    if (this.shown.contains(document.activeElement)) {
      this.waiting = [source, answer];
      return;
    }
    this.reviewed = source;
    this.stale = false;
    this.replace(answer.panel);
    this.way.textContent = answer.summary;
    this.way.hidden = !answer.panel;
    // That there is still nothing is no news.
    if (answer.summary !== this.summary && (this.summary || answer.panel)) this.said.textContent = answer.summary;
    this.summary = answer.summary;
  }

  left(event) {
    if (!this.waiting || this.shown.contains(event.relatedTarget)) return;
    const [source, answer] = this.waiting;
    this.waiting = null;
    // The focus is on its way elsewhere.
    setTimeout(() => this.found(source, answer));
  }

  // The text stays where it is on the screen, however much there is above it now.
  replace(html) {
    const written = new Map([...this.shown.querySelectorAll("textarea")].map((field) => [field.name, field.value]));
    const opened = new Set([...this.shown.querySelectorAll("details[open]")].map(nameOf));
    const before = this.text.getBoundingClientRect().top;
    const parsed = new DOMParser().parseFromString(html, "text/html");
    this.shown.replaceChildren(...parsed.body.childNodes);
    for (const field of this.shown.querySelectorAll("textarea")) field.value = written.get(field.name) ?? field.value;
    for (const part of this.shown.querySelectorAll("details")) part.open = opened.has(nameOf(part));
    this.last = null;
    scrollBy({ top: this.text.getBoundingClientRect().top - before, behavior: "instant" });
  }

  goToPlace(event) {
    const link = event.target.closest("a.place");
    if (!link) return;
    event.preventDefault();
    this.last = link.closest("li");
    const [start, end] = this.placeOf(Number(link.dataset.start), Number(link.dataset.end));
    this.text.focus();
    this.text.setSelectionRange(start, end);
    showLine(this.text, start);
  }

  // The server counts characters of the text that it read; here words may stand before them since.
  placeOf(start, end) {
    const characters = [...this.reviewed];
    const words = characters.slice(start, end).join("");
    const place = characters.slice(0, start).join("").length;
    const now = this.text.value;
    if (now.startsWith(words, place)) return [place, place + words.length];
    const [before, after] = [now.lastIndexOf(words, place), now.indexOf(words, place)];
    const near = before >= 0 && (after < 0 || place - before < after - place) ? before : after;
    return near < 0 ? [place, place] : [near, near + words.length];
  }

  goBack(event) {
    const target = this.last?.isConnected ? this.last : this.shown.querySelector("li[id]");
    if (!target) return;
    event.preventDefault();
    target.focus();
    target.scrollIntoView({ block: "nearest" });
  }
}

function nameOf(details) {
  return details.closest("li")?.querySelector("p")?.textContent ?? details.className;
}

// Browsers do not scroll a field to what was selected in it by a script.
function showLine(field, at) {
  const lines = field.value.slice(0, at).split("\n").length - 1;
  const height = parseFloat(getComputedStyle(field).lineHeight) || 24;
  field.scrollTop = Math.max(0, (lines - 2) * height);
  field.scrollIntoView({ block: "nearest" });
}

function watch(form) {
  const findings = new Findings(form);
  form.elements.source.addEventListener("input", () => findings.later(REVIEW_PAUSE));
  form.elements.language?.addEventListener("change", () => {
    findings.stale = true;
    findings.later(0);
  });
  findings.shown.addEventListener("click", (event) => findings.goToPlace(event));
  findings.shown.addEventListener("focusout", (event) => findings.left(event));
  findings.way.addEventListener("click", (event) => findings.goBack(event));
  form.addEventListener("submit", () => clearTimeout(findings.timer));
}

// Scripts of a page share their names at this level.
const reviewedForm = document.querySelector("form.composer[data-composer]");
if (reviewedForm) watch(reviewedForm);
