// A question as REST takes it (Query of the API), with ids as numbers, which JSON takes as well. What it may say, and how
// much, the server decides; what is here only knows what there is to choose from.

export type Domain =
  | "DOMAIN_CONDITION" | "DOMAIN_DRUG" | "DOMAIN_MEASUREMENT" | "DOMAIN_CONDITION_ERA" | "DOMAIN_DRUG_ERA" | "DOMAIN_PROCEDURE"
  | "DOMAIN_OBSERVATION" | "DOMAIN_VISIT" | "DOMAIN_DEATH" | "DOMAIN_DEVICE" | "DOMAIN_SPECIMEN" | "DOMAIN_OBSERVATION_PERIOD";

export interface Range { min?: number; max?: number; min_open?: boolean; max_open?: boolean }
export interface DateRange { from?: string; to?: string }
export interface Concept { id: number; include_descendants?: boolean; exclude?: boolean }

export interface Records {
  domain: Domain;
  concepts?: Concept[];
  first?: boolean;
  start?: DateRange;
  end?: DateRange;
  length?: Range;
  value?: Range;
  range_low?: Range;
  range_high?: Range;
  quantity?: Range;
  days_supply?: Range;
  occurrences?: Range;
  gap_days?: Range;
  value_concept_ids?: number[];
  unit_concept_ids?: number[];
  type_concept_ids?: number[];
}

export type Keep = "KEEP_UNSPECIFIED" | "KEEP_FIRST" | "KEEP_LAST";

export interface Events {
  records?: Records;
  union?: { of: Events[] };
  observed?: { before?: number; after?: number };
  where?: Criterion;
  keep?: Keep;
}

export interface Span { from?: number; to?: number; event_end?: boolean; index_end?: boolean }
export interface Window { spans?: Span[]; same_visit?: boolean; any_time?: boolean }
export type Distinct = "DISTINCT_UNSPECIFIED" | "DISTINCT_DAY" | "DISTINCT_CONCEPT" | "DISTINCT_VISIT";
export interface Has { events: Events; min?: number; max?: number; distinct?: Distinct; window?: Window }

export interface Person {
  sex_ids?: number[];
  race_ids?: number[];
  ethnicity_ids?: number[];
  year_of_birth?: Range;
  age?: Range;
  start?: DateRange;
  end?: DateRange;
}

/** Exactly one field is set. */
export interface Criterion {
  all?: { of: Criterion[] };
  any?: { of: Criterion[] };
  not?: Criterion;
  at_least?: { k: number; of: Criterion[] };
  person?: Person;
  has?: Has;
}

export type Field = "FIELD_VALUE" | "FIELD_QUANTITY" | "FIELD_DAYS_SUPPLY" | "FIELD_LENGTH" | "FIELD_AGE" | "FIELD_COUNT";
export type Reduce = "REDUCE_UNSPECIFIED" | "REDUCE_FIRST" | "REDUCE_LAST" | "REDUCE_MIN" | "REDUCE_MAX" | "REDUCE_MEAN" | "REDUCE_SUM";
export interface Value { events?: Events; field: Field; reduce?: Reduce }
export interface Bounded { value: Value; low?: number; high?: number }

/** Exactly one field is set. */
export interface Measure {
  patients?: Record<string, never>;
  records?: { events: Events; max?: number };
  proportion?: { of: Criterion };
  sum?: Bounded;
  mean?: Bounded;
  variance?: Bounded;
  quantiles?: Bounded & { ranks: number[] };
  histogram?: { value: Value; edges: number[] };
}

export type Unit = "CALENDAR_UNIT_YEAR" | "CALENDAR_UNIT_MONTH";

/** Exactly one field is set. */
export interface GroupBy {
  sex?: Record<string, never>;
  age_band?: { edges: number[] };
  birth_year?: { edges: number[] };
  race?: { concept_ids: number[] };
  ethnicity?: { concept_ids: number[] };
  matches?: Criterion;
  has_event?: { domain: Domain; concept_ids: number[]; include_descendants?: boolean };
  event_count?: { events: Events; cap: number };
  concept?: { events: Events; concept_ids?: number[]; include_descendants?: boolean };
  calendar?: { events: Events; unit: Unit; from: string; to: string };
  value_band?: { events: Events; edges: number[] };
}

