"""The report as one self-contained HTML file: no network, no server, charts drawn as SVG when it is written."""
