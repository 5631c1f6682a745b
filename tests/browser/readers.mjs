// What each reader may ask, and how the page says no: node readers.mjs URL TOKEN VIEWER [folder of screenshots]
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accessible, browse, Checks, equal, project, truly, until, watchedPage } from "./harness.mjs";

const [, , url, token, viewer, folder] = process.argv;
const base = new URL(url);
if (folder) mkdirSync(folder, { recursive: true });

const checks = new Checks();
const faults = [];
const { context, close } = await browse();
const page = await watchedPage(context, base.origin, faults);
const tiles = [];
page.on("request", (request) => {
  const { pathname, searchParams } = new URL(request.url());
  if (pathname.startsWith("/tiles/")) tiles.push({ layer: pathname.split("/")[2], filter: searchParams.get("filter") });
});
const picture = async (name) => folder && page.screenshot({ path: join(folder, `${name}.png`) });
const hash = (name) => new URLSearchParams(new URL(page.url()).hash.slice(1)).get(name);
const quiet = async () => {
  await page.waitForTimeout(400);
  await page.waitForSelector('#stage[aria-busy="false"]', { timeout: 30_000 });
};
const as = (shown) => page.evaluate((kept) => sessionStorage.setItem("atlante-token", kept), shown);
const open = async (address) => {
  await page.goto("about:blank");
  await page.goto(`${base.href}${address}`);
  await quiet();
};

await open("#place=people");
await page.waitForSelector(".start");

await checks.check("the public asks of the published figures, and the page counts as the table does", async () => {
  await page.locator(".start").first().click();
  await page.waitForSelector("[data-zones]");
  equal(hash("filter"), "fragile >= 0.1", "filter in the address");
  const resolution = Number(hash("resolution"));
  const rows = [];
  for (let cursor = ""; cursor !== null; ) {
    const part = await (await fetch(new URL(`api/hexes?resolution=${resolution}&limit=200${cursor ? `&cursor=${cursor}` : ""}`, base))).json();
    rows.push(...part.rows);
    cursor = part.next;
  }
  const wanted = rows.filter(({ values }) => values.fragile !== null && values.fragile >= 0.1);
  truly(wanted.length > 0 && wanted.length < rows.length, `${wanted.length} of ${rows.length} is no selection`);
  await until(page, `${wanted.length} zones are told`, (n) => Number(document.querySelector("[data-zones]")?.dataset.zones) === n, wanted.length);
  truly((await page.textContent("#people-found")).includes(String(wanted.reduce((sum, { households }) => sum + households, 0)).replace(/\B(?=(\d{3})+$)/g, ".")), "households of the zones");
  const out = rows.find((row) => !wanted.includes(row) && row.merged === 1);
  const at = out && (await project(page, out.center));
  if (at?.inside) {
    await page.mouse.move(at.x, at.y);
    await page.waitForTimeout(200);
    truly(!(await page.isVisible("#map-hover")), "a hexagon that does not answer is still there");
  }
  await quiet();
  await accessible(page, "zones");
  await picture("1440x900-zones-public");
  truly(tiles.every(({ layer }) => layer !== "households"), "the public asked for points");
  await page.locator("#people-clear").click();
});

await checks.check("who reads figures alone asks for no points, and gets no refusal", async () => {
  await as(viewer);
  tiles.length = 0;
  await open("#place=people&filter=over75%20%3E%3D%201");
  await page.waitForSelector(".found-n, .found-all");
  await page.waitForTimeout(800);
  equal(await page.locator('input[name="people-view"][value="points"]').count(), 0, "choices of points");
  equal(await page.locator('#places [data-place="plans"]').count(), 0, "places of plans");
  truly(tiles.every(({ layer }) => !layer.startsWith("households")), "points were asked for");
});

await checks.check("a long outline is drawn with fewer corners, and the page says so", async () => {
  await as(token);
  await open("#place=people");
  await page.waitForSelector("#where-file", { state: "attached" });
  const { center } = await (await fetch(new URL("api/town", base))).json();
  const ring = Array.from({ length: 900 }, (_, i) => {
    const [turn, far] = [(2 * Math.PI * i) / 900, 0.012 + 0.0004 * Math.sin(i * 1.7)];
    return [Number((center[0] + far * Math.cos(turn)).toFixed(6)), Number((center[1] + far * Math.sin(turn)).toFixed(6))];
  });
  const file = join(mkdtempSync(join(tmpdir(), "atlante-outline-")), "lungo.geojson");
  writeFileSync(file, JSON.stringify({ type: "Polygon", coordinates: [[...ring, ring[0]]] }));
  tiles.length = 0;
  await page.setInputFiles("#where-file", file);
  await page.waitForSelector('[data-note="area"]', { timeout: 15_000 });
  for (let i = 0; i < 50 && !tiles.some(({ filter }) => filter?.includes("S_INTERSECTS")); i += 1) await page.waitForTimeout(100);
  truly(tiles.some(({ filter }) => filter?.includes("S_INTERSECTS")), "no tile carries the outline");
  const shape = { type: "polygon", geometry: { type: "Polygon", coordinates: [[...ring, ring[0]].map((place) => place.map((part) => Math.round(part * 1e5) / 1e5))] } };
  const { total } = await (await fetch(new URL("api/ask", base), { method: "POST", headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" }, body: JSON.stringify({ collection: "households", area: shape, measures: [{ count: "households" }] }) })).json();
  await until(page, "the number is that of the true outline", (n) => Number(document.querySelector(".found-n")?.dataset.households) === n, total.values[0]);
  await accessible(page, "long outline");
  await picture("1440x900-people-outline");
});

await checks.check("a fault is told in Italian, with the server's own words beside it", async () => {
  faults.expected = /400/;
  await open("#place=people&filter=nonsense%20%3D%203");
  await page.waitForSelector("#query-fault p");
  truly((await page.textContent("#query-fault")).includes("Il filtro non si capisce"), await page.textContent("#query-fault"));
  truly((await page.getAttribute("#query-fault .problem-detail [lang]", "lang")) === "en", "the detail does not say its language");
  delete faults.expected;
});

await checks.check("no request left the origin, no error in the console", async () => equal(faults, [], "faults"));

await close();
console.log(`${checks.passed} passed, ${checks.failed} failed`);
process.exitCode = checks.failed === 0 ? 0 : 1;
