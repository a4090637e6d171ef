import { canonical, type Json } from "./canonical";
import { day, list } from "./format";

// A patient's release preference (package policy, preference.go): its words, its presets, and its canonical order.

export interface Use {
  permission: string;
  diseases?: string[];
  methods?: boolean;
}

export interface Period {
  start: number;
  end: number;
}

export interface Scope {
  category: string;
  finest: number;
  data_period?: Period;
}

export interface Provision {
  purpose?: Use[];
  actor?: string[];
  country?: string[];
  security_label?: string[];
  category?: string[];
  data_period?: Period;
}

export interface Modifier {
  code: string;
  countries?: string[];
  institutions?: string[];
  months?: number;
}

export interface Loss {
  nano_rho: number;
  delta: number;
}

export interface Preference {
  decision: "permit" | "deny";
  status: "active" | "withdrawn";
  period: Period;
  permitted_use: Use[];
  modifiers?: Modifier[];
  recipient_types: string[];
  recipient_countries: string[];
  categories: Scope[];
  sensitive_opt_in?: string[];
  provisions?: Provision[];
  guardian_until?: number;
  own_cap?: Loss;
  /** Of what cap over several hospitals own_cap is this one's share, and what opens the share: only 'medmarket prefer split' makes one. */
  cap_split?: { total: Loss; shares: { hospital: string; cap: Loss }[] };
  cap_salt?: string;
}

export interface Statement {
  provider: string;
  grantor: { by: string; form?: string; mandate?: string };
  preference: Preference;
}

export interface Term {
  id: string;
  label: string;
  hint?: string;
}

export const uses: Term[] = [
  { id: "DUO:0000006", label: "health research", hint: "studies of any illness or treatment, but not of origins or ancestry" },
  { id: "DUO:0000007", label: "research on illnesses that I name" },
  { id: "DUO:0000042", label: "any research", hint: "also outside health, and on origins and ancestry" },
  { id: "DUO:0000004", label: "any use at all", hint: "research or not" },
];

// As DUO calls them, which is what a hospital says of a question.
const duo: Record<string, string> = {
  "health or medical or biomedical research": "DUO:0000006",
  "disease specific research": "DUO:0000007",
  "general research use": "DUO:0000042",
  "no restriction": "DUO:0000004",
};

/** A purpose in DUO's words, in those of these pages. */
export function purposeWords(said: string): string {
  const [label = "", ...diseases] = said.split(": ");
  return [duo[label] === "DUO:0000007" ? "research on illnesses" : duo[label] ? named(uses, duo[label]) : label, ...diseases].join(": ");
}

export const recipients: Term[] = [
  { id: "academic", label: "Universities" },
  { id: "not_for_profit", label: "Charities" },
  { id: "commercial", label: "Companies" },
  { id: "government", label: "Government" },
];

export const categories: Term[] = [
  { id: "demographics", label: "Sex, age and origin" },
  { id: "conditions", label: "Illnesses" },
  { id: "medication", label: "Medication" },
  { id: "laboratory", label: "Laboratory results" },
  { id: "procedures", label: "Procedures" },
  { id: "observations", label: "Habits and history" },
  { id: "visits", label: "Visits" },
  { id: "death", label: "Death and its cause" },
  { id: "devices", label: "Devices" },
  { id: "specimens", label: "Specimens" },
  { id: "observation_periods", label: "Time under care" },
];

export const levels: { level: number; label: string }[] = [
  { level: 0, label: "not at all" },
  { level: 1, label: "only whether and how often" },
  { level: 2, label: "in wide groups" },
  { level: 3, label: "as codes, bands and months" },
  { level: 4, label: "to the day" },
  { level: 5, label: "exactly" },
];

export const labels: Term[] = [
  { id: "ETH", label: "alcohol and drug use" },
  { id: "HIV", label: "HIV" },
  { id: "PSY", label: "mental health" },
  { id: "SDV", label: "sexual and domestic violence" },
  { id: "PSYTHPN", label: "psychotherapy notes" },
  { id: "REPRO", label: "reproductive health" },
  { id: "GDIS", label: "genetic disease" },
];

