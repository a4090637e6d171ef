import { marketplace, ok } from "./api";
import { fromBase64, text, type Hex } from "./bytes";
import { labelWords, groupTitle, keyWords } from "./query/labels";
import { fromApi, kindOf, measureNames, toApi, type GroupBy, type Measure, type Query } from "./query/model";
import { queryOf, type Plan } from "./query/plan";
import type { Name } from "./query/words";

// An answer, as its receipt has it (package ledger, receipt.go): noised numbers with their intervals.

interface Estimate {
  measure: number;
  label?: string;
  value: number;
  low: number;
  high: number;
  suppressed?: boolean;
}

export interface Statement {
  researcher: Hex;
  ask: { request_id: Hex; grant: Hex; dataset: string; provider: Hex; purpose: { permission: string; diseases?: string[]; methods?: boolean }; also?: { dataset: string; provider: Hex }[] };
  plan: Plan;
  releases: { provider: Hex; release: { dataset: string; dataset_version: string; as_of: number } }[];
  missing?: { provider: Hex; state: string; reasons?: string[] }[];
  counted_at_each?: boolean;
  answer: { key: string[]; estimates: Estimate[] }[];
  nano_rho: number;
  delta: number;
  nano_epsilon?: number;
  work: number;
  time: number;
}

/** One number of an answer. */
export interface Row {
  key: string[];
  measure: number;
  label: string;
  value: number;
  low: number;
  high: number;
  suppressed: boolean;
  /** The noise dominates: the value is below two standard deviations of it. */
  dominated: boolean;
}

export interface Answer {
  request: Hex;
  statement: Statement;
  query: Query;
  groups: GroupBy[];
  measures: Measure[];
  rows: Row[];
}

const z = 1.96;

/** Half of a 95 % interval is 1.96 standard deviations: below two of them a value may well be nothing. */
const isDominated = (e: Estimate): boolean => Math.abs(e.value) < (2 * (e.high - e.low)) / (2 * z);

export function answerOf(s: Statement): Answer {
  const query = queryOf(s.plan);
  const rows = s.answer.flatMap((g) =>
    g.estimates.map((e) => ({ key: g.key, measure: e.measure, label: e.label ?? "", value: e.value, low: e.low, high: e.high, suppressed: !!e.suppressed, dominated: !e.suppressed && isDominated(e) })),
  );
  return { request: s.ask.request_id, statement: s, query, groups: query.group_by ?? [], measures: query.measures ?? [], rows };
}

/** The answer to a request; throws ApiError. */
export async function answer(request: string): Promise<Answer> {
  const r = ok(await marketplace.GET("/v1/receipts/{request_id}", { params: { path: { request_id: request }, query: { unproven: true } } }));
  return answerOf((JSON.parse(text(fromBase64(r.receipt))) as { statement: Statement }).statement);
}

/** The whole receipt, with the proof of its anchor if there is one. */
export async function receipt(request: string): Promise<{ content: Uint8Array; anchored: boolean }> {
  const r = ok(await marketplace.GET("/v1/receipts/{request_id}", { params: { path: { request_id: request } } }));
  return { content: fromBase64(r.receipt), anchored: !!r.anchored };
}

/** Which numbers there are of each group: a measure, or one of several numbers of it. A histogram's bars are one picture. */
export interface Figure {
  id: string;
  measure: number;
  label: string;
  title: string;
}

export function figures(a: Answer): Figure[] {
  const all = new Map<string, Figure>();
  for (const r of a.rows) {
    const m = a.measures[r.measure] ?? {};
    const label = m.histogram ? "" : r.label;
    const id = `${r.measure}/${label}`;
    const title = measureNames.find((n) => n.id === kindOf(m))?.label ?? "";
    const which = m.quantiles ? quantile(label) : label === "sd" ? "Standard deviation of a value" : m.variance ? "Variance of a value" : title;
    if (!all.has(id)) all.set(id, { id, measure: r.measure, label, title: a.measures.length > 1 ? `${r.measure + 1}: ${which}` : which });
  }
  return [...all.values()];
}

const quantile = (label: string) => (label === "p50" ? "Median" : label.replace(/^p(.*)$/, "$1th percentile"));

/** The rows of a figure. */
export const rowsOf = (a: Answer, f: Figure): Row[] => a.rows.filter((r) => r.measure === f.measure && (f.label === r.label || !!a.measures[f.measure]?.histogram));

/** Whether a figure counts something, so that a bar from zero shows it; else a point does. */
export const isCount = (a: Answer, f: Figure): boolean => ["patients", "records", "histogram", "sum"].includes(kindOf(a.measures[f.measure] ?? {}));

export interface Point extends Row {
  x: string;
  series: string;
}

/** A figure as a picture: along an axis that has an order, one small picture for each of the other groups; else a list of bars. */
export interface Picture {
  points: Point[];
  along: string;
  lines: boolean;
  series: string[];
}

