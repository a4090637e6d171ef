import { accessible, expect, importKey, open, test, tour } from "./fixtures";

test("a steward reads the release log and checks a decision", async ({ page }) => {
  await importKey(page, tour().hospital, "steward");
  await open(page, "/steward/releases", "Release log");
  await expect(page.getByRole("heading", { name: "Diabetes by age and sex" }).first()).toBeVisible();
  await page.getByRole("button", { name: "Check the decision" }).first().click();
  await expect(page.getByText("Made again, the decision is the same, byte for byte.")).toBeVisible();
  await accessible(page);
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save as CSV" }).click();
  expect((await saving).suggestedFilename()).toBe("releases.csv");

  // What the demo's marketplace found was the hospital's to refuse: it was among the first questions of all.
  await expect(page.getByRole("heading", { name: "Refused", exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Why" }).last().click();
  await expect(page.getByText("The purpose goes beyond what the ethics committee granted.")).toBeVisible();
  await page.getByRole("button", { name: "Check the decision" }).last().click();
  await expect(page.getByText("Made again, the decision is the same, byte for byte.")).toHaveCount(2);
  await accessible(page);

  // One that had been charged says so.
  await page.route("**/v1/decisions?refused=true", (route) => route.fulfill({ json: { decisions: [{ time: "1795798000", refusal: Buffer.alloc(32, 7).toString("base64"), recheck: true }] } }));
  await open(page, "/steward/connector", "Connector");
  await open(page, "/steward/releases", "Release log");
  await expect(page.getByText("It had been charged, and was not allowed any more")).toBeVisible();
});

test("a steward sees how her connector stands, when answers left, and what was refused and why", async ({ page }) => {
  await importKey(page, tour().hospital, "steward");
  await open(page, "/steward/connector", "Connector");
  await expect(page.getByText("all its parts answer")).toBeVisible();
  await page.getByText("The numbers of this picture").click();
  await expect(page.getByRole("figure").getByRole("row").nth(1)).toContainText(/^after [\d.]+ s\s*\d+$/); // answers left at a slot
  await expect(page.locator(".chart svg")).toHaveCount(1);
  await accessible(page);

  await expect(page.getByRole("region", { name: "Refusals" })).toContainText("GRANT_PURPOSE"); // which the demo's marketplace found

  // The demo's records answer, and few questions were refused.
  await page.route("**/v1/connector", async (route) => {
    const answer = await route.fetch();
    const body = (await answer.json()) as object;
    const refusal = (code: string, words: string, times: string) => ({ reason: { code, words }, times, last: "1795798000" });
    const refusals = [refusal("GRANT_REVOKED", "The study was revoked.", "2"), refusal("COLUMN_NOT_RELEASED", "A column is not released.", "11")];
    await route.fulfill({ response: answer, json: { ...body, refusals, departures: [], not_ready: ["records"], not_now: "3", failed: "1" } });
  });
  await open(page, "/steward/releases", "Release log");
  await open(page, "/steward/connector", "Connector");
  await expect(page.getByText("records does not answer")).toBeVisible();
  await expect(page.getByText("1 question that failed after the charge")).toBeVisible();
  await expect(page.getByText("3 times a question could not be charged")).toBeVisible();
  const rows = page.getByRole("region", { name: "Refusals" }).getByRole("row");
  await expect(rows.nth(1)).toContainText("A column is not released.");
  await expect(rows.nth(2)).toContainText("GRANT_REVOKED");
  await accessible(page);
});
