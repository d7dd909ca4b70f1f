# shellcheck shell=bash
# Installs PostgreSQL with PostGIS and Redis where they are needed and missing; the program itself starts them.

# For Debian's postgresql-common: make no cluster of its own when we install the server. Removed right after, so that
# whoever installs PostgreSQL later for themselves gets one as usual.
NO_CLUSTER=/etc/postgresql-common/createcluster.d/trades.conf

# What is missing is asked of the program, which knows where it looks and what DATABASE_URL and REDIS_URL replace.
# Without a name (postgres, redis) both are meant.
ensure_servers() {
  local missing packages=() remedy=() name status=0
  missing=$(python_env && "$VENV/bin/python" -m db missing "$@") || exit # it has said why
  [ -n "$missing" ] || return 0
  for name in $missing; do
    case $name in
    postgres) packages+=("$(postgis_package)") remedy+=(DATABASE_URL) ;;
    redis) packages+=(redis-server) remedy+=(REDIS_URL) ;;
    esac
  done
  make_no_cluster
  apt_install "${packages[@]}" || status=$?
  allow_clusters
  if [ "$status" -eq 0 ]; then
    leave_redis_to_us "$missing"
    missing=$(python_env && "$VENV/bin/python" -m db missing "$@") || exit
    [ -n "$missing" ] || return 0
  fi
  [ ! -s "$LOG" ] || [ "$status" -eq 0 ] || tail -n 3 "$LOG" | sed 's/^/    /' >&2
  die "servers are needed and missing: $(printf '%s' "$missing" | tr '\n' ' ')" \
    "Install them (as root: apt-get install ${packages[*]}), or say where others run: ${remedy[*]}" \
    'Then run this again.'
}

# The newest that the system offers; a pattern that apt-get understands when no list was fetched yet.
postgis_package() {
  local newest
  newest=$(LC_ALL=C apt-cache search --names-only '^postgresql-[0-9]+-postgis-3$' 2>/dev/null |
    sed 's/ .*//' | sort -t- -k2,2n | tail -n 1) || newest=''
  printf '%s' "${newest:-^postgresql-[0-9]+-postgis-3\$}"
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    if [ -t 0 ]; then sudo "$@"; else sudo -n "$@"; fi
  else
    return 1
  fi
}

make_no_cluster() {
  command -v apt-get >/dev/null 2>&1 || return 0
  as_root sh -c "mkdir -p '${NO_CLUSTER%/*}' && echo 'create_main_cluster = false' >'$NO_CLUSTER'" 2>/dev/null || true
}

allow_clusters() {
  [ ! -e "$NO_CLUSTER" ] || as_root rm -f "$NO_CLUSTER" || true
}

# Debian starts a Redis of its own on port 6379 when it installs one; ours needs the program only.
leave_redis_to_us() {
  case $1 in *redis*) ;; *) return 0 ;; esac
  [ ! -d /run/systemd/system ] || as_root systemctl disable --now redis-server >/dev/null 2>&1 || true
}
