/** The institution, the product, the role in use, the language. */
import type { Lang, Town } from "../api";
import { t, type Key } from "../i18n";
import { bearer, forget } from "../session";
import type { Store } from "../state";
import { h, icon, one } from "./dom";
import { openSignIn } from "./sign";

function languages(store: Store): HTMLElement {
  const choice = (lang: Lang): HTMLElement =>
    h(
      "button",
      {
        type: "button",
        class: "lang",
        lang,
        "aria-pressed": String(store.now.lang === lang),
        "data-lang": lang,
        onclick: () => {
          store.set({ lang });
          document.querySelector<HTMLElement>(`[data-lang="${lang}"]`)?.focus();
        },
      },
      lang.toUpperCase(),
      h("span", { class: "visually-hidden" }, ` ${t(`lang.${lang}`)}`),
    );
  return h("div", { class: "langs", role: "group", "aria-label": t("lang.switch") }, choice("it"), choice("en"));
}

function signing(): HTMLElement {
  const leave = (): void => {
    forget();
    location.reload();
  };
  return bearer()
    ? h("button", { type: "button", class: "btn-slim", onclick: leave }, icon("user"), t("sign.out"))
    : h("button", { type: "button", class: "btn-slim", id: "sign-in", onclick: openSignIn }, icon("user"), t("sign.in"));
}

export function renderHeader(store: Store, town: Town): void {
  const role = t(`role.${town.role}` as Key);
  const policy = town.policy === "public" ? t("policy.public", { n: town.min_households }) : t("policy.exact");
  one("slim").replaceChildren(
    h("span", { class: "institution" }, t("town.of", { name: town.name })),
    h("div", { class: "slim-right" }, languages(store), signing()),
  );
  one("product").replaceChildren(
    h("div", { class: "product-name" }, h("h1", { class: "product-title" }, t("app.product")), h("span", { class: "product-tagline" }, t("app.tagline"))),
    h("p", { class: "role-in-use", "data-policy": town.policy }, h("strong", {}, t("role.using", { role })), h("span", { class: "policy" }, policy)),
  );
  one("skips").replaceChildren(
    h("a", { class: "skip", href: "#panel", onclick: skipTo("panel") }, t("skip.panel")),
    h("a", { class: "skip", href: "#map", onclick: skipTo("map") }, t("skip.map")),
  );
}

/** The part after `#` is the shared state, so a skip link moves the focus by itself. */
const skipTo = (id: "panel" | "map") => (event: Event): void => {
  event.preventDefault();
  (id === "map" ? document.querySelector<HTMLElement>("#map canvas") : one(id))?.focus();
};
