/** By whom: so many crews alike, and one by one where they are not. */
import { roundedPlace, type LonLat } from "../ask/area";
import { t } from "../i18n";
import { h } from "../ui/dom";
import { choiceBox, labelled, numberBox, textBox, tickBox, timeBox } from "../ui/inputs";
import type { Profile } from "./api";
import { placesOf, type Draft, type Own } from "./order";

const MOST_CREWS = 60;

/** Presses one place on the map. */
type Pick = (done: (at: LonLat | null) => void) => void;

/** Answers how the lines are written again, where depots came or went. */
export function crewsPart(into: HTMLElement, draft: Draft, profiles: Profile[], changed: () => void, pick: Pick): () => void {
  const again = (): void => each(table, draft, { profiles, changed, pick });
  const table = h("div", { class: "crew-table" });
  const rest = h("div", { class: "form-row" }, timeBox("crew-rest-from", draft.restFrom, (value) => {
    draft.restFrom = value;
    changed();
  }, t("form.rest.from")), h("span", { "aria-hidden": "true" }, "–"), timeBox("crew-rest-to", draft.restTo, (value) => {
    draft.restTo = value;
    changed();
  }, t("form.rest.to")), labelledMinutes(draft));
  rest.hidden = !draft.rest;
  const most = h("input", { type: "number", class: "form-control number", id: "crew-most", min: 1, max: 500, value: draft.maxStops ?? "", placeholder: t("form.most.none") });
  most.addEventListener("input", () => (draft.maxStops = most.value === "" ? null : Math.max(1, Math.round(Number(most.value)))));
  into.replaceChildren(
    h(
      "div",
      { class: "form-grid" },
      labelled(numberBox("crew-count", draft.crews, [1, MOST_CREWS], (value) => {
        draft.crews = Math.round(value);
        again();
        changed();
      }), t("form.crews.count")),
      labelled(numberBox("crew-capacity", draft.capacity, [1, 100_000], (value) => {
        draft.capacity = Math.round(value);
        again();
      }), t("form.capacity")),
      labelled(timeBox("crew-from", draft.from, (value) => {
        draft.from = value;
        again();
        changed();
      }), t("form.shift.from")),
      labelled(timeBox("crew-to", draft.to, (value) => {
        draft.to = value;
        again();
        changed();
      }), t("form.shift.to")),
    ),
    h(
      "details",
      { class: "fold small" },
      h("summary", {}, t("form.crews.more")),
      h(
        "div",
        { class: "form-grid" },
        labelled(choiceBox("crew-end", draft.end, [["depot", t("form.end.depot")], ["open", t("form.end.open")]], (value) => (draft.end = value as Draft["end"])), t("form.end")),
        labelled(most, t("form.most")),
        h("div", { class: "whole" }, tickBox("crew-reloads", t("form.reloads"), draft.reloads, (checked) => (draft.reloads = checked)), tickBox("crew-rest", t("form.rest"), draft.rest, (checked) => {
          draft.rest = checked;
          rest.hidden = !checked;
          changed();
        }), rest),
      ),
      h("p", { class: "plain-label" }, t("form.crews.each")),
      table,
    ),
  );
  again();
  return again;
}

const labelledMinutes = (draft: Draft): HTMLElement => h("label", { class: "inline" }, numberBox("crew-rest-minutes", draft.restMinutes, [5, 240], (value) => (draft.restMinutes = value), 5), " min");

/** One line a crew: what is empty is as for all. */
function each(into: HTMLElement, draft: Draft, how: { profiles: Profile[]; changed: () => void; pick: Pick }): void {
  const { profiles, changed, pick } = how;
  const places = placesOf(draft);
  const bound = draft.where === "depots" && places.length > 1;
  const set = (i: number, change: Own): void => {
    draft.own[i] = { ...draft.own[i], ...change };
  };
  const end = (i: number): HTMLSelectElement => {
    const own = draft.own[i]?.end;
    const at = Array.isArray(own);
    const options: [string, string][] = [["", t("form.end.same")], ["depot", t("form.end.depot")], ["open", t("form.end.open")], ["press", t(at ? "form.end.there" : "form.end.press")]];
    const select = choiceBox(`own-end-${i}`, at ? "press" : (own ?? ""), options, (value) => {
      const { end: _, ...rest } = draft.own[i] ?? {};
      draft.own[i] = value === "depot" || value === "open" ? { ...rest, end: value } : rest;
      if (value !== "press") return;
      pick((place) => {
        if (place) draft.own[i] = { ...rest, end: roundedPlace(place) };
        each(into, draft, how);
        document.getElementById(`own-end-${i}`)?.focus();
      });
    });
    return select;
  };
  const line = (i: number): HTMLElement => {
    const own = draft.own[i] ?? {};
    const name = own.title ?? t("form.crew.n", { n: i + 1 });
    const box = (label: string, input: HTMLInputElement | HTMLSelectElement): HTMLElement => {
      input.setAttribute("aria-label", `${name}: ${label}`);
      return h("td", {}, input);
    };
    const turn = draft.where === "depots" && places.length > 0 ? places[i % places.length]?.id : "";
    const profile = choiceBox(`own-profile-${i}`, own.profile ?? "", [["", t("form.end.same")], ...profiles.map((key) => [key, t(`profile.${key}`)] as [string, string])], (value) => {
      const { profile: _, ...rest } = draft.own[i] ?? {};
      draft.own[i] = value ? { ...rest, profile: value as Profile } : rest;
    });
    return h(
      "tr",
      {},
      box(t("form.crew.title"), textBox(`own-title-${i}`, name, (value) => set(i, { title: value }), { maxlength: 40 })),
      ...(bound ? [box(t("form.crew.depot"), choiceBox(`own-depot-${i}`, own.depot ?? turn ?? "", places.map(({ id, title }) => [id, title]), (value) => set(i, { depot: value })))] : []),
      box(t("form.shift.from"), timeBox(`own-from-${i}`, own.from ?? draft.from, (value) => {
        set(i, { from: value });
        changed();
      })),
      box(t("form.shift.to"), timeBox(`own-to-${i}`, own.to ?? draft.to, (value) => {
        set(i, { to: value });
        changed();
      })),
      box(t("form.capacity"), numberBox(`own-capacity-${i}`, own.capacity ?? draft.capacity, [1, 100_000], (value) => set(i, { capacity: value }))),
      box(t("form.end"), end(i)),
      box(t("form.profile"), profile),
      box(t("form.skills"), textBox(`own-skills-${i}`, own.skills ?? "", (value) => {
        set(i, { skills: value });
        changed();
      }, { maxlength: 80, placeholder: t("form.skills.hint") })),
    );
  };
  const heads = [t("form.crew.title"), ...(bound ? [t("form.crew.depot")] : []), t("form.shift.from"), t("form.shift.to"), t("form.capacity"), t("form.end"), t("form.profile"), t("form.skills")];
  into.replaceChildren(
    h("div", { class: "table-frame", tabindex: 0, role: "region", "aria-label": t("form.crews.each") }, h("table", { class: "data crews" }, h("thead", {}, h("tr", {}, ...heads.map((head) => h("th", { scope: "col" }, head)))), h("tbody", {}, ...Array.from({ length: draft.crews }, (_, i) => line(i))))),
  );
}
