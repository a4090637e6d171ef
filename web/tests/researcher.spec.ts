import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { toApi, type Measure, type Query } from "../src/lib/query/model";
import { queryOf, type Plan } from "../src/lib/query/plan";
import { question } from "../src/lib/query/words";
import { claimed, visasIn } from "../src/lib/visas";
import { accessible, expect, importKey, open, reach, test, tour } from "./fixtures";

const market = () => tour().marketplace;
const asResearcher = (page: Page) => importKey(page, market(), "researcher");
const diabetes = "Type 2 diabetes mellitus";

/** Builds: how many have diabetes, cheaply. */
async function build(page: Page): Promise<void> {
  await open(page, "/researcher/ask", "Ask a question");
  await page.getByRole("button", { name: "Add records" }).click();
  await page.getByRole("combobox", { name: "Search diagnoses" }).fill("type 2 diab");
  await page.getByRole("option", { name: diabetes }).click();
  await expect(page.getByText(`How many are there of patients with at least 1 of [diagnoses of ${diabetes} or a kind of it]?`)).toBeVisible();
}

/** Of a session, to speak to the API as the page does. */
const bearer = (page: Page) => page.evaluate(() => `Bearer ${(JSON.parse(sessionStorage.getItem("medmarket-session")!) as { token: string }).token}`);

test("the whole language comes back from a plan as it went into the question", async ({ page, request }) => {
  await asResearcher(page);
  const diagnosed = { records: { domain: "DOMAIN_CONDITION" as const, concepts: [{ id: 201826, include_descendants: true }, { id: 201254, exclude: true }], first: true, start: { from: "2010-01-01", to: "2024-12-31" } } };
  const q: Query = {
    dataset: "st-ada",
    nano_rho: 100_000,
    cohort: {
      all: {
        of: [
          { has: { events: { ...diagnosed, observed: { before: 365, after: 30 }, keep: "KEEP_FIRST", where: { all: { of: [{ has: { min: 2, max: 5, distinct: "DISTINCT_DAY", events: { records: { domain: "DOMAIN_DRUG", concepts: [{ id: 1503297, include_descendants: true }], days_supply: { min: 7 }, quantity: { min: 1, min_open: true } } }, window: { spans: [{ from: 0, to: 365 }, { from: -30, event_end: true, index_end: true }], same_visit: true, any_time: true } } }, { person: { age: { min: 18, max: 79 } } }] } } }, min: 1 } },
          { any: { of: [{ person: { sex_ids: [8532], year_of_birth: { max: 1990 } } }, { not: { has: { min: 1, events: { union: { of: [{ records: { domain: "DOMAIN_PROCEDURE" } }, { records: { domain: "DOMAIN_VISIT", length: { min: 2 } } }] } } } } }] } },
          { at_least: { k: 2, of: [{ has: { min: 1, events: { records: { domain: "DOMAIN_MEASUREMENT", concepts: [{ id: 3004410 }], value: { min: 6.5 }, unit_concept_ids: [8554], range_high: { max: 6, max_open: true } } } } }, { has: { min: 0, max: 0, events: { records: { domain: "DOMAIN_DEATH" } } } }, { has: { min: 1, events: { records: { domain: "DOMAIN_DRUG_ERA", gap_days: { max: 10 }, occurrences: { min: 2 } } } } }] } },
        ],
      },
    },
    group_by: [{ sex: {} }, { calendar: { events: { records: { domain: "DOMAIN_MEASUREMENT", concepts: [{ id: 3004410 }] } }, unit: "CALENDAR_UNIT_YEAR", from: "2020", to: "2022" } }, { value_band: { events: { records: { domain: "DOMAIN_MEASUREMENT", concepts: [{ id: 3004410 }] } }, edges: [0, 6.5, 9] } }],
    max_groups: 2,
    measures: [
      { patients: {} },
      { records: { events: { records: { domain: "DOMAIN_MEASUREMENT", concepts: [{ id: 3004410 }] } }, max: 5 } },
      { proportion: { of: { person: { sex_ids: [8507] } } } },
      ...(["sum", "mean", "variance"] as const).map((k) => ({ [k]: { value: { events: { records: { domain: "DOMAIN_MEASUREMENT" as const, concepts: [{ id: 3004410 }] } }, field: "FIELD_VALUE" as const, reduce: "REDUCE_MAX" as const }, low: 3, high: 20 } }) as Measure),
      { quantiles: { value: { field: "FIELD_AGE" }, low: 0, high: 110, ranks: [0.25, 0.5] } },
      { histogram: { value: { field: "FIELD_AGE" }, edges: [0, 40, 80, 110] } },
    ],
  };
  const headers = { Authorization: await bearer(page) };
  const quote = async (query: Query) => {
    const r = await request.post(`${market()}/v1/quotes`, { headers, data: { query } });
    expect(r.ok(), await r.text()).toBe(true);
    return (await r.json()) as { plan: string; plan_hash: string };
  };
  const first = await quote(q);
  const plan = JSON.parse(Buffer.from(first.plan, "base64").toString()) as Plan;
  const planned = queryOf(plan);
  // Nothing is lost: the same question makes the same plan.
  expect((await quote(toApi(planned))).plan_hash).toBe(first.plan_hash);
  const said = question(planned, (id) => (id === 201826 ? diabetes : String(id))).join(" ");
  for (const part of [diabetes, "but not 201254", "only the first ever", "each such that", "in the same visit", "aged 18 to 79", "at least 2 of (", "quantity more than 1", "year of [", "at most 2 groups"]) expect(said).toContain(part);

  // It is the question of the form, as text and back.
  await open(page, "/researcher/ask", "Ask a question");
  await page.getByRole("button", { name: "As text" }).click();
  await page.getByLabel("JSON, as REST takes it").fill(JSON.stringify(q));
  await page.getByRole("button", { name: "Take it over" }).click();
  await page.getByRole("button", { name: "As a form" }).click();
  await expect(page.getByRole("group", { name: "Measure 8" })).toBeVisible();
  await expect(page.getByRole("group", { name: "Group 3" })).toBeVisible();
  await accessible(page);
  await page.getByRole("button", { name: "As text" }).click();
  const shown = JSON.parse(await page.getByLabel("JSON, as REST takes it").inputValue()) as Query;
  expect((await quote(shown)).plan_hash).toBe(first.plan_hash);
  await page.getByLabel("JSON, as REST takes it").fill("{");
  await page.getByRole("button", { name: "Take it over" }).click();
  await expect(page.locator("#text-says")).not.toBeEmpty();
});

