import { sha256 as hash } from "@noble/hashes/sha2.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";

// Bytes as the API spells them: base64 in JSON, 0x and lower-case hex digits in documents and paths.

export type Hex = `0x${string}`;

export const toHex = (b: Uint8Array): Hex => `0x${bytesToHex(b)}`;
export const fromHex = (s: string): Uint8Array => hexToBytes(s.startsWith("0x") ? s.slice(2) : s);

export function fromBase64(s: string | undefined): Uint8Array {
  return Uint8Array.from(atob(s ?? ""), (c) => c.charCodeAt(0));
}

export function toBase64(b: Uint8Array): string {
  let s = "";
  for (const byte of b) s += String.fromCharCode(byte);
  return btoa(s);
}

/** The hex form of bytes that came as base64. */
export const hexOf = (base64: string | undefined): Hex => toHex(fromBase64(base64));

export const utf8 = (s: string): Uint8Array => new TextEncoder().encode(s);
export const text = (b: Uint8Array): string => new TextDecoder("utf-8", { fatal: true }).decode(b);
export const sha256 = (b: Uint8Array): Uint8Array => hash(b);

export function random(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}
