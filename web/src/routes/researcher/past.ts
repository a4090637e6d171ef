import { hexOf } from "../../lib/bytes";
import { fromApi, type Query } from "../../lib/query/model";
import { lossOf, myStudies, questions, type Loss } from "../../lib/researcher";
import { spending, type Spending, type Study } from "../../lib/study";

// What a researcher's studies have asked, out of the public register.

export interface Asked {
  request: string;
  study: Study;
  researcher: string;
  question: Query;
  time: number;
  cost: Loss;
  work: number;
  anchored: boolean;
  hospitals: { dataset: string; state: string; cost: Loss }[];
}

export async function asked(s: Study): Promise<Asked[]> {
  return (await questions(s.grant)).map((q) => ({
    request: hexOf(q.request_id),
    study: s,
    researcher: hexOf(q.researcher),
    question: fromApi<Query>(q.question ?? {}),
    time: Number(q.time ?? 0),
    cost: lossOf(q.cost),
    work: Number(q.work ?? 0),
    anchored: !!q.anchored,
    hospitals: (q.hospitals ?? []).map((h) => ({ dataset: h.dataset ?? "", state: h.state ?? "", cost: lossOf(h.cost) })),
  }));
}

/** All that her studies have asked, the newest first. */
export async function history(): Promise<Asked[]> {
  const mine = (await myStudies()).filter((s) => s.status !== "unspecified");
  return (await Promise.all(mine.map(asked))).flat().sort((a, b) => b.time - a.time);
}

export interface Ledger {
  study: Study;
  spent: Spending[];
  asked: Asked[];
}

export async function ledgers(): Promise<Ledger[]> {
  const mine = (await myStudies()).filter((s) => s.status !== "unspecified" && s.status !== "superseded");
  return Promise.all(mine.map(async (study) => ({ study, spent: await spending(study), asked: await asked(study) })));
}

/** What is left of a ceiling after each question, in nano-rho, the oldest first. */
export interface Left {
  time: number;
  left: number;
  request: string;
}

export function burnDown(l: Ledger, of: Spending): Left[] {
  const costs = [...l.asked]
    .reverse()
    .map((a) => ({ time: a.time, request: a.request, cost: a.hospitals.find((h) => h.dataset === of.dataset && h.state === "answered")?.cost.nanoRho ?? 0 }))
    .filter((a) => a.cost > 0);
  // What was taken otherwise: under a document before, or by what is under way.
  let left = of.ceiling - (of.taken - costs.reduce((sum, a) => sum + a.cost, 0));
  const all: Left[] = [{ time: l.study.document.period.start, left, request: "" }];
  for (const a of costs) all.push({ time: a.time, left: (left -= a.cost), request: a.request });
  return all;
}
