import { hospital, ok } from "../../lib/api";
import type { Mandate } from "../../lib/mandates";
import type { Standing } from "../../lib/patient";
import { normalize, type Preference, type Statement } from "../../lib/preference";
import { signDocument, type Statement as Words } from "../../lib/signing.svelte";
import { site } from "../../lib/site";
import type { Json } from "../../lib/canonical";

/** Until when a word holds that somebody says: a guardian's until his mandate ends, a delegate's as long as what it narrows, her own without an end. */
export const lapse = (inForce: Preference | undefined, by: Mandate | undefined): number | undefined =>
  by?.kind === "guardian" ? by.until : by ? inForce?.guardian_until : undefined;

/** Signs the next preference, her own or by a mandate, and hands it to the hospital; the log index from which it is in force. */
export async function sign(s: Standing, preference: Preference, words: Words, by?: Mandate): Promise<string> {
  const grantor = by ? { by: by.kind, mandate: by.id } : { by: "self" };
  const said: Statement = { provider: site.party, grantor, preference: normalize({ ...preference, guardian_until: lapse(s.statement?.preference, by) }) };
  const document = await signDocument(words, "ReleasePreference", said as unknown as Json, s.revision + 1);
  return ok(await hospital.POST("/v1/preferences", { body: { preferences: [document] } })).as_of ?? "";
}

export const notUndone = (by?: Mandate): string => `Answers that were handed over before stay as they are, and what ${by ? "the patient" : "you"} may have lost by them stays counted.`;

/** Withdraws what is in force. */
export const withdraw = (s: Standing, preference: Preference, by?: Mandate): Promise<string> =>
  sign(s, { ...preference, status: "withdrawn" }, {
    title: by ? "Withdraw the patient’s permission" : "Withdraw my permission",
    lines: [`From now on no answer of ${site.name} includes ${by ? "the patient" : "you"}, whoever asks.`, by?.kind === "delegate" ? "Only the patient or a guardian can permit again." : "You can permit again whenever you want."],
    warning: notUndone(by),
    action: "Withdraw",
  }, by);