export interface Query {
  dataset: string;
  also?: string[];
  cohort?: Criterion;
  group_by?: GroupBy[];
  measures?: Measure[];
  max_groups?: number;
  nano_rho?: number;
  margin?: number;
  margin_measure?: number;
  margin_size?: number;
  delta?: number;
}

/** What records of a domain have besides a start; which OMOP domain its concepts are of; what one of them is called. */
export interface DomainFacts {
  id: Domain;
  name: string;
  one: string;
  many: string;
  vocabulary: string;
  fields: (keyof Records)[];
  visit: boolean;
}

const eraFields = ["end", "length", "occurrences"] as const;
const measured = ["value", "value_concept_ids", "unit_concept_ids", "type_concept_ids"] as const;

// As package dp/cohort has it (tables.go, domains.go).
export const domains: DomainFacts[] = [
  { id: "DOMAIN_CONDITION", name: "Condition", one: "diagnosis", many: "diagnoses", vocabulary: "Condition", fields: ["concepts", "end", "type_concept_ids"], visit: true },
  { id: "DOMAIN_DRUG", name: "Drug", one: "drug exposure", many: "drug exposures", vocabulary: "Drug", fields: ["concepts", "end", "quantity", "days_supply", "type_concept_ids"], visit: true },
  { id: "DOMAIN_MEASUREMENT", name: "Measurement", one: "measurement", many: "measurements", vocabulary: "Measurement", fields: ["concepts", ...measured, "range_low", "range_high"], visit: true },
  { id: "DOMAIN_PROCEDURE", name: "Procedure", one: "procedure", many: "procedures", vocabulary: "Procedure", fields: ["concepts", "type_concept_ids"], visit: true },
  { id: "DOMAIN_OBSERVATION", name: "Observation", one: "observation", many: "observations", vocabulary: "Observation", fields: ["concepts", ...measured], visit: true },
  { id: "DOMAIN_VISIT", name: "Visit", one: "visit", many: "visits", vocabulary: "Visit", fields: ["concepts", "end", "length", "type_concept_ids"], visit: true },
  { id: "DOMAIN_DEVICE", name: "Device", one: "use of a device", many: "uses of devices", vocabulary: "Device", fields: ["concepts", "end", "type_concept_ids"], visit: true },
  { id: "DOMAIN_SPECIMEN", name: "Specimen", one: "specimen", many: "specimens", vocabulary: "Specimen", fields: ["concepts", "type_concept_ids"], visit: false },
  { id: "DOMAIN_DEATH", name: "Death", one: "death", many: "deaths", vocabulary: "Condition", fields: ["concepts", "type_concept_ids"], visit: false },
  { id: "DOMAIN_CONDITION_ERA", name: "Condition era", one: "era of a condition", many: "eras of conditions", vocabulary: "Condition", fields: ["concepts", ...eraFields], visit: false },
  { id: "DOMAIN_DRUG_ERA", name: "Drug era", one: "era of a drug", many: "eras of drugs", vocabulary: "Drug", fields: ["concepts", ...eraFields, "gap_days"], visit: false },
  { id: "DOMAIN_OBSERVATION_PERIOD", name: "Observation period", one: "period under observation", many: "periods under observation", vocabulary: "", fields: ["end", "length", "type_concept_ids"], visit: false },
];

export const facts = (d: Domain): DomainFacts => domains.find((x) => x.id === d) ?? domains[0]!;

/** Ranges of records that a form can show, in its order, with their words and units. */
export const ranges: { field: "length" | "value" | "range_low" | "range_high" | "quantity" | "days_supply" | "occurrences" | "gap_days"; label: string; whole: boolean }[] = [
  { field: "value", label: "Value", whole: false },
  { field: "range_low", label: "Lower limit of normal", whole: false },
  { field: "range_high", label: "Upper limit of normal", whole: false },
  { field: "quantity", label: "Quantity", whole: false },
  { field: "days_supply", label: "Days of supply", whole: true },
  { field: "length", label: "Length, in days", whole: true },
  { field: "occurrences", label: "Records in the era", whole: true },
  { field: "gap_days", label: "Days of gaps", whole: true },
];

