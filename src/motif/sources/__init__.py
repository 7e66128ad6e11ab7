"""Live motion behind one interface: phones over HTTP, MQTT and WebSocket, cameras, replay, the simulator.

A source is opened, iterated over and closed; it gives `Readings`, never blocks on a slow reader, and says in one line
how it is. Time comes from a `Clock`, so that tests move it by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motif.optional import on_demand

if TYPE_CHECKING:
    from motif.sources._backoff import Backoff
    from motif.sources._bridge import SensorLoggerBridge
    from motif.sources._broker import connected
    from motif.sources._buffer import ReadingsBuffer
    from motif.sources._buffered import BufferedSource, SilenceHints
    from motif.sources._camera import HAND_CHANNELS, CameraSource
    from motif.sources._camera_frames import Frame, Frames
    from motif.sources._camera_hands import HandFinder, SeenHand, mediapipe_hands, pack_hand_model
    from motif.sources._clock import Clock, ManualClock, SystemClock
    from motif.sources._device_signs import DeviceSigns
    from motif.sources._ending import end_tasks
    from motif.sources._gemini import GeminiVideoAnalyzer
    from motif.sources._gemini_answer import GestureGuess, VideoState
    from motif.sources._http import PairingLink, SensorLoggerHTTP
    from motif.sources._http_answer import Answer
    from motif.sources._http_host import host_of
    from motif.sources._http_limits import HTTPLimits, RateLimit
    from motif.sources._http_protocol import bounded_protocol
    from motif.sources._listener import listening_socket
    from motif.sources._live_calibration import Calibration
    from motif.sources._mqtt import SensorLoggerMQTT
    from motif.sources._phyphox import PhyphoxSource
    from motif.sources._replay import ReplaySource
    from motif.sources._simulator import SimulatorSource
    from motif.sources._source import Source, SourceHealth, SourceState
    from motif.sources._unreachable import why_unreachable
    from motif.sources._video_quality import FrameQuality, frame_quality
    from motif.sources._websocket import WebSocketSource
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "_backoff": ("Backoff",),
            "_bridge": ("SensorLoggerBridge",),
            "_broker": ("connected",),
            "_buffer": ("ReadingsBuffer",),
            "_buffered": ("BufferedSource", "SilenceHints"),
            "_clock": ("Clock", "ManualClock", "SystemClock"),
            "_device_signs": ("DeviceSigns",),
            "_camera": ("HAND_CHANNELS", "CameraSource"),
            "_camera_frames": ("Frame", "Frames"),
            "_camera_hands": ("HandFinder", "SeenHand", "mediapipe_hands", "pack_hand_model"),
            "_ending": ("end_tasks",),
            "_gemini": ("GeminiVideoAnalyzer",),
            "_gemini_answer": ("GestureGuess", "VideoState"),
            "_http": ("PairingLink", "SensorLoggerHTTP"),
            "_http_answer": ("Answer",),
            "_http_host": ("host_of",),
            "_http_limits": ("HTTPLimits", "RateLimit"),
            "_http_protocol": ("bounded_protocol",),
            "_listener": ("listening_socket",),
            "_live_calibration": ("Calibration",),
            "_mqtt": ("SensorLoggerMQTT",),
            "_phyphox": ("PhyphoxSource",),
            "_replay": ("ReplaySource",),
            "_simulator": ("SimulatorSource",),
            "_source": ("Source", "SourceHealth", "SourceState"),
            "_unreachable": ("why_unreachable",),
            "_video_quality": ("FrameQuality", "frame_quality"),
            "_websocket": ("WebSocketSource",),
        },
    )

__all__ = [
    "HAND_CHANNELS",
    "Answer",
    "Backoff",
    "BufferedSource",
    "Calibration",
    "CameraSource",
    "Clock",
    "DeviceSigns",
    "Frame",
    "FrameQuality",
    "Frames",
    "GeminiVideoAnalyzer",
    "GestureGuess",
    "HTTPLimits",
    "HandFinder",
    "ManualClock",
    "PairingLink",
    "PhyphoxSource",
    "RateLimit",
    "ReadingsBuffer",
    "ReplaySource",
    "SeenHand",
    "SensorLoggerBridge",
    "SensorLoggerHTTP",
    "SensorLoggerMQTT",
    "SilenceHints",
    "SimulatorSource",
    "Source",
    "SourceHealth",
    "SourceState",
    "SystemClock",
    "VideoState",
    "WebSocketSource",
    "bounded_protocol",
    "connected",
    "end_tasks",
    "frame_quality",
    "host_of",
    "listening_socket",
    "mediapipe_hands",
    "pack_hand_model",
    "why_unreachable",
]
