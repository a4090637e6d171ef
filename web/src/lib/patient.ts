import { because, hospital, ok, type Hospital } from "./api";
import { fromBase64, hexOf, text, toBase64, type Hex } from "./bytes";
import { canonicalBytes, type Json } from "./canonical";
import { capEpsilon, epsilon } from "./epsilon";
import { by } from "./mandates";
import { normalize, type Loss, type Preference, type Statement } from "./preference";

// What a patient's screens read of her hospital.

export interface Standing {
  /** Absent where she has said nothing yet. */
  statement?: Statement;
  revision: number;
  asOf: number;
  lost: Loss;
  cap?: Loss;
}

const loss = (c: Hospital["medmarket.v1.Cost"] | undefined): Loss => ({ nano_rho: Number(c?.nano_rho ?? 0), delta: Number(c?.delta ?? 0) });

/** Her preference in force, or that of the patient of a mandate. Throws ApiError; that nothing is said yet is no error. */
export async function standing(mandate?: Hex): Promise<Standing> {
  try {
    const r = ok(await hospital.GET("/v1/preference", { params: { query: by(mandate) } }));
    const statement = JSON.parse(text(fromBase64(r.preference?.content))) as Statement;
    return {
      statement,
      revision: Number(r.preference?.revision ?? 0),
      asOf: Number(r.as_of ?? 0),
      lost: loss(r.loss_at_most),
      cap: r.own_cap ? loss(r.own_cap) : undefined,
    };
  } catch (err) {
    if (!because(err, "NO_PREFERENCE")) throw err;
    return { revision: 0, asOf: 0, lost: { nano_rho: 0, delta: 0 } };
  }
}

/** The releases of FHIR that a preference is shown in. */
export const releases = ["r4", "r5"] as const;

/** Her preference in force as a FHIR Consent, or that of the patient of a mandate. */
export async function consent(release: (typeof releases)[number], mandate?: Hex): Promise<string> {
  return ok(await hospital.GET("/v1/preference", { params: { query: { consent: release, ...by(mandate) } } })).consent ?? "";
}

/** What a FHIR Consent says, with rest for what it leaves open; nothing is recorded. Throws ApiError: what cannot be said exactly is refused. */
export async function readConsent(consent: string, rest?: Preference): Promise<Preference> {
  const body = { consent, ...(rest && { rest: toBase64(canonicalBytes(normalize(rest) as unknown as Json)) }) };
  return JSON.parse(text(fromBase64(ok(await hospital.POST("/v1/consents", { body })).preference))) as Preference;
}

/** A question that could have counted her. */
export interface Use {
  request: string;
  grant: string;
  study: string;
  sponsor: string;
  purpose: string;
  question: string;
  time: number;
  asOf: number;
  revision: number;
  cost: Loss;
  lost: Loss;
}

/** All questions that could have counted her, the newest first. */
export async function uses(): Promise<Use[]> {
  const all: Use[] = [];
  for (let page_token: string | undefined; ; ) {
    const { exposures = [], next_page_token } = ok(await hospital.GET("/v1/exposures", { params: { query: { page_token } } }));
    for (const e of exposures)
      all.push({
        request: hexOf(e.request_id),
        grant: hexOf(e.grant),
        study: e.study ?? "",
        sponsor: e.sponsor ?? "",
        purpose: e.purpose ?? "",
        question: e.question ?? "",
        time: Number(e.time ?? 0),
        asOf: Number(e.as_of ?? 0),
        revision: Number(e.revision ?? 0),
        cost: loss(e.cost),
        lost: loss(e.loss_at_most),
      });
    if (!next_page_token) return all.reverse();
    page_token = next_page_token;
  }
}

/** What she has lost by the end of each year, and in it, the newest last. */
export interface Year {
  year: number;
  questions: number;
  total: number; // epsilon by its end
}

export function byYear(all: Use[]): Year[] {
  const years = new Map<number, Year>();
  for (const u of [...all].reverse()) {
    const year = new Date(u.time * 1000).getFullYear();
    const y = years.get(year) ?? { year, questions: 0, total: 0 };
    years.set(year, { year, questions: y.questions + 1, total: epsilon(u.lost.nano_rho) });
  }
  return [...years.values()];
}

/** How much of her cap is used; nothing where she has none. */
export const shareOfCap = (s: Standing): number | undefined => (s.cap ? s.lost.nano_rho / s.cap.nano_rho : undefined);
/** Whether her cap leaves room for nothing any more: no answer includes her. What she may have lost is a bound, so it may be so a little before. */
export const capReached = (s: Standing): boolean => (shareOfCap(s) ?? 0) >= 1;
export const capText = (s: Standing): number | undefined => (s.cap ? capEpsilon(s.cap) : undefined);

/** Whether somebody may count her now. */
export const counted = (p: Preference | undefined): boolean => !!p && p.status === "active" && (p.decision === "permit" || !!p.provisions?.length);

