/** The hatching that says "not known", and the other way that says "closed". */
import type { Map as MapLibre } from "maplibre-gl";

function tile(draw: (pen: CanvasRenderingContext2D, size: number) => void): ImageData {
  const size = 16;
  const canvas = document.createElement("canvas");
  canvas.width = size;
  canvas.height = size;
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("this browser draws no 2D canvas");
  draw(pen, size);
  return pen.getImageData(0, 0, size, size);
}

export function addHatch(map: MapLibre): void {
  const hatch = tile((pen, size) => {
    pen.fillStyle = "#e3e7eb";
    pen.fillRect(0, 0, size, size);
    pen.strokeStyle = "#7d8b99";
    pen.lineWidth = 2;
    for (const shift of [-size, 0, size]) {
      pen.beginPath();
      pen.moveTo(shift, size);
      pen.lineTo(shift + size, 0);
      pen.stroke();
    }
  });
  map.addImage("hatch", hatch, { pixelRatio: 2 });
  const closed = tile((pen, size) => {
    pen.strokeStyle = "#b3122fcc";
    pen.lineWidth = 2.4;
    for (const shift of [-size, 0, size]) {
      pen.beginPath();
      pen.moveTo(shift, 0);
      pen.lineTo(shift + size, size);
      pen.stroke();
    }
  });
  map.addImage("closed", closed, { pixelRatio: 2 });
}