test("a researcher asks by keyboard alone", async ({ page }) => {
  await asResearcher(page);
  await open(page, "/researcher/ask", "Ask a question");
  await reach(page, "Add records");
  await page.keyboard.press("Enter");
  await reach(page, "Search diagnoses");
  await page.keyboard.type("essential hyp");
  await expect(page.getByRole("option", { name: "Essential hypertension" })).toBeVisible();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await reach(page, "Or as exact as ±");
  await page.keyboard.type("200");
  await page.keyboard.press("Tab");
  await expect(page.getByText("±200 patients in each group")).toBeVisible();
  await reach(page, "Ask this question");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toContainText("Essential hypertension");
  await page.keyboard.press("Escape"); // she thinks again
  await expect(page.getByRole("dialog")).toBeHidden();
  await page.keyboard.press("Enter");
  await reach(page, "Sign and ask");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Answer" })).toBeVisible();
});

test.describe("an ask", () => {
  test.use({ refusals: [403, 503] });

  test("that got no answer is kept, and sent again it is charged once", async ({ page }) => {
    await asResearcher(page);
    let sent = 0;
    let seen = false;
    const running = { operation: { state: "OPERATION_STATE_RUNNING", hospitals: [{ dataset: "st-ada", state: "asked" }] } };
    // As if it took as long as it does at a hospital whose answers leave at fixed times.
    await page.route("**/v1/operations/*", (route) => (seen ? route.continue() : route.fulfill({ json: running })));
    await page.route("**/v1/operations", async (route) => {
      const answer = await route.fetch(); // it is answered and charged; the page does not hear of it
      if (++sent > 1) return route.fulfill({ json: running });
      return route.fulfill({ status: 503, json: { code: 14, message: "the hospital did not answer", details: [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "HOSPITAL_UNAVAILABLE" }] } });
    });
    await open(page, "/researcher/budget", "Budget");
    const asked = async () => Number(await page.locator(".facts > div", { hasText: "Questions asked" }).locator("dd").innerText().then((t) => t.split("\n")[0]));
    const before = await asked();
    await build(page);
    await page.getByRole("button", { name: "By sex" }).click();
    const margin = String(250 + before); // a question that was not asked before, on a demo that serves for long
    await page.getByLabel("Or as exact as ±").fill(margin);
    await page.getByLabel("Or as exact as ±").blur();
    await expect(page.getByText(`±${margin} patients in each group`)).toBeVisible();
    await page.getByRole("button", { name: "Ask this question" }).click();
    await page.getByRole("button", { name: "Sign and ask" }).click();
    await expect(page.getByRole("heading", { name: "The hospital did not answer" })).toBeVisible();
    await page.reload();
    await expect(page.getByRole("heading", { name: /there is no answer yet/ })).toBeVisible();
    await accessible(page);
    await page.getByRole("button", { name: "Send it again" }).click();
    await expect(page.getByText("St Ada Hospital decides, charges, counts")).toBeVisible();
    await accessible(page);
    seen = true;
    await expect(page.getByRole("heading", { level: 1, name: "Answer" })).toBeVisible();
    await open(page, "/researcher/budget", "Budget");
    expect(await asked()).toBe(before + 1);
  });

  test("of what is not released is refused in words, and costs nothing", async ({ page }) => {
    await asResearcher(page);
    await open(page, "/researcher/ask", "Ask a question");
    await page.getByRole("button", { name: "Add records" }).click();
    await page.getByLabel("Kind of record", { exact: true }).selectOption({ label: "Drug" });
    await page.getByLabel("Or as exact as ±").fill("300");
    await page.getByLabel("Or as exact as ±").blur();
    await expect(page.getByText("±300 patients")).toBeVisible();
    await page.getByRole("button", { name: "Ask this question" }).click();
    await page.getByRole("button", { name: "Sign and ask" }).click();
    await expect(page.getByText("The question was refused. Nothing was spent")).toBeVisible();
    await expect(page.getByText(/Not released: .*drug_exposure/)).toBeVisible();
    await page.reload();
    await expect(page.getByRole("heading", { name: /there is no answer yet/ })).toHaveCount(0);
  });
});

