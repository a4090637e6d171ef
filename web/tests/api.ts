import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { random, sha256, toBase64, toHex, utf8, type Hex } from "../src/lib/bytes";
import { canonicalBytes, type Json } from "../src/lib/canonical";
import { addressOf, readKeyFile, signDigest } from "../src/lib/keys";
import { digest, document, request } from "../src/lib/typeddata";
import { tour } from "./fixtures";

// What other persons do while somebody's pages are tried: calls of the API, signed with the keys of the tour.

interface Site {
  party: string;
  chain_id: number;
  genesis: Hex;
}

export const secretOf = async (name: string): Promise<Uint8Array> => readKeyFile(await readFile(join(tour().keys, `${name}.key`), "utf8"));

/** A POST to the marketplace, signed as a whole. */
export async function post<T>(who: string, path: string, body: (domain: { chainId: number; genesis: Hex }, secret: Uint8Array) => unknown): Promise<T> {
  const origin = tour().marketplace;
  const site = (await (await fetch(`${origin}/site.json`)).json()) as Site;
  const domain = { chainId: site.chain_id, genesis: site.genesis };
  const secret = await secretOf(who);
  const bytes = new Uint8Array(utf8(JSON.stringify(body(domain, secret))));
  const r = { audience: site.party, method: `POST ${path}`, bodyHash: toHex(sha256(bytes)), nonce: toHex(random(32)), issuedAtMs: Date.now() };
  const answer = await fetch(origin + path, {
    method: "POST",
    body: bytes,
    headers: {
      "Content-Type": "application/json",
      "Medmarket-Address": addressOf(secret),
      "Medmarket-Nonce": r.nonce,
      "Medmarket-Issued-At-Ms": String(r.issuedAtMs),
      "Medmarket-Signature": toHex(signDigest(secret, digest(domain, request(domain, r)))),
    },
  });
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  return (await answer.json()) as T;
}

/** The researcher files a study with the committee. */
export async function fileStudy(protocol: string): Promise<void> {
  const [researcher, committee] = [addressOf(await secretOf("researcher")), addressOf(await secretOf("committee"))];
  const now = Math.floor(Date.now() / 1000);
  const grant: Json = {
    id: protocol,
    protocol,
    committee,
    researchers: [researcher],
    sponsor_type: "academic",
    countries: ["US"],
    purposes: [{ permission: "DUO:0000006" }],
    datasets: [{ dataset: "st-ada", nano_rho: 10_000_000 }],
    period: { start: now - 60, end: now + 200 * 86400 },
    review_by: now + 100 * 86400,
  };
  await post("researcher", "/v1/grants", (domain, secret) => {
    const content = canonicalBytes(grant);
    const expiry = now + 600;
    const signature = signDigest(secret, digest(domain, document(domain, "DataGrant", toHex(sha256(content)), 1, expiry)));
    return { document: { content: toBase64(content), revision: "1", expiry: String(expiry), signature: toBase64(signature) } };
  });
}
