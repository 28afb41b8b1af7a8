"""Is it true: what is left of the model's text is looked at as code before anybody sees it.

region.py     the part of the window that is parsed
trees.py      its syntax tree, parsed again only where it changed
trial.py      one cursor at which texts are tried
syntax.py     does the text bring syntax errors that were not there, and where is it to be cut
early_errors.py  what a grammar takes and the language does not
names.py      are the names, members and calls in it known
unheard.py    names that nobody has heard of, by lists of what a language itself has (words/)
sight.py      where a name could come from out of sight, so that nothing is said about it
verdict.py    what was found, as the trace tells it
meaning.py    the same in words, for people
"""
