# Writes one figure; a second try takes the place of the first. Only one task at a time may do so: the lock `figures` sees to it.
set -eu
touch report/figures.tsv
awk -F '\t' -v name="$1" '$1 != name' report/figures.tsv > report/figures.part
printf '%s\t%s\n' "$1" "$2" >> report/figures.part
mv report/figures.part report/figures.tsv
