import { accessible, expect, importKey, open, reach, sign, test, tour } from "./fixtures";

test("a steward sees her dataset, and lowers its limit by keyboard alone", async ({ page }) => {
  await importKey(page, tour().hospital, "steward");
  await expect(page.getByRole("navigation").getByRole("link", { name: "My preferences" })).toHaveCount(0);
  await open(page, "/steward/dataset", "Dataset");
  await expect(page.getByText("Budget left")).toBeVisible();
  await expect(page.locator(".chart svg")).toHaveCount(1);
  await expect(page.getByText("Its data may be used for health research.")).toBeVisible();
  await page.getByText("What is released, and how finely").click();
  await accessible(page);
  await reach(page, "Of all questions of one organisation");
  await reach(page, "Of all questions that are ever asked");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("2.1");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toContainText("All questions that are ever asked: at most ε 2.10.");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
  await page.keyboard.press("Enter");
  await sign(page, "everything else of the policy stays as it is", "Sign and set");
  await expect(page.getByText("The limits are set.")).toBeVisible();
  await expect(page.getByText("All questions that are ever asked: at most ε 2.10.")).toBeVisible();
});

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
