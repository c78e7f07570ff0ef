#!/bin/bash
# SPDX-License-Identifier: ISC
#
# The rules about points see what they are there for: the sources are copied and spoilt in several ways, and each is found.
. "$(dirname "$0")/lib.sh"

copy=$scratch/copy
durable='every durable call in sim has a point beside it'
reached='every point is reached by some code'

check_rules() {
	(cd "$copy" && tools/tidy) >"$scratch/out" 2>"$scratch/err"
}

mkdir "$copy"
(cd "$project" && cp -r core sim tools Makefile README.md .clang-format "$copy")
check_rules
expect_stdout "^ok [0-9]* - $durable" "unspoilt: every durable call has its point"
expect_stdout "^ok [0-9]* - $reached" "unspoilt: every point is reached"

cd "$copy/sim" || exit 5
sed -i '/point_reach(POINT_OUTPUT_[AB][A-Z]*_\(RENAME\|FOLDER_FSYNC\))/d' process/worker_output.c
sed -i '/point_reach(POINT_SUPERVISOR_BEFORE_GENERATION)/d' store/store_run.c
printf 'int\nnew_writer(int fd)\n{\n\treturn fsync(fd);\n}\n' >>job/input.c
sed -i 's/symlink(\|rename(/access(/g' rundir/rundir.c
check_rules
expect_stdout "^not ok [0-9]* - $durable" "spoilt: durable calls lack their points"
expect_stdout '^# sim/process/worker_output.c:[0-9]*: disk_output_rename() in put_in_place() has no point' "a rename without its points"
expect_stdout '^# sim/store/store_run.c:[0-9]*: store_commit() in store_generation_raise() has no point' "a commit without its point"
expect_stdout '^# sim/job/input.c:[0-9]*: fsync() in new_writer() has no point' "a new function that syncs"
expect_stdout '^# sim/rundir/rundir.c: point_latest() needs no exception' "an exception that is no more needed"
expect_stdout "^not ok [0-9]* - $reached" "spoilt: points are not reached"
expect_stdout '^# sim/fault/points.def: OUTPUT_AFTER_RENAME: no code reaches it' "a point that nobody reaches"
finish
