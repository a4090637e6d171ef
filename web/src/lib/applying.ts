import { marketplace, ok } from "./api";
import { fromBase64, sha256, toBase64, toHex, utf8 } from "./bytes";
import { canonicalBytes, type Json } from "./canonical";
import { ApiError } from "./errors";
import { epsilon } from "./epsilon";
import { day, epsilonText, list } from "./format";
import { me, type Dataset } from "./researcher";
import { draft, signable, signDocument, signing, type Statement } from "./signing.svelte";
import { belief, countries, purposes, sponsor, type GrantDocument } from "./grant";
import { study as load, type Attachment, type Study } from "./study";

// What a researcher signs of her studies: the document that she files, and the steps that she takes in their review.

const sorted = (a: string[]): string[] => [...new Set(a)].sort();
const optional = (a: string[] | undefined): string[] | undefined => (a?.length ? sorted(a) : undefined);

/** The form in which package policy writes a grant document: lists are sorted sets, what is empty is left out. */
export function normalize(g: GrantDocument): GrantDocument {
  const key = (u: GrantDocument["purposes"][number]) => `${u.permission}${u.methods ? 1 : 0}${(u.diseases ?? []).join()}`;
  return {
    ...g,
    committee: g.committee.toLowerCase(),
    researchers: sorted(g.researchers.map((r) => r.toLowerCase())),
    countries: sorted(g.countries),
    vulnerable: optional(g.vulnerable),
    approvals: optional(g.approvals),
    commercial_use: g.commercial_use || undefined,
    genetic: g.genetic || undefined,
    purposes: g.purposes.map((u) => ({ permission: u.permission, diseases: optional(u.diseases), methods: u.methods || undefined })).sort((a, b) => (key(a) < key(b) ? -1 : 1)),
    datasets: [...g.datasets].sort((a, b) => (a.dataset < b.dataset ? -1 : 1)),
    review_by: g.review_by || undefined,
    amends: g.amends || undefined,
  };
}

/** A grant document in sentences; titles are those of datasets. Who signs it sees whole addresses; elsewhere person may say who that is. */
export function words(g: GrantDocument, titles: (dataset: string) => string, person: (address: string) => string = (a) => a): string[] {
  const most = Math.max(...g.datasets.map((d) => d.nano_rho));
  return [
    `The study “${g.protocol}”, for ${purposes(g)}. Paid by: ${sponsor(g).toLowerCase()}.`,
    `It may cost ${list(g.datasets.map((d) => `at most ε ${epsilonText(epsilon(d.nano_rho))} at ${titles(d.dataset)}`))}, for ever. Who held it for as likely as not that a person’s record is there can become at most ${Math.ceil(100 * belief(most))} % sure by all its answers.`,
    `From ${day(g.period.start)} to ${day(g.period.end)}, in ${countries(g)}${g.review_by ? `; the committee looks at it again before ${day(g.review_by)}` : ""}.`,
    `Researchers: ${list(g.researchers.map((r) => (r === me() ? "you" : person(r))))}. Committee: ${person(g.committee)}.`,
    ...(g.vulnerable?.length ? [`It is about people who need special care: ${list(g.vulnerable)}.`] : []),
    ...(g.approvals?.length ? [`The committee is to state: ${list(g.approvals.map((a) => a.replaceAll("_", " ")))}.`] : []),
    ...(g.genetic ? ["It is on genotypes."] : []),
    ...(g.amends ? ["It takes the place of the study’s present document. What was spent under that one counts."] : []),
  ];
}

/** Files a study, or an amendment of one; the hash of its document. */
export async function file(g: GrantDocument, titles: (dataset: string) => string): Promise<string> {
  const said = words(g, titles);
  const document = await signDocument({ title: g.amends ? "File an amendment" : "File this study", lines: said, action: "Sign and file" }, "DataGrant", normalize(g) as unknown as Json, 1);
  ok(await marketplace.POST("/v1/grants", { body: { document } }));
  return toHex(sha256(fromBase64(document.content)));
}

