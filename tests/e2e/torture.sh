# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# What torture.t and gallery.t share: small jobs with known verdicts, and playing them.  It is sourced behind lib.sh.

# Why there can be no torture here; nothing if there can be.
no_torture() {
	"$GRAVESHIFT" doctor | sed -n 's/^torture *missing .*: //p'
}

# torture KIND ARGUMENT... -- JOB...: in an empty folder of its own.
torture() {
	local work

	work=$(mktemp -d "$scratch/work.XXXXXX") && cd "$work" || exit 5
	graveshift torture "$@"
	cd "$scratch" || exit 5
}

# job NAME < the script: makes $scratch/jobs/NAME.
job() {
	mkdir -p "$scratch/jobs"
	{
		echo '#!/bin/sh'
		cat
	} >"$scratch/jobs/$1"
	chmod +x "$scratch/jobs/$1"
}

make_jobs() {
	job append <<-'END'
		for i in 1 2 3; do echo "line $i" >>out; done
	END
	job gap <<-'END'
		n=$(cat mark 2>/dev/null || echo 0)
		while [ "$n" -lt 8 ]; do
			n=$((n + 1))
			echo "line $n" >>out
			echo $n >mark.new && mv -f mark.new mark
		done
	END
	job ahead <<-'END'
		n=$(cat mark 2>/dev/null || echo 0)
		while [ "$n" -lt 4 ]; do
			n=$((n + 1))
			echo $n >mark.new && mv -f mark.new mark
			echo "line $n" >>out
		done
	END
	job in-place <<-'END'
		text=$(tr a-z A-Z <data) && echo "$text" >data
	END
	job renamed <<-'END'
		seq 5 >out.new && mv -f out.new out
	END
	job locked <<-'END'
		[ ! -e job.lock ] || { echo "locked by another"; exit 75; }
		echo >job.lock
		seq 5 >out.new && mv -f out.new out
		rm job.lock
	END
	job litters <<-'END'
		new=$(mktemp out.XXXXXX) && seq 5 >"$new" && mv -f "$new" out
	END
	job waits <<-'END'
		while [ -e turn ]; do sleep 0.02; done
		echo >turn
		seq 5 >out.new && mv -f out.new out
		rm turn
	END
	# Only between the last two is it wrong, and only the mark says so.
	job marks <<-'END'
		[ ! -e mark ] || exit 0
		echo done >out.new
		: >mark
		mv -f out.new out
	END
	job once <<-'END'
		if [ -e pid ] && kill -0 "$(cat pid)" 2>/dev/null; then echo "runs already"; exit 1; fi
		echo $$ >pid
		seq 5 >out.new && mv -f out.new out
		rm pid
	END
	# Run again it makes three more, unless it happens to draw the same names.
	job numbered <<-'END'
		for i in 1 2 3; do echo "$i" >"order.$(od -An -N4 -tx4 /dev/urandom | tr -d ' ')"; done
	END
	mkdir -p "$scratch/tmp"
}

# What the mutations must turn red.

renames_are_seen() {
	make_jobs
	torture run -- "$scratch/jobs/renamed"
	[ "$status" -eq 0 ]
}

marks_are_summed() {
	make_jobs
	torture run -- "$scratch/jobs/marks"
	[ "$status" -eq 1 ] && grep -q 'unsafe window: after .*:mark, up to' "$scratch/out"
}

pids_are_shifted() {
	make_jobs
	torture run --same out -- "$scratch/jobs/once"
	[ "$status" -eq 0 ]
}

names_are_drawn_anew() {
	make_jobs
	torture run --again -c '[ "$(ls | wc -l)" -eq 3 ]' -- "$scratch/jobs/numbered"
	[ "$status" -eq 1 ]
}

checks_are_checked() {
	make_jobs
	torture run -c true -- "$scratch/jobs/renamed"
	[ "$status" -eq 3 ]
}
