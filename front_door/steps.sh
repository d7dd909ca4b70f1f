# shellcheck shell=bash
# How the front door speaks: to stderr, one line a step, since stdout belongs to the plan.

say() { printf '%s\n' "$*" >&2; }

die() {
  say "trades: $1"
  shift
  local line
  for line in "$@"; do say "        $line"; done
  exit 1
}

step() {
  STEP_AT=$SECONDS
  printf '· %s … ' "$*" >&2
}

done_step() { say "done in $((SECONDS - STEP_AT)) s"; }

apt_install() {
  local as_root=()
  command -v apt-get >/dev/null 2>&1 || return 1
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 || return 1
    as_root=(sudo)
    [ -t 0 ] || as_root=(sudo -n) # nobody is there to type a password
  fi
  step "apt-get install $*"
  mkdir -p "$TRADES_HOME"
  local get=(${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=120)
  if "${get[@]}" install --no-install-recommends "$@" >"$LOG" 2>&1 ||
    { "${get[@]}" update >>"$LOG" 2>&1 && "${get[@]}" install --no-install-recommends "$@" >>"$LOG" 2>&1; }; then
    done_step
  else
    say 'failed'
    return 1
  fi
}
