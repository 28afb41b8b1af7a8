"""What happened to the last requests, kept on this machine for `twolane explain` and `twolane stats`.

keeper.py    one background thread writes, soon and in batches
store.py     the file, schema.py its tables
rows.py      a trace as a row, writing.py what goes in and leaves, reading.py the last ones again
offers.py    what became of suggestions; survival.py how much of an accepted text is left
figures.py   what the kept requests add up to
"""
