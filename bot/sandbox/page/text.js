// Formatted text as DOM nodes. Only nodes and textContent: what a bot or a person wrote is never parsed as HTML.

const TAGS = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "pre" };
TAGS.blockquote = TAGS.expandable_blockquote = "blockquote";
const SAFE_URL = /^(https?|mailto|tel|tg):/i;

// Offsets are UTF-16 units, as in JavaScript's strings. onCommand(text) is called for a tapped /command.
export function formatted(text, entities, onCommand) {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  const fragment = document.createDocumentFragment();
  fill(fragment, text, sorted, 0, text.length, onCommand);
  return fragment;
}

function fill(parent, text, entities, start, end, onCommand) {
  let at = start;
  let index = 0;
  while (index < entities.length) {
    const entity = entities[index];
    const from = Math.max(entity.offset, at);
    const to = Math.min(entity.offset + entity.length, end);
    index += 1;
    if (to <= from) continue;
    const inner = [];
    while (index < entities.length && entities[index].offset < to) inner.push(entities[index++]);
    parent.append(text.slice(at, from));
    const node = element(entity, text.slice(from, to), onCommand);
    fill(node, text, inner, from, to, onCommand);
    parent.append(node);
    at = to;
  }
  parent.append(text.slice(at, end));
}

function element(entity, words, onCommand) {
  if (["text_link", "url", "email"].includes(entity.type)) return link(entity, words);
  if (entity.type === "bot_command") {
    const button = document.createElement("button");
    button.className = "command";
    button.type = "button";
    button.onclick = () => onCommand(words);
    return button;
  }
  if (entity.type === "spoiler") {
    const span = document.createElement("span");
    span.className = "spoiler";
    span.onclick = () => span.classList.add("shown");
    return span;
  }
  return document.createElement(TAGS[entity.type] ?? "span");
}

function link(entity, words) {
  const url = entity.url ?? (entity.type === "email" ? `mailto:${words}` : words);
  const node = document.createElement("a");
  if (SAFE_URL.test(url)) {
    node.href = url;
    node.target = "_blank";
    node.rel = "noopener noreferrer";
  }
  return node;
}

export const clock = (seconds) =>
  new Date(seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

export function day(seconds) {
  const date = new Date(seconds * 1000);
  const today = new Date();
  if (date.toDateString() === today.toDateString()) return "Today";
  if (date.toDateString() === new Date(today - 864e5).toDateString()) return "Yesterday";
  return date.toLocaleDateString([], { day: "numeric", month: "long", year: "numeric" });
}

export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 2 ** 20 ? `${Math.round(bytes / 1024)} KB` : `${(bytes / 2 ** 20).toFixed(1)} MB`;
}
