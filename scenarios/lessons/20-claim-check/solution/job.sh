#!/bin/sh
# Publishes each document of input.csv: its token goes into the stream, the document into the store.
mkdir -p store
touch stream

# --- yours
publish() { # TOKEN DOCUMENT
	echo "$2" >"store/$1"
	echo "$1" >>stream
}
# --- end of yours

tail -n +2 input.csv | while IFS=, read -r token document; do
	grep -q -x "$token" stream || publish "$token" "$document"
done
