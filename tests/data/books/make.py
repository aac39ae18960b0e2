"""Makes the workbooks of this folder, with public tools only:
    pip install openpyxl xlwt odfpy msoffcrypto-tool && python3 tests/data/books/make.py
"""
import io
import openpyxl, xlwt, msoffcrypto
from msoffcrypto.format.ooxml import OOXMLFile
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableRow, TableCell
from odf.text import P

ROWS = [["Contacts export"], [], ["First name", "Last name", "Mobile", "Country"],
        ["Maren", "Oduya", 447911123123, None], ["Jürgen", "Müller", "0171 1234567", "Deutschland"]]
# A whole number with its code and no plus, as sheets keep it.
book = openpyxl.Workbook()
for row in ROWS:
    book.active.append(row)
book.active["C4"].number_format = "0.00E+00"
book.save("contacts.xlsx")
with open("contacts.xlsx", "rb") as plain, open("encrypted.xlsx", "wb") as out:
    OOXMLFile(plain).encrypt("secret", out)
old = xlwt.Workbook()
sheet = old.add_sheet("Contacts")
for at, row in enumerate(ROWS):
    for column, cell in enumerate(row):
        if cell is not None:
            sheet.write(at, column, cell)
old.save("contacts.xls")
ods = OpenDocumentSpreadsheet()
table = Table(name="Contacts")
for row in ROWS:
    line = TableRow()
    for cell in row or [None]:
        if isinstance(cell, int):
            item = TableCell(valuetype="float", value=str(cell))
            item.addElement(P(text="4.48E+11"))
        elif cell is None:
            item = TableCell()
        else:
            item = TableCell(valuetype="string")
            item.addElement(P(text=cell))
        line.addElement(item)
    table.addElement(line)
ods.spreadsheet.addElement(table)
ods.save("contacts.ods")
