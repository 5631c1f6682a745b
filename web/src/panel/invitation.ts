/** What the place "Persone" says to whom may not ask about households: what may be seen, and how to come in. */
import type { Town } from "../api";
import { t, type Key } from "../i18n";
import { plural } from "../i18n/plural";
import { bearer } from "../session";
import type { Store } from "../state";
import { h, icon } from "../ui/dom";
import { openSignIn } from "../ui/sign";

export function renderInvitation(into: HTMLElement, store: Store, town: Town): void {
  const { lang } = store.now;
  const go = (place: "map" | "data"): void => {
    store.set({ place });
    document.querySelector<HTMLElement>(`#places [data-place="${place}"]`)?.focus();
  };
  const signed = bearer() !== null;
  into.replaceChildren(
    h("h3", { class: "over-title" }, t("people.title")),
    h(
      "div",
      { class: "invitation" },
      h("p", {}, signed ? t("invitation.role", { role: t(`role.${town.role}` as Key) }) : t("invitation.why")),
      signed ? null : h("button", { type: "button", class: "btn btn-primary btn-sm", id: "invitation-sign", onclick: openSignIn }, icon("user"), t("sign.in")),
    ),
    h("h3", { class: "over-title" }, t("invitation.open")),
    h(
      "ul",
      { class: "open-figures" },
      h("li", {}, h("strong", {}, plural(lang, "households", town.households)), ` · ${plural(lang, "people", town.people)}`),
      h("li", {}, t("invitation.zones", { n: town.min_households })),
      h("li", {}, h("button", { type: "button", class: "textual", onclick: () => go("map") }, t("invitation.map"))),
      h("li", {}, h("button", { type: "button", class: "textual", onclick: () => go("data") }, t("invitation.data"))),
    ),
  );
}
