"""C source of a LiteRT network for TensorFlow Lite Micro: a header and a source file that compile as C99 and C++11.

What a name says stands in a string, escaped, or in an identifier, of which only letters and digits are left.
"""

from __future__ import annotations

import hashlib
import re
import string
from collections.abc import Iterable, Mapping, Sequence
from string import Template
from typing import Any

import numpy as np

from motif import __version__
from motif.bundles._describe import BundleConfig, WindowSpec
from motif.errors import BundleError

__all__ = ["MICRO_MODEL", "c_source"]

MICRO_MODEL = "motif.tflite"
TYPES = {"float32": "float", "int8": "int8_t"}
ODD_METHODS = {"BATCH_MATMUL": "AddBatchMatMul", "CUMSUM": "AddCumSum", "PADV2": "AddPadV2"}
HARMLESS = frozenset((string.ascii_letters + string.digits + " _-+./,:^").encode())
LONGEST_TEXT = 4095
"""Bytes of a string that every C99 compiler takes."""
BYTES_A_LINE = 16


def c_source(
    content: bytes, described: Mapping[str, Any], config: BundleConfig, class_names: Sequence[str]
) -> dict[str, bytes]:
    """Return the model and its C source, by file name.

    Parameters
    ----------
    content : the LiteRT model
    described : inputs, outputs, operators and arena of the model, as `workers/micro_answers.py` tells them
    config, class_names : of the bundle that it was made from

    Raises
    ------
    BundleError
        It does not take one tensor and give one, or a name or number is none that C takes.
    """
    taken = _tensor(described["inputs"], (1, *config.window.shape), "takes")
    given = _tensor(described["outputs"], (1, len(class_names)), "gives")
    name = _identifier(config.name)
    words = {
        "name": name,
        "NAME": name.upper(),
        "version": __version__,
        "sha256": hashlib.sha256(content).hexdigest(),
        "n_bytes": len(content),
        "threshold": _number(config.outlier_confidence),
        "n_labels": len(class_names),
        "arena_bytes": described["arena_bytes"],
        "n_operators": len(described["operators"]),
        "add_operators": " ".join(f"(resolver).{_method(operator)}();" for operator in described["operators"]),
        "quantize": QUANTIZE[taken["type"]].substitute(NAME=name.upper()),
        "probability": PROBABILITY[given["type"]].substitute(NAME=name.upper()),
        "labels": _texts(class_names),
        "model": _bytes(content),
        **_window_words(config.window),
        **_tensor_words("input", taken),
        **_tensor_words("output", given),
    }
    texts = {f"{name}.h": HEADER.substitute(words), f"{name}.c": SOURCE.substitute(words)}
    return {MICRO_MODEL: content} | {file: text.encode("ascii") for file, text in texts.items()}


def _tensor(tensors: Sequence[Mapping[str, Any]], shape: tuple[int, ...], verb: str) -> Mapping[str, Any]:
    found = [(tuple(tensor["shape"]), tensor["type"]) for tensor in tensors]
    if found not in ([(shape, kind)] for kind in TYPES):
        said = ", ".join(f"{kind} {shape}" for shape, kind in found)
        raise BundleError(
            f"the model {verb} {said or 'nothing'}; C source is written for one tensor of {shape}, float32 or int8: "
            "take tflite-int8, and fill its tensors yourself"
        )
    return tensors[0]


def _identifier(name: str) -> str:
    plain = re.sub("[^a-z0-9]+", "_", name.lower()).strip("_")
    return f"motif_{plain or 'model'}"


def _method(operator: str) -> str:
    """Return what adds an operator to a resolver: `CONV_2D` → `AddConv2D`."""
    if not re.fullmatch("[A-Z0-9_]+", operator):
        raise BundleError(f"{operator!r} is no operator of LiteRT itself; take a network of its operators alone")
    return ODD_METHODS.get(operator, "Add" + operator.title().replace("_", ""))


def _window_words(window: WindowSpec) -> dict[str, object]:
    in_time = window.time_last or len(window.shape) == 3
    n_channels = window.shape[0] if in_time else window.shape[1]
    axes = ("channel", "sensor", "sample") if len(window.shape) == 3 else ("channel", "sample")
    return {
        "order": "".join(f"[{axis}]" for axis in (axes if in_time else reversed(axes))),
        "n_samples": window.n_samples,
        "n_channels": n_channels,
        "n_sensors": window.shape[1] if len(window.shape) == 3 else 1,
        "rate_hz": _number(window.rate_hz or 0.0),
        "channels": _texts(_of_each(window.channels, n_channels)),
        "units": _texts(_of_each(window.units, n_channels)),
    }


def _of_each(names: Sequence[str], n: int) -> Sequence[str]:
    return names if len(names) == n else ("",) * n


