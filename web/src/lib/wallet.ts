// The wallet that the browser has for this page, if any (EIP-1193).

export interface Wallet {
  request(call: { method: string; params?: unknown[] }): Promise<unknown>;
}

export function injected(): Wallet | undefined {
  return (globalThis as { ethereum?: Wallet }).ethereum;
}

export async function connect(w: Wallet): Promise<string> {
  const accounts = await w.request({ method: "eth_requestAccounts" });
  if (!Array.isArray(accounts) || typeof accounts[0] !== "string") throw new Error("The wallet named no account.");
  return accounts[0].toLowerCase();
}

/** What the wallet's refusal or failure is in words. */
export function inWords(err: unknown): Error {
  const e = err as { code?: number; message?: string };
  if (e?.code === 4001) return new Error("You declined in your wallet. Nothing was signed.");
  return new Error(`Your wallet could not sign: ${e?.message ?? "no reason given"}`);
}
