// The page's state and what changes it: chats, the open chat's messages, events of the sandbox.

import { api, listen } from "./api.js";
import { draw, make } from "./bubbles.js";
import { compose, leave, menu, setCommands, startEdit, startReply } from "./composer.js";
import { openLarge } from "./lightbox.js";
import { clock } from "./text.js";

const $ = (selector) => document.querySelector(selector);
const log = $("#messages");
const ACTION_SECONDS = 5;
const DRAFT_SECONDS = 30;
const FACES = ["#e17076", "#7bc862", "#65aadd", "#a695e7", "#ee7aae", "#e5a64e", "#6ec9cb"];
const ACTIONS = { typing: "typing", upload_photo: "sending a photo", upload_document: "sending a file", upload_video: "sending a video" };

let chats = [];
let open = null; // the open chat's details
let messages = [];
const unread = new Map();
let actionTimer = 0;
const draftTimers = new Map();
let told = 0; // events so far
let connected = true;

// the list

async function loadChats() {
  chats = await api.chats();
  drawChats();
}

function drawChats() {
  const sorted = [...chats].sort((a, b) => (b.last?.date ?? 9e12) - (a.last?.date ?? 9e12));
  $("#chats").replaceChildren(...sorted.map(chatLine));
  $("#welcome").hidden = chats.length > 0;
  for (const node of [log, $("#composer"), $("#more")]) node.hidden = !open;
}

function chatLine(chat) {
  const face = make("span", "face", [...chat.title][0]?.toUpperCase() ?? "?");
  face.style.background = FACES[Math.abs(chat.id) % FACES.length];
  face.style.color = "#fff";
  const count = unread.get(chat.id);
  const last = chat.last ? `${chat.last.mine ? "You: " : ""}${chat.last.text}` : "No messages yet";
  const line = make("button", "", face, make("b", "", chat.title), make("small", "", chat.last ? clock(chat.last.date) : ""));
  line.append(make("span", "", last), count ? make("em", "unread", String(count)) : "");
  line.dataset.chat = chat.id;
  line.setAttribute("aria-current", String(chat.id === open?.id));
  line.onclick = () => show(chat.id);
  return line;
}

// the open chat

async function show(id) {
  open = await api.chat(id);
  unread.delete(id);
  history.replaceState(null, "", `#${id}`);
  document.body.dataset.view = "chat";
  leave();
  status("");
  dropExtra("draft");
  await loadMessages();
  drawPeer();
  drawChats();
  toEnd();
  if (matchMedia("(hover: hover)").matches) $("#text").focus();
}

async function loadMessages() {
  let answer, before;
  do {
    before = told; // what is told meanwhile may be missing in the answer, which must not hide it
    answer = await api.messages(open.id);
  } while (told !== before);
  const { messages: list, drafts } = answer;
  messages = list;
  redraw();
  dropExtra("draft");
  drafts.forEach(({ id, text }) => drawDraft({ draft: id, text }));
}

function drawPeer() {
  $("#peer-name").textContent = open.bot;
  document.title = `${open.title} · ${open.bot}`;
  setCommands(open.commands);
  $("#block").textContent = open.blocked ? "Unblock the bot" : "Block the bot";
  $("#write").hidden = open.blocked;
  $("#unblock").hidden = !open.blocked;
  $("#transcript").href = `/person/transcript?chat=${open.id}`;
}

const nearEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 140;
const toEnd = () => (log.scrollTop = log.scrollHeight);

function redraw() {
  const stay = nearEnd();
  log.querySelector(".intro")?.remove();
  draw(log, messages, acts);
  if (!messages.length) log.append(intro());
  if (stay) toEnd();
}

function intro() {
  const begin = make("button", "primary", "START");
  begin.id = "start";
  begin.onclick = () => guarded(() => api.text(open.id, "/start"));
  const text = open.description || "Press START, or send a photo at once: drop it here, paste it, or use the paper clip.";
  return make("div", "intro extra", make("h2", "", open.bot), make("p", "", text), begin);
}

async function guarded(run) {
  try {
    return await run();
  } catch (error) {
    toast(error.message, true);
    return null;
  }
}

