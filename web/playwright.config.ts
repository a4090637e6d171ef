import { defineConfig } from "@playwright/test";

// One demo for all tests, in order: each leaves the persons as the next ones expect them to be, see tests/fixtures.ts.
export default defineConfig({
  testDir: "tests",
  outputDir: "../build/.web-tests", // with a dot: what reads ./... meanwhile passes it over
  globalSetup: "./tests/setup.ts",
  fullyParallel: false,
  workers: 1,
  timeout: 180_000, // a machine may have other work
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    headless: true,
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox", // it may run as root, in a container
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
    locale: "en-GB",
    timezoneId: "UTC",
    screenshot: "only-on-failure",
  },
});
