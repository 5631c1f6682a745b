// The first screen against a running server: node first-screen.mjs http://127.0.0.1:8080/ [folder of screenshots]
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { accessible, browse, Checks, equal, mapIdle, project, shown, truly, until, watchedPage } from "./harness.mjs";

const base = new URL(process.argv[2] ?? process.env.ATLANTE_URL ?? "http://127.0.0.1:8080/");
const folder = process.argv[3];
if (folder) mkdirSync(folder, { recursive: true });

const ask = async (path) => {
  const answer = await fetch(new URL(path, base));
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return answer.json();
};
const digits = (text) => Number(text.replace(/\D/g, ""));
const italian = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, ".");
const hashOf = (page, name) => new URLSearchParams(new URL(page.url()).hash.slice(1)).get(name);
const checks = new Checks();
const faults = [];
const { context, close } = await browse();
const town = await ask("api/town");
const page = await watchedPage(context, base.origin, faults);
const picture = async (name) => folder && page.screenshot({ path: join(folder, `${name}.png`) });
const property = (key) => town.properties.find((candidate) => candidate.key === key);

async function legendEqualsApi(key) {
  const resolution = Number(hashOf(page, "resolution"));
  const legend = await ask(`api/legend?property=${key}&resolution=${resolution}`);
  await page.waitForSelector(`[data-legend="${key}@${resolution}"]`, { timeout: 10_000 });
  const seen = await page.$$eval("#legend tr.class", (rows) =>
    rows.map((row) => [row.querySelector(".class-range").textContent, ...[...row.querySelectorAll("td")].map((cell) => cell.textContent)]),
  );
  const wanted = legend.counts.map((n, i) => [
    `${shown(property(key), legend.breaks[i])} – ${shown(property(key), legend.breaks[i + 1])}`,
    italian(n),
    italian(legend.households[i]),
  ]);
  equal(seen, wanted, `legend of ${key}`);
  const bars = await page.$$eval("#legend .bar", (found) => found.map((bar) => bar.getAttribute("aria-label").split(": ").at(-1)));
  equal(bars.map(digits), legend.histogram.counts, `histogram of ${key}`);
  if (legend.merged > 0) equal(digits(await page.textContent('[data-note="merged"] .note-count')), legend.merged, "joined cells");
}

async function cardEqualsApi(id, resolution) {
  const card = await ask(`api/hexes/${id}?resolution=${resolution}`);
  await page.waitForSelector(`.hex-card[data-hex="${id}"]`, { timeout: 10_000 });
  const title = page.locator("#card-title");
  equal([await title.getAttribute("data-households"), await title.getAttribute("data-people")].map(Number), [card.households, card.people], "households and people");
  equal(digits((await title.textContent()).split("·")[0]), card.households, "households in the title");
  for (const { key, value, known } of card.values) {
    const texts = await page.$$eval(`.hex-card [data-key="${key}"]`, (cells) => cells.map((cell) => cell.textContent));
    truly(texts.length > 0, `${key} is not on the card`);
    for (const text of texts) equal(text, shown(property(key), value), `${key} of ${id}`);
    const row = page.locator(`.hex-card tr:has(td[data-key="${key}"]) .of`);
    if (await row.count()) equal(digits((await row.first().textContent()).split("famigli")[0]), known, `denominator of ${key}`);
  }
}

/** A cell that stands alone and is in sight. */
async function visibleHex() {
  const resolution = Number(hashOf(page, "resolution"));
  const { rows } = await ask(`api/hexes?resolution=${resolution}&sort=households&order=desc&limit=100`);
  for (const row of rows.filter(({ merged }) => merged === 1)) {
    const at = await project(page, row.center);
    if (at.inside) return { ...row, ...at, resolution };
  }
  throw new Error("no hexagon is in sight");
}

