#!/bin/bash
# Pictures in a real mlterm, alone, in tmux, over ssh and both. timeout: 900
. tests/support/tap.sh
. tests/support/real.sh
. tests/support/window.sh
. tests/support/sshd.sh
. tests/support/tmux.sh
. tests/support/matrix.sh
sshd_start
run_matrix mlterm alone ssh tmux ssh+tmux
finish
