import { expand } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 as hash } from "@noble/hashes/sha2.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { hospital, ok } from "./api";
import { fromBase64, fromHex, hexOf, random, sha256, text, toHex, utf8, type Hex } from "./bytes";
import { canonicalBytes, type Json } from "./canonical";
import { open, seal, sealingKey } from "./hpke";
import { kinds } from "./kinds";
import { by } from "./mandates";
import { session } from "./session.svelte";
import { draft, signable, signDocument, signing, type SignedDocument, type Statement } from "./signing.svelte";
import { site } from "./site";

// A patient's records at her hospital, and who may read them: packages ledger/records and marketplace/recordindex, whose formulae these are.

const depth = 12; // bits of a month
const months = 1 << depth;
export const firstMonth = "1900-01";
export const lastMonth = "2241-04";

const monthOf = (m: string): number => (Number(m.slice(0, 4)) - 1900) * 12 + Number(m.slice(5, 7)) - 1;
const monthText = (n: number): string => `${1900 + Math.floor(n / 12)}-${String((n % 12) + 1).padStart(2, "0")}`;

/** The key of a kind and of the months that share the first depth bits. */
interface Node {
  kind: string;
  depth: number;
  first: number;
  key: Uint8Array;
}

const derive = (key: Uint8Array, info: string): Uint8Array => expand(hash, key, utf8(`medmarket records ${info}`), 32);
const span = (n: Node): number => months >> n.depth;

function child(n: Node, month: number): Node {
  const size = months >> (n.depth + 1);
  return { kind: n.kind, depth: n.depth + 1, first: month & ~(size - 1), key: derive(n.key, `half ${month & size ? 1 : 0}`) };
}

function cover(n: Node, from: number, to: number): Node[] {
  const last = n.first + span(n) - 1;
  if (from > last || to < n.first) return [];
  if (from <= n.first && last <= to) return [n];
  return [...cover(child(n, n.first), from, to), ...cover(child(n, last), from, to)];
}

const top = (secret: Uint8Array, kind: string): Node => ({ kind, depth: 0, first: 0, key: derive(secret, `kind ${kind}`) });

/** The fewest keys for the months from one to another, as an access file has them. */
export const ring = (secret: Uint8Array, of: string[], from: string, to: string) =>
  of.flatMap((k) => cover(top(secret, k), monthOf(from), monthOf(to))).map((n) => ({ kind: n.kind, depth: n.depth, first: monthText(n.first), key: toHex(n.key) }));

/** What is read of a pointer once it is open. */
interface Pointer {
  provider: string;
  kind: string;
  time: number;
  locator: string;
  record: Hex;
}

export class Forged extends Error {
  constructor() {
    super("The hospital showed something that is not what it should have put there.");
  }
}

/** Opens a pointer with the patient's secret; throws Forged. */
export async function openPointer(secret: Uint8Array, kind: string, month: string, number: number, key: Uint8Array, value: Uint8Array): Promise<Pointer> {
  let n = top(secret, kind);
  while (n.depth < depth) n = child(n, monthOf(month));
  const place = new Uint8Array(8);
  new DataView(place.buffer).setBigUint64(0, BigInt(number));
  if (toHex(hmac(hash, derive(n.key, "index"), place)) !== toHex(key)) throw new Forged();
  try {
    const aes = await crypto.subtle.importKey("raw", new Uint8Array(derive(n.key, "value")), "AES-GCM", false, ["decrypt"]);
    const b = new Uint8Array(value);
    const plain = new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: b.slice(0, 12), additionalData: new Uint8Array(key) }, aes, b.slice(12)));
    const p = JSON.parse(text(plain.slice(2, 2 + plain[0]! * 256 + plain[1]!))) as Pointer;
    if (p.kind !== kind || monthText(monthOf(new Date(p.time * 1000).toISOString())) !== month || p.provider !== site.party) throw new Forged();
    return p;
  } catch {
    throw new Forged();
  }
}

interface Access {
  reader: string;
  kinds: string[];
  from: string;
  to: string;
  until: number;
  records: boolean;
  /** Of the guardian who signs in the patient's place. */
  mandate?: Hex;
}

const accessDraft = (a: Access) =>
  draft("RecordAccess", { provider: site.party, ...a, kinds: [...a.kinds].sort(), nonce: toHex(random(32)) }, 1, a.until);

