// Reads views of the contracts with viem, an Ethereum client that is not ours; run by TestViem of ledger/eth.
// Input, as JSON on stdin: {url, reads: [{contract, address, view, args}]}. Output: what each view returned.
import { readFileSync } from "node:fs";
import { createPublicClient, http } from "viem";

const { url, reads } = JSON.parse(readFileSync(0, "utf8"));
const client = createPublicClient({ transport: http(url) });
const abis = {};
const answers = [];
for (const { contract, address, view, args } of reads) {
  abis[contract] ??= JSON.parse(readFileSync(new URL(`artifacts/${contract}.json`, import.meta.url), "utf8")).abi;
  answers.push(await client.readContract({ address, abi: abis[contract], functionName: view, args }));
}
// Integers of more than 48 bits come as bigint, which JSON does not know.
console.log(JSON.stringify(answers, (_, v) => (typeof v === "bigint" ? v.toString() : v)));
