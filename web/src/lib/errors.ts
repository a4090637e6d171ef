import { errors, refusals } from "./generated/reasons";

/** A refusal or failure of the API: google.rpc.Status with its reason (docs/errors.md). */
export class ApiError extends Error {
  constructor(
    readonly reason: string,
    message: string,
    readonly metadata: Record<string, string> = {},
  ) {
    super(message);
  }
}

interface Status {
  message?: string;
  details?: { reason?: string; metadata?: Record<string, string> }[];
}

/** What the body of an answer that is not OK says. */
export function asError(status: number, body: unknown): ApiError {
  const s = (body ?? {}) as Status;
  const info = s.details?.find((d) => d.reason);
  return new ApiError(info?.reason ?? "", s.message ?? `the server answered with ${status}`, info?.metadata);
}

export interface Words {
  title: string;
  why: string[];
  next: string;
}

/** Words of these pages where docs/errors.md speaks of commands. */
const own: Record<string, Partial<Words>> = {
  NOT_ENROLLED: {
    title: "The hospital does not know this key yet",
    next: "Enter the code that the hospital gave you. It binds your key to your record.",
  },
  NO_PREFERENCE: { title: "You have not said anything yet", next: "Choose what may be released of you. Until then nobody counts your record, unless the law permits it." },
  CODE_REFUSED: { title: "The code was not accepted" },
  FORBIDDEN: { title: "This key may not do that", next: "Sign in with a key that has the role, or ask the operator to register yours." },
  STALE_REVISION: { title: "This was changed meanwhile", next: "Load the page again: you, or somebody who speaks for you, signed something since." },
  STALE_STEP: { title: "Somebody took a step meanwhile", next: "Load the page again, and look at it before you decide." },
  STEP_NOT_NOW: { title: "That is not possible now", next: "Load the page again: the study stands elsewhere by now." },
  UNKNOWN_GRANT: { title: "There is no such study", next: "Or you have nothing to do with it. Studies that you have to do with are in your list." },
  UNAUTHENTICATED: { title: "Your session has ended", next: "Sign in again." },
  REFUSED: { title: "The question was refused. Nothing was spent", next: "" },
  TOO_MANY_REQUESTS: { title: "Too many requests" },
  HOSPITAL_UNAVAILABLE: { title: "The hospital did not answer", next: "Try again in a moment. It is charged once." },
  UNKNOWN_CONCEPT: { next: "Search for it by name." },
  UNKNOWN_DATASET: { next: "Choose one of the datasets that are listed." },
  NO_CREDIT: { title: "Not enough credit", next: "Seal blocks, claim the work and escrow it to this marketplace." },
};

const sentence = (s: string) => (s ? s[0]!.toUpperCase() + s.slice(1) + (/[.!?…]$/.test(s) ? "" : ".") : "");

/** An error in words: what happened, why, and what to do next. */
export function explain(err: unknown): Words {
  if (!(err instanceof ApiError)) {
    const offline = err instanceof TypeError; // fetch throws it where there is no connection
    return offline
      ? { title: "The server cannot be reached", why: [], next: "Check your connection and try again." }
      : { title: "That did not work", why: [err instanceof Error ? err.message : String(err)], next: "" };
  }
  if (err.reason === "REFUSED") {
    const codes = (err.metadata.reasons ?? "").split(",").filter(Boolean);
    const why = codes.map((c) => (refusals[c] ? `${refusals[c].meaning} ${plain(refusals[c].next)}` : c));
    if (err.metadata.columns) why.push(`Not released: ${err.metadata.columns}.`);
    return { title: "The question was refused. Nothing was spent", why, next: "" };
  }
  const words = own[err.reason] ?? {};
  return {
    title: words.title ?? "That was not possible",
    why: words.why ?? err.message.split("\n").map(sentence),
    next: words.next ?? plain(errors[err.reason] ?? ""),
  };
}

/** Without the marks of Markdown. */
const plain = (s: string) => s.replaceAll("`", "");
