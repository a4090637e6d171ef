import { readFile } from "node:fs/promises";
import { accessible, expect, importKey, open, passphrase, reach, sign, test, tour } from "./fixtures";

const hospital = () => tour().hospital;

test("a patient sees who used her data, and what it may have cost", async ({ page }) => {
  await importKey(page, hospital(), "patient");
  await open(page, "/patient/uses", "Who used my data");
  await expect(page.getByRole("cell", { name: "Diabetes by age and sex" }).first()).toBeVisible();
  await expect(page.getByRole("cell", { name: "health research" }).first()).toBeVisible();
  await expect(page.getByRole("cell", { name: "Type 2 diabetes mellitus" }).first()).toBeVisible(); // and no number of it
  await expect(page.getByText("Loss of privacy, at most")).toBeVisible();
  await expect(page.locator(".chart svg")).toHaveCount(2);
  await accessible(page);
});

test("a patient changes her preferences, withdraws, and permits again", async ({ page }) => {
  await importKey(page, hospital(), "patient");
  await open(page, "/patient/preferences", "My preferences");
  await expect(page.getByRole("heading", { name: "In force now: you may be counted" })).toBeVisible();
  await accessible(page);

  // Her own choice: no companies, no medication for charities, a cap.
  await page.getByText("My own choice").click();
  await page.getByLabel("Companies").check();
  await page.getByRole("button", { name: "Medication, Charities" }).click();
  await expect(page.getByText("But not by charities, of medication.").last()).toBeVisible();
  await page.getByLabel("Set a cap of my own").check();
  await page.getByLabel("Cap, in ε").fill("2");
  await accessible(page);
  await page.getByRole("button", { name: "Sign and set" }).click();
  await accessible(page);
  await sign(page, "I may lose at most ε 2 in all", "Sign and set");
  await expect(page.getByText("Your preference is set. It is in force now.")).toBeVisible();
  await expect(page.getByText("My own cap: ε 2.", { exact: true })).toBeVisible();
  // A little more is another cap.
  await page.getByLabel("Cap, in ε").fill("2.001");
  await page.getByRole("button", { name: "Sign and set" }).click();
  await sign(page, "I may lose at most ε 2.001 in all", "Sign and set");
  await expect(page.getByText("My own cap: ε 2.001.", { exact: true })).toBeVisible();

  await page.getByRole("button", { name: "Withdraw now" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("heading", { name: "In force now: you may be counted" })).toBeVisible();
  await page.getByRole("button", { name: "Withdraw now" }).click();
  await sign(page, "Answers that were handed over before stay", "Withdraw");
  await expect(page.getByRole("heading", { name: "In force now: nobody may count you" })).toBeVisible();
  await accessible(page);

  // The key is locked after a reload: reading goes on, signing asks for the passphrase.
  await page.reload();
  await expect(page.getByRole("heading", { name: "In force now: nobody may count you" })).toBeVisible();
  await page.getByRole("radio", { name: "Health research By" }).check();
  await page.getByRole("button", { name: "Sign and set" }).click();
  await page.getByRole("dialog").getByLabel("Passphrase of patient").fill(passphrase);
  await sign(page, "My record may be counted for health research.", "Sign and set");
  await expect(page.getByText("Your preference is set. It is in force now.")).toBeVisible();
});

test("a cap that is split over hospitals stays her share, unless she says otherwise", async ({ page }) => {
  const total = { nano_rho: 40_000_000, delta: 2 ** 42 };
  const share = { nano_rho: 20_000_000, delta: 2 ** 42 };
  const shares = ["a1", "b2"].map((h) => ({ hospital: `0x${h.repeat(20)}`, cap: share }));
  const salt = `0x${"07".repeat(32)}`;
  // As if she had signed `medmarket prefer split`: the demo has one hospital.
  await page.route("**/v1/preference", async (route) => {
    const answer = await route.fetch();
    const body = (await answer.json()) as { preference: { content: string }; own_cap?: object };
    const said = JSON.parse(Buffer.from(body.preference.content, "base64").toString()) as { preference: object };
    said.preference = { ...said.preference, own_cap: share, cap_split: { total, shares }, cap_salt: salt };
    body.preference.content = Buffer.from(JSON.stringify(said)).toString("base64");
    body.own_cap = { nano_rho: String(share.nano_rho), delta: String(share.delta) };
    await route.fulfill({ response: answer, json: body });
  });
  const signed: { own_cap?: object; cap_split?: object; cap_salt?: string }[] = [];
  await page.route("**/v1/preferences", (route) => {
    const { preferences } = route.request().postDataJSON() as { preferences: { content: string }[] };
    signed.push((JSON.parse(Buffer.from(preferences[0]!.content, "base64").toString()) as { preference: object }).preference);
    return route.fulfill({ json: { as_of: "1" } });
  });
  await importKey(page, hospital(), "patient");
  await open(page, "/patient/preferences", "My preferences");
  await expect(page.getByText("It is this hospital’s share of one cap over 2 hospitals.")).toBeVisible();
  await page.getByLabel("Only the census").check();
  await page.getByRole("button", { name: "Sign and set" }).click();
  await sign(page, "It stays this hospital's share of my one cap, ε 1.344 over 2 hospitals.", "Sign and set");
  await expect(page.getByText("Your preference is set.")).toBeVisible();
  expect(signed[0]).toMatchObject({ own_cap: share, cap_split: { total, shares }, cap_salt: salt });

  await page.getByLabel("Cap, in ε").fill("0.5");
  await page.getByRole("button", { name: "Sign and set" }).click();
  await accessible(page);
  await sign(page, "It is no share of my one cap, ε 1.344 over 2 hospitals, any more. At the others nothing changes.", "Sign and set");
  await expect.poll(() => signed.length).toBe(2);
  expect(signed[1]).not.toHaveProperty("cap_split");
  expect(signed[1]).not.toHaveProperty("cap_salt");
  await page.unrouteAll({ behavior: "ignoreErrors" });
});

test("a session that is about to end is renewed while the key is open", async ({ page }) => {
  let opened = 0;
  await page.route("**/v1/sessions", async (route) => {
    const answer = await route.fetch();
    const body = (await answer.json()) as { expires_at: string };
    opened++;
    // As if the first one ended in half a minute.
    await route.fulfill({ response: answer, json: opened === 1 ? { ...body, expires_at: String(Math.floor(Date.now() / 1000) + 30) } : body });
  });
  await importKey(page, hospital(), "patient");
  expect(opened).toBe(1);
  await open(page, "/patient/uses", "Who used my data");
  expect(opened).toBe(2);
  await open(page, "/patient/receipts", "My receipts");
  expect(opened).toBe(2);
});

test("a patient withdraws and permits again by keyboard alone", async ({ page }) => {
  await importKey(page, hospital(), "patient");
  await open(page, "/patient/uses", "Who used my data");
  await reach(page, "Withdraw now");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toContainText("Withdraw my permission");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(page.getByText("You permit to be counted.")).toBeVisible();
  await page.keyboard.press("Enter"); // the focus is back where it was
  await reach(page, "Cancel"); // by its button likewise
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toBeHidden();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toBeVisible(); // the page's own button begins with the same word
  await reach(page, "Withdraw");
  await page.keyboard.press("Enter");
  await expect(page.getByText("You have withdrawn. No answer")).toBeVisible();
  await reach(page, "See or change my preferences");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "My preferences" })).toBeVisible();
  await reach(page, "Sign and set");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toContainText("My record may be counted for health research.");
  await reach(page, "Sign and set");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Your preference is set. It is in force now.")).toBeVisible();
});

