/** By whom: so many crews alike, and one by one where they are not. */
import { roundedPlace, type LonLat } from "../ask/area";
import { t } from "../i18n";
import { h } from "../ui/dom";
import { choiceBox, labelled, numberBox, textBox, tickBox, timeBox } from "../ui/inputs";
import type { Profile } from "./api";
import { placesOf, usualRest, type Draft, type Own, type Rest } from "./order";

const MOST_CREWS = 60;

/** Presses one place on the map. */
type Pick = (done: (at: LonLat | null) => void) => void;

/** What the line of a crew needs of the form. */
interface How {
  profiles: Profile[];
  changed: () => void;
  pick: Pick;
}

/** Answers how the lines are written again, where depots came or went. */
export function crewsPart(into: HTMLElement, draft: Draft, profiles: Profile[], changed: () => void, pick: Pick): () => void {
  const lines = h("div", { class: "crew-lines" });
  const again = (): void => each(lines, draft, { profiles, changed, pick });
  const told = (): void => {
    again();
    changed();
  };
  into.replaceChildren(
    h(
      "div",
      { class: "form-grid" },
      labelled(numberBox("crew-count", draft.crews, [1, MOST_CREWS], (value) => {
        draft.crews = Math.round(value);
        told();
      }), t("form.crews.count")),
      labelled(numberBox("crew-capacity", draft.capacity, [1, 100_000], (value) => {
        draft.capacity = Math.round(value);
        again();
      }), t("form.capacity")),
      labelled(timeBox("crew-from", draft.from, (value) => {
        draft.from = value;
        told();
      }), t("form.shift.from")),
      labelled(timeBox("crew-to", draft.to, (value) => {
        draft.to = value;
        told();
      }), t("form.shift.to")),
    ),
    h("details", { class: "fold small" }, h("summary", {}, t("form.crews.more")), common(draft, told), h("h4", { class: "plain-label" }, t("form.crews.each")), lines),
  );
  again();
  return again;
}

/** What all crews do alike, beside their number, load and shift. */
function common(draft: Draft, told: () => void): HTMLElement {
  const most = h("input", { type: "number", class: "form-control number", id: "crew-most", min: 1, max: 500, value: draft.maxStops ?? "", placeholder: t("form.most.none") });
  most.addEventListener("input", () => (draft.maxStops = most.value === "" ? null : Math.max(1, Math.round(Number(most.value)))));
  const into = h("div");
  const rest = (): void => into.replaceChildren(...(draft.rest ? [restRow("crew-rest", draft.rest, told)] : []));
  rest();
  return h(
    "div",
    { class: "form-grid" },
    labelled(choiceBox("crew-end", draft.end, [["depot", t("form.end.depot")], ["open", t("form.end.open")]], (value) => (draft.end = value as Draft["end"])), t("form.end")),
    labelled(most, t("form.most")),
    h("div", { class: "whole" }, tickBox("crew-reloads", t("form.reloads"), draft.reloads, (checked) => (draft.reloads = checked)), tickBox("crew-rest", t("form.rest"), draft.rest !== null, (checked) => {
      draft.rest = checked ? usualRest() : null;
      rest();
      told();
    }), into),
  );
}

/** Between which times a break begins, and how long it is. */
function restRow(id: string, rest: Rest, changed: () => void): HTMLElement {
  const time = (end: "from" | "to"): HTMLElement => timeBox(`${id}-${end}`, rest[end], (value) => {
    rest[end] = value;
    changed();
  }, t(`form.rest.${end}`));
  const minutes = numberBox(`${id}-minutes`, rest.minutes, [5, 240], (value) => {
    rest.minutes = value;
    changed();
  }, 5);
  return h("div", { class: "form-row rest-row" }, time("from"), h("span", { "aria-hidden": "true" }, "–"), time("to"), h("label", { class: "inline", for: minutes.id }, `${t("form.rest.minutes")}:`, minutes));
}

/** A crew in one line, for who does not open it. */
function saying(draft: Draft, i: number): string {
  const { from, to, capacity, rest = draft.rest, skills } = draft.own[i] ?? {};
  return [`${from ?? draft.from}–${to ?? draft.to}`, t("run.load", { n: capacity ?? draft.capacity }), rest ? t("form.rest.said", { from: rest.from, to: rest.to }) : "", skills ?? ""].filter(Boolean).join(" · ");
}

/** One line a crew, which opens: what is not said there is as for all. */
function each(into: HTMLElement, draft: Draft, how: How): void {
  const open = new Set([...into.querySelectorAll<HTMLDetailsElement>("details[open]")].map(({ id }) => id));
  into.replaceChildren(...Array.from({ length: draft.crews }, (_, i) => line(into, draft, i, how, open.has(`own-${i}`))));
}

