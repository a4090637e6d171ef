import { hospital, ok, type Hospital } from "./api";
import { fromBase64, hexOf, text } from "./bytes";
import type { Json } from "./canonical";
import { epsilon, nanoRhoOf } from "./epsilon";
import { day, epsilonText, list, short } from "./format";
import { categories, labels, levels, named, uses } from "./preference";

// A dataset as its steward sees it: its profile (package provider, profile.go), its policy (package policy, dataset.go), and what is
// left of its budget.

export interface Policy {
  dataset: string;
  revision: number;
  permitted_use: { permission: string; diseases?: string[]; methods?: boolean }[];
  columns: { name: string; category: string; label?: string; finest: number }[];
  released_labels?: string[];
  required_approvals?: string[];
  embargo_until: number;
  legal_basis?: string;
  jurisdiction?: string;
  accounting?: "" | "gaussian_only" | "pure";
  max_nano_rho_per_query?: number;
  max_nano_rho_per_organisation?: number;
  total_nano_rho?: number;
  max_nano_epsilon_per_query?: number;
  max_nano_epsilon_per_organisation?: number;
  total_nano_epsilon?: number;
  total_delta: number;
  terms?: { revision: number; text: string };
  [other: string]: Json | undefined | object;
}

export interface Profile {
  title: string;
  summary: string;
  contact: string;
  cdm_version: string;
  domains: string[];
  bounds: { domain?: string; field: string; concept?: number; low: number; high: number }[];
}

export interface Dataset {
  id: string;
  version: string;
  referenceYear: number;
  patients: number; // rounded; 0: not said
  workPerNanoRho: number;
  rise?: { percent: number; workPerNanoRho: number };
  policy: Policy;
  profile?: Profile;
  /** In the unit of the policy's accounting: nano-rho, or nano-epsilon where it is pure. */
  budget: number;
  spent: number;
}

const read = <T>(d: Hospital["medmarket.v1.SignedDocument"] | undefined): T => JSON.parse(text(fromBase64(d?.content))) as T;

export const pure = (p: Policy): boolean => p.accounting === "pure";

export async function ownDataset(): Promise<Dataset> {
  const { dataset: d } = ok(await hospital.GET("/v1/dataset"));
  const policy = read<Policy>(d?.policy);
  const counted = (c: Hospital["medmarket.v1.Cost"] | undefined) => Number((pure(policy) ? c?.nano_epsilon : c?.nano_rho) ?? 0);
  return {
    id: d?.id ?? "",
    version: d?.version ?? "",
    referenceYear: d?.reference_year ?? 0,
    patients: Number(d?.rounded_patients ?? 0),
    workPerNanoRho: Number(d?.work_per_nano_rho ?? 0),
    rise: d?.next_rise ? { percent: Number(d.next_rise.spent_percent ?? 0), workPerNanoRho: Number(d.next_rise.work_per_nano_rho ?? 0) } : undefined,
    policy,
    profile: d?.profile ? read<Profile>(d.profile) : undefined,
    budget: counted(d?.budget),
    spent: counted(d?.spent),
  };
}

/** The epsilon of a loss that a policy counts. */
export const lossOf = (p: Policy, units: number): number => (pure(p) ? units / 1e9 : epsilon(units));
/** The most units whose epsilon is at most eps. */
export const unitsOf = (p: Policy, eps: number): number => (pure(p) ? Math.floor(eps * 1e9) : nanoRhoOf(eps));

export interface Limits {
  perQuery: number;
  perOrganisation: number;
  total: number;
}

export const limitsOf = (p: Policy): Limits =>
  pure(p)
    ? { perQuery: p.max_nano_epsilon_per_query ?? 0, perOrganisation: p.max_nano_epsilon_per_organisation ?? 0, total: p.total_nano_epsilon ?? 0 }
    : { perQuery: p.max_nano_rho_per_query ?? 0, perOrganisation: p.max_nano_rho_per_organisation ?? 0, total: p.total_nano_rho ?? 0 };

/** The next revision of a policy, with other limits. */
export const withLimits = (p: Policy, l: Limits): Policy => ({
  ...p,
  revision: p.revision + 1,
  ...(pure(p)
    ? { max_nano_epsilon_per_query: l.perQuery, max_nano_epsilon_per_organisation: l.perOrganisation, total_nano_epsilon: l.total }
    : { max_nano_rho_per_query: l.perQuery, max_nano_rho_per_organisation: l.perOrganisation, total_nano_rho: l.total }),
});

/** What limits say, in words. */
export function limitWords(p: Policy, l: Limits): string[] {
  const say = (units: number) => `ε ${epsilonText(lossOf(p, units))}`;
  return [
    `One question may cost a patient at most ${say(l.perQuery)}.`,
    `All questions of one organisation together: at most ${say(l.perOrganisation)}.`,
    `All questions that are ever asked: at most ${say(l.total)}.`,
  ];
}

// Those of the European Union, as package policy has them (unasked.go).
const memberStates = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split(" ");