/** Has her sign an access, and fetches what its keys are made from, in one dialog. Throws Declined, ApiError. */
async function signed(a: Access, words: Statement): Promise<{ access: SignedDocument; secret: Uint8Array }> {
  const d = accessDraft(a);
  const mine = sealingKey();
  const request = signable<{ sealed?: string }>(`/v1/index-secret?sealing_key=${toHex(mine.key)}${a.mandate ? `&mandate=${a.mandate}` : ""}`);
  const [forAccess, forSecret] = await signing.askAll({ ...words, document: d.text }, [d.typed, request.typed]);
  const { sealed } = await request.send(forSecret!);
  return { access: d.signed(forAccess!), secret: await open(mine.secret, "medmarket records secret", fromBase64(sealed)) };
}

/** A record of hers that the hospital points at. */
export interface Mine {
  kind: string;
  month: string;
  number: number;
  time: number;
  record: Hex;
  standing: string;
}

/** What she has opened: it ends after some minutes. */
export interface Opened {
  access: SignedDocument;
  all: Mine[];
}

const minutes = 10;

/** Opens her own records, or those of her ward: by an access to herself that ends in minutes. */
export async function openMine(mandate: Hex | undefined): Promise<Opened> {
  const whose = mandate ? "the patient whose guardian you are" : "you";
  const { access, secret } = await signed(
    { reader: session.who?.address ?? "", kinds: kinds.map((k) => k.id), from: firstMonth, to: lastMonth, until: Math.floor(Date.now() / 1000) + minutes * 60, records: true, mandate },
    { title: mandate ? "Open the records" : "Open my records", lines: [`${site.name} shows you what it has of ${whose}, for ${minutes} minutes, on this page only.`, "That you looked stands in the list, as every reading does."], action: "Sign and open" },
  );
  const all: Mine[] = [];
  for (let page_token: string | undefined; ; ) {
    const { pointers = [], next_page_token } = ok(await hospital.POST("/v1/shown-pointers", { body: { access, page_token } }));
    for (const p of pointers) {
      const { kind = "", month = "", number = "0" } = p.place ?? {};
      const { time, record } = await openPointer(secret, kind, month, Number(number), fromBase64(p.key), fromBase64(p.value));
      all.push({ kind, month, number: Number(number), time, record, standing: p.standing ?? "" });
    }
    if (!next_page_token) return { access, all: all.sort((a, b) => b.time - a.time) };
    page_token = next_page_token;
  }
}

/** The record itself, a FHIR R4 Bundle; throws Forged if it is not the one that was pointed at. */
export async function record(access: SignedDocument, m: Mine): Promise<Uint8Array> {
  const r = ok(await hospital.POST("/v1/shown-records", { body: { access, place: { kind: m.kind, month: m.month, number: String(m.number) } } }));
  const content = fromBase64(r.record);
  if (toHex(sha256(content)) !== m.record) throw new Forged();
  return content;
}

/** A reader's card, as `medmarket records card` prints it. */
export interface Card {
  address: Hex;
  sealing_key: Hex;
}

export function readCard(content: string): Card {
  const wrong = new Error("That is not a doctor's card: it is the file that “medmarket records card” prints.");
  let c: Partial<Card> | null;
  try {
    c = JSON.parse(content) as Partial<Card> | null;
  } catch {
    throw wrong;
  }
  if (!/^0x[0-9a-f]{40}$/i.test(c?.address ?? "") || !/^0x[0-9a-f]{64}$/i.test(c?.sealing_key ?? "")) throw wrong;
  return { address: c!.address!.toLowerCase() as Hex, sealing_key: c!.sealing_key! };
}

