import type { Page } from "@playwright/test";
import { expect, importKey, open, test, tour } from "./fixtures";

// No state is told by its colour alone: there are words beside it, or another shape. Looked for in what the browser draws.

/** What only a colour tells on a page. */
const byColourAlone = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const found: string[] = [];
    const seen = (e: Element) => (e as HTMLElement).offsetParent !== null;
    const words = (e: Element) => (e as HTMLElement).innerText.trim();
    const shape = (e: Element) => {
      const s = getComputedStyle(e);
      return [s.boxShadow === "none", s.fontWeight, s.borderTopWidth, s.borderTopStyle].join();
    };
    for (const e of document.querySelectorAll(".good, .bad, .danger, .notice, .main")) if (seen(e) && words(e) === "") found.push(`no words: ${e.outerHTML.slice(0, 80)}`);
    // Of buttons that are in or out, and links of which one is current: those of either kind look different.
    for (const [on, off] of [["[aria-pressed=true]", "[aria-pressed=false]"], ["nav a[aria-current]", "nav a:not([aria-current])"]] as const) {
      const own = (e: Element) => `${shape(e)}${/yes|no$/.test(words(e)) ? words(e).split("\n").at(-1) : ""}`;
      const outs = new Set([...document.querySelectorAll(off)].filter(seen).map(own));
      for (const e of [...document.querySelectorAll(on)].filter(seen)) if (outs.has(own(e))) found.push(`as the others: ${words(e)}`);
    }
    // A link within text is underlined.
    for (const e of document.querySelectorAll("main p a:not(.button), main li a:not(.button), main td a:not(.button), main dd a, main th a")) if (seen(e) && !getComputedStyle(e).textDecorationLine.includes("underline")) found.push(`no line under: ${words(e)}`);
    // What opens says so, and whether it is open.
    for (const e of document.querySelectorAll("summary")) if (seen(e) && !/[▸▾]/.test(getComputedStyle(e, "::before").content)) found.push(`no mark: ${words(e)}`);
    // In a picture of several colours each has its name in it.
    for (const svg of document.querySelectorAll(".chart svg")) {
      const fills = new Set([...svg.querySelectorAll("[aria-label=area] path")].map((p) => getComputedStyle(p).fill));
      const labels = new Set([...svg.querySelectorAll("[aria-label=text] text")].map((t) => t.textContent));
      if (fills.size > 1 && fills.size > labels.size) found.push(`${fills.size} colours, ${labels.size} names`);
    }
    return found;
  });

const screens: { side: "hospital" | "marketplace"; key: string; all: [string, string][] }[] = [
  { side: "hospital", key: "patient", all: [["/patient/uses", "Who used my data"], ["/patient/preferences", "My preferences"], ["/patient/receipts", "My receipts"], ["/patient/records", "My records"], ["/doctor/history", "A patient’s history"]] },
  { side: "hospital", key: "steward", all: [["/steward/dataset", "Dataset"], ["/steward/releases", "Release log"], ["/steward/connector", "Connector"]] },
  { side: "marketplace", key: "researcher", all: [["/researcher/studies", "My studies"], ["/researcher/ask", "Ask a question"], ["/researcher/history", "History"], ["/researcher/budget", "Budget"], ["/miner/chain", "Chain"], ["/miner/credits", "Credits"], ["/account", "My account"]] },
  { side: "marketplace", key: "committee", all: [["/committee/inbox", "Inbox"], ["/committee/audit", "Live audit"]] },
];

for (const { side, key, all } of screens)
  test(`nothing on the screens of a ${key} is told by colour alone`, async ({ page }) => {
    await importKey(page, tour()[side], key);
    for (const [path, heading] of all) {
      await open(page, path, heading);
      for (const chart of await page.locator(".chart").all()) await chart.locator("svg, canvas").first().waitFor();
      expect(await byColourAlone(page), path).toEqual([]);
    }
  });

test("a cell of her matrix says yes or no, and what opens is marked as open", async ({ page }) => {
  await importKey(page, tour().hospital, "patient");
  await open(page, "/patient/preferences", "My preferences");
  await page.getByText("My own choice").click();
  const cell = page.getByRole("button", { name: "Visits, Charities" });
  await expect(cell).toContainText("✓ yes");
  await cell.click();
  await expect(cell).not.toContainText("yes");
  expect(await byColourAlone(page)).toEqual([]);
  const consent = page.getByText("As a FHIR Consent");
  const mark = () => consent.evaluate((e) => getComputedStyle(e, "::before").content);
  const closed = await mark();
  await consent.click();
  expect(await mark()).not.toBe(closed);
});

test("an answer's hollow bars are those at which the table says that noise dominates", async ({ page }) => {
  await importKey(page, tour().marketplace, "researcher");
  await open(page, "/researcher/history", "History");
  await page.getByRole("link", { name: /^Answer/ }).last().click(); // of the tour's first question
  await page.locator(".chart svg").waitFor();
  expect(await byColourAlone(page)).toEqual([]);
  const [hollow, filled] = await page.locator(".chart svg [aria-label=bar] rect").evaluateAll((all) => {
    const paper = getComputedStyle(document.body).backgroundColor;
    const of = all.filter((r) => getComputedStyle(r).fill === paper).length;
    return [of, all.length - of];
  });
  const dominated = await page.getByRole("cell", { name: "noise dominates" }).count();
  expect(dominated).toBeGreaterThan(0);
  expect(hollow).toBe(dominated);
  expect(hollow! + filled!).toBe(20);
});

test("the register, a receipt and the verifier tell nothing by colour alone", async ({ page }) => {
  await page.goto(`${tour().marketplace}/register`);
  expect(await byColourAlone(page)).toEqual([]);
  await page.getByRole("link", { name: "Receipt of" }).first().click();
  await expect(page.getByText("This receipt matches")).toBeVisible();
  expect(await byColourAlone(page)).toEqual([]);
  await page.goto(`${tour().marketplace}/verify`);
  expect(await byColourAlone(page)).toEqual([]);
});
