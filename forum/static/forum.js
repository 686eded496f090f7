// A little comfort for the forum's forms. Every page works the same without this file; nothing here
// speaks for the server, so it never says that something is saved.
"use strict";

// 1. Empty `[data-time-zone]` fields learn the reader's zone, such as "Europe/Helsinki". A choice
// made before, or a zone the list does not offer, stays as it is.
function fillTimeZones() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const field of document.querySelectorAll("[data-time-zone]")) {
    if (field.value || !zone) continue;
    const offered = field.options && [...field.options].some((option) => option.value === zone);
    if (!field.options || offered) field.value = zone;
  }
}

// 2. A second press within three seconds is taken for an accident. The button is not disabled, for
// a disabled button would be left out of what is sent, and with it what it means.
const PAUSE = 3000;
const lastSent = new WeakMap();

function refuseSecondSubmit(event) {
  const form = event.target;
  if (event.timeStamp - (lastSent.get(form) ?? -PAUSE) < PAUSE) {
    event.preventDefault();
    return;
  }
  lastSent.set(form, event.timeStamp);
  const button = event.submitter;
  if (!button) return;
  button.setAttribute("aria-disabled", "true");
  setTimeout(() => button.removeAttribute("aria-disabled"), PAUSE);
}

// 3. Leaving a `[data-composer]` form with words in it that the server has not seen asks first.
// What the page came with is what the server keeps, unless it says `data-composer="unsaved"`.
function isUnsent(form) {
  if (lastSent.has(form)) return false;
  if (form.dataset.composer === "unsaved") return true;
  return [...form.elements].some(
    (field) => field.matches("textarea, input[type=text]") && field.value !== field.defaultValue,
  );
}

function askBeforeLeaving(event) {
  if ([...document.querySelectorAll("form[data-composer]")].some(isUnsent)) event.preventDefault();
}

// A page that comes back from the browser's memory was left behind by a submit that is now over.
function forgetSubmits(event) {
  if (!event.persisted) return;
  for (const form of document.forms) lastSent.delete(form);
  for (const button of document.querySelectorAll("button[aria-disabled]")) button.removeAttribute("aria-disabled");
}

// 4. A form that came back with things to mend says so at once, also to those who only hear it.
function meetErrors() {
  if (!document.querySelector(":target")) document.getElementById("error-summary")?.focus();
}

// 5. A picture goes where the text was being written. Counted as the server counts: in characters.
const written = new WeakSet();

function noteCaret(event) {
  const { caret, source } = event.target.elements;
  if (event.submitter?.value !== "picture" || !caret || !written.has(source)) return;
  caret.value = [...source.value.slice(0, source.selectionStart)].length;
}

// 6. A `[data-most]` field shows how much of its room is used. The limit itself stands in its hint.
function countCharacters() {
  for (const field of document.querySelectorAll("[data-most]")) {
    const count = field.insertAdjacentElement("afterend", document.createElement("p"));
    count.className = "hint";
    count.ariaHidden = "true";
    const show = () => (count.textContent = `${[...field.value].length} / ${field.dataset.most}`);
    field.addEventListener("input", show);
    show();
  }
}

document.addEventListener("submit", refuseSecondSubmit);
document.addEventListener("submit", noteCaret);
document.addEventListener("focusin", (event) => written.add(event.target));
window.addEventListener("beforeunload", askBeforeLeaving);
window.addEventListener("pageshow", forgetSubmits);
fillTimeZones();
meetErrors();
countCharacters();
