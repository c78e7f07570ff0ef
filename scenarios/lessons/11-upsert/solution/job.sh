#!/bin/sh
# Each sale of input.csv goes into the sink: a folder with a file for each key.
mkdir -p sink
# --- yours
tail -n +2 input.csv | while IFS=, read -r id date store product qty price; do
	echo "$id,$product,$qty" >"sink/$id"
done
# --- end of yours
