import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

// The build writes web/dist, which is committed and embedded in the binary: the same sources and lock file give the
// same bytes. Nothing is inlined, since the pages' policy (see handler.go) lets nothing inline in.
export default defineConfig({
  plugins: [svelte()],
  base: "/",
  publicDir: false,
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    cssCodeSplit: true,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    sourcemap: false,
    emptyOutDir: true,
  },
});
