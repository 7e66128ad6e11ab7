"""TensorBoard as people see it: its own server, a real browser."""

import re
import shutil
import subprocess
import sys

import pytest
from playwright.sync_api import expect, sync_playwright

from motif.tracking import create_tracker

CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 60_000

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")


@pytest.fixture
def address(tmp_path):
    with create_tracker(log_dir=tmp_path / "tensorboard") as tracker:
        tracker.start_run("seen_by_people", config={"architecture": "gru", "units": 12})
        for step in range(1, 4):
            tracker.log_metrics({"loss": 1 / step, "val_accuracy": step / 4})
        tracker.log_confusion_matrix([0, 1, 1], [0, 1, 0], ["fist", "open"])
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(tmp_path / "tensorboard")]
    options = ["--host", "127.0.0.1", "--port", "0", "--load_fast=false"]
    server = subprocess.Popen([*command, *options], stderr=subprocess.PIPE, text=True)
    try:
        yield next(found[0] for line in server.stderr if (found := re.search(r"http://127\.0\.0\.1:\d+/", line)))
    finally:
        server.terminate()
        server.wait()
        server.stderr.close()


def test_the_run_its_numbers_its_picture_and_its_settings_are_on_the_page(address):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{address}#timeseries", timeout=PATIENCE_MS)
        for text in ("seen_by_people", "loss", "val_accuracy", "confusion_matrix"):
            expect(page.get_by_text(text, exact=True).first).to_be_visible(timeout=PATIENCE_MS)
        page.locator("input[placeholder^='Filter tags']").fill("val_accuracy")  # what is off the screen is not drawn
        expect(page.get_by_text("0.75", exact=True).first).to_be_attached(timeout=PATIENCE_MS)
        page.goto(f"{address}#hparams", timeout=PATIENCE_MS)
        expect(page.get_by_text("architecture").first).to_be_visible(timeout=PATIENCE_MS)
        expect(page.get_by_text("gru").first).to_be_visible(timeout=PATIENCE_MS)
        browser.close()
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []
