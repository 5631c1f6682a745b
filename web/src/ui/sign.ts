/** Signing in by pasting a token: tried against the server before it is kept. */
import { fetchTown } from "../api";
import { t } from "../i18n";
import { forget, keep } from "../session";
import { h } from "./dom";
import { codeOf } from "./status";

export function openSignIn(): void {
  const input = h("input", { type: "password", class: "form-control", id: "sign-token", autocomplete: "off", required: true, spellcheck: "false" });
  const said = h("p", { class: "sign-said", id: "sign-said", role: "alert" });
  const dialog = h("dialog", { class: "sign", "aria-labelledby": "sign-title" });
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    said.textContent = t("sign.checking");
    keep(input.value.trim());
    try {
      await fetchTown();
      location.reload();
    } catch (cause) {
      forget();
      said.textContent = t("sign.bad", { code: codeOf(cause) });
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", "sign-said");
      input.focus();
    }
  };
  dialog.append(
    h(
      "form",
      { onsubmit: (event) => void submit(event) },
      h("h2", { id: "sign-title" }, t("sign.title")),
      h("p", {}, t("sign.help")),
      h("label", { for: "sign-token", class: "plain" }, t("sign.token")),
      input,
      said,
      h(
        "div",
        { class: "sign-buttons" },
        h("button", { type: "button", class: "btn btn-outline-primary btn-sm", onclick: () => dialog.close() }, t("sign.cancel")),
        h("button", { type: "submit", class: "btn btn-primary btn-sm" }, t("sign.go")),
      ),
    ),
  );
  dialog.addEventListener("close", () => {
    dialog.remove();
    document.getElementById("sign-in")?.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
}
