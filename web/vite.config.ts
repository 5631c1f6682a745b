import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { defineConfig, type HtmlTagDescriptor, type Plugin } from "vite";

/** Asks the browser for the map library and the fonts while it still reads the page. */
const early: Plugin = {
  name: "atlante-early",
  apply: "build",
  transformIndexHtml: {
    order: "post",
    handler(_html, { bundle = {}, filename }) {
      // The crew's page draws no map.
      if (!filename.endsWith("index.html")) return [];
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

/** The crew's service worker: it keeps the files of the crew's page, so it is written when their names are known. */
const crew: Plugin = {
  name: "atlante-crew",
  apply: "build",
  enforce: "post",
  generateBundle(_options, bundle) {
    const files = new Set<string>();
    const gather = (name: string): void => {
      const file = bundle[name];
      if (file?.type !== "chunk" || files.has(name)) return;
      files.add(name);
      file.viteMetadata?.importedCss.forEach((css) => files.add(css));
      file.viteMetadata?.importedAssets.forEach((asset) => files.add(asset));
      file.imports.forEach(gather);
    };
    Object.values(bundle).forEach((file) => file.type === "chunk" && file.facadeModuleId?.endsWith("crew.html") && gather(file.fileName));
    const page = bundle["crew.html"];
    if (files.size === 0 || page?.type !== "asset") this.error("the crew's page was not built");
    // Every file that the page itself names, its sign too.
    for (const [, name] of String(page.source).matchAll(/(?:src|href)="\.\/([^"]+)"/g)) files.add(name!);
    const shell = ["/crew", ...[...files].sort().map((name) => `/${name}`)];
    const version = createHash("sha256").update(String(page.source)).update(shell.join("\n")).digest("hex").slice(0, 12);
    const source = readFileSync("src/crew/sw.js", "utf8").replace("__SHELL__", JSON.stringify(shell)).replace("__VERSION__", version);
    this.emitFile({ type: "asset", fileName: "crew/sw.js", source });
  },
};

/** `build.rs` writes elsewhere than `dist` (`--outDir`). A running `atlante demo` answers the API in development. */
export default defineConfig({
  base: "./",
  plugins: [early, crew],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
    modulePreload: { polyfill: false },
    rollupOptions: { input: ["index.html", "crew.html"] },
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
