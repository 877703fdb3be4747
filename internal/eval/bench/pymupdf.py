"""What the bench needs PyMuPDF for:

pymupdf.py pages|words|rawdict FILE...   reads every page, prints how many there were
pymupdf.py text FILE...                  lists the pages that are text, as "FILE<tab>page"
pymupdf.py assemble OUT < list           writes a PDF of the pages of such a list
"""
import sys

import fitz

fitz.TOOLS.mupdf_display_errors(False)
command, paths = sys.argv[1], sys.argv[2:]
if command == "assemble":
    out, sources = fitz.open(), {}
    for line in sys.stdin:
        path, page = line.rstrip("\n").split("\t")
        if path not in sources:
            sources[path] = fitz.open(path)
        # What the pages of a source share is inserted once, unless an insertion is the final one.
        out.insert_pdf(sources[path], from_page=int(page) - 1, to_page=int(page) - 1, links=False, annots=False, final=False)
    out.save(paths[0], garbage=4, deflate=True)
else:
    pages = 0
    for path in paths:
        document = fitz.open(path)
        pages += len(document)
        for page in document:
            if command == "text":
                # Enough words for a page of text, and no picture that OCR would read.
                if len(page.get_text("words")) >= 60 and not page.get_image_info():
                    print(f"{path}\t{page.number + 1}")
            elif command != "pages":
                page.get_text(command)
    if command != "text":
        print(pages)
