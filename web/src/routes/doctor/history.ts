// What `medmarket records timeline --json` and `fetch --json` write, which is all that this page reads. It has been checked there, against
// the hospitals' logs and the chain; the page sends it nowhere.

export interface Pointer {
  time: string; // day, as in 2024-03-31
  provider: string;
  kind: string;
  month: string;
  number: number;
  locator: string;
  anchored: boolean;
  superseded: boolean;
  standing: string;
  file: string;
  fault: string;
}

export interface Drug {
  concept: string;
  /** Of the code. */
  system: string;
  name: string;
  /** Day; empty: none is recorded. */
  since: string;
  /** Day; empty: a record says no end, unless it is over. */
  until: string;
  over: boolean;
}

export interface History {
  pointers: Pointer[];
  /** What is missing or forged, and hospitals that did not answer. */
  gaps: string[];
  current: Drug[];
  past: Drug[];
  /** Whether the records were fetched: only then is medication known. */
  fetched: boolean;
  /** The hospitals, in the order in which care began there. */
  hospitals: string[];
}

const most = 64 << 20; // bytes of a file
const kinds = ["conditions", "laboratory", "medication", "observations", "procedures", "visits"];
const standings = ["accepted", "questioned", "rejected"];

class Malformed extends Error {
  constructor() {
    super("That is not a history: make one with “medmarket records fetch --json … > history.json”.");
  }
}

const text = (v: unknown): string => (typeof v === "string" ? v : "");
const all = (v: unknown): Record<string, unknown>[] => (Array.isArray(v) ? v.filter((x): x is Record<string, unknown> => typeof x === "object" && x !== null) : []);
const lines = (v: unknown): string[] => (Array.isArray(v) ? v.filter((x): x is string => typeof x === "string") : []);

function pointer(p: Record<string, unknown>): Pointer {
  const day = text(p.time);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(Date.parse(day)) || !/^0x[0-9a-f]{40}$/i.test(text(p.provider)) || !kinds.includes(text(p.kind))) throw new Malformed();
  return {
    time: day,
    provider: text(p.provider),
    kind: text(p.kind),
    month: text(p.month),
    number: Number(p.number ?? 0),
    locator: text(p.locator),
    anchored: p.anchored === true,
    superseded: p.superseded === true,
    standing: standings.includes(text(p.standing)) ? text(p.standing) : "",
    file: text(p.file),
    fault: text(p.fault),
  };
}

const drug = (d: Record<string, unknown>): Drug => ({ concept: text(d.concept), system: text(d.system), name: text(d.name), since: text(d.since), until: text(d.until), over: d.over === true });

/** Reads a file; throws an Error in words. */
export async function readHistory(file: File): Promise<History> {
  if (file.size > most) throw new Error("The file is too large for this page.");
  let d: Record<string, unknown>;
  try {
    d = JSON.parse(await file.text()) as Record<string, unknown>;
  } catch {
    throw new Malformed();
  }
  if (d === null || typeof d !== "object" || (!Array.isArray(d.pointers) && !Array.isArray(d.records))) throw new Malformed();
  const pointers = all(d.records ?? d.pointers).map(pointer);
  pointers.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
  return {
    pointers,
    gaps: [...lines(d.faults), ...lines(d.offline)],
    current: all(d.current_medication).map(drug),
    past: all(d.past_medication).map(drug),
    fetched: Array.isArray(d.records),
    hospitals: [...new Set(pointers.map((p) => p.provider))],
  };
}

/** What is to be said of a pointer beside where it leads. */
export function said(p: Pointer): string {
  const of = [];
  if (p.superseded) of.push("superseded: the record was amended, a later line leads to it");
  if (p.standing === "questioned") of.push("the patient questions it");
  if (p.standing === "rejected") of.push("the patient says that it is wrong");
  if (p.fault) of.push(`not had: ${p.fault}`);
  if (!p.anchored) of.push("not on the chain yet");
  return of.join("; ") || "in the hospital’s log, on the chain";
}
