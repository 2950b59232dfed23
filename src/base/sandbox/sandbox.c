#include "base/sandbox.h"

#include <sys/prctl.h>

#include "sandbox/private.h"

void sandbox_enter(const struct sandbox *rules, struct sandbox_state *state)
{
    *state = (struct sandbox_state){ 0 };
    /* Without it only root may use the two mechanisms. */
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    state->landlock = landlock_enter(rules, state->no_files, sizeof state->no_files);
    state->refused = seccomp_enter(state->no_calls, sizeof state->no_calls);
}
