import { defineConfig, type HtmlTagDescriptor, type Plugin } from "vite";

/** Asks the browser for the map library and the fonts while it still reads the page. */
const early: Plugin = {
  name: "atlante-early",
  apply: "build",
  transformIndexHtml: {
    order: "post",
    handler(_html, { bundle = {} }) {
      const link = (attrs: Record<string, string | boolean>): HtmlTagDescriptor => ({ tag: "link", attrs, injectTo: "head" });
      return Object.values(bundle).flatMap((file) => {
        const href = `./${file.fileName}`;
        if (file.type === "chunk" && file.name === "view") return [link({ rel: "modulepreload", href })];
        if (/-(regular|600)-[^/]*\.woff2$/.test(file.fileName)) return [link({ rel: "preload", as: "font", type: "font/woff2", crossorigin: true, href })];
        return [];
      });
    },
  },
};

/** `build.rs` writes elsewhere than `dist` (`--outDir`). A running `atlante demo` answers the API in development. */
export default defineConfig({
  base: "./",
  plugins: [early],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
    modulePreload: { polyfill: false },
  },
  css: {
    preprocessorOptions: {
      // Bootstrap Italia still speaks Sass's older dialect.
      scss: { loadPaths: ["node_modules"], quietDeps: true, silenceDeprecations: ["import"] },
    },
  },
  server: {
    proxy: Object.fromEntries(["/api", "/tiles", "/styles", "/ogc", "/events"].map((path) => [path, process.env.ATLANTE_URL ?? "http://127.0.0.1:8080"])),
  },
});
