// A new plan's form against a running server with roads, part by part: node orders.mjs URL TOKEN [folder of screenshots]
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accessible, browse, Checks, equal, truly, until, watchedPage } from "./harness.mjs";

const [, , url, token, folder] = process.argv;
const base = new URL(url);
if (folder) mkdirSync(folder, { recursive: true });

const ask = async (path) => {
  const answer = await fetch(new URL(path, base), { headers: { Authorization: `Bearer ${token}` } });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${(await answer.text()).slice(0, 300)}`);
  return answer.json();
};
const checks = new Checks();
const faults = [];
const { context, close } = await browse();
const page = await watchedPage(context, base.origin, faults);
page.setDefaultTimeout(30_000);
await page.addInitScript((kept) => sessionStorage.setItem("atlante-token", kept), token);
const picture = async (name) => folder && page.screenshot({ path: join(folder, `${name}.png`) });
const planOf = () => new URLSearchParams(new URL(page.url()).hash.slice(1)).get("plan");
/** The form, as it was left. */
const opened = async () => {
  await page.locator('[data-desk="list"]').click();
  await page.locator("#plan-new").click();
  await page.waitForSelector("#form-go");
};

await page.goto(`${base.href}#place=plans&filter=${encodeURIComponent("fragility >= 0.25")}`);
await page.waitForSelector("#plan-list:not([aria-busy])");

await checks.check("a plan for a list tells every row that is nobody, and goes without it only when that is agreed", async () => {
  const { features } = await ask("ogc/collections/households/items?limit=12&f=json");
  const ids = features.map(({ id }) => id);
  await opened();
  await page.locator('input[name="who"][value="list"]').check({ force: true });
  truly((await page.textContent("#form-missing")).includes("elenco"), "an empty list is not said");
  await page.fill("#list-text", ["famiglia", ...ids.slice(0, 5), ids[0], "abc", 99_999_999].join("\n"));
  await until(page, "the list is read", () => document.querySelector("#list-said .form-count")?.dataset.households === "5");
  equal(await page.$$eval(".list-lost [data-row]", (rows) => rows.map((row) => Number(row.dataset.row))), [8, 9], "rows that are nobody");
  await picture("1440x900-plan-list");
  await accessible(page, "a list of households");
  const file = join(mkdtempSync(join(tmpdir(), "atlante-list-")), "elenco.csv");
  writeFileSync(file, ["famiglia;nota", ...ids.map((id) => `${id};"x"`), "12bis;"].join("\r\n"));
  await page.setInputFiles("#list-file", file);
  await until(page, "the file is read", (n) => document.querySelector("#list-said .form-count")?.dataset.households === String(n), ids.length);
  equal(await page.$$eval(".list-lost [data-row]", (rows) => rows.map((row) => Number(row.dataset.row))), [ids.length + 2], "rows of the file that are nobody");

  await page.locator('input[name="whence"][value="sites"]').check({ force: true });
  await page.selectOption("#site-layer", "neighbourhoods");
  await page.waitForSelector("#site-candidates li");
  const { candidates } = await ask("api/plans/candidates?layer=neighbourhoods");
  truly(candidates.length >= 3, "the town has few neighbourhoods");
  await page.fill("#site-count", "2");
  await page.locator("#site-fixed-2").check();
  await page.waitForSelector('#stage[aria-busy="false"]');
  await picture("1440x900-plan-sites");
  await accessible(page, "points of a layer");
  await page.locator("#form-go").click();
  await until(page, "the rows have the focus", () => document.activeElement?.id === "list-sure");
  await page.locator("#list-sure").check();
  await page.selectOption("#form-effort", "5", { force: true });
  await page.locator("#form-go").click();
  await page.waitForSelector("#plan-bar, .run-rows", { timeout: 10_000 });
  await page.waitForSelector('.badge[data-state="ready"]', { timeout: 90_000 });
  const plan = await ask(`api/plans/${planOf()}`);
  equal(plan.order.people.households, ids, "households of the order");
  equal(plan.result.totals.households, ids.length, "households of the plan");
  equal(plan.order.sites.fixed, [2], "fixed points of the order");
  truly(plan.result.sites.some(({ index, id }) => index === 2 && id === candidates[2].id), "the fixed point was not chosen");
});

await checks.check("kits lie at a depot, classes go by a number, and what no crew can do is said", async () => {
  await opened();
  await page.locator('input[name="who"][value="found"]').check({ force: true });
  await page.locator('input[name="whence"][value="depots"]').check({ force: true });
  while ((await page.locator(".depot-row").count()) < 2) await page.locator("#depot-center").click();
  await page.fill("#depot-title-1", "Palestra");
  await page.selectOption("#kit-depot-0", { label: "Palestra" });
  await page.locator(".plan-form > details > summary").click();
  await page.selectOption("#class-add", "oldest");
  await page.fill('[id^="class-least-"]', "85");
  await page.locator("#form-window-add").click();
  await page.locator("#form-window-add").click();
  await page.locator(".kit summary").click();
  await page.fill("#kit-needs-0", "freddo");
  truly((await page.textContent("#form-missing")).includes("freddo"), "a skill that no crew has is not said");
  await page.fill("#kit-needs-0", "");
  equal(await page.textContent("#form-missing"), "", "what is missing");
  await accessible(page, "every part of the form");
  await page.selectOption("#form-effort", "60", { force: true });
  await page.locator("#form-go").click();
  await page.waitForSelector("#plan-cancel");
  const { order } = await ask(`api/plans/${planOf()}`);
  equal(order.stock.map(({ depot }) => depot), [order.depots[1].id], "where the kits lie");
  truly(order.priority.some(({ filter }) => filter === "oldest >= 85"), JSON.stringify(order.priority));
  equal(order.windows, [["08:00", "20:00"], ["15:00", "19:00"]], "windows");
  await page.locator("#plan-cancel").click();
  await page.waitForSelector('.badge[data-state="cancelled"]', { timeout: 20_000 });
  const stopped = planOf();
  await accessible(page, "a plan that was stopped");
  await page.locator("#plan-once").click();
  await page.waitForSelector("#plan-cancel");
  truly(planOf() !== stopped, "the same order again is another plan");
  const again = (await ask(`api/plans/${planOf()}`)).order;
  equal({ ...again, key: "" }, { ...order, key: "" }, "the order that is worked out again");
  await page.locator("#plan-cancel").click();
  await page.waitForSelector('.badge[data-state="cancelled"]', { timeout: 20_000 });
});

await checks.check("a crew rests by its own clock, classes and people go by rules that are written", async () => {
  await opened();
  await page.locator(".plan-form details:has(#crew-rest) > summary").first().click();
  await page.locator("#crew-rest").check();
  for (const i of [1, 2]) await page.locator(`#own-${i} > summary`).click();
  await page.selectOption("#own-rest-1", "own");
  await page.fill("#own-rest-1-from", "10:00");
  await page.fill("#own-rest-1-to", "10:30");
  await page.fill("#own-rest-1-minutes", "20");
  await page.selectOption("#own-rest-2", "none");
  truly((await page.textContent("#own-1 summary")).includes("10:00"), "a closed crew does not tell its break");
  await picture("1440x900-plan-crew");
  await page.locator(".plan-form > details > summary").click();
  await page.selectOption("#class-add", { label: "Una regola scritta in CQL2…" });
  await until(page, "the rule has the focus", () => document.activeElement?.classList.contains("rule"));
  truly((await page.textContent("#form-missing")).includes("regola"), "a rule without words is not said");
  await page.locator("#form-go").click();
  await until(page, "the empty rule has the focus", () => document.activeElement?.classList.contains("rule"));
  const rule = page.locator(".rule");
  faults.expected = /status of 400/;
  await rule.fill("members = 1 AND");
  await page.waitForSelector(".rule[aria-invalid]");
  truly(/carattere \d+/.test(await page.textContent(".rule-said")), "the place of the fault is not said");
  const written = "members = 1 AND (fragility >= 0.3 OR oldest > 80)";
  await rule.fill(written);
  const alone = (await ask(`api/count?collection=households&filter=${encodeURIComponent(written)}`)).households;
  faults.expected = undefined;
  await until(page, "the rule is counted", (n) => document.querySelector(".rule-said")?.textContent.replace(/\D/g, "") === String(n), alone);
  const people = "fragility >= 0.3 OR members > 5";
  await page.locator("#who-query summary").click();
  await page.fill("#form-query", people);
  await page.locator("#form-name").focus();
  const { households } = await ask(`api/count?collection=households&filter=${encodeURIComponent(people)}`);
  await until(page, "those who are written are counted", (n) => document.querySelector(".form-count")?.dataset.households === String(n), households);
  await picture("1440x900-plan-written");
  await accessible(page, "rules that are written, crews one by one");
  await page.selectOption("#form-effort", "60", { force: true });
  await page.locator("#form-go").click();
  await page.waitForSelector("#plan-cancel");
  const { order } = await ask(`api/plans/${planOf()}`);
  const usual = { from: "11:00", to: "13:00", minutes: 30 };
  equal(order.crews.slice(0, 4).map(({ breaks }) => breaks), [[usual], [{ from: "10:00", to: "10:30", minutes: 20 }], [], [usual]], "breaks of the crews");
  equal(order.priority.at(-1).filter, written, "the class that is written");
  equal(order.people.filter, people, "the people who are written");
  await page.locator("#plan-cancel").click();
  await page.waitForSelector('.badge[data-state="cancelled"]', { timeout: 20_000 });
});

await checks.check("no request left the origin, no error in the console", async () => equal(faults, [], "faults"));

await close();
console.log(`${checks.passed} passed, ${checks.failed} failed`);
process.exitCode = checks.failed === 0 ? 0 : 1;
