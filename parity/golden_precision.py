"""Golden losses and gradients of mixed precision: torch's autocast to bfloat16 on the models of golden_lora.py (run that first).

Writes luthier-train/src/test/resources/golden/precision/.
"""

import torch
import torch.nn.functional as F
from golden import TRAIN, widened, write
from golden_lora import OUT, answered, asked, base, load, on_disk
from peft import PeftModel


def bert():
    """All weights of a classifier."""
    return load(base("bert")).eval()


def llama():
    """A low-rank adapter on all linear layers of a causal language model."""
    return PeftModel.from_pretrained(load(base("llama")), OUT / "llama-all-linear", is_trainable=True).eval()


def computed(model, family):
    """Loss and gradients, by the names of the files; the loss is summed in float32 or wider."""
    inputs, labels = asked(family, model)
    logits = answered(model, inputs)
    wide = logits.double() if logits.dtype == torch.float64 else logits.float()
    loss = F.cross_entropy(wide, labels, reduction="sum")
    loss.backward()
    found = {"grad." + on_disk(name): p.grad for name, p in model.named_parameters() if p.grad is not None}
    return found | {"loss_sum": loss, "logits": logits.to(wide.dtype)}, dict(inputs, labels=labels)


def main():
    for family, make in [("bert", bert), ("llama", llama)]:
        exact, asked_of = computed(widened(make()), family)
        with torch.autocast("cpu", torch.bfloat16):
            rounded, _ = computed(make(), family)
        values = asked_of | {"exact." + name: value for name, value in exact.items()}
        values |= {"autocast." + name: value for name, value in rounded.items()}
        write(TRAIN / f"precision/{family}.safetensors", values)
        print(family, float(exact["loss_sum"]), float(rounded["loss_sum"]))
        for name, value in exact.items():
            if value.norm() > 1e-9:
                print(f"  {name:60s} off by {float((rounded[name] - value).norm() / value.norm()):.4f}")


if __name__ == "__main__":
    main()
