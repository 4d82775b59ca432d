"""What comes with mxdigits: names and targets by group, as entry points give them for plugins.

The names here belong to mxdigits: no plugin can take them. They are found without a search through
all installed distributions, which takes longer than predicting with a small network.
"""

from __future__ import annotations

from collections.abc import Mapping

OURS = "mxdigits"  # the distribution

# Targets by name, by group.
OWN: Mapping[str, Mapping[str, str]] = {
    "mxdigits.models": {
        "mlp": "mxdigits.models.mlp:MLP",
        "lenet": "mxdigits.models.lenet:LeNet",
        "deep": "mxdigits.models.deep:deep",
        "graph": "mxdigits.models.graph_file:graph_file",
    },
    # The same models as graphs, for backends that need no MXNet. Plugins cannot register these.
    "mxdigits.model_graphs": {
        "mlp": "mxdigits.models.graphs:mlp",
        "lenet": "mxdigits.models.graphs:lenet",
    },
    "mxdigits.datasets": {
        "mnist": "mxdigits.data.mnist:mnist",
        "idx": "mxdigits.data.idx_folder:idx",
        "folder": "mxdigits.data.folder:folder",
        "npz": "mxdigits.data.npz_set:npz",
        "mix": "mxdigits.data.mix:mix",
        "fold": "mxdigits.data.folds:fold",
        "hands": "mxdigits.data.hands.dataset:hands",
    },
    "mxdigits.augmentations": {
        "affine": "mxdigits.augmentations.affine:affine",
        "blur": "mxdigits.augmentations.blur:blur",
        "contrast": "mxdigits.augmentations.contrast:contrast",
        "cutmix": "mxdigits.augmentations.mixing:cutmix",
        "elastic": "mxdigits.augmentations.elastic:elastic",
        "erasing": "mxdigits.augmentations.erasing:erasing",
        "mixup": "mxdigits.augmentations.mixing:mixup",
        "noise": "mxdigits.augmentations.noise:noise",
        "thickness": "mxdigits.augmentations.thickness:thickness",
    },
    "mxdigits.callbacks": {
        "best_weights": "mxdigits.train.monitors:BestWeights",
        "early_stopping": "mxdigits.train.monitors:EarlyStopping",
        "reduce_on_plateau": "mxdigits.train.monitors:ReduceOnPlateau",
    },
    "mxdigits.exporters": {
        "csv": "mxdigits.predict.formats:Csv",
        "jsonl": "mxdigits.predict.formats:JsonLines",
        "npz": "mxdigits.predict.formats:Npz",
    },
    "mxdigits.network_formats": {
        "mxnet": "mxdigits.export.mxnet:MXNet",
        "onnx": "mxdigits.export.onnx:Onnx",
        "onnx-int8": "mxdigits.export.onnx_int8:OnnxInt8",
        "safetensors": "mxdigits.export.safetensors:Safetensors",
        "torch": "mxdigits.export.torch.format:Torch",
        "web": "mxdigits.export.web.web:Web",
    },
    "mxdigits.networks": {
        "digits": "mxdigits.networks.digits:network",
    },
}
