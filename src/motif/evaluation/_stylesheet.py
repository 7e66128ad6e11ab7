"""How a report looks, by day and by night."""

STYLESHEET = """
:root { color-scheme: light dark; --page: #f4f6f8; --panel: #ffffff; --text: #1d2733; --soft: #5b6875; --line: #e1e6eb;
  --accent: #1f6fae; --warn: #b45309; --warn-panel: #fff7e8; --warn-line: #f3d9a8; }
@media (prefers-color-scheme: dark) { :root { --page: #0f1318; --panel: #181d24; --text: #e4e9ee; --soft: #9aa7b4;
  --line: #2a323c; --accent: #6cb6f0; --warn: #f0b35e; --warn-panel: #2a2113; --warn-line: #57431d; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.55 system-ui, -apple-system, "Segoe UI",
  Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 40px 20px 64px; }
h1 { margin: 0; font-size: 30px; line-height: 1.2; letter-spacing: -0.015em; overflow-wrap: anywhere; }
h2 { margin: 0 0 12px; font-size: 18px; letter-spacing: -0.005em; }
h3 { margin: 20px 0 8px; font-size: 14px; color: var(--soft); font-weight: 600; }
header p { margin: 8px 0 0; color: var(--soft); max-width: 75ch; }
nav { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 24px 0 0; font-size: 14px; }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(215px, 1fr)); gap: 12px; margin: 24px 0 0; }
.card, section { background: var(--panel); border: 1px solid var(--line); border-radius: 12px; }
.card { padding: 16px 18px; display: flex; flex-direction: column; }
.card em { font-style: normal; font-size: 13px; color: var(--soft); }
.card strong { font-size: 30px; line-height: 1.25; font-weight: 650; letter-spacing: -0.02em;
  font-variant-numeric: tabular-nums; }
.card small { font-size: 18px; font-weight: 500; color: var(--soft); letter-spacing: 0; }
.card span { font-size: 13px; color: var(--soft); font-variant-numeric: tabular-nums; }
.card:first-child strong { color: var(--accent); }
section { padding: 22px 24px; margin: 18px 0 0; }
#warnings { background: var(--warn-panel); border-color: var(--warn-line); }
#warnings h2 { color: var(--warn); }
ul { margin: 0; padding-left: 20px; }
.note { margin: 0 0 12px; color: var(--soft); max-width: 80ch; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { padding: 6px 10px; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
thead th { color: var(--soft); font-weight: 500; font-size: 13px; }
tbody th { font-weight: 500; }
tbody tr:last-child > * { border-bottom: 0; }
th:first-child { text-align: left; padding-left: 0; }
td:last-child, thead th:last-child { padding-right: 0; }
dl { display: grid; grid-template-columns: minmax(120px, max-content) 1fr; gap: 4px 20px; margin: 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
/* plotly writes its colours into the elements */
.figure [class*="tick"] text, .figure [class*="title"] text, .figure .legendtext, .figure .cbaxis text,
.figure .updatemenu-button text { fill: var(--soft) !important; }
.figure { min-height: 280px; margin: 0 0 4px; }
@media print { body { background: none; } section, .card { break-inside: avoid; } nav { display: none; } }
"""
