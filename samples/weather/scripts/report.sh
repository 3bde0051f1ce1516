# All tables on one page.
set -eu
table() { awk -F ',' '{ columns = NF; gsub(/,/, " | "); print "| " $0 " |" } NR == 1 { line = "|"; for (i = 1; i <= columns; i++) line = line "---|"; print line }' "$1"; }
{
  echo "# The weather from January to March 2025"
  echo
  echo "## Months"
  echo
  table report/months.csv
  echo
  echo "## Extremes"
  echo
  table report/extremes.csv
  echo
  echo "## Rain"
  echo
  table report/rain.csv
  echo
  echo "## Lines that were not used"
  echo
  table report/rejected.csv
} > report/report.part
mv report/report.part report/report.md
