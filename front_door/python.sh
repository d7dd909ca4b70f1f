# shellcheck shell=bash
# Finds a Python that runs and is new enough; says of each one tried why it will not do.

# Shims of version managers exist for versions they then refuse to run, so a candidate is run before it is chosen.
version_of() {
  "$1" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null </dev/null
}

new_enough() {
  case $1 in 3.1[2-9].* | 3.[2-9][0-9].*) return 0 ;; *) return 1 ;; esac
}

# shellcheck disable=SC2034 # read by environment.sh
PYTHON=''
TRIED=()

try_python() {
  local found version
  found=$(command -v "$1" 2>/dev/null) || return 1
  case $found in "$ROOT"/.venv/*) return 1 ;; esac # activated, perhaps, but about to be replaced
  if ! version=$(version_of "$found") || [ -z "$version" ]; then
    TRIED+=("$found refuses to run")
  elif ! new_enough "$version"; then
    TRIED+=("$found is $version")
  else
    # shellcheck disable=SC2034
    PYTHON=$found
    return 0
  fi
  return 1
}

try_uv() {
  local found
  command -v uv >/dev/null 2>&1 || return 1
  if ! found=$(uv python find --no-project '>=3.12' 2>/dev/null); then
    say '· no Python 3.12 or newer here: asking uv for one'
    uv python install 3.13 >&2 || return 1
    found=$(uv python find --no-project 3.13 2>/dev/null) || return 1
  fi
  try_python "$found"
}

try_apt_python() {
  local candidate
  command -v apt-cache >/dev/null 2>&1 || return 1
  candidate=$(LC_ALL=C apt-cache policy python3 2>/dev/null | sed -n 's/^ *Candidate: *//p')
  new_enough "${candidate%%[-+~]*}" || return 1
  apt_install python3 python3-venv && try_python /usr/bin/python3
}

find_python() {
  local name
  if [ -n "${TRADES_PYTHON:-}" ]; then
    try_python "$TRADES_PYTHON" && return
    [ ${#TRIED[@]} -gt 0 ] || TRIED=("$TRADES_PYTHON is not there")
    die "TRADES_PYTHON cannot be used: ${TRIED[0]}" 'Point it at Python 3.12 or newer, or unset it to have one looked for.'
  fi
  for name in python3.13 python3.12 python3 \
    "${PYENV_ROOT:-${HOME:-}/.pyenv}"/versions/3.{13,12,1[4-9]}*/bin/python3; do
    try_python "$name" && return
  done
  try_uv && return
  try_apt_python && return
  die 'no Python 3.12 or newer was found' ${TRIED[@]+"${TRIED[@]/#/tried: }"} \
    'Install one (Debian 13, Ubuntu 24.04: apt-get install python3 python3-venv; elsewhere: uv python install 3.13,' \
    'or pyenv install 3.13), or set TRADES_PYTHON to the path of one, then run this again.'
}
