// Written by scripts/generate.mjs (npm run generate). Do not edit.

/** What to do about an error of the API, by its reason (docs/errors.md). */
export const errors: Record<string, string> = {
  "REQUEST_REPLAYED": "Sign the request anew: a nonce is good once.",
  "UNAUTHENTICATED": "Sign the request with the key it names, for this server, method, message and chain; `medmarket rest` does it for REST.",
  "REQUEST_STALE": "Check the clock, and sign the request anew: it is good for a minute.",
  "FORBIDDEN": "Use a key with the role that the method needs, or have an operator register yours.",
  "MALFORMED": "Send what the API describes: the message says which field. Documents are canonical JSON (RFC 8785).",
  "INVALID_QUERY": "Change the part of the query that the message names (also in the metadata key `field`).",
  "WRONG_SIGNATURE": "Have the one sign whom the message names: the researcher her ask and voucher, the committee its approval, a patient her preference.",
  "SIGNATURE_EXPIRED": "Sign the document again with a later expiry.",
  "UNKNOWN_DATASET": "Choose a dataset out of `medmarket dataset list`.",
  "UNKNOWN_CONCEPT": "Find its id by `medmarket concept search`.",
  "NO_VOCABULARY": "Look concepts up at https://athena.ohdsi.org, or have the operator start `serve` with `--vocabulary`.",
  "UNKNOWN_GRANT": "Check the id of the grant; file the study if it is not in `medmarket grant list`.",
  "UNKNOWN_RECEIPT": "Check the request id. An ask without an answer has no receipt, and those of other studies are not shown.",
  "UNKNOWN_PARTICIPANT": "Name someone who is registered in that role.",
  "GRANT_EXISTS": "Nothing: the committee has approved it before.",
  "STEP_NOT_NOW": "Look where the study stands: `medmarket grant show`, `medmarket grant log`.",
  "STEP_NOT_YOURS": "Researchers of a study do not decide on it, though they sit on the committee; the committee does not speak for them.",
  "STALE_STEP": "Read the steps, and sign the next one under its number.",
  "UNKNOWN_FILE": "Send the file before the step that names it, and take its hash out of the log.",
  "TOO_MANY_FILES": "Put several into one.",
  "GRANT_BUDGET_SPENT": "Ask for less, wait for what is under way, or ask the committee for another grant.",
  "NO_CREDIT": "Seal blocks, claim the work and escrow it: `medmarket credit claim`, `medmarket credit escrow`.",
  "VOUCHER_MISMATCH": "Quote again and sign the voucher for what is drawn now plus the price; another of your asks came between.",
  "PRICE_ABOVE_SIGNED": "Quote again: the price has risen, or the ask allows less than the plan costs.",
  "REQUEST_ID_REUSED": "Draw a new request id.",
  "PLAN_MISMATCH": "Quote again: the hospital has other records or another rule for small numbers now, or the ask names another hospital.",
  "NO_VISAS": "Have the operator start `serve` with `--visa-key`.",
  "GRANT_NOT_IN_FORCE": "See `medmarket grant show`: wait until it is final or resumed, or file another.",
  "HOSPITAL_UNAVAILABLE": "Ask again later under the same request id (`medmarket query resume`): it is charged once.",
  "REFUSED": "See the table below for each code in the metadata key `reasons`; all that apply are listed. `columns` are those that are not released.",
  "QUERY_FAILED": "Ask again under the same request id (`medmarket query resume`). If it fails again, the hospital has to mend it; the charge stands.",
  "NOT_ENROLLED": "Have the hospital enrol the key.",
  "ALREADY_ENROLLED": "Use the key that is enrolled: a patient has one, and a key has one patient.",
  "UNKNOWN_PATIENT": "Check the patient numbers: all or none are enrolled or recorded.",
  "STALE_REVISION": "Read the present document and sign the revision after it: somebody signed one meanwhile.",
  "NO_PREFERENCE": "Sign a preference; without one a patient is not counted.",
  "NO_POLICY": "Wait until a steward has set the policy of the dataset.",
  "INTERNAL": "Tell who runs the server the request id: the log has the cause.",
  "TOO_MANY_REQUESTS": "Wait a minute; if it says a day, for so long a preference that permits something (a withdrawal is always taken).",
  "TIMED_OUT": "Try again; an ask under the same request id (`medmarket query resume`), since it may have been charged.",
  "CODE_REFUSED": "Look for a typing error; else ask the hospital for another code, in person.",
  "NO_MANDATE": "See `medmarket prefer mandates`; ask the patient, or for a minor the hospital, for another.",
  "DELEGATE_WIDENS": "Have the patient sign it herself.",
  "TOO_MANY_MANDATES": "Revoke one first.",
  "PATIENT_HAS_KEY": "Have the patient sign it with her key.",
  "NO_INTERVAL": "Give the log index that a receipt or `prefer show` states: a multiple of 64.",
  "NOT_REACHED": "Ask again later: each question closes an interval of the log, and the hospital's timer does too.",
  "INDEX_PRESENT": "Ask for the proof by the patient's number: what is there has no proof of absence.",
  "NO_ENTRY": "Ask for a log index after the enrolment.",
  "UNKNOWN_DECISION": "Name a request that the hospital has charged; `medmarket audit replay --all` lists them.",
  "DECISION_DIFFERS": "Somebody changed what is on record, or it was decided with another vocabulary: the message names the first thing that differs.",
  "CHECKPOINT_STALE": "Ask again later: nothing was charged. Blocks become final again when enough of the signers vote; `medmarket chain status` shows how far they are.",
  "RECORDS_NOT_READY": "Ask again later. If it stays so, tell the hospital: its log says why.",
  "MESSAGE_TOO_LARGE": "Send less at once, such as a smaller batch.",
  "UNKNOWN_PATH": "Choose a path out of /openapi.json, or a method that gRPC reflection lists.",
  "METHOD_NOT_ALLOWED": "Choose a verb that the path has in /openapi.json.",
  "UNSUPPORTED_MEDIA_TYPE": "Send JSON, with Content-Type: application/json."
};

