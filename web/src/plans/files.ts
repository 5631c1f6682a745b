/** A plan on paper and as files, and what comes back from the doors. A token cannot go with a link, so the page fetches. */
import type { Lang } from "../api";
import { fetchFile } from "../api";
import * as format from "../format";
import { t } from "../i18n";
import { h, icon } from "../ui/dom";
import { download } from "../ui/download";
import { announce, problem } from "../ui/status";
import { pathOf, sendOutcomes, type Plan } from "./api";
import type { Links } from "./link";
import type { Room } from "./room";

const KINDS = ["xlsx", "csv", "gpx", "geojson"] as const;
const KEEP_MS = 60_000;

/** The printable page in a window of its own; opened before it is fetched, or the browser would hold it back. */
export async function openSheet(plan: string, run: string | null, lang: Lang): Promise<void> {
  const view = window.open("", "_blank");
  try {
    const page = await fetchFile(pathOf(plan, "/sheet"), { run, lang: lang === "it" ? null : lang });
    const url = URL.createObjectURL(page);
    if (view) view.location.href = url;
    else download(page, `${run ?? "fogli"}.html`);
    setTimeout(() => URL.revokeObjectURL(url), KEEP_MS);
  } catch (cause) {
    view?.close();
    throw cause;
  }
}

/** `said` is the board's: what became of a table that was loaded outlives the news that it brought. */
export function files(room: Room, plan: Plan, links: Links, said: HTMLElement, changed: () => void): HTMLElement[] {
  const { lang } = room.store.now;
  const guard = (what: () => Promise<void>) => (): void => {
    said.replaceChildren();
    what().catch((cause: unknown) => said.replaceChildren(problem("error.file", cause, null)));
  };
  const take = (kind: (typeof KINDS)[number]): HTMLElement =>
    h("button", { type: "button", class: "btn btn-outline-primary btn-xs", "data-file": kind, onclick: guard(async () => download(await fetchFile(pathOf(plan.id, `/runs.${kind}`)), `giri-${plan.order.day}.${kind}`)) }, icon("download"), kind === "geojson" ? "GeoJSON" : kind.toUpperCase());
  const input = h("input", { type: "file", accept: ".csv,.xlsx", class: "visually-hidden", id: "outcomes-file" });
  input.addEventListener("change", () => {
    const [file] = input.files ?? [];
    if (file) guard(() => send(file))();
    input.value = "";
  });
  const send = async (file: File): Promise<void> => {
    const { accepted, known, rejects } = await sendOutcomes(plan.id, file);
    const words = t("outcomes.sent", { accepted: format.count(lang, accepted), known: format.count(lang, known) });
    said.replaceChildren(
      h("p", { class: "found-note" }, words),
      ...(rejects.length > 0 ? [h("p", {}, t("outcomes.rejects", { n: format.count(lang, rejects.length) })), h("ul", { class: "rejects" }, ...rejects.slice(0, 50).map(({ row, column, reason }) => h("li", {}, t("outcomes.reject", { row, column: column ?? "" }), " ", h("span", { lang: "en" }, reason))))] : []),
    );
    announce(words);
    changed();
  };
  return [
    h("div", { class: "where-tools" }, h("button", { type: "button", class: "btn btn-primary btn-xs", id: "plan-sheet", onclick: guard(() => openSheet(plan.id, null, lang)) }, icon("print"), t("files.sheet")), plan.state === "computing" ? null : h("button", { type: "button", class: "btn btn-outline-primary btn-xs", id: "plan-links", onclick: guard(() => links.printAll(plan)) }, icon("link"), t("files.links"))),
    h("div", { class: "where-tools" }, ...KINDS.map(take)),
    h("div", { class: "where-tools" }, h("label", { class: "btn btn-outline-primary btn-xs file" }, input, t("files.outcomes"))),
    h("p", { class: "hint" }, t("files.outcomes.hint")),
    said,
  ];
}
