import { addressOf, checksummed, open, signDigest, type StoredKey } from "./keys";
import { fromHex, toBase64, type Hex } from "./bytes";
import { digest, forWallet, personalDigest, type TypedData } from "./typeddata";
import { connect, injected, inWords } from "./wallet";
import { domain } from "./site";

// Who is signed in, and with what she signs. The token of her session outlives a reload of the page (sessionStorage: this
// tab, and at most 15 minutes); an opened key does not, and is asked for again when something is to be signed.

export type Kind = "wallet" | "browser";

export interface Who {
  address: string;
  kind: Kind;
  name: string;
  /** Of her key, as they were final on the chain when she signed in: "researcher", "committee", … A patient has none. */
  roles: string[];
}

interface Kept extends Who {
  token: string;
  until: number; // Unix seconds
}

const slot = "medmarket-session";

class Session {
  who = $state.raw<Who | undefined>();
  until = $state(0);
  /** Why there is no session any more, for her who had one. */
  ended = $state("");
  /** Whether a browser's key is open, so that it can sign without its passphrase. */
  unlocked = $state(false);
  #token = "";
  #secret: Uint8Array | undefined;
  #renewing: Promise<void> | undefined;

  constructor() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(slot) ?? "null") as Kept | null;
      if (kept?.roles && kept.until > Date.now() / 1000) this.#begin(kept);
    } catch {
      sessionStorage.removeItem(slot);
    }
  }

  get token(): string {
    return this.#token;
  }

  #begin({ token, until, ...who }: Kept): void {
    this.who = who;
    this.until = until;
    this.#token = token;
    this.ended = "";
  }

  /** Signs in with a key of the browser. Throws WrongPassphrase. */
  async withKey(stored: StoredKey, passphrase: string): Promise<void> {
    this.#use(await open(stored, passphrase));
    await this.#signIn({ address: stored.address, kind: "browser", name: stored.name, roles: [] });
  }

  /** Signs in with the browser's wallet. */
  async withWallet(): Promise<void> {
    const wallet = injected();
    if (!wallet) throw new Error("This browser has no wallet.");
    this.#secret = undefined;
    this.unlocked = false;
    try {
      await this.#signIn({ address: await connect(wallet), kind: "wallet", name: "Wallet", roles: [] });
    } catch (err) {
      throw (err as { code?: number }).code ? inWords(err) : err;
    }
  }

  /** Opens the key of who is signed in, after a reload. Throws WrongPassphrase. */
  async unlock(stored: StoredKey, passphrase: string): Promise<void> {
    this.#use(await open(stored, passphrase));
  }

  #use(secret: Uint8Array): void {
    this.#secret = secret;
    this.unlocked = true;
  }

  /** Signs in again shortly before the session ends, where the key is open: so that nobody loses what she has filled in. */
  async renew(): Promise<void> {
    const who = this.who;
    if (!who || !this.#secret || this.until - Date.now() / 1000 > 60) return;
    this.#renewing ??= this.#signIn(who).finally(() => (this.#renewing = undefined));
    await this.#renewing;
  }

  async #signIn(who: Who): Promise<void> {
    const nonce = await post<{ nonce: string; uri: string; chain_id: string }>("/v1/nonces", {});
    const now = Math.floor(Date.now() / 1000);
    const at = (seconds: number) => new Date(seconds * 1000).toISOString().replace(".000", "");
    // The origin is the page's own, whatever the server says that it is: else one in between could have her sign in elsewhere.
    const message =
      `${location.host} wants you to sign in with your Ethereum account:\n${checksummed(who.address)}\n\n\n` +
      `URI: ${location.origin}/v1/sessions\nVersion: 1\nChain ID: ${domain().chainId}\nNonce: ${nonce.nonce}\n` +
      `Issued At: ${at(now)}\nExpiration Time: ${at(now + 15 * 60)}`;
    const signature = await this.#message(who, message);
    const open = await post<{ token: string; expires_at: string; roles: string[] }>("/v1/sessions", { message, signature: toBase64(signature) });
    const roles = open.roles.map((r) => r.replace("ROLE_", "").toLowerCase());
    const kept: Kept = { ...who, roles, token: open.token, until: Number(open.expires_at) };
    sessionStorage.setItem(slot, JSON.stringify(kept));
    this.#begin(kept);
  }

  async #message(who: Who, message: string): Promise<Uint8Array> {
    if (who.kind === "browser") return signDigest(this.#opened(), personalDigest(message));
    return fromHex((await injected()?.request({ method: "personal_sign", params: [message, who.address] })) as string);
  }

  #opened(): Uint8Array {
    if (!this.#secret) throw new Error("Your key is locked. Enter its passphrase.");
    return this.#secret;
  }

  /** Signs typed data as who is signed in; r || s || v. What it says must have been shown before: see signing.svelte.ts. */
  async sign(t: TypedData): Promise<Uint8Array> {
    if (!this.who) throw new Error("Sign in first.");
    if (this.who.kind === "browser") {
      const secret = this.#opened();
      if (addressOf(secret) !== (this.who.address as Hex)) throw new Error("Another key was opened than the one you signed in with.");
      return signDigest(secret, digest(domain(), t));
    }
    try {
      const wallet = injected();
      if (!wallet) throw new Error("the wallet is gone");
      return fromHex((await wallet.request({ method: "eth_signTypedData_v4", params: [this.who.address, forWallet(domain(), t)] })) as string);
    } catch (err) {
      throw inWords(err);
    }
  }

  /** Forgets the session here; why is shown to her, if it was not her wish. */
  end(why = ""): void {
    sessionStorage.removeItem(slot);
    this.who = undefined;
    this.#token = "";
    this.#secret = undefined;
    this.unlocked = false;
    this.ended = why;
  }

  /** Ends all her sessions at this server, and here. */
  async signOut(): Promise<void> {
    const token = this.#token;
    this.end();
    await fetch("/v1/closed-sessions", { method: "POST", headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" }, body: "{}" }).catch(() => undefined);
  }
}

async function post<T>(path: string, body: unknown): Promise<T> {
  const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  if (!answer.ok) {
    const { asError } = await import("./errors");
    throw asError(answer.status, await answer.json().catch(() => undefined));
  }
  return (await answer.json()) as T;
}

export const session = new Session();
