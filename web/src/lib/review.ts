import { marketplace, ok, type Marketplace } from "./api";
import { fromHex, toBase64 } from "./bytes";
import type { Json } from "./canonical";
import { day } from "./format";
import { session } from "./session.svelte";
import { draft, signing, type Statement as Words } from "./signing.svelte";
import { domain } from "./site";
import { termsHash } from "./grant";
import { steps, study as load, type Attachment, type Study } from "./study";
import { grantChange, grantTerms, type Field } from "./typeddata";

// What a member of a committee signs in the review of a study. Each signs about the document that she saw: if another has taken its
// place, or somebody took a step since, the server refuses it.

export type Change = "suspend" | "resume" | "renew" | "revoke" | "close";

export class MovedOn extends Error {
  constructor() {
    super("Somebody took a step since you opened this page. Load it again, and read what is new before you decide.");
  }
}

/** Whether a study has gone on since she saw it: another document, or a step of somebody. */
export const moved = (seen: Study, now: Study): boolean => now.grant !== seen.grant || now.study !== seen.study || now.steps !== seen.steps;

/** The study as it is now; throws MovedOn if it has gone on since she read it, but for what she did herself. */
async function present(seen: Study): Promise<Study> {
  const now = await load(seen.study);
  const others = now.steps === seen.steps ? [] : (await steps(seen.study)).filter((s) => s.number > seen.steps && s.by !== session.who?.address);
  if (now.grant !== seen.grant || now.study !== seen.study || others.length > 0) throw new MovedOn();
  return now;
}

const stepDraft = (s: Study, action: string, text: string, more: { [key: string]: Json } = {}) =>
  draft("ReviewStep", { study: s.study, number: s.steps + 1, action, grant: s.grant, ...(text ? { text } : {}), ...more }, s.steps + 1);

const send = async (s: Study, step: ReturnType<typeof stepDraft>, signature: Uint8Array) =>
  void ok(await marketplace.POST("/v1/grants/{id}/steps", { params: { path: { id: s.study } }, body: { step: step.signed(signature) } }));

/** Takes a step that has a text: a question, a condition, … */
export async function step(seen: Study, action: string, text: string, words: Words): Promise<void> {
  const s = await present(seen);
  const d = stepDraft(s, action, text);
  await send(s, d, await signing.ask({ ...words, document: d.text }, d.typed));
}

/** Approves the present document, having set conditions first. */
export async function approve(seen: Study, words: Words): Promise<void> {
  const s = await present(seen);
  const g = s.document;
  const typed = grantTerms(domain(), { documentHash: s.grant, revision: s.revision, expiry: g.period.end, termsHash: termsHash(g) });
  const signature = await signing.ask({ ...words, document: JSON.stringify(g, null, 2) }, typed);
  ok(await marketplace.POST("/v1/grants/{id}/approval", { params: { path: { id: s.grant } }, body: { signature: toBase64(signature) } }));
}

const uint64 = (name: string): Field => ({ name, type: "uint64" });

/** What a change is of, besides the study. */
export interface Details {
  /** Of a renewal: when the next review is due, Unix seconds. */
  reviewBy?: number;
  /** Of a closure: files of the final report. */
  report?: Attachment[];
}

const none = `0x${"00".repeat(32)}`;
const reportHash = (report: Attachment[] | undefined): string => report?.[0]?.hash ?? none;

/** What is signed for the chain of a change. */
export function changeOf(s: Study, change: Change, { reviewBy = 0, report }: Details) {
  const d = domain();
  switch (change) {
    case "suspend":
      return grantChange(d, "GrantSuspension", s.grant, { field: uint64("suspensions"), value: String(s.suspensions) });
    case "resume":
      return grantChange(d, "GrantResumption", s.grant, { field: uint64("suspensions"), value: String(s.suspensions) });
    case "renew":
      return grantChange(d, "GrantReview", s.grant, { field: uint64("reviewBy"), value: String(reviewBy) });
    case "revoke":
      return grantChange(d, "GrantRevocation", s.grant, undefined);
    case "close":
      return grantChange(d, "GrantClosure", s.grant, { field: { name: "reportHash", type: "bytes32" }, value: reportHash(report) });
  }
}

/** Signs a change of a running study, and why, at once: the change goes to the chain, then the reason on record. */
export async function change(seen: Study, what: Change, reason: string, words: Words, details: Details = {}): Promise<void> {
  const s = await present(seen);
  const { reviewBy, report } = details;
  const d = stepDraft(s, what, reason, { ...(reviewBy ? { review_by: reviewBy } : {}), ...(report?.length ? { attachments: report as unknown as Json } : {}) });
  const [forChain, forRecord] = await signing.askAll({ ...words, document: d.text }, [changeOf(s, what, details), d.typed]);
  ok(
    await marketplace.POST("/v1/grants/{id}/changes", {
      params: { path: { id: s.grant } },
      body: {
        change: `GRANT_CHANGE_${what.toUpperCase()}` as Marketplace["medmarket.v1.GrantChange"],
        signature: toBase64(forChain!),
        ...(reviewBy ? { review_by: String(reviewBy) } : {}),
        ...(report?.length ? { report: toBase64(fromHex(reportHash(report))) } : {}),
      },
    }),
  );
  await send(s, d, forRecord!);
}

/** The words of each decision, made of the study that is decided on. */
export function wordsOf(s: Study, what: string, text: string, reviewBy = 0): Words {
  const name = `“${s.document.protocol}”`;
  const said = text ? [`On record: ${text}`] : [];
  switch (what) {
    case "inquire":
      return { title: "Ask the researchers", lines: [`You ask of the study ${name}:`, text], action: "Ask" };
    case "condition":
      return { title: "Set a condition", lines: [`The study ${name} is approved under this condition:`, text], action: "Set the condition" };
    case "return":
      return { title: "Return the study", lines: [`The study ${name} goes back to the researchers, who file another document.`, ...said], action: "Return it" };
    case "reject":
      return { title: "Reject the study", lines: [`The study ${name} is rejected.`, ...said], warning: "This cannot be undone: the researchers would have to file another study.", action: "Reject it" };
    case "suspend":
      return { title: "Suspend the study", lines: [`Nothing is answered under the study ${name} as soon as that is final on the chain.`, ...said], warning: "Answers that were handed over before stay. To go on, as many members must sign as to approve.", action: "Suspend it" };
    case "resume":
      return { title: "Let the study go on", lines: [`You sign that the study ${name} may ask again, as soon as enough members have signed.`, ...said], action: "Sign" };
    case "renew":
      return { title: "Put the review off", lines: [`The continuing review of the study ${name} is done. The next one is due on ${day(reviewBy)}, as soon as enough members have signed for that day.`, ...said], action: "Sign" };
    case "revoke":
      return { title: "Revoke the study", lines: [`Nothing is answered under the study ${name} any more, as soon as that is final on the chain.`, ...said], warning: "This is for good. Answers that were handed over before stay.", action: "Revoke it" };
    default:
      return { title: "Close the study", lines: [`The study ${name} is over: nothing is answered under it any more.`, ...said], warning: "This is for good.", action: "Close it" };
  }
}
