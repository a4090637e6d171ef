import { tick } from "svelte";

/** Puts who adds a part by keyboard at its beginning. */
export async function focusLast(host: Element | undefined): Promise<void> {
  await tick();
  const parts = [...(host?.children ?? [])].filter((c) => c.classList.contains("node"));
  parts.at(-1)?.querySelector<HTMLElement>("select")?.focus();
}
