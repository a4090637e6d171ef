import type { Marketplace } from "./api";
import { asError } from "./errors";
import { session } from "./session.svelte";

// How things stand at the marketplace while a page is open: server-sent events of GET /v1/live, read by fetch, since EventSource shows
// no session. A page that wants them:
//
//   $effect(() => live.watch());
//   … live.now?.under_way …

export type Now = Marketplace["medmarket.v1.GetLiveResponse"];

const longest = 30; // seconds between two attempts

/** What the data of each event in a stream says; what is not complete yet is the rest. */
export function events(buffer: string): { data: string[]; rest: string } {
  const parts = buffer.split("\n\n");
  const rest = parts.pop() ?? "";
  const data = parts.map((p) => p.split("\n").filter((l) => l.startsWith("data: ")).map((l) => l.slice(6)).join("\n"));
  return { data: data.filter(Boolean), rest };
}

class Live {
  now = $state.raw<Now | undefined>();
  /** There is no stream now; it is tried again. */
  lost = $state(false);
  #watchers = 0;
  #stop: AbortController | undefined;

  /** Keeps now up to date until what it returns is called. */
  watch(): () => void {
    if (this.#watchers++ === 0) {
      this.#stop = new AbortController();
      void this.#run(this.#stop.signal);
    }
    return () => {
      if (--this.#watchers === 0) this.#stop?.abort();
    };
  }

  async #run(signal: AbortSignal): Promise<void> {
    for (let wait = 1; !signal.aborted && session.who; ) {
      try {
        await this.#read(signal);
        wait = 1; // it ended in its time: the next one follows at once
      } catch {
        if (signal.aborted) return;
        this.lost = true;
        await new Promise((resolve) => setTimeout(resolve, wait * 1000));
        wait = Math.min(2 * wait, longest);
      }
    }
  }

  async #read(signal: AbortSignal): Promise<void> {
    await session.renew();
    const answer = await fetch("/v1/live", { headers: { Accept: "text/event-stream", Authorization: `Bearer ${session.token}` }, signal });
    if (!answer.ok || !answer.body) throw asError(answer.status, await answer.json().catch(() => undefined));
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let buffer = ""; ; ) {
      const { done, value } = await reader.read();
      if (done) return;
      const { data, rest } = events(buffer + value);
      buffer = rest;
      if (data.length === 0) continue;
      this.now = JSON.parse(data.at(-1)!) as Now;
      this.lost = false;
    }
  }
}

export const live = new Live();
