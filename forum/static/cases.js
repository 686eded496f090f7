// Moderators go from case to case. While one is read, the next is fetched; it is shown as soon as the
// server has answered that the decision is made. Fetching takes no case and changes nothing. Without
// this file each decision leads to the next case, too.
"use strict";

const FORM = "form.decide";
let ahead = null;
let shown = location.pathname;

async function asPage(answer) {
  const isPage = answer.headers.get("Content-Type")?.startsWith("text/html");
  return isPage ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
}

async function fetchCase(url) {
  try {
    const answer = await fetch(url);
    return answer.ok ? await asPage(answer) : null;
  } catch {
    return null;
  }
}

function lookAhead() {
  const link = document.querySelector(FORM) && document.querySelector("main a[rel=next]");
  if (!link) return;
  const url = new URL(link.href);
  url.hash = "";
  ahead = { url: url.href, page: fetchCase(url) };
}

// What was fetched may be overtaken: somebody else decided, or the post was changed.
async function caseAt(url, mark) {
  const page = ahead?.url === url.href ? await ahead.page : null;
  return page?.getElementById("case")?.dataset.mark === mark ? page : fetchCase(url);
}

function say(words, undo, undoWords) {
  const notice = document.createElement("p");
  notice.className = "notice";
  notice.textContent = words;
  if (undo) {
    const link = document.createElement("a");
    link.href = undo;
    link.textContent = undoWords;
    notice.append(" ", link);
  }
  document.querySelector(".notices").replaceChildren(notice);
}

function show(page) {
  document.querySelector("main").replaceWith(page.querySelector("main"));
  document.title = page.title;
  const start = document.getElementById("error-summary") ?? document.getElementById("case");
  scrollTo(0, 0);
  (start ?? document.querySelector("main")).focus();
  lookAhead();
}

async function goOn(said) {
  const url = new URL(said.next, location);
  const page = said.mark && (await caseAt(url, said.mark));
  if (!page) {
    location.assign(url);
    return;
  }
  history.pushState(null, "", url);
  shown = location.pathname;
  show(page);
  say(said.words, said.undo, said.undo_words);
}

async function decide(event) {
  const form = event.target;
  if (event.defaultPrevented || !form.matches(FORM)) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, event.submitter));
  const headers = { Accept: "application/json, text/html;q=0.9" };
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers });
    const page = await asPage(answer);
    if (page) show(page);
    else await goOn(await answer.json());
  } catch {
    say(form.dataset.failed);
  }
}

document.addEventListener("submit", decide);
// Going back leads to the page as it is now, not to what stood there.
window.addEventListener("popstate", () => location.pathname === shown || location.reload());
lookAhead();
