// What the browser tests share: a quiet Chromium, a page that tells on itself, checks that count.
import { createRequire } from "node:module";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Packages of the page, for its tests. */
export const need = createRequire(new URL("../../web/package.json", import.meta.url));
const { chromium } = need("playwright-core");
const AXE = readFileSync(need.resolve("axe-core/axe.min.js"), "utf8");

const FLAGS = [
  "--no-sandbox",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Counts what holds and what does not; a check that throws has failed and the next one runs. */
export class Checks {
  passed = 0;
  failed = 0;

  async check(name, run) {
    try {
      await run();
      this.passed += 1;
      console.log(`ok   ${name}`);
    } catch (error) {
      this.failed += 1;
      console.log(`FAIL ${name}: ${String(error.message ?? error).split("\n").slice(0, 6).join("\n     ")}`);
    }
  }
}

export function equal(found, wanted, what) {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`${what}: ${a} is shown, ${b} was expected`);
}

export function truly(condition, what) {
  if (!condition) throw new Error(what);
}

/** A Chromium with an empty profile; `close` takes the profile away. */
export async function browse() {
  const profile = mkdtempSync(join(tmpdir(), "atlante-browser-"));
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: FLAGS,
    locale: "it-IT",
    viewport: { width: 1440, height: 900 },
    acceptDownloads: true,
  });
  const close = async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  };
  return { context, close };
}

/** A page that keeps a list of what it should not have done. */
export async function watchedPage(context, origin, faults) {
  const page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error" && !faults.expected?.test(message.text())) faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`page: ${error.message}`));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (["http:", "https:", "ws:", "wss:"].includes(url.protocol) && url.origin !== origin) faults.push(`left the origin: ${url}`);
  });
  return page;
}

/** Asks the page again and again: a predicate that polls inside it would need `eval`, which the page forbids. */
export async function until(page, what, predicate, argument, seconds = 45) {
  for (const end = Date.now() + 1_000 * seconds; Date.now() < end; ) {
    if (await page.evaluate(predicate, argument)) return;
    await page.waitForTimeout(50);
  }
  throw new Error(`${what}: it did not happen in ${seconds} s`);
}

/** Waits until the map has drawn everything it asked for. */
export async function mapIdle(page) {
  await page.waitForSelector('#stage[aria-busy="false"]', { timeout: 30_000 });
  await page.waitForSelector("#legend table.classes", { timeout: 30_000 });
  await page.waitForTimeout(250);
  await page.waitForSelector('#stage[aria-busy="false"]', { timeout: 30_000 });
}

/** No violation of WCAG 2.1 A and AA, nor of good practice. */
export async function accessible(page, where) {
  // Not by a script element: the page's own security policy stays in force.
  await page.evaluate(AXE);
  const violations = await page.evaluate(async () => {
    const result = await globalThis.axe.run(document, { rules: { "color-contrast": { enabled: true } } });
    return result.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).slice(0, 4).join(" | ")}`);
  });
  truly(violations.length === 0, `axe-core, ${where}: ${violations.join("; ")}`);
}

const mercator = (lat) => (1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2;

/** Where a place is on the screen, from the view that the address bar tells. */
export async function project(page, [lon, lat]) {
  const view = new URL(page.url()).hash.match(/view=([-\d.]+),([-\d.]+),([\d.]+)/);
  truly(view, `the address has no view: ${page.url()}`);
  const [clon, clat, zoom] = view.slice(1).map(Number);
  const box = await page.locator("#map canvas").boundingBox();
  const size = 512 * 2 ** zoom;
  const x = box.x + box.width / 2 + ((lon - clon) / 360) * size;
  const y = box.y + box.height / 2 + (mercator(lat) - mercator(clat)) * size;
  const inside = x > box.x + 30 && x < box.x + box.width - 80 && y > box.y + 30 && y < box.y + box.height - 60;
  return { x, y, inside };
}

/** Italian numbers, written a second time so that the page's own formatter is judged. */
export function shown({ unit, decimals }, value) {
  if (value === null || value === undefined) return "–";
  const style = { minimumFractionDigits: decimals, maximumFractionDigits: decimals, useGrouping: "always" };
  return value.toLocaleString("it-IT", unit === "share" ? { ...style, style: "percent" } : style);
}
