# shellcheck shell=bash
# What the commands are and how they are used: printed by bash, so that help needs no set-up.

usage() {
  cat <<'TEXT'
Trades Platform: dispatch and routing for the trades, on one machine.

usage: ./trades COMMAND [options]

  setup    make the virtual environment that everything else runs in
  demo     real streets, a day of jobs, a plan that an independent judge accepts
  up       serve the platform at http://127.0.0.1:8000, and plan days
  down     stop it, and the servers under TRADES_HOME
  plan     people and jobs from files (CSV, Excel, GeoJSON), routes out
  check    judge a plan.json, ours or hand-made
  solve    a problem.json in our format or in VROOM's, routes out
  ingest   fill it: road data from OpenStreetMap, people and jobs from files
  db       the servers that keep the data: start, stop, status, shell, migrate
  test     run the tests
  bench    measure this engine and others on the same problems

  ./trades COMMAND --help      options and examples

environment:
  TRADES_HOME     where all state lives (default: .trades beside this script)
  DATABASE_URL    PostgreSQL with PostGIS (default: one under TRADES_HOME)
  REDIS_URL       Redis (default: one under TRADES_HOME)
  OSRM_URL        an osrm-routed to ask for roads, {region} in it stands for the
                  region's name (default: processes of our own)
  TRADES_KEY      the key that guards what is not public
  TRADES_PYTHON   the Python to use, 3.12 or newer (default: looked for on PATH,
                  then pyenv's, then uv's)
TEXT
}

usage_of() {
  case $1 in
  setup) cat <<'TEXT' ;;
usage: ./trades setup

Makes .venv beside the script from requirements.lock and
requirements-sample.lock, every file checked against its hash. Does nothing
when that has been done; starts afresh when the environment is broken or
TRADES_PYTHON asks for another version. Every other command runs this first.

examples:
  ./trades setup
  TRADES_PYTHON=python3.12 ./trades setup
TEXT
  demo) cat <<'TEXT' ;;
usage: ./trades demo [--seed N] [--limit-s S] [--date DAY]

Sets up, starts the database, loads the sample region (Coquimbo and La Serena,
Chile) and a day of people and jobs, asks who is soonest at a crossing by road,
has a planner solve the day, commits the plan, and says where plan.json,
routes.geojson and the map lie. What is made once stays; the plan is solved
anew each time. The last line is the judge's.

  --seed N      which day (default: 1)
  --limit-s S   search this long (default: 8)
  --date DAY    as 2026-11-24

examples:
  ./trades demo
  ./trades demo --seed 2
  TRADES_HOME=/tmp/elsewhere ./trades demo
TEXT
  up) cat <<'TEXT' ;;
usage: ./trades up [--port N] [--workers N] [--detach]

Starts the servers under TRADES_HOME (or uses DATABASE_URL and REDIS_URL),
brings the schema up to date, and serves until Ctrl-C. An empty home gets the
sample region and a day of people and jobs. Without TRADES_KEY a development
key is made; what is not public needs it. One `up` a TRADES_HOME: a second one
says where the first answers. Processes and servers that die are started again.

  --port N      default: 8000
  --workers N   server processes (default: 1)
  --detach      go to the background once the server answers; what it says
                from then on is in TRADES_HOME/logs/up.log

examples:
  ./trades up --detach
  curl 'http://127.0.0.1:8000/maps/contractors/nearby?lat=-29.906&lng=-71.252'
TEXT
  down) cat <<'TEXT' ;;
usage: ./trades down

Stops what ./trades up has started on this TRADES_HOME, and the servers under
it. Requests under way are answered first; a run under way is taken up again by
the next ./trades up.

examples:
  ./trades down
  TRADES_HOME=/srv/trades ./trades down
TEXT
  test) cat <<'TEXT' ;;
usage: ./trades test [--all] [PATH|NAME...] [-- PYTEST OPTIONS]

Sets up (page tests need Chromium, the others PostgreSQL with PostGIS and
Redis; apt-get installs them where it can), then runs the tests on all cores.
Without a PATH or NAME the whole suite runs and must cover 90 % of the branches
of geo, routing, dispatch, db and api.

  --all    the slow tests too: faults, long fuzzing
  PATH     a file, a folder or file.py::test, from where you are or the project
  NAME     a folder: geo, routing, dispatch, db, api, ingest, benchmarks

examples:
  ./trades test
  ./trades test routing
  ./trades test tests/test_front_door.py -- -k help -x
TEXT
  plan) cat <<'TEXT' ;;
usage: ./trades plan --region NAME --contractors FILE --jobs FILE --date DATE
                     [options]

