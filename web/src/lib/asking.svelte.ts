import { fromBase64, random, sha256, text, toBase64, toHex, type Hex } from "./bytes";
import { canonicalBytes, type Json } from "./canonical";
import { ApiError } from "./errors";
import { epsilonText } from "./format";
import type { Use } from "./preference";
import { marketplace, ok, type Marketplace } from "./api";
import { shown as shownVisas, shownWords } from "./passport";
import { queryOf, type Plan } from "./query/plan";
import { question, type Name } from "./query/words";
import { credits, epsilonOf, lossOf, me, useWords } from "./researcher";
import { signedPost, signing, type SignedDocument, type Statement } from "./signing.svelte";
import { domain, site } from "./site";
import type { Study } from "./study";
import { document, voucher } from "./typeddata";

// An ask: what is quoted becomes a document that she signs, with the promise to pay for it. A signed ask is kept in this
// browser until there is an answer or it is sure that there will be none: it may have been charged, and sending it again
// is free.

export type Quote = Marketplace["medmarket.v1.QuoteResponse"];

/** What POST /v1/asks takes; bytes are base64. */
interface Order {
  ask: string;
  signature: string;
  plan: string;
  plans: string[];
  voucher: string;
  voucher_signature: string;
  partial?: string;
  passport?: { visas: string[]; links: SignedDocument[] };
}

/** A signed ask that got no answer yet. */
export interface Kept {
  order: Order;
  request: Hex;
  words: string[];
  at: number; // Unix seconds
  several: boolean;
}

const life = 10 * 60; // seconds in which a signed ask must be used
const slot = () => `medmarket-ask-${me()}`;

let changes = $state(0); // of what is kept, so that what shows it is drawn again

export function kept(): Kept | undefined {
  void changes;
  const content = localStorage.getItem(slot());
  return content ? (JSON.parse(content) as Kept) : undefined;
}

export function forgetKept(): void {
  localStorage.removeItem(slot());
  changes++;
}

// After these an ask may have been charged and is to be sent again; without a reason, the connection was lost.
const uncertain = ["TIMED_OUT", "HOSPITAL_UNAVAILABLE", "QUERY_FAILED", "INTERNAL", "REQUEST_REPLAYED", ""];
// By these the sender is refused: that settles an ask that is sent for the first time only.
const unheard = ["UNAUTHENTICATED", "REQUEST_STALE", "TOO_MANY_REQUESTS", "FORBIDDEN", "WRONG_SIGNATURE", "MESSAGE_TOO_LARGE", "UNKNOWN_PATH"];

/** Whether an ask that ended so was not charged and will not be. */
export function settled(err: unknown, sentBefore: boolean): boolean {
  const reason = err instanceof ApiError ? err.reason : "";
  return !uncertain.includes(reason) && (!sentBefore || !unheard.includes(reason));
}

export interface Intent {
  quote: Quote;
  study: Study;
  purpose: Use;
  titles: Map<string, string>; // of datasets
  partial: boolean;
  visas: string[];
}

const planOf = (content: string | undefined): Plan => JSON.parse(text(fromBase64(content))) as Plan;

/** What she signs, made from the plans themselves. Throws if the marketplace's plans are not of one question. */
function statement(i: Intent, name: Name): { words: Statement; said: string[] } {
  const hospitals = i.quote.hospitals ?? [];
  const all = hospitals.map((h) => question({ ...queryOf(planOf(h.plan)), dataset: "" }, name));
  const said = all[0] ?? [];
  if (said.length === 0 || all.some((s) => s.join() !== said.join())) throw new Error("The marketplace's plans are not of one question. Nothing was signed.");
  const where = hospitals.map((h) => i.titles.get(h.dataset ?? "") ?? h.dataset ?? "");
  const cost = epsilonOf(lossOf(i.quote.cost));
  const delta = Number(i.quote.cost?.delta ?? 0) * 2 ** -63;
  return {
    said,
    words: {
      title: "Ask this question",
      lines: [
        ...said,
        `Asked at ${where.join(", ")}, under the study “${i.study.document.protocol}”, for ${useWords(i.purpose)}.`,
        `It costs every patient who is counted at most ε ${epsilonText(cost)} of privacy${delta > 0 ? ` and a chance of ${delta.toPrecision(2)} besides` : ""}${hospitals.length > 1 ? ", at each hospital" : ""}, and you ${credits(Number(i.quote.work ?? 0))} credits: in all, you have then promised ${credits(Number(i.quote.drawn ?? 0) + Number(i.quote.work ?? 0))} credits to this marketplace.`,
        ...(i.partial ? ["You take what has been answered if some of the hospitals are down, slow or fail."] : []),
      ],
      warning: "Once it is charged nothing is refunded. The question, its purpose and its cost stand in the public register; the answer does not.",
      action: "Sign and ask",
    },
  };
}

