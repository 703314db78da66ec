"""Golden files of two tiny tokenizers, WordPiece (BERT) and byte-level BPE (RoBERTa), on strings that are hard.

Writes luthier-model/src/test/resources/golden/tokenizers/.
"""

import json
import shutil
import string
import tempfile
from pathlib import Path

from golden import MODEL
from tokenizers import AddedToken, Tokenizer
from tokenizers.pre_tokenizers import ByteLevel
from transformers import BertTokenizer, RobertaTokenizer

OUT = MODEL / "tokenizers"

WORDS = """the a movie was good bad not un want run new york cafe naive stra it is i 2026 hello world
##s ##ed ##ing ##able ##aff ##ie ##er ##ness ##ss ##n 中 国 😀 €""".split()
PUNCTUATION = list("!?.,'\"-#@()[]/&:;")

MERGED = "Ġthe Ġmovie Ġwas Ġgood Ġnot ing ed er The hello Ġworld Ġ2026 âĢ ðŁĺ Ã© ä¸Ń ll 's ĠĠ".split()

TEXTS = {
    "plain": "The movie was good.",
    "inflected": "Running, wanted, unaffable movies!",
    "empty": "",
    "only spaces": " \t \n ",
    "emoji": "good 😀 bad 👩‍👩‍👧 🇪🇺 end",
    "unknown emoji alone": "🦄",
    "chinese": "中国 the中movie国, 龍",
    "japanese and korean": "これは movie 한국어",
    "accents": "Café naïve ÉTÉ straße ΣΊΣΥΦΟΣ",
    "combining marks": "Cafe\u0301 i\u0307 n\u0303o\u0308\u0323 \u0301alone",
    "turkish and german capitals": "İstanbul IĞDIR STRAẞE",
    "control characters": "good\u0000bad\u0007 the\u200bmovie\ufeff was\u00ad good\u0085",
    "odd spaces": "the\u00a0movie\u2003was\u3000good\r\n\tbad",
    "replacement character": "bad \ufffd good",
    "private use and beyond the first plane": "a \ue000 𝒽𝑒𝓁𝓁𝑜 \U0010ffff z",
    "right to left": "the שלום movie مرحبا",
    "very long word": "good " + "a" * 101 + " bad " + "b" * 100,
    "numbers and punctuation": "2026-11-21: 3,14 € (a/b) 'it's' [#1] @x & \"y\"...",
    "special tokens of bert inside": "the [MASK] was[SEP]good [CLS] [PAD] [UNK] [mask]",
    "special tokens of roberta inside": "the <mask> was</s>good <s> <pad> <unk> <MASK>",
    "contractions": "it's I'll we'd don't THE'S",
    "full width": "Ｔｈｅ ｍｏｖｉｅ ① ﬁ",
}
FIRST, SECOND = "the good movie was not bad 😀 it is new", "hello new world 中国 in york, a cafe was good"
PAIRS = {
    "pair": (FIRST, SECOND),
    "pair with an empty first": ("", SECOND),
    "pair with an empty second": (FIRST, ""),
    "pair of nothing": ("", ""),
}
SMALL, LARGE = 8, 14  # tokens, special ones included


def utf16(text, offset):
    """Offset in UTF-16 units, as Java counts, of an offset in code points."""
    return len(text[:offset].encode("utf-16-le")) // 2


def case(tokenizer, name, text, pair=None, special=True, **truncation):
    if truncation:
        tokenizer.enable_truncation(**truncation)
    else:
        tokenizer.no_truncation()
    found = tokenizer.encode(text, pair, add_special_tokens=special)
    sources = [pair if sequence == 1 else text for sequence in found.sequence_ids]
    units = [[utf16(s, at) for at in span] for s, span in zip(sources, found.offsets)]
    kept = dict(
        name=name,
        text=text,
        pair=pair,
        add_special_tokens=special,
        truncation=truncation or None,
        ids=found.ids,
        type_ids=found.type_ids,
        tokens=found.tokens,
        offsets=[list(span) for span in found.offsets],
        offsets_utf16=units,
        sequence_ids=found.sequence_ids,
        word_ids=found.word_ids,
        special_tokens_mask=found.special_tokens_mask,
    )
    return {key: value for key, value in kept.items() if value is not None}


def cases(tokenizer):
    for name, text in TEXTS.items():
        yield case(tokenizer, name, text)
    yield case(tokenizer, "without special tokens", TEXTS["plain"], special=False)
    for name, (text, pair) in PAIRS.items():
        yield case(tokenizer, name, text, pair)
    whole = len(case(tokenizer, "", FIRST, SECOND)["ids"])
    for direction in ["right", "left"]:
        cut = dict(max_length=SMALL, strategy="longest_first", direction=direction)
        yield case(tokenizer, f"cut {direction}", FIRST, **cut)
        yield case(tokenizer, f"cut {direction}, short enough", "a", **cut)
        yield case(tokenizer, f"cut {direction}, exact", "a a a a a a", **cut)
        for strategy in ["longest_first", "only_second", "only_first"]:
            limit = LARGE if strategy == "longest_first" else whole - 7
            cut = dict(max_length=limit, strategy=strategy, direction=direction)
            yield case(tokenizer, f"pair cut {direction} {strategy}", FIRST, SECOND, **cut)
        cut = dict(max_length=LARGE, strategy="longest_first", direction=direction)
        yield case(tokenizer, f"short and long pair cut {direction}", "a movie", SECOND, **cut)
        yield case(tokenizer, f"long and short pair cut {direction}", FIRST, "a movie", **cut)


def wordpiece():
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    pieces += list(string.ascii_lowercase) + ["##" + letter for letter in string.ascii_lowercase] + list(string.digits)
    pieces += PUNCTUATION + WORDS
    pieces = list(dict.fromkeys(pieces))
    if len(pieces) > 128:
        raise SystemExit(f"{len(pieces)} pieces do not fit the tiny models")
    pieces += [f"[unused{index}]" for index in range(128 - len(pieces))]
    return BertTokenizer(vocab={piece: index for index, piece in enumerate(pieces)}, model_max_length=40)


def byte_level():
    vocabulary, merges = ["<s>", "<pad>", "</s>", "<unk>", *sorted(ByteLevel.alphabet())], []
    for word in MERGED:
        for end in range(1, len(word)):
            if word[: end + 1] not in vocabulary:
                vocabulary.append(word[: end + 1])
                merges.append((word[:end], word[end]))
    vocabulary.append("<mask>")
    ids = {piece: index for index, piece in enumerate(vocabulary)}
    mask = AddedToken("<mask>", lstrip=True, special=True)
    return RobertaTokenizer(vocab=ids, merges=merges, mask_token=mask, model_max_length=38)


def main():
    if OUT.exists():
        shutil.rmtree(OUT)
    for name, tokenizer in {"wordpiece": wordpiece(), "byte-level-bpe": byte_level()}.items():
        folder = OUT / name
        folder.mkdir(parents=True)
        with tempfile.TemporaryDirectory() as temporary:
            tokenizer.save_pretrained(temporary)
            for file in ["tokenizer.json", "tokenizer_config.json"]:
                shutil.copyfile(Path(temporary, file), folder / file)
        found = list(cases(Tokenizer.from_file(str(folder / "tokenizer.json"))))
        lines = ",\n".join(json.dumps(one, sort_keys=True, ensure_ascii=True) for one in found)
        (folder / "cases.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
