#!/bin/sh
# The programs outside Python that the tests run beside ours: those that are missing are installed where that is
# possible without asking (Debian, as root), and named where it is not.
# The browser is Debian's Chromium, or the one that Playwright keeps in the user's cache.
set -eu

can_install() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null
}

missing=''
while read -r program package; do
    command -v "$program" >/dev/null || missing="$missing $package"
done <<TOOLS
bash bash
curl curl
htop htop
jq jq
less less
scriptreplay bsdutils
sqlite3 sqlite3
tmux tmux
unshare util-linux
vim vim
TOOLS
if [ ! -x /usr/bin/chromium ]; then
    if can_install; then
        missing="$missing chromium"
    else
        .venv/bin/playwright install chromium
    fi
fi

[ -n "$missing" ] || exit 0
if can_install; then
    apt-get update -q
    # shellcheck disable=SC2086 (a list of packages)
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
else
    echo "the tests need these packages, please install them:$missing" >&2
    exit 1
fi