const modifierWords: Record<string, string> = {
  "DUO:0000045": "only organisations that do not work for profit",
  "DUO:0000046": "only uses that are not commercial",
  "DUO:0000044": "nothing on origins or ancestry",
  "DUO:0000015": "no development of methods",
  "DUO:0000016": "only genetic studies",
  "DUO:0000022": "only studies in some countries",
};

export const named = (terms: Term[], id: string): string => terms.find((t) => t.id === id)?.label ?? id.replaceAll("_", " ");
const lower = (s: string) => (/^[A-Z]{2}/.test(s) ? s : s[0]!.toLowerCase() + s.slice(1));

const all = (level: number): Scope[] => sortScopes(categories.map((c) => ({ category: c.id, finest: level })));

export const anyCountry = "any";

const base = (): Preference => ({
  decision: "permit",
  status: "active",
  period: { start: 0, end: 0 },
  permitted_use: [{ permission: "DUO:0000006" }],
  recipient_types: ["academic", "not_for_profit"],
  recipient_countries: [anyCountry],
  categories: all(5),
});

export interface Preset {
  id: string;
  label: string;
  hint: string;
  make: () => Preference;
}

/** The choices in plain words: those of package policy, preset.go. */
export const presets: Preset[] = [
  { id: "any-health-research", label: "Health research", hint: "By universities and charities, on all of my record that is not marked as sensitive.", make: base },
  {
    id: "census-only",
    label: "Only the census",
    hint: "By universities and charities: sex, origin and age, in wide groups. Nothing about my health.",
    make: () => ({ ...base(), categories: [{ category: "demographics", finest: 2 }] }),
  },
  {
    id: "nothing",
    label: "Nobody",
    hint: "Nobody counts my record.",
    make: () => ({ ...base(), decision: "deny", permitted_use: [], recipient_types: [], recipient_countries: [], categories: [] }),
  },
];

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const set = (a: string[]): string[] => [...new Set(a)].sort(byText);
const optional = <T>(a: T[] | undefined): T[] | undefined => (a && a.length > 0 ? a : undefined);

function sortScopes(scopes: Scope[]): Scope[] {
  return [...scopes].sort((a, b) => byText(a.category, b.category));
}

/** The order in which package policy writes lists, so that there is one document for one meaning. */
export function normalize(p: Preference): Preference {
  return {
    ...p,
    permitted_use: [...p.permitted_use]
      .sort((a, b) => byText(a.permission, b.permission))
      .map((u) => ({ ...u, diseases: optional(u.diseases && set(u.diseases)), methods: u.methods || undefined })),
    modifiers: optional(p.modifiers),
    recipient_types: set(p.recipient_types),
    recipient_countries: set(p.recipient_countries),
    categories: sortScopes(p.categories),
    sensitive_opt_in: optional(p.sensitive_opt_in && set(p.sensitive_opt_in)),
    provisions: optional([...(p.provisions ?? [])].sort((a, b) => byText(key(a), key(b)))),
    guardian_until: p.guardian_until || undefined,
  };
}

const key = (x: Provision): string => JSON.stringify([x.purpose ?? [], x.actor ?? [], x.country ?? [], x.security_label ?? [], x.category ?? [], x.data_period ?? 0]);

const useWords = (u: Use): string => (u.permission === "DUO:0000011" ? "the study of origins or ancestry" : named(uses, u.permission)) + (u.diseases ? `: ${list(u.diseases)}` : "") + (u.methods ? ", and to develop methods" : "");

function when(p: Period): string {
  if (!p.start && !p.end) return "at any time";
  if (!p.start) return `before ${day(p.end)}`;
  return p.end ? `from ${day(p.start)} to before ${day(p.end)}` : `from ${day(p.start)}`;
}

function scopeWords(scopes: Scope[]): string {
  if (scopes.length === 0) return "no part of it";
  const first = scopes[0]!;
  if (scopes.length === categories.length && scopes.every((s) => s.finest === first.finest && !s.data_period))
    return `every part of it, ${levels[first.finest]?.label ?? ""}`;
  return list(scopes.map((s) => `${lower(named(categories, s.category))} ${levels[s.finest]?.label ?? ""}${s.data_period ? ` of what happened ${when(s.data_period)}` : ""}`));
}

