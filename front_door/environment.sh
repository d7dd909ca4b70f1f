# shellcheck shell=bash
# Makes .venv from the locks, once; every failure names its cause and what to do about it.

VENV=$ROOT/.venv
STAMP=$VENV/.trades-stamp
LOCKS=("$ROOT/requirements.lock" "$ROOT/requirements-sample.lock")
NEEDED_MB=1500 # 863 MB when installed (Linux, 3.13), and the wheels beside them until then

# Names of the locks' content and of the Python they were installed for: when both are the same there is nothing to do.
wanted_stamp() {
  local sum
  if command -v sha256sum >/dev/null 2>&1; then sum=sha256sum; else sum='shasum -a 256'; fi
  printf '%s %s' "$(cat "${LOCKS[@]}" | $sum | cut -d' ' -f1)" "$1"
}

# The version of the environment's Python, or nothing when it is missing, broken or not the one asked for.
usable_venv_version() {
  local version
  version=$(version_of "$VENV/bin/python") && new_enough "$version" || return 0
  [ -z "${TRADES_PYTHON:-}" ] || [ "$(version_of "$TRADES_PYTHON")" = "$version" ] || return 0
  printf '%s' "$version"
}

is_ready() {
  local version
  [ -f "$STAMP" ] || return 1
  version=$(usable_venv_version)
  [ -n "$version" ] && [ "$(cat "$STAMP")" = "$(wanted_stamp "$version")" ]
}

setup() {
  ensure_venv
  ensure_compiled
}

ensure_venv() {
  is_ready && return
  [ -w "$ROOT" ] || die "$ROOT cannot be written to, and .venv belongs there" \
    'Run this as the owner of that folder, or work on a copy of your own (git clone, or cp -r).'
  mkdir -p "$TRADES_HOME" 2>/dev/null || die "TRADES_HOME cannot be made: $TRADES_HOME" \
    'Set TRADES_HOME to a folder that you may write to.'
  { : >>"$LOG"; } 2>/dev/null || die "$LOG cannot be written to" 'Set TRADES_HOME to a folder that you may write to.'
  if command -v flock >/dev/null 2>&1; then
    exec 9>"$ROOT/.venv.lock"
    flock -n 9 || { say '· another set-up is under way: waiting for it' && flock 9; }
  fi
  is_ready || make_venv
  exec 9>&- # or the program that follows would hold the lock
}

