"""QGIS without a screen: opens the layer definition of a server for the public and with each kind of credentials, puts the
served styles on the layers, and draws them.

layers.py BASE NAME TOKEN PICTURES: the last line printed is what was seen, as JSON; pictures are PICTURES-*.png.
"""

import json
import os
import re
import sys
import tempfile
import urllib.request

from qgis.core import (
    QgsApplication,
    QgsAuthMethodConfig,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsLayerDefinition,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsReadWriteContext,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QEventLoop, QSize, QTimer
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtXml import QDomDocument

base, name, token, pictures = sys.argv[1:5]
os.environ["QGIS_AUTH_DB_DIR_PATH"] = tempfile.mkdtemp()
QgsApplication.setPrefixPath("/usr", True)
app = QgsApplication([], False)
app.initQgis()
auth = QgsApplication.authManager()
auth.setMasterPassword("a password of the test", True)


def get(path, key=None):
    request = urllib.request.Request(base + path, headers={"X-Api-Key": key} if key else {})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read().decode()


def configured(method, settings):
    config = QgsAuthMethodConfig()
    config.setName(method)
    config.setMethod(method)
    for key, value in settings.items():
        config.setConfig(key, value)
    assert auth.storeAuthenticationConfig(config)[0], auth.messages() if hasattr(auth, "messages") else method
    return config.id()


kinds = {
    "public": None,
    "basic": lambda: configured("Basic", {"username": name, "password": token, "realm": ""}),
}
# QGIS 3.22 as Debian builds it has no such method.
if "APIHeader" in auth.authMethodsKeys():
    kinds["header"] = lambda: configured("APIHeader", {"X-Api-Key": token})


def draw(layers, extent, file):
    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    settings.setExtent(extent)
    settings.setOutputSize(QSize(1000, 800))
    settings.setBackgroundColor(QColor("#ffffff"))
    job = QgsMapRendererParallelJob(settings)
    loop = QEventLoop()
    job.finished.connect(loop.quit)
    QTimer.singleShot(90_000, loop.quit)
    job.start()
    loop.exec_()
    image = job.renderedImage()
    image.save(file)
    counted = {}
    for x in range(0, image.width(), 3):
        for y in range(0, image.height(), 3):
            colour = image.pixelColor(x, y).name()
            counted[colour] = counted.get(colour, 0) + 1
    return sum(1 for count in counted.values() if count >= 20)


def opened(kind):
    project = QgsProject.instance()
    project.clear()
    config = kinds[kind] and kinds[kind]()
    path = "/qgis/atlante.qlr" + (f"?authcfg={config}" if config else "")
    document = QDomDocument()
    read = document.setContent(get(path, token if config else None))
    assert read[0], read
    group = project.layerTreeRoot()
    done, error = QgsLayerDefinition.loadLayerDefinition(document, project, group, QgsReadWriteContext())
    assert done, error
    layers = {}
    for layer in project.mapLayers().values():
        named = re.search(r"typename='([^']*)'", layer.source())
        key = named.group(1) if named else "hexes_tiles"
        layers[key] = layer
    seen = {}
    for key, layer in layers.items():
        one = {"valid": layer.isValid() and layer.crs().isValid(), "error": layer.error().message()[:200] if not layer.isValid() else ""}
        if key != "hexes_tiles" and layer.isValid():
            one["count"] = layer.featureCount()
            one["renderer"] = layer.renderer().type() if layer.renderer() else ""
            with tempfile.NamedTemporaryFile("w", suffix=".qml", delete=False) as file:
                file.write(get(f"/qgis/{key}.qml", token if config else None))
            message, good = layer.loadNamedStyle(file.name)
            os.unlink(file.name)
            one["style"] = good
            one["said"] = "" if good else message
            one["aliases"] = sum(1 for alias in layer.attributeAliases().values() if alias) if hasattr(layer, "attributeAliases") else 0
        seen[key] = one
    return layers, {"layers": seen}


seen = {"pictures": {}}
for kind in kinds:
    layers, seen[kind] = opened(kind)
    web = QgsCoordinateTransform(
        QgsCoordinateReferenceSystem("OGC:CRS84"), QgsCoordinateReferenceSystem("EPSG:3857"), QgsProject.instance()
    )
    box = QgsRectangle(layers["hexes_9"].extent())
    extent = web.transformBoundingBox(box)
    extent.scale(1.05)
    if kind == "public":
        seen["pictures"]["tiles"] = draw([layers["boundary"], layers["hexes_tiles"]], extent, pictures + "-tiles.png")
        seen["pictures"]["features"] = draw(
            [layers["streets"], layers["boundary"], layers["hexes_9"]], extent, pictures + "-features.png"
        )
    if kind == "basic":
        seen["pictures"]["households"] = draw([layers["households"], layers["boundary"]], extent, pictures + "-households.png")
print(json.dumps(seen), flush=True)
# QGIS may crash while it takes itself down: nothing is left to do.
os._exit(0)