export const idLists: { field: "value_concept_ids" | "unit_concept_ids" | "type_concept_ids"; label: string; vocabulary: string }[] = [
  { field: "value_concept_ids", label: "Value is one of", vocabulary: "" },
  { field: "unit_concept_ids", label: "Unit is one of", vocabulary: "Unit" },
  { field: "type_concept_ids", label: "Kind of record is one of", vocabulary: "Type Concept" },
];

export const fieldNames: { id: Field; label: string; domains?: Domain[] }[] = [
  { id: "FIELD_VALUE", label: "measured value", domains: ["DOMAIN_MEASUREMENT", "DOMAIN_OBSERVATION"] },
  { id: "FIELD_COUNT", label: "number of them" },
  { id: "FIELD_AGE", label: "age at the start" },
  { id: "FIELD_LENGTH", label: "length in days", domains: ["DOMAIN_VISIT", "DOMAIN_CONDITION_ERA", "DOMAIN_DRUG_ERA", "DOMAIN_OBSERVATION_PERIOD"] },
  { id: "FIELD_QUANTITY", label: "quantity", domains: ["DOMAIN_DRUG"] },
  { id: "FIELD_DAYS_SUPPLY", label: "days of supply", domains: ["DOMAIN_DRUG"] },
];

export const reductions: { id: Reduce; label: string }[] = [
  { id: "REDUCE_LAST", label: "the last" },
  { id: "REDUCE_FIRST", label: "the first" },
  { id: "REDUCE_MEAN", label: "the mean of all" },
  { id: "REDUCE_MIN", label: "the least" },
  { id: "REDUCE_MAX", label: "the greatest" },
  { id: "REDUCE_SUM", label: "the sum" },
];

/** The one field of a criterion, group or measure that is set. */
export const kindOf = <T extends object>(x: T): keyof T & string => (Object.keys(x).find((k) => x[k as keyof T] !== undefined) ?? "") as keyof T & string;

export type CriterionKind = "has" | "person" | "all" | "any" | "not" | "at_least";

export const newRecords = (domain: Domain = "DOMAIN_CONDITION"): Records => ({ domain, concepts: [] });
export const newEvents = (domain?: Domain): Events => ({ records: newRecords(domain) });

/** A criterion of a kind; inside is whether it is about an event. */
export function newCriterion(kind: CriterionKind, inside: boolean): Criterion {
  switch (kind) {
    case "has":
      return { has: { events: newEvents(), min: 1, ...(inside ? { window: { spans: [{ from: 0, to: 30 }] } } : {}) } };
    case "person":
      return { person: {} };
    case "not":
      return { not: newCriterion("has", inside) };
    case "at_least":
      return { at_least: { k: 1, of: [newCriterion("has", inside)] } };
    default:
      return kind === "all" ? { all: { of: [] } } : { any: { of: [] } };
  }
}

export type GroupKind = Exclude<keyof GroupBy, "has_event">;

export const groupNames: { id: GroupKind; label: string }[] = [
  { id: "sex", label: "Sex" },
  { id: "age_band", label: "Age, in bands" },
  { id: "birth_year", label: "Year of birth, in bands" },
  { id: "matches", label: "Whether a condition holds" },
  { id: "race", label: "Race" },
  { id: "ethnicity", label: "Ethnicity" },
  { id: "event_count", label: "How many records of a kind" },
  { id: "concept", label: "Concept of the records" },
  { id: "calendar", label: "Calendar: years or months" },
  { id: "value_band", label: "Measured value, in bands" },
];

export function newGroup(kind: GroupKind, divided?: Events): GroupBy {
  const events = divided ?? newEvents(kind === "value_band" ? "DOMAIN_MEASUREMENT" : undefined);
  switch (kind) {
    case "sex":
      return { sex: {} };
    case "age_band":
      return { age_band: { edges: [0, 18, 40, 60, 80] } };
    case "birth_year":
      return { birth_year: { edges: [1940, 1960, 1980, 2000] } };
    case "matches":
      return { matches: newCriterion("has", false) };
    case "race":
      return { race: { concept_ids: [] } };
    case "ethnicity":
      return { ethnicity: { concept_ids: [] } };
    case "event_count":
      return { event_count: { events: newEvents(), cap: 5 } };
    case "concept":
      return { concept: { events, concept_ids: [], include_descendants: true } };
    case "calendar":
      return { calendar: { events, unit: "CALENDAR_UNIT_YEAR", from: "2015", to: "2024" } };
    case "value_band":
      return { value_band: { events, edges: [0, 5, 10] } };
  }
}

