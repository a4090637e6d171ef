import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

// The demo that the pages are tried against: hospital, marketplace and chain in one process, made anew for each run
// and kept serving. MEDMARKET_DEMO_LOG names the output of one that is serving already.

export interface Demo {
  hospital: string;
  marketplace: string;
  /** Folder with the key files of the tour. */
  keys: string;
  /** Code of a patient who has no key yet. */
  code: string;
}

const root = new URL("../../", import.meta.url).pathname;
const patience = 300_000; // milliseconds until the story is told

function parse(out: string): Demo | undefined {
  if (!out.includes("Ctrl-C stops.")) return undefined;
  const first = (re: RegExp) => re.exec(out)?.[1] ?? "";
  return {
    hospital: first(/patient {6}(http\S+?)\/#/),
    marketplace: first(/researcher {3}(http\S+?)\/#/),
    keys: first(/researcher {3}\S+ +(\S+)\/researcher\.key/),
    code: first(/enter the code (\S+)/),
  };
}

let child: ChildProcess | undefined;
let dir = "";

export async function start(): Promise<Demo> {
  if (process.env.MEDMARKET_DEMO_LOG) {
    const demo = parse(await readFile(process.env.MEDMARKET_DEMO_LOG, "utf8"));
    if (!demo) throw new Error("MEDMARKET_DEMO_LOG: the demo is not serving yet");
    return demo;
  }
  dir = await mkdtemp(join(tmpdir(), "medmarket-pages-"));
  const running = spawn(join(root, "bin/medmarket"), ["demo", "--dir", join(dir, "demo"), "--patients", "2000"], { stdio: ["ignore", "pipe", "pipe"] });
  child = running;
  return await new Promise<Demo>((resolve, reject) => {
    let out = "";
    const late = setTimeout(() => reject(new Error(`the demo did not come to its end:\n${out}`)), patience);
    const hear = (chunk: Buffer) => {
      out += chunk.toString();
      const demo = parse(out);
      if (!demo) return;
      clearTimeout(late);
      resolve(demo);
    };
    running.stdout.on("data", hear);
    running.stderr.on("data", hear);
    running.on("exit", (code) => {
      clearTimeout(late);
      reject(new Error(`the demo ended with ${code}:\n${out}`));
    });
  });
}

export async function stop(): Promise<void> {
  const running = child;
  if (running && running.exitCode === null) {
    const ended = new Promise((resolve) => running.on("exit", resolve));
    running.kill("SIGINT");
    await ended;
  }
  if (dir) await rm(dir, { recursive: true, force: true });
}
