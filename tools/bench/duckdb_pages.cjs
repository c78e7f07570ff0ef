// SPDX-License-Identifier: ISC
//
// duckdb_pages.cjs LOG: hits per page of a web log, as anybody would do it with DuckDB: read_csv, one regular expression,
// two threads.  Prints the counts as CSV in the order of the pages' bytes, and the seconds that the query took to stderr.
// Needs the npm package @duckdb/node-api, to be found by NODE_PATH; exit code 69 without it.
"use strict";

const LINE = String.raw`^[^ ]+ [^ ]+ [^ ]+ \[[^\]]*\] "[A-Z]+ ([^ "]+) HTTP/[0-9.]+" [0-9]{3} (?:[0-9]+|-)(?: .*)?$`;

async function main(log) {
  let duckdb;
  try {
    duckdb = require("@duckdb/node-api");
  } catch {
    process.exit(69);
  }
  const instance = await duckdb.DuckDBInstance.create(":memory:", { threads: "2" });
  const connection = await instance.connect();
  const quoted = (text) => "'" + text.replaceAll("'", "''") + "'";
  const began = process.hrtime.bigint();
  // A delimiter and a quote that no line has: each line is one column.
  const result = await connection.runAndReadAll(`
    SELECT page, count(*)::BIGINT FROM (
      SELECT regexp_extract(line, ${quoted(LINE)}, 1) AS page
      FROM read_csv(${quoted(log)}, columns = {'line': 'VARCHAR'}, header = false, auto_detect = false,
        delim = chr(1), quote = '', escape = '', parallel = true))
    WHERE page <> '' GROUP BY page ORDER BY encode(page)`);
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  const lines = result.getRows().map(([page, hits]) => `${/[",\n]/.test(page) ? `"${page.replaceAll('"', '""')}"` : page},${hits}\n`);
  process.stdout.write("page,records\n" + lines.join(""));
  process.stderr.write(`${seconds.toFixed(3)}\n`);
}

main(process.argv[2]);
