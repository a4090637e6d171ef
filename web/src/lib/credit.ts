import { number } from "./format";

// Work for people: 2^20 expected hashes are a credit.

const perCredit = 2 ** 20;
const units = ["", "k", "M", "G", "T", "P"];

function scaled(n: number): string {
  let i = 0;
  for (; n >= 1000 && i < units.length - 1; i++) n /= 1000;
  return `${n >= 100 || Number.isInteger(n) ? n.toFixed(0) : n.toPrecision(3)}${units[i] ? ` ${units[i]}` : ""}`;
}

/** Expected hashes, in thousands, millions, … */
export const work = (hashes: number): string => scaled(hashes);
export const rate = (hashesPerSecond: number): string => `${scaled(hashesPerSecond)}H/s`.replace(/(\d)H/, "$1 H");

/** Expected hashes as credits. */
export function credits(hashes: number): string {
  const c = hashes / perCredit;
  if (c === 0) return "0 credits";
  return `${c >= 1000 ? number(Math.round(c)) : c.toPrecision(3)} credits`;
}
