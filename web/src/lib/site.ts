import type { Domain } from "./typeddata";

/** Whose pages these are, as /site.json says (web/handler.go). */
export interface Site {
  side: "marketplace" | "hospital";
  /** Name of the hospital; empty on the marketplace's side. */
  name: string;
  /** Where the hospital's gRPC is, host:port, as access files name it; empty on the marketplace's side. */
  grpc: string;
  /** Id of the hospital's dataset; empty on the marketplace's side. */
  dataset: string;
  /** Address of the party that requests are signed for. */
  party: string;
  chain_id: number;
  genesis: string;
  /** Origin of the marketplace's pages, on which the public register is; empty on its own. */
  marketplace: string;
  /** Names of organisations that the marketplace's operator knows; the chain has fingerprints of them. */
  organisations: string[];
  /** Hospitals whose own pages the marketplace knows. */
  hospitals: { name: string; origin: string }[];
}

export let site: Site;

export async function loadSite(): Promise<void> {
  const answer = await fetch("/site.json");
  if (!answer.ok) throw new Error("this server did not say whose pages these are");
  site = (await answer.json()) as Site;
}

export const domain = (): Domain => ({ chainId: site.chain_id, genesis: site.genesis });

/** A page of the public register, which is the marketplace's. */
export const registerLink = (path: string): string => `${site.marketplace}${path}`;
