// Solves the small task of the form for registering, in a worker, and puts the solution into it. Without
// this file, or where the browser cannot, the form works the same; a moderator reads the first post then.
"use strict";

// Nobody waits longer than this for a slow machine.
const LONGEST_WAIT = 20000;

function solution(task) {
  return new Promise((resolve) => {
    const worker = new Worker("/static/altcha/pbkdf2.js");
    const end = (found) => {
      worker.terminate();
      resolve(found);
    };
    worker.onmessage = ({ data }) =>
      end(data && !data.error ? btoa(JSON.stringify({ challenge: task, solution: data })) : "");
    worker.onerror = () => end("");
    worker.postMessage({ type: "work", challenge: task, counterStart: 0, counterStep: 1 });
  });
}

function solve(field) {
  const form = field.form;
  const status = document.createElement("p");
  status.className = "hint";
  status.setAttribute("role", "status");
  form.querySelector(".actions").before(status);
  let isOver = false;
  let isWaiting = false;
  const goOn = (found) => {
    if (isOver) return;
    isOver = true;
    field.value = found;
    status.textContent = "";
    if (isWaiting) form.submit();
  };
  solution(JSON.parse(field.dataset.task)).then(goOn);
  form.addEventListener("submit", (event) => {
    if (isOver) return;
    event.preventDefault();
    event.stopPropagation();
    if (isWaiting) return;
    isWaiting = true;
    status.textContent = field.dataset.waits;
    setTimeout(() => goOn(""), LONGEST_WAIT);
  });
}

const field = document.querySelector("[data-task]");
if (field && !field.value && window.Worker && window.crypto?.subtle) solve(field);
