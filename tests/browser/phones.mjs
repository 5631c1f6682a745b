// What the tests of the crew's page share: a server that is started and killed, telephones, and what the coordinator sees.
// Arguments: TOKEN PLAN [folder of screenshots]; ATLANTE is the binary, ATLANTE_DATA its store.
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { browse, Checks, until as inPage } from "./harness.mjs";

const [, , token, plan, folder] = process.argv;
if (folder) mkdirSync(folder, { recursive: true });
const PHONE = { width: 390, height: 844 };
let child;
let base;
// A script that falls takes its server along: who waits for the end of its output waits for the server's too.
process.on("exit", () => child?.kill("SIGKILL"));

export { plan, token };
export const checks = new Checks();
export const faults = [];
export const at = (path) => new URL(path, base);

/** Starts the server, on the port that it had. */
export async function serve() {
  const listen = base ? base.host : "127.0.0.1:0";
  child = spawn(process.env.ATLANTE, ["serve", "--data", process.env.ATLANTE_DATA, "--listen", listen], { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, ATLANTE_LOG: "error" } });
  const first = await new Promise((done, failed) => {
    child.stdout.once("data", (bytes) => done(String(bytes)));
    child.once("exit", (code) => failed(new Error(`the server ended with ${code}`)));
  });
  base = new URL(first.match(/http:\S+/)[0]);
  for (let i = 0; i < 200; i += 1) {
    if (await fetch(new URL("readyz", base)).then((answer) => answer.ok, () => false)) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error("the server is not ready");
}

/** Ends the server, and waits for it. */
export const gone = (signal) => new Promise((done) => (child.once("exit", done), child.kill(signal)));

/** Asks as the coordinator. */
export async function asked(path, init = {}) {
  const answer = await fetch(new URL(path, base), { ...init, headers: { Authorization: `Bearer ${token}` } });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  return answer;
}

/** The address of a run's link. */
export const linkOf = async (run) => (await (await asked(`api/plans/${plan}/runs/${run}/link`, { method: "POST", body: '{"hours":8}' })).json()).url;

/** How the coordinator sees the stops: code → outcome. */
export async function board() {
  const map = await (await asked(`api/plans/${plan}/runs.geojson`)).json();
  const stops = map.features.map((feature) => feature.properties).filter((row) => row.kind === "stop");
  return Object.fromEntries(stops.filter((row) => row.outcome).map((row) => [row.code, [row.outcome, row.units ?? null]]));
}

/** A telephone of its own; `prepare` runs in each of its pages before any other script. */
export async function phone(prepare = null, argument = undefined) {
  const { context, close } = await browse();
  if (prepare) await context.addInitScript(prepare, argument);
  const page = await context.newPage();
  await page.setViewportSize(PHONE);
  page.on("pageerror", (error) => faults.push(`page: ${error.message}`));
  page.on("console", (message) => message.type() === "error" && !/Failed to load resource/.test(message.text()) && faults.push(`console: ${message.text()}`));
  page.on("request", (request) => request.url().startsWith("http") && new URL(request.url()).origin !== base.origin && faults.push(`left the origin: ${request.url()}`));
  page.on("dialog", (dialog) => (faults.push("a script of others ran"), dialog.dismiss()));
  return { context, close, page };
}

export const picture = async ({ page }, name) => folder && page.screenshot({ path: join(folder, `${name}.png`) });
export const stopShown = ({ page }) => page.textContent(".card .over .code");
export const pill = ({ page }) => page.textContent("#pill");

/** Marks the stop that is shown, and waits for the next. */
export async function mark(crew, outcome) {
  const before = await stopShown(crew);
  await crew.page.waitForTimeout(650);
  await crew.page.click(`[data-outcome="${outcome}"]`);
  if (outcome === "partial") await crew.page.click(".sure");
  await inPage(crew.page, "another stop", (code) => document.querySelector(".card .over .code")?.textContent !== code, before, 30).catch(() => undefined);
}

export async function until(what, holds, seconds = 25) {
  let last;
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await new Promise((done) => setTimeout(done, 250))) {
    try {
      if (await holds()) return;
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`${what}: it did not happen in ${seconds} s${last ? ` (${last.message})` : ""}`);
}