test.describe("an ask to several hospitals", () => {
  test.use({ refusals: [503] });

  // The demo has one hospital; the other is made up here, and nothing is sent.
  test("names each, can be taken in part, and stopped before it is charged", async ({ page }) => {
    await asResearcher(page);
    const encoded = (v: unknown) => Buffer.from(JSON.stringify(v)).toString("base64");
    await page.route("**/v1/datasets", async (route) => {
      const answer = await route.fetch();
      const { datasets } = (await answer.json()) as { datasets: object[] };
      await route.fulfill({ response: answer, json: { datasets: [...datasets, { ...datasets[0], id: "st-bede", profile: { content: encoded({ title: "St Bede Hospital" }) } }] } });
    });
    await page.route("**/v1/quotes", async (route) => {
      const answer = await route.fetch();
      const quote = (await answer.json()) as { hospitals: object[] };
      const other = { ...quote.hospitals[0], dataset: "st-bede", provider: Buffer.alloc(20, 7).toString("base64") };
      await route.fulfill({ response: answer, json: { ...quote, hospitals: [...quote.hospitals, other] } });
    });
    const hospitals = [{ dataset: "st-ada", state: "answered" }, { dataset: "st-bede", state: "slow" }];
    let state = "OPERATION_STATE_RUNNING";
    const orders: { ask: string; partial?: string }[] = [];
    await page.route("**/v1/operations/*", (route) => route.fulfill({ json: { operation: { state, hospitals } } }));
    await page.route("**/v1/operations/*/cancellation", (route) => {
      state = "OPERATION_STATE_CANCELLED";
      return route.fulfill({ json: { operation: { state } } });
    });
    await page.route("**/v1/operations", (route) => {
      orders.push((route.request().postDataJSON() as { ask: { ask: string; partial?: string } }).ask);
      if (orders.length > 1) return route.fulfill({ json: { operation: { state, hospitals } } });
      return route.fulfill({ status: 503, json: { code: 14, message: "St Bede did not answer", details: [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "HOSPITAL_UNAVAILABLE" }] } });
    });
    await build(page);
    await expect(page.getByText("That is at each hospital; of the sum of 2")).toBeVisible();
    await page.getByRole("button", { name: "Ask this question" }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog).toContainText("Asked at St Ada Hospital, St Bede Hospital");
    await expect(dialog).toContainText("of privacy, at each hospital");
    await dialog.getByRole("button", { name: "Sign and ask" }).click();
    await expect(page.getByRole("heading", { name: "The hospital did not answer" })).toBeVisible();
    await page.getByRole("button", { name: "Take what has been answered" }).click();
    await dialog.getByRole("button", { name: "Sign and take it" }).click();
    await expect(page.getByText("St Ada Hospital has answered")).toBeVisible();
    await expect(page.getByText("St Bede Hospital did not answer in time")).toBeVisible();
    expect(orders.map((o) => !!o.partial)).toEqual([false, true]);
    expect(orders[1]!.ask).toBe(orders[0]!.ask);
    expect((JSON.parse(Buffer.from(orders[0]!.ask, "base64").toString()) as { also: object[] }).also).toHaveLength(1);
    await accessible(page);
    await page.getByRole("button", { name: "Stop it" }).click();
    await expect(dialog).toContainText("If no hospital has charged it yet, nothing is spent.");
    await dialog.getByRole("button", { name: "Stop it" }).click();
    await expect(page.getByText("The ask was stopped before it was charged. Nothing was spent.")).toBeVisible();
    await page.unrouteAll({ behavior: "ignoreErrors" });
    await page.reload();
    await expect(page.getByRole("heading", { name: "Ask a question" })).toBeVisible();
    await expect(page.getByRole("heading", { name: /there is no answer yet/ })).toHaveCount(0);
  });
});

