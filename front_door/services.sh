# shellcheck shell=bash
# Starts and stops the platform: servers, schema, sample region and its day, then the processes.

# What every command that needs the database does first; each step is skipped when it has been done.
ensure_database() {
  ensure_servers
  python_env
  "$VENV/bin/python" -m db start >&2
  "$VENV/bin/python" -m db migrate >&2
}

# A home without any region gets the sample and a day of people and jobs there, so that there is something to see.
ensure_something_to_see() {
  local link
  for link in "$TRADES_HOME"/regions/*/current; do
    [ ! -L "$link" ] || return 0
  done
  "$VENV/bin/python" -m ingest region coquimbo --sample coquimbo >&2
  "$VENV/bin/python" -m ingest demo-day --region coquimbo >&2
}

demo() {
  setup
  ensure_database
  "$VENV/bin/python" -m ingest region coquimbo --sample coquimbo >&2
  exec "$VENV/bin/python" -m api tour "$@"
}

up() {
  setup
  ensure_database
  ensure_something_to_see
  exec "$VENV/bin/python" -m api up "$@"
}

down() {
  setup
  python_env
  exec "$VENV/bin/python" -m api down "$@"
}
