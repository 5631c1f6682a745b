// The crew's page on a telephone in trouble: node crew-trouble.mjs TOKEN PLAN [folder of screenshots]
// ATLANTE is the binary, ATLANTE_DATA its store. Each check uses stops that the ones before left open.
import { accessible, equal, truly } from "./harness.mjs";
import { asked, at, board, checks, faults, gone, linkOf, mark, phone, picture, pill, plan, serve, stopShown, until } from "./phones.mjs";

const HOUR_MS = 3_600_000;
await serve();
const runs = (await (await asked(`api/plans/${plan}`)).json()).result.runs.map(({ id }) => id);
const links = [];
for (const run of runs.slice(0, 2)) links.push(at(await linkOf(run)).href);

const open = async ({ page }, href) => {
  await page.goto(href);
  await page.waitForSelector(".card .over .code");
};
const heard = (code) => until(`${code} is heard`, async () => (await board())[code] !== undefined);
const awake = ({ page }) => page.evaluate(() => window.dispatchEvent(new Event("online")));

await checks.check("a link that is opened without a network says so, waits, and outlasts the page", async () => {
  const crew = await phone();
  await crew.page.goto(at("crew").href);
  await crew.page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
  await crew.page.reload();
  truly((await crew.page.textContent("main h1")).includes("Apri il link"), "without a link it is not said what to do");
  await crew.context.setOffline(true);
  for (const how of ["goto", "reload"]) {
    await (how === "goto" ? crew.page.goto("about:blank").then(() => crew.page.goto(links[0])) : crew.page.reload());
    await until("the page says that it waits", async () => /non è ancora arrivato/.test(await crew.page.textContent("main h1")));
    truly(crew.page.url().includes("#atl_"), "the link is lost with the page");
  }
  await picture(crew, "390x844-crew-waits");
  await accessible(crew.page, "a link without a network");
  await crew.context.setOffline(false);
  await awake(crew);
  await crew.page.waitForSelector(".card .over .code");
  equal(new URL(crew.page.url()).hash, "", "the address, when the run is here");
  await crew.close();
});

/** A clock that is wrong by so much. */
const wrong = (by) => {
  const Right = Date;
  globalThis.Date = class extends Right {
    constructor(...parts) {
      if (parts.length === 0) super(Right.now() + by);
      else super(...parts);
    }
    static now() {
      return Right.now() + by;
    }
  };
};

for (const [hours, word] of [[26, "avanti"], [-5, "indietro"]]) {
  await checks.check(`a clock that is ${hours} hours wrong closes nothing, and the deed is told at its hour`, async () => {
    const crew = await phone(wrong, hours * HOUR_MS);
    await open(crew, links[0]);
    truly((await crew.page.textContent("main")).includes(`${word} di ${Math.abs(hours)} ore`), "it is not said that the clock is wrong");
    const code = await stopShown(crew);
    const before = Date.now();
    await mark(crew, "delivered");
    await heard(code);
    const { result } = await (await asked(`api/plans/${plan}`)).json();
    const { outcome } = result.runs.flatMap(({ stops }) => stops).find((stop) => stop.code === code);
    const apart = Math.abs(Date.parse(outcome.at) - before);
    truly(apart < 60 * 60_000, `it is told ${Math.round(apart / 60_000)} minutes off`);
    await crew.page.reload();
    await crew.page.waitForSelector(".card .over .code");
    truly((await stopShown(crew)) !== code, "what was marked is open again");
    await picture(crew, `390x844-crew-clock-${word}`);
    await accessible(crew.page, "a wrong clock");
    await crew.close();
  });
}

/** A disk that takes nothing more while `full` is set. */
const fillable = () => {
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (...parts) {
    const request = put.apply(this, parts);
    if (globalThis.full) this.transaction.abort();
    return request;
  };
};