const acts = {
  command: (text) => guarded(() => api.text(open.id, text)),
  open: (id) => openLarge(messages, id),
  edit: startEdit,
  reply: startReply,
  async tap(message, button) {
    if (button.copy_text) {
      await navigator.clipboard?.writeText(button.copy_text.text).catch(() => {});
      return toast("Copied");
    }
    if (!button.callback_data) return toast("Buttons of this kind do nothing here.");
    const answer = await guarded(() => api.tap(open.id, message.id, button.callback_data));
    if (!answer?.text) return null;
    if (!answer.show_alert) return toast(answer.text);
    $("#alert-text").textContent = answer.text;
    return $("#alert").showModal();
  },
};

compose({
  text: (text, replyTo) => guarded(() => api.text(open.id, text, replyTo)),
  edit: (message, text) => guarded(() => api.edit(open.id, message.id, text)),
  sample: (kind) => guarded(() => (kind === "location" ? api.location(open.id) : api.media(open.id, kind))),
  lastOwn: () => messages.findLast((one) => !one.from_bot && (one.kind === "text" || one.text)),
  async files(kind, files, caption, replyTo) {
    const many = files.length > 1 ? ` ${files.length} files` : "";
    const words = make("div", "words", make("span", "ring"), `Sending${many}…`);
    const pending = make("article", "bubble extra pending", make("div", "body", words));
    pending.dataset.from = "me";
    log.append(pending);
    toEnd();
    const fields = { caption, reply_to: replyTo, as_files: kind === "document" ? "true" : "" };
    await guarded(() =>
      files.length > 1 ? api.album(open.id, files, fields) : api.media(open.id, kind, files[0], fields),
    );
    pending.remove();
  },
});

// what the sandbox tells

function hear(event) {
  told += 1;
  if (event.kind === "chat" || event.kind === "commands") return refresh();
  const here = event.chat === open?.id;
  if (event.kind === "message") {
    const chat = chats.find((one) => one.id === event.chat);
    if (!here && event.message.from_bot) unread.set(event.chat, (unread.get(event.chat) ?? 0) + 1);
    if (chat) chat.last = { text: summary(event.message), date: event.message.date, mine: !event.message.from_bot };
    drawChats();
  }
  if (event.kind === "edited" || event.kind === "deleted") refreshList();
  if (!here) return null;
  if (event.kind === "message") arrived(event.message);
  if (event.kind === "edited") messages = messages.map((one) => (one.id === event.message.id ? event.message : one));
  if (event.kind === "deleted") messages = messages.filter((one) => one.id !== event.id);
  if (event.kind === "seen") messages = messages.map((one) => (one.id === event.id ? { ...one, seen: true } : one));
  if (event.kind === "action") return status(ACTIONS[event.action] ?? event.action.replaceAll("_", " "));
  if (event.kind === "draft") return drawDraft(event);
  return redraw();
}

function arrived(message) {
  if (messages.some((one) => one.id === message.id)) return;
  const away = !nearEnd();
  messages.push(message);
  if (message.from_bot) {
    status("");
    dropExtra("draft");
    if (away) $("#to-end span").textContent = String(Number($("#to-end span").textContent || 0) + 1);
  } else requestAnimationFrame(toEnd);
}

function summary(message) {
  const kind = { animation: "GIF", voice: "Voice message", text: "" }[message.kind] ?? message.kind;
  return [kind && kind[0].toUpperCase() + kind.slice(1), message.text].filter(Boolean).join(" · ");
}

let listTimer = 0;
function refreshList() {
  clearTimeout(listTimer);
  listTimer = setTimeout(() => guarded(loadChats), 300);
}

async function refresh() {
  await guarded(loadChats);
  if (!open) return;
  const details = await guarded(() => api.chat(open.id));
  if (!details || details.id !== open.id) return;
  open = details;
  drawPeer();
  redraw();
}

const idle = () => (open ? `bot · you write as ${open.people[0].name}` : "bot");

function status(text) {
  clearTimeout(actionTimer);
  $("#peer-status").classList.toggle("busy", Boolean(text));
  $("#peer-status").textContent = connected ? text || idle() : "connecting…";
  if (text) actionTimer = setTimeout(() => status(""), ACTION_SECONDS * 1000);
}

