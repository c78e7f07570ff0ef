#!/bin/bash
# SPDX-License-Identifier: ISC
#
# graveshift torture run --power: jobs whose verdicts are known, of which some are wrong only when the power fails.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/torture.sh"

reason=$(no_torture)
if [ -n "$reason" ]; then
	skip "torture" "$reason"
	finish
fi
make_jobs
jobs=$scratch/jobs
# What stands in PATH may be a script that looks for it.
python=$(python3 -c 'import sys; print(sys.executable)')
passes='^ok [0-9]* - power: no loss of it does harm'
sums='^ok [0-9]* - power: replaying everything gives what was really there'

# expect_safe NAME ARGUMENT...: nothing is wrong.
expect_safe() {
	torture run "${@:2}"
	expect_exit 0 "$1: passes"
	expect_stdout "$passes" "$1: and was looked at"
}

# expect_lost NAME LINE ARGUMENT...: only this line, or those like it, is not ok.
expect_lost() {
	torture run "${@:3}"
	expect_exit 1 "$1: fails"
	expect_stdout "^not ok [0-9]* - $2" "$1: what is lost"
	expect_equal "$1: and nothing else" "" "$(grep '^not ok' "$scratch/out" | grep -v -- "- $2")"
	expect_stdout "$sums" "$1: and the recorded run comes together again"
}

# --- a result, written anew

job durable <<-END
	exec "$python" -IS -c '
	import os
	fd = os.open("out.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
	os.write(fd, b"1\\n2\\n3\\n"); os.fsync(fd); os.close(fd)
	os.rename("out.new", "out")
	folder = os.open(".", os.O_RDONLY); os.fsync(folder)'
END
for model in ext4 posix; do
	expect_safe "synced, renamed, folder synced ($model)" --power=$model --again --same out -- "$jobs/durable"
	expect_stdout '^# closed: ' "synced, renamed, folder synced ($model): any number of times"
done
expect_lost "renamed, nothing synced" 'power, acknowledged, then lost: ' --power --save "$scratch/cases" -- "$jobs/renamed"
expect_stdout 'then lost: seq/write:out.new is lost, mv/rename:out.new>out is not: [1-9]' "renamed, nothing synced: an empty result"
expect_stdout 'advice: a rename without fsync' "renamed, nothing synced: advice"
expect_stdout 'then lost: mv/rename:out.new>out is lost: 1 state' "renamed, nothing synced: or none"
job folder-unsynced <<-'END'
	seq 5 >out.new && sync out.new && mv -f out.new out
END
expect_lost "renamed, folder not synced" 'power, acknowledged, then lost: mv/rename:out.new>out is lost: 1 state' --power -- "$jobs/folder-unsynced"
expect_stdout 'advice: a name is on disk when its folder is' "renamed, folder not synced: advice"
# Over an old result, without any sync: ext4 writes the bytes first, posix need not.
tolerant='[ "$(cat out)" = old ] || seq 5 | cmp -s - out'
expect_safe "renamed over an old one (ext4)" --power -s 'echo old >out' -c "$tolerant" -- "$jobs/renamed"
expect_lost "renamed over an old one (posix)" 'power, acknowledged, then lost: seq/write:out.new is lost, mv/rename:out.new>out is not' \
	--power=posix -s 'echo old >out' -c "$tolerant" -- "$jobs/renamed"
# And so it does when a file that was cut is let go.
job moved <<-'END'
	[ -e in ] || exit 0
	cat in >out
	rm in
END
for model in ext4 posix; do
	torture run --power=$model -s 'echo abc >in; echo old >out' -c '[ -e in ] || [ "$(cat out)" = abc ]' -- "$jobs/moved"
	case $model in
	ext4) expect_exit 0 "cut, written, let go, and the source removed: ext4 has it" ;;
	posix) expect_exit 1 "cut, written, let go, and the source removed: posix need not" ;;
	esac
done
expect_stdout 'advice: something is removed before what replaces it is on disk' "and the source removed: advice"

# --- what was said