function line(into: HTMLElement, draft: Draft, i: number, how: How, open: boolean): HTMLElement {
  const own = draft.own[i] ?? {};
  const places = placesOf(draft);
  const bound = draft.where === "depots" && places.length > 1;
  const title = (): string => draft.own[i]?.title ?? t("form.crew.n", { n: i + 1 });
  const name = h("span", { class: "crew-name" }, title());
  const said = h("span", { class: "crew-said" }, saying(draft, i));
  const set = (change: Own): void => {
    draft.own[i] = { ...draft.own[i], ...change };
    name.textContent = title();
    said.textContent = saying(draft, i);
    how.changed();
  };
  const profile = choiceBox(`own-profile-${i}`, own.profile ?? "", [["", t("form.end.same")], ...how.profiles.map((key) => [key, t(`profile.${key}`)] as [string, string])], (value) => {
    const { profile: _, ...others } = draft.own[i] ?? {};
    draft.own[i] = value ? { ...others, profile: value as Profile } : others;
  });
  return h(
    "details",
    { class: "fold small crew-line", id: `own-${i}`, open },
    h("summary", {}, h("span", { class: "crew-head" }, name, said)),
    h(
      "div",
      { class: "form-grid" },
      labelled(textBox(`own-title-${i}`, title(), (value) => set({ title: value }), { maxlength: 40 }), t("form.crew.title"), "whole"),
      bound ? labelled(choiceBox(`own-depot-${i}`, own.depot ?? places[i % places.length]?.id ?? "", places.map(({ id, title: called }) => [id, called]), (value) => set({ depot: value })), t("form.crew.depot"), "whole") : null,
      labelled(timeBox(`own-from-${i}`, own.from ?? draft.from, (value) => set({ from: value })), t("form.shift.from")),
      labelled(timeBox(`own-to-${i}`, own.to ?? draft.to, (value) => set({ to: value })), t("form.shift.to")),
      labelled(numberBox(`own-capacity-${i}`, own.capacity ?? draft.capacity, [1, 100_000], (value) => set({ capacity: Math.round(value) })), t("form.capacity")),
      labelled(profile, t("form.profile")),
      labelled(endBox(into, draft, i, how), t("form.end"), "whole"),
      labelled(textBox(`own-skills-${i}`, own.skills ?? "", (value) => set({ skills: value }), { maxlength: 80, placeholder: t("form.skills.hint") }), t("form.skills"), "whole"),
      ...ownRest(draft, i, set),
    ),
  );
}

/** The break of one crew: as the others, none, or its own. */
function ownRest(draft: Draft, i: number, set: (change: Own) => void): HTMLElement[] {
  const { rest } = draft.own[i] ?? {};
  const into = h("div", { class: "whole" });
  const show = (): void => {
    const now = draft.own[i]?.rest;
    into.replaceChildren(...(now ? [restRow(`own-rest-${i}`, now, () => set({ rest: now }))] : []));
  };
  const choice = choiceBox(`own-rest-${i}`, rest === undefined ? "" : rest ? "own" : "none", [["", t("form.end.same")], ["none", t("form.rest.none")], ["own", t("form.rest.own")]], (value) => {
    const { rest: _, ...others } = draft.own[i] ?? {};
    draft.own[i] = others;
    set(value === "own" ? { rest: { ...(draft.rest ?? usualRest()) } } : value === "none" ? { rest: null } : {});
    show();
  });
  show();
  return [labelled(choice, t("form.rest.one"), "whole"), into];
}

/** Where one crew ends: as the others, or at a place that is pressed on the map. */
function endBox(into: HTMLElement, draft: Draft, i: number, how: How): HTMLSelectElement {
  const own = draft.own[i]?.end;
  const at = Array.isArray(own);
  const options: [string, string][] = [["", t("form.end.same")], ["depot", t("form.end.depot")], ["open", t("form.end.open")], ["press", t(at ? "form.end.there" : "form.end.press")]];
  return choiceBox(`own-end-${i}`, at ? "press" : (own ?? ""), options, (value) => {
    const { end: _, ...rest } = draft.own[i] ?? {};
    draft.own[i] = value === "depot" || value === "open" ? { ...rest, end: value } : rest;
    if (value !== "press") return;
    how.pick((place) => {
      if (place) draft.own[i] = { ...rest, end: roundedPlace(place) };
      each(into, draft, how);
      document.getElementById(`own-end-${i}`)?.focus();
    });
  });
}
