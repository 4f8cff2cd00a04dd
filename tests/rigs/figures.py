"""What the rigs say at their end."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "end_to_end"))


def bound(found, tried, what):
    """A count with what it proves: none seen in n leaves room for 3/n at 95 % confidence."""
    if found or not tried:
        return f"{found} {what} in {tried}"
    return f"0 {what} in {tried} (95 %: at most {3 / tried:.1e} each)"


def conclude(cases):
    """cases: (name, what went wrong or ""). Prints the closing line that the suites are counted by; the exit status."""
    for name, wrong in cases:
        print(f"{'FAILED' if wrong else 'passed'}: {name}{': ' + wrong if wrong else ''}")
    failed = sum(1 for _, wrong in cases if wrong)
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed else 0
