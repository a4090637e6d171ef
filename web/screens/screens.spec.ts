import { test, type Page } from "@playwright/test";
import { importKey, open, tour } from "../tests/fixtures";

// Every screen, desktop and phone width, as a full page. A new screen is a line here.

const sizes = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
const folder = new URL("../../docs/screens/", import.meta.url).pathname;

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
    ],
  },
];

const pages: { name: string; path: string }[] = [
  { name: "register", path: "/register" },
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
  await page.screenshot({ path: `${folder}researcher-ask-${size}.png`, fullPage: true });
  await page.getByRole("button", { name: "Ask this question" }).click();
  await page.getByRole("dialog").waitFor();
  await page.screenshot({ path: `${folder}researcher-sign-${size}.png` });
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await open(page, "/researcher/history", "History");
  await page.getByRole("link", { name: /^Answer/ }).last().click(); // of the tour's first question
  await page.locator(".chart svg").waitFor();
  await page.screenshot({ path: `${folder}researcher-answer-${size}.png`, fullPage: true });
  await open(page, "/researcher/studies", "My studies");
  await page.getByRole("link", { name: "Diabetes by age and sex" }).click();
  await page.getByRole("heading", { name: "What was done" }).waitFor();
  await page.screenshot({ path: `${folder}researcher-study-${size}.png`, fullPage: true });
}

for (const [size, viewport] of Object.entries(sizes)) {
  test.describe(size, () => {
    test.use({ viewport });

    for (const { side, key, all } of shots)
      test(`${side}, ${key}`, async ({ page }) => {
        await page.goto(`${tour()[side]}/#/sign-in`);
        await page.getByText("This browser has none yet.").waitFor();
        if (key === "patient" || key === "researcher") await page.screenshot({ path: `${folder}${side}-sign-in-${size}.png`, fullPage: true });
        await importKey(page, tour()[side], key);
        for (const shot of all) {
          await open(page, shot.path, shot.heading);
          for (const chart of await page.locator(".chart").all()) await chart.locator("svg, canvas").first().waitFor();
          await page.screenshot({ path: `${folder}${shot.name}-${size}.png`, fullPage: true });
        }
        if (key === "committee") {
          await open(page, "/committee/inbox", "Inbox");
          await page.getByRole("cell").getByRole("link").first().click();
          await page.locator("ol.log").waitFor();
          await page.screenshot({ path: `${folder}committee-study-${size}.png`, fullPage: true });
        }
        if (key === "researcher") return question(page, size);
        if (key !== "patient") return;
        await open(page, "/patient/preferences", "My preferences");
        await page.getByText("My own choice").click();
        await page.screenshot({ path: `${folder}patient-preferences-own-${size}.png`, fullPage: true });
        await page.getByRole("button", { name: "Withdraw now" }).click();
        await page.screenshot({ path: `${folder}sign-dialog-${size}.png` });
      });

    test("public", async ({ page }) => {
      for (const shot of pages) {
        await page.goto(tour().marketplace + shot.path);
        await page.screenshot({ path: `${folder}${shot.name}-${size}.png`, fullPage: true });
      }
      await page.goto(`${tour().marketplace}/register`);
      await page.getByRole("link", { name: "0x" }).first().click();
      await page.screenshot({ path: `${folder}receipt-${size}.png`, fullPage: true });
    });
  });
}
