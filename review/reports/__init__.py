"""A whole review as a document for people, scripts and CI.

report.py   what every form is made from
text.py     for a terminal
document.py for scripts: one JSON object
sarif.py    SARIF 2.1.0
github.py   GitHub's workflow commands
"""
