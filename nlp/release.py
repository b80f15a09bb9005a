"""From a trained network to a released folder: the graph, the tokenizer, the n-grams, the card."""

import json
from pathlib import Path

import onnx

from nlp.graph import fused_graph
from nlp.modelfolder import ModelCard, ModelFolder
from nlp.network import NoteNetwork
from nlp.ngrams import NgramModel
from nlp.tokens import NoteTokenizer

# Names the class that makes the folder a SentenceTransformer; read by that library alone.
MODULES = [{"idx": 0, "name": "0", "path": "", "type": "nlp.sentence.IssueVectors"}]


def release(
    network: NoteNetwork, tokens: NoteTokenizer, ngrams: NgramModel, card: ModelCard, folder: Path
) -> ModelFolder:
    """Write a complete model folder and return it; `nlp.sentence` tells how others load it.

    A network whose layers round (`nlp.quantization.insert_rounding`) becomes a graph of 8-bit
    products, any other one of float32.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = ModelFolder(folder)
    onnx.save(fused_graph(network), files.network)
    tokens.tokenizer.save(str(files.tokenizer), pretty=False)
    ngrams.save(files.ngrams)
    files.write_card(card)
    modules = json.dumps(MODULES, indent=2) + "\n"
    (folder / "modules.json").write_text(modules, encoding="utf-8")
    return files
