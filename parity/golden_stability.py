"""Golden files of layers with norms and caps that their architecture lacks.

Writes luthier-model/src/test/resources/golden/llama-qk-norm/: weights of a Qwen3, which is a Llama whose queries and keys are
normalised head by head, with the configuration that Luthier gives to such a Llama.
"""

import json

from golden import MODEL, fill, widened, write
from golden_decoders import EAGER, SHAPE, batch, supervised
from golden_encoders import gradients, save, summed
from transformers import AutoConfig, AutoModelForCausalLM
import torch.nn.functional as F


def main():
    shape = dict(SHAPE, head_dim=4, tie_word_embeddings=False, attention_bias=False)
    settings = AutoConfig.for_model("qwen3", **shape)
    model = fill(AutoModelForCausalLM.from_config(settings, **EAGER), "qwen3")
    folder = save(model, MODEL / "llama-qk-norm")
    (folder / "generation_config.json").unlink()
    written = json.loads((folder / "config.json").read_text())
    for key in ["layer_types", "use_sliding_window", "sliding_window", "max_window_layers"]:
        written.pop(key, None)
    written |= {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "luthier-llama",
        "stability": {"attention": "qk-norm", "norm_outputs": False},
    }
    (folder / "config.json").write_text(json.dumps(written, indent=2, sort_keys=True) + "\n")
    model, inputs = widened(model), batch()
    labels, out = supervised(inputs), model(**inputs)
    total = F.cross_entropy(out.logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), reduction="sum")
    loss = summed(total, (labels[:, 1:] != -100).sum())
    values = dict(inputs, labels=labels, logits=out.logits)
    write(folder / "golden.safetensors", values | loss | gradients(model, loss["loss"], folder))


if __name__ == "__main__":
    main()
