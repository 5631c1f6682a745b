"""QGIS without a screen: draws the vector tiles in their style and opens a copy of the store.

draw.py BASE COPY.gpkg PICTURE.png: the last line printed is what was seen, as JSON.
"""

import json
import sys
import urllib.request

from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsMapBoxGlStyleConverter,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtCore import QEventLoop, QSize, QTimer
from qgis.PyQt.QtGui import QColor

base, copy, picture = sys.argv[1:4]
QgsApplication.setPrefixPath("/usr", True)
app = QgsApplication([], False)
app.initQgis()


def get(path):
    with urllib.request.urlopen(base + path, timeout=30) as answer:
        return json.load(answer)


seen = {}
tilejson = get("/tiles/hexes.json")
# As QGIS' own dialogue writes a connection: the template percent-encoded where it would end the value.
template = tilejson["tiles"][0].replace("{", "%7B").replace("}", "%7D").replace("=", "%3D").replace("&", "%26")
uri = f"type=xyz&url={template}&zmin={tilejson['minzoom']}&zmax={tilejson['maxzoom']}&styleUrl={base}/styles/fragility.json"
layer = QgsVectorTileLayer(uri, "hexes")
seen["vector tiles are valid"] = layer.isValid()
# The style names several sources and QGIS draws one: the layers of this source are its style.
style = get("/styles/fragility.json")
style["layers"] = [one for one in style["layers"] if one.get("source") == "hexes"]
converter = QgsMapBoxGlStyleConverter()
seen["style is read"] = converter.convert(style) == QgsMapBoxGlStyleConverter.Success
seen["said of the style"] = converter.warnings()
layer.setRenderer(converter.renderer())

mercator = QgsCoordinateReferenceSystem("EPSG:3857")
degrees = QgsCoordinateReferenceSystem("EPSG:4326")
project = QgsProject.instance()
box = QgsCoordinateTransform(degrees, mercator, project).transformBoundingBox(QgsRectangle(*get("/tiles/boundary.json")["bounds"]))
settings = QgsMapSettings()
settings.setDestinationCrs(mercator)
settings.setExtent(box)
settings.setOutputSize(QSize(700, 700))
settings.setBackgroundColor(QColor("white"))
settings.setLayers([layer])
job = QgsMapRendererParallelJob(settings)
loop = QEventLoop()
job.finished.connect(loop.quit)
QTimer.singleShot(60_000, loop.quit)
job.start()
loop.exec_()
image = job.renderedImage()
image.save(picture)
seen["errors"] = [error.message for error in job.errors()]
pixels = {}
for y in range(0, image.height(), 2):
    for x in range(0, image.width(), 2):
        name = image.pixelColor(x, y).name()
        pixels[name] = pixels.get(name, 0) + 1
total = sum(pixels.values())
white = pixels.pop("#ffffff", 0)
seen["painted"] = round(1 - white / total, 3)
seen["colours"] = sum(1 for count in pixels.values() if count > total / 2_000)

whole = QgsVectorLayer(copy, "copy", "ogr")
tables = {}
for sub in whole.dataProvider().subLayers():
    name = sub.split("!!::!!")[1]
    table = QgsVectorLayer(f"{copy}|layername={name}", name, "ogr")
    tables[name] = table.featureCount() if table.isValid() else -1
seen["tables"] = tables
print(json.dumps(seen))
sys.stdout.flush()
# Leaving by the front door sometimes crashes Qt without a screen, after the work is done.
import os

os._exit(0)
