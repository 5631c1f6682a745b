/** What the page says about itself: to the ear, in a banner, in an error with a code. */
import { ApiError } from "../api";
import { t, type Key } from "../i18n";
import { h, one } from "./dom";
import { reasons } from "./reason";

/** Reads `text` aloud when the reader is done with the sentence before. */
export function announce(text: string): void {
  one("live").textContent = text;
}

export const codeOf = (cause: unknown): string => (cause instanceof ApiError ? cause.code : String(cause));

export const isAbort = (cause: unknown): boolean => cause instanceof DOMException && cause.name === "AbortError";

/** An error that says what happened, its code, and what to do. */
export function problem(what: Key, cause: unknown, retry: (() => void) | null): HTMLElement {
  return h(
    "div",
    { class: "alert alert-danger problem" },
    h("strong", {}, t(what)),
    ...reasons(cause),
    h("span", { class: "problem-code" }, t("error.code", { code: codeOf(cause) })),
    retry ? h("button", { type: "button", class: "btn btn-outline-danger btn-xs", onclick: retry }, t("error.retry")) : null,
  );
}

export function showFailure(what: Key, cause: unknown, retry: (() => void) | null): void {
  one("failure").replaceChildren(problem(what, cause, retry));
}

export function clearFailure(): void {
  one("failure").replaceChildren();
}

/** Says when the network goes and comes. */
export function watchNetwork(onBack: () => void): void {
  const show = (): void => {
    const banner = one("banner");
    banner.className = navigator.onLine ? "" : "offline";
    banner.textContent = navigator.onLine ? "" : t("offline");
  };
  addEventListener("offline", show);
  addEventListener("online", () => {
    show();
    announce(t("online"));
    onBack();
  });
  show();
}
