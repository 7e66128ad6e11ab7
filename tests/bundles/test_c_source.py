import hashlib
import shutil
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from motif import bundles
from motif.bundles import targets
from motif.bundles.targets._c_source import MICRO_MODEL, c_source
from motif.bundles.targets._micro import answers_in_micro
from motif.bundles.targets.workers.litert_answers import real, stored
from motif.cli._app import app
from motif.errors import BundleError, MissingExtraError

CONTENT = bytes(range(256)) * 5 + b"end"
HOSTILE = ('"; return 1; //', "\\", '\\"', "??/", "*/ int x; /*", "línea\n#error", "%s\r", "\ud800", "a\0b", "€9")
SCALE, ZERO_POINT = float(np.float32(0.0371)), -11
MAIN = """
#include <stdio.h>
#include "%(name)s.h"

#ifdef __cplusplus
struct Resolver {
    int n;
    void AddBatchMatMul() { n++; }
    void AddConv2D() { n++; }
    void AddFullyConnected() { n++; }
    void AddGatherNd() { n++; }
};
#endif

int main(void) {
    unsigned long sum = 0;
    float value;
    int i;
#ifdef __cplusplus
    Resolver resolver = {0};
    %(NAME)s_ADD_OPERATORS(resolver)
    if (resolver.n != %(NAME)s_OPERATORS) return 1;
#endif
    for (i = 0; i < %(NAME)s_MODEL_BYTES; i++) sum = (sum * 31 + %(name)s_model[i]) %% 1000003;
    printf("%%lu %%lu %%lu %%d\\n", (unsigned long)sizeof %(name)s_model, sum,
        (unsigned long)((uintptr_t)%(name)s_model %% 16), (int)%(NAME)s_SAMPLES);
    for (i = 0; i < %(NAME)s_LABELS; i++) puts(%(name)s_labels[i]);
    for (i = 0; i < %(NAME)s_CHANNELS; i++) printf("%%s %%s\\n", %(name)s_channels[i], %(name)s_units[i]);
    puts("--");
    while (fread(&value, sizeof value, 1, stdin) == 1)
        printf("%%d %%.9g\\n", (int)%(name)s_quantize(value), %(name)s_probability(%(name)s_quantize(value)));
    return 0;
}
"""
COMPILERS = {
    "C": ("cc", "-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic"),
    "C++": ("c++", "-std=c++11", "-Wall", "-Wextra", "-Werror", "-pedantic", "-x", "c++"),
}


def described(**change):
    taken = {"shape": [1, 6, 1, 50], "type": "int8", "scale": SCALE, "zero_point": ZERO_POINT}
    given = {"shape": [1, len(HOSTILE)], "type": "int8", "scale": 1 / 256, "zero_point": -128}
    operators = ["BATCH_MATMUL", "CONV_2D", "FULLY_CONNECTED", "GATHER_ND"]
    return {"inputs": [taken], "outputs": [given], "operators": operators, "arena_bytes": 1000} | change


def config(name="dogs", **window):
    window = {"shape": (6, 1, 50), "rate_hz": 52.5, "channels": (*"abcde", '"*/')} | window
    return bundles.BundleConfig(name=name, window=bundles.WindowSpec(units=("m/s²",) * 6, **window))


def compiled(folder, files, language="C"):
    compiler, *flags = COMPILERS[language]
    if shutil.which(compiler) is None:
        pytest.skip(f"there is no compiler {compiler}")
    (name,) = [file.removesuffix(".h") for file in files if file.endswith(".h")]
    for file, content in files.items():
        (folder / file).write_bytes(content)
    (folder / "main.c").write_text(MAIN % {"name": name, "NAME": name.upper()})
    subprocess.run([compiler, *flags, f"{name}.c", "main.c", "-o", "main", "-lm"], cwd=folder, check=True)
    return folder / "main"


def asked(program, values):
    given = np.asarray(values, np.float32).tobytes()
    return subprocess.run([program], input=given, capture_output=True, check=True).stdout


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    return compiled(tmp_path_factory.mktemp("c"), c_source(CONTENT, described(), config(), HOSTILE))


@pytest.mark.parametrize("language", COMPILERS)
def test_a_program_sees_the_model_and_every_name_as_they_are(tmp_path, language):
    made = c_source(CONTENT, described(), config(name='x"; */ ??/ \\ ü\n#error'), HOSTILE)
    assert set(made) == {MICRO_MODEL, "motif_x_error.h", "motif_x_error.c"}
    said = asked(compiled(tmp_path, made, language), [])
    total = 0
    for byte in CONTENT:
        total = (total * 31 + byte) % 1000003
    labels = [name.split("\0")[0].encode(errors="surrogatepass") for name in HOSTILE]
    channels = [f"{name} m/s²".encode() for name in config().window.channels]
    first = f"{len(CONTENT)} {total} 0 50".encode()
    assert said == b"\n".join([first, *labels, *channels, b"--", b""])


