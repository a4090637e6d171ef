import { execFile, spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Page } from "@playwright/test";
import { accessible, expect, importKey, open, passphrase, reach, sign, test, tour } from "./fixtures";

// The one story across persons, each in a browser of her own, against the real demo: what one does the next one sees. What is in it is not
// tried again elsewhere.

const medmarket = new URL("../../bin/medmarket", import.meta.url).pathname;
const key = (name: string) => join(tour().keys, `${name}.key`);
const network = () => join(tour().keys, "..", "network.json");
const diabetes = "Type 2 diabetes mellitus";

const run = async (args: string[]): Promise<string> => (await promisify(execFile)(medmarket, args, { maxBuffer: 64 << 20 })).stdout;

/** Mines on the researcher's machine, as her page says, until some work of hers is claimed. */
function mine(): { child: ChildProcess; claimed: Promise<void> } {
  const child = spawn(medmarket, ["mine", "--network", network(), "--key", key("researcher"), "--claim", "2s", "--json"], { stdio: ["ignore", "pipe", "ignore"] });
  const claimed = new Promise<void>((resolve, reject) => {
    child.stdout.on("data", (line: Buffer) => {
      if (!line.includes('"event":"claim"')) return;
      resolve();
      child.kill("SIGINT");
    });
    child.on("exit", (code) => reject(new Error(`the miner ended with ${code}, and nothing is claimed`)));
  });
  claimed.catch(() => undefined); // it is heard of where it is awaited
  return { child, claimed };
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.on("exit", resolve));
  child.kill("SIGINT");
  await ended;
}

const figure = (page: Page, name: string) => page.locator(".facts > div").filter({ has: page.getByText(name, { exact: true }) }).locator("dd");

/** Waits until a screen, opened anew, says so. */
const until = (page: Page, path: string, heading: string, says: () => Promise<void>) =>
  expect(async () => {
    await open(page, "/keys", "My keys"); // and not a reload, which locks the key
    await open(page, path, heading);
    await says();
  }).toPass({ timeout: 60_000 });

