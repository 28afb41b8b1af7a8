"""What each lane is worth on a person's own code: lines of it are hidden and asked for again.

    for name, hole in holes.draw({"project": paths}, 50, seed): ...    where something is hidden
    answer = await Asker(gateway, options).ask(place)                  what a model that is asked in words writes there
    score(hole, answer.text)                                           how near that comes
    breakdown(rows)                                                    figures by task and lane, and their differences

`server/commands/evaluate.py` has the near lane answer the same places through the completer.
"""
