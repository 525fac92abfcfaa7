import type { Client, Fields, Mutation } from "gridwalk";
import type { Account } from "./session.js";

/*
 * A rescue file: «gridwalk-rescue-1», 16 bytes of salt, 12 of nonce, then
 * AES-256-GCM of JSON under a key that PBKDF2-SHA256 (600,000 rounds) makes of
 * the officer's words.
 */
const head = new TextEncoder().encode("gridwalk-rescue-1");
const rounds = 600_000;

interface Content {
  officer: string;
  mutations: Mutation[];
  photos: { record: string; bytes: string }[];
}

async function keyOf(words: string, salt: Uint8Array): Promise<CryptoKey> {
  const raw = await crypto.subtle.importKey("raw", new TextEncoder().encode(words), "PBKDF2", false, ["deriveKey"]);
  return crypto.subtle.deriveKey({ name: "PBKDF2", hash: "SHA-256", salt: salt as BufferSource, iterations: rounds }, raw, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

/** Seals what waits in the outbox, with its photographs. */
export async function rescueFile(client: Client, account: Account, words: string): Promise<Blob> {
  const photos: Content["photos"] = [];
  for (const { record, state } of client.photos.get()) {
    const bytes = state === "safe" ? undefined : await client.photoBytes(record);
    if (bytes) photos.push({ record, bytes: base64(bytes) });
  }
  const content: Content = { officer: account.officer, mutations: client.outbox.get(), photos };
  const salt = crypto.getRandomValues(new Uint8Array(16)), nonce = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce, additionalData: head }, await keyOf(words, salt), new TextEncoder().encode(JSON.stringify(content)));
  return new Blob([head, salt, nonce, sealed]);
}

/** Why a file cannot be taken: `no_rescue`, `wrong_words`, `other_officer`. */
export class RescueError extends Error {
  constructor(readonly code: "no_rescue" | "wrong_words" | "other_officer") {
    super(code);
  }
}

/**
 * Puts the records of a rescue file into the outbox of the same officer. Records
 * keep their ids: what the server has already is not made twice. It gives how many.
 */
export async function openRescue(client: Client, account: Account, file: Blob, words: string): Promise<number> {
  const raw = new Uint8Array(await file.arrayBuffer());
  if (raw.length < head.length + 28 || head.some((byte, i) => raw[i] !== byte)) throw new RescueError("no_rescue");
  const salt = raw.slice(head.length, head.length + 16), nonce = raw.slice(head.length + 16, head.length + 28);
  let content: Content;
  try {
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: nonce, additionalData: head }, await keyOf(words, salt), raw.slice(head.length + 28));
    content = JSON.parse(new TextDecoder().decode(plain)) as Content;
  } catch {
    throw new RescueError("wrong_words");
  }
  if (content.officer !== account.officer) throw new RescueError("other_officer");
  const bytes = new Map(content.photos.map((photo) => [photo.record, photo.bytes]));
  const renamed = new Map<string, string>();
  const waiting = new Set(client.outbox.get().map(({ id }) => id));
  let taken = 0;
  for (const m of content.mutations) {
    // On the phone that it came from it waits still.
    if (waiting.has(m.id)) continue;
    const after = (m.after ?? []).map((id) => renamed.get(id)).filter((id): id is string => id !== undefined);
    const photo = bytes.get(m.record);
    if (m.op === "create" && client.get(m.collection, m.record)) continue;
    const made = m.collection === "evidence" && m.op === "create" && photo ? await client.capture(unbase64(photo), m.set as Fields, after) : await client.write(m.collection, m.record, m.op, m.set, after);
    renamed.set(m.id, made.id);
    taken++;
  }
  return taken;
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}

const unbase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