function drawDraft({ draft, text, can_stop: canStop }) {
  const stay = nearEnd();
  const words = make("div", "words", make("span", "ring"), text || "Thinking…");
  const node = make("article", "bubble extra draft", make("div", "body", words));
  node.dataset.from = "bot";
  node.dataset.draft = draft;
  if (canStop) {
    const stop = make("button", "key", "Stop");
    stop.onclick = () => guarded(() => api.stop(open.id, draft)).then(() => dropDraft(draft));
    node.append(make("div", "keys", make("div", "", stop)));
  }
  const before = log.querySelector(`.extra.draft[data-draft="${draft}"]`);
  if (before) before.replaceWith(node);
  else log.append(node);
  if (stay) toEnd();
  clearTimeout(draftTimers.get(draft));
  draftTimers.set(draft, setTimeout(() => dropDraft(draft), DRAFT_SECONDS * 1000));
}

function dropDraft(draft) {
  clearTimeout(draftTimers.get(draft));
  draftTimers.delete(draft);
  log.querySelectorAll(`.extra.draft[data-draft="${draft}"]`).forEach((node) => node.remove());
}

function dropExtra(name) {
  log.querySelectorAll(`.extra.${name}`).forEach((node) => node.remove());
}

let toastTimer = 0;
function toast(text, trouble = false) {
  const node = $("#toast");
  node.hidden = true;
  node.textContent = text;
  node.classList.toggle("trouble", trouble);
  node.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => (node.hidden = true), 2500 + 60 * text.length);
}

// everything else on the page

async function newChat(name, language) {
  const chat = await guarded(() => api.open(name, language));
  if (!chat) return;
  await loadChats();
  await show(chat.id);
}

$("#welcome-form").onsubmit = (event) => {
  event.preventDefault();
  newChat($("#welcome-name").value, navigator.language.slice(0, 2).toLowerCase());
};
$("#new-chat").onclick = () => {
  $("#new-name").value = ["Ada", "Ben", "Chidi", "Dalia", "Emil", "Farah", "Goran", "Hana"][chats.length % 8];
  $("#new-dialog").showModal();
  $("#new-name").select();
};
$("#new-cancel").onclick = () => $("#new-dialog").close();
$("#new-dialog").onclose = () => {
  if ($("#new-dialog").returnValue !== "create") return;
  $("#new-dialog").returnValue = "";
  newChat($("#new-name").value, $("#new-language").value);
};
$("#back").onclick = () => (document.body.dataset.view = "list");
const block = (blocked) => guarded(() => api.block(open.id, blocked));
$("#block").onclick = () => block(!open.blocked);
$("#unblock").onclick = () => block(false);
$("#flood").onclick = async (event) => {
  const on = event.currentTarget.getAttribute("aria-checked") !== "true";
  const button = event.currentTarget;
  if (await guarded(() => api.flood(on))) button.setAttribute("aria-checked", String(on));
};
menu($("#more"), $("#more-menu"));

const root = document.documentElement;
if (localStorage.theme) root.dataset.theme = localStorage.theme;
$("#theme").onclick = () => {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = localStorage.theme = dark ? "light" : "dark";
};

log.addEventListener("scroll", () => {
  $("#to-end").hidden = nearEnd();
  if (nearEnd()) $("#to-end span").textContent = "";
});
$("#to-end").onclick = toEnd;
new ResizeObserver(() => nearEnd() && toEnd()).observe(log);
log.addEventListener("load", () => nearEnd() && toEnd(), true);
document.addEventListener("click", (event) => {
  document.querySelectorAll(".bubble.chosen").forEach((node) => node.classList.remove("chosen"));
  event.target.closest(".bubble .words, .bubble .stamp")?.closest(".bubble").classList.add("chosen");
});

async function begin() {
  await loadChats();
  $("#flood").setAttribute("aria-checked", String(await api.flooded()));
  const wanted = chats.find((chat) => String(chat.id) === location.hash.slice(1));
  document.body.dataset.view = chats.length ? "list" : "chat";
  if (wanted || chats.length === 1) await show((wanted ?? chats[0]).id);
  else if (chats.length && matchMedia("(min-width: 721px)").matches) await show(chats[0].id);
}

await guarded(begin);
let heard = false; // what happens before the stream is open is told to nobody
listen(hear, async (now) => {
  const missed = now && !(connected && heard);
  connected = now;
  heard ||= now;
  status("");
  if (!missed) return;
  await guarded(loadChats);
  if (open) await guarded(loadMessages);
});
