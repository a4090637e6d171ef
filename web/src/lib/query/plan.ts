import type { Bounded, Concept, Criterion, DateRange, Domain, Events, Field, GroupBy, Keep, Measure, Query, Range, Records, Reduce, Span, Unit, Value } from "./model";

// A plan as it is hashed and signed (dp.Statement), and its question in the form of the API: what a researcher signs, and
// what a receipt holds, is shown in the words of the same question that the builder has.

interface PlannedCriterion {
  all?: PlannedCriterion[];
  any?: PlannedCriterion[];
  not?: PlannedCriterion;
  at_least?: { k: number; of: PlannedCriterion[] };
  person?: { sexes?: number[]; races?: number[]; ethnicities?: number[]; year_of_birth?: Range; age?: Range; start?: DateRange; end?: DateRange };
  has?: { events: PlannedEvents; min: number; max?: number; distinct?: string; window?: { spans?: Span[]; same_visit?: boolean; any_time?: boolean } };
}

interface PlannedEvents {
  records?: Omit<Records, "domain" | "concepts"> & {
    domain: string;
    concepts?: { id: number; descendants?: boolean; exclude?: boolean }[];
    value_concepts?: number[];
    units?: number[];
    types?: number[];
  };
  union?: PlannedEvents[];
  observed?: { before: number; after: number };
  where?: PlannedCriterion;
  keep?: string;
}

interface PlannedValue {
  events?: PlannedEvents;
  field: string;
  reduce?: string;
}

interface PlannedGroup {
  kind: string;
  edges?: number[];
  matches?: PlannedCriterion;
  concepts?: number[];
  descendants?: boolean;
  events?: PlannedEvents;
  cap?: number;
  unit?: string;
  from?: string;
  to?: string;
  edges_real?: number[];
}

interface PlannedMeasure {
  kind: string;
  events?: PlannedEvents;
  max?: number;
  of?: PlannedCriterion;
  value?: PlannedValue;
  low?: number;
  high?: number;
  ranks?: number[];
  edges?: number[];
}

/** A hospital's rule for small numbers; all of it public. */
export interface Disclosure {
  min_count?: number;
  round_to?: number;
  min_cohort?: number;
}

export interface Plan {
  query: {
    dataset: string;
    cohort?: PlannedCriterion;
    group_by?: PlannedGroup[];
    measures?: PlannedMeasure[];
    max_groups?: number;
    delta?: number;
    nano_rho: number;
  };
  metadata: { dataset: string; version: string; reference_year: number; disclosure?: Disclosure; accounting?: string };
}

const upper = (prefix: string, s: string) => `${prefix}_${s.toUpperCase()}`;

function criterion(c: PlannedCriterion): Criterion {
  if (c.all) return { all: { of: c.all.map(criterion) } };
  if (c.any) return { any: { of: c.any.map(criterion) } };
  if (c.not) return { not: criterion(c.not) };
  if (c.at_least) return { at_least: { k: c.at_least.k, of: c.at_least.of.map(criterion) } };
  if (c.person) {
    const { sexes: sex_ids, races: race_ids, ethnicities: ethnicity_ids, ...rest } = c.person;
    return { person: { ...rest, ...(sex_ids && { sex_ids }), ...(race_ids && { race_ids }), ...(ethnicity_ids && { ethnicity_ids }) } };
  }
  if (c.has) {
    const { events: of, distinct, ...rest } = c.has;
    return { has: { ...rest, events: events(of), ...(distinct && { distinct: upper("DISTINCT", distinct) as never }) } };
  }
  return {};
}

function records(r: NonNullable<PlannedEvents["records"]>): Records {
  const { domain, concepts, value_concepts: value_concept_ids, units: unit_concept_ids, types: type_concept_ids, ...rest } = r;
  const items = (concepts ?? []).map(({ descendants, ...c }): Concept => ({ ...c, ...(descendants && { include_descendants: true }) }));
  return {
    ...rest,
    domain: upper("DOMAIN", domain) as Domain,
    ...(concepts && { concepts: items }),
    ...(value_concept_ids && { value_concept_ids }),
    ...(unit_concept_ids && { unit_concept_ids }),
    ...(type_concept_ids && { type_concept_ids }),
  };
}

