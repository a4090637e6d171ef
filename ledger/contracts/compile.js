// Compiles src/*.sol and writes artifacts/<Contract>.json: ABI, creation bytecode and storage layout.
// Run by generate.sh. The same sources and package-lock.json give the same bytes.
const crypto = require("crypto");
const fs = require("fs");
const path = require("path");
const solc = require("solc");

const src = path.join(__dirname, "src");
const out = path.join(__dirname, "artifacts");
const deployed = ["Registry", "WorkBudget", "Grants", "Anchors"];

const sources = {};
const sum = crypto.createHash("sha256"); // of all sources, in order: shows stale artifacts
for (const file of fs.readdirSync(src).filter((f) => f.endsWith(".sol")).sort()) {
  sources[file] = { content: fs.readFileSync(path.join(src, file), "utf8") };
  sum.update(file + "\0" + sources[file].content + "\0");
}
const sourceHash = sum.digest("hex");
const result = JSON.parse(
  solc.compile(
    JSON.stringify({
      language: "Solidity",
      sources,
      settings: {
        evmVersion: "osaka",
        optimizer: { enabled: true, runs: 10000 },
        metadata: { appendCBOR: false, bytecodeHash: "none" },
        outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "storageLayout"] } },
      },
    }),
  ),
);
const problems = result.errors || [];
for (const p of problems) console.error(p.formattedMessage);
if (problems.length > 0) process.exit(1);

fs.mkdirSync(out, { recursive: true });
for (const name of deployed) {
  const c = result.contracts[name + ".sol"][name];
  const artifact = {
    compiler: solc.version(),
    sources: sourceHash,
    abi: c.abi,
    bytecode: "0x" + c.evm.bytecode.object,
    // astId and type numbers count across all sources; what matters is who sits in which slot.
    storage: c.storageLayout.storage.map(({ label, slot, offset }) => ({ label, slot, offset })),
  };
  fs.writeFileSync(path.join(out, name + ".json"), JSON.stringify(artifact, null, 1) + "\n");
}
