import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { fromHex, sha256, toHex, utf8 } from "./bytes";
import { displayDelta } from "./epsilon";
import { list } from "./format";
import { named, recipients, uses } from "./preference";

// The grant document (package policy, grant.go), in words and as a committee signs it.

export interface DatasetCeiling {
  dataset: string;
  nano_rho: number;
}

export interface GrantDocument {
  id: string;
  protocol: string;
  committee: string;
  researchers: string[];
  sponsor_type: string;
  commercial_use?: boolean;
  genetic?: boolean;
  countries: string[];
  vulnerable?: string[];
  approvals?: string[];
  purposes: { permission: string; diseases?: string[]; methods?: boolean }[];
  datasets: DatasetCeiling[];
  period: { start: number; end: number };
  review_by?: number;
  amends?: string;
}

export const purposes = (g: Pick<GrantDocument, "purposes">): string =>
  list(g.purposes.map((p) => [named(uses, p.permission), p.diseases?.length ? `(${p.diseases.join(", ")})` : "", p.methods ? "to develop methods" : ""].filter(Boolean).join(" ")));

export const sponsor = (g: GrantDocument): string => named(recipients, g.sponsor_type) + (g.commercial_use ? ", with profit or products in mind" : "");

const country = new Intl.DisplayNames(["en"], { type: "region", fallback: "code" });
export const countries = (g: GrantDocument): string => list(g.countries.map((c) => country.of(c) ?? c));

/**
 * The most sure that somebody can become of a person's record being there, who held it for as likely as not, by all answers that so
 * many nano-rho pay for, but for a chance of displayDelta (package dp/accountant, Belief).
 */
export function belief(nanoRho: number): number {
  const rho = nanoRho / 1e9;
  const e = rho + 2 * Math.sqrt(rho * -Math.log(displayDelta));
  return Math.min(1, (1 / (1 + Math.exp(-e))) * (1 + 1e-12));
}

const wordOf = (n: number): Uint8Array => fromHex(BigInt(n).toString(16).padStart(64, "0"));

/** What a committee signs of a document's ceilings and dates (package ledger, GrantRecord.TermsHash). */
export function termsHash(g: GrantDocument): string {
  const datasets = g.datasets.map((d) => ({ id: toHex(sha256(utf8(d.dataset))), ceiling: d.nano_rho })).sort((a, b) => (a.id < b.id ? -1 : 1));
  const n = datasets.length;
  const head = 6 * 32;
  return toHex(
    keccak_256(
      concatBytes(
        wordOf(head),
        wordOf(head + (1 + n) * 32),
        wordOf(g.period.start),
        wordOf(g.period.end),
        wordOf(g.review_by ?? 0),
        fromHex(g.amends ?? `0x${"00".repeat(32)}`),
        wordOf(n),
        ...datasets.map((d) => fromHex(d.id)),
        wordOf(n),
        ...datasets.map((d) => wordOf(d.ceiling)),
      ),
    ),
  );
}
