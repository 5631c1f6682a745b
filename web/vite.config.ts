import { defineConfig } from "vite";

/** `build.rs` writes elsewhere than `dist` (`--outDir`). A running `atlante demo` answers the API in development. */
export default defineConfig({
  base: "./",
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: Object.fromEntries(
      ["/api", "/tiles", "/styles"].map((path) => [path, "http://127.0.0.1:8080"]),
    ),
  },
});
