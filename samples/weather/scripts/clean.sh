# One month: what can be used, in degrees Celsius, and what cannot, with the reason.
set -eu
month=$1
mkdir -p build/clean build/rejected
tail -n +2 "data/$month.csv" | tr -d '\r' | awk -F ',' -v OFS='\t' -v clean="build/clean/$month.part" -v rejected="build/rejected/$month.tsv" '
  BEGIN {
    while ((getline line < "build/stations.tsv") > 0) { split(line, station, "\t"); known[station[1]] = 1 }
    printf "" > clean
    printf "" > rejected
  }
  {
    for (i = 1; i <= NF; i++) gsub(/^ +| +$/, "", $i)
    reason = ""
    value = $4
    if (NF != 6) reason = "wrong number of columns"
    else if (!($3 in known)) reason = "unknown station"
    else if (value !~ /^-?[0-9]+(\.[0-9]+)?$/) reason = "no temperature"
    else {
      if ($5 == "F") value = (value - 32) * 5 / 9
      if (value < -60 || value > 60) reason = "out of range"
      else if (($1, $2, $3) in seen) reason = "repeated"
    }
    if (reason != "") { print reason, $0 > rejected; next }
    seen[$1, $2, $3] = 1
    printf "%s\t%s\t%s\t%.1f\t%.1f\n", $1, $2, $3, value, $6 > clean
  }'
mv "build/clean/$month.part" "build/clean/$month.tsv"
