import { hospital, ok } from "./api";
import { hexOf, type Hex } from "./bytes";
import { session } from "./session.svelte";

// For whom somebody may speak at the hospital (package marketplace/provider, mandate.go).

export interface Mandate {
  id: Hex;
  kind: "guardian" | "delegate";
  until: number;
}

/** Those that her key holds now. */
export async function held(): Promise<Mandate[]> {
  const { mandates = [] } = ok(await hospital.GET("/v1/mandates"));
  return mandates
    .filter((m) => hexOf(m.key) === session.who?.address && Number(m.revoked_at ?? 0) === 0 && Number(m.until ?? 0) > Date.now() / 1000)
    .map((m) => ({ id: hexOf(m.id), kind: m.kind === "guardian" ? "guardian" : "delegate", until: Number(m.until) }));
}

/** A mandate as requests name it. */
export const by = (mandate: Hex | undefined) => (mandate ? { mandate } : {});
