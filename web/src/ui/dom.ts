/** Elements without templates: a name, attributes, children. */
type Child = Node | string | null | false;
type Handler = (event: Event) => void;
type Attributes = Record<string, string | number | boolean | null | Handler>;

function fill(element: Element, attributes: Attributes, children: Child[]): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.replace(/^on/, ""), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child): child is Node | string => child !== null && child !== false));
}

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  fill(element, attributes, children);
  return element;
}

export function svg(tag: string, attributes: Attributes = {}, ...children: Child[]): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  fill(element, attributes, children);
  return element;
}

/** The element that the page is known to have. */
export function one(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}

const ICONS = {
  close: "M5 5l14 14M19 5L5 19",
  download: "M12 4v11m-5-5 5 5 5-5M5 20h14",
  picture: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9.5h.01",
  home: "M4 11l8-7 8 7M6 10v10h12V10",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16.5 16.5 21 21",
  map: "M9 4 3 6.5V20l6-2.5 6 2.5 6-2.5V4l-6 2.5zM9 4v13.5M15 6.5V20",
  table: "M4 5h16v14H4zM4 10h16M4 14.5h16M10 5v14",
  user: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4 21c0-4.5 3.5-7 8-7s8 2.500 8 7",
  people: "M9 5a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7zM2.500 20c0-4 3-6.500 6.500-6.500s6.500 2.500 6.500 6.500M16 5.500a3.200 3.200 0 0 1 0 6.300M17.500 13.800c2.500.7 4 3 4 6.200",
  polygon: "M5 9l8-5 7 7-5 9H7z",
  circle: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 12h.01M12 12h8",
  line: "M4 18l5-8 5 4 6-9",
  truck: "M3 6h11v10H3zM14 10h4l3 3v3h-7M7 16a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM17 16a2 2 0 1 0 0 4 2 2 0 0 0 0-4z",
  lock: "M6 11h12v9H6zM9 11V7a3 3 0 0 1 6 0v4",
  unlock: "M6 11h12v9H6zM9 11V7a3 3 0 0 1 5.800-1",
  point: "M12 21s6-6.500 6-11a6 6 0 1 0-12 0c0 4.500 6 11 6 11zM12 10h.01",
  back: "M15 5l-7 7 7 7",
  closed: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM7 12h10",
  print: "M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
} as const;

/** A drawn sign beside a word; alone it needs a name on its button. */
export function icon(name: keyof typeof ICONS): SVGElement {
  return svg(
    "svg",
    { viewBox: "0 0 24 24", class: "sign", "aria-hidden": "true", focusable: "false" },
    svg("path", { d: ICONS[name], fill: "none", stroke: "currentColor", "stroke-width": 1.8, "stroke-linecap": "round", "stroke-linejoin": "round" }),
  );
}