def _tensor_words(which: str, tensor: Mapping[str, Any]) -> dict[str, object]:
    return {
        f"{which}_type": TYPES[tensor["type"]],
        f"{which}_scale": _number(tensor["scale"]),
        f"{which}_zero_point": int(tensor["zero_point"]),
    }


def _number(value: float) -> str:
    if not abs(value) <= float(np.finfo(np.float32).max):
        raise BundleError(f"{value} is no number for C; save the bundle with a finite one")
    return f"{np.float32(value)!s}f"


def _texts(texts: Iterable[str]) -> str:
    return ",\n".join(f"    {_text(text)}" for text in texts)


def _text(text: str) -> str:
    """Return a C string: all but harmless ASCII in octal, which ends after three digits; `?` too, for trigraphs."""
    content = text.encode(errors="surrogatepass")
    if len(content) > LONGEST_TEXT:
        raise BundleError(f"the name {text[:20]!r}… has {len(content)} bytes; C takes {LONGEST_TEXT}: shorten it")
    escaped = "".join(chr(byte) if byte in HARMLESS else f"\\{byte:03o}" for byte in content)
    return f'"{escaped}"'


def _bytes(content: bytes) -> str:
    lines = (content[start : start + BYTES_A_LINE] for start in range(0, len(content), BYTES_A_LINE))
    return ",\n".join(f"    {', '.join(map(str, line))}" for line in lines)


HEADER = Template("""\
/* Written by motif. C99 and C++11; on systems with a library for mathematics of its own, link it (-lm). */
#ifndef ${NAME}_H
#define ${NAME}_H

#include <math.h>
#include <stdint.h>

#define ${NAME}_MADE_BY "motif ${version}"
#define ${NAME}_MODEL_SHA256 "${sha256}"
#define ${NAME}_MODEL_BYTES ${n_bytes}
#define ${NAME}_ARENA_BYTES ${arena_bytes} /* as used where this was written; kernels of a board may want more */

/* The input is ${order}, raw, in the units below, the oldest sample first. */
#define ${NAME}_SAMPLES ${n_samples}
#define ${NAME}_CHANNELS ${n_channels}
#define ${NAME}_SENSORS ${n_sensors}
#define ${NAME}_RATE_HZ ${rate_hz} /* 0: not known */
#define ${NAME}_INPUT_SCALE ${input_scale} /* 0: the input is not quantized */
#define ${NAME}_INPUT_ZERO_POINT ${input_zero_point}

/* The output is a number for each label; below the threshold it is none of them. */
#define ${NAME}_LABELS ${n_labels}
#define ${NAME}_OUTLIER_CONFIDENCE ${threshold}
#define ${NAME}_OUTPUT_SCALE ${output_scale} /* 0: the output is not quantized */
#define ${NAME}_OUTPUT_ZERO_POINT ${output_zero_point}

/* tflite::MicroMutableOpResolver<${NAME}_OPERATORS> resolver; ${NAME}_ADD_OPERATORS(resolver) */
#define ${NAME}_OPERATORS ${n_operators}
#define ${NAME}_ADD_OPERATORS(resolver) ${add_operators}

#ifdef __cplusplus
extern "C" {
#endif

extern const unsigned char ${name}_model[${NAME}_MODEL_BYTES];
extern const char *const ${name}_channels[${NAME}_CHANNELS];
extern const char *const ${name}_units[${NAME}_CHANNELS];
extern const char *const ${name}_labels[${NAME}_LABELS];

typedef ${input_type} ${name}_input;
typedef ${output_type} ${name}_output;

static inline ${name}_input ${name}_quantize(float value) {
${quantize}
}

static inline float ${name}_probability(${name}_output output) {
${probability}
}

#ifdef __cplusplus
}
#endif

#endif
""")

SOURCE = Template("""\
#include "${name}.h"

#if defined(__GNUC__)
#define ALIGNED __attribute__((aligned(16)))
#elif defined(__cplusplus)
#define ALIGNED alignas(16)
#else
#define ALIGNED _Alignas(16)
#endif

const char *const ${name}_channels[${NAME}_CHANNELS] = {
${channels}
};

const char *const ${name}_units[${NAME}_CHANNELS] = {
${units}
};

const char *const ${name}_labels[${NAME}_LABELS] = {
${labels}
};

ALIGNED const unsigned char ${name}_model[${NAME}_MODEL_BYTES] = {
${model}
};
""")

QUANTIZE = {
    "float32": Template("    return value;"),
    "int8": Template("""\
    float stored = rintf(value / ${NAME}_INPUT_SCALE + ${NAME}_INPUT_ZERO_POINT); /* half to even */
    return (int8_t)(stored > 127 ? 127 : stored > -128 ? stored : -128);"""),
}
PROBABILITY = {
    "float32": Template("    return output;"),
    "int8": Template("    return (float)(output - ${NAME}_OUTPUT_ZERO_POINT) * ${NAME}_OUTPUT_SCALE;"),
}
