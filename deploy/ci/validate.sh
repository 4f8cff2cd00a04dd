#!/bin/sh
# validate.sh PACKAGE PLAN [DATA]: the step of a pipeline that holds a model against its gate plan.
# Writes gates.xml (JUnit) and gates.json (all evidence) into $REPORTS (default: gate-reports). $LIVE: the package that is
# served now, to be compared with. $SLIPWAY: the binary. Leaves with what slipway validate leaves with; 4 (not enough
# evidence) becomes 0 when $ALLOW_INCONCLUSIVE is "yes".
set -u
if [ $# -lt 2 ] || [ $# -gt 3 ]; then
  echo "usage: validate.sh PACKAGE PLAN [DATA]" >&2
  exit 2
fi
reports=${REPORTS:-gate-reports}
mkdir -p "$reports" || exit 2
package=$1 plan=$2 data=${3:-}
set -- "$package" --plan "$plan" --junit "$reports/gates.xml" --json
[ -z "$data" ] || set -- "$@" --data "$data"
[ -z "${LIVE:-}" ] || set -- "$@" --live "$LIVE"
"${SLIPWAY:-slipway}" validate "$@" >"$reports/gates.json"
status=$?
case $status in
  0) echo "validate: passed; evidence in $reports" ;;
  1) echo "validate: a gate failed; see $reports/gates.xml" >&2 ;;
  4)
    echo "validate: not enough evidence; see $reports/gates.xml" >&2
    [ "${ALLOW_INCONCLUSIVE:-no}" != yes ] || status=0 ;;
  *) echo "validate: could not validate (exit code $status)" >&2 ;;
esac
exit $status
