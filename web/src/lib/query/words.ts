import { list } from "../format";
import { facts, fieldNames, ranges, reductions, type Criterion, type DateRange, type Distinct, type Events, type GroupBy, type Has, type Measure, type Query, type Range, type Records, type Span, type Value, type Window } from "./model";

// A question in English, with the names of its concepts, for who builds it, signs it, or reads it later. The same as
// package dp says it (words.go), but for people who know no ids.

export type Name = (concept: number) => string;

const many = 8; // of a list, before it is cut short

function or(words: string[]): string {
  const shown = words.length > many ? [...words.slice(0, many), `${words.length - many} more`] : words;
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} or ${shown.at(-1)}`;
}

const ids = (all: number[], name: Name) => or(all.map(name));

function range(r: Range): string {
  const low = r.min === undefined ? "" : `${r.min_open ? "more than" : "at least"} ${r.min}`;
  const high = r.max === undefined ? "" : `${r.max_open ? "less than" : "at most"} ${r.max}`;
  if (low && high && !r.min_open && !r.max_open) return r.min === r.max ? String(r.min) : `${r.min} to ${r.max}`;
  return [low, high].filter(Boolean).join(" and ");
}

/** Years, as "in 1950 to 1990", "in 1990 or later". */
function years(r: Range): string {
  if (r.min === undefined) return `in ${r.max} or earlier`;
  return r.max === undefined ? `in ${r.min} or later` : `in ${range(r)}`;
}

function dates(r: DateRange): string {
  if (!r.to) return `from ${r.from} on`;
  return r.from ? `from ${r.from} to ${r.to}` : `until ${r.to}`;
}

/** What records there are, as "diagnoses of Asthma or a kind of it". */
export function records(r: Records, name: Name): string {
  const f = facts(r.domain);
  const item = (c: { id: number; include_descendants?: boolean }) => name(c.id) + (c.include_descendants ? " or a kind of it" : "");
  const included = (r.concepts ?? []).filter((c) => !c.exclude).map(item);
  const excluded = (r.concepts ?? []).filter((c) => c.exclude).map(item);
  let text = r.domain === "DOMAIN_DEATH" && included.length > 0 ? `${f.many} by` : included.length > 0 ? `${f.many} of` : f.many;
  if (included.length > 0) text += ` ${or(included)}`;
  if (excluded.length > 0) text += `, but not ${or(excluded)}`;
  const said = [
    ...(r.first ? ["only the first ever"] : []),
    ...(r.start ? [`starting ${dates(r.start)}`] : []),
    ...(r.end ? [`ending ${dates(r.end)}`] : []),
    ...ranges.flatMap(({ field, label }) => (r[field] ? [`${label.toLowerCase()} ${range(r[field])}`] : [])),
    ...(r.value_concept_ids?.length ? [`value ${ids(r.value_concept_ids, name)}`] : []),
    ...(r.unit_concept_ids?.length ? [`in ${ids(r.unit_concept_ids, name)}`] : []),
    ...(r.type_concept_ids?.length ? [`recorded as ${ids(r.type_concept_ids, name)}`] : []),
  ];
  return [text, ...said].join(", ");
}

export function events(e: Events, name: Name): string {
  const said = [e.records ? records(e.records, name) : or((e.union?.of ?? []).map((u) => `(${events(u, name)})`))];
  if (e.observed) said.push(`observed for ${e.observed.before ?? 0} days before and ${e.observed.after ?? 0} days after`);
  if (e.where) said.push(`each such that ${criterion(e.where, name, true)}`);
  if (e.keep === "KEEP_FIRST") said.push("the first of them");
  if (e.keep === "KEEP_LAST") said.push("the last of them");
  return said.join(", ");
}

function span(s: Span): string {
  const of = s.event_end ? "ends" : "starts";
  const index = s.index_end ? "end" : "start";
  if (s.from === undefined && s.to === undefined) return `which ${of} under observation`;
  const at = (d: number) => (d === 0 ? `on the day of its ${index}` : `${Math.abs(d)} ${Math.abs(d) === 1 ? "day" : "days"} ${d < 0 ? "before" : "after"} its ${index}`);
  if (s.from === undefined) return `which ${of} ${at(s.to!)} or earlier`;
  if (s.to === undefined) return `which ${of} ${at(s.from)} or later`;
  return s.from === s.to ? `which ${of} ${at(s.from)}` : `which ${of} between ${at(s.from)} and ${at(s.to)}`;
}

function windowWords(w: Window): string {
  const said = (w.spans ?? []).map(span);
  if (w.same_visit) said.push("in the same visit");
  if (w.any_time) said.push("under observation or not");
  return said.join(", ");
}

const counted: Record<Distinct, string> = { DISTINCT_UNSPECIFIED: "", DISTINCT_DAY: "days with ", DISTINCT_CONCEPT: "concepts among ", DISTINCT_VISIT: "visits with " };

function howMany(h: { min?: number; max?: number }): string {
  const min = h.min ?? 0;
  if (h.max === undefined) return `at least ${Math.max(min, 1)}`;
  if (h.max === 0) return "none";
  if (min === h.max) return `exactly ${min}`;
  return min === 0 ? `at most ${h.max}` : `${min} to ${h.max}`;
}

function has(h: Has, name: Name): string {
  const near = h.window ? windowWords(h.window) : "";
  return `${howMany(h)} of [${counted[h.distinct ?? "DISTINCT_UNSPECIFIED"]}${events(h.events, name)}${near ? `, ${near}` : ""}]`;
}

function joined(all: Criterion[], by: string, name: Name, bracketed: boolean): string {
  const text = all.map((c) => criterion(c, name, true)).join(by);
  return bracketed && all.length > 1 ? `(${text})` : text;
}

/** A criterion, as what comes after "patients with". */
export function criterion(c: Criterion, name: Name, bracketed = false): string {
  if (c.all) return c.all.of?.length ? joined(c.all.of, " and ", name, bracketed) : "nothing yet";
  if (c.any) return c.any.of?.length ? joined(c.any.of, " or ", name, bracketed) : "nothing yet";
  if (c.not) return `not ${criterion(c.not, name, true)}`;
  if (c.at_least) return `at least ${c.at_least.k} of (${(c.at_least.of ?? []).map((x) => criterion(x, name)).join("; ")})`;
  if (c.has) return has(c.has, name);
  const p = c.person ?? {};
  const said = [
    ...(p.sex_ids?.length ? [`sex ${ids(p.sex_ids, name)}`] : []),
    ...(p.race_ids?.length ? [`race ${ids(p.race_ids, name)}`] : []),
    ...(p.ethnicity_ids?.length ? [`ethnicity ${ids(p.ethnicity_ids, name)}`] : []),
    ...(p.year_of_birth ? [`born ${years(p.year_of_birth)}`] : []),
    ...(p.age ? [`aged ${range(p.age)}`] : []),
    ...(p.start ? [`starting ${dates(p.start)}`] : []),
    ...(p.end ? [`ending ${dates(p.end)}`] : []),
  ];
  if (said.length === 0) return "nothing yet";
  return bracketed && said.length > 1 ? `(${said.join(" and ")})` : said.join(" and ");
}

function value(v: Value, name: Name): string {
  if (!v.events) return "age";
  const of = `[${events(v.events, name)}]`;
  const field = fieldNames.find((f) => f.id === v.field)?.label ?? v.field;
  if (v.field === "FIELD_COUNT") return `number of ${of}`;
  const reduce = reductions.find((r) => r.id === v.reduce)?.label.replace(/^the /, "") ?? "";
  return `${reduce} ${field} of ${of}`.trim();
}

const bounds = (b: { low?: number; high?: number }) => (b.low === undefined && b.high === undefined ? "" : `, taken as ${b.low ?? 0} to ${b.high ?? 0}`);

/** What a measure is, as "the mean of …"; short leaves its events out. */
export function measure(m: Measure, name: Name): string {
  if (m.records) return `the number of records of [${events(m.records.events, name)}]${m.records.max ? `, at most ${m.records.max} of a patient` : ""}`;
  if (m.proportion) return `the share with ${criterion(m.proportion.of, name)}`;
  if (m.sum) return `the sum of the ${value(m.sum.value, name)}${bounds(m.sum)}`;
  if (m.mean) return `the mean of the ${value(m.mean.value, name)}${bounds(m.mean)}`;
  if (m.variance) return `the variance of the ${value(m.variance.value, name)}${bounds(m.variance)}`;
  if (m.quantiles?.ranks.join() === "0.5") return `the median of the ${value(m.quantiles.value, name)}${bounds(m.quantiles)}`;
  if (m.quantiles) return `the quantiles ${list(m.quantiles.ranks.map(String))} of the ${value(m.quantiles.value, name)}${bounds(m.quantiles)}`;
  if (m.histogram) return `the histogram of the ${value(m.histogram.value, name)} with the edges ${or(m.histogram.edges.map(String)).replace(" or ", " and ")}`;
  return "the number of patients";
}

export function group(g: GroupBy, name: Name): string {
  const from = (edges: number[]) => `in bands from ${list(edges.map(String))}`;
  if (g.age_band) return `age ${from(g.age_band.edges)}`;
  if (g.birth_year) return `year of birth ${from(g.birth_year.edges)}`;
  if (g.race) return `race (${ids(g.race.concept_ids, name)})`;
  if (g.ethnicity) return `ethnicity (${ids(g.ethnicity.concept_ids, name)})`;
  if (g.matches) return `whether there is ${criterion(g.matches, name)}`;
  if (g.has_event) return `whether there is ${records({ domain: g.has_event.domain, concepts: g.has_event.concept_ids.map((id) => ({ id, include_descendants: g.has_event!.include_descendants })) }, name)}`;
  if (g.event_count) return `the number of [${events(g.event_count.events, name)}] up to ${g.event_count.cap}`;
  if (g.calendar) return `${g.calendar.unit === "CALENDAR_UNIT_MONTH" ? "month" : "year"} of [${events(g.calendar.events, name)}] from ${g.calendar.from} to ${g.calendar.to}`;
  if (g.value_band) return `value of [${events(g.value_band.events, name)}] ${from(g.value_band.edges)}`;
  if (g.concept) {
    const of = `concept of [${events(g.concept.events, name)}]`;
    if (!g.concept.concept_ids?.length) return `${of}, those that enough patients have`;
    return `${of} (${ids(g.concept.concept_ids, name)}${g.concept.include_descendants ? ", or a kind of it" : ""})`;
  }
  return "sex";
}

/** The whole question, a sentence for each part: who, what, by what, and what bounds it. */
export function question(q: Query, name: Name): string[] {
  const measures = q.measures ?? [];
  const counts = measures.length === 0 || (measures.length === 1 && measures[0]?.patients);
  const who = criterion(q.cohort ?? {}, name) === "nothing yet" ? "all patients who may be counted" : `patients with ${criterion(q.cohort!, name)}`;
  const by = (q.group_by ?? []).length > 0 ? `, by ${list((q.group_by ?? []).map((g) => group(g, name)))}` : "";
  const said = [counts ? `How many are there of ${who}${by}?` : `Of ${who}: ${list(measures.map((m) => measure(m, name)))}${by}.`];
  if (q.max_groups) said.push(`A patient counts in at most ${q.max_groups} groups.`);
  return said;
}