function events(e: PlannedEvents): Events {
  return {
    ...(e.records && { records: records(e.records) }),
    ...(e.union && { union: { of: e.union.map(events) } }),
    ...(e.observed && { observed: e.observed }),
    ...(e.where && { where: criterion(e.where) }),
    ...(e.keep && { keep: upper("KEEP", e.keep) as Keep }),
  };
}

const value = (v: PlannedValue): Value => ({
  field: upper("FIELD", v.field) as Field,
  ...(v.events && { events: events(v.events) }),
  ...(v.reduce && { reduce: upper("REDUCE", v.reduce) as Reduce }),
});

function measure(m: PlannedMeasure): Measure {
  // Whoever left a bound of zero out of the JSON meant zero.
  const bounded = (): Bounded => ({ value: value(m.value ?? { field: "age" }), low: m.low ?? 0, high: m.high ?? 0 });
  switch (m.kind) {
    case "records":
      return { records: { events: events(m.events ?? {}), max: m.max } };
    case "proportion":
      return { proportion: { of: criterion(m.of ?? {}) } };
    case "sum":
      return { sum: bounded() };
    case "mean":
      return { mean: bounded() };
    case "variance":
      return { variance: bounded() };
    case "quantiles":
      return { quantiles: { ...bounded(), ranks: m.ranks ?? [] } };
    case "histogram":
      return { histogram: { value: value(m.value ?? { field: "age" }), edges: m.edges ?? [] } };
    case "patients":
      return { patients: {} };
    default:
      throw new Error(`the plan asks for ${m.kind}, which these pages do not know`);
  }
}

function group(g: PlannedGroup): GroupBy {
  const of = events(g.events ?? {});
  switch (g.kind) {
    case "sex":
      return { sex: {} };
    case "age_band":
      return { age_band: { edges: g.edges ?? [] } };
    case "birth_year":
      return { birth_year: { edges: g.edges ?? [] } };
    case "race":
      return { race: { concept_ids: g.concepts ?? [] } };
    case "ethnicity":
      return { ethnicity: { concept_ids: g.concepts ?? [] } };
    case "has_event":
      return { matches: criterion(g.matches ?? {}) };
    case "event_count":
      return { event_count: { events: of, cap: g.cap ?? 0 } };
    case "concept":
      return { concept: { events: of, ...(g.concepts && { concept_ids: g.concepts }), ...(g.descendants && { include_descendants: true }) } };
    case "calendar":
      return { calendar: { events: of, unit: upper("CALENDAR_UNIT", g.unit ?? "year") as Unit, from: g.from ?? "", to: g.to ?? "" } };
    case "value_band":
      return { value_band: { events: of, edges: g.edges_real ?? [] } };
    default:
      throw new Error(`the plan groups by ${g.kind}, which these pages do not know`);
  }
}

/** The question of a plan. Throws for what these pages do not know, so that nobody signs what she was not shown. */
export function queryOf(p: Plan): Query {
  const q = p.query;
  return {
    dataset: q.dataset,
    ...(q.cohort && { cohort: criterion(q.cohort) }),
    group_by: (q.group_by ?? []).map(group),
    measures: (q.measures ?? []).map(measure),
    ...(q.max_groups && { max_groups: q.max_groups }),
    ...(q.delta && { delta: q.delta * 2 ** -63 }),
    nano_rho: q.nano_rho,
  };
}

/** What a hospital's rule for small numbers does, in words; nothing where it has none. */
export function disclosureWords(d: Disclosure | undefined): string[] {
  const words: string[] = [];
  if (d?.min_count) words.push(`Numbers that count fewer than ${d.min_count} patients, by their noisy count, are kept back.`);
  if (d?.round_to) words.push(`Counts are rounded to multiples of ${d.round_to}; the interval takes that in.`);
  if (d?.min_cohort) words.push(`Nothing is shown if fewer than ${d.min_cohort} patients are counted in all, by the noisy number.`);
  return words;
}
