/** A picture of the map that can stand alone: legend, date, model, scale and north are on it. */
import type { Map as MapLibre } from "maplibre-gl";
import type { Legend, Property, Town } from "../api";
import * as format from "../format";
import { t } from "../i18n";
import { INK, ramp } from "../palette";
import type { Lang } from "../api";
import { dated, scale } from "./furniture";

/** What is written around the picture. */
export interface Sheet {
  town: Town;
  title: string;
  note: string;
  rows: { colour: string; dash: number[]; text: string }[];
}

/** The sheet of an indicator. */
export function figureSheet(town: Town, property: Property, legend: Legend, lang: Lang): Sheet {
  const rows: Sheet["rows"] = ramp(legend.breaks.length - 1).map((colour, i) => ({
    colour,
    dash: [],
    text: `${format.value(lang, property, legend.breaks[i])} – ${format.value(lang, property, legend.breaks[i + 1])}`,
  }));
  if (legend.unknown > 0) rows.push({ colour: "#c5cbd1", dash: [], text: t("legend.unknown") });
  if (legend.merged > 0) rows.push({ colour: "#ffffff", dash: [3, 2], text: t("legend.merged", { n: town.min_households }) });
  return { town, title: property.title[lang], note: property.description[lang], rows };
}

const FONT = '"Titillium Web", sans-serif';
const [HEAD, FOOT] = [64, 40];

/** The canvas can be read only while a frame is being drawn. */
function frame(map: MapLibre): Promise<ImageBitmap> {
  return new Promise((resolve, reject) => {
    map.once("render", () => void createImageBitmap(map.getCanvas()).then(resolve, reject));
    map.triggerRepaint();
  });
}

function drawLegend(pen: CanvasRenderingContext2D, { rows }: Sheet, bottom: number): void {
  if (rows.length === 0) return;
  pen.font = `400 13px ${FONT}`;
  const width = 60 + Math.max(...rows.map(({ text }) => pen.measureText(text).width));
  const height = rows.length * 20 + 18;
  const top = bottom - height - 12;
  pen.fillStyle = "rgba(255,255,255,.94)";
  pen.fillRect(12, top, width, height);
  rows.forEach(({ colour, dash, text }, i) => {
    const y = top + 10 + i * 20;
    pen.fillStyle = colour;
    pen.fillRect(22, y, 26, 15);
    pen.strokeStyle = "rgba(23,50,77,.7)";
    pen.setLineDash(dash);
    pen.strokeRect(22.5, y + 0.5, 25, 14);
    pen.fillStyle = INK;
    pen.fillText(text, 58, y + 12);
  });
  pen.setLineDash([]);
}

function drawFoot(pen: CanvasRenderingContext2D, map: MapLibre, sheet: Sheet, width: number, top: number): void {
  const { text, width: bar } = scale(map, 120);
  pen.fillStyle = INK;
  pen.font = `700 13px ${FONT}`;
  pen.fillText("N", 14, top + 25);
  pen.beginPath();
  pen.moveTo(34, top + 10);
  pen.lineTo(40, top + 30);
  pen.lineTo(34, top + 25);
  pen.lineTo(28, top + 30);
  pen.fill();
  pen.fillRect(56, top + 26, bar, 3);
  pen.font = `400 13px ${FONT}`;
  pen.fillText(text, 56, top + 20);
  const said = `${dated(sheet.town)} · ${t("map.source", { name: sheet.town.name })}`;
  pen.fillText(said, Math.max(width - pen.measureText(said).width - 14, 56 + bar + 24), top + 25);
}

/** A PNG at the resolution of the screen. */
export async function picture(map: MapLibre, sheet: Sheet): Promise<Blob> {
  const image = await frame(map);
  const { clientWidth: width, clientHeight } = map.getContainer();
  const zoom = image.width / width;
  const height = clientHeight + HEAD + FOOT;
  const canvas = document.createElement("canvas");
  canvas.width = image.width;
  canvas.height = Math.round(height * zoom);
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("this browser draws no 2D canvas");
  pen.scale(zoom, zoom);
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, width, height);
  pen.drawImage(image, 0, HEAD, width, clientHeight);
  pen.fillStyle = INK;
  pen.font = `700 22px ${FONT}`;
  pen.fillText(sheet.title, 14, 28);
  pen.font = `400 14px ${FONT}`;
  pen.fillText(`${t("town.of", { name: sheet.town.name })} · ${sheet.note}`, 14, 50);
  drawLegend(pen, sheet, HEAD + clientHeight);
  drawFoot(pen, map, sheet, width, HEAD + clientHeight);
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png"));
}
