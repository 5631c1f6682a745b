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

await checks.check("no request left the origin, no error in the console", async () => equal(faults, [], "faults"));

await close();
console.log(`${checks.passed} passed, ${checks.failed} failed`);
process.exitCode = checks.failed === 0 ? 0 : 1;
