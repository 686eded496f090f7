// Saves the composer's draft while somebody types. "Saved at" is said only when the server has
// answered that it keeps the text, in the server's own words. Without this file, Preview saves.
"use strict";

const TYPING_PAUSE = 1500;
const FIRST_RETRY = 5000;
const LAST_RETRY = 60000;

class Saver {
  constructor(form, shown, said) {
    this.form = form;
    this.shown = shown;
    this.said = said;
    this.kept = this.text();
    this.retry = FIRST_RETRY;
    this.state = "";
  }

  fields() {
    return [...this.form.elements].filter((field) => field.matches("textarea, select, input[type=text]"));
  }

  text() {
    return JSON.stringify(this.fields().map((field) => field.value));
  }

  // Shown each time, but said only when something turns: nobody wants to hear it every two seconds.
  tell(state, words) {
    this.shown.textContent = words;
    if (state !== this.state) this.said.textContent = words;
    this.state = state;
  }

  later(wait) {
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = setTimeout(() => this.save(), wait);
  }

  async save() {
    const text = this.text();
    if (this.stopped || this.sending || text === this.kept) return;
    this.sending = new AbortController();
    const values = this.fields().map((field) => [field, field.value]);
    try {
      await this.send(text, values);
    } catch (error) {
      if (error.name !== "AbortError") this.failed(this.form.dataset.offline, true);
    } finally {
      this.sending = null;
      if (this.text() !== text && this.state !== "failed") this.later(TYPING_PAUSE);
    }
  }

  async send(text, values) {
    const body = new URLSearchParams(new FormData(this.form));
    const answer = await fetch("/drafts", { method: "POST", body, signal: this.sending.signal });
    const isOurs = answer.headers.get("Content-Type")?.startsWith("application/json");
    const said = isOurs ? await answer.json() : { words: this.form.dataset.failed };
    if (!answer.ok) {
      this.failed(said.words, answer.status >= 429);
      return;
    }
    this.kept = text;
    this.retry = FIRST_RETRY;
    this.form.elements.place.value = said.place;
    this.form.elements.saved.value = said.saved;
    // Leaving the page asks only for what the server has not seen.
    for (const [field, value] of values) if ("defaultValue" in field) field.defaultValue = value;
    this.tell(said.notice ? "apart" : "saved", `${said.words} ${said.notice}`.trim());
  }

  failed(words, again) {
    this.tell("failed", words);
    if (!again) return;
    this.later(this.retry);
    this.retry = Math.min(2 * this.retry, LAST_RETRY);
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    this.sending?.abort();
  }
}

function saveWhileTyping(form) {
  const saver = new Saver(form, form.querySelector("[data-saved]"), form.querySelector("[data-saving]"));
  form.addEventListener("input", () => saver.later(TYPING_PAUSE));
  form.addEventListener("change", () => saver.later(TYPING_PAUSE));
  // What is sent saves by itself; a save under way must not come after it.
  form.addEventListener("submit", (event) => event.defaultPrevented || saver.stop());
  window.addEventListener("online", () => saver.later(0));
  document.addEventListener("visibilitychange", () => document.hidden && saver.save());
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) saver.stopped = false;
  });
}

const composer = document.querySelector("form.composer[data-composer]");
if (composer) saveWhileTyping(composer);
