import { fromBase64, text } from "./bytes";

// Visas that a researcher shows beside an ask (GA4GH Passport v1.2), for datasets whose policy wants some. Whether they are good the
// hospital says; here is only read whom they are about, since she signs that it is her.

export interface Identity {
  issuer: string;
  subject: string;
}

const most = 16; // of an ask

/** The visas of a file: a broker's userinfo with ga4gh_passport_v1, or one visa a line. Throws what is wrong with it. */
export function visasIn(content: string): string[] {
  const trimmed = content.trim();
  const all: unknown = trimmed.startsWith("{") ? (JSON.parse(trimmed) as { ga4gh_passport_v1?: unknown }).ga4gh_passport_v1 : trimmed.split(/\s+/);
  if (!Array.isArray(all) || all.length === 0 || !all.every((v): v is string => typeof v === "string" && v.split(".").length === 3)) throw new Error("There are no visas in that file.");
  if (all.length > most) throw new Error(`At most ${most} visas can be shown; the file has ${all.length}.`);
  for (const v of all) claimed(v);
  return all;
}

/** Whom a visa says that it is about, and who says so. */
export function claimed(visa: string): Identity {
  const { iss, sub } = JSON.parse(text(fromBase64(visa.split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/")))) as { iss?: string; sub?: string };
  if (!iss || !sub) throw new Error("A visa in that file does not say whom it is about.");
  return { issuer: iss, subject: sub };
}
