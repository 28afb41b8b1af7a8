"""What review on save costs and what its judgement is worth.

saving.py      from a save to the request, in a large file of a tree with many changes
accounting.py  a provider that keeps prompts as Anthropic's does, and counts what would be paid
caching.py     what repeated saves of one file pay
corpus.py      real repairs, reversed: known defects; and the same changes forward
judging.py     findings against the corpus: precision, recall, duplicates, cost
scripted.py    models that answer by rule, for a machine without a key
"""
