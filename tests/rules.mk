# Per-test link flags, tools of the tests, and the targets check, bench, fuzz.