test.describe("a question that is not complete", () => {
  test.use({ refusals: [400] });

  test("says what is missing", async ({ page }) => {
    await asResearcher(page);
    await open(page, "/researcher/ask", "Ask a question");
    await page.getByRole("button", { name: "By something else" }).click();
    await page.getByRole("combobox", { name: "Group 1" }).selectOption({ label: "Race" });
    await expect(page.getByRole("heading", { name: "Not complete yet: Group 1" })).toBeVisible();
    await expect(page.getByRole("button", { name: "Ask this question" })).toBeDisabled();
    await accessible(page);
  });
});

test("visas are read as brokers write them", () => {
  const part = (v: unknown) => Buffer.from(JSON.stringify(v)).toString("base64url");
  const visa = `${part({ alg: "RS256" })}.${part({ iss: "https://login.example", sub: "jürgen?>" })}.c2ln`;
  expect(visasIn(`${visa}\n${visa}\n`)).toEqual([visa, visa]);
  expect(visasIn(JSON.stringify({ ga4gh_passport_v1: [visa] }))).toEqual([visa]);
  expect(claimed(visa)).toEqual({ issuer: "https://login.example", subject: "jürgen?>" });
  for (const bad of ["", "{}", "no visas", `${part({})}.${part({ iss: "x" })}.c2ln`, Array(17).fill(visa).join("\n")]) expect(() => visasIn(bad)).toThrow();
});

