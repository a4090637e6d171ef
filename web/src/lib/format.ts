// Numbers, times and names for people. Times are the reader's own, with the zone in the title where it matters.

const dateTime = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
const date = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium" });
const whole = new Intl.NumberFormat("en-GB");

export const number = (n: number): string => whole.format(n);
export const moment = (unix: number | string | undefined): string => dateTime.format(Number(unix ?? 0) * 1000);
export const day = (unix: number | string | undefined): string => date.format(Number(unix ?? 0) * 1000);
const hours = new Intl.DateTimeFormat("en-GB", { timeStyle: "short", timeZone: "UTC" });
const seconds = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: "UTC" });
const dayMonth = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const longMonth = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });
const monthYear = new Intl.DateTimeFormat("en-GB", { month: "short", year: "numeric", timeZone: "UTC" });
/** A mark of an axis of time, which is in UTC: hours by 24, with seconds where marks are as close, days, months with their years. */
export const clock = (d: Date): string => (d.getTime() % 60_000 !== 0 ? seconds.format(d) : d.getTime() % 86_400_000 !== 0 ? hours.format(d) : d.getUTCDate() !== 1 ? dayMonth.format(d) : monthYear.format(d));
/** A month that is written as 2024-03. */
export const month = (text: string): string => longMonth.format(Date.parse(`${text}-01T00:00:00Z`));
export const machine = (unix: number | string | undefined): string => new Date(Number(unix ?? 0) * 1000).toISOString();

/** Epsilon with as many digits as tell something. */
export function epsilonText(e: number): string {
  if (e === 0) return "0";
  return e < 0.001 ? "less than 0.001" : e.toPrecision(e < 1 ? 2 : 3);
}

/** Epsilon as somebody sets it: what she types comes back as she typed it, to four digits that tell something. */
export const exactEpsilon = (e: number): string => String(Number(e.toPrecision(4)));

/** How long ago, in the largest unit that fits. */
export function ago(unix: number | string | undefined, now = Date.now() / 1000): string {
  const seconds = Math.max(0, now - Number(unix ?? 0));
  for (const [unit, length] of [["day", 86400], ["hour", 3600], ["minute", 60]] as const) {
    const n = Math.floor(seconds / length);
    if (n >= 1) return `${n} ${unit}${n === 1 ? "" : "s"} ago`;
  }
  return "just now";
}

/** An address or a hash where there is no name for it. */
export const short = (hex: string): string => `${hex.slice(0, 8)}…${hex.slice(-4)}`;

export const plural = (n: number, one: string, many = `${one}s`): string => `${whole.format(n)} ${n === 1 ? one : many}`;

/** A list in words: a, b and c. */
export function list(all: string[], none = "nothing"): string {
  if (all.length === 0) return none;
  return all.length === 1 ? all[0]! : `${all.slice(0, -1).join(", ")} and ${all.at(-1)}`;
}