const ordered: (keyof GroupBy)[] = ["calendar", "age_band", "birth_year", "value_band", "event_count"];
const mostSeries = 8;

export function picture(a: Answer, f: Figure, name: Name): Picture {
  const rows = rowsOf(a, f).filter((r) => !r.suppressed);
  const histogram = !!a.measures[f.measure]?.histogram;
  const axis = histogram ? -1 : ordered.map((k) => a.groups.findIndex((g) => g[k])).find((i) => i >= 0);
  const rest = (key: string[]) => keyWords(a.groups.filter((_, i) => i !== axis), key.filter((_, i) => i !== axis), name);
  if (axis !== undefined) {
    const points = rows.map((r) => ({ ...r, x: histogram ? r.label : labelWords(a.groups[axis], r.key[axis] ?? "", name).replace(/ years$/, ""), series: rest(r.key) }));
    const series = [...new Set(points.map((p) => p.series))];
    if (series.length <= mostSeries) {
      const along = histogram ? "value" : axis >= 0 && a.groups[axis]?.age_band ? "age, in years" : groupTitle(a.groups[axis]!, name).toLowerCase();
      return { points, along, lines: axis >= 0 && !!a.groups[axis]?.calendar, series };
    }
  }
  return { points: rows.map((r) => ({ ...r, x: keyWords(a.groups, r.key, name) + (histogram ? ` · ${r.label}` : ""), series: "" })), along: "", lines: false, series: [] };
}

const cell = (s: string) => (/[",\n\r]/.test(s) ? `"${s.replaceAll('"', '""')}"` : s);
// What a spreadsheet would take for a formula is text (OWASP, CSV injection); numbers are not text.
const safe = (s: string) => (/^[=+\-@\t]/.test(s) ? `'${s}` : s);

/** The answer as a table for spreadsheets and statistics: a line for each number. */
export function csv(a: Answer, name: Name): string {
  const titles = a.groups.map((g) => groupTitle(g, name));
  const lines = [[...titles, "measure", "number", "value", "low_95", "high_95", "note"].map((t) => cell(safe(t))).join(",")];
  for (const r of a.rows) {
    const labels = r.key.map((l, i) => cell(safe(labelWords(a.groups[i], l, name))));
    const numbers = r.suppressed ? ["", "", ""] : [r.value, r.low, r.high].map(String);
    lines.push([...labels, kindOf(a.measures[r.measure] ?? {}), cell(safe(r.label)), ...numbers, r.suppressed ? "kept back" : r.dominated ? "noise dominates" : ""].join(","));
  }
  return `${lines.join("\r\n")}\r\n`;
}

/** The answer with what it answers, for programs. */
export const json = (a: Answer): string =>
  JSON.stringify(
    {
      request_id: a.request, time: a.statement.time, grant: a.statement.ask.grant, dataset: a.statement.ask.dataset, also: a.statement.ask.also?.map((o) => o.dataset),
      question: toApi(a.query), groups: a.statement.answer, nano_rho: a.statement.nano_rho, delta: a.statement.delta, nano_epsilon: a.statement.nano_epsilon, work: a.statement.work,
    },
    null,
    2,
  );

/** The question of an answer as it would be asked again. */
export const again = (a: Answer): Query => fromApi({ ...toApi(a.query), ...(a.statement.ask.also && { also: a.statement.ask.also.map((o) => o.dataset) }) });

const shell = (s: string) => `'${s.replaceAll("'", "'\\''")}'`;

/** How to get the same by the command, by curl and in Python. */
export function code(a: Answer, origin: string): { name: string; text: string }[] {
  const { ask } = a.statement;
  const question = JSON.stringify(toApi(again(a)), null, 2);
  const use = [`--purpose ${ask.purpose.permission}`, ...(ask.purpose.diseases ?? []).map((d) => `--disease ${d}`), ...(ask.purpose.methods ? ["--methods"] : [])].join(" ");
  const path = `/v1/receipts/${a.request}?unproven=true`;
  const open = "medmarket session open --network network.json --key researcher.key token.txt";
  return [
    { name: "Command", text: `cat > question.json <<'END'\n${question}\nEND\nmedmarket query ask --network network.json --key researcher.key \\\n  --query question.json --grant ${ask.grant} ${use}` },
    { name: "curl", text: `${open}\ncurl -sS -H "Authorization: Bearer $(cat token.txt)" ${shell(origin + path)} |\n  jq -r .receipt | base64 -d | jq .statement.answer` },
    {
      name: "Python",
      text: `# ${open}\nimport base64, json, urllib.request\n\nrequest = urllib.request.Request(\n    "${origin}${path}",\n    headers={"Authorization": "Bearer " + open("token.txt").read().strip()})\nreceipt = json.loads(base64.b64decode(json.load(urllib.request.urlopen(request))["receipt"]))\nfor group in receipt["statement"]["answer"]:\n    for number in group["estimates"]:\n        print(*group["key"], number.get("label", ""), number["value"], number["low"], number["high"], sep="\\t")`,
    },
  ];
}
