"""One module a format; `BUILT_IN` is the order in which they are asked whether they know a file."""

from __future__ import annotations

from motif.recordings._reader import Reader
from motif.recordings.readers._arduino import ArduinoReader
from motif.recordings.readers._csv import CsvReader
from motif.recordings.readers._deeplabcut import DeepLabCutReader
from motif.recordings.readers._journal import JournalReader
from motif.recordings.readers._netcdf import NetcdfReader
from motif.recordings.readers._npy import NpyReader
from motif.recordings.readers._own import NpzReader, ParquetReader
from motif.recordings.readers._sensor_logger import SensorLoggerReader
from motif.recordings.readers._sleap import SleapReader

__all__ = ["BUILT_IN"]

BUILT_IN: tuple[Reader, ...] = (
    ParquetReader(),
    NpzReader(),
    NpyReader(),
    JournalReader(),
    SensorLoggerReader(),
    DeepLabCutReader(),
    SleapReader(),
    NetcdfReader(),
    ArduinoReader(),
    CsvReader(),
)
