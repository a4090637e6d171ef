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

test("a researcher builds a cohort, sees what it would tell and cost, asks, and takes the answer away", async ({ page }) => {
  await asResearcher(page);
  await build(page);
  await page.getByRole("button", { name: "By age" }).click();
  await page.getByLabel("Or as exact as ±").fill("150");
  await page.getByLabel("Or as exact as ±").blur();
  await expect(page.getByText("±150 patients in each group")).toBeVisible();
  await expect(page.getByText("5 groups")).toBeVisible();
  await expect(page.getByText(/Enough for about \d+ question/)).toBeVisible();
  await expect(page.getByRole("img", { name: /The study’s, at St Ada Hospital: .* left, .* after/ })).toBeVisible();
  await accessible(page);

  // The slider asks for less noise, and the price follows.
  const credits = async () => Number(/([\d.]+) credits/.exec(await page.locator("#preview ~ div").innerText())?.[1]);
  const before = await credits();
  await page.getByLabel("Cheaper, or more exact").focus();
  for (let i = 0; i < 5; i++) await page.keyboard.press("ArrowRight");
  await expect.poll(credits).toBeGreaterThan(before);

  await page.getByRole("button", { name: "Ask this question" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText(`patients with at least 1 of [diagnoses of ${diabetes} or a kind of it], by age in bands from 0, 18, 40, 60 and 80?`);
  await expect(dialog).toContainText("Once it is charged nothing is refunded");
  await accessible(page);
  await dialog.getByRole("button", { name: "Sign and ask" }).click();

  await expect(page.getByRole("heading", { level: 1, name: "Answer" })).toBeVisible();
  await expect(page.locator(".chart svg")).toBeVisible();
  await expect(page.getByRole("table").getByRole("row")).toHaveCount(6);
  await expect(page.getByText("An interval covers the value after contribution bounding.")).toBeVisible();
  await accessible(page);

  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save as CSV" }).click();
  const lines = (await readFile(await (await saving).path(), "utf8")).trim().split("\r\n");
  expect(lines[0]).toBe("Age,measure,number,value,low_95,high_95,note");
  expect(lines).toHaveLength(6);
  await page.getByText("Command", { exact: true }).click();
  await expect(page.getByText("medmarket query ask --network network.json")).toBeVisible();

  // The link opens it again; asked again it is the same, and free.
  await page.reload();
  await expect(page.locator(".chart svg")).toBeVisible();
  await page.getByRole("link", { name: "Change the question" }).click();
  await expect(page.getByRole("button", { name: "Ask this question" })).toBeEnabled();
});

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

  await open(page, "/researcher/budget", "Budget");
  await expect(page.getByText("More questions like the last")).toBeVisible();
  await expect(page.locator(".chart svg")).toBeVisible();
  await accessible(page);
});

test("a researcher applies for a study, adds to it, and takes it back", async ({ page }) => {
  await asResearcher(page);
  await open(page, "/researcher/studies", "My studies");
  await expect(page.getByRole("link", { name: "Diabetes by age and sex" })).toBeVisible();
  await accessible(page);
  await page.getByRole("link", { name: "Apply for another study" }).click();
  await page.getByLabel("Title or number of the protocol").fill("Asthma in the young");
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
