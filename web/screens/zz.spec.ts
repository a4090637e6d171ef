import { test } from "@playwright/test";
import { readFileSync } from "node:fs";
import { importKey, open, tour } from "../tests/fixtures";
const dist = new URL("../dist/", import.meta.url).pathname;
for (const [size, viewport] of Object.entries({ desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } }))
test(size, async ({ page }) => {
  await page.setViewportSize(viewport);
  await page.route("**/assets/**", (r) => { const f = new URL(r.request().url()).pathname; return r.fulfill({ body: readFileSync(dist + f.slice(1)), contentType: f.endsWith("css") ? "text/css" : f.endsWith("svg") ? "image/svg+xml" : "text/javascript" }); });
  await page.route(/\d+\/$/, (r) => r.fulfill({ body: readFileSync(dist + "index.html"), contentType: "text/html" }));
  await importKey(page, tour().marketplace, "committee");
  await open(page, "/committee/audit", "Live audit");
  await page.locator(".chart svg").waitFor();
  await page.screenshot({ path: `/tmp/we3-audit-${size}.png`, fullPage: true });
});