/** The events that a query's groups divide, the same in all of them; nothing if they divide patients. */
export function divided(q: Query): Events | undefined {
  for (const g of q.group_by ?? []) {
    const by = g.concept ?? g.calendar ?? g.value_band;
    if (by) return by.events;
  }
  return undefined;
}

export type MeasureKind = keyof Measure;

export const measureNames: { id: MeasureKind; label: string }[] = [
  { id: "patients", label: "Number of patients" },
  { id: "records", label: "Number of records" },
  { id: "proportion", label: "Share of patients for whom something holds" },
  { id: "mean", label: "Mean of a value" },
  { id: "sum", label: "Sum of a value" },
  { id: "variance", label: "Variance and standard deviation of a value" },
  { id: "quantiles", label: "Quantiles of a value, such as the median" },
  { id: "histogram", label: "Histogram of a value" },
];

export function newMeasure(kind: MeasureKind, of?: Events): Measure {
  const value = (): Value => ({ events: of ?? newEvents("DOMAIN_MEASUREMENT"), field: "FIELD_VALUE", reduce: "REDUCE_LAST" });
  switch (kind) {
    case "patients":
      return { patients: {} };
    case "records":
      return { records: { events: of ?? newEvents() } };
    case "proportion":
      return { proportion: { of: newCriterion("has", false) } };
    case "quantiles":
      return { quantiles: { value: value(), ranks: [0.5] } };
    case "histogram":
      return { histogram: { value: value(), edges: [0, 5, 10, 15] } };
    case "sum":
      return { sum: { value: value() } };
    case "mean":
      return { mean: { value: value() } };
    case "variance":
      return { variance: { value: value() } };
  }
}

export const emptyQuery = (dataset: string): Query => ({ dataset, cohort: { all: { of: [] } }, group_by: [], measures: [{ patients: {} }], margin: 100 });

// What stands for something though it is empty.
const meant = new Set(["sex", "patients", "window"]);

function pruned(v: unknown, key: string): unknown {
  if (Array.isArray(v)) return v.length === 0 ? undefined : v.map((x) => pruned(x, "") ?? {});
  if (typeof v !== "object" || v === null) return v === "" || v === null || v === false || (typeof v === "number" && !Number.isFinite(v)) ? undefined : v;
  const out: Record<string, unknown> = {};
  for (const [k, x] of Object.entries(v)) {
    const p = pruned(x, k);
    if (p !== undefined) out[k] = p;
  }
  return Object.keys(out).length === 0 && !meant.has(key) ? undefined : out;
}

/** A question as it is sent: without what is left empty; without a cohort that says nothing. */
export function toApi(q: Query): Query {
  const sent = (pruned(q, "") ?? {}) as Query;
  for (const g of sent.group_by ?? []) if (g.concept && !g.concept.concept_ids) delete g.concept.include_descendants; // of those that nobody named
  return sent;
}

const integers = /^(id|min|max|nano_rho|.*_ids)$/;

/** A question as the API shows it, with its whole numbers, which JSON has as text there, as numbers. */
export function fromApi<T>(v: unknown, key = ""): T {
  if (typeof v === "string") return (integers.test(key) ? Number(v) : v) as T;
  if (Array.isArray(v)) return v.map((x) => fromApi(x, key)) as T;
  if (typeof v !== "object" || v === null) return v as T;
  return Object.fromEntries(Object.entries(v).map(([k, x]) => [k, fromApi(x, k)])) as T;
}

/** Every concept that is named in a question, or in a part of it. */
export function conceptsOf(v: unknown, key = ""): number[] {
  if (typeof v === "number") return key === "id" || key.endsWith("_ids") ? [v] : [];
  if (Array.isArray(v)) return v.flatMap((x) => conceptsOf(x, key));
  if (typeof v !== "object" || v === null) return [];
  return Object.entries(v).flatMap(([k, x]) => conceptsOf(x, k));
}