# The search is compiled once per version of its code; whoever cannot keep the result compiles when they search.
ensure_compiled() {
  local code=$ROOT/routing/improve sum='shasum -a 256' kept
  [ -z "${NUMBA_CACHE_DIR:-}" ] && [ -w "$code" ] || return 0
  if command -v sha256sum >/dev/null 2>&1; then sum=sha256sum; fi
  kept=$(find "$ROOT"/routing/{improve,live,proof} -name '*.py' -print0 | LC_ALL=C sort -z | xargs -0 cat | $sum | cut -c1-12)
  [ ! -e "$code/__pycache__/search-$kept/warm-$(version_of "$VENV/bin/python")" ] || return 0
  mkdir -p "$TRADES_HOME" 2>/dev/null || true
  step 'compiling the search, once'
  (python_env && "$VENV/bin/python" -c \
    'from routing.improve.engine import warm; from routing.live.day import load; from routing.proof import one_day
load(); one_day.warm(); warm()' \
    >"$LOG" 2>&1) ||
    explain_failure 'the compiled search'
  done_step
}

make_venv() {
  local version
  version=$(usable_venv_version)
  if [ -z "$version" ] || ! "$VENV/bin/python" -I -m pip --version >/dev/null 2>&1; then
    find_python
    version=$(version_of "$PYTHON")
    ensure_venv_module "$version"
    ensure_space
    step "virtual environment (Python $version)"
    rm -rf "$VENV"
    "$PYTHON" -I -m venv "$VENV" >"$LOG" 2>&1 || explain_failure 'the virtual environment'
    done_step
  fi
  rm -f "$STAMP" # an update that is broken off must not pass for the old state
  install_lock 'packages' "${LOCKS[0]}"
  # The sample packages are wanted for the road data inside them, not for what they compute.
  install_lock 'sample road data' "${LOCKS[1]}"
  ensure_libraries
  wanted_stamp "$version" >"$STAMP"
}

ensure_space() {
  local free_mb
  free_mb=$(($(df -Pk "$ROOT" | awk 'NR == 2 { print $4 }') / 1024))
  [ "$free_mb" -ge "$NEEDED_MB" ] || die "$free_mb MB are free at $ROOT, and the set-up needs $NEEDED_MB MB" \
    'Make room there, or work on a copy on a larger disk.'
}

# Debian takes ensurepip out of its Python and ships it apart.
ensure_venv_module() {
  "$PYTHON" -I -c 'import ensurepip, venv' 2>/dev/null && return
  apt_install "python${1%.*}-venv" || apt_install python3-venv ||
    die "$PYTHON lacks the module venv" "Install it (apt-get install python${1%.*}-venv), then run this again."
}

# The wheels bring their libraries along, but for libexpat, which bare systems with a Python of uv or pyenv may lack.
ensure_libraries() {
  "$VENV/bin/python" -I -c 'import osmium' >"$LOG" 2>&1 && return
  grep -q libexpat "$LOG" && apt_install libexpat1 && return
  explain_failure 'a working osmium'
}

# -I: neither the caller's PYTHONPATH nor packages of the user's home may take part. --no-deps: the locks are complete,
# and older pips (23.2 comes with Python 3.12.1) look for "coverage[toml]" beside the pinned "coverage" and give up.
install_lock() {
  step "$1 ($(grep -c == "$2") from ${2##*/})"
  "$VENV/bin/python" -I -m pip install --disable-pip-version-check --no-input --require-hashes --no-deps -r "$2" \
    >"$LOG" 2>&1 || explain_failure "$1"
  done_step
}

explain_failure() {
  say 'failed'
  tail -n 5 "$LOG" 2>/dev/null | sed 's/^/    /' >&2 || true
  local remedy
  if [ ! -f "$LOG" ] || [ ! -d "$ROOT" ]; then
    remedy="Somebody removed $TRADES_HOME or $ROOT meanwhile. Run this again."
  elif grep -qiE 'no space left|disk quota' "$LOG"; then
    remedy="No space: $(df -Ph "$ROOT" | awk 'NR == 2 { print $4 }') free at $ROOT, $(df -Ph "${TMPDIR:-/tmp}" |
      awk 'NR == 2 { print $4 }') at ${TMPDIR:-/tmp}. Make room (or set TMPDIR), then run this again."
  elif grep -q 'libexpat' "$LOG"; then
    remedy='Install the library (as root: apt-get install libexpat1), then run this again.'
  elif grep -qi 'permission denied' "$LOG"; then
    remedy="Permission: run this as the owner of $ROOT, or work on a copy of your own."
  elif grep -qi 'do not match the hashes' "$LOG"; then
    remedy='A downloaded file is not the one that was locked: a cache or mirror in between alters it. Try: pip cache purge'
  elif grep -qiE 'name resolution|connection|unreachable|timed out|proxy|certificate' "$LOG"; then
    remedy='Network: the package index was not reached. Go online, or point pip at a mirror (PIP_INDEX_URL, or PIP_FIND_LINKS for a folder of wheels), then run this again.'
  elif grep -qi 'no matching distribution' "$LOG"; then
    remedy='The package index has no file for this Python on this machine. Try Python 3.13: TRADES_PYTHON=python3.13 ./trades setup'
  else
    remedy='Run this again; if it fails again, the log says where.'
  fi
  die "$1 could not be made" "$remedy" "full log: $LOG"
}
