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
});