await checks.check("the map opens", async () => {
  await page.addInitScript(() => {
    globalThis.shifts = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) globalThis.shifts += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  const start = Date.now();
  await page.goto(base.href);
  await mapIdle(page);
  console.log(`     first map after ${Date.now() - start} ms in a browser that draws without a graphics card`);
  await picture("1440x900-map");
});

await checks.check("nothing jumped while it opened", async () => {
  const shifts = await page.evaluate(() => globalThis.shifts);
  truly(shifts < 0.02, `layout shift ${shifts}`);
});

await checks.check("institution, role, date and model are on the screen", async () => {
  const [year, month, day] = town.as_of.split("-");
  const body = await page.textContent("body");
  for (const said of [`Comune di ${town.name}`, "Accesso pubblico", `Dati al ${day}/${month}/${year}`, `Modello ${town.model.id} ${town.model.version}`]) {
    truly(body.includes(said), `"${said}" is missing`);
  }
});

await checks.check("the legend says what the API says", () => legendEqualsApi("fragility"));

await checks.check("the colours fall in lightness, class by class", async () => {
  const lightness = await page.$$eval(".class-button .swatch", (swatches) =>
    swatches.map((swatch) => {
      const [r, g, b] = getComputedStyle(swatch).backgroundColor.match(/\d+/g).map((c) => (Number(c) / 255) ** 2.2);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    }),
  );
  truly(lightness.every((value, i) => i === 0 || value < lightness[i - 1] * 0.9), `luminances ${lightness}`);
});

for (const key of ["fragile", "health", town.properties.at(-1).key]) {
  await checks.check(`the indicator "${key}" is chosen`, async () => {
    await page.selectOption("#indicator", key);
    equal(hashOf(page, "indicator"), key, "indicator in the address");
    await legendEqualsApi(key);
  });
}
await page.selectOption("#indicator", "fragility");

await checks.check("a bar of the histogram highlights, and says how many", async () => {
  await legendEqualsApi("fragility");
  await page.locator("#legend .bar").first().focus();
  await page.keyboard.press("ArrowRight");
  const focused = await page.evaluate(() => document.activeElement.getAttribute("aria-label"));
  equal(await page.textContent("#legend .readout"), focused, "reading of the bar");
});

await checks.check("a hexagon is clicked and its card says what the API says", async () => {
  await mapIdle(page);
  const hex = await visibleHex();
  await page.mouse.click(hex.x, hex.y);
  await cardEqualsApi(hex.id, hex.resolution);
  equal(hashOf(page, "hex"), `${hex.id}@${hex.resolution}`, "hexagon in the address");
  await mapIdle(page);
  await picture("1440x900-card");
});

await checks.check("axe-core finds nothing on map and card", () => accessible(page, "map and card"));

await checks.check("the address restores the screen", async () => {
  const again = await watchedPage(context, base.origin, faults);
  try {
    await again.goto(page.url());
    await mapIdle(again);
    await again.waitForSelector(`.hex-card[data-hex="${hashOf(page, "hex").split("@")[0]}"]`);
    for (const name of ["indicator", "hex", "resolution", "view", "lang"]) equal(hashOf(again, name), hashOf(page, name), name);
  } finally {
    await again.close();
    await page.bringToFront();
  }
});

await checks.check("zooming changes the resolution, and the legend with it", async () => {
  const before = hashOf(page, "resolution");
  // A small town opens at the finest resolution: then the way is out.
  const button = page.locator("#map-tools button").nth(before === String(town.resolutions.at(-1)) ? 1 : 0);
  for (let i = 0; i < 3 && hashOf(page, "resolution") === before; i += 1) {
    await button.click();
    await page.waitForTimeout(900);
  }
  truly(hashOf(page, "resolution") !== before, "the resolution stayed");
  await legendEqualsApi("fragility");
  await page.waitForSelector(".elsewhere");
});

await checks.check("an address is found and shown", async () => {
  const { items } = await ask("api/addresses?q=via&limit=8");
  const wanted = items.find(({ lon }) => lon !== null);
  await page.fill("#address", wanted.label);
  await page.waitForSelector("#suggestions [role=option] span");
  await page.keyboard.press("ArrowDown");
  const label = await page.locator('#suggestions [aria-selected="true"] span').first().textContent();
  await picture("1440x900-search");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".maplibregl-marker");
  await page.waitForTimeout(1500);
  await mapIdle(page);
  const found = (await ask(`api/addresses?q=${encodeURIComponent(wanted.label)}&limit=8`)).items.find((item) => item.label === label);
  const [lon, lat] = hashOf(page, "view").split(",").map(Number);
  truly(Math.abs(lon - found.lon) < 2e-4 && Math.abs(lat - found.lat) < 2e-4, `the map is at ${lon}, ${lat}`);
  equal(await page.inputValue("#address"), label, "address in the box");
  await picture("1440x900-address");
});

await checks.check("the table says what the API says, and sorts", async () => {
  await page.locator('[data-place="data"]').click();
  await page.waitForSelector("table.data tbody tr");
  const resolution = Number(hashOf(page, "resolution"));
  const rowsShown = () =>
    page.$$eval("table.data tbody tr", (rows) => rows.map((row) => [row.dataset.row, ...[...row.querySelectorAll("td")].slice(0, 3).map((cell) => cell.textContent)]));
  const rowsAsked = async (sort) =>
    (await ask(`api/hexes?resolution=${resolution}&sort=${sort}&order=desc&limit=25`)).rows.map((row) => [row.id, italian(row.households), italian(row.people), shown(property("fragility"), row.values.fragility)]);
  equal(await rowsShown(), await rowsAsked("fragility"), "rows by fragility");
  await page.locator('[data-focus="sort-households"]').click();
  await page.waitForSelector('th[aria-sort="descending"] [data-focus="sort-households"]');
  equal(await rowsShown(), await rowsAsked("households"), "rows by households");
  await picture("1440x900-data");
});

