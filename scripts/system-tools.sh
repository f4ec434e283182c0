#!/bin/sh
# The programs outside Python that the tests run beside ours: those that are missing are installed where that is
# possible without asking (Debian, as root), and named where it is not.
set -eu

missing=''
while read -r program package; do
    command -v "$program" >/dev/null || missing="$missing $package"
done <<TOOLS
bash bash
curl curl
jq jq
less less
scriptreplay bsdutils
sqlite3 sqlite3
unshare util-linux
vim vim
TOOLS

[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -q
    # shellcheck disable=SC2086 (a list of packages)
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
else
    echo "the tests need these packages, please install them:$missing" >&2
    exit 1
fi
