import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Page } from "@playwright/test";
import { importKey, open, test, tour } from "../tests/fixtures";

// Every screen, desktop and phone width, as a full page. A new screen is a line here.

const sizes = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
const folder = new URL("../../docs/screens/", import.meta.url).pathname;

const medmarket = new URL("../../bin/medmarket", import.meta.url).pathname;

/** What the tour's doctor has of the patient, as her page opens it; that she read stands on the patient's. */
async function history(): Promise<string> {
  const { keys } = tour();
  const dir = await mkdtemp(join(tmpdir(), "medmarket-screens-"));
  const args = ["records", "fetch", "--json", "--network", join(keys, "..", "network.json"), "--key", join(keys, "doctor.key"), "--out", "records", join(keys, "for-doctor")];
  try {
    return (await promisify(execFile)(medmarket, args, { maxBuffer: 64 << 20, cwd: dir })).stdout;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** The whole page, in a window that has room for it: what sticks to the edge of a window is where it belongs. */
async function shoot(page: Page, name: string): Promise<void> {
  const size = page.viewportSize()!;
  for (let i = 0; i < 2; i++) { // what scrolls by itself has room now
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ width: size.width, height: Math.max(size.height, height) });
  }
  await page.evaluate(() => window.scrollTo(0, 0));
  await page.screenshot({ path: `${folder}${name}.png` });
  await page.setViewportSize(size);
}

interface Shot {
  name: string;
  path: string;
  heading: string;
}

const shots: { side: "hospital" | "marketplace"; key: string; all: Shot[] }[] = [
  {
    side: "hospital",
    key: "patient",
    all: [
      { name: "patient-uses", path: "/patient/uses", heading: "Who used my data" },
      { name: "patient-preferences", path: "/patient/preferences", heading: "My preferences" },
      { name: "patient-receipts", path: "/patient/receipts", heading: "My receipts" },
      { name: "patient-records", path: "/patient/records", heading: "My records" },
      { name: "patient-enrol", path: "/patient/enrol", heading: "Enter my code" },
      { name: "keys", path: "/keys", heading: "My keys" },
      { name: "doctor-history", path: "/doctor/history", heading: "A patient’s history" },
      { name: "patient-welcome", path: "/", heading: "Your record at" },
    ],
  },
  {
    side: "marketplace",
    key: "researcher",
    all: [
      { name: "welcome", path: "/", heading: "Ask hospitals' records" },
      { name: "account", path: "/account", heading: "My account" },
      { name: "researcher-studies", path: "/researcher/studies", heading: "My studies" },
      { name: "researcher-apply", path: "/researcher/apply", heading: "Apply for a study" },
      { name: "researcher-history", path: "/researcher/history", heading: "History" },
      { name: "researcher-budget", path: "/researcher/budget", heading: "Budget" },
      { name: "miner-chain", path: "/miner/chain", heading: "Chain" },
      { name: "miner-credits", path: "/miner/credits", heading: "Credits" },
    ],
  },
  {
    side: "marketplace",
    key: "committee",
    all: [
      { name: "committee-inbox", path: "/committee/inbox", heading: "Inbox" },
      { name: "committee-audit", path: "/committee/audit", heading: "Live audit" },
    ],
  },
  {
    side: "hospital",
    key: "steward",
    all: [
      { name: "steward-dataset", path: "/steward/dataset", heading: "Dataset" },
      { name: "steward-releases", path: "/steward/releases", heading: "Release log" },
      { name: "steward-connector", path: "/steward/connector", heading: "Connector" },
    ],
  },
];

const pages: { name: string; path: string }[] = [
  { name: "register", path: "/register" },
  { name: "register-studies", path: "/register/studies" },
  { name: "verify", path: "/verify" },
];

/** A question that is built, what is signed of it, and an answer. */
async function question(page: Page, size: string): Promise<void> {
  await open(page, "/researcher/ask", "Ask a question");
  await page.getByRole("button", { name: "Add records" }).click();
  await page.getByRole("combobox", { name: "Search diagnoses" }).fill("type 2 diab");
  await page.getByRole("option", { name: "Type 2 diabetes mellitus" }).click();
  await page.getByRole("button", { name: "By age" }).click();
  await page.getByText("5 groups").waitFor();
  await shoot(page, `researcher-ask-${size}`);
  await page.getByRole("button", { name: "Ask this question" }).click();
  await page.getByRole("dialog").waitFor();
  await page.screenshot({ path: `${folder}researcher-sign-${size}.png` });
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await open(page, "/researcher/history", "History");
  await page.getByRole("link", { name: /^Answer/ }).last().click(); // of the tour's first question
  await page.locator(".chart svg").waitFor();
  await shoot(page, `researcher-answer-${size}`);
  await open(page, "/researcher/studies", "My studies");
  await page.getByRole("link", { name: "Diabetes by age and sex" }).click();
  await page.getByRole("heading", { name: "What was done" }).waitFor();
  await shoot(page, `researcher-study-${size}`);
}

for (const [size, viewport] of Object.entries(sizes)) {
  test.describe(size, () => {
    test.use({ viewport });

    for (const { side, key, all } of shots)
      test(`${side}, ${key}`, async ({ page }) => {
        await page.goto(`${tour()[side]}/#/sign-in`);
        await page.getByText("This browser has none yet.").waitFor();
        if (key === "patient" || key === "researcher") await shoot(page, `${side}-sign-in-${size}`);
        await importKey(page, tour()[side], key);
        const had = key === "patient" ? await history() : "";
        for (const shot of all) {
          await open(page, shot.path, shot.heading);
          if (shot.path === "/doctor/history") await page.getByLabel("History", { exact: true }).setInputFiles({ name: "history.json", mimeType: "application/json", buffer: Buffer.from(had) });
          for (const chart of await page.locator(".chart").all()) await chart.locator("svg, canvas").first().waitFor();
          await shoot(page, `${shot.name}-${size}`);
        }
        if (key === "committee") {
          await open(page, "/committee/inbox", "Inbox");
          await page.getByRole("cell").getByRole("link").first().click();
          await page.locator("ol.log").waitFor();
          await shoot(page, `committee-study-${size}`);
        }
        if (key === "researcher") return question(page, size);
        if (key !== "patient") return;
        await open(page, "/patient/preferences", "My preferences");
        await page.getByText("As a FHIR Consent").click();
        const saved = page.waitForEvent("download");
        await page.getByRole("button", { name: "Save as FHIR Consent (R4)" }).click();
        await page.getByLabel("Bring a FHIR Consent").setInputFiles({ name: "consent-r4.json", mimeType: "application/json", buffer: await readFile(await (await saved).path()) });
        await page.getByRole("button", { name: "Read it" }).click();
        await page.getByRole("status").waitFor();
        await shoot(page, `patient-preferences-consent-${size}`);
        await page.getByText("As a FHIR Consent").click();
        await page.getByText("My own choice").click();
        await shoot(page, `patient-preferences-own-${size}`);
        await page.getByRole("button", { name: "Withdraw now" }).click();
        await page.screenshot({ path: `${folder}sign-dialog-${size}.png` });
      });

    test("public", async ({ page }) => {
      for (const shot of pages) {
        await page.goto(tour().marketplace + shot.path);
        await shoot(page, `${shot.name}-${size}`);
      }
      await page.goto(`${tour().marketplace}/register`);
      await page.getByRole("link", { name: "Diabetes by age and sex" }).first().click();
      await shoot(page, `register-study-${size}`);
      await page.getByRole("link", { name: "Receipt of" }).first().click();
      await shoot(page, `receipt-${size}`);
    });
  });
}
