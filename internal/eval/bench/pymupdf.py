"""Reads every page of the files with PyMuPDF: pymupdf.py pages|words|rawdict FILE..."""
import sys

import fitz

pages = 0
for path in sys.argv[2:]:
    document = fitz.open(path)
    pages += len(document)
    if sys.argv[1] != "pages":
        for page in document:
            page.get_text(sys.argv[1])
print(pages)
