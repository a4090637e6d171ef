import { marketplace, ok, type Marketplace } from "./api";
import { fromBase64, hexOf, sha256, text, toHex } from "./bytes";
import type { GrantDocument } from "./grant";

// Studies as their committees and researchers see them: where each stands, its steps (package marketplace/review) and what it has spent.

export type State = "submitted" | "questioned" | "returned" | "approved" | "rejected" | "withdrawn" | "revoked" | "closed" | "unspecified";
export type Status = "unspecified" | "active" | "suspended" | "revoked" | "superseded" | "closed";

export interface Study {
  /** Of the present document. */
  grant: string;
  /** Of the first document. */
  study: string;
  document: GrantDocument;
  revision: number;
  created: number;
  state: State;
  status: Status;
  role: "applicant" | "committee" | "unspecified";
  steps: number;
  suspensions: number;
  /** Continuing review as it stands on the chain, or as the document says while it is not approved; 0: none. */
  reviewBy: number;
  waiting: boolean;
}

const word = (s: string | undefined, prefix: string): string => (s ?? `${prefix}UNSPECIFIED`).slice(prefix.length).toLowerCase();

export function studyOf(g: Marketplace["medmarket.v1.Grant"] | undefined): Study {
  const content = fromBase64(g?.document?.content);
  const grant = hexOf(g?.id);
  if (toHex(sha256(content)) !== grant) throw new Error("The marketplace showed another document than the one that it names.");
  const document = JSON.parse(text(content)) as GrantDocument;
  return {
    grant,
    study: hexOf(g?.study),
    document,
    revision: Number(g?.document?.revision ?? 0),
    created: Number(g?.created_at ?? 0),
    state: word(g?.state, "REVIEW_STATE_") as State,
    status: word(g?.status, "GRANT_STATUS_") as Status,
    role: word(g?.role, "REVIEW_ROLE_") as Study["role"],
    steps: Number(g?.steps ?? 0),
    suspensions: Number(g?.suspensions ?? 0),
    reviewBy: Number(g?.review_by ?? 0) || (document.review_by ?? 0),
    waiting: g?.waiting ?? false,
  };
}

/** All studies that she has to do with, the oldest first. */
export async function studies(): Promise<Study[]> {
  const all: Study[] = [];
  for (let page_token: string | undefined; ; ) {
    const { grants = [], next_page_token } = ok(await marketplace.GET("/v1/grants", { params: { query: { page_token } } }));
    all.push(...grants.map(studyOf));
    if (!next_page_token) return all;
    page_token = next_page_token;
  }
}

export const study = async (id: string): Promise<Study> => studyOf(ok(await marketplace.GET("/v1/grants/{id}", { params: { path: { id } } })).grant);

export interface Attachment {
  name: string;
  size: number;
  hash: string;
}

/** A step on record, of what its entry says. */
export interface Step {
  number: number;
  action: string;
  by: string;
  at: number;
  text: string;
  attachments: Attachment[];
  reviewBy: number;
  /** Its hash is final on the chain. */
  recorded: boolean;
  /** review.Entry, as it was signed. */
  entry: string;
}

export async function steps(id: string): Promise<Step[]> {
  const { steps: all = [] } = ok(await marketplace.GET("/v1/grants/{id}/steps", { params: { path: { id } } }));
  return all.map((s) => {
    const entry = text(fromBase64(s.entry));
    const { step } = JSON.parse(entry) as { step: { attachments?: Attachment[]; review_by?: number } };
    return {
      number: Number(s.number ?? 0),
      action: s.action ?? "",
      by: hexOf(s.by),
      at: Number(s.at ?? 0),
      text: s.text ?? "",
      attachments: step.attachments ?? [],
      reviewBy: step.review_by ?? 0,
      recorded: s.recorded ?? false,
      entry,
    };
  });
}

/** What a study has taken of its ceiling at a dataset. */
export interface Spending {
  dataset: string;
  ceiling: number;
  taken: number;
}

/** What a study has spent, from the public register; nothing before it is in force. */
export async function spending(s: Study): Promise<Spending[]> {
  if (s.status === "unspecified") return s.document.datasets.map((d) => ({ dataset: d.dataset, ceiling: d.nano_rho, taken: 0 }));
  const { spending: all = [] } = ok(await marketplace.GET("/v1/register/studies/{id}", { params: { path: { id: s.grant } } }));
  return all.map((x) => ({ dataset: x.dataset ?? "", ceiling: Number(x.ceiling_nano_rho ?? 0), taken: Number(x.taken_nano_rho ?? 0) }));
}

/** Titles of datasets by id, as their stewards' profiles say them. */
export async function titles(): Promise<Map<string, string>> {
  const out = new Map<string, string>();
  const { datasets = [] } = ok(await marketplace.GET("/v1/datasets"));
  for (const d of datasets) {
    const title = d.profile?.content ? (JSON.parse(text(fromBase64(d.profile.content))) as { title?: string }).title : undefined;
    out.set(d.id ?? "", title ?? d.id ?? "");
  }
  return out;
}

/** Where a study stands, in words. */
export function stands(s: Study): string {
  const ending = (s.state === "revoked" || s.state === "closed") && (s.status === "active" || s.status === "suspended");
  switch (ending ? "unspecified" : s.status) {
    case "active":
      return "In force";
    case "suspended":
      return "Suspended: nothing is answered under it";
    case "revoked":
      return "Revoked, for good";
    case "superseded":
      return "An amendment has taken its place";
    case "closed":
      return "Closed, for good";
  }
  const words: Record<State, string> = {
    submitted: "Waits for the committee",
    questioned: "Waits for the researchers' reply",
    returned: "Returned to the researchers for another document",
    approved: "Approved, not in force yet: it is not final on the chain, or takes more members",
    rejected: "Rejected",
    withdrawn: "Withdrawn by the researchers",
    revoked: "Revoked, not final on the chain yet",
    closed: "Closed, not final on the chain yet",
    unspecified: "Unknown",
  };
  return words[s.state];
}

/** What was done in a step, after the name of who did it. */
export const stepWords: Record<string, string> = {
  submit: "filed the study",
  attach: "attached files",
  inquire: "asked a question",
  reply: "replied",
  return: "returned the study for another document",
  resubmit: "filed another document",
  withdraw: "withdrew the study",
  condition: "set a condition",
  waive: "recorded a waiver of authorisation (45 CFR 164.512(i))",
  approve: "approved",
  reject: "rejected the study",
  suspend: "suspended the study",
  resume: "signed that the study goes on",
  renew: "put the continuing review off",
  report: "filed a report",
  revoke: "revoked the study",
  close: "closed the study",
};

/** 2^-63 is the unit of deltas. */
const deltaUnit = 2 ** -63;

/** The greatest delta that the datasets of a grant let questions by private keys spend; undefined where one is not known. */
export async function extraChance(g: GrantDocument): Promise<number | undefined> {
  const { datasets = [] } = ok(await marketplace.GET("/v1/datasets"));
  let most = 0;
  for (const c of g.datasets) {
    const d = datasets.find((x) => x.id === c.dataset);
    if (!d) return undefined;
    most = Math.max(most, Number(d.budget?.delta ?? 0) * deltaUnit);
  }
  return most;
}