test("a researcher sees her history and her budget", async ({ page }) => {
  await asResearcher(page);
  await open(page, "/researcher/history", "History");
  await expect(page.getByRole("cell", { name: new RegExp(diabetes) }).first()).toBeVisible();
  await accessible(page);
  await page.getByLabel("Find a question").fill("no such words");
  await page.getByRole("button", { name: "Show all" }).click();
  await page.getByRole("link", { name: /^Answer/ }).last().click();
  await expect(page.getByRole("heading", { level: 1, name: "Answer" })).toBeVisible();
  await expect(page.locator(".chart svg")).toBeVisible();
  await accessible(page);

  // Two questions in one second are two steps of the same picture: the area ends where its line does.
  await page.route("**/v1/register/queries*", async (route) => {
    const answer = await route.fetch();
    const { queries = [], ...rest } = (await answer.json()) as { queries?: { time: string }[] };
    await route.fulfill({ response: answer, json: { ...rest, queries: queries.map((q) => ({ ...q, time: queries[0]!.time })) } });
  });
  await open(page, "/researcher/budget", "Budget");
  await expect(page.getByText("More questions like the last")).toBeVisible();
  const picture = page.locator(".chart svg").filter({ has: page.locator("[aria-label=area]") }).first();
  await expect(picture).toBeVisible();
  const top = (mark: string) => picture.locator(`[aria-label=${mark}] path`).evaluate((p) => (p as SVGGraphicsElement).getBBox().y);
  expect(Math.abs((await top("area")) - (await top("line")))).toBeLessThan(1);
  await accessible(page);
});

test("a researcher applies for a study, adds to it, and takes it back", async ({ page }) => {
  await asResearcher(page);
  await open(page, "/researcher/studies", "My studies");
  await expect(page.getByRole("link", { name: "Diabetes by age and sex" })).toBeVisible();
  await accessible(page);
  await page.getByRole("link", { name: "Apply for another study" }).click();
  await page.getByLabel("Title or number of the protocol").fill("Asthma in the young");
  await page.getByLabel("Countries where it works").fill("Germany");
  await page.getByLabel("Most privacy that all its questions").fill("0.5");
  await page.getByRole("button", { name: "File it" }).click();
  await expect(page.getByText("“Germany” is no country")).toBeVisible();
  await page.getByLabel("Countries where it works").fill("GB");
  await page.getByLabel("Most privacy that all its questions").fill("0.5");
  await accessible(page);
  await page.getByRole("button", { name: "File it" }).click();
  await expect(page.getByRole("dialog")).toContainText("at most ε 0.50 at St Ada Hospital, for ever");
  await page.getByRole("button", { name: "Sign and file" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Asthma in the young" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Waits for the committee" })).toBeVisible();
  await accessible(page);

  await page.getByText("Add files, such as the protocol").click();
  await page.getByLabel("What the files are").fill("The protocol.");
  await page.getByLabel("Files", { exact: true }).setInputFiles({ name: "protocol.txt", mimeType: "text/plain", buffer: Buffer.from("To count them.") });
  await page.getByRole("button", { name: "Add the files" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Add the files" }).click();
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save protocol.txt" }).click();
  expect(await readFile(await (await saving).path(), "utf8")).toBe("To count them.");

  await page.getByRole("link", { name: "File another document" }).click();
  await page.getByLabel("Title or number of the protocol").fill("Asthma in children");
  await page.getByLabel("What is new in it").fill("The title.");
  await page.getByRole("button", { name: "File it" }).click();
  await page.getByRole("button", { name: "Sign and file" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Asthma in children" })).toBeVisible();

  await page.getByText("Take the study back").click();
  await page.getByRole("button", { name: "Take it back" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Take it back" }).click();
  await expect(page.getByRole("heading", { name: "Withdrawn by the researchers" })).toBeVisible();
});
