import { x25519 } from "@noble/curves/ed25519.js";
import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { utf8 } from "./bytes";

// HPKE (RFC 9180) in base mode, one message: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, as package ledger/records seals. What is
// sealed is the encapsulated key, 32 bytes, and the ciphertext after it.

const kem = concatBytes(utf8("KEM"), Uint8Array.of(0x00, 0x20));
const suite = concatBytes(utf8("HPKE"), Uint8Array.of(0x00, 0x20, 0x00, 0x01, 0x00, 0x02));
const none = new Uint8Array();

const labeledExtract = (id: Uint8Array, salt: Uint8Array, label: string, ikm: Uint8Array) => extract(sha256, concatBytes(utf8("HPKE-v1"), id, utf8(label), ikm), salt);
const labeledExpand = (id: Uint8Array, prk: Uint8Array, label: string, info: Uint8Array, length: number) =>
  expand(sha256, prk, concatBytes(Uint8Array.of(length >> 8, length & 0xff), utf8("HPKE-v1"), id, utf8(label), info), length);

async function context(dh: Uint8Array, enc: Uint8Array, to: Uint8Array, purpose: string): Promise<{ key: CryptoKey; iv: Uint8Array<ArrayBuffer> }> {
  const shared = labeledExpand(kem, labeledExtract(kem, none, "eae_prk", dh), "shared_secret", concatBytes(enc, to), 32);
  const schedule = concatBytes(Uint8Array.of(0), labeledExtract(suite, none, "psk_id_hash", none), labeledExtract(suite, none, "info_hash", utf8(purpose)));
  const secret = labeledExtract(suite, shared, "secret", none);
  const raw = new Uint8Array(labeledExpand(suite, secret, "key", schedule, 32));
  const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
  return { key, iv: new Uint8Array(labeledExpand(suite, secret, "base_nonce", schedule, 12)) };
}

/** A key to seal to, and the secret that opens what is sealed to it. */
export function sealingKey(): { secret: Uint8Array; key: Uint8Array } {
  const secret = x25519.utils.randomSecretKey();
  return { secret, key: x25519.getPublicKey(secret) };
}

/** Seals content for a purpose to a key; throws where it is none. */
export async function seal(to: Uint8Array, purpose: string, content: Uint8Array): Promise<Uint8Array> {
  const { secret, key: enc } = sealingKey();
  const c = await context(x25519.getSharedSecret(secret, to), enc, to, purpose);
  return concatBytes(enc, new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv: c.iv }, c.key, new Uint8Array(content))));
}

/** Opens what was sealed for a purpose to the key of a secret; throws where it was not, or was changed since. */
export async function open(secret: Uint8Array, purpose: string, sealed: Uint8Array): Promise<Uint8Array> {
  const enc = sealed.slice(0, 32);
  const c = await context(x25519.getSharedSecret(secret, enc), enc, x25519.getPublicKey(secret), purpose);
  return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: c.iv }, c.key, sealed.slice(32)));
}
