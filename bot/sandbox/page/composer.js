// The message box, attachments with their preview, commands. Calls `send`'s functions; knows no chat.

import { icon, make } from "./bubbles.js";
import { size } from "./text.js";

const $ = (selector) => document.querySelector(selector);
const box = $("#text");
const ALBUM = 10;
let send;
let commands = [];
let chosen = [];
let editing = null;
let answering = null;

// functions: text(text, replyTo), edit(message, text), files(kind, files, caption, replyTo), sample(kind), lastOwn()
export function compose(functions) {
  send = functions;
}

export function setCommands(list) {
  commands = list;
  suggest();
}

export function startEdit(message) {
  leave();
  editing = message;
  context("Edit message", message.text);
  box.value = message.text;
  grow();
  box.focus();
}

export function startReply(message) {
  leave();
  answering = message;
  context(message.from_bot ? "Reply to the bot" : "Reply", message.text || message.kind);
  box.focus();
}

export function leave() {
  if (editing) box.value = "";
  editing = answering = null;
  $("#context").hidden = true;
  grow();
}

function context(title, text) {
  $("#context b").textContent = title;
  $("#context i").textContent = text;
  $("#context").hidden = false;
}

function submit() {
  const text = box.value.trim();
  if (!text) return;
  if (editing) send.edit(editing, text);
  else send.text(text, answering?.id);
  box.value = "";
  editing = null;
  leave();
  suggest();
}

function grow() {
  box.style.height = "auto";
  if (box.scrollHeight) box.style.height = `${box.scrollHeight}px`; // 0 while it is hidden
}

// commands

function suggest() {
  const list = $("#suggestions");
  const typed = /^\/(\w*)$/.exec(box.value);
  const found = typed ? commands.filter(({ command }) => command.startsWith(typed[1].toLowerCase())) : [];
  list.hidden = !found.length;
  list.replaceChildren(
    ...found.map(({ command, description }, index) => {
      const item = make("li", "", make("b", "", `/${command}`), make("span", "", description));
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(index === 0));
      item.onmousedown = (event) => {
        event.preventDefault();
        take(`/${command}`);
      };
      return item;
    }),
  );
}

function take(command) {
  box.value = command;
  submit();
}

function move(step) {
  const items = [...$("#suggestions").children];
  const now = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
  const next = (now + step + items.length) % items.length;
  items.forEach((item, index) => item.setAttribute("aria-selected", String(index === next)));
  items[next].scrollIntoView({ block: "nearest" });
}

box.oninput = () => {
  grow();
  suggest();
};
box.onkeydown = (event) => {
  const open = !$("#suggestions").hidden;
  if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    move(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Tab" && open) {
    event.preventDefault();
    box.value = `${$('#suggestions [aria-selected="true"] b').textContent} `;
    suggest();
  } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    if (open) take($('#suggestions [aria-selected="true"] b').textContent);
    else submit();
  } else if (event.key === "Escape") {
    $("#suggestions").hidden = true;
    leave();
  } else if (event.key === "ArrowUp" && !box.value && send.lastOwn()) {
    event.preventDefault();
    startEdit(send.lastOwn());
  }
};
$("#write").onsubmit = (event) => {
  event.preventDefault();
  submit();
};
$("#context-close").onclick = leave;

// attachments

export function menu(button, list) {
  const show = (open) => {
    list.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (open) list.querySelector("button, a").focus();
  };
  button.onclick = () => show(list.hidden);
  list.addEventListener("click", () => show(false));
  document.addEventListener("pointerdown", (event) => {
    if (!list.hidden && !list.contains(event.target) && !button.contains(event.target)) show(false);
  });
  list.onkeydown = (event) => {
    const items = [...list.querySelectorAll("button, a")];
    const at = items.indexOf(document.activeElement);
    if (event.key === "ArrowDown") items[(at + 1) % items.length].focus();
    if (event.key === "ArrowUp") items.at(at - 1).focus();
    if (event.key === "Escape") {
      show(false);
      button.focus();
    }
  };
}

