import { defineConfig } from "@playwright/test";
import base from "./playwright.config";

// Photographs every screen into docs/screens: `make screens`.
export default defineConfig({ ...base, testDir: "screens", timeout: 180_000 });
