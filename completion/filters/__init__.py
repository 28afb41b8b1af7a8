"""What a model wrote becomes what a person may see: small pure functions, applied in one order.

chain.py        the order, and the names under which the trace tells them
meaning.py      the same in words, for people
scene.py        what a filter may look at
sentinels.py    control tokens and their fragments, headers of other files
characters.py   half characters, control characters
overlap.py      text that stands left, right, above or below already
brackets.py     closing brackets too many
sense.py        what is never reached, says nothing or stands too far in
indentation.py  the document's own unit and steps
repetition.py   what goes round in circles
shape.py        an unfinished line, white space, an impossible start
"""
