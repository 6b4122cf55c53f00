// Messages as bubbles. A message that did not change keeps its element, so that pictures don't flicker.

import { api } from "./api.js";
import { clock, day, formatted, size } from "./text.js";

const VISUAL = new Set(["photo", "animation", "video", "video_note", "sticker"]);
const ALBUM_WIDTH = 420;
const drawn = new Map(); // key of a group -> { element, signature }

export function make(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

// Puts the messages into `log`. act: { tap, command, open, edit, reply, settled }.
export function draw(log, messages, act) {
  const nodes = [];
  const kept = new Set();
  let lastDay = "";
  let lastSide = null;
  for (const group of grouped(messages)) {
    const first = group[0];
    if (day(first.date) !== lastDay) {
      lastDay = day(first.date);
      nodes.push(marker(lastDay));
      lastSide = null;
    }
    const answered = group[0].reply_to && messages.find((one) => one.id === first.reply_to);
    const signature = JSON.stringify([group, answered?.text]);
    const key = `${first.chat}/${first.id}`;
    kept.add(key);
    const before = drawn.get(key);
    if (before?.signature !== signature) {
      const element = bubble(group, answered, act);
      if (before) keepPictures(before.element, element);
      drawn.set(key, { element, signature });
    }
    const { element } = drawn.get(key);
    element.classList.toggle("turn", lastSide !== null && lastSide !== first.from_bot);
    lastSide = first.from_bot;
    nodes.push(element);
  }
  for (const key of drawn.keys()) if (!kept.has(key)) drawn.delete(key);
  const extras = [...log.querySelectorAll(":scope > .extra")];
  const wanted = [...nodes, ...extras];
  if (wanted.length !== log.children.length || wanted.some((node, index) => log.children[index] !== node)) {
    const focused = document.activeElement;
    log.replaceChildren(...wanted);
    if (focused !== document.activeElement && log.contains(focused)) focused.focus({ preventScroll: true });
  }
}

// A message that was edited under its picture: the picture is moved, since one that is made anew flickers.
function keepPictures(before, after) {
  const old = new Map([...before.querySelectorAll("img.photo")].map((image) => [image.src, image]));
  for (const image of after.querySelectorAll("img.photo")) {
    const same = old.get(image.src);
    if (!same || same.classList.contains("hushed") !== image.classList.contains("hushed")) continue;
    same.alt = image.alt;
    image.replaceWith(same);
  }
}

function marker(text) {
  return make("p", "day", text);
}

function grouped(messages) {
  const groups = [];
  for (const message of messages) {
    const last = groups.at(-1);
    const together = message.album && last?.[0].album === message.album && message.kind === last[0].kind;
    if (together) last.push(message);
    else groups.push([message]);
  }
  return groups;
}

function bubble(group, answered, act) {
  const first = group[0];
  if (first.kind === "service") return make("p", "service", "The group became a supergroup");
  const box = make("article", "bubble");
  const told = group.find((one) => one.text) ?? first;
  mark(box, first);
  box.tabIndex = -1;
  box.setAttribute("aria-label", first.from_bot ? "Message from the bot" : "Your message");
  const body = make("div", "body");
  if (answered) body.append(quote(answered));
  const visual = group.length > 1 && first.kind === "photo" ? album(group, act) : stack(group, act);
  if (visual) body.append(visual);
  if (told.text) {
    const words = make("div", "words", formatted(told.text, told.entities, act.command));
    words.dir = "auto";
    body.append(words);
  }
  if (!told.text && VISUAL.has(first.kind)) body.classList.add("bare");
  if (VISUAL.has(first.kind) && first.kind !== "sticker") box.style.width = `${shownWidth(group)}px`;
  if (first.kind === "sticker") body.classList.add("sticker");
  if (told.edited) box.classList.add("edited");
  body.append(stamp(group.at(-1), told.edited, group.every((one) => one.seen)));
  box.append(body);
  if (first.keyboard.length) box.append(keys(first, act));
  const emoji = group.flatMap((one) => one.reactions);
  if (emoji.length) {
    box.classList.add("reacted");
    const reaction = make("span", "reaction", ...new Set(emoji));
    reaction.setAttribute("aria-label", "Reaction of the bot");
    body.after(reaction);
  }
  box.append(acts(told, act));
  return box;
}

function mark(node, message) {
  node.dataset.message = message.id;
  node.dataset.from = message.from_bot ? "bot" : "me";
  node.dataset.kind = message.kind;
}

function stamp(message, edited, seen) {
  const node = make("span", "stamp", `${edited ? "edited " : ""}${clock(message.date)}`);
  if (!message.from_bot) {
    const ticks = make("span", "ticks", seen ? " ✓✓" : " ✓");
    ticks.title = seen ? "The bot has taken it in" : "Waiting for the bot";
    node.append(ticks);
  }
  return node;
}

function quote(answered) {
  const node = make("button", "quote", answered.text || answered.kind[0].toUpperCase() + answered.kind.slice(1));
  node.onclick = () => document.querySelector(`[data-message="${answered.id}"]`)?.scrollIntoView({ block: "center" });
  return node;
}

function album(group, act) {
  const grid = make("div", `grid ${{ 2: "two", 4: "four" }[group.length] ?? ""}`);
  group.forEach((message, index) => {
    const cell = make("div", cellClass(group.length, index), photo(message, act));
    if (index) mark(cell, message);
    grid.append(cell);
  });
  return grid;
}

// An album's first row: one wide, or two halves, so that the rest fills rows of three.
function cellClass(count, index) {
  const rest = count % 3;
  if (count === 2 || count === 4) return "";
  if (count === 3) return index ? "half" : "wide";
  if (rest === 1 && index === 0) return "wide";
  return rest === 2 && index < 2 ? "half" : "";
}

function stack(group, act) {
  const parts = group.map((message) => visualOf(message, act)).filter(Boolean);
  return parts.length > 1 ? make("div", "", ...parts) : parts[0];
}

function visualOf(message, act) {
  const media = message.media;
  if (message.place) return place(message.place);
  if (!media) return null;
  if (message.kind === "photo") return fit(photo(message, act), media);
  const source = api.file(media.file_id);
  if (message.kind === "sticker" || (message.kind === "animation" && media.mime.startsWith("image/"))) {
    const image = make("img", message.kind === "sticker" ? "" : "photo");
    image.src = source;
    image.alt = message.kind === "sticker" ? "Sticker" : "GIF";
    return message.kind === "animation" ? fit(image, media) : image;
  }
  if (["video", "animation", "video_note"].includes(message.kind)) {
    const video = make("video");
    Object.assign(video, { src: source, controls: true, playsInline: true, loop: message.kind === "animation" });
    return video;
  }
  if (["voice", "audio"].includes(message.kind)) {
    const audio = make("audio");
    Object.assign(audio, { src: source, controls: true, preload: "metadata" });
    return audio;
  }
  return file(media);
}

function photo(message, act) {
  const image = make("img", "photo");
  image.src = api.file(message.media.file_id);
  image.alt = message.text ? `Photo: ${message.text.slice(0, 120)}` : "Photo";
  image.tabIndex = 0;
  image.setAttribute("role", "button");
  image.decoding = "async";
  if (message.spoiler) image.classList.add("hushed");
  image.onclick = () => (image.classList.contains("hushed") ? image.classList.remove("hushed") : act.open(message.id));
  image.onkeydown = (event) => {
    if (!["Enter", " "].includes(event.key)) return;
    event.preventDefault();
    image.click();
  };
  return image;
}

// A bubble is as wide as its picture: at most 420 px, and so that the picture is at most 440 px high; text wraps in it.
function shownWidth(group) {
  if (group.length > 1) return ALBUM_WIDTH;
  const { width, height } = group[0].media;
  if (!width || !height) return ALBUM_WIDTH;
  return Math.round(Math.max(Math.min(420, (440 * width) / height, width), 250));
}

// Reserves the room before the picture is there; what is much taller than wide is cut to fit.
function fit(image, media) {
  image.width = media.width || 320;
  image.height = media.height || 320;
  image.style.aspectRatio = `${image.width} / ${image.height}`;
  image.style.maxHeight = "520px";
  return image;
}

function file(media) {
  const disc = make("span", "disc");
  if (media.preview_id) {
    const image = make("img");
    image.src = api.file(media.preview_id);
    image.alt = "";
    disc.append(image);
  } else disc.append(icon("file"));
  const node = make("a", "file-link", disc, make("b", "", media.name ?? "file"), make("small", "", size(media.size)));
  node.href = api.file(media.file_id, true);
  node.download = media.name ?? "";
  node.setAttribute("aria-label", `Download ${media.name ?? "the file"}, ${size(media.size)}`);
  return node;
}

function place([latitude, longitude]) {
  return make("div", "place", icon("pin"), `${latitude.toFixed(4)}, ${longitude.toFixed(4)}`);
}

function keys(message, act) {
  const rows = message.keyboard.map((row) => make("div", "", ...row.map((button) => key(message, button, act))));
  const node = make("div", "keys", ...rows);
  node.setAttribute("role", "group");
  node.setAttribute("aria-label", "Buttons");
  return node;
}

function key(message, button, act) {
  const look = button.style ? ` ${button.style}-style` : "";
  if (button.url) {
    const link = make("a", `key${look}`, `${button.text} ↗`);
    Object.assign(link, { href: button.url, target: "_blank", rel: "noopener noreferrer" });
    return link;
  }
  const node = make("button", `key${look}`, button.text);
  node.type = "button";
  node.onclick = async () => {
    if (node.ariaBusy === "true") return;
    node.setAttribute("aria-busy", "true");
    await act.tap(message, button);
    node.removeAttribute("aria-busy");
  };
  return node;
}

function acts(message, act) {
  const row = make("div", "acts");
  const add = (className, label, run) => {
    const button = make("button", className, label);
    button.type = "button";
    button.onclick = () => run(message);
    row.append(button);
  };
  add("reply-to", "Reply", act.reply);
  if (!message.from_bot && (message.media || message.kind === "text")) add("edit-own", "Edit", act.edit);
  return row;
}