test("a patient takes her preference along as a FHIR Consent, and brings it back", async ({ page }) => {
  await importKey(page, hospital(), "patient");
  await open(page, "/patient/preferences", "My preferences");
  const inForce = page.getByRole("region", { name: "In force now" }).locator(".words");
  const said = await inForce.innerText();
  expect(said).toContain("health research");
  const files: Record<string, string> = {};
  await page.getByText("As a FHIR Consent").click();
  for (const release of ["R4", "R5"]) {
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: `Save as FHIR Consent (${release})` }).click();
    files[release] = await (await download).path();
  }
  expect(JSON.parse(await readFile(files.R4!, "utf8"))).toHaveProperty("scope");
  expect(JSON.parse(await readFile(files.R5!, "utf8"))).toHaveProperty("decision", "permit");

  // As it was saved it says the same, which is in force already.
  const bring = async (content: string) => {
    await page.getByLabel("Bring a FHIR Consent").setInputFiles({ name: "consent.json", mimeType: "application/json", buffer: Buffer.from(content) });
    await page.getByRole("button", { name: "Read it" }).click();
  };
  const says = page.getByRole("status").locator(".words");
  for (const release of ["R4", "R5"]) {
    await bring(await readFile(files[release]!, "utf8"));
    await expect(says).toHaveText(said, { useInnerText: true });
    await expect(page.getByRole("button", { name: "This is in force already" })).toBeDisabled();
  }
  await accessible(page);

  // After another choice it is hers to sign again.
  await page.getByLabel("Only the census").check();
  await page.getByRole("button", { name: "Sign and set" }).click();
  await sign(page, "sex, age and origin in wide groups", "Sign and set");
  await expect(inForce).not.toHaveText(said, { useInnerText: true });
  await page.getByText("As a FHIR Consent").click();
  await bring(await readFile(files.R4!, "utf8"));
  await expect(says).toHaveText(said, { useInnerText: true });
  await expect(inForce).toContainText("sex, age and origin in wide groups"); // reading sets nothing
  await page.getByRole("button", { name: "Sign and set" }).click();
  await sign(page, "My record may be counted for health research.", "Sign and set");
  await expect(inForce).toHaveText(said, { useInnerText: true });
});

