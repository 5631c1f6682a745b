/** On a phone the panel is a sheet of three heights, by touch or by its button. */
import { t } from "../i18n";
import { one } from "../ui/dom";

const HEIGHTS = ["low", "half", "full"] as const;
export type Height = (typeof HEIGHTS)[number];

const panel = (): HTMLElement => one("panel");
const current = (): Height => HEIGHTS.find((height) => height === panel().dataset.height) ?? "half";

export function setSheet(height: Height): void {
  panel().dataset.height = height;
  one("frame").dataset.sheet = height;
  one("sheet-handle").setAttribute("aria-label", t("sheet.height", { height: t(`sheet.${height}`) }));
}

/** Raises a low sheet, so that what was asked for is seen. */
export function raiseSheet(): void {
  if (current() === "low") setSheet("half");
}

export const renderSheet = (): void => setSheet(current());

export function mountSheet(): void {
  const handle = one("sheet-handle");
  let from: { y: number; height: number } | null = null;
  let dragged = false;
  handle.addEventListener("click", () => {
    if (dragged) return;
    setSheet(HEIGHTS[(HEIGHTS.indexOf(current()) + 1) % HEIGHTS.length] ?? "half");
  });
  handle.addEventListener("pointerdown", (event) => {
    from = { y: event.clientY, height: panel().offsetHeight };
    dragged = false;
    handle.setPointerCapture(event.pointerId);
  });
  handle.addEventListener("pointermove", (event) => {
    if (!from || Math.abs(event.clientY - from.y) < 6) return;
    dragged = true;
    panel().style.height = `${from.height + from.y - event.clientY}px`;
  });
  const release = (): void => {
    if (from && dragged) {
      const share = panel().offsetHeight / one("frame").offsetHeight;
      setSheet(share < 0.3 ? "low" : share < 0.7 ? "half" : "full");
    }
    from = null;
    panel().style.height = "";
  };
  handle.addEventListener("pointerup", release);
  handle.addEventListener("pointercancel", release);
  setSheet("half");
}