/** Has her sign an ask for what was quoted, and keeps it. Throws Declined. */
export async function sign(i: Intent, name: Name): Promise<Kept> {
  const { words, said } = statement(i, name);
  const hospitals = i.quote.hospitals ?? [];
  const expiry = Math.floor(Date.now() / 1000) + life;
  const asked = hospitals.map((h) => ({
    plan_hash: toHex(sha256(fromBase64(h.plan))),
    provider: toHex(fromBase64(h.provider)),
    dataset: h.dataset ?? "",
    max_work: Number(h.work ?? 0),
    at_least_as_of: 0,
  }));
  const [first, ...also] = asked;
  if (!first) throw new Error("The marketplace quoted no hospital.");
  const request = toHex(random(32));
  const ask = {
    request_id: request,
    grant: i.study.grant,
    ...first,
    purpose: { permission: i.purpose.permission, ...(i.purpose.diseases?.length && { diseases: i.purpose.diseases }), ...(i.purpose.methods && { methods: true }) },
    max_nano_rho: Number(i.quote.cost?.nano_rho ?? 0),
    expiry,
    ...(also.length > 0 && { also }),
  };
  const bytes = canonicalBytes(ask as unknown as Json);
  const hash = toHex(sha256(bytes));
  const promised = Number(i.quote.drawn ?? 0) + Number(i.quote.work ?? 0);
  const visas = shownVisas(i.visas);
  const shown = { ...words, lines: [...words.lines, ...shownWords(visas)], document: JSON.stringify({ ask, plans: hospitals.map((h) => planOf(h.plan)), voucher: promised }, null, 2) };
  const typed = [document(domain(), "Ask", hash, 0, expiry), voucher(domain(), me(), site.party, promised)];
  if (i.partial) typed.push(document(domain(), "Partial", hash, 0, 0));
  typed.push(...visas.links.map((l) => l.typed));
  const signatures = await signing.askAll(shown, typed);
  const [signature, promise, partial] = signatures.slice(0, typed.length - visas.links.length).map(toBase64);
  const order: Order = {
    ask: toBase64(bytes),
    signature: signature!,
    plan: hospitals[0]?.plan ?? "",
    plans: hospitals.slice(1).map((h) => h.plan ?? ""),
    voucher: String(promised),
    voucher_signature: promise!,
    ...(partial && { partial }),
    ...(i.visas.length > 0 && { passport: { visas: i.visas, links: visas.links.map((l, n) => l.signed(signatures[typed.length - visas.links.length + n]!)) } }),
  };
  const k: Kept = { order, request, words: said, at: Math.floor(Date.now() / 1000), several: hospitals.length > 1 };
  localStorage.setItem(slot(), JSON.stringify(k));
  changes++;
  return k;
}

/** Has her sign again what has expired of a kept ask: that its visas are about her. */
export async function refresh(k: Kept): Promise<Kept> {
  const { passport } = k.order;
  if (!passport || Date.now() / 1000 - k.at < life / 2) return k;
  const visas = shownVisas(passport.visas);
  const signatures = await signing.askAll({ title: "Show your visas again", lines: [...k.words, ...shownWords(visas)], action: "Sign and send" }, visas.links.map((l) => l.typed));
  return { ...k, order: { ...k.order, passport: { ...passport, links: visas.links.map((l, n) => l.signed(signatures[n]!)) } } };
}