/** What a policy permits, in words. */
export function policyWords(p: Policy): string[] {
  const out = [`Its data may be used for ${list(p.permitted_use.map((u) => named(uses, u.permission) + (u.diseases?.length ? ` (${u.diseases.join(", ")})` : "")))}.`];
  if (p.embargo_until > Date.now() / 1000) out.push(`Nothing is answered before ${day(p.embargo_until)}.`);
  if (p.required_approvals?.length) out.push(`A study needs on its grant: ${list(p.required_approvals.map((a) => a.replaceAll("_", " ")))}.`);
  out.push(p.released_labels?.length ? `Sensitive information that is released: ${list(p.released_labels.map((x) => named(labels, x)))}.` : "Nothing that is labelled as sensitive is released.");
  out.push(
    p.legal_basis === "ehds" && memberStates.includes(String(p.jurisdiction ?? ""))
      ? "Patients who were never asked are counted, for health research and not exactly, under the European Health Data Space (Article 71: they may opt out)."
      : "Patients who were never asked are not counted.",
  );
  if (p.terms) out.push("Researchers sign its terms before they ask.");
  return out;
}

/** The columns that a policy releases, as people call them: by category, with the finest use. */
export function columnRows(p: Policy): { category: string; name: string; finest: string; label: string }[] {
  return p.columns
    .map((c) => ({
      category: named(categories, c.category),
      name: c.name.split(".").at(-1)!.replace(/_concept_id$/, "").replaceAll("_", " "),
      finest: levels.find((l) => l.level === c.finest)?.label ?? String(c.finest),
      label: c.label ? named(labels, c.label) : "",
    }))
    .sort((a, b) => a.category.localeCompare(b.category) || a.name.localeCompare(b.name));
}

/** A question that was charged, of the record of processing. */
export interface Release {
  request: string;
  asOf: number;
  time: number;
  study: string;
  grant: string;
  recipient: string;
  purpose: string;
  question: string;
  units: number;
  answered: boolean;
}

/** All questions that were charged, the oldest first. */
export async function releases(p: Policy): Promise<Release[]> {
  const all: Release[] = [];
  for (let after = "0"; ; ) {
    const { questions = [] } = ok(await hospital.GET("/v1/processing", { params: { query: { after } } }));
    for (const q of questions)
      all.push({
        request: hexOf(q.decision?.request_id),
        asOf: Number(q.decision?.as_of ?? 0),
        time: Number(q.decision?.time ?? 0),
        study: q.protocol ?? "",
        grant: hexOf(q.grant),
        recipient: q.recipient_name || `an organisation that the profile does not name (${short(hexOf(q.organisation))})`,
        purpose: named(uses, q.permission ?? ""),
        question: q.words ?? "",
        units: Number((pure(p) ? q.cost?.nano_epsilon : q.cost?.nano_rho) ?? 0),
        answered: q.answered ?? false,
      });
    const last = questions.at(-1)?.decision?.as_of;
    if (!last || questions.length < 200) return all;
    after = last;
  }
}

/** A question that was refused, as far as it is kept: by its own name it is explained and decided again. */
export interface Refused {
  name: string;
  time: number;
  charged: boolean; // before: it got no answer, and the charge stands
}

/** The refusals that are kept, the newest first. */
export async function refusals(): Promise<Refused[]> {
  const all: Refused[] = [];
  for (let page_token: string | undefined; ; ) {
    const { decisions = [], next_page_token } = ok(await hospital.GET("/v1/decisions", { params: { query: { refused: true, page_token } } }));
    for (const d of decisions) all.push({ name: hexOf(d.refusal), time: Number(d.time ?? 0), charged: d.recheck ?? false });
    if (!next_page_token) return all.reverse();
    page_token = next_page_token;
  }
}

/** Why a question was refused, in words. */
export async function whyRefused(name: string): Promise<string[]> {
  const { reasons = [] } = ok(await hospital.GET("/v1/decisions/{request_id}", { params: { path: { request_id: name } } }));
  return reasons.map((r) => r.words ?? "");
}

/** How the hospital's node stands to its records, and what became of the questions since it began. */
export interface Connector {
  notReady: string[];
  version: string;
  since: number;
  refusals: { code: string; words: string; times: number; last: number }[];
  departures: Departure[];
  notNow: number;
  failed: number;
}

/** How many answers left so long after the question came. */
export interface Departure {
  ms: number;
  answers: number;
}

export async function connector(): Promise<Connector> {
  const c = ok(await hospital.GET("/v1/connector"));
  return {
    notReady: c.not_ready ?? [],
    version: c.version ?? "",
    since: Number(c.since ?? 0),
    refusals: (c.refusals ?? [])
      .map((r) => ({ code: r.reason?.code ?? "", words: r.reason?.words ?? "", times: Number(r.times ?? 0), last: Number(r.last ?? 0) }))
      .sort((a, b) => b.times - a.times),
    departures: (c.departures ?? []).map((d) => ({ ms: Number(d.age_ms ?? 0), answers: Number(d.answers ?? 0) })),
    notNow: Number(c.not_now ?? 0),
    failed: Number(c.failed ?? 0),
  };
}
