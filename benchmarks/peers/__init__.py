"""One adapter a peer: the rules in the peer's own language, run by its fastest documented call.

The rules are printed from the typed expressions of the rulebook (`translate.py`), never copied by
hand; every peer compiles them before the clock runs. No peer can read our typed answers as they
are, so that all are given what they can read (`data.py`): numbers, points, texts and lists, with a
neutral value where a question was not asked, and the treatment rows joined with what an adequate
trial of the medicine needs. Where a peer starts from typed answers this is timed, as it would have
to be done for every person; where it starts from anything else it is not, which favours the peer.

What every peer computes itself: which answers count, the scores, the trials, and all rules that
have a condition. What none does and ours does: a third value, the rules about blanks, the age
gate, scores as a result and the priority.
"""
