#!/usr/bin/env bash
# Follows README.md to the letter, as a newcomer would: copies the tree, runs every "sh" block in order in one shell, and
# compares what a block prints with the "text" block after it. There "…" stands for any text, and each line must appear,
# in order. The block that starts the server is left running; `make test` is what runs this, so it is not run again.
set -euo pipefail
cd "$(dirname "$0")/.."

copy=$(mktemp -d)
server=
finish() {
	code=$?
	if [ -n "$server" ]; then
		# Ctrl-C is how a newcomer stops it, and it must end well.
		if ! kill -INT "$server" || ! wait "$server"; then
			echo "the server did not end cleanly" >&2
			code=1
		fi
	fi
	rm -rf "$copy"
	exit "$code"
}
trap finish EXIT
git ls-files -z --cached --others --exclude-standard | xargs -0 tar cf - | tar xf - -C "$copy"
cd "$copy"

# blocks KIND writes the blocks of README.md to numbered files: 01.sh, 02.sh, 02.text, …
awk -v dir="$copy/.blocks" '
	BEGIN { system("mkdir -p " dir) }
	/^```sh$/   { n++; out = sprintf("%s/%02d.sh", dir, n); next }
	/^```text$/ { out = sprintf("%s/%02d.text", dir, n); next }
	/^```/      { out = ""; next }
	out != ""   { print > out }
' README.md

# expect FILE TEXT: each line of FILE is in TEXT, in order.
expect() {
	local rest pattern line
	rest=$(cat "$2")
	while IFS= read -r line; do
		pattern=${line//\\/\\\\}
		pattern=${pattern//\[/\\[}
		pattern=${pattern//\?/\\?}
		pattern=${pattern//\*/\\*}
		pattern="*${pattern//…/*}*"
		case "$rest" in
		$pattern) ;;
		*)
			printf 'README.md promises\n  %s\nand this was printed:\n%s\n' "$line" "$(cat "$2")" >&2
			return 1
			;;
		esac
	done <"$1"
}

# One shell runs all blocks, so that variables live on.
ran=0
for block in .blocks/*.sh; do
	name=$(basename "$block" .sh)
	if grep -qx 'make test' "$block"; then
		continue
	fi
	printf 'README block %s:\n%s\n' "$name" "$(sed 's/^/  /' "$block")"
	if grep -q 'quickstart$' "$block"; then
		go build -o .blocks/writ ./cmd/writ # so that the signal at the end reaches the server itself
		.blocks/writ quickstart >.blocks/server.log 2>&1 &
		server=$!
		for _ in $(seq 100); do
			grep -q 'Documentation:' .blocks/server.log && break
			kill -0 "$server" 2>/dev/null || break
			sleep 0.1
		done
		if ! grep -q 'Documentation:' .blocks/server.log; then
			cat .blocks/server.log >&2
			exit 1
		fi
		ran=$((ran + 1))
		continue
	fi
	set +u
	# shellcheck disable=SC1090
	source "$block" >".blocks/$name.out"
	set -u
	if [ -f ".blocks/$name.text" ]; then
		expect ".blocks/$name.text" ".blocks/$name.out"
	fi
	ran=$((ran + 1))
done
if [ "$ran" -lt 4 ]; then
	echo "only $ran blocks of README.md ran" >&2
	exit 1
fi
echo "README.md: $ran blocks ran as written"
