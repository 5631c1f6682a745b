"""QGIS as a client of OGC API Features. Arguments: the address of the landing page.

The token in ATLANTE_TOKEN is of a role that reads households. The last line printed is what was seen, as JSON.
"""

import json
import os
import sys

from qgis.core import QgsApplication, QgsFeatureRequest, QgsRectangle, QgsVectorLayer, QgsWkbTypes

base = sys.argv[1]
app = QgsApplication([], False)
app.initQgis()
seen, keep = {}, []


def layer(name, more=""):
    made = QgsVectorLayer(f"typename='{name}' url='{base}' {more}", name, "OAPIF")
    keep.append(made)
    return made


def look(made):
    read = [feature for feature in made.getFeatures()]
    return {
        "valid": made.isValid(),
        "count": made.featureCount(),
        "read": len(read),
        "shape": QgsWkbTypes.displayString(made.wkbType()),
        "fields": {field.name(): field.typeName() for field in made.fields()},
        "shapes": sum(feature.hasGeometry() for feature in read),
    }


for name in ["hexes_10", "sections", "civics"]:
    made = layer(name)
    seen[name] = look(made)
    box = made.extent()
    half = QgsRectangle(box.xMinimum(), box.yMinimum(), box.center().x(), box.yMaximum())
    seen[name]["in half"] = sum(1 for _ in made.getFeatures(QgsFeatureRequest().setFilterRect(half)))
made = layer("hexes_10")
made.setSubsetString('"households" > 20 AND "merged" IN (1, 2)')
seen["filtered"] = look(made)
seen["households"] = look(layer("households", f"username='qgis' password='{os.environ['ATLANTE_TOKEN']}'"))
print(json.dumps(seen), flush=True)
# Python's end and QGIS' end are not always friends.
os._exit(0)
