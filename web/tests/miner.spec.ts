import { accessible, expect, importKey, open, test, tour } from "./fixtures";

test("a miner follows the chain", async ({ page }) => {
  await importKey(page, tour().marketplace, "researcher");
  await open(page, "/miner/chain", "Chain");
  await expect(page.getByText("This page follows the chain by itself.")).toBeVisible();
  await expect(page.locator(".chart canvas")).toHaveCount(2);
  await expect(page.getByText(/^work of \S+ credits$/)).toBeVisible();
  const newest = page.getByRole("region", { name: "The last blocks" }).locator("tbody tr").first();
  const before = await newest.textContent();
  await expect(newest).not.toHaveText(before ?? "", { timeout: 60_000 }); // another block, by itself
  await expect(page.locator(".chart canvas")).toHaveCount(2);
  await accessible(page);
});

test("a miner sees her credits and what her questions drew", async ({ page }) => {
  await importKey(page, tour().marketplace, "researcher");
  await open(page, "/miner/credits", "Credits");
  await expect(page.getByRole("cell", { name: "Diabetes by age and sex" }).first()).toBeVisible();
  await expect(page.getByText("claimed, and not set aside")).toBeVisible();
  await accessible(page);
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save as CSV" }).click();
  expect((await saving).suggestedFilename()).toBe("credits.csv");
});
