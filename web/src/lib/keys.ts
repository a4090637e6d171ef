import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { fromHex, random, toHex, utf8, type Hex } from "./bytes";

// Keys that the browser keeps (ADR 62): in IndexedDB, encrypted with a passphrase. PBKDF2 with SHA-256 makes the key
// that AES-GCM encrypts with; the address is authenticated beside the secret.

const iterations = 600_000; // OWASP's figure for PBKDF2 with SHA-256, 2023

/** A key as it is kept: nothing of it can be used without the passphrase. */
export interface StoredKey {
  address: Hex;
  name: string;
  salt: Uint8Array<ArrayBuffer>;
  iv: Uint8Array<ArrayBuffer>;
  iterations: number;
  sealed: ArrayBuffer;
}

export class WrongPassphrase extends Error {
  constructor() {
    super("That is not the passphrase of this key.");
  }
}

export const newSecret = (): Uint8Array => secp256k1.utils.randomSecretKey();

/** The Ethereum address of a secret. */
export function addressOf(secret: Uint8Array): Hex {
  const point = secp256k1.getPublicKey(secret, false);
  return toHex(keccak_256(point.subarray(1)).subarray(12));
}

/** The EIP-55 spelling of an address, which a message to sign in has. */
export function checksummed(address: string): string {
  const digits = address.slice(2).toLowerCase();
  const hash = bytesToHex(keccak_256(utf8(digits)));
  return `0x${[...digits].map((c, i) => (parseInt(hash[i]!, 16) >= 8 ? c.toUpperCase() : c)).join("")}`;
}

/** r || s || v (27 or 28) of a digest, deterministic (RFC 6979), s in the lower half. */
export function signDigest(secret: Uint8Array, digest: Uint8Array): Uint8Array {
  const recovered = secp256k1.sign(digest, secret, { prehash: false, format: "recovered", lowS: true }); // recovery || r || s
  const out = new Uint8Array(65);
  out.set(recovered.subarray(1), 0);
  out[64] = 27 + recovered[0]!;
  return out;
}

/** Reads a key file as the medmarket command writes it: 64 hex digits. */
export function readKeyFile(content: string): Uint8Array {
  const digits = content.trim();
  if (!/^[0-9a-fA-F]{64}$/.test(digits)) throw new Error("That is not a key file: one has 64 hexadecimal digits and nothing else.");
  const secret = fromHex(digits);
  if (!secp256k1.utils.isValidSecretKey(secret)) throw new Error("The number in the file is no key.");
  return secret;
}

export const writeKeyFile = (secret: Uint8Array): string => `${bytesToHex(secret)}\n`;

async function sealer(passphrase: string, salt: Uint8Array<ArrayBuffer>, rounds: number): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey("raw", new Uint8Array(utf8(passphrase.normalize("NFKC"))), "PBKDF2", false, ["deriveKey"]);
  return crypto.subtle.deriveKey({ name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds }, material, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

const own = (b: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(b);

export async function seal(secret: Uint8Array, name: string, passphrase: string): Promise<StoredKey> {
  const address = addressOf(secret);
  const salt = own(random(16));
  const iv = own(random(12));
  const key = await sealer(passphrase, salt, iterations);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: own(utf8(address)) }, key, own(secret));
  return { address, name, salt, iv, iterations, sealed };
}

/** The secret of a stored key; throws WrongPassphrase. */
export async function open(stored: StoredKey, passphrase: string): Promise<Uint8Array> {
  const key = await sealer(passphrase, stored.salt, stored.iterations);
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: stored.iv, additionalData: own(utf8(stored.address)) }, key, stored.sealed));
  } catch {
    throw new WrongPassphrase();
  }
}

function database(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("medmarket", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("keys", { keyPath: "address" });
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error ?? new Error("this browser keeps no data for this page"));
  });
}

async function inStore<T>(mode: IDBTransactionMode, act: (s: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const db = await database();
  try {
    return await new Promise<T>((resolve, reject) => {
      const doing = act(db.transaction("keys", mode).objectStore("keys"));
      doing.onsuccess = () => resolve(doing.result);
      doing.onerror = () => reject(doing.error ?? new Error("the browser's store failed"));
    });
  } finally {
    db.close();
  }
}

export const listKeys = (): Promise<StoredKey[]> => inStore("readonly", (s) => s.getAll());
export const keep = async (k: StoredKey): Promise<void> => void (await inStore("readwrite", (s) => s.put(k)));
export const forget = async (address: string): Promise<void> => void (await inStore("readwrite", (s) => s.delete(address)));
