import type { Page } from "@playwright/test";
import { accessible, expect, importKey, open, reach, sign, test, tour } from "./fixtures";
import { fileStudy } from "./api";

const signIn = (page: Page) => importKey(page, tour().marketplace, "committee");

/** Opens a study out of the inbox. */
async function review(page: Page, protocol: string): Promise<void> {
  await open(page, "/committee/inbox", "Inbox");
  await page.getByRole("cell", { name: protocol }).getByRole("link").click();
  await expect(page.getByRole("heading", { level: 1, name: protocol })).toBeVisible();
}

/** Waits until the chain says so of a study. */
async function stands(page: Page, protocol: string, words: string): Promise<void> {
  await expect(async () => {
    await review(page, protocol);
    await expect(page.locator(".lead")).toContainText(words, { timeout: 2000 });
  }).toPass({ timeout: 90_000 });
}

async function decide(page: Page, label: string, text: string, says: string, action: string): Promise<void> {
  await page.getByRole("radio", { name: label }).check();
  if (text) await page.getByRole("textbox").fill(text);
  await page.getByRole("main").getByRole("button", { name: label }).click();
  await sign(page, says, action);
}

test("a committee asks back, sets a condition, and returns a study", async ({ page }) => {
  await fileStudy("Asthma by age");
  await signIn(page);
  await open(page, "/committee/inbox", "Inbox");
  await expect(page.getByRole("heading", { name: "Asthma by age" })).toBeVisible();
  await expect(page.getByText("Waiting for you").first()).toBeVisible();
  await accessible(page);
  await page.getByRole("link", { name: "Review Asthma by age" }).click();
  await expect(page.getByText("comes to at most").first()).toBeVisible();
  await expect(page.getByText("A researcher of University (0x")).toBeVisible();
  await accessible(page);

  await decide(page, "Ask the researchers", "Why two hundred days?", "You ask of the study “Asthma by age”", "Ask");
  await expect(page.getByText("Your question is with the researchers.")).toBeVisible();
  await expect(page.locator(".lead")).toContainText("Waits for the researchers' reply");
  await decide(page, "Set a condition", "Report unforeseen findings within a week.", "is approved under this condition", "Set the condition");
  await expect(page.getByText("The condition is on record.")).toBeVisible();
  await decide(page, "Return it", "Please lower the ceiling.", "goes back to the researchers", "Return it");
  await expect(page.locator(".lead")).toContainText("Returned to the researchers");
  await expect(page.locator("ol.log blockquote")).toHaveText(["Why two hundred days?", "Report unforeseen findings within a week.", "Please lower the ceiling."]);
  await accessible(page);
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export the log" }).click();
  expect((await saving).suggestedFilename()).toBe("Asthma-by-age-log.json");
});

test("a committee approves a study by keyboard alone, suspends it, lets it go on, renews and revokes it", async ({ page }) => {
  await fileStudy("Migraine by sex");
  await signIn(page);
  await open(page, "/committee/inbox", "Inbox");
  await reach(page, "Review Migraine by sex");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Migraine by sex" })).toBeVisible();
  await expect(page.getByText("Loading…")).toHaveCount(0);
  await reach(page, "Approve"); // the choice
  await reach(page, "Approve"); // the button
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toContainText("It may cause a privacy loss of at most ε 0.62");
  await reach(page, "Approve");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Your approval is on the chain.")).toBeVisible({ timeout: 60_000 });

  await stands(page, "Migraine by sex", "In force");
  await accessible(page);
  await page.getByRole("radio", { name: "Put the review off" }).check();
  await page.getByLabel("Next review").fill(new Date(Date.now() + 150 * 86400_000).toISOString().slice(0, 10));
  await page.getByRole("main").getByRole("button", { name: "Put the review off" }).click();
  await sign(page, "The continuing review of the study", "Sign");
  await expect(page.getByText("The new date counts once enough members have signed for it.")).toBeVisible({ timeout: 60_000 });
  await decide(page, "Suspend it", "A complaint came in.", "Nothing is answered under the study", "Suspend it");
  await stands(page, "Migraine by sex", "Suspended");
  await decide(page, "Let it go on", "", "may ask again", "Sign");
  await stands(page, "Migraine by sex", "In force");
  await decide(page, "Revoke it", "It was withdrawn by its sponsor.", "This is for good", "Revoke it");
  await stands(page, "Migraine by sex", "Revoked");
  await expect(page.getByRole("heading", { name: "What you do" })).toHaveCount(0);
  await expect(page.getByText("You revoked the study")).toBeVisible();
});

test("a committee follows the questions of its studies", async ({ page }) => {
  await signIn(page);
  await open(page, "/committee/audit", "Live audit");
  await expect(page.getByText("This page follows the register by itself.")).toBeVisible();
  await expect(page.getByRole("cell", { name: "Diabetes by age and sex" }).first()).toBeVisible();
  await expect(page.locator(".chart svg")).toHaveCount(2);
  const block = page.locator(".facts > div").filter({ has: page.getByText("Chain", { exact: true }) }).locator("dd");
  await expect(block).toContainText("block ");
  const before = await block.textContent();
  await expect(block).not.toHaveText(before ?? "", { timeout: 60_000 }); // an event came
  await accessible(page);
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save as CSV" }).click();
  expect((await saving).suggestedFilename()).toBe("questions.csv");
});

test.describe("a study that is none of hers", () => {
  test.use({ refusals: [404] });

  test("is refused in words", async ({ page }) => {
    await signIn(page);
    await page.evaluate((to) => (location.hash = to), `/committee/study?id=0x${"12".repeat(32)}`);
    await expect(page.getByText("There is no such study")).toBeVisible();
    await accessible(page);
  });
});