async function compressed(b: Uint8Array): Promise<Uint8Array> {
  const packed = new Blob([new Uint8Array(b)]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

/** Gives a reader access, and makes the file that he alone can open. */
export async function share(card: Card, a: Omit<Access, "reader">, words: Statement): Promise<Uint8Array> {
  const { access, secret } = await signed({ ...a, reader: card.address }, words);
  const document = { content: access.content, revision: Number(access.revision), expiry: Number(access.expiry), signature: access.signature };
  const file = { hospitals: [{ provider: site.party, hospital: site.grpc, document, keys: ring(secret, a.kinds, a.from, a.to) }] };
  return seal(fromHex(card.sealing_key), "medmarket records access", await compressed(canonicalBytes(file as unknown as Json)));
}

/** What a reader was shown, or what was signed about her records (recordindex.Seen). */
export interface Seen {
  number: number;
  proven: boolean;
  access: Hex;
  reader: Hex;
  at: number;
  action: string;
  kinds: string[] | null;
  from: string;
  emergency?: { reason: string; until: number };
}

export interface Reader {
  address: Hex;
  /** Times that he was shown where there are records, and the records that he was shown. */
  looked: number;
  records: number;
  last: number;
  accesses: Hex[];
  standing: string;
}

export interface Emergency {
  clinician: Hex;
  at: number;
  reason: string;
  justified?: boolean;
  overdue: boolean;
}

export interface Readings {
  seen: Seen[];
  readers: Reader[];
  emergencies: Emergency[];
}

async function allSeen(mandate: Hex | undefined): Promise<Seen[]> {
  const all: Seen[] = [];
  for (let page_token: string | undefined; ; ) {
    const { uses = [], next_page_token } = ok(await hospital.GET("/v1/access-uses", { params: { query: { page_token, ...by(mandate) } } }));
    for (const u of uses) all.push({ ...(JSON.parse(text(fromBase64(u.content))) as Omit<Seen, "number" | "proven">), number: Number(u.number ?? 0), proven: !!u.inclusion });
    if (!next_page_token) return all.reverse();
    page_token = next_page_token;
  }
}

async function standings(mandate: Hex | undefined): Promise<Map<string, string>> {
  const out = new Map<string, string>();
  for (let page_token: string | undefined; ; ) {
    const { opinions = [], next_page_token } = ok(await hospital.GET("/v1/opinions", { params: { query: { page_token, ...by(mandate) } } }));
    for (const o of opinions) {
      const said = JSON.parse(text(fromBase64(o.document?.content))) as { reader?: string; standing: string };
      if (said.reader) out.set(said.reader, said.standing);
    }
    if (!next_page_token) return out;
    page_token = next_page_token;
  }
}

async function emergencies(mandate: Hex | undefined): Promise<Emergency[]> {
  const { emergencies: all = [] } = ok(await hospital.GET("/v1/emergencies", { params: { query: by(mandate) } }));
  return all.map((e) => ({
    clinician: hexOf(e.clinician),
    at: Number(e.at ?? 0),
    reason: (JSON.parse(text(fromBase64(e.document?.content))) as { reason: string }).reason,
    justified: e.countersignature ? (JSON.parse(text(fromBase64(e.countersignature.content))) as { justified: boolean }).justified : undefined,
    overdue: e.overdue ?? false,
  }));
}

/** Who has read, the newest first; she herself is none of them. */
export async function readings(mandate: Hex | undefined): Promise<Readings> {
  const [seen, said, urgent] = await Promise.all([allSeen(mandate), standings(mandate), emergencies(mandate)]);
  const readers = new Map<string, Reader>();
  for (const s of seen) {
    if (s.reader === session.who?.address || (s.action !== "pointers" && s.action !== "record")) continue;
    const r = readers.get(s.reader) ?? { address: s.reader, looked: 0, records: 0, last: s.at, accesses: [], standing: said.get(s.reader) ?? "" };
    if (s.action === "pointers") r.looked++;
    else r.records++;
    if (!r.accesses.includes(s.access)) r.accesses.push(s.access);
    readers.set(s.reader, r);
  }
  return { seen, readers: [...readers.values()], emergencies: urgent };
}

/** Keeps a reader out of all her records here, or lets him back. */
export async function judge(reader: Hex, standing: "accepted" | "rejected", mandate: Hex | undefined, words: Statement): Promise<void> {
  const opinion = await signDocument(words, "RecordOpinion", { provider: site.party, reader, standing, mandate }, Date.now()); // later ones are greater
  ok(await hospital.POST("/v1/opinions", { body: { opinion } }));
}

/** Takes an access back. */
export async function revoke(access: Hex, mandate: Hex | undefined, words: Statement): Promise<void> {
  const revocation = await signDocument(words, "RecordRevocation", { provider: site.party, access, mandate }, 1);
  ok(await hospital.POST("/v1/revoked-accesses", { body: { revocation } }));
}

