/* For systems other than Linux: no sandbox. */
#include <stdio.h>

#include "base/sandbox.h"

void sandbox_enter(const struct sandbox *rules, struct sandbox_state *state)
{
    (void)rules;
    *state = (struct sandbox_state){ 0 };
    snprintf(state->no_files, sizeof state->no_files, "this system has no Landlock");
    snprintf(state->no_calls, sizeof state->no_calls, "this system has no seccomp");
}