/** Has her sign that she takes what there is of several hospitals. */
export async function takePartial(k: Kept): Promise<Kept> {
  const typed = document(domain(), "Partial", toHex(sha256(fromBase64(k.order.ask))), 0, 0);
  const signature = await signing.ask(
    { title: "Take what has been answered", lines: [...k.words, "You take the answers that there are. Hospitals that are down, slow or have failed are left out; the answer says so."], action: "Sign and take it" },
    typed,
  );
  return { ...k, order: { ...k.order, partial: toBase64(signature) } };
}

/** What came of an ask: the request id under which its receipt is, and whether it was shown again, free. */
export interface Answered {
  request: Hex;
  repeated: boolean;
}

type Operation = Marketplace["medmarket.v1.Operation"];

/** How far an ask is at each hospital: "waiting", "asked", "answered", "refused", … */
export type Progress = { dataset: string; state: string }[];

class UnderWay {
  /** Since when an ask is waited for, milliseconds; 0: none is. */
  since = $state(0);
  progress = $state.raw<Progress>([]);
}

/** The ask that this page waits for, wherever it is shown. */
export const underWay = new UnderWay();

/** It was stopped before any hospital charged it. */
export class Cancelled extends Error {
  constructor() {
    super("The ask was stopped before it was charged. Nothing was spent.");
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

// A refusal by a hospital comes as text here, "refused: CODE, CODE; not released: COLUMN" (package provider, RefusedError).
function failed(op: Operation): ApiError {
  const said = /^refused: ([^;]*)(?:; not released: (.*))?$/.exec(op.message ?? "");
  return new ApiError(op.reason ?? "", op.message || "there is no answer yet", said && op.reason === "REFUSED" ? { reasons: said[1]!.replaceAll(" ", ""), columns: said[2] ?? "" } : {});
}

async function outcome(first: Operation | undefined, k: Kept): Promise<Answered> {
  let op = first ?? {};
  for (let wait = 500; op.state === "OPERATION_STATE_RUNNING"; wait = Math.min(2000, wait * 1.5)) {
    underWay.progress = (op.hospitals ?? []).map((h) => ({ dataset: h.dataset ?? "", state: h.state ?? "" }));
    await pause(wait);
    op = ok(await marketplace.GET("/v1/operations/{request_id}", { params: { path: { request_id: k.request } } })).operation ?? {};
  }
  if (op.state === "OPERATION_STATE_CANCELLED") throw new Cancelled();
  if (op.state !== "OPERATION_STATE_ANSWERED") throw failed(op);
  const receipt = JSON.parse(text(fromBase64(op.answer?.receipt))) as { statement: { ask: { request_id: Hex } } };
  return { request: receipt.statement.ask.request_id, repeated: !!op.answer?.repeated };
}

/** Sends a signed ask, again if it was sent before, and follows it to its answer. What is settled is no longer kept. Throws ApiError, Cancelled. */
export async function send(k: Kept, sentBefore: boolean): Promise<Answered> {
  let open = false;
  underWay.since = Date.now();
  underWay.progress = [];
  try {
    const { operation } = ok(await marketplace.POST("/v1/operations", { body: { ask: k.order } }));
    open = true;
    const answered = await outcome(operation, k);
    forgetKept();
    return answered;
  } catch (err) {
    if (err instanceof Cancelled || settled(err, sentBefore || open)) forgetKept();
    throw err;
  } finally {
    underWay.since = 0;
  }
}

/** Stops an ask that is under way. Nothing is spent unless a hospital has charged it, which the answer says. */
export async function cancel(k: Kept): Promise<{ charged: boolean }> {
  const r = await signedPost<{ operation?: Operation }>(
    { title: "Stop this ask", lines: [...k.words, "If no hospital has charged it yet, nothing is spent. If one has, the charge stands, and the ask can be sent again for its answer."], action: "Stop it" },
    `/v1/operations/${k.request}/cancellation`,
    {},
  );
  return { charged: !!r.operation?.charged };
}
