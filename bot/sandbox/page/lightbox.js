// Photos, large, one after the other.

import { api } from "./api.js";

const box = document.querySelector("#lightbox");
const picture = document.querySelector("#lightbox-picture");
let photos = [];
let at = 0;

function show(index) {
  at = Math.max(0, Math.min(index, photos.length - 1));
  const { media, text, id } = photos[at];
  picture.src = api.file(media.file_id);
  picture.alt = text || "Photo";
  document.querySelector("#lightbox-title").textContent = `${media.width} × ${media.height} · ${at + 1} of ${photos.length}`;
  document.querySelector("#lightbox-caption").textContent = text;
  const save = document.querySelector("#lightbox-download");
  save.href = api.file(media.file_id, true);
  save.download = `photo-${id}.jpg`;
  document.querySelector("#lightbox-before").hidden = at === 0;
  document.querySelector("#lightbox-after").hidden = at === photos.length - 1;
}

export function openLarge(messages, id) {
  photos = messages.filter((message) => message.kind === "photo");
  show(photos.findIndex((message) => message.id === id));
  box.showModal();
}

document.querySelector("#lightbox-close").onclick = () => box.close();
document.querySelector("#lightbox-before").onclick = () => show(at - 1);
document.querySelector("#lightbox-after").onclick = () => show(at + 1);
box.onclick = (event) => {
  if ([box, picture].includes(event.target)) box.close();
};
box.onkeydown = (event) => {
  if (event.key === "ArrowLeft") show(at - 1);
  if (event.key === "ArrowRight") show(at + 1);
};
box.onclose = () => picture.removeAttribute("src");
