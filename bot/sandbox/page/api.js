// The person's side of the sandbox over HTTP.

export class Refused extends Error {}

async function ask(path, options) {
  let answer;
  try {
    answer = await fetch(`/person/${path}`, options);
  } catch {
    throw new Refused("The sandbox can't be reached.");
  }
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(body.error || `The sandbox answered ${answer.status}.`);
  return body;
}

const post = (path, body) =>
  ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body ?? {}) });

const upload = (path, files, fields) => {
  const form = new FormData();
  files.forEach((file, index) => form.append(`file${index}`, file, file.name));
  for (const [name, value] of Object.entries(fields)) if (value) form.append(name, value);
  return ask(path, { method: "POST", body: form });
};

export const api = {
  chats: () => ask("chats"),
  chat: (id) => ask(`chats/${id}`),
  messages: (id) => ask(`chats/${id}/messages`),
  open: (name, language) => post("chats", { name, language_code: language }),
  text: (id, text, replyTo) => post(`chats/${id}/text`, { text, reply_to: replyTo }),
  edit: (id, message, text) => post(`chats/${id}/edit`, { message_id: message, text }),
  media: (id, kind, file, fields = {}) => upload(`chats/${id}/${kind}`, file ? [file] : [], fields),
  album: (id, files, fields) => upload(`chats/${id}/album`, files, fields),
  location: (id) => post(`chats/${id}/location`),
  tap: (id, message, data) => post(`chats/${id}/tap`, { message_id: message, data, stale: true }),
  block: (id, blocked) => post(`chats/${id}/block`, { blocked }),
  stop: (id, draft) => post(`chats/${id}/stop`, { draft }),
  flooded: async () => Object.keys(await ask("flood")).length > 0,
  flood: (on) => post("flood", { on }),
  file: (id, download) => `/person/files/${encodeURIComponent(id)}${download ? "?download=1" : ""}`,
};

// Calls hear(event) for every event, and online(true|false) as the connection comes and goes.
export function listen(hear, online) {
  const source = new EventSource("/person/events");
  source.onopen = () => online(true);
  source.onerror = () => online(false);
  source.onmessage = (message) => hear(JSON.parse(message.data));
}