test("one study, from a patient's word to her receipt", async ({ person }) => {
  test.setTimeout(420_000); // a machine may have other work
  const study = `Diabetes by age at ${new Date().toISOString().slice(11, 19)}`;
  const [patient, researcher, committee, steward, doctor] = await Promise.all([person(), person(), person(), person(), person()]);
  const mining = mine();
  const dir = await mkdtemp(join(tmpdir(), "medmarket-story-"));
  try {
    await test.step("a patient says what may be released, withdraws, and permits again", async () => {
      const cap = `1.${String(1 + (Date.now() % 998)).padStart(3, "0")}`.replace(/0+$/, ""); // another than she had, as the page writes it
      await importKey(patient, tour().hospital, "patient");
      await open(patient, "/patient/preferences", "My preferences");
      await patient.getByRole("radio", { name: "Health research By" }).check();
      await patient.getByLabel("Set a cap of my own").check();
      await patient.getByLabel("Cap, in ε").fill(cap);
      await patient.getByRole("button", { name: "Sign and set" }).click();
      await sign(patient, `I may lose at most ε ${cap} in all`, "Sign and set");
      await expect(patient.getByText(`My own cap: ε ${cap}.`)).toBeVisible();
      await patient.getByRole("button", { name: "Withdraw now" }).click();
      await sign(patient, "Answers that were handed over before stay", "Withdraw");
      await expect(patient.getByRole("heading", { name: "In force now: nobody may count you" })).toBeVisible();
      await patient.getByRole("button", { name: "Sign and set" }).click();
      await sign(patient, "My record may be counted for health research.", "Sign and set");
      await expect(patient.getByText("Your preference is set. It is in force now.")).toBeVisible();
    });

    let free = 0;
    // To the last hash, as the page rounds it.
    const credit = () => researcher.evaluate(async () => {
      const { token } = JSON.parse(sessionStorage.getItem("medmarket-session")!) as { token: string };
      const account = (await (await fetch("/v1/account", { headers: { Authorization: `Bearer ${token}` } })).json()) as { free: string };
      return Number(account.free);
    });
    await test.step("a researcher mines, and applies for a study", async () => {
      await importKey(researcher, tour().marketplace, "researcher");
      free = await credit();
      await open(researcher, "/researcher/studies", "My studies");
      await researcher.getByRole("link", { name: "Apply for another study" }).click();
      await researcher.getByLabel("Title or number of the protocol").fill(study);
      await researcher.getByLabel("Countries where it works").fill("GB");
      await researcher.getByLabel("Most privacy that all its questions").fill("1");
      await researcher.getByRole("button", { name: "File it" }).click();
      await sign(researcher, "at most ε 1.0 at St Ada Hospital, for ever", "Sign and file");
      await expect(researcher.getByRole("heading", { name: "Waits for the committee" })).toBeVisible();
    });

    await test.step("a committee asks back, and the researcher replies", async () => {
      await importKey(committee, tour().marketplace, "committee");
      await open(committee, "/committee/inbox", "Inbox");
      await committee.getByRole("link", { name: `Review ${study}` }).click();
      await committee.getByRole("radio", { name: "Ask the researchers" }).check();
      await committee.getByLabel("Your question").fill("Why by age?");
      await committee.getByRole("main").getByRole("button", { name: "Ask the researchers" }).click();
      await sign(committee, "Why by age?", "Ask");
      await expect(committee.getByText("Your question is with the researchers.")).toBeVisible();
      await open(researcher, "/researcher/studies", "My studies");
      await researcher.getByRole("link", { name: "Reply" }).click();
      await expect(researcher.getByText("The committee says: “Why by age?”")).toBeVisible();
      await researcher.getByLabel("Your reply").fill("Treatment depends on it.");
      await researcher.getByRole("main").getByRole("button", { name: "Reply" }).click();
      await sign(researcher, study, "Reply");
      await expect(researcher.getByText("Treatment depends on it.")).toBeVisible();
      await committee.getByRole("button", { name: "Show it" }).click(); // her page is told of it
      await expect(committee.getByText("Treatment depends on it.")).toBeVisible();
    });

    await test.step("the committee approves, by keyboard alone", async () => {
      await open(committee, "/committee/inbox", "Inbox");
      await reach(committee, `Review ${study}`);
      await committee.keyboard.press("Enter");
      await expect(committee.getByText("Treatment depends on it.")).toBeVisible();
      await reach(committee, "Approve"); // the choice
      await reach(committee, "Approve"); // the button
      await committee.keyboard.press("Enter");
      await expect(committee.getByRole("dialog")).toContainText("It may cause a privacy loss of at most ε 1.0");
      await reach(committee, "Approve");
      await committee.keyboard.press("Enter");
      await expect(committee.getByText("Your approval is on the chain.")).toBeVisible({ timeout: 60_000 });
    });

    await test.step("the researcher builds a cohort and sees what it would tell and cost", async () => {
      await until(researcher, "/researcher/ask", "Ask a question", () => expect(researcher.getByRole("combobox", { name: "Study" })).toContainText(study, { timeout: 1000 }));
      await researcher.getByRole("combobox", { name: "Study" }).selectOption({ label: study });
      await researcher.getByRole("button", { name: "Add records" }).click();
      await researcher.getByRole("combobox", { name: "Search diagnoses" }).fill("type 2 diab");
      await researcher.getByRole("option", { name: diabetes }).click();
      await researcher.getByRole("button", { name: "By age" }).click();
      await researcher.getByLabel("Or as exact as ±").fill("150");
      await researcher.getByLabel("Or as exact as ±").blur();
      await expect(researcher.getByText("±150 patients in each group")).toBeVisible();
      await expect(researcher.getByText("5 groups")).toBeVisible();
      await expect(researcher.getByText(/Enough for about \d+ question/)).toBeVisible();
      await expect(researcher.getByRole("img", { name: /The study’s, at St Ada Hospital: .* left, .* after/ })).toBeVisible();
      await accessible(researcher);
      // The slider asks for less noise, and the price follows.
      const credits = async () => Number(/([\d.]+) credits/.exec(await researcher.locator("#preview ~ div").first().innerText())?.[1]);
      const before = await credits();
      await researcher.getByLabel("Cheaper, or more exact").focus();
      for (let i = 0; i < 5; i++) await researcher.keyboard.press("ArrowRight");
      await expect.poll(credits).toBeGreaterThan(before);
    });

    await test.step("she asks, and takes the answer away", async () => {
      await researcher.getByRole("button", { name: "Ask this question" }).click();
      const dialog = researcher.getByRole("dialog");
      await expect(dialog).toContainText(`patients with at least 1 of [diagnoses of ${diabetes} or a kind of it], by age in bands from 0, 18, 40, 60 and 80?`);
      await expect(dialog).toContainText("Once it is charged nothing is refunded");
      await accessible(researcher);
      await dialog.getByRole("button", { name: "Sign and ask" }).click();
      await expect(researcher.getByRole("heading", { level: 1, name: "Answer" })).toBeVisible();
      await expect(researcher.locator(".chart svg")).toBeVisible();
      await expect(researcher.getByRole("table").getByRole("row")).toHaveCount(6);
      await expect(researcher.getByText("An interval covers the value after contribution bounding.")).toBeVisible();
      await accessible(researcher);
      const saving = researcher.waitForEvent("download");
      await researcher.getByRole("button", { name: "Save as CSV" }).click();
      const lines = (await readFile(await (await saving).path(), "utf8")).trim().split("\r\n");
      expect(lines[0]).toBe("Age,measure,number,value,low_95,high_95,note");
      expect(lines).toHaveLength(6);
      await researcher.getByText("Command", { exact: true }).click();
      await expect(researcher.getByText("medmarket query ask --network network.json")).toBeVisible();
      // The link opens it again, and the question goes back into the builder.
      await researcher.reload();
      await expect(researcher.locator(".chart svg")).toBeVisible();
      await researcher.getByRole("link", { name: "Change the question" }).click();
      await expect(researcher.getByRole("button", { name: "Ask this question" })).toBeEnabled();
    });

    await test.step("what she mined is hers", async () => {
      await mining.claimed;
      await open(researcher, "/miner/chain", "Chain");
      await expect(figure(researcher, "My blocks")).not.toContainText(/^0 of/);
      await expect.poll(credit).toBeGreaterThan(free);
      await open(researcher, "/miner/credits", "Credits");
      await expect(figure(researcher, "Free")).toContainText("credits");
    });

    await test.step("a steward lowers the dataset's limit, by keyboard alone", async () => {
      await importKey(steward, tour().hospital, "steward");
      await expect(steward.getByRole("navigation").getByRole("link", { name: "My preferences" })).toHaveCount(0);
      await open(steward, "/steward/dataset", "Dataset");
      await expect(steward.getByText("Budget left")).toBeVisible();
      await expect(steward.locator(".chart svg")).toHaveCount(1);
      await expect(steward.getByText("Its data may be used for health research.")).toBeVisible();
      await steward.getByText("What is released, and how finely").click();
      await accessible(steward);
      await reach(steward, "Of all questions that are ever asked");
      await steward.keyboard.press("Control+A");
      await steward.keyboard.type("2.1");
      await steward.keyboard.press("Enter");
      await expect(steward.getByRole("dialog")).toContainText("All questions that are ever asked: at most ε 2.10.");
      await steward.keyboard.press("Escape"); // she thinks again
      await expect(steward.getByRole("dialog")).toBeHidden();
      await steward.keyboard.press("Enter");
      await sign(steward, "everything else of the policy stays as it is", "Sign and set");
      await expect(steward.getByText("The limits are set.")).toBeVisible();
      await expect(steward.getByText("All questions that are ever asked: at most ε 2.10.")).toBeVisible();
    });

    await test.step("the committee follows the question, and revokes the study", async () => {
      await open(committee, "/committee/audit", "Live audit");
      await expect(committee.getByRole("cell", { name: study }).first()).toBeVisible();
      await open(committee, "/committee/inbox", "Inbox");
      await committee.getByRole("cell", { name: study }).getByRole("link").click();
      await committee.getByRole("radio", { name: "Revoke it" }).check();
      await committee.getByLabel("Why").fill("It has what it wanted.");
      await committee.getByRole("main").getByRole("button", { name: "Revoke it" }).click();
      await sign(committee, "This is for good", "Revoke it");
      await expect(committee.getByText("The study is revoked, once that is final on the chain.")).toBeVisible({ timeout: 60_000 });
      await until(researcher, "/researcher/ask", "Ask a question", () => expect(researcher.getByRole("main")).not.toContainText(study, { timeout: 1000 }));
    });

    await test.step("the patient sees what could have counted her, and verifies its receipt", async () => {
      await open(patient, "/patient/uses", "Who used my data");
      await expect(patient.getByRole("cell", { name: study })).toBeVisible();
      await open(patient, "/patient/receipts", "My receipts");
      await accessible(patient);
      const receipt = patient.getByRole("listitem").filter({ hasText: study });
      const saving = patient.waitForEvent("download");
      await receipt.getByRole("button", { name: "Save my proof" }).click();
      expect((await saving).suggestedFilename()).toMatch(/^my-consent-\d+\.json$/);
      await expect(patient.getByText("Your proof is saved")).toBeVisible();
      await receipt.getByRole("link", { name: "Check the receipt" }).click();
      await expect(patient.getByText("This receipt matches")).toBeVisible();
    });

    const shared = join(dir, "for-doctor");
    const fetched = () => run(["records", "fetch", "--json", "--network", network(), "--key", key("doctor"), "--out", join(dir, "records"), shared]);
    await test.step("the patient opens her records, and shares them with a doctor", async () => {
      const card = await run(["records", "card", "--key", key("doctor")]);
      await patient.goto(`${tour().hospital}/#/patient/records`);
      await expect(patient.getByRole("heading", { name: "Who may read them" })).toBeVisible();
      await patient.getByRole("button", { name: "Open my records" }).click();
      await patient.getByRole("dialog").getByLabel("Passphrase of patient").fill(passphrase); // she comes from another page
      await sign(patient, "That you looked stands in the list", "Sign and open");
      const opened = patient.getByRole("region", { name: "My records" }).getByRole("row");
      await expect(opened).not.toHaveCount(0);
      const saving = patient.waitForEvent("download");
      await opened.nth(1).getByRole("button", { name: "Save" }).click();
      expect(JSON.parse(await readFile(await (await saving).path(), "utf8"))).toMatchObject({ resourceType: "Bundle" });
      await patient.getByLabel("The doctor’s card").setInputFiles({ name: "doctor.json", mimeType: "application/json", buffer: Buffer.from(card) });
      await patient.getByLabel("Of care since").fill("2000-01");
      const sealing = patient.waitForEvent("download");
      await patient.getByRole("button", { name: "Sign and share" }).click();
      await sign(patient, "of care since 2000-01", "Sign and share");
      await (await sealing).saveAs(shared);
      await expect(patient.getByText("nobody else can open it")).toBeVisible();
      await accessible(patient);
    });

    await test.step("the doctor opens her history, and the patient sees it and keeps her out", async () => {
      const history = await fetched();
      const { records } = JSON.parse(history) as { records: object[] };
      expect(records.length).toBeGreaterThan(0);
      await doctor.goto(`${tour().hospital}/#/doctor/history`);
      await doctor.getByLabel("History", { exact: true }).setInputFiles({ name: "history.json", mimeType: "application/json", buffer: Buffer.from(history) });
      await expect(doctor.getByRole("row")).toHaveCount(Math.min(records.length, 50) + 1);
      await expect(doctor.locator(".chart svg")).toHaveCount(1);
      await accessible(doctor);
      await open(patient, "/patient/uses", "Who used my data");
      await open(patient, "/patient/records", "My records");
      await expect(patient.getByText(/^Read \d+ records?, and asked 1 time/)).toBeVisible();
      await patient.getByRole("button", { name: "Keep out" }).click();
      await sign(patient, "nothing of you, whatever access he has", "Keep him out");
      await expect(patient.getByText("You keep this reader out.")).toBeVisible();
      await expect(fetched()).rejects.toThrow("NO_ACCESS");
      await patient.getByRole("button", { name: "Let back" }).click();
      await sign(patient, "again what your accesses let him see", "Let him back");
      await expect(patient.getByText("may read again")).toBeVisible();
    });
  } finally {
    await stopped(mining.child);
    await rm(dir, { recursive: true, force: true });
  }
});
