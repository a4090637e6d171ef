import { accessible, expect, importKey, open, sign, test, tour } from "./fixtures";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Page } from "@playwright/test";

const [first, second] = [`0x${"a1".repeat(20)}`, `0x${"b2".repeat(20)}`];

const line = (time: string, kind: string, provider: string, number: number, more: object = {}) => ({
  time, kind, provider, month: time.slice(0, 7), number, locator: `omop/${kind}/${time}`, record: `0x${"00".repeat(32)}`, anchored: true, ...more,
});

/** As `medmarket records fetch --json` writes it. */
const fetched = {
  records: [
    line("2023-11-20", "conditions", second, 0, { fault: "RECORD_ALTERED: the record is not what it was" }),
    line("2020-05-01", "conditions", first, 0, { superseded: true }),
    line("2020-05-01", "conditions", first, 1, { file: "records/a.json", standing: "questioned" }),
    line("2024-01-15", "medication", second, 0, { file: "records/b.json", anchored: false }),
  ],
  most_recent: "2024-01-15",
  current_medication: [{ concept: "1332418", system: "https://fhir-terminology.ohdsi.org", since: "2024-01-15" }, { concept: "1154343", system: "https://fhir-terminology.ohdsi.org", name: "albuterol", since: "2024-01-16" }],
  past_medication: [
    { concept: "1503297", since: "2021-02-03", until: "2021-05-03" },
    { concept: "1308216", system: "https://fhir-terminology.ohdsi.org", name: "lisinopril", since: "2022-03-04", over: true },
    { concept: "an inhaler", system: "", since: "", over: true },
  ],
  faults: [],
  offline: [`${first} at hospital.example:443: cannot reach it`],
};

async function show(page: Page, content: string): Promise<void> {
  await page.goto(`${tour().hospital}/#/doctor/history`);
  await page.getByLabel("History", { exact: true }).setInputFiles({ name: "history.json", mimeType: "application/json", buffer: Buffer.from(content) });
}

test("a doctor sees a history across hospitals, with sources and gaps", async ({ page }) => {
  await show(page, JSON.stringify(fetched));
  const rows = page.getByRole("row");
  await expect(rows).toHaveCount(5);
  await expect(rows.nth(1)).toContainText("superseded");
  await expect(rows.nth(2)).toContainText("the patient questions it");
  await expect(rows.nth(2)).toContainText("a.json");
  await expect(rows.nth(3)).toContainText("RECORD_ALTERED");
  await expect(rows.nth(3)).toContainText("Hospital 2");
  await expect(rows.nth(4)).toContainText("not on the chain yet");
  await expect(page.getByText("cannot reach it")).toBeVisible();
  await expect(page.getByText("OMOP concept 1332418, since 2024-01-15, no end recorded")).toBeVisible();
  await expect(page.getByText("albuterol, since 2024-01-16, no end recorded")).toBeVisible();
  await expect(page.getByText("lisinopril, since 2022-03-04, ended, no day recorded")).toBeVisible();
  await expect(page.getByText("an inhaler, ended, no day recorded")).toBeVisible();
  await expect(page.locator(".chart svg")).toHaveCount(1);
  await accessible(page);
  await page.getByRole("combobox").selectOption("medication");
  await expect(rows).toHaveCount(2);
});

test("a file that is no history is refused in words", async ({ page }) => {
  for (const content of ["not JSON", "{}", "null", JSON.stringify({ pointers: [line("yesterday", "visits", first, 0)] }), JSON.stringify({ pointers: [line("2024-01-15", "<b>", first, 0)] })]) {
    await show(page, content);
    await expect(page.getByRole("alert")).toContainText("not a history");
    await expect(page.getByRole("table")).toHaveCount(0);
  }
  await show(page, JSON.stringify({ pointers: [], faults: [], offline: [] }));
  await expect(page.getByText("Her hospitals point at nothing")).toBeVisible();
});

// Her guardian is named by a steward; the patient has no key.
test("a guardian opens the records of his ward, and sees that he did", async ({ page }) => {
  const medmarket = new URL("../../bin/medmarket", import.meta.url).pathname;
  const key = (name: string) => join(tour().keys, `${name}.key`);
  const run = async (...args: string[]) => (await promisify(execFile)(medmarket, args)).stdout;
  const doctor = (await run("key", "show", key("doctor"))).trim();
  const until = String(Math.floor(Date.now() / 1000) + 3600);
  await run("prefer", "delegate", doctor, "--as", "guardian", "--patient", "1990", "--until", until, "--key", key("steward"), "--network", join(tour().keys, "..", "network.json"));
  await importKey(page, tour().hospital, "doctor");
  await open(page, "/patient/records", "My records");
  await expect(page.getByLabel("Whose records")).toContainText("of a patient whose guardian I am, until");
  await page.getByRole("button", { name: "Open the records" }).click();
  await sign(page, "shows you what it has of the patient whose guardian you are", "Sign and open");
  await expect(page.getByRole("heading", { name: "No records yet" })).toBeVisible(); // the demo points for its tour alone
  await accessible(page);
  await page.reload();
  await expect(page.getByRole("cell", { name: "saw where there are records" }).first()).toBeVisible();
});
