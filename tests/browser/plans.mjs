// The place "Piani" against a running server with roads: node plans.mjs URL TOKEN [folder of screenshots]
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accessible, browse, Checks, equal, project, truly, until, watchedPage } from "./harness.mjs";

const [, , url, token, folder] = process.argv;
const base = new URL(url);
if (folder) mkdirSync(folder, { recursive: true });

const bearing = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
const ask = async (path, init) => {
  const answer = await fetch(new URL(path, base), { headers: bearing, ...init });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${text.slice(0, 300)}`);
  return text === "" ? null : JSON.parse(text);
};
const digits = (text) => Number(text.replace(/\D/g, ""));
const checks = new Checks();
const faults = [];
const { context, close } = await browse();
const page = await watchedPage(context, base.origin, faults);
page.setDefaultTimeout(30_000);
page.on("response", (response) => response.status() >= 400 && console.log(`     ${response.status()} ${response.request().method()} ${new URL(response.url()).pathname}`));
const picture = async (name) => folder && page.screenshot({ path: join(folder, `${name}.png`) });
const hash = (name) => new URLSearchParams(new URL(page.url()).hash.slice(1)).get(name);
const quiet = async () => {
  await page.waitForTimeout(300);
  await page.waitForSelector('#stage[aria-busy="false"]', { timeout: 30_000 });
};
const ready = (id) =>
  page.waitForSelector(`.badge[data-state="ready"]`, { timeout: 90_000 }).then(() => ask(`api/plans/${id}`));
const planOf = () => hash("plan");
const FILTER = "fragility >= 0.25";

await checks.check("who may not plan is not offered it", async () => {
  await page.goto(`${base.href}#place=plans`);
  await page.waitForSelector("#places .place");
  equal(await page.locator('#places [data-place="plans"]').count(), 0, "places of the public");
  await quiet();
});

/** Not in a sheet, which is a page of its own without any storage. */
const keep = (kept) => location.protocol.startsWith("http") && sessionStorage.setItem("atlante-token", kept);
await page.addInitScript(keep, token);

await checks.check("a reachable area counts in Persone as the API counts it", async () => {
  await page.goto("about:blank");
  await page.goto(`${base.href}#place=people`);
  await page.waitForSelector("#add-condition");
  await quiet();
  await page.locator("#people-where summary").click();
  await page.fill("#where-minutes", "4");
  await page.selectOption("#where-profile", "car");
  await page.locator("#where-reach").click();
  await page.waitForSelector("#where-chips .chip");
  const [shape] = JSON.parse(hash("area"));
  equal([shape.type, shape.minutes, shape.profile], ["isochrone", 4, "car"], "shape in the address");
  const { total } = await ask("api/ask", { method: "POST", body: JSON.stringify({ collection: "households", area: shape, measures: [{ count: "households" }, { count: "people" }] }) });
  truly(total.values[0] > 0, "nobody is within reach");
  await until(page, `${total.values[0]} households`, (n) => Number(document.querySelector(".found-n")?.dataset.households) === n, total.values[0]);
  await quiet();
  await picture("1440x900-people-reach");
  await accessible(page, "reachable area");
  await page.locator("#people-clear").click();
});