Turns a file of people and a file of jobs (CSV, Excel or GeoJSON) into routes
for one day. The JSON goes to stdout unless --out names a file.

examples:
  ./trades plan --region coquimbo --contractors contractors.csv \
                --jobs jobs.csv --date 2026-11-24 --out plan.json
  ./trades plan --region coquimbo --contractors day.xlsx --jobs day.xlsx \
                --date 2026-11-24 --limit-s 10 --seed 1 --out plan.json \
                --geojson routes.geojson --map routes.html
TEXT
  check) cat <<'TEXT' ;;
usage: ./trades check PLAN --contractors FILE --jobs FILE --region NAME
                      --date DATE [--tz ZONE]

Judges a plan.json by code that shares nothing with the solver: the timetable,
every violation with its amount, the objective by component. Exit status 1 on a
violation.

examples:
  ./trades check plan.json --region coquimbo --contractors contractors.csv \
                 --jobs jobs.csv --date 2026-11-24
TEXT
  solve) cat <<'TEXT' ;;
usage: ./trades solve PROBLEM [--region NAME] [--start PLAN] [options]
       ./trades solve --vroom PROBLEM [--region NAME] [-g] [-c] [options]

Finds routes for a problem that says more than the CSV files of plan can:
pickups and deliveries, capacities, crews, order between stops, promises,
several windows and breaks. The plan goes to stdout unless --out names a file,
what it costs and the judge's verdict to stderr.

With --vroom both are VROOM's: its documented problem JSON in, its solution
JSON out, its error codes. Coordinates need a --region; -g adds lines along
the roads; -c times given steps and reports what is wrong with them.

examples:
  ./trades solve problem.json --limit-s 10 --out plan.json
  ./trades solve --vroom problem.json --out solution.json
  ./trades solve --vroom problem.json --region coquimbo -g
TEXT
  ingest) cat <<'TEXT' ;;
usage: ./trades ingest region NAME (--pbf FILE | --osm FILE | --sample SAMPLE)
       ./trades ingest contractors FILE --region NAME [options]
       ./trades ingest jobs FILE --region NAME [--date DAY] [options]
       ./trades ingest demo-day --region NAME [--date DAY] [options]

region builds road data from an OpenStreetMap extract (samples: coquimbo,
helsinki); a version in force is replaced only by a finished one. contractors
and jobs write files (CSV, Excel, GeoJSON) into the database, which is started
when it does not run: the same file again changes nothing, a changed row
changes itself alone. demo-day makes up people and jobs on a region's streets.

  ./trades ingest COMMAND --help   options of one of them

examples:
  ./trades ingest region coquimbo --sample coquimbo
  ./trades ingest region monaco --pbf monaco-latest.osm.pbf
  ./trades ingest contractors people.csv --region coquimbo
  ./trades ingest jobs jobs.xlsx --region coquimbo --date 2026-11-24
  ./trades ingest demo-day --region coquimbo
TEXT
  bench) cat <<'TEXT' ;;
usage: ./trades bench list | run SUITE [options] | compare A.json B.json

Measures this engine beside others on the same problems, one core each; every
plan is judged and priced by the judge. Suites: field (days of plan), solver
(published instances), explain (is every reason true?), vroom (VROOM's format),
proximity (who is near, several ways), http (a running ./trades up).
VROOM and PyVRP are installed under TRADES_HOME/peers, pinned by
requirements-peers.lock, when they are first asked.

examples:
  ./trades bench run field --engines trades,vroom --budget-s 5 --out field.json
  ./trades bench run explain --cases 1000
  ./trades bench compare before.json after.json
TEXT
  db) cat <<'TEXT' ;;
usage: ./trades db start | stop | status | logs | shell | migrate | sql | reset

PostgreSQL with PostGIS and Redis for this machine, under TRADES_HOME and on
sockets that only you can reach; apt-get installs their programs where it can.
DATABASE_URL and REDIS_URL name others to use instead, which are never started
or stopped.

  start    start both, or attach to them
  stop     stop both; what is stored stays
  status   what runs where, the schema's revision, rows
  logs     [--follow] [postgres|redis]
  shell    psql; its options are taken as they are
  migrate  bring the schema up to date
  sql      print schema, indexes and seeds as plain SQL
  reset    delete everything in the database (--yes)

examples:
  ./trades db start
  ./trades db shell -c "select count(*) from jobs where status = 'posted'"
  ./trades db sql > schema.sql
TEXT
  esac
}

wants_help() {
  local argument
  for argument in "$@"; do
    case $argument in -h | --help) return 0 ;; --) return 1 ;; esac
  done
  return 1
}
