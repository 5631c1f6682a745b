// The crew's page, two crews without a network: node crew.mjs TOKEN PLAN [folder of screenshots]
// ATLANTE is the binary, ATLANTE_DATA its store: this script starts the server, kills it (-9) and starts it again.
import { accessible, equal, truly } from "./harness.mjs";
import { asked, at, board, checks, faults, gone, linkOf, mark, phone, picture, pill, plan, serve, stopShown, token, until } from "./phones.mjs";

await serve();
const [one, two] = [await phone(), await phone()];
const links = { one: await linkOf("r1"), two: await linkOf("r2") };

await checks.check("a link opens its own run, and its token leaves the address bar", async () => {
  for (const [crew, link, first] of [[one, links.one, "K101"], [two, links.two, "K201"]]) {
    await crew.page.goto(at(link).href);
    await crew.page.waitForSelector(".card .over .code");
    equal(await stopShown(crew), first, "the next stop");
    equal(new URL(crew.page.url()).pathname + new URL(crew.page.url()).hash, "/crew", "the address");
    truly(!(await crew.page.textContent("main")).includes(first === "K101" ? "K201" : "K101"), "another crew's stop is shown");
    await crew.page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
  }
  equal(await one.page.getAttribute(".go", "href").then((href) => href.slice(0, 4)), "geo:", "the link to the navigator");
  await picture(one, "390x844-crew-next");
  await accessible(one.page, "the next stop");
});

await checks.check("touch targets are large, and the page fits a phone", async () => {
  const small = await one.page.$$eval("button, a", (all) => all.map((e) => e.getBoundingClientRect()).filter((box) => box.width > 0 && (box.height < 44 || box.width < 44)).length);
  equal(small, 0, "targets under 44 px");
  truly(await one.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "the page scrolls sideways");
});

await checks.check("without a network both crews go on, over a restart of the page", async () => {
  await Promise.all([one.context.setOffline(true), two.context.setOffline(true)]);
  await mark(one, "delivered");
  equal(await stopShown(one), "K102", "the next stop");
  const shown = await one.page.textContent(".card");
  truly(shown.includes("<script>"), "hostile words are text");
  await mark(one, "partial");
  await mark(two, "absent");
  await mark(two, "delivered");
  await one.page.reload();
  await one.page.waitForSelector(".card .over .code");
  equal(await stopShown(one), "K103", "what was marked is still marked after a restart");
  await until("the banner", async () => (await one.page.$("#offline")) !== null);
  truly((await pill(one)).includes("2"), `two wait: ${await pill(one)}`);
  await picture(one, "390x844-crew-offline");
  await accessible(one.page, "offline");
  equal(await board(), {}, "the server knows nothing yet");
});

await checks.check("a mark can be taken back before it leaves", async () => {
  await mark(two, "refused");
  await picture(two, "390x844-crew-undo");
  await two.page.click("#undo");
  await until("back at the stop", async () => (await stopShown(two)) === "K203");
  await until("two wait", async () => (await pill(two)).includes("2"));
});

await checks.check("kill -9 of the server while a crew sends: what was answered is there, what was not is sent again", async () => {
  await one.context.setOffline(false);
  await one.page.click(".retry").catch(() => undefined);
  await until("the first crew is heard", async () => Object.keys(await board()).length === 2);
  equal(await board(), { K101: ["Delivered", null], K102: ["In part", 2] }, "what the coordinator sees");
  await gone("SIGKILL");
  await mark(one, "road_closed");
  await two.context.setOffline(false);
  await two.page.waitForTimeout(8_000);
  truly((await pill(two)).includes("2"), `two still wait: ${await pill(two)}`);
  await serve();
  equal(await board(), { K101: ["Delivered", null], K102: ["In part", 2] }, "after the kill");
  for (const crew of [one, two]) await crew.page.evaluate(() => window.dispatchEvent(new Event("online")));
  await until("all are heard", async () => Object.keys(await board()).length === 5);
  equal(await board(), { K101: ["Delivered", null], K102: ["In part", 2], K103: ["Road closed", null], K201: ["Absent", null], K202: ["Delivered", null] }, "what the coordinator sees");
});

/** What the coordinator's screen hears from now on. */
function listen() {
  const heard = { text: "", stop: new AbortController() };
  const gather = async () => {
    const answer = await fetch(at(`api/plans/${plan}/events`), { headers: { Authorization: `Bearer ${token}` }, signal: heard.stop.signal });
    const words = new TextDecoder();
    for await (const bytes of answer.body) heard.text += words.decode(bytes, { stream: true });
  };
  gather().catch(() => undefined);
  return heard;
}

await checks.check("an answer that was lost: the same events again are once", async () => {
  const sent = [];
  const screen = listen();
  await two.page.route("**/crew/api/events", async (route) => {
    sent.push(route.request().postData());
    if (sent.length > 1) return route.continue();
    // The server has it, the telephone hears nothing.
    await route.fetch();
    await route.abort();
  });
  await mark(two, "wrong_address");
  await until("the server has it", async () => (await board()).K203 !== undefined);
  await until("the page tries again and is done", async () => {
    await two.page.evaluate(() => window.dispatchEvent(new Event("online")));
    return /tutto inviato/.test(await pill(two));
  });
  await until("the coordinator's screen hears of it", async () => /event: ?outcome/.test(screen.text) && screen.text.includes('"K203"'));
  screen.stop.abort();
  truly(sent.length >= 2 && JSON.parse(sent[0]).events[0].key === JSON.parse(sent[1]).events[0].key, "the same key was sent twice");
  await picture(two, "390x844-crew-synced");
});

await checks.check("the run ends, in both languages and by keyboard", async () => {
  await mark(one, "delivered");
  await one.page.waitForTimeout(650);
  await one.page.focus('[data-outcome="vehicle_did_not_come"]');
  await one.page.keyboard.press("Enter");
  await until("the run is finished", async () => /Giro finito/.test(await one.page.textContent("main h1")));
  await until("all is sent", async () => /tutto inviato/.test(await pill(one)));
  await one.page.click("#lang");
  truly(/Run finished/.test(await one.page.textContent("main h1")), "English is spoken");
  equal(await one.page.getAttribute("html", "lang"), "en", "the language of the page");
  await picture(one, "390x844-crew-done");
  await accessible(one.page, "the end");
});

await checks.check("a link that was taken back says so and keeps what was not sent", async () => {
  await asked(`api/plans/${plan}/runs/r2/link`, { method: "DELETE" });
  await mark(two, "absent");
  await until("the page is closed", async () => /non è più valido/.test(await two.page.textContent("main h1")));
  truly((await two.page.textContent("main")).includes("K204"), "what was not sent is shown");
  await picture(two, "390x844-crew-closed");
  await accessible(two.page, "a closed link");
  await two.page.goto(at(await linkOf("r2")).href);
  await until("it leaves with the new link", async () => (await board()).K204 !== undefined);
});

await checks.check("nothing else went wrong", async () => equal(faults, [], "faults"));

await Promise.all([one.close(), two.close()]);
await gone("SIGTERM");
console.log(`${checks.passed} passed, ${checks.failed} failed`);
process.exit(checks.failed === 0 ? 0 : 1);
