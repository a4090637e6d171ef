import { expect, test } from "@playwright/test";
import { sha256, toHex, utf8 } from "../src/lib/bytes";
import { canonical } from "../src/lib/canonical";
import { capEpsilon, capOf, epsilon, nanoRhoOf } from "../src/lib/epsilon";
import { open, seal, sealingKey } from "../src/lib/hpke";
import { addressOf, checksummed, readKeyFile, signDigest, writeKeyFile } from "../src/lib/keys";
import { normalize, presets, same, toggle, words } from "../src/lib/preference";
import { termsHash } from "../src/lib/grant";
import { digest, document, grantChange, grantTerms, request, type TypedData } from "../src/lib/typeddata";

// What must be as it is in Go; the vectors are those of ledger/typeddata_test.go and RFC 8785.

const domain = { chainId: 20261124, genesis: toHex(sha256(utf8("genesis"))) };
const hash = toHex(sha256(utf8("document")));

test("digests are those of package ledger", () => {
  const of = (kind: string) => toHex(digest(domain, document(domain, kind, hash, 3, 1_800_000_000)));
  expect(of("ReleasePreference")).toBe("0xf19a8af435c1f39f48a86f3036965893f69991449e0ca2779318f8f1c0651c94");
  expect(of("DataGrant")).toBe("0x209afff81ddacfbb087f72bd05c222cf25adfe476b803bebc1aea09310f14bcd");
  expect(of("Ask")).toBe("0x29cf8a01ecd2340f3760d17d864e6c6f17272249370572d249e3393eb65e6e8c");
  const r = request(domain, {
    audience: `0x${"00".repeat(20)}`,
    method: "/medmarket.v1.AskService/Ask",
    bodyHash: hash,
    nonce: `0x09${"00".repeat(31)}`,
    issuedAtMs: 1_800_000_000_123,
  });
  expect(toHex(digest(domain, r))).toBe("0x1de658529c176fececc1b0941fa262bc632801516b67563d48f93c861c59dd3e");
});

test("what a committee signs is that of package ledger", () => {
  const study = { id: "x", protocol: "x", committee: "", researchers: [], sponsor_type: "", countries: [], purposes: [] };
  const terms = termsHash({
    ...study,
    datasets: [{ dataset: "general", nano_rho: 2 ** 63 }, { dataset: "st-ada", nano_rho: 5 }],
    period: { start: 100, end: 200 },
    review_by: 150,
    amends: `0x07${"00".repeat(31)}`,
  });
  expect(terms).toBe("0xc03eb44c4d8461eba92f2ca1b6c004d181487d322f90428ec4feed2208139159");
  const other = "0xf4e58ae2b66713cf84b180736638236b16e38e13a94c367b661df8fe6c3619e8";
  const of = (t: TypedData) => toHex(digest(domain, t));
  expect(of(grantTerms(domain, { documentHash: hash, revision: 1, expiry: 200, termsHash: other }))).toBe("0xb5daeb46cf156600894bf1a02a178deedcf95b54da25552747ea818c4902710e");
  const field = (name: string) => ({ name, type: "uint64" }) as const;
  expect(of(grantChange(domain, "GrantSuspension", hash, { field: field("suspensions"), value: "2" }))).toBe("0xf71b66afd50888ff3a342c638f7bbd0b290622da366295aaa5af8fe46d84d8a2");
  expect(of(grantChange(domain, "GrantReview", hash, { field: field("reviewBy"), value: "1800000000" }))).toBe("0x1f196b6382a718a9fda4e92a63b27ee28d0109b9547f8e89b8abd5f17ceb81d4");
  expect(of(grantChange(domain, "GrantRevocation", hash, undefined))).toBe("0xdc2d32548e5540e32be54eaaee9c22f912f2b02e5bb626f62a926731fa2c83ed");
});

test("the canonical form is that of RFC 8785", () => {
  const vector = {
    "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
    "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis",
  };
  expect(canonical(vector)).toBe(
    '{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":"Latin Small Letter O With Diaeresis",' +
      '"€":"Euro Sign","😀":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
  );
  expect(canonical([4.5, 2e-3, "\u000f<&>\"\\/", null, true, { b: undefined, a: [] }])).toBe('[4.5,0.002,"\\u000f<&>\\"\\\\/",null,true,{"a":[]}]');
  expect(() => canonical(2 ** 53)).toThrow();
});

test("addresses, key files and signatures are Ethereum's", () => {
  const secret = readKeyFile(`${"00".repeat(31)}01\n`);
  expect(addressOf(secret)).toBe("0x7e5f4552091a69125d5dfcb7b8c2659029395bdf");
  expect(checksummed(addressOf(secret))).toBe("0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf");
  expect(readKeyFile(writeKeyFile(secret))).toEqual(secret);
  for (const bad of ["", "0x01", "zz".repeat(32), "00".repeat(32), "ff".repeat(32)]) expect(() => readKeyFile(bad)).toThrow();
  const signature = signDigest(secret, sha256(utf8("m")));
  expect(signature).toHaveLength(65);
  expect([27, 28]).toContain(signature[64]);
});

test("losses are those of dp/accountant, and a cap comes back", () => {
  // 0.6159… and 2.1354… are what the demo says of its policy's limits, at delta 1e-6.
  expect(epsilon(10_000_000)).toBeCloseTo(0.62, 2);
  expect(epsilon(100_000_000)).toBeCloseTo(2.14, 2);
  expect(epsilon(0)).toBe(0);
  for (const e of [0.01, 0.5, 1, 8]) {
    const n = nanoRhoOf(e);
    expect(epsilon(n)).toBeLessThanOrEqual(e);
    expect(epsilon(n + Math.max(1, n * 1e-6))).toBeGreaterThan(e - 1e-9);
    expect(capEpsilon(capOf(e))).toBeLessThanOrEqual(e);
  }
});

test("a preference has one form, and the words of what it says", () => {
  const all = presets.find((p) => p.id === "any-health-research")!.make();
  const shuffled = { ...all, recipient_types: [...all.recipient_types].reverse(), categories: [...all.categories].reverse() };
  expect(canonical(normalize(shuffled) as never)).toBe(canonical(normalize(all) as never));
  const off = toggle(toggle(all, "academic", "death"), "academic", "visits");
  expect(off.provisions).toEqual([{ actor: ["academic"], category: ["death", "visits"] }]);
  expect(words(off).at(-1)).toBe("But not by universities, of death and its cause and visits.");
  expect(same(toggle(toggle(off, "academic", "death"), "academic", "visits"), all)).toBe(true);
  expect(words({ ...all, status: "withdrawn" })).toEqual(["I have withdrawn my permission: nobody may count my record."]);
  expect(words(presets.find((p) => p.id === "nothing")!.make())).toEqual(["Nobody may count my record."]);
});

test("what is sealed opens with its key and for its purpose alone", async () => {
  const [mine, other] = [sealingKey(), sealingKey()];
  const sealed = await seal(mine.key, "test", utf8("for one"));
  expect(Buffer.from(await open(mine.secret, "test", sealed)).toString()).toBe("for one");
  await expect(open(mine.secret, "another", sealed)).rejects.toThrow();
  await expect(open(other.secret, "test", sealed)).rejects.toThrow();
  sealed[40]! ^= 1;
  await expect(open(mine.secret, "test", sealed)).rejects.toThrow();
});
