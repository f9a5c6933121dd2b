#!/usr/bin/env bash
# Attacks the laws of the pure rooms, or those that are named, for so many seconds each, with a
# stable toolchain:
#   fuzz/run.sh 20
#   fuzz/run.sh 600 output configuration
# New finds go to fuzz/found/LAW, which is not kept; what breaks a law goes to fuzz/artifacts/LAW.
# Needs a C++ compiler. `cargo +nightly fuzz run LAW` does the same under a sanitizer.
set -euo pipefail
cd "$(dirname "$0")"

seconds=${1:-20}
shift || true
laws=("$@")
(( ${#laws[@]} )) || laws=(ims_enterprise output pending receiver_csv register_csv sftp snapshot)
# Some laws take the whole program, which takes minutes to build.
features=()
for law in configuration sftp_conversation smtp_conversation; do
    [[ " ${laws[*]} " == *" $law "* ]] && features=(--features whole)
done

# What cargo-fuzz gives the compiler, of which nothing needs a nightly one.
counters="-Cpasses=sancov-module"
for setting in level=4 inline-8bit-counters pc-table trace-compares; do
    counters+=" -Cllvm-args=-sanitizer-coverage-$setting"
done
host=$(rustc -vV | sed -n 's/^host: //p')
# With a target, build scripts and macros do without the counters.
RUSTFLAGS="$counters" cargo build --quiet --release --locked --bins "${features[@]}" --target "$host"

for law in "${laws[@]}"; do
    mkdir -p "corpus/$law" "found/$law" "artifacts/$law"
    echo "fuzz: $law for $seconds s"
    RUST_BACKTRACE=0 "target/$host/release/$law" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=1024 \
        -max_len=4096 -artifact_prefix="artifacts/$law/" -print_final_stats=1 \
        "found/$law" "corpus/$law" > "found/$law.log" 2>&1 || { tail -n 40 "found/$law.log"; exit 1; }
    grep -E 'number_of_executed_units|new_units_added' "found/$law.log"
done
