"""What leaves gcnet as text, safe against what names of people, classes, files and folders contain.

One place for each medium: `visible` (terminals, logs, pages), `console` and `streams` (terminals), `cells` (CSV),
`markdown`; `report/templates.py` (HTML) and `report/lettering.py` (figures) stand on them.
"""
