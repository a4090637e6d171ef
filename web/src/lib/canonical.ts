import { utf8 } from "./bytes";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json | undefined };

/**
 * The RFC 8785 form of a document: what is hashed, signed and sent. Fields that are undefined are left out. Throws for
 * numbers of 2^53 or more, to which it gives the spelling of their neighbours too (package ledger, Canonical).
 */
export function canonical(v: Json): string {
  if (v === null || typeof v === "boolean" || typeof v === "string") return JSON.stringify(v);
  if (typeof v === "number") {
    if (!Number.isFinite(v) || (Number.isInteger(v) && !Number.isSafeInteger(v))) throw new RangeError("a number that has no spelling of its own");
    return JSON.stringify(v);
  }
  if (Array.isArray(v)) return `[${v.map(canonical).join(",")}]`;
  // The default order of sort is by UTF-16 units, which is that of RFC 8785.
  const fields = Object.keys(v).filter((k) => v[k] !== undefined).sort();
  return `{${fields.map((k) => `${JSON.stringify(k)}:${canonical(v[k] as Json)}`).join(",")}}`;
}

export const canonicalBytes = (v: Json): Uint8Array => utf8(canonical(v));
