import { emptyQuery, fromApi, type Query } from "../../../lib/query/model";
import { fromBase64, text, toBase64, utf8 } from "../../../lib/bytes";
import { place } from "../../../lib/router.svelte";

// The question that is being built. It outlives a reload and the end of a session (this tab only), and an address can
// hold it, so that it can be sent to a colleague.

const slot = "medmarket-draft";

function kept(): Query | undefined {
  try {
    return fromApi<Query>(JSON.parse(sessionStorage.getItem(slot) ?? "null") ?? undefined);
  } catch {
    return undefined;
  }
}

const urlSafe = (base64: string) => base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
const fromUrl = (s: string) => s.replaceAll("-", "+").replaceAll("_", "/");

/** The address of the builder with a question in it. */
export const linkTo = (q: Query): string => `#/researcher/ask?q=${urlSafe(toBase64(utf8(JSON.stringify(q))))}`;

/** What a form needs that a question leaves out. */
export function whole(q: Query): Query {
  const cohort = q.cohort && (q.cohort.all || q.cohort.any) ? q.cohort : { all: { of: q.cohort ? [q.cohort] : [] } };
  return { ...q, dataset: q.dataset ?? "", cohort, group_by: q.group_by ?? [], measures: q.measures?.length ? q.measures : [{ patients: {} }] };
}

/** Reads a question in the form that REST takes; throws what is wrong with it. */
export function readQuery(json: string): Query {
  const v: unknown = JSON.parse(json);
  if (typeof v !== "object" || v === null || Array.isArray(v)) throw new Error("A question is a JSON object.");
  return whole(fromApi<Query>(v));
}

/** The question to begin with: that of the address, else what was left, else none. */
export function begin(dataset: string): Query {
  const given = place.query.get("q");
  if (given) {
    try {
      return readQuery(text(fromBase64(fromUrl(given))));
    } catch {
      return emptyQuery(dataset); // an address that was cut off
    }
  }
  const left = kept();
  return left ? whole(left) : emptyQuery(dataset);
}

export const keep = (q: Query): void => sessionStorage.setItem(slot, JSON.stringify(q));
