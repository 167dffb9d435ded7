// The page: files and frames go one after another to the server, answers become cards and rows.

import { model, predict } from "/static/api.js";
import { drawBoxes, faceCard, pictureCard } from "/static/cards.js";
import { cameraFrames, fileFrames, openCamera, openFile } from "/static/frames.js";
import { csv, rows } from "/static/table.js";

const MOST_ROWS = 100000; // an hour of several faces
const at = (id) => document.getElementById(id);
const state = { classes: [], takesReferences: false, megabytes: 0, table: [], queue: [], working: false, stop: null };

function settings() {
  const person = state.takesReferences ? { reference: at("reference").files[0], album: at("album").files } : {};
  return { prepared: at("prepared").checked, megabytes: state.megabytes, signal: state.stop.signal, ...person };
}

function say(text) {
  at("status").textContent = text;
}

function note(text) {
  at("note").textContent = text;
  at("note").hidden = !text;
}

function keep(answer, frame, time) {
  state.table.push(...rows(answer, state.classes, frame, time));
  if (state.table.length > MOST_ROWS) state.table.splice(0, state.table.length - MOST_ROWS);
}

const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

function add(files) {
  note("");
  for (const file of files) {
    if (file.type.startsWith("video/")) {
      state.queue.push(() => film(file.name, (video) => openFile(video, file), (video, signal) => fileFrames(video, Number(at("every").value) || 0.5, signal)));
    } else {
      const shown = pictureCard(file.name, file);
      at("results").append(shown.card);
      state.queue.push(() => picture(file, shown));
    }
  }
  work();
}

// Does what waits, one after another; what comes meanwhile waits too. Once stopped, what waits only says so.
async function work() {
  if (state.working || !state.queue.length) return;
  state.working = true;
  state.stop = new AbortController();
  at("actions").hidden = at("stop").hidden = false;
  let done = 0;
  while (state.queue.length) {
    say(`${done} done, ${state.queue.length} to go`);
    await state.queue.shift()();
    done++;
  }
  state.working = false;
  at("stop").hidden = true;
  const faces = state.table.filter((row) => row.label).length;
  say(state.table.length ? `${plural(faces, "face")}, ${plural(state.table.length - faces, "picture")} without` : "");
}

async function picture(file, shown) {
  shown.say("looking");
  try {
    const answer = await predict(file, file.name, settings());
    keep(answer, null, null);
    drawBoxes(shown.picture, answer);
    shown.faces.replaceChildren(...answer.faces.map((face) => faceCard(face, state.classes)));
    shown.say(answer.reason || plural(answer.faces.length, "face"));
  } catch (error) {
    const stopped = state.stop.signal.aborted;
    if (!stopped) keep({ file: file.name, faces: [], reason: error.message }, null, null);
    shown.say(stopped ? "stopped" : error.message);
  }
}

// Frames of the camera or of a video, answered as they come.
async function film(name, open, frames) {
  const { signal } = state.stop;
  if (signal.aborted) return;
  const video = at("video");
  at("status").ariaLive = "off"; // else a screen reader would never come to an end
  let close = () => {};
  try {
    close = await open(video);
    at("live").hidden = false;
    at("live").scrollIntoView({ block: "nearest" });
    for await (const { blob, frame, time, share } of frames(video, signal)) {
      const answer = await predict(blob, name, settings());
      keep(answer, frame, time);
      drawBoxes(video.parentElement, answer);
      at("live-faces").replaceChildren(...answer.faces.map((face) => faceCard(face, state.classes)));
      say(`${name}: ${time.toFixed(1)} s${share === undefined ? "" : `, ${Math.round(100 * share)} %`}, ${answer.reason || plural(answer.faces.length, "face")}`);
    }
  } catch (error) {
    if (!signal.aborted) note(`${name}: ${error.message}`);
  } finally {
    close();
    at("status").ariaLive = "polite";
    at("live").hidden = true;
    at("live-faces").replaceChildren();
    drawBoxes(video.parentElement, { faces: [] });
  }
}

function save() {
  const url = URL.createObjectURL(new Blob([csv(state.table)], { type: "text/csv" }));
  const link = Object.assign(document.createElement("a"), { href: url, download: "expressions.csv" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

function clear() {
  state.stop?.abort();
  state.table = [];
  state.queue = [];
  at("results").replaceChildren();
  at("actions").hidden = true;
  say("");
  note("");
  at("choose").focus();
}

at("choose").onclick = () => at("files").click();
at("files").onchange = () => {
  add(at("files").files);
  at("files").value = "";
};
at("camera").onclick = () => {
  note("");
  state.queue.push(() => film("camera", openCamera, cameraFrames));
  work();
};
at("stop").onclick = () => state.stop.abort();
at("save").onclick = save;
at("clear").onclick = clear;
document.onpaste = (event) => add(event.clipboardData.files);
document.ondragover = (event) => {
  event.preventDefault();
  at("drop").classList.add("over");
};
document.ondragleave = (event) => event.relatedTarget || at("drop").classList.remove("over");
document.ondrop = (event) => {
  event.preventDefault();
  at("drop").classList.remove("over");
  add(event.dataTransfer.files);
};

at("where").textContent = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname) ? "this machine" : location.hostname;
if (!navigator.mediaDevices) {
  at("camera").disabled = true;
  at("camera").title = "Browsers open the camera on localhost or with https alone";
}
const info = await model();
state.classes = info.classes;
state.takesReferences = info.takes_references;
state.megabytes = info.limits.megabytes;
at("model").textContent = `${info.name}: ${info.classes.join(", ")}`;
at("person").hidden = !info.takes_references;
if (!info.finds_faces) {
  at("prepared").checked = at("prepared").disabled = true;
  at("options").open = true;
  note("Nobody wrote down how faces must be cut out for this model, so only faces that are cut out already can be sent.");
}
