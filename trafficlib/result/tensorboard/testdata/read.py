"""Prints what TensorBoard's reader finds in a folder of runs, as JSON.

    python read.py FOLDER
"""

import json
import os
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util import tensor_util

told = {}
for folder, _, names in sorted(os.walk(sys.argv[1])):
    if not names:
        continue
    reader = EventAccumulator(folder, size_guidance={"tensors": 0})
    reader.Reload()
    for tag in reader.Tags()["tensors"]:
        metadata = reader.SummaryMetadata(tag)
        events = []
        for e in reader.Tensors(tag):
            value = tensor_util.make_ndarray(e.tensor_proto)
            if metadata.plugin_data.plugin_name == "images":
                value = [value[0].decode(), value[1].decode(), len(value[2])]
            elif value.dtype == object:
                value = value.item().decode()
            else:
                value = value.tolist()
            events.append([e.step, value])
        told[os.path.relpath(folder, sys.argv[1]) + ":" + tag] = {"plugin": metadata.plugin_data.plugin_name, "class": metadata.data_class, "events": events}
json.dump(told, sys.stdout)
