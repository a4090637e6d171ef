import { accessible, expect, importKey, open, sign, test, tour } from "./fixtures";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
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
  await expect(rows.nth(3)).toContainText("20 Nov 2023");
  await expect(rows.nth(4)).toContainText("not on the chain yet");
  await expect(page.getByText("cannot reach it")).toBeVisible();
  await expect(page.getByText("OMOP concept 1332418, since 15 Jan 2024, no end recorded")).toBeVisible();
  await expect(page.getByText("albuterol, since 16 Jan 2024, no end recorded")).toBeVisible();
  await expect(page.getByText("lisinopril, since 4 Mar 2022, ended, no day recorded")).toBeVisible();
  await expect(page.getByText("an inhaler, ended, no day recorded")).toBeVisible();
  await expect(page.locator(".chart svg")).toHaveCount(1);
  await accessible(page);
  await page.getByRole("combobox").selectOption("Medication");
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
async function guardian(): Promise<void> {
  const medmarket = new URL("../../bin/medmarket", import.meta.url).pathname;
  const key = (name: string) => join(tour().keys, `${name}.key`);
  const run = async (...args: string[]) => (await promisify(execFile)(medmarket, args)).stdout;
  const doctor = (await run("key", "show", key("doctor"))).trim();
  const until = String(Math.floor(Date.now() / 1000) + 3600);
  await run("prefer", "delegate", doctor, "--as", "guardian", "--patient", "1990", "--until", until, "--key", key("steward"), "--network", join(tour().keys, "..", "network.json"));
}

test.describe("a guardian", () => {
  test.use({ refusals: [404] }); // nothing was said of his ward yet

  test("says what may be released of his ward, and takes it along as a FHIR Consent", async ({ page }) => {
    await guardian();
    await importKey(page, tour().hospital, "doctor");
    await open(page, "/patient/preferences", "My preferences");
    await expect(page.getByLabel("Whose preferences")).toContainText("of a patient whose guardian I am, until");
    await expect(page.getByLabel("Set a cap of my own")).toHaveCount(0); // only she changes hers
    await page.getByRole("radio", { name: "Only the census" }).check();
    await page.getByRole("button", { name: "Sign and set" }).click();
    await expect(page.getByRole("dialog")).toContainText("You speak for the patient whose guardian you are");
    await sign(page, "My guardian said so; his word holds before", "Sign and set");
    await expect(page.getByText("The patient’s preference is set. It is in force now.")).toBeVisible();
    await expect(page.getByRole("button", { name: "This is in force already" })).toBeDisabled();
    await accessible(page);
    await page.getByText("As a FHIR Consent").click();
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save as FHIR Consent (R4)" }).click();
    const saved = await readFile(await (await download).path());
    await page.getByLabel("Bring a FHIR Consent").setInputFiles({ name: "consent.json", mimeType: "application/json", buffer: saved });
    await page.getByRole("button", { name: "Read it" }).click();
    await expect(page.getByRole("status").locator(".words")).toContainText("sex, age and origin in wide groups");
    await page.getByRole("button", { name: "Withdraw now" }).click();
    await sign(page, "From now on no answer of St Ada Hospital includes the patient", "Withdraw");
    await expect(page.getByRole("heading", { name: "In force now: nobody may count the patient" })).toBeVisible();
  });
});

test("a guardian opens the records of his ward, and sees that he did", async ({ page }) => {
  await guardian();
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