menu($("#attach"), $("#attach-menu"));
$("#attach-menu").addEventListener("click", (event) => {
  const kind = event.target.closest("[data-send]")?.dataset.send;
  if (kind === "photo") $("#photo-input").click();
  else if (kind === "file") $("#file-input").click();
  else if (kind) send.sample(kind);
});
for (const [input, asFile] of [[$("#photo-input"), false], [$("#file-input"), true]]) {
  input.onchange = () => {
    attach([...input.files], asFile);
    input.value = "";
  };
}

export function attach(files, asFile = false) {
  if (!files.length) return;
  if ($("#preview").open) chosen.push(...files);
  else {
    chosen = files;
    $("#preview-as-file").checked = asFile;
    $("#preview-caption").value = box.value;
    $("#preview").showModal();
    $("#preview-caption").focus();
  }
  preview();
}

const isPicture = (file) => file.type.startsWith("image/") || /\.(heic|heif|avif|webp|jpe?g|png)$/i.test(file.name);

function kindOf(file) {
  if ($("#preview-as-file").checked) return "document";
  if (file.type === "image/gif") return "animation";
  if (isPicture(file) && file.type !== "image/svg+xml") return "photo";
  if (file.type.startsWith("video/")) return "video";
  return file.type.startsWith("audio/") ? "audio" : "document";
}

function preview() {
  const place = $("#preview-files");
  place.querySelectorAll("img").forEach((image) => URL.revokeObjectURL(image.src));
  place.className = chosen.length === 1 ? "one" : "";
  place.replaceChildren(...chosen.map(figure));
  const what = new Set(chosen.map(kindOf));
  const name = what.size === 1 && what.has("photo") ? "photo" : "file";
  $("#preview-title").textContent = chosen.length === 1 ? `Send a ${name}` : `Send ${chosen.length} ${name}s`;
}

function figure(file) {
  const node = make("figure", "");
  const label = () => make("figcaption", "", file.name, make("small", "", size(file.size)));
  if (isPicture(file)) {
    const image = make("img");
    image.src = URL.createObjectURL(file);
    image.alt = file.name;
    image.onerror = () => image.replaceWith(label());
    node.append(image);
  } else node.append(label());
  const remove = make("button", "icon", icon("close"));
  remove.type = "button";
  remove.setAttribute("aria-label", `Leave out ${file.name}`);
  remove.onclick = () => {
    chosen = chosen.filter((one) => one !== file);
    if (chosen.length) preview();
    else $("#preview").close();
  };
  node.append(remove);
  return node;
}

$("#preview-as-file").onchange = preview;
$("#preview-cancel").onclick = () => $("#preview").close();
$("#preview-caption").onkeydown = (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("#preview-send").click();
  }
};
$("#preview").onclose = async () => {
  if ($("#preview").returnValue !== "send") return;
  $("#preview").returnValue = "";
  let caption = $("#preview-caption").value.trim();
  box.value = "";
  const replyTo = answering?.id;
  leave();
  for (const [kind, files] of batches(chosen)) {
    await send.files(kind, files, caption, replyTo);
    caption = "";
  }
};

// Neighbours of a kind that can form an album go together, ten at most.
function batches(files) {
  const found = [];
  for (const file of files) {
    const kind = kindOf(file);
    const last = found.at(-1);
    if (last?.[0] === kind && ["photo", "document"].includes(kind) && last[1].length < ALBUM) last[1].push(file);
    else found.push([kind, [file]]);
  }
  return found;
}

// dropping and pasting

const pane = $("#chat-pane");
let over = 0;
pane.ondragenter = (event) => {
  if (!event.dataTransfer.types.includes("Files")) return;
  over += 1;
  $("#drop").hidden = false;
};
pane.ondragleave = () => {
  over = Math.max(0, over - 1);
  $("#drop").hidden = over === 0;
};
pane.ondragover = (event) => event.preventDefault();
pane.ondrop = (event) => {
  event.preventDefault();
  over = 0;
  $("#drop").hidden = true;
  if (!$("#composer").hidden) attach([...event.dataTransfer.files]);
};
document.addEventListener("paste", (event) => {
  const files = [...(event.clipboardData?.files ?? [])];
  if (!files.length || $("#composer").hidden) return;
  event.preventDefault();
  attach(files);
});
