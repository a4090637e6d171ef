// Fails if what a browser loads for a first screen, gzipped, is 200 kB or more: of dist (or the folder that is named), the page, what it
// refers to, all that these import in turn, and the largest of the first screens.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const most = 200_000; // bytes
const dist = process.argv[2] ?? "dist";
const read = (name) => readFileSync(join(dist, name));
const imports = (name) => (name.endsWith(".js") ? [...read(name).toString().matchAll(/(?:from|import)\s*["']\.\/([^"']+)["']/g)].map((m) => `assets/${m[1]}`) : []);

function loaded(names, all = new Set()) {
  for (const name of names) {
    if (all.has(name)) continue;
    all.add(name);
    loaded(imports(name), all);
  }
  return all;
}

const page = [...read("index.html").toString().matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map((m) => m[1]);
const screens = readdirSync(join(dist, "assets")).filter((f) => /^(Welcome|SignIn|Keys)-.*\.js$/.test(f));
if (page.length === 0 || screens.length < 4) throw new Error("first-screen: the build is not laid out as it was");
const sizes = screens.map((screen) => [...loaded([...page, `assets/${screen}`])].reduce((sum, f) => sum + gzipSync(read(f)).length, gzipSync(read("index.html")).length));
const size = Math.max(...sizes);
console.log(`first screen: ${(size / 1000).toFixed(1)} kB gzipped of ${most / 1000}`);
if (size >= most) process.exit(1);
