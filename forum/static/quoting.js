// Quotes the passage that was selected instead of the whole post. Without this file, or without a
// selection, the link "Quote" quotes the post from its beginning.
"use strict";

const KEPT = "passage";
const MOST_QUOTED = 2000;

// 1. On a thread's page: a press of "Quote" takes the selected words of that post along.
function selectedIn(link) {
  const words = link.closest("article")?.querySelector(".words");
  const selection = getSelection();
  if (!words || selection.isCollapsed || !words.contains(selection.getRangeAt(0).commonAncestorContainer)) return "";
  return selection.toString().trim();
}

// Pressing the link takes the selection away, so it is read before.
let passage = "";

function noteSelection(event) {
  const link = event.target.closest?.("a.quote");
  passage = link ? selectedIn(link) : "";
}

function takeAlong(event) {
  const link = event.target.closest?.("a.quote");
  const text = link && (passage || selectedIn(link));
  if (!text) return;
  const target = new URL(link.href);
  target.searchParams.delete("quote");
  try {
    sessionStorage.setItem(KEPT, JSON.stringify({ to: target.pathname + target.search, text }));
  } catch {
    return;
  }
  event.preventDefault();
  location.assign(target);
}

// 2. In the composer: the passage goes below what is there, as Markdown that shows these very words.
function asMarkdown(line) {
  return line
    .trim()
    .replace(/[\\`*[\]<>~|&^]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\$&")
    .replace(/^([#+=-])/, "\\$1")
    .replace(/^(\d{1,9})([.)])/, "$1\\$2");
}

function quotation(text, attribution) {
  const shown = text.length > MOST_QUOTED ? `${text.slice(0, MOST_QUOTED)}…` : text;
  const lines = [attribution, "", ...shown.split("\n").map(asMarkdown)];
  return lines.map((line) => `> ${line}`.trimEnd()).join("\n") + "\n";
}

function putPassage() {
  const form = document.querySelector("form[data-attribution]");
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  if (!form || !kept) return;
  sessionStorage.removeItem(KEPT);
  if (kept.to !== location.pathname + location.search) return;
  const field = form.elements.source;
  const before = field.value.trimEnd();
  field.value = `${before}${before ? "\n\n" : ""}${quotation(kept.text, form.dataset.attribution)}\n`;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
  field.scrollTop = field.scrollHeight;
}

document.addEventListener("pointerdown", noteSelection);
document.addEventListener("click", takeAlong);
putPassage();
