import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { fromHex, utf8 } from "./bytes";

// EIP-712 as package ledger uses it (typeddata.go, ADR 2): flat structs whose members are words, addresses, strings.

export interface Field {
  name: string;
  type: "bytes32" | "uint64" | "uint256" | "address" | "string";
}

/** One struct to be signed: its type's name, its members in order, and their values (integers as decimal strings). */
export interface TypedData {
  primaryType: string;
  fields: Field[];
  message: Record<string, string>;
}

/** The domain that every signature of this network is in. */
export interface Domain {
  chainId: number;
  genesis: string;
}

const domainFields: Field[] = [
  { name: "name", type: "string" },
  { name: "version", type: "string" },
  { name: "chainId", type: "uint256" },
];

const typeOf = (name: string, fields: Field[]) => `${name}(${fields.map((f) => `${f.type} ${f.name}`).join(",")})`;

function word(f: Field, value: string): Uint8Array {
  switch (f.type) {
    case "string":
      return keccak_256(utf8(value));
    case "bytes32":
      return fromHex(value);
    case "address":
      return concatBytes(new Uint8Array(12), fromHex(value));
    default:
      return fromHex(BigInt(value).toString(16).padStart(64, "0"));
  }
}

function hashStruct(name: string, fields: Field[], message: Record<string, string>): Uint8Array {
  const words = fields.map((f) => word(f, message[f.name] ?? ""));
  return keccak_256(concatBytes(keccak_256(utf8(typeOf(name, fields))), ...words));
}

const domainMessage = (d: Domain) => ({ name: "medmarket", version: "1", chainId: String(d.chainId) });

/** The digest that a key signs. */
export function digest(d: Domain, t: TypedData): Uint8Array {
  const separator = hashStruct("EIP712Domain", domainFields, domainMessage(d));
  return keccak_256(concatBytes(Uint8Array.of(0x19, 0x01), separator, hashStruct(t.primaryType, t.fields, t.message)));
}

/** The same as eth_signTypedData_v4 takes it. */
export function forWallet(d: Domain, t: TypedData): string {
  return JSON.stringify({
    types: { EIP712Domain: domainFields, [t.primaryType]: t.fields },
    primaryType: t.primaryType,
    domain: { ...domainMessage(d), chainId: d.chainId },
    message: t.message,
  });
}

/** The digest of a message as personal_sign signs it (EIP-191). */
export function personalDigest(message: string): Uint8Array {
  const m = utf8(message);
  return keccak_256(concatBytes(utf8(`\x19Ethereum Signed Message:\n${m.length}`), m));
}

/** A document by its hash; kind is the name of the type, as in package ledger. */
export function document(d: Domain, kind: string, hash: string, revision: number, expiry: number): TypedData {
  return {
    primaryType: kind,
    fields: [
      { name: "documentHash", type: "bytes32" },
      { name: "revision", type: "uint64" },
      { name: "genesisHash", type: "bytes32" },
      { name: "expiry", type: "uint64" },
    ],
    message: { documentHash: hash, revision: String(revision), genesisHash: d.genesis, expiry: String(expiry) },
  };
}

/** One call of the API, to the party at the address audience; method is the verb, a space and the path. */
export function request(d: Domain, r: { audience: string; method: string; bodyHash: string; nonce: string; issuedAtMs: number }): TypedData {
  return {
    primaryType: "Request",
    fields: [
      { name: "audience", type: "address" },
      { name: "method", type: "string" },
      { name: "bodyHash", type: "bytes32" },
      { name: "nonce", type: "bytes32" },
      { name: "issuedAtMs", type: "uint64" },
      { name: "genesisHash", type: "bytes32" },
    ],
    message: { ...r, issuedAtMs: String(r.issuedAtMs), genesisHash: d.genesis },
  };
}

const genesis: Field = { name: "genesisHash", type: "bytes32" };

/** What a committee signs of a grant document to approve it; termsHash is of what goes on the chain (termsHash of study.ts). */
export function grantTerms(d: Domain, t: { documentHash: string; revision: number; expiry: number; termsHash: string }): TypedData {
  return {
    primaryType: "GrantTerms",
    fields: [{ name: "documentHash", type: "bytes32" }, { name: "revision", type: "uint64" }, genesis, { name: "expiry", type: "uint64" }, { name: "termsHash", type: "bytes32" }],
    message: { ...t, revision: String(t.revision), expiry: String(t.expiry), genesisHash: d.genesis },
  };
}

/** What a member of a committee signs to suspend, resume, renew, revoke or close a grant; see package ledger. */
export function grantChange(d: Domain, primaryType: string, documentHash: string, more: { field: Field; value: string } | undefined): TypedData {
  return {
    primaryType,
    fields: [{ name: "documentHash", type: "bytes32" }, ...(more ? [more.field] : []), genesis],
    message: { documentHash, ...(more ? { [more.field.name]: more.value } : {}), genesisHash: d.genesis },
  };
}

/** A researcher's cumulative promise of work, in expected hashes, to a marketplace. */
export function voucher(d: Domain, researcher: string, marketplace: string, cumulative: number): TypedData {
  return {
    primaryType: "Voucher",
    fields: [
      { name: "researcher", type: "address" },
      { name: "marketplace", type: "address" },
      { name: "cumulative", type: "uint64" },
      { name: "genesisHash", type: "bytes32" },
    ],
    message: { researcher, marketplace, cumulative: String(cumulative), genesisHash: d.genesis },
  };
}
