# An ssh server with throwaway keys, on the loopback unless sshd_address says where
# and sshd_within in what (a command that runs commands). To be sourced behind
# real.sh.
#
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034  # scratch: real.sh; ssh: for those who source this
need ssh ssh-keygen
ssh=(ssh -F "$scratch/ssh_config" rig)
sshd_address=127.0.0.1
sshd_within=()
ssh_within=() # the same for the first try to connect

sshd_listens() {
    grep -q 'Server listening\|Cannot bind\|fatal\|Missing\|error' "$scratch/sshd.log" 2>/dev/null
}

# Starts it, and skips the test file where it cannot be. "${ssh[@]}" connects.
sshd_start() {
    local sshd port=$((20000 + $$ % 20000)) try
    sshd=$(PATH=$PATH:/usr/sbin:/usr/local/sbin command -v sshd) || skip_all 'sshd is not installed'
    [ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd # where sshd drops root's rights
    ssh-keygen -q -t ed25519 -N '' -f "$scratch/host_key"
    ssh-keygen -q -t ed25519 -N '' -f "$scratch/user_key"
    for try in 1 2 3 4 5; do
        port=$((port + 997))
        printf '%s\n' "Port $port" "ListenAddress $sshd_address" "HostKey $scratch/host_key" \
            "AuthorizedKeysFile $scratch/user_key.pub" 'PidFile none' 'StrictModes no' 'UsePAM no' \
            'PermitRootLogin prohibit-password' 'PasswordAuthentication no' 'PrintMotd no' \
            'PrintLastLog no' 'AcceptEnv LC_ALL ASAN_OPTIONS UBSAN_OPTIONS' >"$scratch/sshd_config"
        "${sshd_within[@]}" "$sshd" -D -e -f "$scratch/sshd_config" 2>"$scratch/sshd.log" &
        at_exit "kill $! 2>/dev/null; wait $! 2>/dev/null"
        wait_until sshd_listens
        ! grep -q 'Server listening' "$scratch/sshd.log" || break
    done
    printf '%s\n' 'Host rig' "HostName $sshd_address" "Port $port" "User $(id -un)" \
        "IdentityFile $scratch/user_key" 'IdentitiesOnly yes' 'IdentityAgent none' \
        'StrictHostKeyChecking no' "UserKnownHostsFile $scratch/known_hosts" 'LogLevel ERROR' \
        'SendEnv LC_ALL ASAN_OPTIONS UBSAN_OPTIONS' 'ConnectTimeout 60' >"$scratch/ssh_config"
    "${ssh_within[@]}" "${ssh[@]}" -n true 2>"$scratch/ssh.err" ||
        skip_all "no ssh to this machine: $(tail -qn 1 "$scratch/ssh.err" "$scratch/sshd.log" | paste -sd' ')"
}