await checks.check("axe-core finds nothing on the table", () => accessible(page, "table"));

await checks.check("a row that gets the focus is chosen on the map", async () => {
  const row = page.locator("table.data tbody tr").nth(1);
  const id = await row.getAttribute("data-row");
  await row.locator("button").focus();
  await until(page, "the row is chosen", (wanted) => location.hash.includes(wanted), `hex=${id}`);
  await page.waitForSelector(`tr.selected[data-row="${id}"]`);
});

await checks.check("the table is exported whole", async () => {
  const resolution = Number(hashOf(page, "resolution"));
  const { matched } = await ask(`api/hexes?resolution=${resolution}&limit=1`);
  const coming = page.waitForEvent("download");
  await page.locator('[data-focus="export"]').click();
  const lines = readFileSync(await (await coming).path(), "utf8").trimEnd().split("\r\n");
  equal(lines.length, matched + 1, "lines of the CSV");
  truly(lines[0].startsWith("id,merged,households,people,lon,lat,"), lines[0]);
});

await checks.check("the map is exported as a picture", async () => {
  await page.locator('[data-place="map"]').click();
  const coming = page.waitForEvent("download");
  await page.locator("#map-tools button").last().click();
  const path = await (await coming).path();
  const bytes = readFileSync(path);
  equal([...bytes.subarray(1, 4)], [...Buffer.from("PNG")], "signature");
  truly(bytes.length > 20_000, `${bytes.length} bytes are an empty picture`);
  if (folder) await import("node:fs").then(({ copyFileSync }) => copyFileSync(path, join(folder, "export.png")));
});

await checks.check("the whole journey goes by keyboard", async () => {
  await page.goto("about:blank");
  await page.goto(base.href);
  await mapIdle(page);
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");
  await page.keyboard.press("Tab");
  equal(await focused(), "Vai ai comandi", "first stop");
  await page.keyboard.press("Tab");
  equal(await focused(), "Vai alla mappa", "second stop");
  await page.keyboard.press("Enter");
  equal(await page.evaluate(() => document.activeElement?.tagName), "CANVAS", "the map has the focus");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".hex-card");
  await until(page, "the card has the focus", () => document.activeElement?.id === "card-title");
  await page.keyboard.press("Escape");
  await page.waitForSelector(".hex-card", { state: "detached" });
  equal(await page.evaluate(() => document.activeElement?.tagName), "CANVAS", "the focus is back on the map");
  await page.locator("#indicator").focus();
  await page.keyboard.press("ArrowDown");
  truly(hashOf(page, "indicator") !== "fragility", "the indicator stayed");
});

await checks.check("English is one press away", async () => {
  await page.locator('[data-lang="en"]').click();
  equal(await page.getAttribute("html", "lang"), "en", "language of the page");
  truly((await page.textContent("#places")).includes("Data"), "the places are still Italian");
  await page.locator('[data-lang="it"]').click();
});

await checks.check("signing in: the dialog is accessible and a bad token is refused in words", async () => {
  faults.expected = /401/;
  await page.locator("#sign-in").click();
  await accessible(page, "signing in");
  await page.fill("#sign-token", "not-a-token");
  await page.keyboard.press("Enter");
  await until(page, "the refusal is said", () => document.querySelector("#sign-said")?.textContent.includes("non è valido"));
  equal(await page.evaluate(() => sessionStorage.length), 0, "what is kept of it");
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog", { state: "detached" });
  delete faults.expected;
});

await checks.check("offline is said, and what is shown stays", async () => {
  await context.setOffline(true);
  await page.waitForSelector("#banner.offline");
  const stays = await page.locator("#legend table.classes").isVisible();
  await context.setOffline(false);
  truly(stays, "the legend went away");
  await until(page, "the banner goes", () => document.querySelector("#banner").textContent === "");
});

for (const [width, height] of [[1024, 768], [390, 844], [720, 450]]) {
  await checks.check(`${width} × ${height}: nothing is cut, axe-core finds nothing`, async () => {
    await page.setViewportSize({ width, height });
    await page.goto("about:blank");
    await page.goto(base.href);
    await mapIdle(page);
    await picture(`${width}x${height}-map`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    truly(wide <= width, `the page is ${wide} wide`);
    const hex = await visibleHex();
    await page.mouse.click(hex.x, hex.y);
    await cardEqualsApi(hex.id, hex.resolution);
    await page.waitForTimeout(400);
    await picture(`${width}x${height}-card`);
    await accessible(page, `${width} × ${height}`);
  });
}

await checks.check("no request left the origin, no error in the console", async () => equal(faults, [], "faults"));

await close();
console.log(`${checks.passed} passed, ${checks.failed} failed`);
process.exitCode = checks.failed === 0 ? 0 : 1;
