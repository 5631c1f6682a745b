/** What is always on the map: north, scale, date of the data, model; and its buttons. */
import type { Map as MapLibre } from "maplibre-gl";
import type { Town } from "../api";
import * as format from "../format";
import { t } from "../i18n";
import { h, icon, one, svg } from "../ui/dom";

export interface Tools {
  zoom(by: number): void;
  home(): void;
  picture(): void;
}

export interface Scale {
  text: string;
  width: number;
}

/** The round distance that fits in `most` pixels at the middle of the map. */
export function scale(map: MapLibre, most: number): Scale {
  const { lat } = map.getCenter();
  const metres = (40_075_016.686 * Math.cos((lat * Math.PI) / 180)) / (512 * 2 ** map.getZoom());
  const room = metres * most;
  const power = 10 ** Math.floor(Math.log10(room));
  const round = power * ([5, 2, 1].find((step) => step * power <= room) ?? 1);
  return { text: round >= 1000 ? `${round / 1000} km` : `${round} m`, width: round / metres };
}

export function dated(town: Town): string {
  return `${t("map.dated", { date: format.date(town.as_of) })} · ${t("map.model", { id: town.model.id, version: town.model.version })}`;
}

export function renderTools(tools: Tools): void {
  const button = (name: Parameters<typeof icon>[0], label: string, run: () => void): HTMLElement =>
    h("button", { type: "button", class: "tool", "aria-label": label, title: label, onclick: run }, icon(name));
  const into = one("map-tools");
  into.setAttribute("aria-label", t("map.tools"));
  into.replaceChildren(
    h("div", { class: "tool-group" }, button("plus", t("map.in"), () => tools.zoom(1)), button("minus", t("map.out"), () => tools.zoom(-1))),
    h("div", { class: "tool-group" }, button("home", t("map.home"), tools.home)),
    h("div", { class: "tool-group" }, button("picture", t("map.picture"), tools.picture)),
  );
  one("stage").setAttribute("aria-label", t("map.region"));
  one("map-keys").textContent = t("map.keys");
}

export function renderFoot(town: Town): void {
  const north = svg(
    "svg",
    { viewBox: "0 0 20 28", class: "north", role: "img", "aria-label": t("map.north") },
    svg("path", { d: "M10 9 15.500 26 10 22 4.500 26z", fill: "currentColor" }),
    svg("text", { x: 10, y: 7.5, "text-anchor": "middle", "font-size": 9, "font-weight": 700, fill: "currentColor" }, "N"),
  );
  one("map-foot").replaceChildren(
    north,
    h("div", { class: "scale", id: "scale" }, h("span", { class: "scale-text" }), h("span", { class: "scale-bar" })),
    h("p", { class: "dated" }, dated(town), h("span", { class: "source" }, ` · ${t("map.source", { name: town.name })}`)),
  );
}

export function renderScale(map: MapLibre): void {
  const { text, width } = scale(map, 96);
  const into = one("scale");
  into.setAttribute("role", "img");
  into.setAttribute("aria-label", t("map.scale", { distance: text }));
  const [label, bar] = [into.querySelector(".scale-text"), into.querySelector<HTMLElement>(".scale-bar")];
  if (label) label.textContent = text;
  if (bar) bar.style.width = `${width.toFixed(1)}px`;
}

export function renderLoading(done: number, asked: number): void {
  one("stage").setAttribute("aria-busy", String(asked > 0));
  const into = one("map-loading");
  into.hidden = asked === 0 || done >= asked;
  if (!into.hidden) {
    const share = asked === 0 ? 0 : done / asked;
    into.textContent = t("loading.map", { percent: `${Math.round(100 * share)} %` });
    into.style.setProperty("--share", String(share));
  }
}