/** Why a question is refused, by code, and what to do (docs/errors.md). */
export const refusals: Record<string, { meaning: string; next: string }> = {
  "SNAPSHOT_STALE": {
    "meaning": "The hospital has not yet caught up with the change your question must take into account; ask again.",
    "next": "Ask again: each charge closes an interval, and the log grows by the hospital's timer too."
  },
  "UNKNOWN_TERM": {
    "meaning": "The question or a document it rests on uses a word that is not in the vocabulary.",
    "next": "Use a DUO code or shorthand such as HMB (release 2021-02-23). A disease must be in the hierarchy that the hospital uses (`serve --diseases`)."
  },
  "INPUT_INVALID": {
    "meaning": "Something that is needed to decide is missing or out of its range.",
    "next": "Check the purpose: only disease specific research names diseases."
  },
  "ACTOR_VISA_INVALID": {
    "meaning": "A visa that you showed cannot be relied on: its issuer, its signature, whom it is about, or a condition of it.",
    "next": "Show visas by the issuers that the policy names, about yourself, with those that their conditions want (`query ask --passport`)."
  },
  "ACTOR_VISA_EXPIRED": {
    "meaning": "A visa that you showed has ended, or is older than the hospital accepts.",
    "next": "Fetch a fresh one from its issuer."
  },
  "ACTOR_VISA_MISSING": {
    "meaning": "You show no visa in force for an affiliation or an access that the hospital asks for.",
    "next": "Show one; `required_visas` of the policy says which (`dataset show`)."
  },
  "ACTOR_NOT_BONA_FIDE": {
    "meaning": "You show no visa in force by which you are a researcher of the kind that the hospital asks for.",
    "next": "Show a ResearcherStatus visa; `required_visas` of the policy says which."
  },
  "TERMS_NOT_ACCEPTED": {
    "meaning": "The hospital wants terms accepted before you ask, by your signature or a visa, and they are not.",
    "next": "Read and sign the dataset's own (`medmarket dataset terms`, `medmarket dataset accept`); show a visa for those that `required_visas` names."
  },
  "GRANT_MISSING": {
    "meaning": "No ethics committee has granted a study under which this question could be asked.",
    "next": "Have the committee approve the study, and wait until that is final on the chain (`medmarket grant show`)."
  },
  "GRANT_SUSPENDED": {
    "meaning": "The ethics committee has suspended the grant for the time being.",
    "next": "Ask the committee, and ask again once it has resumed the grant."
  },
  "GRANT_REVOKED": {
    "meaning": "The ethics committee has revoked the grant.",
    "next": "Ask the committee; a new study needs a new grant."
  },
  "GRANT_SUPERSEDED": {
    "meaning": "The ethics committee has approved an amendment, which took the place of the grant.",
    "next": "Ask under the amendment: it is in `medmarket grant list`."
  },
  "GRANT_CLOSED": {
    "meaning": "The study is over, and the ethics committee has closed the grant.",
    "next": "File a new study."
  },
  "GRANT_NOT_YET_VALID": {
    "meaning": "The grant does not start until later.",
    "next": "Wait until the grant starts."
  },
  "GRANT_EXPIRED": {
    "meaning": "The grant has ended.",
    "next": "File a new study."
  },
  "GRANT_REVIEW_DUE": {
    "meaning": "The ethics committee was to look at the study again by now, and has not put that off.",
    "next": "Ask the committee to renew the grant (`medmarket grant renew`)."
  },
  "GRANT_RESEARCHER": {
    "meaning": "The grant does not name you as a researcher of the study.",
    "next": "Ask with the key of a researcher whom the grant names."
  },
  "GRANT_PURPOSE": {
    "meaning": "The purpose goes beyond what the ethics committee granted.",
    "next": "Ask for a purpose that was granted."
  },
  "GRANT_DATASET": {
    "meaning": "The grant does not include this dataset.",
    "next": "Ask a dataset that was granted."
  },
  "GRANT_EPSILON": {
    "meaning": "The question would use more of the privacy budget than the grant has left at this dataset.",
    "next": "Ask for a wider margin, or the committee for another grant."
  },
  "GRANT_CONDITION_UNMET": {
    "meaning": "The hospital wants an approval that the grant does not have.",
    "next": "Have the committee grant a study that states it (`grant request --approval`); the policy lists which."
  },
  "DATASET_EMBARGOED": {
    "meaning": "The hospital does not release this dataset until later.",
    "next": "Wait until the embargo ends; `medmarket dataset list` shows it."
  },
  "DATASET_PURPOSE": {
    "meaning": "The hospital does not release this dataset for such a purpose.",
    "next": "Ask for a purpose that the hospital releases for."
  },
  "DATASET_DISEASE": {
    "meaning": "The hospital releases this dataset for research on other diseases only.",
    "next": "Ask about a disease that the hospital releases for."
  },
  "DATASET_METHODS": {
    "meaning": "The hospital does not release this dataset for the development of methods.",
    "next": "Ask without developing methods, or the steward."
  },
  "DATASET_ANCESTRY": {
    "meaning": "The hospital does not release this dataset for research that may be on origins or ancestry.",
    "next": "Ask for a narrower purpose, such as health research."
  },
  "DATASET_NOT_FOR_PROFIT": {
    "meaning": "The hospital releases this dataset to organisations only that do not work for profit.",
    "next": "A study with another sponsor."
  },
  "DATASET_NON_COMMERCIAL": {
    "meaning": "The hospital does not release this dataset for commercial use.",
    "next": "A study of which neither products nor profit are to come."
  },
  "DATASET_GENETIC_ONLY": {
    "meaning": "The hospital releases this dataset for genetic studies only, and the grant does not say that yours is one.",
    "next": "A study on genotypes, granted as such (`grant request --genetic`)."
  },
  "DATASET_GEOGRAPHY": {
    "meaning": "The study works or computes in a country to which the hospital does not release this dataset.",
    "next": "A study in the countries that the policy names; all of a study must be."
  },
  "DATASET_INSTITUTION": {
    "meaning": "The hospital does not release this dataset to your organisation.",
    "next": "Ask the steward to name it."
  },
  "DATASET_PROJECT": {
    "meaning": "The hospital does not release this dataset to your study.",
    "next": "Ask the steward to name its grant."
  },
  "DATASET_USER": {
    "meaning": "The hospital does not release this dataset to you.",
    "next": "Ask the steward to name your address."
  },
  "DATASET_TIME_LIMIT": {
    "meaning": "The time is over for which the hospital releases this dataset to a study.",
    "next": "A new study: the months count from the start of a study's first grant, whatever amends it."
  },
  "COLUMN_NOT_RELEASED": {
    "meaning": "The question touches a column that the hospital does not release.",
    "next": "Ask without the columns that the message and the metadata key `columns` name; `medmarket dataset show` lists what is released."
  },
  "DATASET_GRANULARITY": {
    "meaning": "The question uses a column more finely than the hospital releases it.",
    "next": "Ask in wider bands, years instead of months, or no exact values."
  },
  "DATASET_SENSITIVE_CLASS": {
    "meaning": "The question touches sensitive data of a kind that the hospital does not release.",
    "next": "Leave out the columns and concepts that the policy labels."
  },
  "EPSILON_QUERY_CAP": {
    "meaning": "The question would use more of the privacy budget than the hospital allows for a single one.",
    "next": "Ask for a wider margin."
  },
  "EPSILON_RESEARCHER_CAP": {
    "meaning": "The question would use more of the privacy budget than your organisation has left at this dataset.",
    "next": "Ask for a wider margin. Only a steward raises the limit."
  },
  "EPSILON_DATASET_BUDGET": {
    "meaning": "The question would use more of the privacy budget than this dataset has left for everybody.",
    "next": "Ask for a wider margin. Only a steward raises the budget, and no work buys it."
  },
  "MANUAL_REVIEW": {
    "meaning": "The study is about vulnerable people: the committee must have it looked at and approved as such.",
    "next": "Nothing else denies. Have the committee grant the study with the approval `vulnerable_population`."
  }
};
