# The list of stations, by id, without its header; an id that is there twice would double every reading.
set -eu
mkdir -p build
tail -n +2 data/stations.csv | tr ',' '\t' | LC_ALL=C sort > build/stations.part
test -z "$(cut -f 1 build/stations.part | uniq -d)"
mv build/stations.part build/stations.tsv
