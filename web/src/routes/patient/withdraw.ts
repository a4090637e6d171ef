import { hospital, ok } from "../../lib/api";
import type { Standing } from "../../lib/patient";
import { normalize, type Preference, type Statement } from "../../lib/preference";
import { signDocument, type Statement as Words } from "../../lib/signing.svelte";
import { site } from "../../lib/site";
import type { Json } from "../../lib/canonical";

/** Signs the next preference and hands it to the hospital; the log index from which it is in force. */
export async function sign(s: Standing, preference: Preference, words: Words): Promise<string> {
  const said: Statement = { provider: site.party, grantor: { by: "self" }, preference: normalize({ ...preference, guardian_until: undefined }) }; // it is her own word now
  const document = await signDocument(words, "ReleasePreference", said as unknown as Json, s.revision + 1);
  return ok(await hospital.POST("/v1/preferences", { body: { preferences: [document] } })).as_of ?? "";
}

export const notUndone = "Answers that were handed over before stay as they are, and what you may have lost by them stays counted.";

/** Withdraws what is in force. */
export const withdraw = (s: Standing, preference: Preference): Promise<string> =>
  sign(s, { ...preference, status: "withdrawn" }, {
    title: "Withdraw my permission",
    lines: [`From now on no answer of ${site.name} includes you, whoever asks.`, "You can permit again whenever you want."],
    warning: notUndone,
    action: "Withdraw",
  });
