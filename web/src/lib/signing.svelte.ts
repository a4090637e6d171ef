import { random, sha256, toBase64, toHex, utf8 } from "./bytes";
import { canonicalBytes, type Json } from "./canonical";
import { asError } from "./errors";
import { session } from "./session.svelte";
import { domain, site } from "./site";
import { document, request, type TypedData } from "./typeddata";

// Nothing is signed that was not shown in words before: every signature goes through ask, and the dialog
// (lib/ui/SignDialog.svelte) shows the words, signs, and answers.

/** What somebody signs, in words that she understands. */
export interface Statement {
  title: string;
  /** Full sentences: what the signature means. */
  lines: string[];
  /** What it does not undo, or costs; shown with weight. */
  warning?: string;
  /** Of the button: what happens, as a verb. */
  action: string;
  /** The document itself, for who wants to see it. */
  document?: string;
}

export class Declined extends Error {
  constructor() {
    super("Nothing was signed.");
  }
}

interface Pending {
  statement: Statement;
  typed: TypedData[];
  resolve: (signatures: Uint8Array[]) => void;
  reject: (err: Error) => void;
}

class Signing {
  pending = $state.raw<Pending | undefined>();

  /** Shows the statement and has her sign typed data; throws Declined. */
  async ask(statement: Statement, typed: TypedData): Promise<Uint8Array> {
    return (await this.askAll(statement, [typed]))[0]!;
  }

  /** Has her sign all that one statement says, in order; throws Declined. */
  askAll(statement: Statement, typed: TypedData[]): Promise<Uint8Array[]> {
    this.pending?.reject(new Declined());
    return new Promise((resolve, reject) => {
      this.pending = { statement, typed, resolve, reject };
    });
  }

  async confirm(): Promise<void> {
    const p = this.pending;
    if (!p) return;
    const signatures: Uint8Array[] = [];
    for (const t of p.typed) signatures.push(await session.sign(t));
    p.resolve(signatures);
    this.pending = undefined;
  }

  /** Tells who asked first, and closes the dialog then: the focus goes back to a button that is enabled again. */
  decline(): void {
    const p = this.pending;
    p?.reject(new Declined());
    setTimeout(() => {
      if (this.pending === p) this.pending = undefined;
    });
  }
}

export const signing = new Signing();

const life = 10 * 60; // seconds that a signed document may wait before it is used

/** A document with its signature, as the API takes it. */
export interface SignedDocument {
  content: string;
  revision: string;
  expiry: string;
  signature: string;
}

/** A document that is to be signed, and how it is sent once it is. */
export interface Draft {
  typed: TypedData;
  text: string;
  signed: (signature: Uint8Array) => SignedDocument;
}

const soon = () => Math.floor(Date.now() / 1000) + life;

/** The next revision of a document of a kind of package ledger. Expiry is Unix seconds; 0: it does not expire. */
export function draft(kind: string, content: Json, revision: number, expiry = soon()): Draft {
  const bytes = canonicalBytes(content);
  return {
    typed: document(domain(), kind, toHex(sha256(bytes)), revision, expiry),
    text: JSON.stringify(content, null, 2),
    signed: (signature) => ({ content: toBase64(bytes), revision: String(revision), expiry: String(expiry), signature: toBase64(signature) }),
  };
}

/** Has her sign the next revision of a document. */
export async function signDocument(statement: Statement, kind: string, content: Json, revision: number, expiry?: number): Promise<SignedDocument> {
  const d = draft(kind, content, revision, expiry);
  return d.signed(await signing.ask({ ...statement, document: d.text }, d.typed));
}

/** A request that is to be signed as a whole, and how it is sent once it is. */
export interface Signable<T> {
  typed: TypedData;
  send: (signature: Uint8Array) => Promise<T>;
}

/** A POST, or a GET where there is no body, for what no session may do. To send it throws ApiError; a minute after it was made, REQUEST_STALE. */
export function signable<T>(path: string, body?: Json): Signable<T> {
  const bytes = new Uint8Array(body === undefined ? [] : utf8(JSON.stringify(body)));
  const method = body === undefined ? "GET" : "POST";
  const r = { audience: site.party, method: `${method} ${path}`, bodyHash: toHex(sha256(bytes)), nonce: toHex(random(32)), issuedAtMs: Date.now() };
  const send = async (signature: Uint8Array): Promise<T> => {
    const answer = await fetch(path, {
      method,
      ...(body !== undefined && { body: bytes }),
      headers: {
        "Content-Type": "application/json",
        "Medmarket-Address": session.who?.address ?? "",
        "Medmarket-Nonce": r.nonce,
        "Medmarket-Issued-At-Ms": String(r.issuedAtMs),
        "Medmarket-Signature": toHex(signature),
      },
    });
    if (!answer.ok) throw asError(answer.status, await answer.json().catch(() => undefined));
    return (await answer.json()) as T;
  };
  return { typed: request(domain(), r), send };
}

/** Sends a POST that she signs as a whole, for what no session may do; throws ApiError. */
export async function signedPost<T>(statement: Statement, path: string, body: Json): Promise<T> {
  const s = signable<T>(path, body);
  return s.send(await signing.ask(statement, s.typed));
}