async function present(seen: Study): Promise<Study> {
  const now = await load(seen.study);
  if (now.grant !== seen.grant || now.study !== seen.study) throw new Error("Another document was filed since you opened this page. Load it again.");
  return now;
}

const path = (s: Study) => `/v1/grants/${s.study}`;

/** Files another document in the place of a study's present one. */
export async function resubmit(seen: Study, g: GrantDocument, text: string, titles: (dataset: string) => string): Promise<string> {
  const s = await present(seen);
  const document = draft("DataGrant", normalize(g) as unknown as Json, s.revision + 1);
  const grant = toHex(sha256(canonicalBytes(normalize(g) as unknown as Json)));
  const step = draft("ReviewStep", { study: s.study, number: s.steps + 1, action: "resubmit", grant, ...(text && { text }) }, s.steps + 1);
  const said = [...words(g, titles), ...(text ? [`You say: ${text}`] : [])];
  const [one, two] = await signing.askAll({ title: "File another document", lines: said, action: "Sign and file", document: document.text }, [document.typed, step.typed]);
  ok(await marketplace.POST("/v1/grants/{id}/steps", { params: { path: { id: s.study } }, body: { step: step.signed(two!), document: document.signed(one!) } }));
  return grant;
}

const mostFile = 1 << 20;

/** Takes a step, with files: one dialog for all that is signed of it. */
export async function take(seen: Study, action: "reply" | "attach" | "withdraw" | "report", text: string, files: File[], statement: Statement): Promise<void> {
  const s = await present(seen);
  const attachments: Attachment[] = [];
  const sending = [];
  for (const f of files) {
    if (f.size === 0 || f.size > mostFile) throw new ApiError("MALFORMED", `${f.name} has ${f.size} bytes; a file has 1 to ${mostFile}`);
    const content = new Uint8Array(await f.arrayBuffer());
    attachments.push({ name: f.name, size: f.size, hash: toHex(sha256(content)) });
    sending.push(signable<{ hash: string }>(`${path(s)}/files`, { name: f.name, content: toBase64(content) }));
  }
  const step = draft("ReviewStep", { study: s.study, number: s.steps + 1, action, grant: s.grant, ...(text && { text }), ...(attachments.length && { attachments: attachments as unknown as Json }) }, s.steps + 1);
  const lines = [...statement.lines, ...(text ? [text] : []), ...attachments.map((a) => `File: ${a.name}.`)];
  const signatures = await signing.askAll({ ...statement, lines, document: step.text }, [...sending.map((x) => x.typed), step.typed]);
  for (const [i, x] of sending.entries()) await x.send(signatures[i]!);
  ok(await marketplace.POST("/v1/grants/{id}/steps", { params: { path: { id: s.study } }, body: { step: step.signed(signatures.at(-1)!) } }));
}

/** A file of a study, checked against its hash. */
export async function fetchFile(s: Study, a: Attachment): Promise<Uint8Array> {
  const r = ok(await marketplace.GET("/v1/grants/{id}/files/{hash}", { params: { path: { id: s.study, hash: a.hash } } }));
  const content = fromBase64(r.content);
  if (toHex(sha256(content)) !== a.hash) throw new Error(`The marketplace sent another file than ${a.name}.`);
  return content;
}

/** Signs a dataset's present terms. */
export async function acceptTerms(d: Dataset): Promise<void> {
  if (!d.terms) return;
  const content = { dataset: d.id, revision: d.terms.revision, text: toHex(sha256(utf8(d.terms.text))) };
  const acceptance = await signDocument(
    { title: `Terms of ${d.title}`, lines: ["You promise to keep to these terms:", ...d.terms.text.split("\n").filter(Boolean)], action: "Sign the terms" },
    "TermsAcceptance", content, d.terms.revision, 0,
  );
  ok(await marketplace.POST("/v1/terms-acceptances", { body: { acceptance } }));
}