job says <<-END
	exec "$python" -IS -c '
	import os, sys
	fd = os.open("out", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
	os.fsync(os.open(".", os.O_RDONLY))
	for i in range(3):
	    os.write(fd, b"line\\n")
	    if sys.argv[1] == "synced": os.fsync(fd)
	    print("line", flush=True)
	os.fsync(fd)' \$*
END
said='[ "$TORTURE_RECOVERED" = no ] || [ $(wc -l <out) -eq 3 ] && [ $(wc -l <out) -ge $(wc -l <"$TORTURE_STDOUT") ]'
expect_safe "synced before it is said" --power -c "$said" -- "$jobs/says" synced
expect_lost "said before it is synced" 'power, acknowledged, then lost: python3[0-9.\\#]*/write:out is lost' --power -c "$said" -- "$jobs/says" unsynced
expect_stdout 'advice: fsync what was written before saying' "said before it is synced: advice"

# --- real programs

packed='seq 500 >want; cmp -s want f || { gzip -dc f.gz >got && cmp -s want got; }'
mended='[ ! -e f ] || gzip -f f'
expect_lost "gzip" 'power' --power -s 'seq 500 >f' -c "$packed" -R "$mended" -- gzip f
expect_stdout 'gzip/write:f.gz is lost, gzip/unlink:f is not' "gzip: source and result are both gone"
expect_safe "gzip --synchronous" --power -s 'seq 500 >f' -c "$packed" -R "$mended" -- gzip --synchronous f

# SQLite, as its manual says.
cat >"$jobs/db.py" <<-'END'
	import sqlite3, sys
	db = sqlite3.connect("db", isolation_level=None)
	db.execute("pragma journal_mode=" + sys.argv[1])
	db.execute("pragma synchronous=" + sys.argv[2])
	db.execute("create table if not exists t (x integer primary key, y text)")
	for i in range(2):
	    db.execute("insert or ignore into t values (?, ?)", (i, "y" * 3000))
END
whole='[ "$(sqlite3 db "pragma integrity_check; select count(*) from t" 2>&1 | paste -s)" = "ok	2" ]'
if command -v sqlite3 >/dev/null && "$python" -c 'import sqlite3' 2>/dev/null; then
	for model in ext4 posix; do
		with=(--power=$model -c "$whole" -- "$python" -IS "$jobs/db.py")
		expect_lost "sqlite, FULL ($model)" 'power, acknowledged, then lost: .*/unlink:db-journal is lost: 1 state' "${with[@]}" delete full
		expect_safe "sqlite, EXTRA ($model)" "${with[@]}" delete extra
		expect_safe "sqlite, FULL, TRUNCATE ($model)" "${with[@]}" truncate full
		torture run "${with[@]}" delete off
		expect_exit 1 "sqlite, OFF ($model): fails"
		expect_stdout '^not ok [0-9]* - power: .*/pwrite:db' "sqlite, OFF ($model): also where it is run again"
		expect_stdout 'malformed\|corrupt\|not a database\|never used\|invalid page' "sqlite, OFF ($model): the database is corrupt"
	done
else
	skip "sqlite" "sqlite3 or python3's is not installed"
fi

# --- is it what ext4 does?

# Each file with its sum.
cat >"$jobs/files" <<-'END'
	#!/bin/sh
	find . -type f ! -path './lost+found/*' -exec md5sum {} + | sort -k 2
END
chmod +x "$jobs/files"
# Runs what is behind it on an ext4 of its own, which is then shut down and mounted again; prints what is there.
cat >"$jobs/on-ext4" <<-END
	#!/bin/bash
	set -e
	truncate -s 16M "$scratch/image" && mkfs.ext4 -q -F -b 4096 "$scratch/image"
	mkdir -p "$scratch/at" && mount -o loop "$scratch/image" "$scratch/at" && cd "$scratch/at"
	eval "\$1" && sync -f .
	"\${@:2}" >"$scratch/job.out" 2>&1
	"$python" -IS -c 'import fcntl, os, struct; fcntl.ioctl(os.open(".", os.O_RDONLY), 0x8004587d, struct.pack("I", 2))'
	cd / && umount "$scratch/at" && mount -o loop "$scratch/image" "$scratch/at" && cd "$scratch/at"
	"$jobs/files"
	cd / && umount "$scratch/at"
END
chmod +x "$jobs/on-ext4"

# expect_among NAME SETUP JOB...: the model has the state that ext4 was in, as the check fails in that alone.
expect_among() {
	if ! unshare -m "$jobs/on-ext4" "${@:2}" >"$scratch/real" 2>"$scratch/err"; then
		skip "$1" "no ext4 in a loop device here"
		return
	fi
	real=$scratch/real
	torture run --power -s "$2" -c "[ \$(ls | wc -l) -gt 0 ] && { [ \$TORTURE_RECOVERED = yes ] || ! $jobs/files | cmp -s - $real; }" -- "${@:3}"
	if grep -q '^not ok [0-9]* - the check passes on the clean end' "$scratch/out"; then
		skip "$1" "the kernel had written everything by itself"
		return
	fi
	expect_exit 1 "$1: is among the states of the model"
	expect_stdout '^not ok [0-9]* - power, acknowledged, then lost: ' "$1: as a loss"
}

expect_among "an ext4 on which a new file was renamed" 'seq 3 >other' "$jobs/renamed"
expect_among "an ext4 on which a file was packed" 'seq 500 >f' gzip f
expect_among "an ext4 on which a file was written in place" 'seq 3 >f' sh -c 'seq 5 >f; rm -f g'
expect_among "an ext4 whose folder was not synced" true "$jobs/folder-unsynced"

# --- cases, and bounds

case=$(grep -l '"acknowledged": true' "$scratch"/cases/*/case.json | head -n 1)
case=${case%/case.json}
graveshift torture replay "$case"
expect_exit 1 "replay: the case fails again"
expect_stdout '^power lost (ext4) at the end, acknowledged: seq/write:out.new is lost, mv/rename:out.new>out is not$' "replay: what has happened"
echo 'wc -c <out; exit 3' | SHELL=/bin/sh "$GRAVESHIFT" torture replay "$case" --shell >"$scratch/out" 2>"$scratch/err"
expect_stdout '^0$' "replay --shell: the state as it was left"
graveshift torture keep "$case" "$scratch/kept"
expect_exit 0 "keep"
sh "$scratch/kept/test.sh" >"$scratch/out" 2>&1
expect_equal "keep: a test that fails" 1 $?
cp "$scratch/kept/want/out" "$scratch/kept/before/out"
check "keep: and passes when what was lost is there" sh "$scratch/kept/test.sh"
torture run --power=fat -- "$jobs/renamed"
expect_exit 2 "no such model"
expect_stderr '^graveshift: --power=fat: it is ext4 or posix$' "and it is said"
cat >"$scratch/job.yaml" <<-END
	scenario: 1
	name: renamed
	about: Nothing is synced.
	job: {kind: torture, folder: work, command: [$jobs/renamed], power: ext4}
	expect:
	  - unsafe: 0
END
mkdir "$scratch/work" && graveshift test "$scratch/job.yaml"
expect_exit 1 "a scenario"
expect_stdout 'found: power, acknowledged, then lost: seq/write:out.new is lost' "a scenario: what was found"
graveshift test "$scratch/job.yaml" --set job.power=none
expect_exit 0 "a scenario without it passes"
graveshift torture list --power -- "$jobs/folder-unsynced"
expect_exit 0 "list"
expect_stdout '^ *1  sync/fsync:out.new$' "list: what syncs is a point"
torture run --power --real-kill --one-process --same out -- "$jobs/folder-unsynced"
expect_stdout '^ok [0-9]* - real kills at [1-9][0-9]* points agree with the saved states' "with the other engines"
if [ "$(id -u)" -eq 0 ] && setpriv --reuid=65534 --regid=65534 --clear-groups true 2>/dev/null; then
	mkdir -p -m 777 "$scratch/tmp/nobody" && cp "$jobs/renamed" "$scratch/tmp/nobody" && chmod 755 "$scratch" "$scratch/tmp"
	(cd "$scratch/tmp/nobody" && TMPDIR=/tmp setpriv --reuid=65534 --regid=65534 --clear-groups "$GRAVESHIFT" torture run --power -- ./renamed) >"$scratch/out" 2>"$scratch/err"
	status=$?
	if [ $status -eq 5 ]; then
		skip "an ordinary user" "$(head -n 1 "$scratch/err")"
	else
		expect_exit 1 "an ordinary user: the same verdict"
		expect_stdout 'then lost: seq/write:out.new is lost, mv/rename:out.new>out is not: [1-9]' "an ordinary user: the same loss"
	fi
	rm -rf "$scratch/tmp/nobody"
else
	skip "an ordinary user" "the tests are not run as root"
fi
finish
