#!/bin/bash
# SPDX-License-Identifier: ISC
#
# The rules about points and folders see what they are there for: the sources are copied and spoilt in several ways, and each
# is found.
. "$(dirname "$0")/lib.sh"

copy=$scratch/copy
durable='every durable call in sim and tui has a point beside it'
knows='tui includes of sim .* alone'
needs='tui.s objects need nothing else of it'
shows='of sim, only its commands include tui'
reached='every point is reached by some code'

check_rules() {
	(cd "$copy" && tools/tidy build) >"$scratch/out" 2>"$scratch/err"
}

mkdir "$copy"
(cd "$project" && cp -r core sim tui tools Makefile README.md .clang-format "$copy")
mkdir "$copy/build"
cp -r "$(dirname "$(readlink -f "$GRAVESHIFT")")"/{core,sim,tui} "$copy/build"
check_rules
expect_stdout "^ok [0-9]* - $knows" "unspoilt: tui includes what it may"
expect_stdout "^ok [0-9]* - $needs [a-z_ ]*$" "unspoilt: and needs no more"
expect_stdout "^ok [0-9]* - $shows" "unspoilt: commands show it"
expect_stdout "^ok [0-9]* - $durable" "unspoilt: every durable call has its point"
expect_stdout "^ok [0-9]* - $reached" "unspoilt: every point is reached"

cd "$copy/sim" || exit 5
sed -i '/point_reach(POINT_OUTPUT_[AB][A-Z]*_\(RENAME\|FOLDER_FSYNC\))/d' process/worker_output.c
sed -i '/point_reach(POINT_SUPERVISOR_BEFORE_GENERATION)/d' store/store_run.c
printf 'int\nnew_writer(int fd)\n{\n\treturn fsync(fd);\n}\n' >>job/input.c
sed -i 's/symlink(\|rename(/access(/g' rundir/rundir.c
cd "$copy" || exit 5
echo '#include "sim/store/store.h"' >>tui/view/tale.h
echo '#include "tui/view/view.h"' >>tui/screen/grid.h
echo '#include "tui/screen/grid.h"' >>sim/report/axis.h
cp build/sim/cli/show.o build/tui/view/hand.o
check_rules
expect_stdout "^not ok [0-9]* - $durable" "spoilt: durable calls lack their points"
expect_stdout '^# sim/process/worker_output.c:[0-9]*: disk_output_rename() in put_in_place() has no point' "a rename without its points"
expect_stdout '^# sim/store/store_run.c:[0-9]*: store_commit() in store_generation_raise() has no point' "a commit without its point"
expect_stdout '^# sim/job/input.c:[0-9]*: fsync() in new_writer() has no point' "a new function that syncs"
expect_stdout '^# sim/rundir/rundir.c: point_latest() needs no exception' "an exception that is no more needed"
expect_stdout "^not ok [0-9]* - $reached" "spoilt: points are not reached"
expect_stdout '^# sim/fault/points.def: OUTPUT_AFTER_RENAME: no code reaches it' "a point that nobody reaches"

expect_stdout "^not ok [0-9]* - $knows" "spoilt: tui includes what it may not"
expect_stdout '^# tui/view/tale.h: includes sim/store/store.h' "a screen that looks into the store"
expect_stdout '^# tui/screen/grid.h: includes tui/view/view.h' "a grid that knows what is drawn"
expect_stdout "^not ok [0-9]* - $needs" "spoilt: tui needs what it may not"
expect_stdout '^# .*/build/tui/view/hand.o: uses look_is_live' "a screen that reads the store without its header"
expect_equal "but what it may is not complained of" "" "$(grep 'hand.o: uses history_' "$scratch/out")"
expect_stdout "^not ok [0-9]* - $shows" "spoilt: somebody else shows screens"
expect_stdout '^# sim/report/axis.h: includes tui/screen/grid.h' "a report that needs a screen"
finish
