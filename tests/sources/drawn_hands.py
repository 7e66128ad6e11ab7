"""Pictures for tests without a camera: a hand that a palm detector takes for one, and frames of it."""

import threading

import cv2
import numpy as np

from motif.errors import SourceError
from motif.sources import Frame

_SKIN = (120, 155, 205)
_EDGE = tuple(int(channel * 0.72) for channel in _SKIN)
_PALM = [(-52, -42), (-30, -58), (0, -62), (30, -56), (54, -38), (52, 30), (34, 78), (34, 220), (-34, 220)]
_PALM += [(-34, 78), (-60, 20)]
_FINGERS = [
    ([(-42, -40), (-58, -95), (-66, -128), (-72, -155)], [17, 15, 13, 10]),
    ([(-12, -52), (-16, -118), (-18, -155), (-19, -185)], [18, 16, 14, 11]),
    ([(18, -50), (24, -112), (27, -146), (29, -174)], [17, 15, 13, 10]),
    ([(44, -36), (60, -84), (67, -110), (73, -132)], [15, 13, 11, 9]),
    ([(-40, 50), (-80, 10), (-104, -22), (-122, -46)], [24, 19, 16, 11]),
]
_CREASES = [((-45, -15), (-10, -8), (35, -25)), ((-48, 5), (-10, 15), (30, 25)), ((-35, -5), (-18, 30), (-15, 75))]


def left_hand(width=640, height=480, shift_px=0.0):
    """Return an image of an open left hand, its palm to the camera, the thumb on the image's left."""
    fine = 2
    image = np.full((height * fine, width * fine, 3), (190, 185, 180), np.uint8)
    middle, size = np.array([width / 2 + shift_px, height * 0.62]), height / 480

    def at(x, y):
        return tuple(int(v * fine) for v in middle + np.array([x, y]) * size)

    palm = np.array([at(*point) for point in _PALM])
    for grow, color in ((3, _EDGE), (0, _SKIN)):
        cv2.fillPoly(image, [palm], color, cv2.LINE_AA)
        cv2.polylines(image, [palm], True, color, int((14 + 2 * grow) * size * fine), cv2.LINE_AA)
        for points, radii in _FINGERS:
            for a, b, ra, rb in zip(points, points[1:], radii, radii[1:], strict=False):
                for t in np.linspace(0, 1, 24):
                    x, y = np.array(a) * (1 - t) + np.array(b) * t
                    radius = int((ra * (1 - t) + rb * t + grow) * size * fine)
                    cv2.circle(image, at(x, y), radius, color, -1, cv2.LINE_AA)
    for points, radii in _FINGERS:
        for point, radius in zip(points[1:3], radii[1:3], strict=True):
            axes = (int(radius * 0.7 * size * fine), int(3 * size * fine))
            cv2.ellipse(image, at(*point), axes, 0, 0, 180, _EDGE, 2 * fine, cv2.LINE_AA)
    for crease in _CREASES:
        cv2.polylines(image, [np.array([at(*point) for point in crease])], False, _EDGE, 2 * fine, cv2.LINE_AA)
    image = cv2.GaussianBlur(image, (0, 0), 1.6 * fine)
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)


def scene(width=320, height=240, seed=0):
    """Return a sharp, well lit picture of nothing."""
    rng = np.random.default_rng(seed)
    return cv2.resize(rng.integers(60, 200, (height // 4, width // 4, 3), np.uint8), (width, height), interpolation=0)


def frames(n, rate_hz=30.0, start_ns=1_700_000_000_000_000_000, picture=None):
    """Return frames of one picture, at an even rate."""
    picture = scene() if picture is None else picture
    return [Frame(start_ns + round(i * 1e9 / rate_hz), picture) for i in range(n)]


class Camera:
    """A live camera that shows a frame when it is told to, and may not be there at first."""

    name, live = "camera of the test", True

    def __init__(self, film, missing=0):
        self.left, self.missing = list(film), missing
        self.opened = self.closed = 0
        self._shown, self._unplugged = threading.Semaphore(0), False

    def show(self, n=1):
        self._shown.release(n)

    def unplug(self):
        self._unplugged = True
        self._shown.release()

    def open(self):
        if self.missing:
            self.missing -= 1
            raise SourceError(f"no {self.name}: is it plugged in?")
        self.opened += 1

    def read(self):
        self._shown.acquire()
        return None if self._unplugged else self.left.pop(0)

    def close(self):
        self.closed += 1