let made = "";
await checks.check("a plan of six crews is made within a minute, for those found, from a depot pressed on the map", async () => {
  await page.goto("about:blank");
  const begun = performance.now();
  await page.goto(`${base.href}#place=people&filter=${encodeURIComponent(FILTER)}`);
  await page.waitForSelector("#people-plan");
  const { households } = await ask(`api/count?collection=households&filter=${encodeURIComponent(FILTER)}`);
  await page.locator("#people-plan").click();
  await page.waitForSelector("#form-go");
  await until(page, "the form counts those found", (n) => Number(document.querySelector(".form-count")?.dataset.households) === n, households);
  equal(await page.inputValue("#crew-count"), "6", "crews");
  truly((await page.textContent("#form-missing")).includes("deposito"), "what is missing is not said");
  await quiet();
  await picture("1440x900-plan-new");
  await accessible(page, "new plan");
  await page.locator("#depot-press").click();
  const box = await page.locator("#map canvas").boundingBox();
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await page.waitForSelector(".depot-row");
  equal(await page.textContent("#form-missing"), "", "what is missing");
  await page.selectOption("#form-effort", "5", { force: true });
  await page.locator("#form-go").click();
  await page.waitForSelector("#plan-bar, .run-rows", { timeout: 10_000 });
  if (await page.locator("#plan-bar").count()) {
    await page.waitForTimeout(700);
    await picture("1440x900-plan-progress");
  }
  made = planOf();
  const plan = await ready(made);
  console.log(`     from the first press to the runs: ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  truly(performance.now() - begun < 60_000, "it took more than a minute");
  equal(plan.result.totals.households, households, "households of the plan");
  truly(plan.result.totals.stops > 0, "no stop");
});

/** Stops by run, as the list shows them when each run is opened in turn. */
async function stopsShown() {
  const shown = [];
  for (const id of await page.$$eval(".run", (runs) => runs.map((run) => run.dataset.run))) {
    const head = page.locator(`.run[data-run="${id}"] .run-head`);
    if ((await head.getAttribute("aria-expanded")) === "false") await head.click();
    await page.waitForSelector(`.run.open[data-run="${id}"] table.stops`);
    shown.push([id, await page.$$eval(`.run[data-run="${id}"] tr[data-stop]`, (rows) => rows.map((row) => row.dataset.stop))]);
  }
  return shown;
}

await checks.check("list, timeline and totals say what the API says", async () => {
  const { result } = await ask(`api/plans/${made}`);
  equal(await page.getAttribute(".plan-totals", "data-stops"), String(result.totals.stops), "stops");
  equal(await page.locator("#dock .line").count(), result.runs.length, "lines of the timeline");
  equal(await page.locator("#dock .block").count(), result.totals.stops, "blocks of the timeline");
  await quiet();
  await page.waitForTimeout(900);
  await picture("1440x900-plan");
  await accessible(page, "plan");
  equal(await stopsShown(), result.runs.map(({ id, stops }) => [id, stops.map(({ code }) => code)]), "stops of the runs");
  await page.waitForTimeout(900);
  await picture("1440x900-plan-run");
});

await checks.check("everyone who is left out has a reason", async () => {
  const { result } = await ask(`api/plans/${made}`);
  await page.locator('input[name="plan-tab"][value="left"]').check({ force: true });
  equal(await page.$$eval("#plan-tab tr[data-stop]", (rows) => rows.length), result.unserved.length, "households left out");
  for (const { reason } of result.unserved.slice(0, 3)) truly((await page.textContent("#plan-tab")).includes(reason.it), `the reason is missing: ${reason.it}`);
  await accessible(page, "left out");
  for (const tab of ["given", "stock"]) {
    await page.locator(`input[name="plan-tab"][value="${tab}"]`).check({ force: true });
    await page.waitForSelector("#plan-tab .table-frame, #plan-tab .empty");
    await accessible(page, tab);
  }
  await page.locator('input[name="plan-tab"][value="runs"]').check({ force: true });
});

/** A stop that is neither locked nor done, of the run with the most; and another run. */
async function movable() {
  const { result, version } = await ask(`api/plans/${made}`);
  const runs = [...result.runs].sort((a, b) => b.stops.length - a.stops.length);
  const stop = runs[0].stops.find(({ locked, outcome }) => !locked && !outcome);
  return { from: runs[0], to: runs.at(-1), stop, version };
}

/** Goes on with one key until that element has the focus: as who has no mouse comes to it. */
async function goTo(id, key = "Tab") {
  for (let i = 0; i < 80; i += 1) {
    if ((await page.evaluate(() => document.activeElement?.id)) === id) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${key} never comes to #${id}`);
}

await checks.check("by keyboard a stop is chosen on the timeline, priced in another run, moved", async () => {
  const { from, to, stop } = await movable();
  await page.locator(`#dock .line[data-run="${from.id}"] .block`).first().focus();
  await page.keyboard.press("ArrowRight");
  truly(await page.evaluate(() => document.activeElement.classList.contains("block")), "the arrow left the timeline");
  await page.locator(`#dock .block[data-code="${stop.code}"]`).focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector(`.stop-card[data-code="${stop.code}"]`);
  await until(page, "the stop has the focus", () => document.activeElement?.id === "stop-title");
  truly((await page.textContent(".stop-card")).includes(stop.door), "the door is missing");
  await goTo("stop-to");
  for (let i = 0; i < 60 && (await page.inputValue("#stop-to")) !== to.id; i += 1) await page.keyboard.press("ArrowDown");
  await page.waitForSelector(".price", { timeout: 60_000 });
  const price = await ask(`api/plans/${made}/moves`, { method: "POST", body: JSON.stringify({ code: stop.code, run: to.id, try: true }) });
  equal(Number(await page.getAttribute(".price", "data-breaches")), price.breaches.length, "rules broken");
  truly((await page.textContent(".price strong")).includes((Math.abs(price.extra_m) / 1000).toLocaleString("it-IT", { minimumFractionDigits: 1, maximumFractionDigits: 1 })), `${await page.textContent(".price strong")} is shown, ${price.extra_m} m was expected`);
  await picture("1440x900-plan-move");
  await accessible(page, "price of a move");
  await goTo("stop-go");
  await page.keyboard.press("Enter");
  await until(page, "the stop is in the other run", ([code, run]) => document.querySelector(`#dock .block[data-code="${code}"]`)?.dataset.run === run, [stop.code, to.id], 60);
  const { result } = await ask(`api/plans/${made}`);
  truly(result.runs.find(({ id }) => id === to.id).stops.some(({ code }) => code === stop.code), "the API has it elsewhere");
});

await checks.check("dragged over another run a stop tells its price, and dropped it asks before it moves", async () => {
  await page.waitForTimeout(800);
  const { from, to, stop, version } = await movable();
  const block = await page.locator(`#dock .block[data-code="${stop.code}"]`).boundingBox();
  const line = await page.locator(`#dock .line[data-run="${to.id}"]`).boundingBox();
  await page.mouse.move(block.x + block.width / 2, block.y + block.height / 2);
  await page.mouse.down();
  await page.mouse.move(block.x + 20, line.y + line.height / 2, { steps: 8 });
  await until(page, "the price is told", () => /km/.test(document.querySelector(".drag-said")?.textContent ?? ""), null, 60);
  await picture("1440x900-plan-drag");
  await page.mouse.up();
  await page.waitForSelector(".price", { timeout: 60_000 });
  equal(await page.inputValue("#stop-to"), to.id, "run that is offered");
  equal((await ask(`api/plans/${made}`)).version, version, "version before it is accepted");
  await page.locator("#stop-stay").click();
  await page.waitForSelector(".price", { state: "detached" });
  truly((await ask(`api/plans/${made}`)).result.runs.find(({ id }) => id === from.id).stops.some(({ code }) => code === stop.code), "it moved all the same");
});

await checks.check("a stop is locked and unlocked", async () => {
  const { stop } = await movable();
  const locked = async () => (await ask(`api/plans/${made}`)).result.runs.flatMap(({ stops }) => stops).find(({ code }) => code === stop.code).locked;
  await page.locator(`#dock .block[data-code="${stop.code}"]`).focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector(`.stop-card[data-code="${stop.code}"]`);
  await goTo("stop-lock");
  await page.keyboard.press("Enter");
  await page.waitForSelector('#stop-lock[aria-pressed="true"]');
  truly(await locked(), "the API has it open");
  await page.waitForSelector(`#dock .block.locked[data-code="${stop.code}"]`);
  await page.locator("#stop-lock").click();
  await page.waitForSelector('#stop-lock[aria-pressed="false"]');
  truly(!(await locked()), "the API has it locked");
});

await checks.check("a stop pressed on the map is the one at hand", async () => {
  const { result } = await ask(`api/plans/${made}`);
  await page.locator(".stop-card .round").click();
  for (const { code, at } of result.runs.flatMap(({ stops }) => stops)) {
    const place = await project(page, at);
    if (!place.inside || result.runs.flatMap(({ stops }) => stops).some((other) => other.code !== code && Math.hypot(other.at[0] - at[0], other.at[1] - at[1]) < 4e-4)) continue;
    await page.mouse.click(place.x, place.y);
    await page.waitForSelector(`.stop-card[data-code="${code}"]`);
    return;
  }
  console.log("     skipped: no stop stands alone in sight");
});

let scenario = "";
await checks.check("roads are closed by an area, a line and a name, and kept with who and why", async () => {
  await page.locator('[data-desk="roads"]').click();
  await page.waitForSelector("#roads-new");
  await page.locator("#roads-new").click();
  await page.locator("#roads-save").click();
  truly((await page.textContent("#roads-said")).length > 0, "what is missing is not said");
  await page.fill("#roads-name", "Piena del fosso");
  await page.fill("#roads-why", "Ordinanza 12");
  const box = await page.locator("#map canvas").boundingBox();
  const press = async (places) => {
    for (const [x, y] of places) {
      await page.mouse.click(box.x + box.width * x, box.y + box.height * y);
      await page.waitForTimeout(350);
    }
    await page.locator(".draw-buttons .btn-primary").click();
  };
  await page.locator("#roads-area").click();
  await press([[0.42, 0.4], [0.5, 0.4], [0.5, 0.5], [0.42, 0.5]]);
  await page.waitForSelector('[data-closure="area"]');
  await page.locator("#roads-line").click();
  await press([[0.3, 0.6], [0.36, 0.62]]);
  await page.waitForSelector('[data-closure="line"]');
  const { items } = await ask("api/addresses?q=via&limit=1");
  await page.fill("#roads-street", items[0].street);
  await page.keyboard.press("Enter");
  await page.waitForSelector('[data-closure="street"]');
  await picture("1440x900-roads-closing");
  await accessible(page, "closing roads");
  await page.locator("#roads-save").click();
  await page.waitForSelector("[data-scenario]");
  const { scenarios } = await ask("api/scenarios");
  scenario = scenarios.find(({ name }) => name === "Piena del fosso").id;
  equal(scenarios.find(({ id }) => id === scenario).closures.map(({ kind }) => kind), ["area", "line", "street"], "closures");
  await quiet();
  await picture("1440x900-roads-closed");
  await accessible(page, "closed roads");
});

await checks.check("two scenarios stand side by side, and the plan is made again with the roads closed", async () => {
  await page.locator('[data-desk="list"]').click();
  await page.locator(`[data-plan="${made}"] .plan-row`).click();
  await page.waitForSelector("#ways-compare");
  await page.locator("#ways-compare summary").click();
  await page.selectOption("#compare-scenario", scenario);
  await page.locator("#compare-go").click();
  await page.waitForSelector("table.compare", { timeout: 60_000 });
  const { base: here, other } = await ask(`api/plans/${made}/compare?scenario=${scenario}`);
  const cells = await page.$$eval("table.compare tbody tr:first-child td", (row) => row.map((cell) => cell.textContent));
  equal(cells.slice(0, 2).map(digits), [here.stops, other.stops], "stops side by side");
  await picture("1440x900-plan-compare");
  await accessible(page, "comparison");
  await page.locator("#ways-again summary").click();
  await page.selectOption("#again-scenario", scenario);
  await page.selectOption("#again-effort", "5");
  const { version } = await ask(`api/plans/${made}`);
  await page.locator("#again-go").click();
  for (let i = 0; i < 120; i += 1) {
    const plan = await ask(`api/plans/${made}`);
    if (plan.version > version && plan.state === "ready") break;
    await page.waitForTimeout(250);
  }
  const plan = await ready(made);
  equal(plan.order.scenario, scenario, "scenario of the plan");
  await until(page, "the closed roads are told", () => document.querySelector("#plans-body")?.textContent.includes("Piena del fosso"));
  await quiet();
  await picture("1440x900-plan-closed");
  const left = plan.result.unserved.length;
  equal(await page.locator("#plan-left").count(), left > 0 ? 1 : 0, "the way to those who are left out");
  if (left > 0) {
    await page.locator("#plan-left").click();
    equal(await page.$$eval("#plan-tab tr[data-stop]", (rows) => rows.length), left, "households left out");
    await page.locator('input[name="plan-tab"][value="runs"]').check({ force: true });
  }
});

await checks.check("sheets and files come with the token", async () => {
  await page.locator("#ways-files summary").click();
  for (const kind of ["xlsx", "csv", "gpx", "geojson"]) {
    const coming = page.waitForEvent("download");
    await page.locator(`[data-file="${kind}"]`).click();
    const bytes = readFileSync(await (await coming).path());
    truly(bytes.length > 0, `${kind} is empty`);
  }
  const opening = context.waitForEvent("page");
  await page.locator("#plan-sheet").click();
  const sheet = await opening;
  await sheet.waitForURL(/^blob:/);
  await sheet.waitForLoadState();
  truly((await sheet.textContent("body")).length > 20, "the sheet is empty");
  await sheet.close();
});

let link = { run: "", token: "" };
await checks.check("the plan is agreed to, and a crew gets its link as a square code that outlasts the shift", async () => {
  await page.locator("#plan-back").focus();
  await goTo("plan-approve");
  await page.keyboard.press("Enter");
  await page.waitForSelector('.badge[data-state="approved"]');
  const { result } = await ask(`api/plans/${made}`);
  const run = result.runs.find(({ stops }) => stops.length > 0);
  const head = page.locator(`.run[data-run="${run.id}"] .run-head`);
  if ((await head.getAttribute("aria-expanded")) === "false") await head.click();
  const answered = page.waitForResponse((answer) => answer.url().endsWith(`/runs/${run.id}/link`));
  await page.locator(`[data-focus="link-${run.id}"]`).click();
  const { address, qr, expires } = await (await answered).json();
  await page.waitForSelector(`#link-${run.id}`);
  equal(await page.inputValue(`#link-${run.id}`), address, "link");
  truly(address.startsWith(`${base.origin}/crew#`), address);
  const [, drawn] = await page.$$eval(".crew-link .qr path", (paths) => paths.map((path) => path.getAttribute("d")));
  truly(drawn.length > 1000 && qr.includes(drawn), "the square code is not the server's");
  const { order } = await ask(`api/plans/${made}`);
  const shift = new Date(`${order.day}T${order.crews.find(({ id }) => id === run.crew).shift[1]}:00`);
  truly(Date.parse(expires) > shift.getTime(), `the link ends on ${expires}, the shift at ${shift.toISOString()}`);
  await page.locator(".crew-link").scrollIntoViewIfNeeded();
  await picture("1440x900-plan-link");
  await accessible(page, "link of a crew");
  link = { run: run.id, token: address.split("#")[1] };
});

await checks.check("what a crew tells comes to the coordinator's open page by itself", async () => {
  const { result } = await ask(`api/plans/${made}`);
  const stop = result.runs.find(({ id }) => id === link.run).stops.find(({ outcome }) => !outcome);
  const before = await page.evaluate(() => Number(document.querySelector("#plan-done")?.dataset.told ?? 0));
  await page.evaluate(() => (globalThis.unloaded = false));
  const answer = await fetch(new URL("crew/api/events", base), { method: "POST", headers: { Authorization: `Bearer ${link.token}`, "Content-Type": "application/json" }, body: JSON.stringify({ events: [{ key: "porta-uno-1", code: stop.code, outcome: "delivered", at: new Date().toISOString() }] }) });
  equal((await answer.json()).accepted, ["porta-uno-1"], "events that were taken");
  await until(page, "the delivery is told", (n) => Number(document.querySelector("#plan-done")?.dataset.told) === n, before + 1, 20);
  await page.waitForSelector(`#dock .block.done[data-code="${stop.code}"]`);
  equal(await page.evaluate(() => globalThis.unloaded), false, "the page was loaded anew");
});

await checks.check("links of every crew are printed alone, and one that is taken back opens nothing", async () => {
  await page.evaluate(() => (window.print = () => undefined));
  const { result } = await ask(`api/plans/${made}`);
  if ((await page.locator("#ways-files").getAttribute("open")) === null) await page.locator("#ways-files summary").click();
  await page.locator("#plan-links").click();
  const runs = result.runs.filter(({ stops }) => stops.length > 0).length;
  await until(page, "a card a crew", (n) => document.querySelectorAll("#link-print .link-card .qr svg").length === n, runs);
  await page.emulateMedia({ media: "print" });
  equal(await page.$$eval("body > *", (all) => all.filter((one) => getComputedStyle(one).display !== "none" && one.tagName !== "SCRIPT").map(({ id }) => id)), ["link-print"], "what is printed");
  await page.emulateMedia({ media: "screen" });
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  equal(await page.locator("#link-print").count(), 0, "what is left of the print");
  const opens = () => fetch(new URL("crew/api/run", base), { headers: { Authorization: `Bearer ${link.token}` } }).then(({ status }) => status);
  equal(await opens(), 200, "before");
  for (let press = 0; press < 2; press += 1) await page.locator(`[data-focus="withdraw-${link.run}"]`).click();
  await page.waitForSelector(`#link-${link.run}`, { state: "detached" });
  equal(await opens(), 401, "after");
});

await checks.check("outcomes are loaded from a table and come by themselves to another screen", async () => {
  const { result } = await ask(`api/plans/${made}`);
  const stops = result.runs.flatMap((run) => run.stops);
  const [one, two, three] = stops.filter(({ outcome }) => !outcome);
  const before = stops.filter(({ outcome }) => outcome).length;
  const other = await watchedPage(context, base.origin, faults);
  await other.addInitScript(keep, token);
  await other.goto(`${base.href}#place=plans&plan=${made}`);
  await other.waitForSelector(".run-rows");
  const file = join(mkdtempSync(join(tmpdir(), "atlante-outcomes-")), "esiti.csv");
  writeFileSync(file, `codice,esito,unità,nota\n${one.code},consegnato,1,\n${two.code},assente,,\n${three.code},forse,,\n`);
  await page.bringToFront();
  if (!(await page.locator("#ways-files").getAttribute("open"))) await page.evaluate(() => document.querySelector("#ways-files").setAttribute("open", ""));
  await page.waitForSelector("#outcomes-file", { state: "attached" });
  await page.setInputFiles("#outcomes-file", file);
  for (const screen of [page, other]) await until(screen, "two more outcomes are told", (n) => Number(document.querySelector("#plan-done")?.dataset.told) === n, before + 2);
  await other.close();
  await page.bringToFront();
  // The news draw the panel anew: what was taken and the row that was not stay to be read.
  const said = await page.textContent("#files-said");
  truly(/2 esiti nuovi/.test(said) && /riga 3/.test(said), `what became of the table is gone: ${said}`);
  await picture("1440x900-plan-live");
  await accessible(page, "outcomes");
});

await checks.check("those who were missed go into the next plan in one press", async () => {
  const before = planOf();
  await page.locator("#plan-next").click();
  await until(page, "another plan is open", (id) => new URLSearchParams(location.hash.slice(1)).get("plan") !== id, before);
  const next = planOf();
  truly(/^[0-9a-f]{16}$/.test(next), `${next} is no plan`);
  await page.waitForSelector(".badge");
  const plan = await ask(`api/plans/${next}`);
  truly(plan.id === next, "another plan");
});

await checks.check("the whole order goes by keyboard, and its computation is stopped", async () => {
  await page.goto("about:blank");
  await page.goto(`${base.href}#place=plans&filter=${encodeURIComponent(FILTER)}`);
  await page.waitForSelector("#plan-list:not([aria-busy])");
  await quiet();
  await page.locator("#plan-new").focus();
  await page.keyboard.press("Enter");
  await until(page, "the name has the focus", () => document.activeElement?.id === "form-name");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("Con la tastiera");
  for (let i = 0; i < 30 && (await page.evaluate(() => document.activeElement?.id)) !== "depot-press"; i += 1) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  equal(await page.evaluate(() => document.activeElement?.tagName), "CANVAS", "the map has the focus");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".depot-row");
  await page.selectOption("#form-effort", "60", { force: true });
  for (let i = 0; i < 60 && (await page.evaluate(() => document.activeElement?.id)) !== "form-go"; i += 1) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#plan-cancel");
  await page.locator("#plan-cancel").focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector('.badge[data-state="cancelled"]', { timeout: 20_000 });
});