@given(values=st.lists(st.floats(-10, 10, width=32) | st.floats(width=32, allow_nan=False), max_size=200))
def test_numbers_become_what_the_reference_makes_of_them(program, values):
    taken, given = (each | {"dtype": np.int8} for (each,) in (described()["inputs"], described()["outputs"]))
    for tensor in (taken, given):
        tensor["quantization"] = (np.float32(tensor["scale"]), tensor["zero_point"])
    with np.errstate(over="ignore"):
        want = stored(np.array(values, np.float32), taken)
    lines = asked(program, values).split(b"--\n")[1].split()
    assert [int(line) for line in lines[::2]] == want.tolist()
    assert np.array(lines[1::2], np.float32).tolist() == real(want, given).tolist()


def test_halves_go_to_the_even_number_and_what_is_no_number_to_the_smallest(tmp_path):
    taken = described()["inputs"][0] | {"scale": 1.0, "zero_point": 0}
    program = compiled(tmp_path, c_source(CONTENT, described(inputs=[taken]), config(), HOSTILE))
    lines = asked(program, [0.5, 1.5, 2.5, -0.5, -1.5, 1e30, -np.inf, np.nan]).split(b"--\n")[1].split()
    assert [int(line) for line in lines[::2]] == [0, 2, 2, 0, -2, 127, -128, -128]


def test_what_takes_and_gives_floats_is_handed_on(tmp_path):
    tensors = {
        name: [each | {"type": "float32", "scale": 0.0, "zero_point": 0} for each in described()[name]]
        for name in ("inputs", "outputs")
    }
    program = compiled(tmp_path, c_source(CONTENT, described(**tensors), config(), HOSTILE))
    assert asked(program, [0.1]).endswith(b"--\n0 0.100000001\n")


def test_the_header_says_what_fills_the_window_and_the_resolver():
    header = c_source(CONTENT, described(), config(), HOSTILE)["motif_dogs.h"].decode()
    for line in (
        f'#define MOTIF_DOGS_MODEL_SHA256 "{hashlib.sha256(CONTENT).hexdigest()}"',
        "#define MOTIF_DOGS_RATE_HZ 52.5f /* 0: not known */",
        "/* The input is [channel][sensor][sample], raw, in the units below, the oldest sample first. */",
        "#define MOTIF_DOGS_OPERATORS 4",
        "#define MOTIF_DOGS_ADD_OPERATORS(resolver) (resolver).AddBatchMatMul(); (resolver).AddConv2D(); "
        "(resolver).AddFullyConnected(); (resolver).AddGatherNd();",
    ):
        assert line in header
    frames = config(shape=(50, 6))
    taken = described()["inputs"][0] | {"shape": [1, 50, 6]}
    assert (
        "is [sample][channel],"
        in c_source(CONTENT, described(inputs=[taken]), frames, HOSTILE)["motif_dogs.h"].decode()
    )


def test_the_same_model_gives_the_same_bytes_and_no_name_gives_one_too():
    assert c_source(CONTENT, described(), config(), HOSTILE) == c_source(CONTENT, described(), config(), HOSTILE)
    assert "motif_model.h" in c_source(CONTENT, described(), config(name="…"), HOSTILE)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"inputs": described()["inputs"] * 2}, r"takes int8 \(1, 6, 1, 50\), int8 .* take tflite-int8"),
        ({"inputs": [described()["inputs"][0] | {"type": "int16"}]}, "takes int16"),
        ({"operators": ["CONV_2D", "x(); system("]}, "no operator of LiteRT itself"),
        ({"outputs": [described()["outputs"][0] | {"shape": [1, 3]}]}, "gives int8"),
    ],
)
def test_a_model_of_another_form_is_refused(change, message):
    with pytest.raises(BundleError, match=message):
        c_source(CONTENT, described(**change), config(), HOSTILE)


def test_what_c_cannot_hold_is_refused():
    with pytest.raises(BundleError, match="5000 bytes; C takes 4095"):
        c_source(CONTENT, described(), config(), (*HOSTILE[1:], "a" * 5000))
    with pytest.raises(BundleError, match="no number for C"):
        c_source(CONTENT, described(), config(rate_hz=1e300), HOSTILE)


def test_a_file_without_labels_and_rate_is_refused_before_anything_is_made(tmp_path):
    from motif.learning import keras, keras_bytes

    k = keras()
    windows = k.Input((6, 50))
    (tmp_path / "net.keras").write_bytes(keras_bytes(k.Model(windows, k.layers.Softmax()(k.layers.Flatten()(windows)))))
    with pytest.raises(BundleError, match="give the folder of a bundle"):
        targets.convert(tmp_path / "net.keras", "tflite-micro", tmp_path / "out", calibration=np.zeros((2, 6, 50)))


@pytest.mark.skipif(find_spec("tflite_micro") is not None, reason="tflite-micro is installed")
def test_an_environment_without_tflite_micro_says_how_to_install_it(monkeypatch):
    monkeypatch.setenv("MOTIF_LITERT_PYTHON", sys.executable)
    with pytest.raises(MissingExtraError, match=r"-m pip install tflite-micro"):
        answers_in_micro(CONTENT, np.zeros((1, 6, 50), np.float32))


def test_the_command_asks_for_windows_to_calibrate_with(tmp_path):
    done = CliRunner().invoke(app, ["convert", str(tmp_path), "--to", "tflite-micro"])
    assert done.exit_code == 3
    assert "tflite-micro learns its ranges from windows" in done.output