test.describe("a FHIR Consent that cannot be said exactly", () => {
  test.use({ refusals: [400] });

  test("is refused by name, and one that leaves something open is read beside her choice", async ({ page }) => {
    await importKey(page, hospital(), "patient");
    await open(page, "/patient/preferences", "My preferences");
    await page.getByText("As a FHIR Consent").click();
    const about = { resourceType: "Consent", status: "active", category: [{ coding: [{ system: "http://loinc.org", code: "59284-0" }] }] };
    const bring = async (rest: object) => {
      await page.getByLabel("Bring a FHIR Consent").setInputFiles({ name: "consent.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify({ ...about, ...rest })) });
      await page.getByRole("button", { name: "Read it" }).click();
    };
    const refused = page.getByRole("alert");
    await bring({ decision: "deny", provision: [{ provision: [{}] }] });
    await expect(refused).toContainText("Consent.provision[0].provision");
    await expect(refused).toContainText("Nothing was set.");
    await expect(page.getByRole("button", { name: "This is in force already" })).toBeDisabled();
    await accessible(page);

    await bring({ decision: "permit" });
    await expect(refused.getByRole("listitem").filter({ hasText: "in which countries" })).toBeVisible();
    await page.getByLabel("Only the census").check();
    await page.getByLabel("Where it leaves something open").check();
    await page.getByRole("button", { name: "Read it" }).click();
    await expect(page.getByRole("status")).toContainText("sex, age and origin in wide groups");
    await expect(refused).toHaveCount(0);
    await bring({ decision: "deny" }); // which leaves nothing open
    await expect(page.getByRole("status")).toContainText("Nobody may count my record.");
    await expect(page.getByRole("button", { name: "Sign and set" })).toBeEnabled();
  });
});

test.describe("a new patient", () => {
  test.use({ refusals: [403, 404] });

  test("binds a key by her code and says what may be released", async ({ page }) => {
    await page.goto(`${hospital()}/#/keys`);
    await page.getByLabel("What you call it").fill("Newcomer");
    await page.getByLabel("Passphrase, at least").fill(passphrase);
    await page.getByRole("button", { name: "Make it" }).click();
    await expect(page.getByText("you are signed in with it")).toBeVisible();
    await page.getByRole("link", { name: "Who used my data" }).first().click();
    await page.getByRole("main").getByRole("link", { name: "Enter my code" }).click();
    await accessible(page);

    await page.getByLabel("Code").fill("AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AAAA");
    await page.getByRole("button", { name: "Bind this key" }).click();
    await sign(page, "gave this code", "Bind this key");
    await expect(page.getByText("The code was not accepted")).toBeVisible();
    await page.getByLabel("Code").fill(tour().code);
    await page.getByRole("button", { name: "Bind this key" }).click();
    await sign(page, "gave this code", "Bind this key");
    await page.getByRole("link", { name: "Say what may be released" }).click();
    await expect(page.getByText("Said by: hospital, paper.")).toBeVisible(); // she had told it on paper
    await page.getByLabel("Only the census").check();
    await page.getByRole("button", { name: "Sign and set" }).click();
    await sign(page, "sex, age and origin in wide groups", "Sign and set");
    await expect(page.getByText("Your preference is set.")).toBeVisible();
  });
});

test.describe("a wallet", () => {
  // What a wallet injects, for the tests: it signs what it is asked to, with the key of the tour's patient.
  test("signs in and signs a preference", async ({ page }) => {
    const { addressOf, signDigest, readKeyFile } = await import("../src/lib/keys");
    const { digest, personalDigest } = await import("../src/lib/typeddata");
    const { toHex } = await import("../src/lib/bytes");
    const secret = readKeyFile(await readFile(`${tour().keys}/patient.key`, "utf8"));
    await page.exposeFunction("walletSigns", (method: string, params: string[]) => {
      if (method === "eth_requestAccounts") return [addressOf(secret)];
      if (method === "personal_sign") return toHex(signDigest(secret, personalDigest(params[0]!)));
      const t = JSON.parse(params[1]!);
      const domain = { chainId: t.domain.chainId, genesis: t.message.genesisHash };
      return toHex(signDigest(secret, digest(domain, { primaryType: t.primaryType, fields: t.types[t.primaryType], message: t.message })));
    });
    await page.addInitScript(() => {
      const w = window as unknown as { ethereum: unknown; walletSigns(m: string, p: unknown): Promise<unknown> };
      w.ethereum = { request: (call: { method: string; params?: unknown[] }) => w.walletSigns(call.method, call.params ?? []) };
    });
    await page.goto(`${hospital()}/#/sign-in`);
    await page.getByRole("button", { name: "Sign in with my wallet" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Who used my data" })).toBeVisible();
    await open(page, "/patient/preferences", "My preferences");
    await page.getByLabel("Only the census").check();
    await page.getByRole("button", { name: "Sign and set" }).click();
    await sign(page, "Nothing that the hospital has marked as sensitive.", "Sign and set");
    await expect(page.getByText("Your preference is set.")).toBeVisible();
    await page.getByRole("radio", { name: "Health research By" }).check();
    await page.getByRole("button", { name: "Sign and set" }).click();
    await sign(page, "My record may be counted for health research.", "Sign and set");
    await expect(page.getByText("Your preference is set.")).toBeVisible();
  });
});
