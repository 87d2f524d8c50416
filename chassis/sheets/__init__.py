"""Tables in spreadsheets and CSV files as people really keep them, read the way a careful clerk would.

    COLUMNS = [
        column("plate", "车牌号码", "号牌号码", needed=True),
        column("vin", "车架号", "VIN", needed=True),
        column("registered_on", "初次登记日期"),
        column("damage_sum", "保险金额/限额 > 车损保额", "车损保额"),
    ]
    reading = read_tables(content, COLUMNS)    # bytes of an .xlsx or .csv file; raises TableFileRefused
    for name in reading.without_table: ...     # visible sheets in which no such table was found
    for table in reading.tables:
        for row in table.rows():
            try:
                vin, on, damage = row.code("vin"), row.day("registered_on"), row.money("damage_sum")
            except Unreadable as fault:
                print(table.sheet, row.number, row.label(fault.field), fault.zh)

Promises: finds the header under titles and notes, in one row or two (`top > sub`), also when it is repeated; leaves out
blank rows, subtotals, totals and notes (`table.lines()` shows them, as `LeftOut`); counts rows as the spreadsheet shows
them, CSV records from 1; passes over hidden sheets and columns unless asked for by name; knows a unit in the header or
above the table (万元). A cell is accepted when it has one meaning, refused with a reason otherwise, None when it is
blank. Files that are too big, packed too tightly, or carry XML entities are refused before they are opened. Does
not promise:
formulas; their last result is read. Everything here is pure and may run in a thread:
`await asyncio.to_thread(read_tables, content, COLUMNS)`.
"""

from chassis.sheets.books import TableFileRefused
from chassis.sheets.export import to_csv, to_xlsx
from chassis.sheets.tables import Column, LeftOut, Reading, Row, Table, column, read_tables
from chassis.sheets.values import Unreadable

__all__ = [
    "Column",
    "LeftOut",
    "Reading",
    "Row",
    "Table",
    "TableFileRefused",
    "Unreadable",
    "column",
    "read_tables",
    "to_csv",
    "to_xlsx",
]