await checks.check("a telephone without room says so, keeps the mark in the page and sends it", async () => {
  const crew = await phone(fillable);
  await open(crew, links[0]);
  await crew.context.setOffline(true);
  await crew.page.evaluate(() => (globalThis.full = true));
  const code = await stopShown(crew);
  await mark(crew, "absent");
  truly((await stopShown(crew)) !== code, "the mark was lost");
  truly(/Memoria del telefono piena/.test(await crew.page.textContent("main")), "it is not said that there is no room");
  await picture(crew, "390x844-crew-full");
  await accessible(crew.page, "a full telephone");
  await crew.context.setOffline(false);
  await awake(crew);
  await heard(code);
  await until("nothing waits any more", async () => /tutto inviato/.test(await pill(crew)) && !/Memoria/.test(await crew.page.textContent("main")));
  await crew.page.evaluate(() => (globalThis.full = false));
  await crew.close();
});

await checks.check("what is marked in one tab is marked in the other", async () => {
  const crew = await phone();
  const other = { page: await crew.context.newPage() };
  for (const tab of [crew, other]) await open(tab, links[1]);
  const code = await stopShown(crew);
  equal(await stopShown(other), code, "the stop in the other tab");
  await crew.context.setOffline(true);
  await mark(crew, "refused");
  await until("the other tab goes on", async () => (await stopShown(other)) !== code);
  equal(await pill(other), await pill(crew), "what waits, in both tabs");
  await crew.context.setOffline(false);
  for (const tab of [crew, other]) await awake(tab);
  await heard(code);
  await until("both tabs know", async () => /tutto inviato/.test(await pill(crew)) && /tutto inviato/.test(await pill(other)));
  await crew.close();
});

await checks.check("a link near its end says so; four hundred stops are shown and marked", async () => {
  const crew = await phone();
  const expires = new Date(Date.now() + HOUR_MS / 2).toISOString();
  await crew.page.route("**/crew/api/run", async (route) => {
    const answer = await route.fetch();
    const run = await answer.json();
    const [first, ...rest] = run.run.stops.filter(({ outcome }) => outcome === null);
    const many = Array.from({ length: 400 - rest.length - 1 }, (_, i) => ({ ...first, code: `M${i}`, n: 100 + i, door: `Via Lunga ${i + 1}` }));
    await route.fulfill({ response: answer, json: { ...run, expires, run: { ...run.run, stops: [first, ...rest, ...many] } } });
  });
  await open(crew, links[1]);
  equal(await crew.page.locator(".all li").count(), 400, "stops in the list");
  truly(/Il link scade alle \d\d:\d\d/.test(await crew.page.textContent("main")), "it is not said that the link ends");
  truly(await crew.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the page scrolls sideways");
  const code = await stopShown(crew);
  const took = await crew.page.evaluate(async () => {
    const begun = performance.now();
    document.querySelector('[data-outcome="vehicle_did_not_come"]').click();
    const shown = document.querySelector(".card .over .code").textContent;
    while (document.querySelector(".card .over .code").textContent === shown) await new Promise((done) => setTimeout(done, 5));
    return performance.now() - begun;
  });
  console.log(`     from the press to the next of 400 stops: ${took.toFixed(0)} ms`);
  await heard(code);
  await accessible(crew.page, "four hundred stops");
  await crew.close();
});

await checks.check("a link that ended in mid-shift says so and keeps what was not sent", async () => {
  const crew = await phone();
  await open(crew, links[1]);
  await crew.context.setOffline(true);
  const code = await stopShown(crew);
  await mark(crew, "road_closed");
  // The server's answer to a link whose hour has come.
  await crew.page.route("**/crew/api/**", (route) => route.fulfill({ status: 401, json: { code: "unauthorized" } }));
  await crew.context.setOffline(false);
  await crew.page.waitForTimeout(7_100);
  await awake(crew);
  await until("the page says that the link is over", async () => /non è più valido/.test(await crew.page.textContent("main h1")));
  truly((await crew.page.textContent("main")).includes(code), "what was not sent is not shown");
  await picture(crew, "390x844-crew-ended");
  await crew.page.unroute("**/crew/api/**");
  await crew.page.goto("about:blank");
  await open(crew, at(await linkOf(runs[1])).href);
  await heard(code);
  await crew.close();
});

await checks.check("nothing else went wrong", async () => equal(faults, [], "faults"));

await gone("SIGTERM");
console.log(`${checks.passed} passed, ${checks.failed} failed`);
process.exit(checks.failed === 0 ? 0 : 1);
