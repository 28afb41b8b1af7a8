"""Which definitions of other files a cursor is likely to need: gathered beside the event loop, scored on it.

profile.py    one file's facts, arranged for counting and looking up
similar.py    files that resemble this one, and the names that stand together in them
features.py   what is known about a candidate, as columns of numbers
pool.py       the candidates of one document, with what does not depend on the cursor
gather.py     from a document's facts to the definitions it may need
needs.py      what of a document decides that; while it is the same, what was gathered stays
filling.py    from those to the columns of its pool
remembered.py what was counted and split before
cursor.py     what stands around a cursor: names and how far away, what is typed before it
scoring.py    the columns that depend on the cursor, and one score for each candidate
weights.py    what each column is worth, as fitted, with the evidence
"""
