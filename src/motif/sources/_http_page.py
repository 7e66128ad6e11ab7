"""What a person sees who opens a pairing link in a browser."""

from __future__ import annotations

from html import escape

__all__ = ["page"]

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>motif: connect this phone</title>
<style>body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem}}
code{{overflow-wrap:anywhere;background:#8882;padding:.15em .35em;border-radius:.3em}}</style></head>
<body><h1>This phone reaches motif</h1>
<p>At present: <strong>{health}</strong></p>
<ol>
<li>Open the app <em>Sensor Logger</em>, and switch on Accelerometer, Gravity and Gyroscope.</li>
<li>In its settings, under <em>Data Streaming</em>, switch on <em>HTTP Push</em>
and paste this address as <em>Push URL</em>:<br>
<code>{url}</code></li>
<li>Press record, and keep the app in front. Reload this page to see what arrives.</li>
</ol>
<p>The address is a key to this connection: show it to nobody. It takes readings, and gives nothing away.</p>
</body></html>
"""


def page(url: str, health: str) -> str:
    """Return the page of a link that is good."""
    return _PAGE.format(url=escape(url), health=escape(health))
