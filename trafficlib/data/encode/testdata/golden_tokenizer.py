"""Writes golden_tokenizer.json: what Keras' Tokenizer makes of texts.

    python -m venv v && v/bin/pip install keras torch && v/bin/python golden_tokenizer.py

Keras 3 has it among what it keeps for old programs (keras.src.legacy), unchanged.
"""

import json
import os
import pathlib

os.environ["KERAS_BACKEND"] = "torch"

import keras
from keras.src.legacy.preprocessing.text import Tokenizer

LABELS = ["BENIGN", "DDoS", "BENIGN", "Web Attack – XSS", "DDoS", "PortScan", "Web Attack – Sql Injection", "DDoS", "FTP-Patator",
          "", "Bot\tnet_x", "Übung (é)", "a a a b b c"]
cases = []
for options in [{}, {"num_words": 20}, {"num_words": 3}, {"num_words": 3, "oov_token": "<oov>"}, {"lower": False}, {"filters": "-–"}]:
    t = Tokenizer(**options)
    t.fit_on_texts(LABELS)
    asked = LABELS + ["unknown ddos"]
    sequences = t.texts_to_sequences(asked)
    cases.append({"options": options, "words": [w for w, _ in sorted(t.word_index.items(), key=lambda x: x[1])],
                  "sequences": sequences, "texts": t.sequences_to_texts(sequences)})
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(
    {"made_by": f"golden_tokenizer.py, keras {keras.__version__}", "fitted_on": LABELS, "asked": asked, "cases": cases},
    indent=1, ensure_ascii=False) + "\n")