for (const [width, height] of [[1024, 768], [390, 844], [720, 450]]) {
  await checks.check(`${width} × ${height}: nothing is cut, axe-core finds nothing`, async () => {
    await page.setViewportSize({ width, height });
    await page.goto("about:blank");
    await page.goto(`${base.href}#place=plans&plan=new`);
    await page.waitForSelector("#form-go");
    await quiet();
    await picture(`${width}x${height}-plan-new`);
    const tall = await page.evaluate(() => document.documentElement.scrollHeight);
    truly(tall <= height, `the page with the form is ${tall} tall: it scrolls under its header`);
    await accessible(page, `new plan at ${width} × ${height}`);
    await page.goto("about:blank");
    await page.goto(`${base.href}#place=plans&plan=${made}`);
    await page.waitForSelector(".run-rows");
    await quiet();
    await page.waitForTimeout(700);
    await picture(`${width}x${height}-plan`);
    await accessible(page, `plan at ${width} × ${height}`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    truly(wide <= width, `the page is ${wide} wide`);
    const [places, panel] = await page.evaluate(() => [document.querySelector("#places ul").scrollWidth, document.querySelector("#panel").clientWidth]);
    truly(places <= panel, `the places are ${places} wide, the panel ${panel}`);
  });
}

await checks.check("no request left the origin, no error in the console", async () => equal(faults, [], "faults"));

await close();
console.log(`${checks.passed} passed, ${checks.failed} failed`);
process.exitCode = checks.failed === 0 ? 0 : 1;
