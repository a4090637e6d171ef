import type { Concept, GroupBy, Has } from "./model";
import { group, type Name } from "./words";

// Labels of an answer's groups (package dp, group.go), for people.

const bands = /^(-?\d+)-(-?\d+)$/;

/** What a label of a group means: "18–39 years", the name of a concept, "yes". */
export function labelWords(g: GroupBy | undefined, label: string, name: Name): string {
  if (!g) return label;
  if (label === "*") return "each concept that enough patients have";
  if ((g.race || g.ethnicity || g.concept) && /^\d+$/.test(label)) return name(Number(label));
  if (g.age_band) return `${label.replace(bands, "$1–$2")} years`;
  if (g.birth_year) return `born ${label.replace(bands, "$1–$2").replace(/^(\d+)\+$/, "$1 or later")}`;
  return label;
}

/** The concepts of "at least one record of these", where nothing else is said. */
function simple(h: Has): Concept[] | undefined {
  const { records, ...rest } = h.events;
  const only = records && Object.keys(records).every((k) => k === "domain" || k === "concepts") && Object.keys(rest).length === 0;
  const one = (h.min ?? 1) <= 1 && h.max === undefined && !h.window;
  return only && one && records.concepts?.length && !records.concepts.some((c) => c.exclude) ? records.concepts : undefined;
}

/** What a group divides by, in a word or two. */
export function groupTitle(g: GroupBy, name: Name): string {
  if (g.sex) return "Sex";
  if (g.age_band) return "Age";
  if (g.birth_year) return "Year of birth";
  if (g.race) return "Race";
  if (g.ethnicity) return "Ethnicity";
  if (g.calendar) return g.calendar.unit === "CALENDAR_UNIT_MONTH" ? "Month" : "Year";
  if (g.value_band) return "Value";
  if (g.concept) return "Concept";
  if (g.event_count) return "Number of records";
  const named = g.matches?.has && simple(g.matches.has);
  if (named) return named.map((c) => name(c.id)).join(" or ");
  const text = group(g, name).replace(/^whether there is (at least 1 of )?/, "").replace(/^\[(.*)\]$/, "$1");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A whole key in words: "female · 18–39 years · type 2 diabetes: yes". */
export function keyWords(groups: GroupBy[], key: string[], name: Name): string {
  if (key.length === 0) return "all";
  return key
    .map((label, i) => {
      const g = groups[i];
      return g?.matches ? `${groupTitle(g, name)}: ${label}` : labelWords(g, label, name);
    })
    .join(" · ");
}
