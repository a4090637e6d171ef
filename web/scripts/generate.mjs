// Writes what src/ has from elsewhere in the repository: the types of the two REST servers from their OpenAPI
// documents, and the words of refusals from docs/errors.md. What it writes is not committed: it is made before each build.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import openapi, { astToString } from "openapi-typescript";

const root = new URL("../../", import.meta.url);
const out = new URL("../src/lib/generated/", import.meta.url);
const banner = "// Written by scripts/generate.mjs (npm run generate). Do not edit.\n";

async function api(name) {
  const ast = await openapi(new URL(`marketplace/server/openapi/${name}.json`, root), { silent: true });
  return `${banner}\n${astToString(ast)}`;
}

// rows reads the table of a Markdown file that begins with a heading's columns.
function rows(text, first) {
  const lines = text.split("\n");
  const from = lines.findIndex((line) => line.startsWith(`| ${first} |`));
  if (from < 0) throw new Error(`docs/errors.md has no table that begins with ${first}`);
  const table = [];
  for (const line of lines.slice(from + 2)) {
    if (!line.startsWith("|")) break;
    table.push(line.slice(1, -1).split(" | ").map((cell) => cell.trim()));
  }
  return table;
}

const bare = (code) => code.replaceAll("`", "");

async function reasons() {
  const text = await readFile(new URL("docs/errors.md", root), "utf8");
  const errors = Object.fromEntries(rows(text, "reason").map((r) => [bare(r[0]), r[4]]));
  const refusals = Object.fromEntries(rows(text, "code").map((r) => [bare(r[0]), { meaning: r[1], next: r[2] }]));
  return `${banner}
/** What to do about an error of the API, by its reason (docs/errors.md). */
export const errors: Record<string, string> = ${JSON.stringify(errors, null, 2)};

/** Why a question is refused, by code, and what to do (docs/errors.md). */
export const refusals: Record<string, { meaning: string; next: string }> = ${JSON.stringify(refusals, null, 2)};
`;
}

const files = { "marketplace.ts": await api("marketplace"), "hospital.ts": await api("hospital"), "reasons.ts": await reasons() };
await mkdir(out, { recursive: true });
for (const [name, content] of Object.entries(files)) await writeFile(new URL(name, out), content);
