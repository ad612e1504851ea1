"""The seams: what services ask of the store, of the wake-ups and of the vendors.

A *command* changes the store: `await store.write(command)` returns after its commit has reached the
disk. Commands that arrive together are committed together, each atomic on its own. A *query* only
reads. Both are plain immutable data; what they do is written in `storage/`.

Times are integer microseconds UTC, money is integer micro-units of the account's currency.
"""
