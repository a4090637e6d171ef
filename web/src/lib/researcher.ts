import { marketplace, ok, type Marketplace } from "./api";
import { fromBase64, text } from "./bytes";
import { epsilon } from "./epsilon";
import type { Use } from "./preference";
import { session } from "./session.svelte";
import { purposes } from "./grant";
import { studies, type Study } from "./study";

// What a researcher's screens read of the marketplace.

/** The studies whose document names her, the newest first. */
export const myStudies = async (): Promise<Study[]> => (await studies()).filter((s) => s.role === "applicant").reverse();

export const inForce = (s: Study): boolean => s.status === "active" && s.document.period.end > Date.now() / 1000;

/** What a steward says of a dataset (package provider, profile.go), and its rules (package policy, dataset.go), as far as these pages read them. */
export interface Dataset {
  id: string;
  title: string;
  summary: string;
  contact: string;
  domains: string[];
  patients: number;
  version: string;
  year: number;
  workPerNanoRho: number;
  rise?: { share: number; workPerNanoRho: number };
  accounting: string;
  budget: Loss;
  spent: Loss;
  perQuery: number;
  disclosure?: { min_count?: number; round_to?: number; min_cohort?: number };
  visas: boolean;
  terms?: { revision: number; text: string };
  bounds: { domain?: string; field: string; concept?: number; unit?: number; low: number; high: number }[];
}

/** A loss, or a budget of it, as the API has it: in nano-epsilon where a dataset's accounting is pure. */
export interface Loss {
  nanoRho: number;
  nanoEpsilon: number;
}

export const lossOf = (c: Marketplace["medmarket.v1.Cost"] | undefined): Loss => ({ nanoRho: Number(c?.nano_rho ?? 0), nanoEpsilon: Number(c?.nano_epsilon ?? 0) });

/** The epsilon of a loss: what was added up where the accounting is pure, else what the rho implies at delta 10^-6. */
export const epsilonOf = (l: Loss): number => (l.nanoEpsilon > 0 ? l.nanoEpsilon / 1e9 : epsilon(l.nanoRho));

/** How much of a budget is spent, 0 to 1, in the unit that it is counted in. */
export function share(spent: Loss, budget: Loss): number {
  const [s, b] = budget.nanoEpsilon > 0 ? [spent.nanoEpsilon, budget.nanoEpsilon] : [spent.nanoRho, budget.nanoRho];
  return b > 0 ? Math.min(1, s / b) : 1;
}

function parsed(d: Marketplace["medmarket.v1.SignedDocument"] | undefined): Record<string, never> {
  return d?.content ? (JSON.parse(text(fromBase64(d.content))) as Record<string, never>) : {};
}

export function datasetOf(d: Marketplace["medmarket.v1.Dataset"]): Dataset {
  const policy = parsed(d.policy);
  const profile = parsed(d.profile);
  return {
    id: d.id ?? "",
    title: profile.title ?? d.id ?? "",
    summary: profile.summary ?? "",
    contact: profile.contact ?? "",
    domains: profile.domains ?? [],
    patients: Number(d.rounded_patients ?? 0),
    version: d.version ?? "",
    year: d.reference_year ?? 0,
    workPerNanoRho: Number(d.work_per_nano_rho ?? 0),
    rise: d.next_rise && { share: Number(d.next_rise.spent_percent ?? 0) / 100, workPerNanoRho: Number(d.next_rise.work_per_nano_rho ?? 0) },
    accounting: policy.accounting ?? "",
    budget: lossOf(d.budget),
    spent: lossOf(d.spent),
    perQuery: policy.max_nano_rho_per_query ?? 0,
    disclosure: policy.disclosure,
    visas: ((policy.required_visas ?? []) as unknown[]).length > 0,
    terms: policy.terms,
    bounds: profile.bounds ?? [],
  };
}

export async function datasets(): Promise<Dataset[]> {
  const all: Dataset[] = [];
  for (let page_token: string | undefined; ; ) {
    const { datasets: page = [], next_page_token } = ok(await marketplace.GET("/v1/datasets", { params: { query: { page_token } } }));
    all.push(...page.map(datasetOf));
    if (!next_page_token) return all;
    page_token = next_page_token;
  }
}

/** Her standing in expected hashes. */
export interface Account {
  drawn: number;
  escrow: number;
}

export async function account(): Promise<Account> {
  const r = ok(await marketplace.GET("/v1/account"));
  return { drawn: Number(r.drawn ?? 0), escrow: Number(r.escrow ?? 0) };
}

/** A question of the public register; the question itself is read by fromApi. */
export type Registered = Omit<Marketplace["medmarket.v1.RegisteredQuery"], "question"> & { question?: unknown };

/** The answered questions of a study, the newest first, as everybody can see them. */
export async function questions(grant: string): Promise<Registered[]> {
  const all: Registered[] = [];
  for (let page_token: string | undefined; ; ) {
    const { queries = [], next_page_token } = ok(await marketplace.GET("/v1/register/queries", { params: { query: { grant, page_token } } }));
    all.push(...queries);
    if (!next_page_token) return all;
    page_token = next_page_token;
  }
}

export const perCredit = 2 ** 20; // expected hashes

/** So many expected hashes in credits. */
export function credits(work: number): string {
  const c = work / perCredit;
  return c === 0 ? "0" : Math.abs(c) < 0.001 ? "less than 0.001" : c.toLocaleString("en-GB", { maximumSignificantDigits: 3 });
}

export const me = (): string => session.who?.address ?? "";

/** What data is used for, in words. */
export const useWords = (u: Use): string => purposes({ purposes: [u] });