/** An exception in words: from a permission what it takes away, from a denial what it lets through. */
export function provisionWords(x: Provision, decision: Preference["decision"]): string {
  const parts = [
    x.purpose && `for ${list(x.purpose.map(useWords))}`,
    x.actor && `by ${list(x.actor.map((a) => lower(named(recipients, a))))}`,
    x.country && `in ${list(x.country)}`,
    x.security_label && `of ${list(x.security_label.map((l) => named(labels, l)))}`,
    x.category && `of ${list(x.category.map((c) => lower(named(categories, c))))}`,
    x.data_period && `of what happened ${when(x.data_period)}`,
  ].filter(Boolean);
  return decision === "permit" ? `But not ${parts.join(", ")}.` : `An exception: ${parts.join(", ")}.`;
}

/** Plain sentences for the patient whose preference it is; without its cap. */
export function words(p: Preference): string[] {
  if (p.status !== "active") return ["I have withdrawn my permission: nobody may count my record."];
  if (p.decision !== "permit" && !p.provisions?.length) return ["Nobody may count my record."];
  const lines = [
    p.decision === "permit"
      ? `My record may be counted for ${list(p.permitted_use.map(useWords))}.`
      : `My record may not be counted, with exceptions. They are for ${list(p.permitted_use.map(useWords))} at most.`,
    `By ${list(p.recipient_types.map((r) => lower(named(recipients, r))), "nobody")}, in ${p.recipient_countries.includes(anyCountry) ? "any country" : list(p.recipient_countries, "no country")}.`,
    `What of it: ${scopeWords(p.categories)}.`,
    p.sensitive_opt_in?.length
      ? `Also what is sensitive as ${list(p.sensitive_opt_in.map((l) => named(labels, l)))}.`
      : "Nothing that the hospital has marked as sensitive.",
    ...(p.modifiers ?? []).map((m) => `Not otherwise than: ${modifierWords[m.code] ?? m.code}${m.countries ? ` (${list(m.countries)})` : ""}.`),
    ...(p.provisions ?? []).map((x) => provisionWords(x, p.decision)),
  ];
  if (p.period.start || p.period.end) lines.push(`It holds ${when(p.period)}.`);
  if (p.guardian_until) lines.push(`My guardian said so; his word holds before ${day(p.guardian_until)}.`);
  return lines;
}

/** How finely a sponsor may use a part of the record, 0 for not at all, as far as exceptions of these two alone say. */
export function levelFor(p: Preference, recipient: string, category: string): number {
  if (p.status !== "active" || p.decision !== "permit" || !p.recipient_types.includes(recipient)) return 0;
  if ((p.provisions ?? []).some((x) => denies(x, recipient, category))) return 0;
  return p.categories.find((s) => s.category === category)?.finest ?? 0;
}

const denies = (x: Provision, recipient: string, category: string): boolean =>
  !x.purpose && !x.country && !x.security_label && !x.data_period && (x.actor?.includes(recipient) ?? true) && (x.category?.includes(category) ?? true);

/** An exception of the matrix: one sponsor, some categories. */
const ofMatrix = (x: Provision, recipient: string): boolean =>
  x.actor?.length === 1 && x.actor[0] === recipient && !!x.category && !x.purpose && !x.country && !x.security_label && !x.data_period;

/** Turns one cell of the matrix off, or on again. */
export function toggle(p: Preference, recipient: string, category: string): Preference {
  const others = (p.provisions ?? []).filter((x) => !ofMatrix(x, recipient));
  const off = new Set((p.provisions ?? []).filter((x) => ofMatrix(x, recipient)).flatMap((x) => x.category ?? []));
  if (off.has(category)) off.delete(category);
  else off.add(category);
  return { ...p, provisions: off.size > 0 ? [...others, { actor: [recipient], category: set([...off]) }] : others };
}

const uncapped = (p: Preference): Json => ({ ...normalize(p), own_cap: null, cap_split: null, cap_salt: null }) as unknown as Json;

/** Whether two preferences say the same, their caps aside. */
export const same = (a: Preference, b: Preference): boolean =>
  canonical(uncapped(a)) === canonical(uncapped(b));
