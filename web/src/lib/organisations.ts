import { marketplace, ok, because } from "./api";
import { fromBase64, hexOf, sha256, text, toHex, utf8 } from "./bytes";
import { short } from "./format";
import { site } from "./site";

// Names of organisations. The chain has a fingerprint of each name, SHA-256; a name is known from the marketplace's operator, from hospitals, or
// from what a hospital's profile says of those who ask it, and is right if it has the fingerprint. People have no names there: they are keys.

export type Names = Map<string, string>;

/** Names by fingerprint. */
export async function organisations(): Promise<Names> {
  const { datasets = [] } = ok(await marketplace.GET("/v1/datasets"));
  const asking = datasets.flatMap((d) => (d.profile?.content ? ((JSON.parse(text(fromBase64(d.profile.content))) as { recipients?: { organisation: string }[] }).recipients ?? []) : []));
  const all = [...site.organisations, ...site.hospitals.map((h) => h.name), ...asking.map((r) => r.organisation)];
  return new Map(all.map((name) => [toHex(sha256(utf8(name))), name]));
}

/** The names of the organisations of keys, by address, as far as they are known. */
export async function organisationsOf(addresses: string[]): Promise<Names> {
  const names = await organisations();
  const out: Names = new Map();
  await Promise.all(
    [...new Set(addresses)].map(async (address) => {
      try {
        const { participant } = ok(await marketplace.GET("/v1/participants/{address}", { params: { path: { address } } }));
        const name = names.get(hexOf(participant?.organisation));
        if (name) out.set(address, name);
      } catch (err) {
        if (!because(err, "FORBIDDEN", "MALFORMED")) throw err; // it is no participant's address
      }
    }),
  );
  return out;
}

/** Somebody, by the organisation where its name is known, and by address. */
export const called = (address: string, of: Names): string => (of.has(address) ? `${of.get(address)} (${short(address)})` : short(address));

/** Somebody by what she is, with her organisation where its name is known: a researcher of University (0x…). */
export const somebody = (role: string, address: string, of: Names): string => `${role}${of.has(address) ? ` of ${of.get(address)}` : ""} (${short(address)})`;
