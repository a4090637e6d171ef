import AxeBuilder from "@axe-core/playwright";
import { expect, test as base, type Page } from "@playwright/test";
import { join } from "node:path";
import type { Demo } from "./demo";

export { expect };

/** Where the demo's pages are, and whose keys there are. */
export const tour = (): Demo => JSON.parse(process.env.MEDMARKET_TOUR ?? "{}") as Demo;

export const passphrase = "correct horse battery";

/**
 * Every test fails on an error in the browser's console: an exception, a breach of the pages' policy, a request that
 * failed. What a refusal of the server writes there is allowed where refusals says so.
 */
export const test = base.extend<{ refusals: number[]; person: () => Promise<Page> }>({
  refusals: [[], { option: true }],
  page: async ({ page, refusals }, use) => {
    const errors = errorsOf(page, refusals);
    await use(page);
    expect(errors, "errors in the console").toEqual([]);
  },
  // A browser of somebody's own, for a story of several.
  person: async ({ browser, refusals }, use) => {
    const all: { page: Page; errors: string[] }[] = [];
    await use(async () => {
      const page = await (await browser.newContext()).newPage();
      all.push({ page, errors: errorsOf(page, refusals) });
      return page;
    });
    for (const { page, errors } of all) {
      await page.context().close();
      expect(errors, "errors in the console").toEqual([]);
    }
  },
});

function errorsOf(page: Page, refusals: number[]): string[] {
  const errors: string[] = [];
  page.on("console", (m) => {
    const refused = /Failed to load resource: the server responded with a status of (\d+)/.exec(m.text());
    if (m.type() === "error" && !(refused && refusals.includes(Number(refused[1])))) errors.push(m.text());
  });
  page.on("pageerror", (err) => errors.push(String(err)));
  return errors;
}

/** Imports a key file of the tour, which signs in with it. */
export async function importKey(page: Page, origin: string, name: string): Promise<void> {
  await page.goto(`${origin}/#/keys`);
  await page.getByLabel("Import a key file").check();
  await page.getByLabel("Key file", { exact: true }).setInputFiles(join(tour().keys, `${name}.key`));
  await page.getByLabel("What you call it").fill(name);
  await page.getByLabel("Passphrase, at least").fill(passphrase);
  await page.getByRole("button", { name: "Import it" }).click();
  await expect(page.getByText("you are signed in with it")).toBeVisible();
}

/** Opens a screen and waits until it has loaded. */
export async function open(page: Page, path: string, heading: string): Promise<void> {
  await page.evaluate((to) => (location.hash = to), path);
  await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
  await expect(page.getByText("Loading…")).toHaveCount(0);
}

/** Moves on by Tab until what has the focus has a name that begins so. */
export async function reach(page: Page, name: string): Promise<void> {
  for (let i = 0; i < 120; i++) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const e = document.activeElement;
      if (e instanceof HTMLDialogElement || e === document.body) return ""; // they begin with whatever stands in them
      const labels = e instanceof HTMLInputElement || e instanceof HTMLSelectElement || e instanceof HTMLTextAreaElement ? e.labels?.[0]?.textContent : undefined;
      return e?.getAttribute("aria-label") ?? labels ?? e?.textContent ?? "";
    });
    if (focused.trim().startsWith(name)) return;
  }
  throw new Error(`${name} is not reached by Tab`);
}

/** No serious or critical finding of axe, light and dark; and the screen fits a phone. */
export async function accessible(page: Page): Promise<void> {
  const size = page.viewportSize();
  await page.setViewportSize({ width: 360, height: 800 });
  const wide = () => page.evaluate(() => document.documentElement.scrollWidth);
  await expect.poll(wide, { message: `${page.url()}: nothing but a table scrolls sideways on a phone` }).toBeLessThanOrEqual(360); // charts are drawn anew
  if (size) await page.setViewportSize(size);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const axe = new AxeBuilder({ page });
    if (colorScheme === "dark") axe.withRules(["color-contrast"]); // all else is as in the light
    const { violations } = await axe.analyze();
    const findings = violations
      .filter((v) => v.impact === "serious" || v.impact === "critical")
      .map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join("; ")}`);
    expect(findings, `${page.url()}, ${colorScheme}`).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: null });
}

/** Signs what the dialog shows, having looked that it says so. */
export async function sign(page: Page, says: string, action: string): Promise<void> {
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText(says);
  await dialog.getByRole("button", { name: action }).click();
}
