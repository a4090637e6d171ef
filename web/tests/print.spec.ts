import type { Page } from "@playwright/test";
import { expect, importKey, open, test, tour } from "./fixtures";

// What somebody prints to keep or to hand in: all that she must show with it, and nothing that only a screen can use.

async function printed(page: Page, shows: string[]): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ media: "print", colorScheme });
    for (const text of shows) await expect(page.getByText(text).filter({ visible: true }).first(), `${text}, ${colorScheme}`).toBeVisible();
    await expect(page.locator("nav, button, .button, input, select, textarea, summary, .skip:focus").filter({ visible: true })).toHaveCount(0);
    const [ink, paper] = await page.evaluate(() => {
      const of = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
      return [of("--ink"), of("--paper")];
    });
    expect([ink, paper]).toEqual(["#000", "#fff"]);
  }
  await page.emulateMedia({ media: null, colorScheme: null });
}

test("a receipt on paper says what was asked, by whom, at which cost, and that it matches", async ({ page }) => {
  await page.goto(`${tour().marketplace}/register`);
  await printed(page, ["Register of studies and questions", "Diabetes by age and sex", "of University", "nano-rho"]);
  await page.getByRole("link", { name: "Receipt of" }).first().click();
  await printed(page, ["Among patients with", "St Ada Hospital (st-ada)", "University", "nano-rho, epsilon", "credits", "This receipt matches", "The log's root is on that chain", "matches"]);
});

test("the accounting of a committee on paper has every question with its loss, and the study its ceiling and its log", async ({ page }) => {
  await importKey(page, tour().marketplace, "committee");
  await open(page, "/committee/audit", "Live audit");
  await expect(page.locator(".chart svg")).toHaveCount(2);
  await printed(page, ["Questions answered", "Loss by study", "Spent of its ceiling", "Every question", "ε 0.28", "St Ada Hospital"]);
  await open(page, "/committee/inbox", "Inbox");
  await page.getByRole("cell", { name: "Diabetes by age and sex" }).getByRole("link").click();
  await page.locator("ol.log").waitFor();
  await printed(page, ["Diabetes by age and sex", "In force", "What it may cost patients", "ε 1.47", "approved"]);
});

test("a patient's uses and receipts on paper", async ({ page }) => {
  await importKey(page, tour().hospital, "patient");
  await open(page, "/patient/uses", "Who used my data");
  await printed(page, ["Loss of privacy, at most", "What was asked", "Type 2 diabetes mellitus", "ε 0.28"]);
  await open(page, "/patient/receipts", "My receipts");
  await printed(page, ["Diabetes by age and sex", "check your proof on your own computer"]);
});
