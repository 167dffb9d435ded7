// The endpoints. One request at a time; a server that is busy is asked again.

const TRIES = 5;

export async function model() {
  const answer = await fetch("/api/model");
  return answer.json();
}

export async function predict(blob, name, settings) {
  const sent = [blob, settings.reference, ...(settings.album ?? [])];
  const size = sent.reduce((sum, file) => sum + (file?.size ?? 0), 0);
  if (size > 1e6 * settings.megabytes) throw new Error(`${(size / 1e6).toFixed(1)} MB; at most ${settings.megabytes} MB can be sent`);
  const form = new FormData();
  form.append("files", blob, name);
  form.append("faces", settings.prepared ? "prepared" : "find");
  if (settings.reference) form.append("reference", settings.reference);
  for (const file of settings.album ?? []) form.append("album", file);
  for (let attempt = 1; ; attempt++) {
    const answer = await fetch("/api/predict", { method: "POST", body: form, signal: settings.signal });
    if (answer.ok) return { ...(await answer.json()).pictures[0], file: name }; // names do not survive forms quite
    const wait = Number(answer.headers.get("retry-after"));
    if (!wait || attempt === TRIES) throw new Error(await reason(answer));
    await new Promise((resolve) => setTimeout(resolve, 1000 * wait));
  }
}

async function reason(answer) {
  try {
    const { detail } = await answer.json();
    return typeof detail === "string" ? detail : JSON.stringify(detail);
  } catch {
    return `the server answered ${answer.status}`;
  }
}
