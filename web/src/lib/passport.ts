import { draft, type Draft } from "./signing.svelte";
import { claimed, type Identity } from "./visas";

export interface Shown {
  identities: Identity[];
  links: Draft[];
}

/** What she signs of visas: that she is whom they are about, once for each. */
export function shown(visas: string[]): Shown {
  const identities: Identity[] = [];
  for (const v of visas) {
    const id = claimed(v);
    if (!identities.some((x) => x.issuer === id.issuer && x.subject === id.subject)) identities.push(id);
  }
  return { identities, links: identities.map(({ issuer, subject }) => draft("IdentityLink", { issuer, subject }, 0)) };
}

/** The same in a sentence; nothing without visas. */
export const shownWords = (s: Shown): string[] =>
  s.identities.length === 0 ? [] : [`You show visas, and sign that they are about you: ${s.identities.map((x) => `${x.subject} at ${x.issuer}`).join("; ")}.`];
